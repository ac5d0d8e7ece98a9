// Events column by column (sequitur.h): one pass for each column over a block of rows, so that what a column is like is asked
// once a block and not once a value.
#include <algorithm>

#include <fmt/format.h>

#include "embed/c_api/handles.hpp"

using namespace sequitur;
using namespace sequitur::c_api;

namespace sequitur::c_api {
namespace {

constexpr std::size_t kRows = 8192;  // Made before they are pushed.

struct Target {
  const sequitur_column* column;
  Type type;
  std::size_t slot;
};

bool bit(const std::uint8_t* bits, std::size_t at) { return (bits[at / 8] >> (at % 8) & 1) != 0; }

bool is_text(std::int32_t layout) { return layout >= SEQUITUR_TEXT_OFFSETS32 && layout <= SEQUITUR_TEXT_POINTERS; }
bool is_whole(std::int32_t layout) { return layout >= SEQUITUR_INT8 && layout <= SEQUITUR_UINT32; }
bool is_float(std::int32_t layout) { return layout == SEQUITUR_FLOAT32 || layout == SEQUITUR_FLOAT64; }
bool is_bool(std::int32_t layout) { return layout == SEQUITUR_BYTES1 || layout == SEQUITUR_BITS; }

bool fits(std::int32_t layout, Type type) {
  switch (type) {
    case Type::kBool: return is_bool(layout);
    case Type::kInt: return is_whole(layout);
    case Type::kFloat: return is_float(layout) || is_whole(layout);
    case Type::kString: return is_text(layout);
    case Type::kTime:
    case Type::kDuration: return layout == SEQUITUR_INT64;
    case Type::kDecimal: return layout == SEQUITUR_INT64;
    default: return false;
  }
}

// What is wrong with the column; empty: nothing.
std::string find_target(const StreamSchema& schema, const sequitur_column& column, Target& target) {
  if (column.field == nullptr) return "a column has no name";
  const std::optional<SlotIndex> slot = schema.find(column.field);
  if (!slot || *slot < 0) return fmt::format("stream {} has no field {}", schema.name, column.field);
  target = {&column, schema.fields[static_cast<std::size_t>(*slot)].type, static_cast<std::size_t>(*slot)};
  if (!fits(column.layout, target.type))
    return fmt::format("field {} of stream {} is {}: layout {} is none of it", column.field, schema.name, to_string(target.type),
                       column.layout);
  const bool offsets = column.layout == SEQUITUR_TEXT_OFFSETS32 || column.layout == SEQUITUR_TEXT_OFFSETS64;
  if (offsets ? column.offsets == nullptr : column.data == nullptr) return fmt::format("column {} has no data", column.field);
  return {};
}

template <typename Read>
void fill(std::span<Event* const> events, const Target& target, std::size_t first, const Read& read) {
  const std::uint8_t* validity = target.column->validity;
  const Slot null = Slot::null(target.type);
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::size_t at = first + i;
    events[i]->slots()[target.slot] = validity != nullptr && !bit(validity, at) ? null : read(at);
  }
}

template <typename T>
void fill_numbers(std::span<Event* const> events, const Target& target, std::size_t first) {
  const T* data = static_cast<const T*>(target.column->data);
  if (target.type == Type::kFloat)
    fill(events, target, first, [&](std::size_t at) { return Slot::of_float(static_cast<double>(data[at])); });
  else
    fill(events, target, first, [&](std::size_t at) { return Slot::of_int(static_cast<std::int64_t>(data[at])); });
}

// False if the offsets go backwards.
template <typename T>
bool fill_texts(std::span<Event* const> events, const Target& target, std::size_t first, Arena& arena) {
  const T* offsets = static_cast<const T*>(target.column->offsets);
  const char* bytes = target.column->data != nullptr ? static_cast<const char*>(target.column->data) : "";
  bool good = true;
  fill(events, target, first, [&](std::size_t at) {
    if (offsets[at] < 0 || offsets[at + 1] < offsets[at]) {
      good = false;
      return Slot::null(Type::kString);
    }
    const std::string_view text(bytes + offsets[at], static_cast<std::size_t>(offsets[at + 1] - offsets[at]));
    return text.size() < kLongText ? Slot::of_short_text(text) : arena.text(text);
  });
  return good;
}

bool fill_column(std::span<Event* const> events, const Target& target, std::size_t first, Arena& arena) {
  const sequitur_column& column = *target.column;
  first += column.first;
  switch (static_cast<sequitur_layout>(column.layout)) {
    case SEQUITUR_INT8: fill_numbers<std::int8_t>(events, target, first); return true;
    case SEQUITUR_INT16: fill_numbers<std::int16_t>(events, target, first); return true;
    case SEQUITUR_INT32: fill_numbers<std::int32_t>(events, target, first); return true;
    case SEQUITUR_INT64: fill_numbers<std::int64_t>(events, target, first); return true;
    case SEQUITUR_UINT8: fill_numbers<std::uint8_t>(events, target, first); return true;
    case SEQUITUR_UINT16: fill_numbers<std::uint16_t>(events, target, first); return true;
    case SEQUITUR_UINT32: fill_numbers<std::uint32_t>(events, target, first); return true;
    case SEQUITUR_FLOAT32: fill_numbers<float>(events, target, first); return true;
    case SEQUITUR_FLOAT64: fill_numbers<double>(events, target, first); return true;
    case SEQUITUR_BYTES1: {
      const auto* data = static_cast<const std::uint8_t*>(column.data);
      fill(events, target, first, [&](std::size_t at) { return Slot::of_bool(data[at] != 0); });
      return true;
    }
    case SEQUITUR_BITS: {
      const auto* data = static_cast<const std::uint8_t*>(column.data);
      fill(events, target, first, [&](std::size_t at) { return Slot::of_bool(bit(data, at)); });
      return true;
    }
    case SEQUITUR_TEXT_OFFSETS32: return fill_texts<std::int32_t>(events, target, first, arena);
    case SEQUITUR_TEXT_OFFSETS64: return fill_texts<std::int64_t>(events, target, first, arena);
    case SEQUITUR_TEXT_POINTERS: {
      const auto* data = static_cast<const char* const*>(column.data);
      fill(events, target, first, [&](std::size_t at) {
        if (data[at] == nullptr) return Slot::null(Type::kString);
        const std::string_view text(data[at]);
        return text.size() < kLongText ? Slot::of_short_text(text) : arena.text(text);
      });
      return true;
    }
  }
  return false;
}

}  // namespace
}  // namespace sequitur::c_api

