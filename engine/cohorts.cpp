// Plain sequences, run by cohorts (engine/cohorts.hpp): one event at all runs of a key. nfa::strategy_of() says for which
// rules this is the same as stepping every run; the differential test holds both ways to it.
#include "engine/cohorts.hpp"

#include <algorithm>
#include <cassert>

#include "engine/fetch_ahead.hpp"
#include "engine/key_hash.hpp"
#include "engine/shard.hpp"

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

// Of the oldest run; or, of an opening loop, an event that no run has any more.
inline void Shard::drop_start(Cohorts& cohorts) {
  const CohortStart& oldest = *cohorts.starts();
  release(pool_, oldest.event);
  live_runs_ -= oldest.taken_only() ? 0 : 1;
  cohorts.drop_oldest(1);
}

// A run that has taken but its start, and is the only one of its key, is no more than that event: most keys of a large stream.
void Shard::drop_start_alone(KeyRuns& key) {
  release(pool_, key.start);
  --live_runs_;
  key.run_count = 0;
  key.cohorts = nullptr;
}

inline void Shard::unfold_start(KeyRuns& key, bool another) {
  key.cohorts = Cohorts::create(pool_, CohortStart(key.start), another);
  key.run_count = 0;
}

// Runs whose `within` ended before `limit` go, without a word: rules with `on timeout` are not run by cohorts.
inline void Shard::expire_cohorts(KeyRuns& key, const RuleState& rule, Moment limit) {
  if (key.cohorts == nullptr || rule.cohort_plan.within < 0) return;
  // The limit is the instant of an event or kNever; time limits end runs behind the events of their time.
  assert(limit == kNever || phase_of(limit) == MomentPhase::kEvent);
  const std::int64_t alive_from = time_of(limit) - rule.cohort_plan.within;
  if (key.is_start_alone()) {
    if (clamp_time(key.start->time) < alive_from) drop_start_alone(key);
    return;
  }
  Cohorts& cohorts = *key.cohorts;
  while (cohorts.runs() > 0) {
    const CohortStart& oldest = *cohorts.starts();
    if (oldest.time() >= alive_from && !oldest.taken_only()) return;
    if (cohorts.begin()->runs == 1) release_links(cohorts.begin()->taken);
    drop_start(cohorts);
  }
}

// The oldest starts go, until no more than `left` stand in the row and a run begins it.
void Shard::drop_starts(Cohorts& cohorts, std::uint32_t left) {
  while (cohorts.runs() > left || (cohorts.runs() > 0 && cohorts.starts()->taken_only())) drop_start(cohorts);
}

// The event at the runs of a rule that opens with a loop; what the loop takes all of them have taken by standing before it.
// Returns whether a match has it that ends whatever begins with it.
bool Shard::step_opening_loop(KeyRuns& key, RuleState& rule, Moment now, Input& input) {
  const CohortPlan& plan = rule.cohort_plan;
  Cohorts& cohorts = *key.cohorts;
  const std::uint32_t filling = plan.loop_min - 1;  // So many of the youngest have not enough yet.
  if ((input.bits & plan.cancel) != 0) {
    drop_starts(cohorts, 0);
    return false;
  }
  const bool loops = (input.bits & plan.opening) != 0;
  const bool goes_on = (input.bits & plan.stages[0].next) != 0;
  if (loops && (plan.loop_first || !goes_on)) return false;
  if ((input.bits & plan.stages[0].guard) != 0) {
    drop_starts(cohorts, !loops && (input.bits & plan.filling_guard) != 0 ? 0 : filling);
    return false;
  }
  const std::uint32_t taken = cohorts.runs();
  if (!goes_on || taken <= filling) return false;
  if (cohort_events_.size() <= taken) cohort_events_.resize(taken + 1);
  for (std::uint32_t i = 0; i < taken; ++i) cohort_events_[i] = cohorts.starts()[i].event;
  cohort_events_[taken] = kept(input);
  stage_events_[1] = {&cohort_events_[taken], 1};
  std::uint64_t matches = 0;
  for (std::uint32_t i = 0; i < taken - filling && (matches == 0 || !plan.one_only); ++i) {
    if (cohorts.starts()[i].taken_only()) continue;
    if (taken - i >= options_.max_run_events) {
      ++rule.counters.runs_overfull;
    } else if (++matches > plan.limit_per_event) {
      ++rule.counters.over_event_limit;
    } else {
      stage_events_[0] = {&cohort_events_[i], taken - i};
      draft(key, rule, Extent(std::span(cohort_events_).subspan(i, taken - i + 1)), AlertKind::kMatch, now, input.event, -1);
    }
  }
  // The events of all younger runs belong to the match: it ends them, if it ends anything.
  const bool ends_all = matches > 0 && plan.one_only;
  drop_starts(cohorts, ends_all ? 0 : filling);
  return ends_all;
}

