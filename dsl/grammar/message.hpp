// The inside of a message: "{count(fail)} failures for {user}".
#pragma once

#include <vector>

#include "dsl/ast.hpp"
#include "dsl/grammar/state.hpp"

namespace sequitur::dsl::grammar {

// The parts of a message text, in order. `{{` and `}}` stand for the braces themselves. What is wrong is reported.
std::vector<ast::MessagePart> parse_message(State& state, const ast::Expr& text);

}  // namespace sequitur::dsl::grammar
