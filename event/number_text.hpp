// Numbers in text, read exactly. Whole texts only: no spaces around, nothing behind.
#pragma once

#include <cstdint>
#include <string_view>

namespace sequitur {

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
