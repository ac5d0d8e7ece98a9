// Rules of two steps of which the first is a loop, run by one cohort (engine/cohorts.hpp).
#include <algorithm>

#include "engine/shard.hpp"
#include "engine/shard_cohorts.hpp"

namespace sequitur {

// The oldest starts go, until no more than `left` stand in the row and a run begins it.
void Shard::drop_starts(Cohorts& cohorts, std::uint32_t left) {
  while (cohorts.runs() > left || (cohorts.runs() > 0 && cohorts.starts()->taken_only())) drop_start(cohorts);
}

// The event at the runs of a rule that opens with a loop; what the loop takes all of them have taken by standing before it.
// Returns whether a match has it that ends whatever begins with it.
bool Shard::step_opening_loop(KeyRuns& key, RuleState& rule, Input& input) {
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
      draft(key, rule, Extent(std::span(cohort_events_).subspan(i, taken - i + 1)), AlertKind::kMatch,
            moment(input.event->time, MomentPhase::kEvent), input.event, -1);
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

void Shard::process_opening_loop(KeyRuns& key, RuleState& rule, Input& input) {
  const bool opens = (input.bits & rule.cohort_plan.opening) != 0;
  const bool begins = opens && may_begin(key);  // Runs that end with this event still count.
  const bool ends_all = key.cohorts != nullptr && step_opening_loop(key, rule, input);
  if (!opens) return;
  ++(begins ? rule.counters.runs_begun : rule.counters.runs_refused);
  if (!ends_all) append_to_opening_loop(key, rule, input, begins);
}

}  // namespace sequitur
