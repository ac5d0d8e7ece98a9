// The inside of a RuleSet: what the engine evaluates and what `explain` prints.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "nfa/automaton.hpp"
#include "nfa/predicate_set.hpp"
#include "sequitur/rule_set.hpp"

namespace sequitur {

struct RuleSet::Impl {
  dsl::CheckedFiles files;
  std::vector<RuleInfo> rules;                                  // Without disabled rules.
  std::vector<std::shared_ptr<const nfa::Automaton>> automata;  // Parallel to `rules`.
  std::shared_ptr<const nfa::PredicateSet> predicates;

  // Alerts of this kind are events again, for other rules.
  struct Feed {
    AlertKind kind;
    StreamId stream;
    std::vector<SlotIndex> slots;  // Of the alert's fields; kTimeSlot: the stream has no such field.
  };
  std::vector<std::vector<Feed>> feeds;    // Parallel to `rules`.
  std::vector<std::uint32_t> generations;  // Parallel to `rules`: dsl::Rule::generation.
  std::uint32_t generation_count = 1;

  // Which rules a predicate concerns, and the bits it switches on there.
  struct Listener {
    std::uint32_t rule;
    nfa::Bits bits;
  };
  std::vector<std::uint32_t> listener_begin;  // Index = predicate id; one more than there are predicates.
  std::vector<Listener> listeners;
  // What an event with these hits is to the rules: each once, in the order in which hits lead to them.
  std::vector<Listener> listening(std::span<const nfa::PredicateId> hits) const;
};

}  // namespace sequitur
