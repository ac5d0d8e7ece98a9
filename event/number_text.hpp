// Numbers in text, read exactly. Whole texts only: no spaces around, nothing behind.
//
// What nearly all numbers are, a few digits, is read inline; signs, exponents and long numbers are left to read_any_...().
#pragma once

#include <cstdint>
#include <string_view>

#include "event/characters.hpp"
#include "event/digits.hpp"

namespace sequitur {

// Digits only, up to 18 of them. False, and `value` unspecified, for anything else.
inline bool parse_digits(std::string_view text, std::uint64_t& value) {
  if (text.empty() || text.size() > 18) return false;
  const char* p = text.data();
  const char* const end = p + text.size();
  value = 0;
  for (; end - p >= 8; p += 8) {
    const std::uint64_t eight = load_eight(p);
    if (count_digits(eight) != 8) return false;
    value = value * kPowersOfTen[8] + value_of_digits(eight, 8);
  }
  const auto left = static_cast<unsigned>(end - p);
  if (left == 0) return true;
  const std::uint64_t last = load_up_to_eight(p, left);
  value = value * kPowersOfTen[left] + value_of_digits(last, left);
  return count_digits(last) == left;
}

bool read_any_int(std::string_view text, std::int64_t& value);
bool read_any_float(std::string_view text, double& value);

// An optional sign and digits. False if it is not an integer, does not fit, or is the integer that stands for null.
inline bool parse_int(std::string_view text, std::int64_t& value) {
  std::uint64_t magnitude = 0;
  if (!parse_digits(text, magnitude)) return read_any_int(text, value);
  value = static_cast<std::int64_t>(magnitude);
  return true;
}

// The number whose `digits` have `fraction` of them, at most 22, behind the point, if one division rounds it exactly (Clinger's
// fast path).
inline bool exact_float(std::uint64_t digits, std::size_t fraction, bool negative, double& value) {
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (digits > std::uint64_t{1} << 53) return false;
  const double magnitude = static_cast<double>(static_cast<std::int64_t>(digits)) / kPowers[fraction];
  value = negative ? -magnitude : magnitude;
  return true;
}

// A decimal with optional sign, point and exponent, correctly rounded. False for anything else (also nan, inf, hexadecimal)
// and for what is too large for a double.
inline bool parse_float(std::string_view text, double& value) {
  // Up to seven digits, a point, up to seven digits.
  const std::uint64_t front = load_up_to_eight(text.data(), text.size());
  const unsigned whole = count_digits(front);
  if (whole == 8 || whole == 0) return read_any_float(text, value);
  const std::uint64_t digits = value_of_digits(front, whole);
  if (whole == text.size()) {
    value = static_cast<double>(static_cast<std::int64_t>(digits));
    return true;
  }
  text.remove_prefix(whole + 1);
  const std::uint64_t back = load_up_to_eight(text.data(), text.size());
  const unsigned fraction = count_digits(back);
  if (text.data()[-1] != '.' || fraction == 8 || fraction != text.size())
    return read_any_float({text.data() - whole - 1, text.size() + whole + 1}, value);
  return exact_float(digits * kPowersOfTen[fraction] + value_of_digits(back, fraction), fraction, false, value);
}

}  // namespace sequitur
