// From sums and counts to the values of aggregates: what loops and windows have in common.
#pragma once

#include <cmath>
#include <cstdint>

#include "event/decimal.hpp"
#include "nfa/exact_sum.hpp"
#include "sequitur/value.hpp"

namespace sequitur::nfa {

__extension__ using SumInt = __int128;

inline Slot finite_value(double value) { return std::isfinite(value) ? Slot::of_float(value) : Slot::null(Type::kFloat); }

inline Slot int_value(SumInt value) {
  return value > kNullInt && value <= INT64_MAX ? Slot::of_int(static_cast<std::int64_t>(value)) : Slot::null(Type::kInt);
}

// Null over nothing, and where the sum does not fit.
inline Slot total_value(std::int64_t count, SumInt sum, Type type) { return count == 0 ? Slot::null(type) : int_value(sum); }
inline Slot total_value(std::int64_t count, double sum) { return count == 0 ? Slot::null(Type::kFloat) : finite_value(sum); }

// The rounded sum through the count; of durations and times cut to whole microseconds, of decimals rounded.
inline Slot average_value(std::int64_t count, SumInt sum, Type type) {
  if (count == 0) return Slot::null(type);
  return type == Type::kDecimal ? Slot::of_int(divide_rounded(sum, count)) : int_value(sum / count);
}
inline Slot average_value(std::int64_t count, double sum) {
  return count == 0 ? Slot::null(Type::kFloat) : finite_value(sum / static_cast<double>(count));
}

// Of a sample; unknown for fewer than two values.
inline Slot deviation_value(std::uint64_t count, const ExactMoments& moments) {
  return count < 2 ? Slot::null(Type::kFloat) : finite_value(moments.deviation(count));
}

// A second; unknown if no time passed.
inline Slot rate_value(double total, std::int64_t microseconds) {
  return microseconds <= 0 ? Slot::null(Type::kFloat) : finite_value(total / (static_cast<double>(microseconds) / 1e6));
}

// Nearest rank: which of `count` sorted values is the percentile, from 0. `count` is not 0.
inline std::uint64_t rank_of_percentile(double percentile, std::uint64_t count) {
  const double rank = std::ceil(percentile / 100 * static_cast<double>(count));
  const auto place = rank > 1 ? static_cast<std::uint64_t>(rank) : 1;
  return (place < count ? place : count) - 1;
}

}  // namespace sequitur::nfa
