#include "dsl/grammar/pattern_def.hpp"

namespace sequitur::dsl::grammar {

BOOST_SPIRIT_INSTANTIATE(StepRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(EventStepRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(GuardBodyRule, Iterator, ContextType)

}  // namespace sequitur::dsl::grammar
