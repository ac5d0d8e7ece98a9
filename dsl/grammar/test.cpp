#include "dsl/grammar/test_def.hpp"

namespace sequitur::dsl::grammar {

BOOST_SPIRIT_INSTANTIATE(TestHeadRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(TestLineRule, Iterator, ContextType)

}  // namespace sequitur::dsl::grammar
