// Random rules with blocks in each other, their loop modes, guards and silences around and inside.
#pragma once

#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

RuleText block_rule(Random& random, const std::string& name, const Unit& unit);

// Mostly plain steps, with blocks behind `no`.
RuleText guard_block_rule(Random& random, const std::string& name, const Unit& unit);

}  // namespace sequitur::differential
