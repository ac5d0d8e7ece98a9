#include "nfa/chain.hpp"

#include <algorithm>

namespace sequitur::nfa {
namespace {

constexpr std::size_t kMaxSteps = 63;  // The steps that an event fits are one word.

bool is_link(const Automaton& automaton, std::size_t index) {
  const StageCode& stage = automaton.stages[index];
  const auto from_step_before = [&](const LimitCode& limit) {
    return limit.at_most && (limit.anchor.stage < 0 || limit.anchor.stage + 1 == static_cast<int>(index));
  };
  return stage.max == 1 && !stage.optional && !stage.next && !stage.test.run_part && stage.until.bit == 0 && stage.gap_limit < 0 &&
         stage.gap.no_next.empty() && stage.gap.silences.empty() &&
         std::all_of(stage.gap.guards.begin(), stage.gap.guards.end(), is_event_only) &&
         std::all_of(stage.limits.begin(), stage.limits.end(), from_step_before) && (index > 0 || stage.limits.empty());
}

// What a match ends, in terms of starts. Under `consume` runs of other starts end when all their events belong to the match;
// there are none if only a start is of the first step's streams. Under `skip to` the first step forks of one start go on.
bool ends_starts(const Automaton& automaton) {
  switch (automaton.on_match) {
    case dsl::OnMatch::kConsume: return automaton.exclusive_starts;
    case dsl::OnMatch::kSkipToFirst:
    case dsl::OnMatch::kSkipToLast: return automaton.skip_stage > 0;
    default: return true;
  }
}

}  // namespace

bool is_chain(const Automaton& automaton) {
  const std::size_t steps = automaton.stages.size();
  if (steps < 2 || steps > kMaxSteps || automaton.routed_apart) return false;
  for (std::size_t i = 0; i < steps; ++i)
    if (!is_link(automaton, i)) return false;
  return automaton.closes == Closing::kOnEvent && automaton.closing.empty() && !automaton.has_timeout && !automaton.has_break &&
         automaton.look_back.empty() && std::all_of(automaton.cancels.begin(), automaton.cancels.end(), is_event_only) &&
         ends_starts(automaton);
}

bool is_counted_chain(const Automaton& automaton) {
  if (!automaton.emit.count || automaton.latest || !is_chain(automaton)) return false;
  return std::all_of(automaton.stages.begin() + 1, automaton.stages.end(),
                     [](const StageCode& stage) { return stage.each && stage.limits.empty() && stage.gap.empty(); });
}

Chain::Chain(const Automaton& automaton) : every_bit(automaton.cancel_bits) {
  for (const StageCode& stage : automaton.stages) {
    ChainStep step;
    step.bit = stage.test.bit;
    step.forks = stage.each;
    for (const GuardCode& guard : stage.gap.guards) step.guard_bits |= guard.test.bit;
    for (const LimitCode& limit : stage.limits) step.at_most = step.at_most < 0 ? limit.duration : std::min(step.at_most, limit.duration);
    step.any_bits = step.bit | step.guard_bits;
    every_bit |= step.any_bits;
    steps.push_back(step);
  }
  for (std::size_t step = 0; step < std::min(steps.size(), kMaxSteps); ++step)
    for (std::size_t bit = 0; bit < steps_of_bit.size(); ++bit)
      if ((steps[step].bit >> bit & 1) != 0) steps_of_bit[bit] |= std::uint64_t{1} << step;
}

}  // namespace sequitur::nfa
