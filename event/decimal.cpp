#include "event/decimal.hpp"

#include <cmath>
#include <limits>

#include "event/characters.hpp"
#include "sequitur/value.hpp"

namespace sequitur {
namespace {

__extension__ using WideUnsigned = unsigned __int128;

constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();

std::int64_t narrow(WideInt value) { return value > kGreatest || value < -kGreatest ? kNullInt : static_cast<std::int64_t>(value); }

// The exponent behind `e`, bounded: nothing beyond can make a decimal of a number with so few digits.
bool read_exponent(std::string_view text, std::size_t& at, long& exponent) {
  const bool negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  if (at == text.size() || !is_digit(text[at])) return false;
  long value = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) value = value < 100'000'000 ? value * 10 + (text[at] - '0') : value;
  exponent = negative ? -value : value;
  return true;
}

}  // namespace

bool parse_decimal(std::string_view text, std::int64_t& millionths) {
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++at;

  // Zeros wait until a digit follows them: those at the end belong to the exponent.
  std::uint64_t digits = 0;
  long pending = 0, behind_point = 0;
  bool any = false, point = false, too_long = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(c)) break;
    any = true;
    if (point) ++behind_point;
    if (c == '0') {
      if (digits != 0) ++pending;
      continue;
    }
    for (; pending >= 0 && !too_long; --pending) too_long = __builtin_mul_overflow(digits, std::uint64_t{10}, &digits);
    pending = 0;
    too_long = too_long || __builtin_add_overflow(digits, static_cast<std::uint64_t>(c - '0'), &digits);
  }
  if (!any) return false;
  long exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E') && !read_exponent(text, ++at, exponent)) return false;
  if (at != text.size()) return false;
  if (digits == 0 && !too_long) {
    millionths = 0;
    return true;
  }
  // `digits` ends with no zero, so every digit behind the sixth is one too many.
  long shift = pending - behind_point + exponent + kDecimalDigits;
  if (too_long || shift < 0 || shift > 18) return false;
  WideInt value = static_cast<WideInt>(digits);
  for (; shift > 0; --shift) value *= 10;
  const std::int64_t result = narrow(negative ? -value : value);
  if (result == kNullInt) return false;
  millionths = result;
  return true;
}

void append_decimal(std::int64_t millionths, std::string& out) {
  std::uint64_t rest = millionths < 0 ? 0 - static_cast<std::uint64_t>(millionths) : static_cast<std::uint64_t>(millionths);
  char text[32];
  char* const end = text + sizeof text;
  char* from = end;
  std::uint64_t fraction = rest % kDecimalOne;
  rest /= kDecimalOne;
  if (fraction != 0) {
    int digits = kDecimalDigits;
    for (; fraction % 10 == 0; --digits) fraction /= 10;
    for (; digits > 0; --digits, fraction /= 10) *--from = static_cast<char>('0' + fraction % 10);
    *--from = '.';
  }
  do *--from = static_cast<char>('0' + rest % 10);
  while ((rest /= 10) != 0);
  if (millionths < 0) *--from = '-';
  out.append(from, static_cast<std::size_t>(end - from));
}

std::int64_t divide_rounded(WideInt numerator, WideInt denominator) {
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  WideInt quotient = numerator / denominator;
  const WideInt rest = numerator % denominator;
  const WideInt size = rest < 0 ? -rest : rest;
  if (size >= denominator - size) quotient += numerator < 0 ? -1 : 1;
  return narrow(quotient);
}

std::int64_t decimal_of_int(std::int64_t value) { return narrow(static_cast<WideInt>(value) * kDecimalOne); }

std::int64_t decimal_of_float(double value) {
  const double scaled = std::round(value * 1e6);
  return scaled > -9.2233720368547748e18 && scaled < 9.2233720368547748e18 ? static_cast<std::int64_t>(scaled) : kNullInt;
}

std::int64_t decimal_multiply(std::int64_t a, std::int64_t b) { return divide_rounded(static_cast<WideInt>(a) * b, kDecimalOne); }

std::int64_t decimal_divide(std::int64_t a, std::int64_t b) {
  return b == 0 ? kNullInt : divide_rounded(static_cast<WideInt>(a) * kDecimalOne, b);
}

std::int64_t decimal_round(std::int64_t millionths, int digits, Rounding rounding) {
  if (digits >= kDecimalDigits) return millionths;
  WideInt unit = 1;
  for (int i = digits; i < kDecimalDigits; ++i) unit *= 10;
  WideInt quotient = millionths / unit;
  const WideInt rest = millionths % unit;
  switch (rounding) {
    case Rounding::kNearest: quotient = divide_rounded(millionths, unit); break;
    case Rounding::kDown: quotient -= rest < 0 ? 1 : 0; break;
    case Rounding::kUp: quotient += rest > 0 ? 1 : 0; break;
    case Rounding::kToZero: break;
  }
  return narrow(quotient * unit);
}

}  // namespace sequitur
