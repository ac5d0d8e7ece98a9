// What stepping cohorts (engine/cohorts.hpp) asks of the automaton for every event, side by side.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "engine/moment.hpp"
#include "nfa/automaton.hpp"

namespace sequitur {

struct CohortPlan {
  CohortPlan() = default;
  explicit CohortPlan(const nfa::Automaton& automaton)
      : opening(automaton.opening_bits),
        cancel(automaton.cancel_bits),
        limit_per_event(automaton.limit_per_event),
        one_only(automaton.on_match != dsl::OnMatch::kKeep),
        past_last(automaton.on_match == dsl::OnMatch::kSkipPastLast),
        latest(automaton.latest) {
    if (automaton.within >= 0) within = std::min(automaton.within, kFarTime);
    if (automaton.closes == nfa::Closing::kSilence) silence = automaton.closing.silences[0].duration;
    for (std::size_t stage = 0; stage < automaton.stages.size(); ++stage) {
      const nfa::State& done = automaton.states[3 * stage + static_cast<std::size_t>(nfa::Phase::kDone)];
      if (stage + 1 < automaton.stages.size())
        stages.push_back({done.guard_bits, automaton.stages[stage + 1].test.bit});
      else if (silence >= 0)
        stages.push_back({done.guard_bits, 0});
    }
    for (const Stage& stage : stages) steps |= stage.guard | stage.next;
    ends_in_turn = silence < 0 || stages.size() == 1;
    if (expires()) expiry_unit = std::max(static_cast<int>(std::bit_width(static_cast<std::uint64_t>(within))) - 11, 0);
    if (automaton.stages[0].max == 1) return;
    loop_min = automaton.stages[0].min;
    loop_first = automaton.stages[0].greedy;
    filling_guard = automaton.states[static_cast<std::size_t>(nfa::Phase::kFilling)].guard_bits;
    stages[0].guard = automaton.states[static_cast<std::size_t>(nfa::Phase::kOpen)].guard_bits;
  }

  static constexpr std::int64_t kForEver = 2 * kFarTime;
  bool expires() const { return within < kForEver; }
  // Starts before that have expired at `time`.
  std::int64_t alive_from(std::int64_t time) const { return clamp_time(time) - within; }

  struct Stage {
    nfa::Bits guard;  // Ends the runs that have taken it last,
    nfa::Bits next;   // takes them on.
  };
  std::vector<Stage> stages;                     // All but the last, which completes; with it where a silence does.
  nfa::Bits opening = 0, cancel = 0, steps = 0;  // Steps: those of all stages.
  std::int64_t within = kForEver;
  std::int64_t silence = -1;  // Behind the last step's event, after which a run is complete. -1: it is complete with that event.
  bool ends_in_turn = true;   // Time ends runs in the order in which they began.
  int expiry_unit = 0;        // Runs of many keys are cleared away in common, every 2^unit microseconds: at least 1,024 times in `within`:
                              // what is freed is then still in the cache when it is used again.
  std::uint64_t limit_per_event = 0;
  bool one_only = false, past_last = false, latest = false;
  std::uint32_t loop_min = 0;   // Of the opening step, if it is a loop; else 0.
  bool loop_first = false;      // It takes what both steps could take.
  nfa::Bits filling_guard = 0;  // Ends the runs that have not enough for it yet.
};

}  // namespace sequitur
