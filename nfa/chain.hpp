// Rules whose partial matches can be shared (engine/stacks.hpp): what of their automaton the stacks need.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "nfa/automaton.hpp"

namespace sequitur::nfa {

// The guard asks nothing of the run.
inline bool is_event_only(const GuardCode& guard) { return !guard.test.run_part; }

struct ChainStep {
  Bits bit = 0;               // The events that it takes.
  Bits guard_bits = 0;        // Those that end the runs that wait for it.
  Bits any_bits = 0;          // Both.
  bool forks = false;         // `each`: what it follows can be followed again.
  std::int64_t at_most = -1;  // Behind the event of the step before; -1: whenever.
};

struct Chain {
  std::vector<ChainStep> steps;
  Bits every_bit = 0;                            // Of all that does something.
  std::array<std::uint64_t, 64> steps_of_bit{};  // Bit j: events with the bit may be of step j.
  explicit Chain(const Automaton& automaton);
};

// Every step takes one event and asks nothing of the run; nothing limits a run but `within` and limits from one step to the
// next; nothing is said of runs that end without a match; and what a match ends can be said of starts.
bool is_chain(const Automaton& automaton);
// `emit count` over a chain in which every later step is `each` and nothing but `within` and `cancel` ends a run.
bool is_counted_chain(const Automaton& automaton);

}  // namespace sequitur::nfa
