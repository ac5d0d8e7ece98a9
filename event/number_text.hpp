// Numbers in text, read exactly. Whole texts only: no spaces around, nothing behind.
//
// What nearly all numbers are, a few digits, is read inline; signs, exponents and long numbers are left to read_any_...(). Who
// knows up to where bytes behind the text may be read says it in `readable`, which spares a branch on the length.
#pragma once

#include <cstdint>
#include <string_view>

#include "event/characters.hpp"
#include "event/digits.hpp"

namespace sequitur {

// Digits only, up to 18 of them. False, and `value` unspecified, for anything else.
[[gnu::always_inline]] inline bool parse_digits(std::string_view text, std::uint64_t& value, const char* readable) {
  if (text.size() - 1 >= 18) return false;
  const char* p = text.data();
  std::size_t left = text.size();
  value = 0;
  for (; left > 8; p += 8, left -= 8) {
    const SpelledNumber eight = read_number_of(load_eight(p), 8);
    if (!eight.digits) return false;
    value = value * kPowersOfTen[8] + eight.value;
  }
  const SpelledNumber last = read_number_of(load_up_to_eight(p, left, readable), left);
  value = value * kPowersOfTen[left] + last.value;
  return last.digits;
}

bool read_any_int(std::string_view text, std::int64_t& value);
bool read_any_float(std::string_view text, double& value);

// An optional sign and digits. False if it is not an integer, does not fit, or is the integer that stands for null.
[[gnu::always_inline]] inline bool parse_int(std::string_view text, std::int64_t& value, const char* readable) {
  std::uint64_t magnitude = 0;
  if (!parse_digits(text, magnitude, readable)) return read_any_int(text, value);
  value = static_cast<std::int64_t>(magnitude);
  return true;
}
bool parse_int(std::string_view text, std::int64_t& value);

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
[[gnu::always_inline]] inline bool parse_float(std::string_view text, double& value, const char* readable) {
  // One to seven digits, a point, up to seven digits.
  const std::uint64_t front = load_up_to_eight(text.data(), text.size(), readable);
  const std::size_t whole = count_digits(front);
  if (whole == 0 || whole == 8 || text.empty()) return read_any_float(text, value);
  if (whole >= text.size()) {
    value = static_cast<double>(static_cast<std::int64_t>(read_number_of(front, text.size()).value));
    return true;
  }
  const char* const point = text.data() + whole;
  const std::size_t fraction = text.size() - whole - 1;
  if (*point != '.' || fraction >= 8) return read_any_float(text, value);
  const SpelledNumber behind = read_number_of(load_up_to_eight(point + 1, fraction, readable), fraction);
  if (!behind.digits) return read_any_float(text, value);
  return exact_float(read_number_of(front, whole).value * kPowersOfTen[fraction] + behind.value, fraction, false, value);
}
bool parse_float(std::string_view text, double& value);

}  // namespace sequitur