extern "C" sequitur_status sequitur_engine_push_columns(sequitur_engine* engine, int32_t stream, const int64_t* times_us,
                                                        const sequitur_column* columns, size_t column_count, size_t rows, size_t* taken,
                                                        char** error) {
  if (taken != nullptr) *taken = 0;
  return guarded(engine, error, [&] {
    const StreamSchema* schema = stream_of(engine, stream);
    if (schema == nullptr) return bad_argument(fmt::format("there is no stream {}", stream), error);
    if ((rows > 0 && times_us == nullptr) || (column_count > 0 && columns == nullptr))
      return bad_argument("there are no times, or no columns", error);
    std::vector<Target> targets(column_count);
    for (std::size_t i = 0; i < column_count; ++i)
      if (const std::string problem = find_target(*schema, columns[i], targets[i]); !problem.empty()) return bad_argument(problem, error);

    for (std::size_t done = 0; done < rows; done += kRows) {
      const std::size_t count = std::min(rows - done, kRows);
      engine->rows.clear();
      engine->events.clear();
      for (std::size_t i = 0; i < count; ++i)
        engine->events.push_back(&make_event(engine->rows, *schema, Timestamp{Duration{times_us[done + i]}}));
      for (const Target& target : targets)
        if (!fill_column(engine->events, target, done, engine->rows))
          return bad_argument(fmt::format("the offsets of column {} go backwards", target.column->field), error);
      if (schema->time_slot != kTimeSlot)
        for (Event* event : engine->events) event->slot(schema->time_slot) = Slot::of_int(event->time);
      if (const sequitur_status pushed = push_events(*engine, done, taken, error); pushed != SEQUITUR_OK) return pushed;
    }
    return SEQUITUR_OK;
  });
}
