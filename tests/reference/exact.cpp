#include "tests/reference/exact.hpp"

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

namespace sequitur::reference {
namespace {

using Whole = boost::multiprecision::cpp_int;

constexpr int kUnit = 1074;  // Every float is a whole number of 2^-1074.

Whole power_of_two(int exponent) {
  Whole power = 0;
  boost::multiprecision::bit_set(power, static_cast<unsigned>(exponent));
  return power;
}

Whole in_units(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // value = fraction * 2^exponent, fraction below 1
  Whole whole = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  const int shift = exponent - 53 + kUnit;
  return shift >= 0 ? Whole(whole * power_of_two(shift)) : Whole(whole / power_of_two(-shift));  // The bits cut off are zeros.
}

// Cuts a number down to 53 bits, ties to even; returns how many bits went.
int cut_down(Whole& whole) {
  if (whole == 0) return 0;
  const int top = static_cast<int>(boost::multiprecision::msb(whole));
  const int cut = top - 52;
  if (cut > 0) {
    const Whole half = power_of_two(cut - 1);
    const Whole rest = whole % power_of_two(cut);
    whole >>= cut;
    if (rest > half || (rest == half && (whole & 1) != 0)) ++whole;
  }
  return cut > 0 ? cut : 0;
}

// whole * 2^-units, to 53 bits.
double rounded(Whole whole, int units) {
  const bool negative = whole < 0;
  if (negative) whole = -whole;
  const int cut = cut_down(whole);
  const double result = std::ldexp(static_cast<double>(static_cast<std::int64_t>(whole)), cut - units);
  return negative ? -result : result;
}

Value finite(double value) { return std::isfinite(value) ? Value{value} : kNull; }

Value fitting(const Whole& whole) {
  if (whole > INT64_MAX || whole <= INT64_MIN) return kNull;
  return static_cast<std::int64_t>(whole);
}

Whole sum_of_whole(const std::vector<Value>& values) {
  Whole sum = 0;
  for (const auto& value : values) sum += std::get<1>(value);
  return sum;
}

double sum_of_floats(const std::vector<Value>& values) {
  Whole sum = 0;
  for (const auto& value : values) sum += in_units(std::get<2>(value));
  return rounded(sum, kUnit);
}

}  // namespace

Value exact_sum(const std::vector<Value>& values) {
  if (values.empty()) return kNull;
  return values[0].index() == 2 ? finite(sum_of_floats(values)) : fitting(sum_of_whole(values));
}

Value exact_average(const std::vector<Value>& values) {
  if (values.empty()) return kNull;
  if (values[0].index() == 2) return finite(sum_of_floats(values) / static_cast<double>(values.size()));
  return fitting(sum_of_whole(values) / values.size());
}

Value exact_deviation(const std::vector<Value>& values) {
  if (values.size() < 2) return kNull;
  Whole sum = 0, squares = 0;
  for (const auto& value : values) {
    const Whole whole = in_units(std::get<2>(value));
    sum += whole;
    squares += whole * whole;
  }
  Whole difference = squares * values.size() - sum * sum;
  // The difference may be larger or smaller than any float: half of its power of two is taken out of the root.
  int power = cut_down(difference) - 2 * kUnit;
  if (power % 2 != 0) {
    difference *= 2;
    --power;
  }
  const double pairs = static_cast<double>(values.size()) * static_cast<double>(values.size() - 1);
  return finite(std::ldexp(std::sqrt(static_cast<double>(static_cast<std::int64_t>(difference)) / pairs), power / 2));
}

}  // namespace sequitur::reference
