#include "engine/shard.hpp"

#include <algorithm>

#include "engine/fetch_ahead.hpp"
#include "engine/kept_event.hpp"
#include "engine/key_hash.hpp"

namespace sequitur {
namespace {

// A key with fewer runs is not worth asking for awaited values.
constexpr std::uint32_t kFewRuns = 4;
constexpr std::uint32_t kRunBlock = 64;

// Whether runs wait for a value wherever an event concerns them.
bool always_awaits(const nfa::Automaton& automaton) {
  return automaton.blocks == nullptr && std::all_of(automaton.states.begin(), automaton.states.end(), [&](const nfa::State& state) {
           const bool one_event = automaton.stages[static_cast<std::size_t>(state.stage)].max == 1;
           return state.awaiting >= 0 || state.interest == 0 || (one_event && state.phase != nfa::Phase::kDone);
         });
}

}  // namespace

Shard::Shard(const RuleSet::Impl& rules, const EngineOptions& options) : rules_(rules), options_(options) {
  std::size_t parts = 1;
  std::size_t stages = 1;
  for (const auto& automaton : rules.automata) {
    auto state = std::make_unique<RuleState>();
    state->automaton = automaton.get();
    state->layout = RunLayout(*automaton);
    state->digests = IdDigests(*automaton);
    state->plain_key = is_plain(automaton->key);
    state->cohorts = automaton->strategy == nfa::Strategy::kCohorts && !options.general_strategy &&
                     automaton->stages.size() <= std::min<std::size_t>(options.max_run_events, Cohorts::kMostStages);
    if (!state->cohorts && !options.general_strategy && automaton->stages.size() <= options.max_run_events) {
      if (automaton->strategy != nfa::Strategy::kCohorts) state->shared = automaton->strategy;
      const bool chain = state->shared == nfa::Strategy::kStacks || state->shared == nfa::Strategy::kCounts;
      if (chain) state->chain = std::make_unique<const nfa::Chain>(*automaton);
      // What an alert of it says is of nothing but its events, and no other alert can come between those of one event.
      state->lists_later = state->shared == nfa::Strategy::kStacks && automaton->on_match == dsl::OnMatch::kKeep &&
                           !automaton->emit.count && !automaton->emit.internal && automaton->limits.empty() && automaton->past == nullptr &&
                           !automaton->several_keys && !automaton->routed_apart && rules.generation_count == 1;
    }
    if (state->cohorts) state->cohort_plan = CohortPlan(*automaton);
    state->remembers_keys = automaton->has_ticks && !automaton->key.empty();
    make_guard_blocks(*state);
    for (const auto& block : state->guard_blocks) stages = std::max(stages, block->automaton->stages.size());
    state->always_awaits = always_awaits(*automaton);
    state->dues_in_order = automaton->only_within && automaton->closes == nfa::Closing::kOnEvent;
    states_.push_back(std::move(state));
    parts = std::max(parts, automaton->key.size());
    stages = std::max(stages, automaton->stages.size());
  }
  for (const StreamSchema& schema : rules.files.schemas) {
    shapes_.emplace_back(schema);
    stream_digests_.push_back(digest(schema.name));
  }
  key_.resize(parts);
  stage_events_.resize(stages);
  cohort_events_.resize(stages);
  context_.stages = stage_events_.data();
  context_.arena = &scratch_;
  const bool windows =
      std::any_of(rules.automata.begin(), rules.automata.end(), [](const auto& automaton) { return automaton->window || automaton->past; });
  if (windows)
    windows_ = std::make_unique<Windows>(rules, options, WindowOutput{pool_, alerts_, drafts_, evidence_, shapes_, stream_digests_});
}

void Shard::see(nfa::TableView tables, const Numbering* numbering) {
  context_.tables = tables;
  numbering_ = numbering;
  if (windows_) windows_->see(tables, numbering);
}

Shard::~Shard() {
  clear_alerts();
  if (kept_event_ != nullptr) release(pool_, kept_event_);
  // Pieces of more than a pool's class size are allocated one by one: give back what is still live.
  for (auto& state : states_) {
    while (!state->pasts.empty()) drop_past(*state, state->pasts.begin()->first);
  }
  for (std::uint32_t index = 0; index < keys_.size(); ++index) {
    KeyRuns& key = keys_[index];
    if (!key.live) continue;
    RuleState& rule = *states_[key.rule];
    key.has_past = false;
    if (rule.cohorts) destroy_cohorts(key);
    if (rule.shared != nfa::Strategy::kRuns) destroy_shared(key, rule);
    for (std::uint32_t i = 0; i < key.run_count; ++i) destroy_run(rule, key.runs()[i]);
    if (key.is_list()) pool_.deallocate(key.list_memory(), key.list_bytes());
    key.run_count = 0;
    destroy_key(index);
  }
}

void Shard::clear_alerts() {
  for (const Event* event : evidence_) release(pool_, event);
  evidence_.clear();
  reports_used_ = 0;
  drafts_.clear();
  alerts_.clear();
}

Run* Shard::create_run(const RuleState& rule) {
  auto* run = static_cast<Run*>(pool_.allocate(rule.layout.size));
  *run = Run{kNever, 0, 0, 0, 0, 0, rule.layout.inline_events};
  if (rule.layout.list_offset != 0) rule.layout.list(*run) = nullptr;
  ++live_runs_;
  return run;
}

void Shard::destroy_run(const RuleState& rule, Run* run) {
  if (!rule.guard_blocks.empty()) destroy_list(rule, *run);
  const Event** events = rule.layout.events(*run);
  for (std::uint32_t i = 0; i < run->event_count; ++i) release(pool_, events[i]);
  if (run->capacity > rule.layout.inline_events) pool_.deallocate(events, rule.layout.piece_bytes(run->capacity));
  pool_.deallocate(run, rule.layout.size);
  --live_runs_;
}

void Shard::append_run(KeyRuns& key, Run* run) {
  const std::uint64_t dropped = key.is_list() ? key.dropped() : 0;
  if (key.run_count + dropped == key.capacity()) {
    if (dropped >= key.capacity() / 2 && dropped > 0) {
      key.move_rows_to(key);
    } else {
      KeyRuns larger = key;
      ++larger.capacity_bits;
      larger.many = static_cast<Run**>(pool_.allocate(larger.list_bytes())) + KeyRuns::kListHead;
      if (key.is_list()) {
        key.move_rows_to(larger);
        pool_.deallocate(key.list_memory(), key.list_bytes());
      } else {
        larger.dropped() = 0;
        larger.list_interest() = states_[key.rule]->automaton->states[key.one->state].interest;
        larger.runs()[0] = key.one;
        larger.dues()[0] = key.one->due;
        larger.awaited()[0] = awaited_by(*states_[key.rule], *key.one);
      }
      key.many = larger.many;
      key.capacity_bits = larger.capacity_bits;
    }
  }
  key.runs()[key.run_count++] = run;
}

void Shard::schedule(std::uint32_t index, Moment due) {
  KeyRuns& key = keys_[index];
  if (due != kNever && due != key.scheduled) wheel_.insert({due, index, 0});
  key.scheduled = due;
}

// An entry that comes earlier will do: it finds out what is due when.
void Shard::schedule_by(std::uint32_t index, Moment due) {
  if (due < keys_[index].scheduled) schedule(index, due);
}

// The key's view of one of its runs after that changed.
void Shard::note_change(KeyRuns& key, const RuleState& rule, std::uint32_t position) {
  const Run& run = *key.runs()[position];
  earliest_ = std::min(earliest_, run.due);
  if (!key.is_list()) return;
  key.list_interest() |= rule.automaton->states[run.state].interest;
  key.dues()[position] = run.due;
  key.awaited()[position] = awaited_by(rule, run);
}

// After the runs of a key changed: is anything left of it, and when must time come back to it?
void Shard::settle_key(std::uint32_t index) {
  KeyRuns& key = keys_[index];
  if (key.run_count == 0 && !key.has_past && !key.known)
    destroy_key(index);
  else
    schedule_by(index, earliest_);
}

Moment Shard::earliest_due(std::uint32_t index) {
  KeyRuns& key = keys_[index];
  RuleState& state = *states_[key.rule];
  Moment earliest = kNever;
  if (key.is_list() && state.dues_in_order)
    earliest = key.run_count > 0 ? key.dues()[0] : kNever;
  else if (key.is_list())
    for (const Moment due : std::span(key.dues(), key.run_count)) earliest = std::min(earliest, due);
  else if (key.run_count == 1)
    earliest = key.one->due;
  return key.has_past ? std::min(earliest, past_due(state, index)) : earliest;
}

void Shard::fire_silences(KeyRuns& key, RuleState& rule, Moment at) {
  touched_.clear();
  stepping_key_ = &key;
  for (std::uint32_t i = 0; i < key.run_count; ++i) {
    if ((key.is_list() ? key.dues()[i] : key.one->due) != at) continue;
    if (rule.automaton->holds) {
      stepping_ = i;
      end_stretches(rule, *key.runs()[i], time_of(at));
      note_change(key, rule, i);
    } else {
      key.runs()[i]->flags |= Run::kComplete;
    }
    touched_.push_back(i);
  }
  merge_forks(key, rule);
  conclude(key, rule, at, nullptr);
}

// The gap of a loop has passed: above its minimum it is closed, below it the run ends.
void Shard::end_gap(RuleState& rule, Run& run) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::State& state = automaton.states[run.state];
  if (state.phase == nfa::Phase::kFilling) {
    run.flags |= Run::kEnded;
    return;
  }
  if (automaton.holds && !end_stretch_gaps(rule, run)) return;
  if (automaton.blocks != nullptr) return close_block_by_gap(rule, run, time_of(run.due));
  close_loop(rule, run, time_of(run.due));
  if ((run.flags & Run::kComplete) == 0 && no_way_left(rule, run)) run.flags |= Run::kEnded;
}

