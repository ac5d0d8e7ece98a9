#include "dsl/check_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "event/decimal.hpp"
#include "sequitur/value.hpp"

namespace sequitur::dsl {

bool decimal_of(const ast::Expr& number, std::int64_t& millionths) {
  if (number.is_integer) {
    const std::int64_t value = decimal_of_int(number.integer);
    if (value == kNullInt) return false;
    millionths = value;
    return true;
  }
  std::string spelling = number.text;
  std::erase(spelling, '_');
  return parse_decimal(spelling, millionths) || parse_decimal(fmt::format("{}", number.number), millionths);
}

}  // namespace sequitur::dsl
