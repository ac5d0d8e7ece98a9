// Conditions and values.
#pragma once

#include "dsl/grammar/tokens.hpp"

namespace sequitur::dsl::grammar {

struct ExpressionId;
using ExpressionRule = x3::rule<ExpressionId, ast::Expr>;
inline const ExpressionRule expression{"a condition or a value"};
BOOST_SPIRIT_DECLARE(ExpressionRule)

struct PathId;
using PathRule = x3::rule<PathId, ast::Expr>;
inline const PathRule path{"a field"};
BOOST_SPIRIT_DECLARE(PathRule)

}  // namespace sequitur::dsl::grammar
