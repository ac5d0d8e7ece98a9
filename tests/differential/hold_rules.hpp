// Random rules with `hold`: by itself, behind and in front of steps, in blocks, with `on clear`.
#pragma once

#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

RuleText hold_rule(Random& random, const std::string& name, const Unit& unit);

}  // namespace sequitur::differential
