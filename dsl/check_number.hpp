// A number as written, as a decimal.
#pragma once

#include <cstdint>

#include "dsl/ast.hpp"

namespace sequitur::dsl {

// From its spelling, never through a double unless it has a unit or is a percentage (12.50, 1_000.5, 10k, 5%). False if it is
// no decimal, that is has more than six digits behind the point or is too large.
bool decimal_of(const ast::Expr& number, std::int64_t& millionths);

}  // namespace sequitur::dsl