// Whether a run more may begin at the key of a rule that opens with a loop.
bool Shard::may_begin(const KeyRuns& key) const {
  if (key.cohorts == nullptr || key.cohorts->runs() < options_.max_runs) return options_.max_runs > 0;
  const CohortStart* starts = key.cohorts->starts();
  const auto begun = std::count_if(starts, starts + key.cohorts->runs(), [](const CohortStart& start) { return !start.taken_only(); });
  return begun < static_cast<std::ptrdiff_t>(options_.max_runs);
}

// One event more in the row: every run takes it.
void Shard::append_to_opening_loop(KeyRuns& key, RuleState& rule, Input& input, bool begins) {
  if (key.cohorts == nullptr) key.cohorts = Cohorts::create(pool_);
  if (key.cohorts->runs() >= options_.max_run_events) {  // Only the oldest has so many.
    ++rule.counters.runs_overfull;
    drop_starts(*key.cohorts, key.cohorts->runs() - 1);
  }
  if (!begins && key.cohorts->runs() == 0) return;
  const Event* start = kept(input);
  retain(start);
  key.cohorts = Cohorts::append(pool_, key.cohorts, CohortStart(start, !begins));
  live_runs_ += begins ? 1 : 0;
}

void Shard::process_opening_loop(KeyRuns& key, RuleState& rule, Moment now, Input& input) {
  const bool opens = (input.bits & rule.cohort_plan.opening) != 0;
  const bool begins = opens && may_begin(key);  // Runs that end with this event still count.
  const bool ends_all = key.cohorts != nullptr && step_opening_loop(key, rule, now, input);
  if (!opens) return;
  ++(begins ? rule.counters.runs_begun : rule.counters.runs_refused);
  if (!ends_all) append_to_opening_loop(key, rule, input, begins);
}

// The runs of the cohort are complete with this event.
void Shard::report_cohort(KeyRuns& key, RuleState& rule, const Cohort& cohort, const CohortStart* starts, Moment now, Input& input,
                          std::uint64_t& matches) {
  const CohortPlan& plan = rule.cohort_plan;
  const std::size_t stages = plan.stages.size() + 1;
  std::size_t at = stages - 1;
  cohort_events_[at] = kept(input);
  for (const CohortLink* link = cohort.taken; link != nullptr; link = link->before) cohort_events_[--at] = link->event;
  for (std::size_t i = 0; i < stages; ++i) stage_events_[i] = {&cohort_events_[i], 1};
  for (std::uint32_t run = 0; run < cohort.runs; ++run) {
    if (++matches > plan.limit_per_event) {
      ++rule.counters.over_event_limit;
    } else {
      cohort_events_[0] = starts[run].event;
      draft(key, rule, Extent({cohort_events_.data(), stages}), AlertKind::kMatch, now, input.event, -1);
    }
    if (plan.one_only) return;
  }
}

inline void Shard::step_cohorts(KeyRuns& key, RuleState& rule, Moment now, Input& input) {
  const CohortPlan& plan = rule.cohort_plan;
  Cohorts& cohorts = *key.cohorts;
  const auto last = static_cast<std::uint32_t>(plan.stages.size());
  if ((input.bits & plan.cancel) != 0) return remove_cohorts(cohorts, {0, cohorts.size()});
  std::uint64_t matches = 0;
  // The latest step first, so that no run takes the event twice.
  for (std::uint32_t number = last; number-- > 0;) {
    const CohortPlan::Stage& stage = plan.stages[number];
    if ((input.bits & (stage.guard | stage.next)) == 0) continue;
    const Cohorts::Stretch those = cohorts.of_stage(number);
    if (those.first == those.behind) continue;
    if ((input.bits & stage.guard) != 0) {
      remove_cohorts(cohorts, those);
    } else if (number + 1 == last) {
      const CohortStart* starts = cohorts.starts();
      for (std::uint32_t i = those.first; i < those.behind && (matches == 0 || !plan.one_only); ++i) {
        report_cohort(key, rule, cohorts.begin()[i], starts, now, input, matches);
        starts += cohorts.begin()[i].runs;
      }
      remove_cohorts(cohorts, those);
    } else {
      for (std::uint32_t i = those.first; i < those.behind; ++i) {
        Cohort& cohort = cohorts.begin()[i];
        auto* link = static_cast<CohortLink*>(pool_.allocate(sizeof(CohortLink)));
        *link = {kept(input), cohort.taken};
        retain(link->event);
        cohort.taken = link;
        ++cohort.stage;
      }
    }
  }
  // `skip past last`: whatever has begun ends with the match.
  if (matches > 0 && plan.past_last) remove_cohorts(cohorts, {0, cohorts.size()});
}