void Shard::fire_limits(KeyRuns& key, RuleState& rule, std::int64_t time) {
  const Moment gap = moment(time, MomentPhase::kGap);
  const Moment limit = moment(time, MomentPhase::kLimit);
  touched_.clear();
  stepping_key_ = &key;
  for (std::uint32_t i = 0; i < key.run_count; ++i) {
    if ((key.is_list() ? key.dues()[i] : key.one->due) > limit) {
      if (rule.dues_in_order) break;
      continue;
    }
    Run& run = *key.runs()[i];
    stepping_ = i;
    if (run.due == gap) end_gap(rule, run);
    if ((run.flags & Run::kOutcome) == 0 && run.due <= limit) run.flags |= Run::kTimedOut;
    note_change(key, rule, i);
    touched_.push_back(i);
  }
  merge_forks(key, rule);
  conclude(key, rule, limit, nullptr);
  if (key.has_past) forget_past(rule, firing_, time);
}

// Fires all that is due at the key before `limit`. Returns whether the key is still there.
bool Shard::fire(std::uint32_t index, Moment limit) {
  KeyRuns& key = keys_[index];
  RuleState& rule = *states_[key.rule];
  firing_ = index;
  Moment due = earliest_due(index);
  for (; due < limit; due = earliest_due(index)) {
    if (phase_of(due) == MomentPhase::kSilence)
      fire_silences(key, rule, due);
    else
      fire_limits(key, rule, time_of(due));
    if (key.run_count > 0 || key.has_past || key.known) continue;
    destroy_key(index);
    return false;
  }
  schedule(index, due);
  return true;
}

