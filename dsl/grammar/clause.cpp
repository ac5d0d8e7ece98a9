#include "dsl/grammar/clause_def.hpp"

namespace sequitur::dsl::grammar {

BOOST_SPIRIT_INSTANTIATE(ClauseRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(TuneClauseRule, Iterator, ContextType)

}  // namespace sequitur::dsl::grammar
