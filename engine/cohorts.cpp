// Plain sequences, run by cohorts (engine/cohorts.hpp): one event at all runs of a key. nfa::strategy_of() says for which
// rules this is the same as stepping every run; the differential test holds both ways to it.
#include "engine/cohorts.hpp"

#include <algorithm>
#include <cassert>

#include "engine/fetch_ahead.hpp"
#include "engine/shard.hpp"
#include "engine/shard_cohorts.hpp"

namespace sequitur {

// Gives back the events behind the starts that only this cohort has.
void Shard::release_links(CohortLink* link) {
  while (link != nullptr) {
    release(pool_, link->event);
    CohortLink* before = link->before;
    pool_.deallocate(link, sizeof(CohortLink));
    link = before;
  }
}

inline CohortLink* Shard::new_link(const Event* event, CohortLink* before) {
  retain(event);
  return new (pool_.allocate(sizeof(CohortLink))) CohortLink{event, before};
}

void Shard::remove_cohorts(Cohorts& cohorts, Cohorts::Stretch gone) {
  std::uint32_t before = 0, runs = 0;
  for (std::uint32_t number = 0; number < gone.first; ++number) before += cohorts.begin()[number].runs;
  for (std::uint32_t number = gone.first; number < gone.behind; ++number) {
    runs += cohorts.begin()[number].runs;
    release_links(cohorts.begin()[number].taken);
  }
  const CohortStart* starts = cohorts.starts() + before;
  for (std::uint32_t i = 0; i < runs; ++i) release(pool_, starts[i].event);
  live_runs_ -= runs;
  cohorts.remove(gone, before, runs);
}

// The oldest runs go, without a word: rules with `on timeout` are not run by cohorts.
void Shard::expire_starts(Cohorts& cohorts, std::int64_t alive_from) {
  while (cohorts.runs() > 0) {
    const CohortStart& oldest = *cohorts.starts();
    if (oldest.time() >= alive_from && !oldest.taken_only()) return;
    if (cohorts.begin()->runs == 1) release_links(cohorts.begin()->taken);
    drop_start(cohorts);
  }
}

// What ended before the events of `time`, at a key that has runs; time limits end runs behind the events of their time.
[[gnu::always_inline]] inline void Shard::expire_cohorts(KeyRuns& key, RuleState& rule, std::int64_t time) {
  if (rule.cohort_plan.silence >= 0) return expire_silent(key, rule, moment(time, MomentPhase::kEvent));
  const std::int64_t alive_from = rule.cohort_plan.alive_from(time);
  if (key.is_start_alone()) {
    if (clamp_time(key.start->time) < alive_from) drop_start_alone(key);
  } else if (key.cohorts->starts()->time() < alive_from) {
    expire_starts(*key.cohorts, alive_from);
  }
}

// Lays out for an alert what runs have taken behind their starts, up to step `stages`.
void Shard::lay_out(const CohortLink* taken, std::size_t stages) {
  for (std::size_t i = 0; i < stages; ++i) stage_events_[i] = {&cohort_events_[i], 1};
  for (; taken != nullptr; taken = taken->before) cohort_events_[--stages] = taken->event;
}

// Runs that have all taken the same behind their starts are complete with this event.
void Shard::report_cohort(KeyRuns& key, RuleState& rule, std::span<const CohortStart> starts, const CohortLink* taken, Input& input,
                          std::uint64_t& matches) {
  const CohortPlan& plan = rule.cohort_plan;
  const std::size_t before = plan.stages.size();
  const Moment now = moment(input.event->time, MomentPhase::kEvent);
  lay_out(taken, before);
  cohort_events_[before] = kept(input);
  stage_events_[before] = {&cohort_events_[before], 1};
  for (const CohortStart& start : starts) {
    if (++matches > plan.limit_per_event) {
      ++rule.counters.over_event_limit;
    } else {
      cohort_events_[0] = start.event;
      draft(key, rule, Extent({cohort_events_.data(), before + 1}), AlertKind::kMatch, now, input.event, -1);
    }
    if (plan.one_only) return;
  }
}

// The event is the last one of the runs in `those`; those of them that are not reported go as well.
void Shard::complete_cohorts(KeyRuns& key, RuleState& rule, Cohorts::Stretch those, Input& input) {
  const CohortPlan& plan = rule.cohort_plan;
  Cohorts& cohorts = *key.cohorts;
  const CohortStart* starts = cohorts.starts();  // They are the oldest.
  std::uint64_t matches = 0;
  for (std::uint32_t i = those.first; i < those.behind && (matches == 0 || !plan.one_only); ++i) {
    const Cohort& cohort = cohorts.begin()[i];
    report_cohort(key, rule, {starts, cohort.runs}, cohort.taken, input, matches);
    starts += cohort.runs;
  }
  // `skip past last`: whatever has begun ends with the match.
  remove_cohorts(cohorts, plan.past_last ? Cohorts::Stretch{0, cohorts.size()} : those);
}

// The event at the runs that have taken the step last; it is their guard's or the next step's.
[[gnu::noinline]] void Shard::step_stage(KeyRuns& key, RuleState& rule, std::uint32_t number, Input& input) {
  const CohortPlan& plan = rule.cohort_plan;
  Cohorts& cohorts = *key.cohorts;
  const Cohorts::Stretch those = cohorts.of_stage(number);
  if (those.first == those.behind) return;
  if ((input.bits & plan.stages[number].guard) != 0) return remove_cohorts(cohorts, those);
  if (number + 1 == plan.stages.size()) return complete_cohorts(key, rule, those, input);
  for (std::uint32_t i = those.first; i < those.behind; ++i) {
    Cohort& cohort = cohorts.begin()[i];
    cohort.taken = new_link(kept(input), cohort.taken);
    ++cohort.stage;
  }
}

inline void Shard::step_cohorts(KeyRuns& key, RuleState& rule, Input& input) {
  const CohortPlan& plan = rule.cohort_plan;
  if ((input.bits & plan.cancel) != 0) return remove_cohorts(*key.cohorts, {0, key.cohorts->size()});
  if ((input.bits & plan.steps) == 0) return;
  // The latest step first, so that no run takes the event twice.
  const CohortPlan::Stage* const first = plan.stages.data();
  for (const CohortPlan::Stage* stage = first + plan.stages.size(); stage-- != first;)
    if ((input.bits & (stage->guard | stage->next)) != 0) step_stage(key, rule, static_cast<std::uint32_t>(stage - first), input);
}

// The same where the key's only run has taken but its start.
[[gnu::noinline]] void Shard::step_start_alone(KeyRuns& key, RuleState& rule, Input& input) {
  const CohortPlan& plan = rule.cohort_plan;
  const CohortPlan::Stage& first = plan.stages[0];
  if ((input.bits & (plan.cancel | first.guard)) != 0) return drop_start_alone(key);
  if ((input.bits & first.next) == 0) return;
  if (plan.stages.size() == 1) {
    const CohortStart start(key.start);
    std::uint64_t matches = 0;
    report_cohort(key, rule, {&start, 1}, nullptr, input, matches);
    return drop_start_alone(key);
  }
  key.cohorts = Cohorts::create(pool_, CohortStart(key.start), 1, new_link(kept(input), nullptr), false);
  key.run_count = 0;
}

inline std::uint32_t Shard::count_runs(const KeyRuns& key) {
  return key.is_start_alone() ? 1 : key.cohorts != nullptr ? key.cohorts->runs() : 0;
}

// The newer event replaces the runs that wait right behind the opening step.
void Shard::replace_latest(KeyRuns& key) {
  if (key.is_start_alone()) return drop_start_alone(key);
  if (key.cohorts == nullptr) return;
  const Cohorts::Stretch replaced = key.cohorts->of_stage(0);
  if (replaced.first < replaced.behind) remove_cohorts(*key.cohorts, replaced);
}

[[gnu::always_inline]] inline void Shard::begin_cohort_run(KeyRuns& key, RuleState& rule, bool may_begin, Input& input) {
  if (!may_begin) {
    ++rule.counters.runs_refused;
    return;
  }
  if (rule.cohort_plan.latest) replace_latest(key);
  const Event* start = kept(input);
  retain(start);
  ++live_runs_;
  ++rule.counters.runs_begun;
  if (key.is_start_alone()) {
    key.cohorts = Cohorts::create(pool_, CohortStart(key.start), 0, nullptr, true);
    key.run_count = 0;
  }
  if (key.cohorts != nullptr) {
    key.cohorts = Cohorts::append(pool_, key.cohorts, CohortStart(start));
  } else {
    key.start = start;
    key.run_count = 1;
  }
}

void Shard::destroy_cohorts(KeyRuns& key) {
  if (key.cohorts == nullptr) return;
  if (key.is_start_alone()) return drop_start_alone(key);
  if (key.cohorts->size() > 0) remove_cohorts(*key.cohorts, {0, key.cohorts->size()});
  Cohorts::destroy(pool_, key.cohorts);
  key.cohorts = nullptr;
}

// The key's only run, or all of them.
void Shard::prefetch_run(const KeyRuns& key) {
  if (key.cohorts != nullptr) fetch_ahead(key.is_start_alone() ? static_cast<const void*>(&kept_header(key.start)) : key.cohorts);
}

// The start that completes or expires first.
void Shard::prefetch_oldest(const KeyRuns& key) {
  if (is_empty(key) || key.is_start_alone()) return;
  fetch_ahead(&kept_header(key.cohorts->starts()->event));
  fetch_ahead(key.cohorts->begin()->taken);
}

// When time must come back to the key. Of runs that expire nobody is told, and an event at the key looks by itself: so that many
// keys take little memory the time is rounded up.
void Shard::schedule_cohorts(std::uint32_t index, KeyRuns& key, const CohortPlan& plan) {
  if (plan.silence >= 0) return schedule_by(index, silent_due(key, plan));
  if (!plan.expires()) return;
  const std::int64_t time = (key.is_start_alone() ? clamp_time(key.start->time) : key.cohorts->starts()->time()) + plan.within;
  if (keys_.live() < kManyKeys) return schedule_by(index, moment(time, MomentPhase::kLimit));
  if (moment(time, MomentPhase::kLimit) >= key.scheduled) return;
  const Moment due = moment(((time >> plan.expiry_unit) + 1) << plan.expiry_unit, MomentPhase::kSilence);
  if (due >= key.scheduled) return;
  if (due_lists_.insert(due, index)) wheel_.insert({due, 0, kDueList});
  key.scheduled = due;
}

void Shard::destroy_empty(std::uint32_t index, KeyRuns& key) {
  destroy_cohorts(key);
  destroy_key(index);
}

// Is anything left of the key, and when must time come back to it?
void Shard::settle_cohorts(std::uint32_t index, KeyRuns& key, const RuleState& rule) {
  if (is_empty(key))
    destroy_empty(index, key);
  else
    schedule_cohorts(index, key, rule.cohort_plan);
}

// Time has come to the key.
void Shard::fire_cohorts(std::uint32_t index, RuleState& rule, Moment limit) {
  KeyRuns& key = keys_[index];
  assert(limit == kNever || phase_of(limit) == MomentPhase::kEvent);
  expire_cohorts(key, rule, time_of(limit));
  settle_cohorts(index, key, rule);
}

// What has expired by now and is still there: it is not to be saved.
void Shard::expire_all_cohorts() {
  for (std::uint32_t index = 0; index < keys_.size(); ++index)
    if (keys_[index].live && states_[keys_[index].rule]->cohorts) fire_cohorts(index, *states_[keys_[index].rule], advanced_to_);
}

// The key of the work where it is not the one that was fetched; without a pointer if there is none.
inline Shard::Guess Shard::find_cohorts(const Work& work, const RuleState& rule) {
  const auto same = [&](std::uint32_t candidate) { return keys_[candidate].value.bits == work.key.bits; };
  const std::uint32_t index = rule.plain_key ? rule.table.find(work.hash, same) : find_or_create_key(work, false);
  return {index != KeyTable::kNone ? &keys_[index] : nullptr, index};
}

// The event begins a key.
[[gnu::noinline]] void Shard::create_cohorts(const Work& work, RuleState& rule, Input& input) {
  if (rule.plain_key) key_[0] = work.key;
  const std::uint32_t index = create_key(work.rule, work.hash);
  KeyRuns& key = keys_[index];
  if (rule.cohort_plan.loop_min > 0)
    process_opening_loop(key, rule, input);
  else
    begin_cohort_run(key, rule, options_.max_runs > 0, input);
  settle_cohorts(index, key, rule);
}

[[gnu::always_inline]] inline void Shard::process_one_by_cohorts(const Work& work, RuleState& rule, Guess guess) {
  const CohortPlan& plan = rule.cohort_plan;
  const bool known = guess.key != nullptr && guess.key->live && guess.key->rule == work.rule && guess.key->value.bits == work.key.bits;
  if (!known || !rule.plain_key) guess = find_cohorts(work, rule);
  const bool opens = (work.bits & plan.opening) != 0;
  Input input{work.event, work.bits};
  if (guess.key == nullptr) {
    if (opens) create_cohorts(work, rule, input);
    return;
  }
  KeyRuns& key = *guess.key;
  expire_cohorts(key, rule, work.event->time);
  if (plan.loop_min > 0) {
    process_opening_loop(key, rule, input);
  } else {
    const bool may_begin = opens && count_runs(key) < options_.max_runs;  // Runs that end with this event still count.
    if (key.is_start_alone())
      step_start_alone(key, rule, input);
    else if (key.cohorts != nullptr)
      step_cohorts(key, rule, input);
    if (opens) begin_cohort_run(key, rule, may_begin, input);
  }
  // Time comes back to the key when its first run ends; those behind it end later, unless they wait for something else.
  if (is_empty(key))
    destroy_empty(guess.index, key);
  else if (!plan.ends_in_turn)
    schedule_cohorts(guess.index, key, plan);
}

// The first pieces of the work, as many as are of one rule; returns how many. `guesses`: the keys that were fetched for them.
std::size_t Shard::process_cohorts(std::span<const Work> work, const Guess* guesses) {
  const std::uint32_t number = work.front().rule;
  RuleState& rule = *states_[number];
  std::size_t done = 0;
  do { process_one_by_cohorts(work[done], rule, guesses[done]); } while (++done < work.size() && work[done].rule == number);
  return done;
}

}  // namespace sequitur