// Shows the event to the runs that it may concern. Those that it changes are in touched_.
void Shard::try_runs(KeyRuns& key, RuleState& rule, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  Run** runs = key.runs();
  const auto try_one = [&](std::uint32_t position) {
    stepping_ = position;
    if (!step(rule, *runs[position], input)) return;
    note_change(key, rule, position);
    touched_.push_back(position);
  };
  if (!key.is_list() || automaton.awaiting_bits == 0 || (input.bits & automaton.plain_bits) != 0 || key.run_count < kFewRuns) {
    for (std::uint32_t i = 0; i < key.run_count; ++i) try_one(i);
    return;
  }
  offered_values(rule, input);
  const KeyRuns::Awaited* awaited = key.awaited();
  candidates_.clear();
  for (std::uint32_t begin = 0; begin < key.run_count; begin += kRunBlock) {
    // One comparison for a block of runs, which compilers turn into vector code, before looking for the one that fits.
    const std::uint32_t end = std::min(begin + kRunBlock, key.run_count);
    for (const KeyRuns::Awaited offered : awaited_) {
      KeyRuns::Awaited any = 0;
      for (std::uint32_t i = begin; i < end; ++i) any |= static_cast<KeyRuns::Awaited>(awaited[i] == offered);
      if (any == 0) continue;
      for (std::uint32_t i = begin; i < end; ++i)
        if (awaited[i] == offered) candidates_.push_back(i);
    }
  }
  // Only now: a run that moves on waits for another value, and must not see the event again.
  for (const std::uint32_t position : candidates_) try_one(position);
}

