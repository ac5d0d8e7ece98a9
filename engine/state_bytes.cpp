#include "engine/state_bytes.hpp"

#include "engine/kept_event.hpp"

namespace sequitur {

// A lineage is written behind those of the events in it, so whoever reads it has them already.
std::size_t StateWriter::place_of(const Lineage& lineage) {
  if (const auto known = lineages_.find(&lineage); known != lineages_.end()) return known->second;
  std::string bytes;
  for (const std::uint64_t half : lineage.alert_id) append_fixed(bytes, half);
  append(bytes, scope_.rule(lineage.rule->index));
  append(bytes, static_cast<std::uint64_t>(lineage.kind));
  append(bytes, lineage.left_out);
  append(bytes, lineage.evidence.size());
  for (const EvidenceStep& step : lineage.evidence) {
    append(bytes, step.name.size());
    bytes += step.name;
    append(bytes, step.events.size());
    for (const Event* event : step.events) append(bytes, *event);
  }
  lineage_bytes_ += bytes;
  return lineages_.emplace(&lineage, lineages_.size()).first->second;
}

bool StateWriter::has_place(const Lineage& lineage) const {
  if (scope_.map == nullptr) return true;
  if (!scope_.has_rule(lineage.rule->index)) return false;
  for (const EvidenceStep& step : lineage.evidence)
    for (const Event* event : step.events)
      if (!scope_.has_stream(event->stream)) return false;
  return true;
}

void StateReader::read_lineages(const std::vector<StreamSchema>& schemas, std::span<const RuleInfo> rules) {
  constexpr std::size_t kLeastLineage = 20;
  std::vector<EventShape> shapes;
  for (std::uint64_t left = count(kLeastLineage); left > 0 && !failed_; --left) {
    if (shapes.empty()) shapes = std::vector<EventShape>(schemas.begin(), schemas.end());
    Alert alert;
    for (std::uint64_t& half : alert.id) half = fixed();
    const std::uint64_t rule = number_below(rules.size());
    alert.kind = static_cast<AlertKind>(number_below(4));
    const std::uint64_t left_out = number();
    std::vector<std::vector<const Event*>> events;
    std::vector<EvidenceStep> steps;
    for (std::uint64_t more = count(2); more > 0 && !failed_; --more) {
      steps.push_back({text(), {}});
      events.emplace_back();
      for (std::uint64_t of_step = count(kLeastEvent); of_step > 0 && !failed_; --of_step) events.back().push_back(read_event(schemas));
    }
    if (failed_) return;
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i].events = events[i];
    alert.rule = &rules[rule];
    alert.schemas = &schemas;
    alert.evidence = steps;
    lineages_.push_back(SharedLineage::make(alert, shapes));
    lineages_.back()->left_out = left_out;
  }
}

// Null after a failure only.
const Event* StateReader::read_event(const std::vector<StreamSchema>& schemas) {
  const std::uint64_t stream = number_below(schemas.size());
  if (failed_) return nullptr;
  const StreamSchema& schema = schemas[stream];
  const std::uint64_t sequence = number();
  const auto time = static_cast<std::int64_t>(fixed());
  const std::uint64_t lineage = number_below(lineages_.size() + 1);
  if (failed_) return nullptr;
  const std::size_t count = schema.fields.size() + (lineage > 0 ? 1 : 0);
  auto* event = static_cast<Event*>(arena_.allocate(sizeof(Event) + count * sizeof(Slot)));
  *event = {time, sequence, schema.id, static_cast<std::uint32_t>(count)};
  for (std::size_t i = 0; i < schema.fields.size(); ++i) event->slots()[i] = slot(schema.fields[i].type, arena_);
  if (lineage > 0) event->slots()[count - 1].bits = SharedLineage::bits_of(*lineages_[lineage - 1]);
  return failed_ ? nullptr : event;
}

}  // namespace sequitur
