#include "tests/reference/run.hpp"

#include <algorithm>

namespace sequitur::reference {
namespace {

const dsl::Stage& stage_at(const World& world, int index) { return world.rule.stages[static_cast<std::size_t>(index)]; }
int last_stage(const World& world) { return static_cast<int>(world.rule.stages.size()) - 1; }
std::int64_t time_at(const World& world, std::size_t event) { return world.events[event].time; }

std::int64_t later(std::int64_t time, Duration by) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(time, by.count(), &sum) ? kNever : sum;
}

bool concerns(const std::vector<StreamId>& streams, const Row& row) {
  return std::find(streams.begin(), streams.end(), row.stream) != streams.end();
}

std::size_t count(const Run& run, int stage) { return run.taken[static_cast<std::size_t>(stage)].size(); }

// The current stage has what it needs.
bool satisfied(const World& world, const Run& run) { return run.stage == -1 || count(run, run.stage) >= stage_at(world, run.stage).min; }

// The current stage is a loop that may take more. (Whether its time limits allow that is looked at when an event comes.)
bool may_continue(const World& world, const Run& run) {
  return run.stage >= 0 && !run.closed && count(run, run.stage) < stage_at(world, run.stage).max;
}

// Nothing but optional steps is behind the current one.
bool only_optional_follow(const World& world, const Run& run) {
  for (int s = run.stage + 1; s <= last_stage(world); ++s)
    if (!stage_at(world, s).optional) return false;
  return true;
}

// Every mandatory step has what it needs; what is still to come is silence, or the end of a loop.
bool complete(const World& world, const Run& run) { return satisfied(world, run) && only_optional_follow(world, run); }

// Whether an event of these streams came for this key between the latest event taken and `event`.
bool seen_since_latest(const World& world, const Run& run, std::size_t event, const std::vector<StreamId>& streams) {
  for (const std::size_t p : world.past)
    if (p > run.latest() && p < event && concerns(streams, world.events[p])) return true;
  return false;
}

// The event that a time limit or a silence counts from: of a loop the latest one, `after first(a)` the first.
std::optional<std::int64_t> anchor_time(const World& world, const Run& run, int anchor, bool anchor_first) {
  const auto& events = run.taken[static_cast<std::size_t>(anchor)];
  if (events.empty()) return std::nullopt;
  return time_at(world, anchor_first ? events.front() : events.back());
}

// Of a time limit of stage `s`. Without `after`: from the latest event of the stages before it.
std::optional<std::int64_t> limit_start(const World& world, const Run& run, int s, const dsl::TimeLimit& limit) {
  if (limit.anchor >= 0) return anchor_time(world, run, limit.anchor, limit.anchor_first);
  for (int before = s - 1; before >= 0; --before)
    if (count(run, before) > 0) return anchor_time(world, run, before, false);
  return std::nullopt;
}

std::int64_t silence_start(const World& world, const Run& run, const dsl::Silence& silence) {
  if (silence.anchor >= 0)
    if (const auto start = anchor_time(world, run, silence.anchor, silence.anchor_first)) return *start;
  return time_at(world, run.latest());
}

bool limits_allow(const World& world, const Run& run, int s, std::int64_t time) {
  for (const auto& limit : stage_at(world, s).limits) {
    const auto start = limit_start(world, run, s, limit);
    if (!start) continue;  // The anchor has taken nothing: no limit.
    const std::int64_t passed = time - *start, allowed = limit.duration.count();
    if (limit.at_most && (passed > allowed || (world.options.mutation == Mutation::kAtMostExclusive && passed == allowed))) return false;
    if (!limit.at_most && passed < allowed) return false;
  }
  return true;
}

bool within_allows(const World& world, const Run& run, std::int64_t time) {
  if (!world.rule.within || run.stage == -1) return true;
  const std::int64_t passed = time - time_at(world, run.first()), allowed = world.rule.within->count();
  return world.options.mutation == Mutation::kWithinExclusive ? passed < allowed : passed <= allowed;
}

// Silences in the gaps between the current stage and stage `s` must be over.
bool silences_over(const World& world, const Run& run, int s, std::int64_t time) {
  if (run.stage == -1) return true;
  for (int gap = run.stage + 1; gap <= s; ++gap)
    for (const auto& silence : stage_at(world, gap).gap.silences)
      if (time < later(silence_start(world, run, silence), silence.duration)) return false;
  return true;
}

// `next`, between steps, and `strict`, within a loop: nothing of the steps' streams lies in between.
bool contiguity_allows(const World& world, const Run& run, int s, std::size_t event) {
  if (run.stage == -1) return true;
  const bool asked = s == run.stage ? stage_at(world, s).strict : stage_at(world, s).next && world.options.mutation != Mutation::kLooseNext;
  return !asked || !seen_since_latest(world, run, event, world.rule.step_streams);
}

bool gap_allows(const World& world, const Run& run, int s, std::int64_t time) {
  const auto& gap = stage_at(world, s).gap_limit;
  if (s != run.stage || !gap) return true;
  const std::int64_t passed = time - time_at(world, run.latest());
  return world.options.mutation == Mutation::kGapExclusive ? passed < gap->count() : passed <= gap->count();
}

// An event that fits `until` is never taken by the loop, not even as its first.
bool until_holds(const World& world, const Run& run, int s, std::size_t event) {
  const auto& stage = stage_at(world, s);
  if (stage.until == nullptr || !concerns(stage.filter.streams, world.events[event])) return false;
  if (world.options.mutation == Mutation::kUntilTaken && s != run.stage) return false;
  return filter_holds(world, run, {stage.filter.streams, stage.until}, event);
}

// Fits: the condition holds, and the step's time limits, the rule's `within` and a silence before the step allow it now.
bool fits(const World& world, const Run& run, int s, std::size_t event) {
  const std::int64_t time = time_at(world, event);
  return filter_holds(world, run, stage_at(world, s).filter, event) && !until_holds(world, run, s, event) &&
         limits_allow(world, run, s, time) && within_allows(world, run, time) && silences_over(world, run, s, time) &&
         contiguity_allows(world, run, s, event) && gap_allows(world, run, s, time);
}

// The stages that wait, in the order in which they are tried.
std::vector<int> waiting(const World& world, const Run& run) {
  if (!satisfied(world, run)) return {run.stage};  // A loop below its minimum: nothing else can come.
  std::vector<int> stages = following(world, run);
  if (!may_continue(world, run)) return stages;
  const bool greedy = stage_at(world, run.stage).greedy || world.options.mutation == Mutation::kLoopBeforeNextStep;
  stages.insert(greedy ? stages.begin() : stages.end(), run.stage);
  return stages;
}

// The gaps that are open: from the first event of the step before them. Index = stage behind the gap, or one past the last
// stage for the closing gap.
std::vector<int> open_gaps(const World& world, const Run& run) {
  if (world.options.mutation == Mutation::kGuardBlind && !satisfied(world, run)) return {};
  std::vector<int> gaps = following(world, run);
  if (only_optional_follow(world, run)) gaps.push_back(last_stage(world) + 1);
  return gaps;
}

const dsl::Gap& gap_at(const World& world, int index) {
  return index > last_stage(world) ? world.rule.closing : stage_at(world, index).gap;
}

// The guard, `no next` or silence of one gap that the event fits.
std::optional<int> breaks_gap(const World& world, const Run& run, const dsl::Gap& gap, std::size_t event) {
  for (const auto& guard : gap.guards)
    if (filter_holds(world, run, guard.filter, event)) return guard.id;
  for (const auto& guard : gap.no_next) {
    // Only the very next event of the steps' streams and its own: any such event, fitting or not, uses it up.
    std::vector<StreamId> streams = world.rule.step_streams;
    streams.insert(streams.end(), guard.filter.streams.begin(), guard.filter.streams.end());
    if (!seen_since_latest(world, run, event, streams) && filter_holds(world, run, guard.filter, event)) return guard.id;
  }
  for (const auto& silence : gap.silences) {
    const bool too_early = time_at(world, event) < later(silence_start(world, run, silence), silence.duration);
    if (too_early && filter_holds(world, run, silence.guard.filter, event)) return silence.guard.id;
  }
  return std::nullopt;
}

// After an event of the steps' streams that the run has not taken, `next` can no longer be satisfied. Is there another way?
bool way_left_without_contiguity(const World& world, const Run& run) {
  if (may_continue(world, run)) return true;
  if (complete(world, run)) return true;
  for (const int s : following(world, run))
    if (!stage_at(world, s).next || world.options.mutation == Mutation::kLooseNext) return true;
  return false;
}

// A loop in the last place that has been closed, with no silence behind it: that is the match.
bool matches_by_closing(const World& world, const Run& run) {
  return run.closed && run.stage == last_stage(world) && satisfied(world, run) && world.rule.closing.silences.empty();
}

// Whether the anchor of a limit on a later stage can no longer move.
std::optional<std::int64_t> settled_start(const World& world, const Run& run, int s, const dsl::TimeLimit& limit) {
  const bool loop_open = may_continue(world, run);
  if (limit.anchor == -1) {
    if (s == run.stage + 1 && !loop_open) return limit_start(world, run, s, limit);
    return std::nullopt;
  }
  if (limit.anchor < run.stage || limit.anchor_first || (limit.anchor == run.stage && !loop_open)) return limit_start(world, run, s, limit);
  return std::nullopt;
}

}  // namespace

