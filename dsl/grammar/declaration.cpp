#include "dsl/grammar/declaration_def.hpp"

namespace sequitur::dsl::grammar {

BOOST_SPIRIT_INSTANTIATE(RuleHeadRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(TuneHeadRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(StreamHeadRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(FieldRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(LetRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(ParamRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(ImportRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(TableRule, Iterator, ContextType)
BOOST_SPIRIT_INSTANTIATE(ScheduleRule, Iterator, ContextType)

}  // namespace sequitur::dsl::grammar
