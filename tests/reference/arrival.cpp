#include "tests/reference/arrival.hpp"

#include <algorithm>
#include <optional>

namespace sequitur::reference {
namespace {

// The late event as one of the side stream: same fields by name, its own time among them.
Row beside(const Row& late, const StreamSchema& from, const StreamSchema& to, std::int64_t watermark) {
  Row row{watermark, to.id, {}};
  for (const Field& field : to.fields) {
    std::optional<SlotIndex> slot = from.find(field.name);
    if (field.name == "event_time" && !slot) slot = from.find("time");
    row.values.push_back(slot ? late.values.at(static_cast<std::size_t>(*slot)) : kNull);
  }
  return row;
}

}  // namespace

std::vector<Row> seen_by_rules(const std::vector<Row>& arriving, const std::vector<StreamSchema>& schemas) {
  std::int64_t lateness = 0;
  bool punctuated = false;
  for (const Row& row : arriving) {
    lateness = std::max(lateness, std::int64_t{schemas[row.stream].lateness.count()});
    punctuated = punctuated || schemas[row.stream].watermark_slot.has_value();
  }
  std::vector<Row> seen;
  std::optional<std::int64_t> watermark;
  for (const Row& row : arriving) {
    const StreamSchema& schema = schemas[row.stream];
    if (!watermark || row.time >= *watermark)
      seen.push_back(row);
    else if (schema.late == LatePolicy::kRevise && row.time >= *watermark - schema.late_keep.count())
      seen.push_back(row);
    else if (schema.late == LatePolicy::kTo)
      for (const StreamSchema& side : schemas)
        if (side.name == schema.late_to) seen.push_back(beside(row, schema, side, *watermark));
    std::optional<std::int64_t> said;
    if (!punctuated) said = row.time - lateness;
    if (schema.watermark_slot) {
      const Value value = row.get(*schema.watermark_slot);
      if (!is_null(value)) said = std::get<std::int64_t>(value);
    }
    if (said && (!watermark || *said > *watermark)) watermark = said;
  }
  std::stable_sort(seen.begin(), seen.end(), [](const Row& a, const Row& b) { return a.time < b.time; });
  return seen;
}

}  // namespace sequitur::reference
