// Rules that fork: with `each`, `skipping` and `every length` one event can do several things to a run, each of them to a
// copy of its own.
//
// A fork is a copy of the run, so its cost is the run's length, and their number is bounded by EngineOptions::max_runs. What a
// branch has decided is in its state (nfa::State::leave_to, wait_to). While an event is at work the copies stand in forks_;
// merge_forks() puts them behind their parents, so that the runs of a key still stand in the order of their start.
// The covering tests are the differential ones (tests/differential/fork_rules.cpp); tests/reference/run.cpp says the same in
// the plainest code.
#include <algorithm>
#include <cstring>

#include "engine/kept_event.hpp"
#include "engine/shard.hpp"

namespace sequitur {

// A copy of the run, or null when the key has no room for it. `lives`: it is no match, which is gone with this event.
Run* Shard::fork(RuleState& rule, const Run& run, bool lives) {
  if (lives && stepping_key_->run_count + forks_living_ >= options_.max_runs) {
    ++rule.counters.runs_refused;
    return nullptr;
  }
  Run* copy = copy_run(rule, run);
  forks_.push_back({stepping_, copy});
  if (lives) ++forks_living_;
  return copy;
}

Run* Shard::copy_run(const RuleState& rule, const Run& run) {
  auto* copy = static_cast<Run*>(pool_.allocate(rule.layout.size));
  std::memcpy(static_cast<void*>(copy), &run, rule.layout.size);
  const Event* const* events = rule.layout.events(run);
  if (run.capacity > rule.layout.inline_events) {
    const std::size_t bytes = rule.layout.piece_bytes(run.capacity);
    auto** outside = static_cast<const Event**>(pool_.allocate(bytes));
    std::memcpy(static_cast<void*>(outside), events, bytes);
    rule.layout.outside(*copy) = outside;
  }
  for (std::uint32_t i = 0; i < run.event_count; ++i) retain(events[i]);
  if (!rule.guard_blocks.empty()) copy_list(rule, run, *copy);
  ++live_runs_;
  return copy;
}

// The run is complete. Where it could take more it goes on, and a copy of it is the match.
void Shard::complete(RuleState& rule, Run& run, std::int64_t now) {
  const nfa::Automaton& automaton = *rule.automaton;
  const bool over = automaton.blocks != nullptr ? !block_waits(rule, run) : automaton.states[run.state].ways.empty();
  if (automaton.closes == nfa::Closing::kSilence || over) {
    run.flags |= Run::kComplete;
    return;
  }
  fork(rule, run, false)->flags |= Run::kComplete;
  schedule_run(rule, run, now);
}

void Shard::pass_over_or_break(RuleState& rule, Run& run, const Input& input) {
  const int guard = find_breaker(rule, run, rule.automaton->states[run.state], -1, input);
  if (guard >= 0)
    break_run(run, guard);
  else
    pass_over(rule, run, input);
}

// All that the run can do on the event. `decided`: it has just left a loop or a stage, so its deadlines have changed.
void Shard::step_forks(RuleState& rule, Run& run, Input& input, bool decided) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::State& state = automaton.states[run.state];
  const nfa::StageCode& stage = automaton.stages[static_cast<std::size_t>(state.stage)];
  // A loop of every length takes the event, or it was left before.
  const bool in_loop = state.phase == nfa::Phase::kOpen && stage.every_length && (input.bits & stage.test.bit) != 0;
  if (in_loop && fits(rule, run, state, state.stage, input)) {
    if (Run* stays = fork(rule, run, true); stays != nullptr) take(rule, *stays, state.stage, input);
    if (stage.skipping)
      if (Run* passes = fork(rule, run, true); passes != nullptr) pass_over_or_break(rule, *passes, input);
    run.state = static_cast<std::uint16_t>(3 * state.stage + static_cast<int>(nfa::Phase::kDone));
    // Leaving and not taking it is less than passing it over in the loop.
    if (stage.skipping && find_taker(rule, run, automaton.states[run.state], input) < 0)
      run.flags |= Run::kEnded;
    else
      step_forks(rule, run, input, true);
    return;
  }