std::vector<std::size_t> Run::events() const {
  std::vector<std::size_t> all;
  for (const auto& of_stage : taken) all.insert(all.end(), of_stage.begin(), of_stage.end());
  return all;
}

Scope scope_of(const World& world, const Run& run, std::vector<std::vector<const Row*>>& rows) {
  rows.assign(world.rule.stages.size(), {});
  for (std::size_t s = 0; s < run.taken.size(); ++s)
    for (const std::size_t event : run.taken[s]) rows[s].push_back(&world.events[event]);
  Scope scope;
  scope.taken = &rows;
  scope.key = &world.key;
  if (run.stage >= 0) scope.previous = &world.events[run.latest()];
  return scope;
}

bool filter_holds(const World& world, const Run& run, const dsl::Filter& filter, std::size_t event) {
  if (!concerns(filter.streams, world.events[event])) return false;
  std::vector<std::vector<const Row*>> rows;
  Scope scope = scope_of(world, run, rows);
  scope.candidate = &world.events[event];
  return holds(filter.condition, scope);
}

std::vector<int> following(const World& world, const Run& run) {
  std::vector<int> stages;
  for (int s = run.stage + 1; s <= last_stage(world); ++s) {
    stages.push_back(s);
    if (!stage_at(world, s).optional) break;
  }
  return stages;
}

