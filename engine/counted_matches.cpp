// Rules whose matches are only counted (`emit count` over a chain of steps; engine/chain_counter.hpp). Part of what
// engine/shared_matches.cpp does, but an event that fits a step has so little to do here that the way there counts.
#include <algorithm>
#include <bit>

#include "engine/shard.hpp"

namespace sequitur {

// One that another key has left, so that keys which come and go cost no allocation.
ChainCounter* Shard::new_counter(RuleState& rule) {
  if (rule.spare_counters.empty()) return new ChainCounter(static_cast<std::uint32_t>(rule.chain->steps.size() - 1));
  ChainCounter* counter = rule.spare_counters.back().release();
  rule.spare_counters.pop_back();
  return counter;
}

void Shard::process_counted(const Work& work, RuleState& rule) {
  const nfa::Automaton& automaton = *rule.automaton;
  drafted_ = 0;
  std::uint64_t fits = 0;
  for (nfa::Bits left = work.bits; left != 0; left &= left - 1)
    fits |= rule.chain->steps_of_bit[static_cast<std::size_t>(std::countr_zero(left))];
  Guess found = rule.lone;
  if (!is_lone(rule, work)) {
    found.index = find_or_create_key(work, (fits & 1) != 0);
    if (found.index == KeyTable::kNone) return;
    found.key = &keys_[found.index];
  }
  KeyRuns& key = *found.key;
  if (key.counter == nullptr) key.counter = new_counter(rule);
  ChainCounter& counter = *key.counter;
  if (automaton.within >= 0) counter.drop_before(work.event->time - std::min(automaton.within, kFarTime));
  if ((work.bits & automaton.cancel_bits) != 0) counter.clear();
  const bool was_empty = counter.empty();
  fits &= counter.useful();
  const std::uint64_t completing = std::uint64_t{1} << (rule.chain->steps.size() - 1);
  if ((fits & completing) != 0) {
    Input input{work.event, work.bits};
    report_count(key, rule, counter.complete(), {counter.first_time(), counter.first_sequence()}, input);
    fits ^= completing;
  }
  if (fits != 0) {
    if (counter.size() >= options_.max_shared_events) {
      ++((fits & 1) != 0 ? rule.counters.runs_refused : rule.counters.runs_overfull);
    } else {
      counter.add(work.event->time, work.event->sequence, fits, automaton.within >= 0);
      rule.counters.runs_begun += fits & 1;
    }
  }
  if (was_empty) settle_shared(found.index, rule);  // Else time comes back to it early enough.
}

// `emit count`: one alert for all of them.
void Shard::report_count(const KeyRuns& key, const RuleState& rule, Tally matches, EventPlace first, Input& input) {
  const Event* last = kept(input);
  std::fill_n(stage_events_.begin(), rule.layout.stages, nfa::StageEvents{});
  stage_events_[rule.layout.stages - 1] = {&last, 1};
  context_.match_count = {Slot::of_int(static_cast<std::int64_t>(matches.fits() ? matches.capped : matches.remainder)),
                          Slot::of_bool(!matches.fits())};
  draft(key, rule, {first, last}, AlertKind::kMatch, moment(input.event->time, MomentPhase::kEvent), input.event, -1);
}

}  // namespace sequitur
