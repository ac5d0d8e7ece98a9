// An alert on its way from a shard to the alert stage: its place in the order of alerts, and what `limit` needs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>

#include "engine/moment.hpp"
#include "sequitur/alert.hpp"

namespace sequitur {

struct ChainReport;

struct AlertDraft {
  // Not "= default", which would have all of it filled with zeros first; what has no value here is set by whoever drafts.
  AlertDraft() noexcept {}  // NOLINT(modernize-use-equals-default,cppcoreguidelines-pro-type-member-init)

  Moment at;               // Gaps and limits of one time count as one instant.
  std::uint64_t sequence;  // Of the event that caused it; 0 for deadlines and limits.
  std::uint32_t rule;
  std::uint64_t first_sequence;                  // Of the run's first event.
  std::uint32_t fork;                            // Its place among the alerts of its key and instant.
  bool internal;                                 // It does not leave.
  Alert alert;                                   // Views into the arena of the shard.
  const ChainReport* report = nullptr;           // Of many matches, whose alerts are yet to be made; there is no `alert` then.
  std::span<const std::string_view> limit_keys;  // One for each `limit n per d` of the rule.

  // Then by key, which may be several for one event, then by `fork`.
  auto order() const { return std::tuple(at, sequence, rule, first_sequence); }
  // Among the alerts of several generations of rules, each of which numbers events by itself.
  std::uint64_t place = 0;  // Of the event that caused it; 0 for deadlines and limits.
  auto overall_order() const { return std::tuple(at, place, rule); }
};

}  // namespace sequitur
