// Cohorts whose runs are complete when a silence behind the last step is over: `first a`, `no b for 5s`. Those that wait for its end
// stand in front, in the order in which it comes: the order of their last events. What breaks the silence takes the cohorts of that
// step away like any other guard; `within` does not count any more.
#include "engine/shard.hpp"
#include "engine/shard_cohorts.hpp"

namespace sequitur {
namespace {

Moment end_of_silence(const CohortPlan& plan, std::int64_t begins) {
  return moment(later(clamp_time(begins), plan.silence), MomentPhase::kSilence);
}

// Of the oldest run, if it waits for the end of its silence.
Moment end_of_silence(const CohortPlan& plan, Cohorts& cohorts) {
  const CohortLink* taken = cohorts.begin()->taken;
  return end_of_silence(plan, taken != nullptr ? taken->event->time : cohorts.starts()->time());
}

struct Waiting {  // The first cohort that waits for an event.
  std::uint32_t number;
  std::uint32_t before;  // How many starts stand before its own.
};

Waiting first_waiting(Cohorts& cohorts, std::uint32_t last) {
  const std::uint32_t number = cohorts.of_stage(last).behind;
  std::uint32_t before = cohorts.runs();
  for (std::uint32_t i = number; i < cohorts.size(); ++i) before -= cohorts.begin()[i].runs;
  return {number, before};
}

}  // namespace

// The silence is over for a run.
void Shard::report_silence(const KeyRuns& key, const RuleState& rule, const Event* start, const CohortLink* taken, Moment at) {
  const std::size_t stages = rule.cohort_plan.stages.size();
  lay_out(taken, stages);
  cohort_events_[0] = start;
  draft(key, rule, Extent({cohort_events_.data(), stages}), AlertKind::kMatch, at, nullptr, -1);
}

// Runs that wait for a step go where their `within` has ended.
void Shard::expire_waiting(Cohorts& cohorts, const CohortPlan& plan, std::int64_t alive_from) {
  const Waiting waiting = first_waiting(cohorts, static_cast<std::uint32_t>(plan.stages.size()) - 1);
  while (waiting.before < cohorts.runs() && cohorts.starts()[waiting.before].time() < alive_from) {
    const Cohort& cohort = cohorts.begin()[waiting.number];
    if (cohort.runs == 1) release_links(cohort.taken);
    release(pool_, cohorts.starts()[waiting.before].event);
    --live_runs_;
    cohorts.drop_oldest_of(waiting.number, waiting.before);
  }
}

// Runs whose silence ended before `limit` are reported, those whose `within` did go.
void Shard::expire_silent(KeyRuns& key, RuleState& rule, Moment limit) {
  const CohortPlan& plan = rule.cohort_plan;
  const auto last = static_cast<std::uint32_t>(plan.stages.size()) - 1;
  if (key.is_start_alone()) {
    const std::int64_t time = key.start->time;
    if (last > 0) {
      if (clamp_time(time) < plan.alive_from(time_of(limit))) drop_start_alone(key);
    } else if (const Moment end = end_of_silence(plan, time); end < limit) {
      report_silence(key, rule, key.start, nullptr, end);
      drop_start_alone(key);
    }
    return;
  }
  Cohorts& cohorts = *key.cohorts;
  while (cohorts.runs() > 0 && cohorts.begin()->stage == last) {
    const Moment end = end_of_silence(plan, cohorts);
    if (end >= limit) break;
    report_silence(key, rule, cohorts.starts()->event, cohorts.begin()->taken, end);
    if (cohorts.begin()->runs == 1) release_links(cohorts.begin()->taken);
    drop_start(cohorts);
  }
  if (last > 0 && plan.expires()) expire_waiting(cohorts, plan, plan.alive_from(time_of(limit)));
}

// When time must come back to the key, which has a run.
Moment Shard::silent_due(KeyRuns& key, const CohortPlan& plan) {
  const auto last = static_cast<std::uint32_t>(plan.stages.size()) - 1;
  const auto expiry = [&](std::int64_t start) { return plan.expires() ? moment(start + plan.within, MomentPhase::kLimit) : kNever; };
  if (key.is_start_alone()) return last == 0 ? end_of_silence(plan, key.start->time) : expiry(clamp_time(key.start->time));
  Cohorts& cohorts = *key.cohorts;
  const Moment silence = cohorts.begin()->stage == last ? end_of_silence(plan, cohorts) : kNever;
  if (last == 0) return silence;
  const Waiting waiting = first_waiting(cohorts, last);
  return waiting.before < cohorts.runs() ? std::min(silence, expiry(cohorts.starts()[waiting.before].time())) : silence;
}

}  // namespace sequitur
