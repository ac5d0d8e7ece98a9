// Rules with a window, by definition: which events each result is over is asked of all events of the key, every time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dsl/checked_window.hpp"
#include "tests/reference/matcher.hpp"

namespace sequitur::reference {

struct WindowReport {
  std::int64_t time = 0;
  enum Phase { kDeadline, kEvent, kGap } phase = kEvent;
  std::size_t event = 0;   // In kEvent.
  std::size_t latest = 0;  // The latest event of the key that some line took.
  Alert alert{};
  bool internal = false;
  std::vector<std::vector<Value>> limit_groups{};  // By limit: the values it counts by.
  std::vector<Value> values{};                     // Of the alert's fields.
};

// Of one key; `own` are the positions of its events. In order.
std::vector<WindowReport> window_reports(const dsl::Rule& rule, std::size_t rule_index, std::span<const Row> events, const Options& options,
                                         const std::vector<Value>& key, const std::vector<std::size_t>& own,
                                         const std::vector<dsl::Table>& tables);

}  // namespace sequitur::reference
