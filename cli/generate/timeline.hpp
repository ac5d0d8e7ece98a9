// The order in which generated events leave: background events as they come, events planned ahead (of incidents, of an
// order's later life) when their time has come, all of them shuffled within `disorder` when that is asked for.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "cli/generate/random.hpp"
#include "sequitur/result.hpp"
#include "sequitur/time.hpp"

namespace sequitur::cli {

// What really happened: an alert of the rule `name` for this key in this span of time is right.
struct Incident {
  std::string name;  // The rule that should catch it.
  std::vector<std::pair<std::string, std::string>> key;
  Timestamp from, to;
};

class Timeline {
 public:
  // Writes at most `limit` events to `file`, which stays the caller's.
  Timeline(std::FILE* file, std::uint64_t limit, Duration disorder, std::uint64_t seed);

  bool full() const { return written_ >= limit_ || failed_; }
  std::uint64_t written() const { return written_; }
  bool failed() const { return failed_; }

  // The record of an event at `time`; times may come in any order, but not before the last advance().
  void add(Timestamp time, std::string_view record) { put(time, record, kNoIncident); }
  // An incident and then its events, each by add_to(). `to` must not be before the last of them.
  std::size_t begin_incident(Incident incident);
  void add_to(std::size_t incident, Timestamp time, std::string_view record) { put(time, record, incident); }

  // Nothing earlier than `now` will be added.
  void advance(Timestamp now);
  // Writes what is left, up to the limit.
  void finish();

  // Incidents all of whose events were written and that ended before the last event; in order of their begin.
  std::vector<Incident> complete_incidents() const;

 private:
  static constexpr std::size_t kNoIncident = static_cast<std::size_t>(-1);

  struct Waiting {
    Timestamp leaves;
    std::uint64_t order;  // Equal times leave in the order in which they were added.
    Timestamp time;
    std::size_t incident;
    std::string record;
    bool operator<(const Waiting& other) const { return std::pair(leaves, order) > std::pair(other.leaves, other.order); }
  };
  struct Tracked {
    Incident incident;
    std::uint32_t open_events = 0;
  };

  void put(Timestamp time, std::string_view record, std::size_t incident);
  void write(Timestamp time, std::string_view record, std::size_t incident);
  void flush_buffer();

  std::FILE* file_;
  std::uint64_t limit_;
  Duration disorder_;
  Random random_;
  std::string buffer_;
  std::uint64_t written_ = 0;
  std::uint64_t added_ = 0;
  bool failed_ = false;
  Timestamp now_ = kBeginningOfTime;
  Timestamp last_ = kBeginningOfTime;
  std::priority_queue<Waiting> waiting_;
  std::vector<Tracked> incidents_;
};

}  // namespace sequitur::cli
