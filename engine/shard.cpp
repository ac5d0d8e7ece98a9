#include "engine/shard.hpp"

#include <algorithm>
#include <utility>

#include "engine/fetch_ahead.hpp"
#include "engine/kept_event.hpp"
#include "engine/key_hash.hpp"
#include "engine/key_values.hpp"

namespace sequitur {
namespace {

// How far ahead the places of keys are fetched into the cache, in pieces of work.
constexpr std::uint32_t kKeysAtHand = 128;     // So few are in the cache anyway,
constexpr std::uint32_t kTableAtHand = 1'024;  // and the table of so many.
constexpr std::uint32_t kTableFar = 100'000;   // Of more a wrong guess costs more than a look at what the table says.
constexpr std::size_t kPrefetchKeys = 12;
constexpr std::size_t kPrefetchLists = 8;
constexpr std::size_t kPrefetchRuns = 4;
constexpr std::size_t kPrefetchTaken = 2;
constexpr std::uint32_t kRunsFetched = 6;
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

const Slot* Shard::key_values(const KeyRuns& key, const RuleState& rule) const {
  return rule.automaton->key.size() > 1 ? key.values : &key.value;
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

void Shard::read_key_of(const Work& work) {
  const nfa::Automaton& automaton = *states_[work.rule]->automaton;
  if (automaton.key.size() == 1)
    key_[0] = work.key;
  else if (automaton.several_keys)
    std::copy_n(reinterpret_cast<const Slot*>(static_cast<std::uintptr_t>(work.key.bits)), automaton.key.size(), key_.data());
  else
    read_key(key_way_of(automaton, work.bits), *work.event, scratch_, key_.data());
}

// The index of the key's runs; kNone when there are none and none is to be created. Leaves the key's values in key_.
std::uint32_t Shard::find_or_create_key(const Work& work, bool create) {
  RuleState& rule = *states_[work.rule];
  const std::uint32_t lone = rule.lone_key;
  if (lone < keys_.size() && keys_[lone].live && keys_[lone].rule == work.rule) return lone;
  read_key_of(work);
  std::uint32_t found = find_key(rule, work.hash);
  if (found == KeyTable::kNone && create) found = create_key(work.rule, work.hash);
  if (rule.automaton->key.empty()) rule.lone_key = found;
  return found;
}

// Of the values in key_.
std::uint32_t Shard::find_key(const RuleState& rule, std::uint32_t hash) {
  if (rule.plain_key) return rule.table.find(hash, [&](std::uint32_t index) { return keys_[index].value.bits == key_[0].bits; });
  const std::span<const nfa::KeyCode> parts = rule.automaton->key;
  return rule.table.find(hash, [&](std::uint32_t index) { return same_key(parts, key_values(keys_[index], rule), key_.data()); });
}

std::uint32_t Shard::create_key(std::uint32_t rule_index, std::uint32_t hash) {
  RuleState& rule = *states_[rule_index];
  const std::span<const nfa::KeyCode> parts = rule.automaton->key;
  const std::uint32_t index = keys_.create();
  KeyRuns& key = keys_[index];
  key.rule = rule_index & KeyRuns::kMostRules;
  key.run_count = 0;
  key.capacity_bits = 0;
  key.has_past = false;
  key.known = false;
  key.one = nullptr;
  key.value = Slot::of_int(0);
  if (parts.size() > 1) key.values = static_cast<Slot*>(pool_.allocate(parts.size() * sizeof(Slot)));
  copy_key(pool_, parts, key_.data(), parts.size() > 1 ? key.values : &key.value);
  rule.table.insert(hash, index);
  return index;
}

// Ticks reach the key from now on, unless its bucket has its share of those that they may reach.
void Shard::remember_key(RuleState& rule, std::uint32_t index, std::uint32_t hash) {
  const std::uint32_t share = options_.max_tick_keys / kKeyBuckets + (options_.max_tick_keys % kKeyBuckets != 0 ? 1 : 0);
  if (rule.known_in_bucket.empty()) rule.known_in_bucket.resize(kKeyBuckets);
  if (rule.known_in_bucket[key_bucket(hash)] >= share) {
    ++rule.counters.keys_without_ticks;
    return;
  }
  ++rule.known_in_bucket[key_bucket(hash)];
  keys_[index].known = true;
  rule.known.push_back(index);
}

void Shard::destroy_key(std::uint32_t index) {
  KeyRuns& key = keys_[index];
  RuleState& rule = *states_[key.rule];
  const std::span<const nfa::KeyCode> parts = rule.automaton->key;
  Slot* values = parts.size() > 1 ? key.values : &key.value;
  rule.table.erase(hash_key(parts, values), index);
  release_key(pool_, parts, values);
  if (parts.size() > 1) pool_.deallocate(key.values, parts.size() * sizeof(Slot));
  keys_.destroy(index);
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

// The beginning of a list of runs, and what comes behind it.
inline void prefetch_lines(const void* piece) {
  if (piece == nullptr) return;
  fetch_ahead(piece);
  fetch_ahead(static_cast<const char*>(piece) + 64);
}

// What a piece of work will touch is fetched in steps, each of which needs the one before: the place in the table (when that is
// large), the key, its list of runs, the runs, what they refer to. Behind `at` there are kPrefetchSlots pieces of work more.
inline void Shard::prefetch(const Work* work, std::size_t at) {
  if (keys_.size() > kTableAtHand) {
    const Work& ahead = work[at + kPrefetchSlots];
    states_[ahead.rule]->table.prefetch(ahead.hash);
  }
  const Work& ahead = work[at + kPrefetchKeys];
  const KeyTable& table = states_[ahead.rule]->table;
  const std::uint32_t index = keys_.size() > kTableFar ? table.probable(ahead.hash) : table.guess(ahead.hash);
  Guess& guess = guesses_[(at + kPrefetchKeys) % kPrefetchSlots];
  guess.key = nullptr;
  if (index != KeyTable::kNone) {
    guess = {&keys_[index], index};
    fetch_ahead(guess.key);
  }
  if (const KeyRuns* key = guesses_[(at + kPrefetchLists) % kPrefetchSlots].key) prefetch_lines(key->one);
  if (const KeyRuns* key = guesses_[(at + kPrefetchRuns) % kPrefetchSlots].key) {
    const RuleState& rule = *states_[key->rule];
    if (rule.cohorts) {
      prefetch_oldest(*key);
    } else if (rule.shared == nfa::Strategy::kDag) {
      if (key->dag != nullptr) key->dag->prefetch();
    } else if (rule.shared == nfa::Strategy::kRuns && key->is_list()) {
      for (std::uint32_t run = 0; run < std::min(key->run_count, kRunsFetched); ++run) fetch_ahead(key->runs()[run]);
    }
  }
  if (const KeyRuns* key = guesses_[(at + kPrefetchTaken) % kPrefetchSlots].key; key != nullptr && states_[key->rule]->cohorts)
    prefetch_taken(*key);
}

void Shard::process(std::span<const Work> work, std::int64_t past_begins) {
  scratch_.clear();
  guesses_.fill({nullptr, KeyTable::kNone});
  const bool far = keys_.size() > kKeysAtHand || windows_ != nullptr;
  const std::size_t whole = far && work.size() > kPrefetchSlots ? work.size() - kPrefetchSlots : 0;
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (windows_) windows_->prefetch(work, i);
    if (i < whole) prefetch(work.data(), i);
    RuleState& rule = *states_[work[i].rule];
    if (rule.cohorts)
      process_cohorts(work[i], rule, std::exchange(guesses_[i % kPrefetchSlots], {}));
    else if (rule.shared == nfa::Strategy::kCounts)
      process_counted(work[i], rule);
    else if (rule.shared != nfa::Strategy::kRuns)
      process_shared(work[i]);
    else
      process_one(work[i], past_begins);
  }
  if (kept_event_ != nullptr) release(pool_, kept_event_);
  kept_event_ = nullptr;
  kept_sequence_ = ~std::uint64_t{0};
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
