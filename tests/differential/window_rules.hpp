// Random rules with a window.
#pragma once

#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

RuleText random_window_rule(Random& random, const std::string& name, const Unit& unit);

// A condition on the key's past, for the steps of other rules: "x > avg(A.x over 5s)".
std::string past_condition(Random& random, const Unit& unit);

}  // namespace sequitur::differential
