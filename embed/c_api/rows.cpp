// Events row by row (sequitur.h).
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "embed/c_api/handles.hpp"

using namespace sequitur;
using namespace sequitur::c_api;

namespace sequitur::c_api {
namespace {

constexpr std::size_t kBlock = 8192;  // Events that are made before they are pushed.
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1'000'000;

std::string_view name_of(std::int32_t type) {
  constexpr std::string_view kNames[] = {"null", "bool", "int", "float", "string", "time", "duration", "decimal", "ip", "list"};
  return type >= 0 && static_cast<std::size_t>(type) < std::size(kNames) ? kNames[type] : "of an unknown type";
}

// False if the value is not of the field's type.
bool make_slot(const sequitur_value& value, Type type, Arena& arena, Slot& slot) {
  const auto said = static_cast<sequitur_type>(value.type);
  if (said == SEQUITUR_NULL) {
    slot = Slot::null(type);
    return true;
  }
  if ((said == SEQUITUR_STRING || said == SEQUITUR_IP) && value.data == nullptr && value.size > 0) return false;
  switch (type) {
    case Type::kBool: slot = Slot::of_bool(value.i != 0); return said == SEQUITUR_BOOL;
    case Type::kInt: slot = Slot::of_int(value.i); return said == SEQUITUR_INT;
    case Type::kFloat:
      slot = Slot::of_float(said == SEQUITUR_INT ? static_cast<double>(value.i) : value.f);
      return said == SEQUITUR_FLOAT || said == SEQUITUR_INT;
    case Type::kTime: slot = Slot::of_int(value.i); return said == SEQUITUR_TIME;
    case Type::kDuration: slot = Slot::of_int(value.i); return said == SEQUITUR_DURATION;
    case Type::kDecimal:
      if (said == SEQUITUR_INT) slot = value.i >= -kMost && value.i <= kMost ? Slot::of_int(value.i * 1'000'000) : Slot::null(type);
      if (said == SEQUITUR_DECIMAL) slot = Slot::of_int(value.i);
      return said == SEQUITUR_INT || said == SEQUITUR_DECIMAL;
    case Type::kString:
      if (said == SEQUITUR_STRING)
        slot = value.size < kLongText ? Slot::of_text(value.data != nullptr ? value.data : "", value.size)
                                      : arena.text({value.data, value.size});
      return said == SEQUITUR_STRING;
    case Type::kIp:
      if (said != SEQUITUR_IP || (value.size != 16 && value.size != 4)) return false;
      if (value.size == 16) {
        slot = Slot::of_text(value.data, 16);
      } else {
        std::string bytes("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
        bytes.append(value.data, 4);
        slot = arena.text(bytes);
      }
      return true;
  }
  return false;  // Lists come from decoders.
}

}  // namespace

sequitur_status push_events(sequitur_engine& engine, std::size_t done, std::size_t* taken, char** error) {
  const std::size_t pushed = engine.engine->push(engine.events);
  if (taken != nullptr) *taken = done + pushed;
  if (pushed == engine.events.size()) return SEQUITUR_OK;
  return report(SEQUITUR_OUT_OF_ORDER, fmt::format("event {} is earlier than one before it", done + pushed), error);
}

}  // namespace sequitur::c_api

extern "C" {

sequitur_status sequitur_engine_push(sequitur_engine* engine, int32_t stream, int64_t time_us, const sequitur_value* values, size_t count,
                                     char** error) {
  if (count > 0xFFFF'FFFF) return bad_argument("there are more values than fields", error);
  const sequitur_row row{time_us, stream, static_cast<uint32_t>(count), values};
  return sequitur_engine_push_rows(engine, &row, 1, nullptr, error);
}

sequitur_status sequitur_engine_push_rows(sequitur_engine* engine, const sequitur_row* rows, size_t count, size_t* taken, char** error) {
  if (taken != nullptr) *taken = 0;
  return guarded(engine, error, [&] {
    if (rows == nullptr && count > 0) return bad_argument("there are no rows", error);
    for (std::size_t done = 0; done < count; done += engine->events.size()) {
      engine->rows.clear();
      engine->events.clear();
      std::string problem;
      const std::size_t end = std::min(count, done + kBlock);
      for (std::size_t i = done; i < end && problem.empty(); ++i) {
        const sequitur_row& row = rows[i];
        const StreamSchema* schema = stream_of(engine, row.stream);
        if (schema == nullptr) {
          problem = fmt::format("row {}: there is no stream {}", i, row.stream);
        } else if (row.count > schema->fields.size() || (row.values == nullptr && row.count > 0)) {
          problem = fmt::format("row {}: stream {} has {} fields, not {}", i, schema->name, schema->fields.size(), row.count);
        } else {
          Event& event = make_event(engine->rows, *schema, Timestamp{Duration{row.time_us}});
          for (std::uint32_t field = 0; field < row.count && problem.empty(); ++field)
            if (!make_slot(row.values[field], schema->fields[field].type, engine->rows, event.slots()[field]))
              problem = fmt::format("row {}: field {} of stream {} is {}, not {}", i, schema->fields[field].name, schema->name,
                                    to_string(schema->fields[field].type), name_of(row.values[field].type));
          if (schema->time_slot != kTimeSlot) event.slot(schema->time_slot) = Slot::of_int(row.time_us);
          if (problem.empty()) engine->events.push_back(&event);
        }
      }
      // What stands before the bad row is evaluated.
      if (const sequitur_status pushed = push_events(*engine, done, taken, error); pushed != SEQUITUR_OK) return pushed;
      if (!problem.empty()) return bad_argument(problem, error);
    }
    return SEQUITUR_OK;
  });
}

}  // extern "C"
