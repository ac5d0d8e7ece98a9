// One event at one run: who takes it, what it breaks, what passing it over means.
#include <algorithm>

#include "engine/kept_event.hpp"
#include "engine/key_hash.hpp"
#include "engine/shard.hpp"

namespace sequitur {

const nfa::EvaluationContext& Shard::context(const RuleState& rule, const Run* run, const Event* candidate) {
  context_.candidate = candidate;
  if (context_run_ == run && run != nullptr) return context_;
  context_run_ = run;
  const std::uint32_t stages = rule.layout.stages;
  context_.stage_count = stages;
  if (run == nullptr) {
    std::fill_n(stage_events_.begin(), stages, nfa::StageEvents{});
    context_.previous = nullptr;
    return context_;
  }
  if (rule.layout.nodes > 0) {
    gather(rule, *run, -1, nullptr);
    return context_;
  }
  const Event* const* events = rule.layout.events(*run);
  const int current = rule.automaton->states[run->state].stage;
  std::uint32_t begin = 0;
  for (std::uint32_t stage = 0; stage < stages; ++stage) {
    const std::uint32_t end = static_cast<int>(stage) <= current ? rule.layout.stage_end(*run, static_cast<int>(stage)) : run->event_count;
    stage_events_[stage] = {events + begin, end - begin};
    begin = end;
  }
  context_.previous = run->event_count > 0 ? events[run->event_count - 1] : nullptr;
  return context_;
}

bool Shard::holds(const RuleState& rule, const Run* run, const nfa::Test& test, const Input& input) {
  if ((input.bits & test.bit) == 0) return false;
  return !test.run_part || test.run_part.holds(context(rule, run, input.event));
}

bool Shard::fits(const RuleState& rule, const Run& run, const nfa::State& state, int way, const Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::StageCode& stage = automaton.stages[static_cast<std::size_t>(way)];
  const std::int64_t time = input.event->time;
  const Event* const* events = rule.layout.events(run);
  // Otherwise a run past its `within` has timed out before.
  if (state.check_within && time > later(events[0]->time, automaton.within)) return false;
  const bool contiguous = (run.flags & Run::kContiguous) != 0;
  if (way == state.stage) {
    if (stage.strict && !contiguous) return false;
    if (stage.gap_limit >= 0 && time > later(events[run.event_count - 1]->time, stage.gap_limit)) return false;
  } else {
    if (stage.next && !contiguous) return false;
    for (int gap = state.stage + 1; gap <= way; ++gap)
      if (!silences_over(rule, run, automaton.stages[static_cast<std::size_t>(gap)].gap, time)) return false;
  }
  if (!stage.limits.empty() && !limits_allow(rule, run, state, way, time)) return false;
  if (stage.test.run_part && !holds(rule, &run, stage.test, input)) return false;
  return stage.until.bit == 0 || !holds(rule, &run, stage.until, input);
}

int Shard::find_taker(const RuleState& rule, const Run& run, const nfa::State& state, const Input& input) {
  for (const int way : state.ways)
    if ((input.bits & rule.automaton->stages[static_cast<std::size_t>(way)].test.bit) != 0 && fits(rule, run, state, way, input))
      return way;
  return -1;
}

int Shard::find_breaker_in(const RuleState& rule, const Run& run, const nfa::GapCode& gap, const Input& input, int first_no_next) {
  const auto fits = [&](const nfa::GuardCode& guard) {
    return guard.block < 0 ? holds(rule, &run, guard.test, input) : comes_about(rule, run, guard.block, input);
  };
  for (const nfa::GuardCode& guard : gap.guards)
    if (fits(guard)) return guard.id;
  for (std::size_t i = 0; i < gap.no_next.size(); ++i) {
    const bool fresh = (run.fresh >> (static_cast<std::size_t>(first_no_next) + i) & 1) != 0;
    if (fresh && holds(rule, &run, gap.no_next[i].guard.test, input)) return gap.no_next[i].guard.id;
  }
  const std::int64_t latest = latest_time(rule, run);
  for (const nfa::SilenceCode& silence : gap.silences) {
    if ((input.bits & silence.guard.test.bit) == 0) continue;
    std::int64_t start = silence.anchor.stage < 0 ? latest : anchor_time(rule, run, silence.anchor, static_cast<int>(rule.layout.stages));
    if (start >= kFarTime - 1) start = latest;
    if (input.event->time < later(start, silence.duration) && fits(silence.guard)) return silence.guard.id;
  }
  return -1;
}

// The id of the guard that the event fits, among those that watch now; -1.
int Shard::find_breaker(const RuleState& rule, const Run& run, const nfa::State& state, int taker, const Input& input) {
  if (taker == state.stage || (input.bits & state.guard_bits) == 0) return -1;  // What a loop takes is in no gap behind it.
  const nfa::Automaton& automaton = *rule.automaton;
  const int last = taker > state.stage ? taker : state.watch_end;
  int no_next = 0;
  for (int gap = 0; gap <= last; ++gap) {
    const bool behind_last = gap == static_cast<int>(automaton.stages.size());
    const nfa::GapCode& code = behind_last ? automaton.closing : automaton.stages[static_cast<std::size_t>(gap)].gap;
    if (gap > state.stage && !code.empty()) {
      const int guard = find_breaker_in(rule, run, code, input, no_next);
      if (guard >= 0) return guard;
    }
    no_next += static_cast<int>(code.no_next.size());
  }
  return -1;
}

// The shard's copy of the event, from now on the one that all its rules share.
const Event* Shard::keep_next(const Event& event) {
  if (kept_event_ != nullptr) release(pool_, kept_event_);
  kept_event_ = keep(pool_, event, shapes_[event.stream]);
  kept_sequence_ = event.sequence;
  return kept_event_;
}

void Shard::append_event(const RuleState& rule, Run& run, const Event* event) {
  if (run.event_count == run.capacity) {
    const std::uint32_t capacity = run.capacity * 2;
    auto** larger = static_cast<const Event**>(pool_.allocate(rule.layout.piece_bytes(capacity)));
    const Event** events = rule.layout.events(run);
    std::copy_n(events, run.event_count, larger);
    if (rule.layout.nodes > 0) std::copy_n(rule.layout.tags(run), run.event_count, reinterpret_cast<std::uint16_t*>(larger + capacity));
    if (run.capacity > rule.layout.inline_events) pool_.deallocate(events, rule.layout.piece_bytes(run.capacity));
    run.capacity = capacity;
    rule.layout.outside(run) = larger;
  }
  rule.layout.events(run)[run.event_count++] = event;
  retain(event);
}

void Shard::take(RuleState& rule, Run& run, int stage, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  if (run.event_count >= options_.max_run_events) {
    ++rule.counters.runs_overfull;
    run.flags |= Run::kEnded;
    return;
  }
  const int current = run.event_count == 0 ? -1 : automaton.states[run.state].stage;
  for (int passed = current + 1; passed < stage; ++passed) rule.layout.set_stage_end(run, passed, run.event_count);
  append_event(rule, run, kept(input));
  rule.layout.set_stage_end(run, stage, run.event_count);
  run.count = stage == current ? run.count + 1 : 1;

  const nfa::StageCode& code = automaton.stages[static_cast<std::size_t>(stage)];
  const nfa::Phase phase = run.count < code.min ? nfa::Phase::kFilling : run.count < code.max ? nfa::Phase::kOpen : nfa::Phase::kDone;
  run.state = static_cast<std::uint16_t>(3 * stage + static_cast<int>(phase));
  run.flags = Run::kContiguous | (run.flags & Run::kStartMatched);  // No longer covered: it has an event of its own now.
  run.fresh = 0xFF;
  context_run_ = nullptr;
  settle(rule, run, input.event->time);
}

// After a change of state: is the run complete, and if not, when does time change it?
void Shard::settle(RuleState& rule, Run& run, std::int64_t now) {
  const nfa::State& state = rule.automaton->states[run.state];
  if (state.satisfied) {
    const bool on_event = rule.automaton->closes == nfa::Closing::kOnEvent;
    if (on_event ? state.reports : silence_end(rule, run) <= now) {
      complete(rule, run, now);
      return;
    }
  }
  schedule_run(rule, run, now);
}

void Shard::schedule_run(const RuleState& rule, Run& run, std::int64_t now) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::State& state = automaton.states[run.state];
  // Where only `within` counts, it was known when the run began.
  const bool known = automaton.only_within && run.event_count > 1 && phase_of(run.due) == MomentPhase::kLimit;
  const bool silence = state.satisfied && automaton.closes == nfa::Closing::kSilence;
  if (known && !silence) return;
  run.due = due_of(rule, run);
  // A limit that was open until now may have passed before: the run ends behind the events of this instant.
  if (run.due < moment(now, MomentPhase::kGap)) run.due = moment(now, MomentPhase::kLimit);
}