void Shard::process_one(const Work& work, std::int64_t past_begins) {
  const nfa::Automaton& automaton = *states_[work.rule]->automaton;
  const bool tick = automaton.routed_apart && rules_.files.schemas[work.event->stream].schedule;  // Without a key: see process_tick().
  if (!automaton.window && (!automaton.past || tick)) return process_runs(work, past_begins);
  read_key_of(work);
  if (automaton.window) return windows_->process(work, key_.data());
  // The past that conditions ask for is what came before this event.
  context_.values = windows_->past(work, key_.data());
  process_runs(work, past_begins);
  if ((work.bits & automaton.past->bits) != 0) windows_->remember(work, key_.data());
}

void Shard::process_runs(const Work& work, std::int64_t past_begins) {
  RuleState& rule = *states_[work.rule];
  const nfa::Automaton& automaton = *rule.automaton;
  if (automaton.routed_apart && rules_.files.schemas[work.event->stream].schedule) return process_tick(work, past_begins);
  Input input{work.event, work.bits};
  const Moment now = moment(work.event->time, MomentPhase::kEvent);
  const bool creates = rule.remembers_keys || (work.bits & (automaton.look_back_bits | automaton.opening_bits)) != 0;
  std::uint32_t index = find_or_create_key(work, false);
  if (index != KeyTable::kNone && keys_[index].scheduled < now && !fire(index, now)) index = KeyTable::kNone;
  if (index == KeyTable::kNone) {
    if (!creates) return;
    index = find_or_create_key(work, true);
    if (rule.remembers_keys) remember_key(rule, index, work.hash);
  }
  process_at(index, rule, input, past_begins);
}

// A tick is an event of every key that the rule has seen.
void Shard::process_tick(const Work& work, std::int64_t past_begins) {
  RuleState& rule = *states_[work.rule];
  const Moment now = moment(work.event->time, MomentPhase::kEvent);
  Input input{work.event, work.bits};
  const nfa::Automaton& automaton = *rule.automaton;
  for (const std::uint32_t index : rule.known) {
    if (keys_[index].scheduled < now) fire(index, now);
    if (!automaton.past) {
      process_at(index, rule, input, past_begins);
      continue;
    }
    const Slot* values = key_values(keys_[index], rule);
    Work own = work;
    own.hash = hash_key(automaton.key, values);
    context_.values = windows_->past(own, values);
    process_at(index, rule, input, past_begins);
    if ((work.bits & automaton.past->bits) != 0) windows_->remember(own, values);
  }
}

