// That no two alerts have one id. Matches of events that are equal in everything have one hash; the second gets a number mixed
// in, and so on. Equal alerts have equal times, so only those of the latest time need to be known.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/alert_id.hpp"
#include "engine/chain_report.hpp"

namespace sequitur {

class StateReader;
class StateWriter;

class AlertIds {
 public:
  // In the order of alerts.
  void make_unique(AlertId& id, std::int64_t time);

  // Of a report that lists the first `most` matches of one event, with what their ids have in common: how many reports with the
  // same matches there were before at this time. Nothing: that is not known. If it is, then the matches that are not ragged have
  // been counted with this.
  std::optional<std::uint64_t> repeats(const AlertId& common, std::int64_t time, const ChainReport& report, std::uint64_t most);
  // For its other matches: how many had the id.
  std::uint64_t number(std::uint64_t id) { return ids_[id]++; }

  void save(StateWriter& out) const;
  // Into a new one.
  void load(StateReader& in);
  void take_over(const AlertIds& other);

 private:
  struct Report {
    const void* stacks;
    std::uint64_t state_of_stacks;
    std::uint64_t repeats;
    std::size_t noted;  // Index.
  };
  // What makes the ids of a report's matches. As a rule nobody ever asks for them.
  struct NotedNode {
    std::uint64_t id;
    std::uint32_t first, behind;  // From the beginning of the next layer.
    bool ragged;
  };
  struct Noted {
    std::uint64_t common, most, times;
    std::size_t layers, layer_count;  // Of noted_layers_.
  };

  bool turn_to(std::int64_t time);
  void note(const AlertId& common, const ChainReport& report, std::uint64_t most);
  void forget_noted();
  template <typename Take>
  void each_noted(const Noted& noted, const Take& take) const;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all() const;

  boost::unordered_flat_map<std::uint64_t, std::uint64_t> ids_;  // Of the alerts at time_: how many had it,
  std::optional<std::uint64_t> first_;                           // but for this one, the only one there so far,
  std::vector<Noted> noted_;                                     // and those of these reports,
  std::vector<std::size_t> noted_layers_;                        // whose layers begin here
  std::vector<NotedNode> noted_nodes_;                           // among these.
  boost::unordered_flat_map<std::uint64_t, Report> reports_;     // By what their ids have in common.
  bool asks_ = false;                                            // No report can tell any more.
  std::int64_t time_ = 0;
};

}  // namespace sequitur