[[gnu::always_inline]] inline void Shard::begin_cohort_run(KeyRuns& key, RuleState& rule, Input& input) {
  if (key.cohorts != nullptr && rule.cohort_plan.latest && key.cohorts->size() > 0) {
    // The newer event replaces the runs that wait right behind the opening step.
    const std::uint32_t youngest = key.cohorts->size() - 1;
    if (key.cohorts->begin()[youngest].stage == 0) remove_cohorts(*key.cohorts, {youngest, youngest + 1});
  }
  if (key.cohorts != nullptr && key.cohorts->runs() >= options_.max_runs) {
    ++rule.counters.runs_refused;
    return;
  }
  const Event* start = kept(input);
  retain(start);
  ++live_runs_;
  ++rule.counters.runs_begun;
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
  if (key.cohorts == nullptr || key.is_start_alone() || key.cohorts->runs() == 0) return;
  fetch_ahead(&kept_header(key.cohorts->starts()->event));
  fetch_ahead(key.cohorts->begin()->taken);
}

void Shard::prefetch_taken(const KeyRuns& key) {
  if (key.cohorts == nullptr || key.is_start_alone() || key.cohorts->runs() == 0) return;
  if (const CohortLink* taken = key.cohorts->begin()->taken) fetch_ahead(&kept_header(taken->event));
}

// Nobody is told that a run has expired, and an event at the key looks by itself: so that many keys take little memory the time
// is rounded up.
[[gnu::always_inline]] inline void Shard::schedule_expiry(std::uint32_t index, KeyRuns& key, const CohortPlan& plan, std::int64_t time) {
  if (keys_.live() < kManyKeys) return schedule_by(index, moment(time, MomentPhase::kLimit));
  if (moment(time, MomentPhase::kLimit) >= key.scheduled) return;
  const Moment due = moment(((time >> plan.expiry_unit) + 1) << plan.expiry_unit, MomentPhase::kSilence);
  if (due >= key.scheduled) return;
  if (due_lists_.insert(due, index)) wheel_.insert({due, 0, kDueList});
  key.scheduled = due;
}

// What has expired by now and is still there: it is not to be saved.
void Shard::expire_all_cohorts() {
  for (std::uint32_t index = 0; index < keys_.size(); ++index)
    if (keys_[index].live && states_[keys_[index].rule]->cohorts) fire_cohorts(index, *states_[keys_[index].rule], advanced_to_);
}

// Is anything left of the key, and when must time come back to it?
[[gnu::always_inline]] inline void Shard::settle_cohorts(std::uint32_t index, KeyRuns& key, const RuleState& rule) {
  if (key.cohorts == nullptr || (!key.is_start_alone() && key.cohorts->runs() == 0)) {
    destroy_cohorts(key);
    destroy_key(index);
  } else if (rule.cohort_plan.within >= 0) {
    const std::int64_t oldest = key.is_start_alone() ? clamp_time(key.start->time) : key.cohorts->starts()->time();
    schedule_expiry(index, key, rule.cohort_plan, oldest + rule.cohort_plan.within);
  }
}

// Time has come to the key.
void Shard::fire_cohorts(std::uint32_t index, const RuleState& rule, Moment limit) {
  KeyRuns& key = keys_[index];
  expire_cohorts(key, rule, limit);
  settle_cohorts(index, key, rule);
}

// `guess`: the key that was fetched for it.
void Shard::process_cohorts(const Work& work, RuleState& rule, Guess guess) {
  const bool opens = (work.bits & rule.cohort_plan.opening) != 0;
  const auto same = [&](const KeyRuns& candidate) { return candidate.value.bits == work.key.bits; };
  if (!rule.plain_key) {
    guess.index = find_or_create_key(work, false);
    guess.key = guess.index != KeyTable::kNone ? &keys_[guess.index] : nullptr;
  } else if (guess.key == nullptr || !guess.key->live || guess.key->rule != work.rule || !same(*guess.key)) {
    guess.index = rule.table.find(work.hash, [&](std::uint32_t candidate) { return same(keys_[candidate]); });
    guess.key = guess.index != KeyTable::kNone ? &keys_[guess.index] : nullptr;
  }
  if (guess.key == nullptr) {
    if (!opens) return;
    if (rule.plain_key) key_[0] = work.key;
    guess.index = create_key(work.rule, work.hash);
    guess.key = &keys_[guess.index];
  }
  KeyRuns& key = *guess.key;
  Input input{work.event, work.bits};
  const Moment now = moment(work.event->time, MomentPhase::kEvent);
  if (key.cohorts != nullptr) expire_cohorts(key, rule, now);
  if (rule.cohort_plan.loop_min > 0) {
    process_opening_loop(key, rule, now, input);
  } else {
    const bool concerns = (work.bits & rule.cohort_plan.interest) != 0;
    if (key.is_start_alone() && (concerns || opens)) unfold_start(key, opens);
    if (key.cohorts != nullptr && concerns) step_cohorts(key, rule, now, input);
    if (opens) begin_cohort_run(key, rule, input);
  }
  settle_cohorts(guess.index, key, rule);
}

}  // namespace sequitur