  const int taker = find_taker(rule, run, state, input);
  if (taker < 0) {
    if (decided) schedule_run(rule, run, input.event->time);
    pass_over_or_break(rule, run, input);
    return;
  }
  if (taker == state.stage) {
    if (stage.skipping)
      if (Run* passes = fork(rule, run, true); passes != nullptr) pass_over_or_break(rule, *passes, input);
  } else {
    const auto way = static_cast<std::size_t>(std::find(state.ways.begin(), state.ways.end(), taker) - state.ways.begin());
    if (state.wait_to[way] != nfa::kNoState) {
      if (Run* waits = fork(rule, run, true); waits != nullptr) {
        waits->state = state.wait_to[way];
        schedule_run(rule, *waits, input.event->time);
        pass_over_or_break(rule, *waits, input);
      }
    }
    if (state.leave_to[way] != nfa::kNoState) {
      if (Run* leaves = fork(rule, run, true); leaves != nullptr) {
        leaves->state = state.leave_to[way];
        step_forks(rule, *leaves, input, true);
      }
    }
    const int guard = find_breaker(rule, run, state, taker, input);
    if (guard >= 0) {
      break_run(run, guard);
      return;
    }
  }
  take(rule, run, taker, input);
}

// Puts the copies made by an event behind the runs that they were made from.
void Shard::merge_forks(KeyRuns& key, RuleState& rule) {
  if (forks_.empty()) return;
  // Runs are not always tried in their order.
  std::stable_sort(forks_.begin(), forks_.end(), [](const Fork& a, const Fork& b) { return a.parent < b.parent; });
  const std::uint32_t before = key.run_count;
  for (const Fork& fork : forks_) append_run(key, fork.run);
  const auto forks_of_earlier = [&](std::uint32_t position) {
    const auto end = std::partition_point(forks_.begin(), forks_.end(), [&](const Fork& fork) { return fork.parent < position; });
    return static_cast<std::uint32_t>(end - forks_.begin());
  };
  for (std::uint32_t& position : touched_) position += forks_of_earlier(position);

  // From behind: each goes to a place that nothing needs any more.
  std::uint32_t to = key.run_count;
  std::uint32_t from = before;
  for (std::size_t i = forks_.size(); i-- > 0;) {
    while (from > forks_[i].parent + 1) {
      --from;
      --to;
      key.runs()[to] = key.runs()[from];
      key.dues()[to] = key.dues()[from];
      key.awaited()[to] = key.awaited()[from];
    }
    key.runs()[--to] = forks_[i].run;
    touched_.push_back(to);
  }
  for (std::size_t i = touched_.size() - forks_.size(); i < touched_.size(); ++i) note_change(key, rule, touched_[i]);
  forks_.clear();
  forks_living_ = 0;
}

// Puts the runs in touched_ that have an outcome in the order of alerts: by start; on an event breaks before matches; then
// step by step, the longer first, then earlier events.
void Shard::sort_outcomes(KeyRuns& key, const RuleState& rule, bool on_event) {
  Run** runs = key.runs();
  std::erase_if(touched_, [&](std::uint32_t position) { return (runs[position]->flags & Run::kOutcome) == 0; });
  std::stable_sort(touched_.begin(), touched_.end(), [&](std::uint32_t left, std::uint32_t right) {
    const Run& a = *runs[left];
    const Run& b = *runs[right];
    const std::uint64_t start_a = start_of(rule, a)->sequence;
    const std::uint64_t start_b = start_of(rule, b)->sequence;
    if (start_a != start_b) return start_a < start_b;
    const bool broken_a = (a.flags & Run::kBroken) != 0;
    const bool broken_b = (b.flags & Run::kBroken) != 0;
    if (on_event && broken_a != broken_b) return broken_a;
    return compare_evidence(rule, a, b) < 0;
  });
}

// Less than 0: the first comes before the other; 0: they have the same events.
int Shard::compare_evidence(const RuleState& rule, const Run& a, const Run& b) const {
  const RunLayout& layout = rule.layout;
  const Event* const* events_a = layout.events(a);
  const Event* const* events_b = layout.events(b);
  if (layout.nodes > 0) return compare_block_evidence(rule, a, b);
  const auto taken = [&](const Run& run, int stage) {
    if (stage > rule.automaton->states[run.state].stage) return std::pair(run.event_count, run.event_count);
    return std::pair(layout.stage_begin(run, stage), layout.stage_end(run, stage));
  };
  for (int stage = 0; stage < static_cast<int>(layout.stages); ++stage) {
    const auto [begin_a, end_a] = taken(a, stage);
    const auto [begin_b, end_b] = taken(b, stage);
    if (end_a - begin_a != end_b - begin_b) return end_a - begin_a > end_b - begin_b ? -1 : 1;
    for (std::uint32_t i = 0; i < end_a - begin_a; ++i) {
      const std::uint64_t sequence_a = events_a[begin_a + i]->sequence;
      const std::uint64_t sequence_b = events_b[begin_b + i]->sequence;
      if (sequence_a != sequence_b) return sequence_a < sequence_b ? -1 : 1;
    }
  }
  return 0;
}

}  // namespace sequitur
