// The clauses of a rule.
#pragma once

#include "dsl/grammar/pattern.hpp"

namespace sequitur::dsl::grammar {

struct ClauseId;
using ClauseRule = x3::rule<ClauseId, ast::Clause>;
inline const ClauseRule clause{"a clause"};
BOOST_SPIRIT_DECLARE(ClauseRule)

// In `tune`: a clause of a rule, or `except ..`.
struct TuneClauseId;
using TuneClauseRule = x3::rule<TuneClauseId, ast::Clause>;
inline const TuneClauseRule tune_clause{"a clause"};
BOOST_SPIRIT_DECLARE(TuneClauseRule)

}  // namespace sequitur::dsl::grammar
