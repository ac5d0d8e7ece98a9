// Values and events as the reference matcher sees them: plain, slow, owning everything they name.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "sequitur/schema.hpp"

namespace sequitur::reference {

// Null, or: bool (0, 1), int, time and duration (microseconds), decimal (millionths) as integer; float; text, and an address
// as its 16 bytes; a list.
struct List;
using Value = std::variant<std::monostate, std::int64_t, double, std::string, List>;

struct List {
  std::vector<Value> items;
  friend bool operator==(const List& a, const List& b);
  friend bool operator<(const List& a, const List& b);
};
inline bool operator==(const List& a, const List& b) { return a.items == b.items; }
inline bool operator<(const List& a, const List& b) { return a.items < b.items; }

inline const Value kNull{};
inline bool is_null(const Value& value) { return value.index() == 0; }
inline Value of_bool(bool value) { return std::int64_t{value ? 1 : 0}; }
inline bool is_true(const Value& value) { return value == of_bool(true); }
inline bool is_false(const Value& value) { return value == of_bool(false); }

struct Row {
  std::int64_t time = 0;  // Microseconds since the epoch.
  StreamId stream = 0;
  std::vector<Value> values;  // In the order of the schema's fields.
  bool tick = false;          // Of a schedule: it belongs to every key.

  Value get(SlotIndex slot) const { return slot == kTimeSlot ? Value{time} : values.at(static_cast<std::size_t>(slot)); }
};

// What a constant of a rule or a test says.
Value of_constant(const dsl::Constant& constant);

// Texts bare, null as "null", numbers in their shortest spelling, times in RFC 3339.
std::string to_text(const Value& value, Type type);

}  // namespace sequitur::reference
