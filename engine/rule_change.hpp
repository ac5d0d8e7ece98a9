// Which rules of two rule sets are the same, so that their state can go from an engine's old rules to its new ones.
//
// State is by number of rule, state of an automaton, stream and slot. An automaton follows from its checked rule, so a rule
// that prints the same over streams with the same fields has the same automaton, and only the numbers of rules and streams
// change: StateMap. What other rules make of a rule's alerts (`feeds rules`) is not part of what it says.
#pragma once

#include <string>

#include "engine/state_scope.hpp"
#include "sequitur/engine.hpp"

namespace sequitur {

struct RuleMove {
  StateMap map;
  std::vector<bool> begins;  // By number of rule in the new set: it has no state yet.
  RuleChange change;
};

RuleMove compare(const RuleSet& from, const RuleSet& to);

}  // namespace sequitur