// An event that the run does not take and that does not break it.
void Shard::pass_over(RuleState& rule, Run& run, const Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::State& state = automaton.states[run.state];
  const nfa::StageCode& stage = automaton.stages[static_cast<std::size_t>(state.stage)];
  bool closes = false;
  bool ends = false;
  const auto close = [&] { (state.phase == nfa::Phase::kFilling ? ends : closes) = true; };
  const bool in_progress = state.phase != nfa::Phase::kDone;
  if (in_progress && stage.until.bit != 0 && holds(rule, &run, stage.until, input)) close();

  if (state.all_events) {
    const StreamId stream = input.event->stream;
    const bool of_steps = automaton.key_ways.empty() ? automaton.step_streams[stream] : (input.bits & automaton.step_presence) != 0;
    if (of_steps) {
      run.flags &= static_cast<std::uint8_t>(~Run::kContiguous);
      run.fresh = 0;
      if (in_progress && stage.strict) close();
    } else {
      int number = 0;
      for (const nfa::StageCode& other : automaton.stages)
        for (const nfa::NoNextCode& no_next : other.gap.no_next) {
          if (automaton.key_ways.empty() ? std::find(no_next.streams.begin(), no_next.streams.end(), stream) != no_next.streams.end()
                                         : (input.bits & no_next.presence) != 0)
            run.fresh &= static_cast<std::uint8_t>(~(1u << number));
          ++number;
        }
    }
  }
  if (ends) {
    run.flags |= Run::kEnded;
    return;
  }
  if (closes) close_loop(rule, run, input.event->time);
  if ((run.flags & Run::kComplete) == 0 && no_way_left(rule, run)) run.flags |= Run::kEnded;
}

