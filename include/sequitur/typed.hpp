// Values as C++ types: what a slot holds, if it is of a type that fits.
//
//     std::optional<double> amount = value_as<double>(field.value, field.type);
//
// bool: bool. Whole numbers: int, if it fits. float, double: float, int, decimal. std::string, std::string_view: string.
// Timestamp: time. Duration: duration. Millionths: decimal, int. Nothing for null and for every other type.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sequitur/time.hpp"
#include "sequitur/value.hpp"

namespace sequitur {

// A `decimal`: an exact number with six digits behind the point.
struct Millionths {
  std::int64_t value = 0;
  friend bool operator==(const Millionths&, const Millionths&) = default;
};

template <typename T>
std::optional<T> value_as(Slot value, Type type) {
  if (value.is_null(type)) return std::nullopt;
  if constexpr (std::is_same_v<T, bool>) {
    if (type == Type::kBool) return value.i != 0;
  } else if constexpr (std::is_integral_v<T>) {
    if (type == Type::kInt && std::in_range<T>(value.i)) return static_cast<T>(value.i);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (type == Type::kFloat) return static_cast<T>(value.f);
    if (type == Type::kInt) return static_cast<T>(value.i);
    if (type == Type::kDecimal) return static_cast<T>(static_cast<double>(value.i) / 1e6);
  } else if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, std::string>) {
    if (type == Type::kString) return T(value.text());
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    if (type == Type::kTime) return Timestamp{Duration{value.i}};
  } else if constexpr (std::is_same_v<T, Duration>) {
    if (type == Type::kDuration) return Duration{value.i};
  } else if constexpr (std::is_same_v<T, Millionths>) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1'000'000;
    if (type == Type::kDecimal) return Millionths{value.i};
    if (type == Type::kInt && value.i >= -kMost && value.i <= kMost) return Millionths{value.i * 1'000'000};
  } else {
    static_assert(std::is_void_v<T>, "value_as() gives bool, numbers, std::string, std::string_view, Timestamp, Duration and Millionths");
  }
  return std::nullopt;
}

}  // namespace sequitur
