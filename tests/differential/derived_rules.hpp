// Random rules over what random rules emit.
#pragma once

#include <vector>

#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

// Some rules that emit E0, E1, .. and take, besides A to D, those with smaller numbers: of most of them the checker accepts
// each behind those before it.
std::vector<RuleText> derived_rules(Random& random, const Unit& unit);

}  // namespace sequitur::differential
