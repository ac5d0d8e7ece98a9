// That no two alerts have one id. Matches of events that are equal in everything have one hash; the second gets a number mixed
// in, and so on. Equal alerts have equal times, so only those of the latest time need to be known.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/alert_id.hpp"

namespace sequitur {

class StateReader;
class StateWriter;

class AlertIds {
 public:
  // In the order of alerts.
  void make_unique(AlertId& id, std::int64_t time);

  // Of a report that lists all matches of one event (engine/chain_report.hpp), with what their ids have in common: how many
  // reports with the same matches there were before at this time. Nothing: that is not known.
  std::optional<std::uint64_t> repeats(const AlertId& common, std::int64_t time, const void* stacks, std::uint64_t state_of_stacks);
  // For its matches: how many had the id, where the report cannot tell; that they have it, where it can.
  std::uint64_t number(std::uint64_t id) { return ids_[id]++; }
  void note(std::uint64_t id) { noted_.push_back(id); }

  void save(StateWriter& out) const;
  // Into a new one.
  void load(StateReader& in);
  void take_over(const AlertIds& other);

 private:
  struct Report {
    const void* stacks;
    std::uint64_t state_of_stacks;
    std::uint64_t repeats;
  };

  bool turn_to(std::int64_t time);
  void look_up_noted();
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all() const;

  boost::unordered_flat_map<std::uint64_t, std::uint64_t> ids_;  // Of the alerts at time_: how many had it,
  std::optional<std::uint64_t> first_;                           // but for this one, the only one there so far,
  std::vector<std::uint64_t> noted_;                             // and these, which nobody has asked for.
  boost::unordered_flat_map<std::uint64_t, Report> reports_;     // By what their ids have in common.
  bool asks_ = false;                                            // No report can tell any more.
  std::int64_t time_ = 0;
};

}  // namespace sequitur
