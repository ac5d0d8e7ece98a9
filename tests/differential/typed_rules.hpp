// Random rules about decimals, addresses and lists, with keys that are lists, computed severity and messages.
#pragma once

#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

RuleText typed_rule(Random& random, const std::string& name, const Unit& unit);

}  // namespace sequitur::differential
