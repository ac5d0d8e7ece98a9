// The 8-byte slot in which a field's value lives, and the types it can have.
//
//     Slot amount = Slot::of_float(12.5);
//     Slot city = Slot::of_text("Bern");           // refers to the bytes, does not copy them
//     if (!amount.is_null(Type::kFloat)) total += amount.f;
//
// A missing value (null) is a value of the slot itself, so rows need no mask: for what has bytes (text, ip, lists) the slot 0,
// for float any NaN, for all other types the smallest int64. Arithmetic that has no result (x / 0, overflow) yields null the
// same way.
#pragma once

#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "sequitur/export.h"

namespace sequitur {

enum class Type : std::uint8_t {
  kBool,      // i: 0 or 1
  kInt,       // i
  kFloat,     // f
  kString,    // text()
  kTime,      // i: microseconds since 1970-01-01T00:00:00Z
  kDuration,  // i: microseconds
  kDecimal,   // i: millionths; event/decimal.hpp
  kIp,        // text(): 16 bytes in network order, IPv4 as ::ffff:a.b.c.d; event/ip.hpp
};

// A list is one value, whose bytes are its elements; event/list.hpp. There are no lists of lists.
inline constexpr std::uint8_t kListBit = 0x10;
constexpr bool is_list(Type type) { return (static_cast<std::uint8_t>(type) & kListBit) != 0; }
constexpr Type list_of(Type element) { return static_cast<Type>(static_cast<std::uint8_t>(element) | kListBit); }
constexpr Type element_of(Type list) { return static_cast<Type>(static_cast<std::uint8_t>(list) & ~kListBit); }

// Whether the slot refers to bytes, which is the value then: equal values have equal bytes, and who keeps the value copies them.
constexpr bool has_bytes(Type type) { return type == Type::kString || type == Type::kIp || is_list(type); }

// The name of the type in the rule language: "bool", "int", "string[]", ...
SEQUITUR_API std::string_view to_string(Type type);

inline constexpr std::int64_t kNullInt = std::numeric_limits<std::int64_t>::min();

// Shorter texts keep their length in the slot; longer ones have it in the 8 bytes before their first byte.
inline constexpr std::size_t kLongText = 0xFFFF;

union Slot {
  std::int64_t i;
  double f;
  std::uint64_t bits;  // Of a text: length in the upper 16 bits, address in the lower 48.

  static constexpr Slot of_int(std::int64_t value) { return Slot{.i = value}; }
  static constexpr Slot of_bool(bool value) { return Slot{.i = value ? 1 : 0}; }
  static constexpr Slot of_float(double value) { return Slot{.f = value}; }

  // The bytes must outlive the slot. A text of kLongText bytes or more must have been laid out by Arena::text().
  static Slot of_text(const char* data, std::size_t size) {
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    assert(address != 0 && (static_cast<std::uint64_t>(address) >> 48) == 0);
    const std::uint64_t length = size < kLongText ? size : kLongText;
    return Slot{.bits = (length << 48) | static_cast<std::uint64_t>(address)};
  }
  static Slot of_short_text(std::string_view text) {
    assert(text.size() < kLongText);
    return of_text(text.data() != nullptr ? text.data() : "", text.size());
  }

  static constexpr Slot null(Type type) {
    if (has_bytes(type)) return Slot{.bits = 0};
    if (type == Type::kFloat) return Slot{.f = std::numeric_limits<double>::quiet_NaN()};
    return Slot{.i = kNullInt};
  }
  bool is_null(Type type) const {
    if (has_bytes(type)) return bits == 0;
    if (type == Type::kFloat) return std::isnan(f);
    return i == kNullInt;
  }

  // The bytes of a text, ip or list that is not null. Valid as long as the bytes it was made from.
  std::string_view text() const {
    const char* data = reinterpret_cast<const char*>(static_cast<std::uintptr_t>(bits & 0xFFFF'FFFF'FFFFULL));
    std::uint64_t length = bits >> 48;
    if (length == kLongText) std::memcpy(&length, data - sizeof length, sizeof length);
    return {data, static_cast<std::size_t>(length)};
  }
};
static_assert(sizeof(Slot) == 8);

}  // namespace sequitur
