// A second opinion on the simplest rules: single-event steps with `then`, `next`, `each`, guards, `no next`, `within` and a closing
// silence, under `on match keep`. Here a match is not found by going through the events: every tuple of events is held
// against the definition.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "tests/reference/value.hpp"

namespace sequitur::reference {

struct PlainGap {
  bool next = false;                      // The step behind the gap says `next`.
  bool each = false;                      // Or `each`.
  std::optional<StreamId> guard{};        // no S
  std::optional<StreamId> no_next{};      // no next S
  std::optional<std::int64_t> at_most{};  // Of the step behind the gap, from the event before it.
};

struct PlainRule {
  std::vector<StreamId> steps;
  std::vector<PlainGap> gaps;  // gaps[i] lies before steps[i]; gaps[0] is empty.
  std::optional<std::int64_t> within;
  std::optional<StreamId> silence;  // Closing: no S for `silence_for`.
  std::int64_t silence_for = 0;
};

struct PlainMatch {
  std::int64_t time = 0;
  std::vector<std::size_t> events;
  bool operator==(const PlainMatch&) const = default;
};

// In the order of alerts.
std::vector<PlainMatch> matches_by_definition(const PlainRule& rule, std::span<const Row> events);

// The same rule as the matcher wants it.
dsl::Rule checked(const PlainRule& rule);

}  // namespace sequitur::reference
