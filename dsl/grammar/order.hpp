// The order of the clauses of a rule, which of them there may be one of, and what may stand behind which step.
#pragma once

#include <vector>

#include "dsl/grammar/state.hpp"

namespace sequitur::dsl::grammar {

void check_order(State& state, const std::vector<ast::Clause>& clauses);

}  // namespace sequitur::dsl::grammar
