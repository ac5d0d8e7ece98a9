// Decimals: numbers with six digits behind the point, held as whole millionths in 64 bits, so that money adds up exactly.
// From -9223372036854.775807 to 9223372036854.775807; what lies outside is null (kNullInt), as is what has no result.
// Results with more than six digits are rounded half away from zero. tests/unit/event/decimal_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sequitur {

inline constexpr std::int64_t kDecimalOne = 1'000'000;
inline constexpr int kDecimalDigits = 6;

// The whole text: sign, digits, point, exponent, as in JSON, but `.5`, `5.` and a `+` are read too. Never through a double.
// False, and `millionths` untouched, if it is no number, or none that is exactly a decimal.
bool parse_decimal(std::string_view text, std::int64_t& millionths);

// Without trailing zeros, without a point where nothing stands behind it: 12.5, -3.
void append_decimal(std::int64_t millionths, std::string& out);

std::int64_t decimal_of_int(std::int64_t value);
// The nearest decimal.
std::int64_t decimal_of_float(double value);
inline double decimal_to_float(std::int64_t millionths) { return static_cast<double>(millionths) / 1e6; }

// Sums and differences are those of the millionths.
std::int64_t decimal_multiply(std::int64_t a, std::int64_t b);
std::int64_t decimal_divide(std::int64_t a, std::int64_t b);

enum class Rounding : std::uint8_t { kNearest, kDown, kUp, kToZero };  // Nearest: half away from zero. Down: below.
// To `digits` behind the point, from -12 to 6; more leave the value as it is.
std::int64_t decimal_round(std::int64_t millionths, int digits, Rounding rounding);

// numerator / denominator, the nearest whole number, half away from zero; kNullInt if it does not fit. The denominator is
// not zero.
__extension__ using WideInt = __int128;
std::int64_t divide_rounded(WideInt numerator, WideInt denominator);

}  // namespace sequitur