std::optional<int> taker(const World& world, const Run& run, std::size_t event) {
  for (const int s : waiting(world, run))
    if (fits(world, run, s, event)) return s;
  return std::nullopt;
}

void take(Run& run, int stage, std::size_t event) {
  if (stage != run.stage) run.closed = false;
  run.stage = stage;
  run.taken[static_cast<std::size_t>(stage)].push_back(event);
}

std::optional<int> broken_by(const World& world, const Run& run, std::size_t event, std::optional<int> taken_by) {
  if (taken_by == run.stage) return std::nullopt;  // A loop's own event is in no gap behind the loop.
  for (const int gap : open_gaps(world, run)) {
    if (taken_by && gap > *taken_by) break;  // An event that a step takes is in no gap behind that step.
    if (taken_by && world.options.mutation == Mutation::kGuardAfterTake) break;
    if (const auto guard = breaks_gap(world, run, gap_at(world, gap), event)) return guard;
  }
  return std::nullopt;
}

Passing pass_over(const World& world, Run& run, std::size_t event) {
  const auto& stage = stage_at(world, run.stage);
  // `until` closes the loop once it has begun; below the minimum the run ends.
  if (may_continue(world, run) && until_holds(world, run, run.stage, event)) {
    if (!satisfied(world, run)) return Passing::kEnds;
    run.closed = true;
  }
  if (concerns(world.rule.step_streams, world.events[event])) {
    // The same for `strict`, by any event of the steps' streams.
    if (may_continue(world, run) && stage.strict) {
      if (!satisfied(world, run)) return Passing::kEnds;
      run.closed = true;
    }
    if (!way_left_without_contiguity(world, run)) return Passing::kEnds;
  }
  return matches_by_closing(world, run) ? Passing::kMatches : Passing::kGoesOn;
}

bool matches_on_event(const World& world, const Run& run, std::int64_t now) {
  if (!complete(world, run)) return false;
  // A closing silence whose end is already past (it counts from an earlier step) holds nothing up.
  if (!world.rule.closing.silences.empty()) return silence_deadline(world, run) <= now;
  return run.stage == last_stage(world) && !may_continue(world, run);
}

std::int64_t silence_deadline(const World& world, const Run& run) {
  if (!complete(world, run) || world.rule.closing.silences.empty()) return kNever;
  std::int64_t deadline = std::numeric_limits<std::int64_t>::min();
  for (const auto& silence : world.rule.closing.silences)
    deadline = std::max(deadline, later(silence_start(world, run, silence), silence.duration));
  return deadline;  // All must hold.
}

std::int64_t gap_end(const World& world, const Run& run) {
  const auto& gap = stage_at(world, run.stage).gap_limit;
  return gap && may_continue(world, run) ? later(time_at(world, run.latest()), *gap) : kNever;
}

std::int64_t time_out(const World& world, const Run& run) {
  // What waits only for a closing silence, or for the end of its last loop by `gap`, does not time out.
  if (complete(world, run) && !world.rule.closing.silences.empty()) return kNever;
  if (complete(world, run) && run.stage == last_stage(world) && gap_end(world, run) != kNever) return kNever;
  std::int64_t end = kNever;
  if (world.rule.within) end = later(time_at(world, run.first()), *world.rule.within);
  // The loop in progress binds while it is below its minimum; the steps to come bind where they must come.
  for (int s = run.stage; s <= last_stage(world); ++s) {
    const bool own = s == run.stage;
    if (own ? satisfied(world, run) : stage_at(world, s).optional) continue;
    for (const auto& limit : stage_at(world, s).limits) {
      if (!limit.at_most) continue;
      const auto start = own ? limit_start(world, run, s, limit) : settled_start(world, run, s, limit);
      if (start) end = std::min(end, later(*start, limit.duration));
    }
  }
  return end;
}

Passing close_by_gap(const World& world, Run& run) {
  if (!satisfied(world, run)) return Passing::kEnds;
  run.closed = true;
  if (matches_by_closing(world, run)) return Passing::kMatches;
  // Something strange came while the loop could still go on; now only `next` is left, and it cannot come.
  const bool contiguous = !seen_since_latest(world, run, world.events.size(), world.rule.step_streams);
  return contiguous || way_left_without_contiguity(world, run) ? Passing::kGoesOn : Passing::kEnds;
}

}  // namespace sequitur::reference
