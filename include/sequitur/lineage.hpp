// Lineage: where an event that a rule emitted came from, down to the events from outside.
//
//     if (const Lineage* lineage = lineage_of(event, schema))
//       for (const EvidenceStep& step : lineage->evidence) ...   // Whose events may have a lineage of their own.
//
// An event that rules emitted carries it in one more slot behind its fields. It lives as long as the event.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sequitur/alert.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

// Events that the lineage of one event holds, those of the events in it included; what goes beyond is left out and counted.
inline constexpr std::uint32_t kMaxLineageEvents = 1'000;
// Events of lineages that one alert shows as JSON.
inline constexpr std::uint32_t kMaxLineageShown = 10'000;

struct Lineage {
  std::array<std::uint64_t, 2> alert_id{};  // Of the alert that the event left with.
  const RuleInfo* rule = nullptr;
  const std::vector<StreamSchema>* schemas = nullptr;
  AlertKind kind = AlertKind::kMatch;
  std::span<const EvidenceStep> evidence;
  std::uint32_t events = 0;    // In the evidence, nested ones included.
  std::uint64_t left_out = 0;  // Events that were evidence too, but are not here.
};

// Null for an event from outside.
inline const Lineage* lineage_of(const Event& event, const StreamSchema& schema) {
  if (event.slot_count <= schema.fields.size()) return nullptr;
  return reinterpret_cast<const Lineage*>(event.slots()[schema.fields.size()].bits);
}

}  // namespace sequitur
