#include "adapters/formats/record_plan.hpp"

#include <algorithm>
#include <utility>

namespace sequitur {
namespace {

std::uint32_t add_column(RecordPlan& plan, const std::string& name) {
  const auto [place, added] = plan.column_of_name.try_emplace(name, static_cast<std::uint32_t>(plan.columns.size()));
  if (added) plan.columns.push_back(name);
  return place->second;
}

const std::string& source_of(const Field& field) { return field.source.empty() ? field.name : field.source; }

Result<StreamPlan> plan_stream(RecordPlan& plan, const StreamSchema& schema) {
  StreamPlan stream;
  stream.schema = schema;
  stream.by_arrival = schema.processing_clock;
  if (!stream.by_arrival && (schema.time_slot < 0 || static_cast<std::size_t>(schema.time_slot) >= schema.fields.size()))
    return Error{"stream " + schema.name + " has no time field, so it cannot be read from an input"};
  auto reader = TimeReader::make(schema.time_format);
  if (!reader) return Error{"stream " + schema.name + ": " + reader.error().message};
  stream.time_reader = std::move(*reader);
  stream.time_slot = static_cast<std::uint32_t>(schema.time_slot);
  for (std::uint32_t slot = 0; slot < schema.fields.size(); ++slot) {
    const Field& field = schema.fields[slot];
    const bool part = !field.record_list.empty();
    const std::uint32_t column = add_column(plan, !part                              ? source_of(field)
                                                  : field.record_list_source.empty() ? field.record_list
                                                                                     : field.record_list_source);
    stream.null_row.push_back(Slot::null(field.type));
    if (schema.change_stream && field.name == kTruncatedField) stream.truncated_column = static_cast<int>(column);
    if (!stream.by_arrival && slot == stream.time_slot)
      stream.time_column = column;
    else
      stream.fields.push_back({column, slot, field.type, field.optional, part ? source_of(field) : "", field.element_optional,
                               field.type == Type::kBool && source_of(field) == "__deleted"});
  }
  for (const RecordFilter& filter : schema.when) stream.when.push_back({add_column(plan, filter.source), filter.values});
  return stream;
}

}  // namespace

Result<RecordPlan> RecordPlan::make(std::span<const StreamSchema* const> streams, const DecoderOptions& options) {
  if (streams.empty()) return Error{"an input must be for at least one stream"};
  RecordPlan plan;
  plan.list_separator = options.list_separator;
  plan.max_record_bytes = std::clamp<std::size_t>(options.max_record_bytes, 1, 0x7FFF'FFFF);
  for (const StreamSchema* schema : streams) {
    auto stream = plan_stream(plan, *schema);
    if (!stream) return stream.error();
    plan.stream_names.add(schema->name, static_cast<int>(plan.streams.size()));
    plan.any_when = plan.any_when || !schema->when.empty();
    plan.streams.push_back(std::move(*stream));
  }
  if (!options.stream_field.empty()) {
    plan.stream_field = options.stream_field;
    plan.stream_column = static_cast<int>(add_column(plan, options.stream_field));
  }
  return plan;
}

bool RecordPlan::any_yearless() const {
  return std::any_of(streams.begin(), streams.end(), [](const StreamPlan& stream) { return stream.time_reader.yearless(); });
}

}  // namespace sequitur
