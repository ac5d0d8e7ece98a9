#include "dsl/grammar/expression_def.hpp"

namespace sequitur::dsl::grammar {

BOOST_SPIRIT_INSTANTIATE(ExpressionRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(PathRule, Iterator, ContextType)

}  // namespace sequitur::dsl::grammar