// The event at one of its keys, at which nothing is due any more.
void Shard::process_at(std::uint32_t index, RuleState& rule, Input& input, std::int64_t past_begins) {
  const nfa::Automaton& automaton = *rule.automaton;
  const Moment now = moment(input.event->time, MomentPhase::kEvent);
  KeyRuns& key = keys_[index];
  context_run_ = nullptr;
  context_.as_of = as_of(*input.event);
  touched_.clear();
  earliest_ = kNever;
  stepping_key_ = &key;
  const nfa::Bits interest = key.is_list() ? key.list_interest() : (key.run_count > 0 ? automaton.states[key.one->state].interest : 0);
  if ((input.bits & interest) != 0) try_runs(key, rule, input);
  merge_forks(key, rule);
  if ((input.bits & automaton.opening_bits) != 0) begin_run(rule, index, input, past_begins);
  merge_forks(key, rule);
  if ((input.bits & automaton.look_back_bits) != 0) remember(rule, index, input);
  for (const std::uint32_t position : touched_) {
    if ((key.runs()[position]->flags & Run::kOutcome) == 0) continue;
    conclude(key, rule, now, input.event);
    break;
  }
  settle_key(index);
}

void Shard::advance(Moment limit) {
  const auto go_on = [&](std::uint32_t index, Moment when) {
    KeyRuns& key = keys_[index];
    if (key.scheduled != when) return;
    key.scheduled = kNever;
    if (!key.live) return;
    RuleState& rule = *states_[key.rule];
    if (rule.cohorts)
      fire_cohorts(index, rule, limit);
    else if (rule.shared != nfa::Strategy::kRuns)
      fire_shared(index, rule, limit);
    else
      fire(index, limit);
  };
  advanced_to_ = limit;
  wheel_.advance(limit, [&](const TimingWheel::Entry& entry) {
    if (entry.generation != kDueList) return go_on(entry.key, entry.when);
    due_lists_.take(
        entry.when, [&](std::uint32_t index) { go_on(index, entry.when); }, [&](std::uint32_t index) { fetch_ahead(&keys_[index]); },
        [&](std::uint32_t index) { prefetch_run(keys_[index]); });
  });
  if (windows_) windows_->advance(limit);
}

void Shard::count(EngineCounters& counters) const {
  counters.live_runs += live_runs_;
  counters.live_keys += keys_.live();
  counters.state_bytes += pool_.bytes_in_use() + keys_.memory_bytes() + wheel_.memory_bytes() + due_lists_.memory_bytes();
  if (windows_) windows_->count(counters);
  for (std::uint32_t index = 0; index < keys_.size(); ++index) {
    const KeyRuns& key = keys_[index];
    if (!key.live) continue;
    const nfa::Strategy shared = states_[key.rule]->shared;
    if (shared == nfa::Strategy::kCounts) counters.state_bytes += key.counter->memory_bytes();
    if (shared == nfa::Strategy::kDag) counters.state_bytes += sizeof(MatchDag);
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const RuleCounters& mine = states_[i]->counters;
    counters.state_bytes += states_[i]->table.memory_bytes();
    counters.rules[i].over_event_limit += mine.over_event_limit;
    counters.rules[i].runs_begun += mine.runs_begun;
    counters.rules[i].runs_refused += mine.runs_refused;
    counters.rules[i].runs_overfull += mine.runs_overfull;
    counters.rules[i].unknown_past += mine.unknown_past;
    counters.rules[i].runs_tried += mine.runs_tried;
    counters.rules[i].keys_without_ticks += mine.keys_without_ticks;
    counters.state_bytes += states_[i]->known.capacity() * sizeof(std::uint32_t);
    counters.rules[i].window_overfull += mine.window_overfull;  // Those of a snapshot.
    counters.rules[i].window_forgotten += mine.window_forgotten;
  }
}

}  // namespace sequitur