// The loop in progress takes no more.
void Shard::close_loop(RuleState& rule, Run& run, std::int64_t now) {
  const nfa::Automaton& automaton = *rule.automaton;
  const int stage = automaton.states[run.state].stage;
  run.state = static_cast<std::uint16_t>(3 * stage + static_cast<int>(nfa::Phase::kDone));
  const nfa::State& state = automaton.states[run.state];
  // With `every length` it has been reported at its latest event.
  if (!state.reports || !automaton.stages[static_cast<std::size_t>(stage)].every_length)
    settle(rule, run, now);
  else if (state.ways.empty())
    run.flags |= Run::kEnded;
  else
    schedule_run(rule, run, now);
}

// Every way left needs the event right behind the latest one taken, and that has passed.
bool Shard::no_way_left(const RuleState& rule, const Run& run) const {
  const nfa::State& state = rule.automaton->states[run.state];
  if (state.phase != nfa::Phase::kDone) return false;
  if (state.satisfied && rule.automaton->closes == nfa::Closing::kSilence) return false;
  if (state.ways.empty()) return true;  // A branch that has left out the last step.
  if ((run.flags & Run::kContiguous) != 0) return false;
  return std::all_of(state.ways.begin(), state.ways.end(),
                     [&](int way) { return rule.automaton->stages[static_cast<std::size_t>(way)].next; });
}

bool Shard::break_run(Run& run, int guard) {
  run.flags |= Run::kBroken;
  breaks_.push_back({&run, guard});
  return true;
}

// Returns whether the run changed.
bool Shard::step(RuleState& rule, Run& run, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::State& state = automaton.states[run.state];
  if ((input.bits & state.interest) == 0) return false;
  ++rule.counters.runs_tried;
  if ((input.bits & automaton.cancel_bits) != 0) {
    for (const nfa::GuardCode& cancel : automaton.cancels) {
      if (!holds(rule, &run, cancel.test, input)) continue;
      if (!is_alone(rule, run)) return break_run(run, cancel.id);
      end_alone(run);
      return true;
    }
  }
  if (automaton.blocks != nullptr) {
    step_block(rule, run, input, false);
    return true;
  }
  if (automaton.forks) {
    step_forks(rule, run, input, false);
    return true;
  }
  const int taker = find_taker(rule, run, state, input);
  const int guard = find_breaker(rule, run, state, taker, input);
  if (guard >= 0) return break_run(run, guard);
  if (taker >= 0) {
    take(rule, run, taker, input);
    return true;
  }
  const Run before = run;
  pass_over(rule, run, input);
  return before.state != run.state || before.flags != run.flags || before.due != run.due;
}

