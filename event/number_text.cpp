#include "event/number_text.hpp"

#include <charconv>
#include <limits>

namespace sequitur {

bool parse_int(std::string_view text, std::int64_t& value) { return parse_int(text, value, text.data() + text.size()); }
bool parse_float(std::string_view text, double& value) { return parse_float(text, value, text.data() + text.size()); }

bool read_any_int(std::string_view text, std::int64_t& value) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (p != end && (*p == '-' || *p == '+')) ++p;
  if (p == end) return false;
  std::uint64_t magnitude = 0;
  if (end - p <= 18) {  // Cannot overflow.
    if (!parse_digits({p, static_cast<std::size_t>(end - p)}, magnitude, end)) return false;
  } else {
    const auto [stop, error] = std::from_chars(p, end, magnitude);
    if (error != std::errc{} || stop != end || magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return false;
  }
  value = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
  return true;
}

bool read_any_float(std::string_view text, double& value) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (p != end && (*p == '-' || *p == '+')) ++p;
  const char* const begin = p;
  std::uint64_t mantissa = 0;
  int digits = 0;
  std::size_t fraction = 0;
  for (; p != end && is_digit(*p); ++p, ++digits) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
  if (p != end && *p == '.') {
    for (++p; p != end && is_digit(*p); ++p, ++digits, ++fraction) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
  }
  if (digits == 0) return false;
  if (p == end && digits <= 18 && exact_float(mantissa, fraction, negative, value)) return true;

  double magnitude = 0;
  const auto [stop, error] = std::from_chars(begin, end, magnitude);
  if (stop != end) return false;
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, too large is no number; from_chars does not say which, the sign of the exponent nearly does.
    std::string_view rest(begin, static_cast<std::size_t>(end - begin));
    const std::size_t e = rest.find_first_of("eE");
    const bool small =
        e != std::string_view::npos ? e + 1 < rest.size() && rest[e + 1] == '-' : rest.find_first_of("123456789") > rest.find('.');
    if (!small) return false;
    magnitude = 0;
  } else if (error != std::errc{}) {
    return false;
  }
  value = negative ? -magnitude : magnitude;
  return true;
}

}  // namespace sequitur
