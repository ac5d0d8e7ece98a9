// The order of the clauses of a rule, and which of them there may be one of.
#pragma once

#include <vector>

#include "dsl/grammar/state.hpp"

namespace sequitur::dsl::grammar {

void check_order(State& state, const std::vector<ast::Clause>& clauses);

}  // namespace sequitur::dsl::grammar