// The hash of the value that the run waits for; kAnything when it waits for something else as well.
KeyRuns::Awaited Shard::awaited_by(const RuleState& rule, const Run& run) {
  const nfa::State& state = rule.automaton->states[run.state];
  if (state.awaiting < 0 || (run.flags & Run::kOutcome) != 0) return KeyRuns::kAnything;
  const nfa::AwaitedCode& awaited = rule.automaton->stages[static_cast<std::size_t>(state.awaiting)].awaited;
  context_run_ = nullptr;
  const Slot value = awaited.bound.evaluate(context(rule, &run, nullptr));
  context_run_ = nullptr;
  return KeyRuns::awaited_hash(hash_value(value, awaited.bound.type()));
}

// What the event offers to waiting runs: one hash for each stage that it might be taken by, and "anything".
void Shard::offered_values(const RuleState& rule, const Input& input) {
  awaited_.clear();
  if (!rule.always_awaits) awaited_.push_back(KeyRuns::kAnything);
  for (const nfa::StageCode& stage : rule.automaton->stages) {
    if (!stage.awaited.bound || (input.bits & stage.test.bit) == 0) continue;
    const Slot value = stage.awaited.offered.evaluate(context(rule, nullptr, input.event));
    if (!value.is_null(stage.awaited.offered.type()))
      awaited_.push_back(KeyRuns::awaited_hash(hash_value(value, stage.awaited.offered.type())));
  }
  std::sort(awaited_.begin(), awaited_.end());
  awaited_.erase(std::unique(awaited_.begin(), awaited_.end()), awaited_.end());
}

void Shard::begin_run(RuleState& rule, std::uint32_t index, Input& input, std::int64_t past_begins) {
  const nfa::Automaton& automaton = *rule.automaton;
  // The event may be the change that makes the row.
  const nfa::AsOf here = context_.as_of;
  if (!is_watched(rule, keys_[index], {here.time, here.place + 1})) return;
  if (automaton.blocks != nullptr) return begin_block_run(rule, index, input, past_begins);
  bool begun = false;
  const std::uint64_t unknown = rule.counters.unknown_past;
  for (const int opening : automaton.opening) {
    const nfa::StageCode& code = automaton.stages[static_cast<std::size_t>(opening)];
    if (!holds(rule, nullptr, code.test, input)) continue;
    if (code.until.bit != 0 && holds(rule, nullptr, code.until, input)) continue;
    begun = begin_run_at(rule, index, opening, input, past_begins, begun) || begun;
    // Left out though its event came, the stages behind it may begin a run as well.
    if (!code.optional || !code.every_length) break;
  }
  rule.counters.unknown_past = std::min(rule.counters.unknown_past, unknown + 1);  // One event, however many ways it has.
}

// `another`: the event has begun a run already.
bool Shard::begin_run_at(RuleState& rule, std::uint32_t index, int opening, Input& input, std::int64_t past_begins, bool another) {
  const nfa::Automaton& automaton = *rule.automaton;
  if (!automaton.look_back.empty() && !past_is_silent(rule, index, opening, input, past_begins)) return false;
  KeyRuns& key = keys_[index];
  if (key.run_count >= options_.max_runs) {
    ++rule.counters.runs_refused;
    return false;
  }
  Run* run = create_run(rule);
  stepping_ = key.run_count;
  take(rule, *run, opening, input);
  append_run(key, run);
  touched_.push_back(key.run_count - 1);
  note_change(key, rule, key.run_count - 1);
  rule.counters.runs_begun += another ? 0 : 1;
  if (!automaton.latest || opening != 0) return true;
  for (std::uint32_t i = 0; i + 1 < key.run_count; ++i) {
    Run& older = *key.runs()[i];
    const nfa::State& state = automaton.states[older.state];
    const bool waits = state.stage == 0 && state.phase != nfa::Phase::kFilling && (older.flags & Run::kOutcome) == 0;
    if (!waits || rule.layout.events(older)[older.event_count - 1] == input.kept) continue;
    older.flags |= Run::kEnded;
    touched_.push_back(i);
  }
  return true;
}

}  // namespace sequitur
