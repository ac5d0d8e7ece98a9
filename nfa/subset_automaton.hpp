// The automaton of a rule that forks, made deterministic: where conditions look at nothing but the event, all branches that
// have taken the same events can be followed at once. A state here is the set of those branches; an event leads from it to
// one state for each stage that may take it, and to one for having passed it over.
//
// So different ways to one match never count twice, and a match is exactly one path. This is the determinisation of complex
// event automata (Bucchi, Grez, Quintana, Riveros, Vansummeren, "CORE", PVLDB 15(9), 2022), with stages for marks. The whole
// table is made at compile time and bounded: what would be larger is stepped run by run.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nfa/automaton.hpp"

namespace sequitur::nfa {

struct SubsetTake {
  std::uint16_t stage = 0;
  std::int16_t to = -1;  // -1: nothing goes on.
  bool match = false;    // Complete with this event.
};

struct SubsetMove {
  std::int16_t passed_over = -1;  // Where branches are that did not take it; -1: there are none.
  std::vector<SubsetTake> takes;  // By stage.
};

class SubsetAutomaton {
 public:
  // Null: the rule is not one of these, or too large.
  static std::unique_ptr<const SubsetAutomaton> make(const Automaton& automaton);

  // Of the event's bits those that matter, as a small number.
  std::uint32_t symbol(Bits bits) const {
    std::uint32_t symbol = 0;
    for (std::size_t i = 0; i < relevant_.size(); ++i)
      if ((bits & relevant_[i]) != 0) symbol |= 1u << i;
    return symbol;
  }
  const SubsetMove& move(std::int16_t state, std::uint32_t symbol) const {
    return moves_[(static_cast<std::size_t>(state) << relevant_.size()) + symbol];
  }
  // A match begins.
  const SubsetMove& begin(std::uint32_t symbol) const { return move(0, symbol); }
  std::size_t states() const { return stages_.size(); }
  // That took the latest event; of state 0: none.
  std::uint16_t stage_of(std::int16_t state) const { return stages_[static_cast<std::size_t>(state)]; }

 private:
  friend class SubsetBuilder;
  std::vector<Bits> relevant_;
  std::vector<std::uint16_t> stages_;
  std::vector<SubsetMove> moves_;
};

}  // namespace sequitur::nfa
