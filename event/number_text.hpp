// Numbers in text, read exactly. Whole texts only: no spaces around, nothing behind.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "event/characters.hpp"

namespace sequitur {

// Digits only, up to 18 of them. False, and `value` unspecified, for anything else. Eight at a time, as in Daniel Lemire, "Quickly
// parsing eight digits" (2018).
inline bool parse_digits(std::string_view text, std::uint64_t& value) {
  static_assert(std::endian::native == std::endian::little);
  if (text.empty() || text.size() > 18) return false;
  value = 0;
  const char* p = text.data();
  const char* const end = p + text.size();
  for (; end - p >= 8; p += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, p, sizeof eight);
    if (((eight & 0xF0F0'F0F0'F0F0'F0F0) | (((eight + 0x0606'0606'0606'0606) & 0xF0F0'F0F0'F0F0'F0F0) >> 4)) != 0x3333'3333'3333'3333)
      return false;
    eight = (eight & 0x0F0F'0F0F'0F0F'0F0F) * 2561 >> 8;
    eight = (eight & 0x00FF'00FF'00FF'00FF) * 6'553'601 >> 16;
    eight = (eight & 0x0000'FFFF'0000'FFFF) * 42'949'672'960'001 >> 32;
    value = value * 100'000'000 + eight;
  }
  for (; p != end; ++p) {
    if (!is_digit(*p)) return false;
    value = value * 10 + static_cast<std::uint64_t>(*p - '0');
  }
  return true;
}

// An optional sign and digits. False if it is not an integer, does not fit, or is the integer that stands for null.
bool parse_int(std::string_view text, std::int64_t& value);

// A decimal with optional sign, point and exponent, correctly rounded. False for anything else (also nan, inf, hexadecimal)
// and for what is too large for a double.
bool parse_float(std::string_view text, double& value);

// mantissa * 10^exponent, if that is exactly rounded by one multiplication or division (Clinger's fast path).
inline bool exact_float(std::uint64_t mantissa, int exponent, bool negative, double& value) {
  constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (mantissa > (std::uint64_t{1} << 53) || exponent < -22 || exponent > 22) return false;
  double result = static_cast<double>(static_cast<std::int64_t>(mantissa));
  result = exponent < 0 ? result / kPowers[-exponent] : result * kPowers[exponent];
  value = negative ? -result : result;
  return true;
}

}  // namespace sequitur
