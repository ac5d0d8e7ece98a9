#include "tests/reference/run.hpp"
#include "tests/reference/blocks.hpp"
#include "tests/reference/guard_blocks.hpp"
#include "tests/reference/holds.hpp"

#include <algorithm>

namespace sequitur::reference {
namespace {

const dsl::Stage& stage_at(const World& world, int index) { return world.rule.stages[static_cast<std::size_t>(index)]; }
int last_stage(const World& world) { return static_cast<int>(world.rule.stages.size()) - 1; }
std::int64_t time_at(const World& world, std::size_t event) { return world.events[event].time; }

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

// The first stage behind the current one that is not left out already.
int next_stage(const Run& run) { return std::max(run.stage, run.passed) + 1; }

// Nothing but optional steps is behind the current one.
bool only_optional_follow(const World& world, const Run& run) {
  if (run.committed) return false;
  for (int s = next_stage(run); s <= last_stage(world); ++s)
    if (!stage_at(world, s).optional) return false;
  return true;
}

// Every mandatory step has what it needs; what is still to come is silence, or the end of a loop.
bool complete(const World& world, const Run& run) { return satisfied(world, run) && only_optional_follow(world, run); }

}  // namespace

std::int64_t later(std::int64_t time, Duration by) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(time, by.count(), &sum) ? kNever : sum;
}

// The event is one of the line's streams, and for the line it belongs to this key.
bool is_of(const World& world, const dsl::Filter& filter, std::size_t event) {
  const Row& row = world.events[event];
  if (!concerns(filter.streams, row)) return false;
  // Where all lines read the key alike, only events of this key come here.
  if (world.options.mutation == Mutation::kWaysAlike) return true;
  return world.rule.key_ways.empty() || row.tick || key_of(world.rule, filter.key_way, row) == world.key;
}

// An event of the steps' streams.
bool is_of_steps(const World& world, std::size_t event) {
  const auto& stages = world.rule.stages;
  return std::any_of(stages.begin(), stages.end(), [&](const dsl::Stage& stage) { return is_of(world, stage.filter, event); });
}

// Whether an event of the steps' streams, or of the guard's, came for this key between the latest event taken and `event`.
bool seen_since_latest(const World& world, const Run& run, std::size_t event, const dsl::Guard* guard) {
  for (const std::size_t p : world.past)
    if (p > run.behind && p < event && (is_of_steps(world, p) || (guard != nullptr && is_of(world, guard->filter, p)))) return true;
  return false;
}

// The event that a time limit or a silence counts from: of a loop the latest one, `after first(a)` the first.
std::optional<std::int64_t> anchor_time(const World& world, const Run& run, int anchor, bool anchor_first) {
  const auto& events = run.taken[static_cast<std::size_t>(anchor)];
  if (events.empty()) return std::nullopt;
  if (const auto held = run.held.find(anchor); held != run.held.end() && !anchor_first) return held->second;
  return time_at(world, anchor_first ? events.front() : events.back());
}

std::int64_t silence_start(const World& world, const Run& run, const dsl::Silence& silence) {
  if (silence.anchor >= 0)
    if (const auto start = anchor_time(world, run, silence.anchor, silence.anchor_first)) return *start;
  return run.took_at;
}

namespace {

// Of a time limit of stage `s`. Without `after`: from the latest event of the stages before it.
std::optional<std::int64_t> limit_start(const World& world, const Run& run, int s, const dsl::TimeLimit& limit) {
  if (limit.anchor >= 0) return anchor_time(world, run, limit.anchor, limit.anchor_first);
  for (int before = s - 1; before >= 0; --before)
    if (count(run, before) > 0) return anchor_time(world, run, before, false);
  return std::nullopt;
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
  return !asked || !seen_since_latest(world, run, event);
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
  if (stage.until == nullptr || !is_of(world, stage.filter, event)) return false;
  if (world.options.mutation == Mutation::kUntilTaken && s != run.stage) return false;
  return filter_holds(world, run, {stage.filter.streams, stage.until, stage.filter.key_way}, event);
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
// stage for the closing gap. The gaps around a step that was left out are open until the step behind them comes.
std::vector<int> open_gaps(const World& world, const Run& run) {
  if (world.options.mutation == Mutation::kGuardBlind && !satisfied(world, run)) return {};
  const auto waiting_behind = following(world, run);
  const int end = only_optional_follow(world, run) ? last_stage(world) + 1 : waiting_behind.back();
  std::vector<int> gaps;
  for (int gap = run.stage + 1; gap <= end; ++gap) gaps.push_back(gap);
  return gaps;
}

const dsl::Gap& gap_at(const World& world, int index) {
  return index > last_stage(world) ? world.rule.closing : stage_at(world, index).gap;
}

}  // namespace

// The guard, `no next` or silence of one gap that the event fits.
std::optional<int> breaks_gap(const World& world, const Run& run, const dsl::Gap& gap, std::size_t event) {
  const auto fits = [&](const dsl::Guard& guard) {
    return guard.block != nullptr ? comes_about(world, run, guard, event) : filter_holds(world, run, guard.filter, event);
  };
  for (const auto& guard : gap.guards)
    if (fits(guard)) return guard.id;
  for (const auto& guard : gap.no_next) {
    // Only the very next event of the steps' streams and its own: any such event, fitting or not, uses it up.
    if (!seen_since_latest(world, run, event, &guard) && filter_holds(world, run, guard.filter, event)) return guard.id;
  }
  for (const auto& silence : gap.silences) {
    const bool too_early = time_at(world, event) < later(silence_start(world, run, silence), silence.duration);
    if (too_early && fits(silence.guard)) return silence.guard.id;
  }
  return std::nullopt;
}

namespace {

// After an event of the steps' streams that the run has not taken, `next` can no longer be satisfied. Is there another way?
bool way_left_without_contiguity(const World& world, const Run& run) {
  if (may_continue(world, run)) return true;
  if (complete(world, run) && !world.rule.closing.silences.empty()) return true;
  for (const int s : following(world, run))
    if (!stage_at(world, s).next || world.options.mutation == Mutation::kLooseNext) return true;
  return false;
}

// Whether the run may be reported as it is: what could still come may be left out by `every length`.
bool ends_here(const World& world, const Run& run) {
  if (!complete(world, run)) return false;
  if (may_continue(world, run) && !stage_at(world, run.stage).every_length) return false;
  const auto rest = following(world, run);
  return std::all_of(rest.begin(), rest.end(), [&](int s) { return stage_at(world, s).every_length; });
}

// Whether there is anything that could still be taken.
bool can_take_more(const World& world, const Run& run) { return may_continue(world, run) || !following(world, run).empty(); }

// A loop that has just been closed, with no silence behind it: that is the match, unless each length was reported already.
bool matches_by_closing(const World& world, const Run& run) {
  return world.rule.closing.silences.empty() && ends_here(world, run) && !stage_at(world, run.stage).every_length;
}

// Right after an event was taken.
bool matches_on_event(const World& world, const Run& run, std::int64_t now) {
  // A closing silence whose end is already past (it counts from an earlier step) holds nothing up.
  if (!world.rule.closing.silences.empty()) return complete(world, run) && silence_deadline(world, run) <= now;
  return ends_here(world, run);
}

std::optional<int> taker(const World& world, const Run& run, std::size_t event) {
  for (const int s : waiting(world, run))
    if (fits(world, run, s, event)) return s;
  return std::nullopt;
}

// The id of the guard that an event breaks which stage `taken_by` takes, or none.
std::optional<int> broken_by(const World& world, const Run& run, std::size_t event, std::optional<int> taken_by) {
  if (run.stage == -1) return std::nullopt;
  if (taken_by == run.stage) return std::nullopt;  // A loop's own event is in no gap behind the loop.
  for (const int gap : open_gaps(world, run)) {
    if (taken_by && gap > *taken_by) break;  // An event that a step takes is in no gap behind that step.
    if (taken_by && world.options.mutation == Mutation::kGuardAfterTake) break;
    if (const auto guard = breaks_gap(world, run, gap_at(world, gap), event)) return guard;
  }
  return std::nullopt;
}

Run broken(Run run, int guard) {
  run.state = Run::State::kBroken;
  run.guard = guard;
  return run;
}

// A match; with `every length` there is a branch that goes on as well.
std::vector<Run> matched(const World& world, const Run& run) {
  std::vector<Run> runs{run};
  runs[0].state = Run::State::kMatched;
  if (world.rule.closing.silences.empty() && can_take_more(world, run)) runs.push_back(run);
  return runs;
}

// The stage takes the event.
std::vector<Run> taking(const World& world, Run run, int stage, std::size_t event) {
  if (const auto guard = broken_by(world, run, event, stage)) return {broken(run, *guard)};
  if (stage != run.stage) run.closed = false;
  run.stage = stage;
  run.passed = -1;
  run.committed = false;
  run.taken[static_cast<std::size_t>(stage)].push_back(event);
  run.took_at = time_at(world, event);
  run.previous = run.behind = event;
  if (matches_on_event(world, run, time_at(world, event))) return matched(world, run);
  return {run};
}

// The run does not take the event.
std::vector<Run> passing(const World& world, Run run, std::size_t event) {
  if (run.stage == -1) return {};
  if (const auto guard = broken_by(world, run, event, std::nullopt)) return {broken(run, *guard)};
  const bool of_a_step = is_of_steps(world, event);
  // `until` closes the loop once it has begun, `strict` by any event of the steps' streams; below the minimum the run ends.
  const bool closes =
      may_continue(world, run) && (until_holds(world, run, run.stage, event) || (of_a_step && stage_at(world, run.stage).strict));
  if (closes && !satisfied(world, run)) return {};
  std::vector<Run> runs{run};
  if (closes) {
    runs[0].closed = true;
    if (matches_by_closing(world, runs[0])) runs = matched(world, runs[0]);
  }
  std::erase_if(runs, [&](const Run& one) { return one.live() && of_a_step && !way_left_without_contiguity(world, one); });
  return runs;
}

// All that the run can do on the event. See docs/semantics.md, section 10.
std::vector<Run> choices(const World& world, const Run& run, std::size_t event) {
  std::vector<Run> runs;
  const auto add = [&](const std::vector<Run>& more) { runs.insert(runs.end(), more.begin(), more.end()); };
  const auto took = [&](const Run& one) { return one.stage >= 0 && one.latest() == event; };

  // A loop of every length: it takes the event, or it was left before.
  const bool in_loop = run.stage >= 0 && may_continue(world, run) && satisfied(world, run);
  if (in_loop && stage_at(world, run.stage).every_length && fits(world, run, run.stage, event)) {
    const bool skipping = stage_at(world, run.stage).skipping && world.options.mutation != Mutation::kNothingSkipped;
    add(taking(world, run, run.stage, event));
    if (skipping) add(passing(world, run, event));
    Run left = run;
    left.closed = true;
    for (const Run& one : choices(world, left, event))
      if (took(one) || !skipping) runs.push_back(one);  // Else it is what passing the event over is.
    return runs;
  }

  const auto stage = taker(world, run, event);
  if (!stage) return passing(world, run, event);
  const dsl::Stage& to = stage_at(world, *stage);
  add(taking(world, run, *stage, event));
  if (*stage == run.stage) {
    if (to.skipping && world.options.mutation != Mutation::kNothingSkipped) add(passing(world, run, event));
    return runs;
  }
  if (to.each && world.options.mutation != Mutation::kEachIsThen) {
    Run waits = run;
    waits.closed = true;
    waits.passed = *stage - 1;
    waits.committed = true;
    add(passing(world, waits, event));
  }
  if (to.optional && to.every_length && !run.committed) {
    Run left = run;
    left.closed = true;
    left.passed = *stage;
    add(choices(world, left, event));
  }
  return runs;
}

// Whether the anchor of a limit on a later stage can no longer move.
std::optional<std::int64_t> settled_start(const World& world, const Run& run, int s, const dsl::TimeLimit& limit) {
  const bool loop_open = may_continue(world, run);
  if (limit.anchor == -1) {
    if (s == next_stage(run) && !loop_open) return limit_start(world, run, s, limit);
    return std::nullopt;
  }
  if (limit.anchor < run.stage || limit.anchor_first || (limit.anchor == run.stage && !loop_open)) return limit_start(world, run, s, limit);
  return std::nullopt;
}

}  // namespace

std::vector<std::size_t> Run::events(bool samples) const {
  std::vector<std::size_t> all;
  for (const auto& of_stage : taken) all.insert(all.end(), of_stage.begin(), of_stage.end());
  if (samples)
    for (const Stretch& stretch : stretches) all.insert(all.end(), stretch.samples.begin(), stretch.samples.end());
  std::sort(all.begin(), all.end());                          // In blocks stages take turns,
  all.erase(std::unique(all.begin(), all.end()), all.end());  // and a stretch may have an event that another step has too.
  return all;
}

bool Run::comes_before(const Run& other) const {
  for (std::size_t s = 0; s < taken.size(); ++s) {
    if (taken[s].size() != other.taken[s].size()) return taken[s].size() > other.taken[s].size();
    if (taken[s] != other.taken[s]) return taken[s] < other.taken[s];
  }
  return false;
}

Scope scope_of(const World& world, const Run& run, std::vector<std::vector<const Row*>>& rows) {
  rows.assign(world.rule.stages.size(), {});
  for (std::size_t s = 0; s < run.taken.size(); ++s)
    for (const std::size_t event : run.taken[s]) rows[s].push_back(&world.events[event]);
  Scope scope;
  scope.taken = &rows;
  scope.key = &world.key;
  scope.past = &world.rule.past;
  scope.past_inclusive = world.options.mutation == Mutation::kPastInclusive;
  scope.events = world.events;
  scope.history = &world.past;
  scope.tables = world.tables;
  if (run.previous) scope.previous = &world.events[*run.previous];
  return scope;
}

std::optional<std::vector<Value>> key_of(const dsl::Rule& rule, int key_way, const Row& row) {
  std::vector<Value> key;
  Scope scope;
  scope.candidate = &row;
  for (std::size_t part = 0; part < rule.key.size(); ++part) {
    const auto& by_stream = rule.key_ways.empty() ? rule.key[part].by_stream : rule.key_ways[static_cast<std::size_t>(key_way)][part];
    for (const auto& [stream, expr] : by_stream) {
      if (stream != row.stream) continue;
      Value value = evaluate(*expr, scope);
      if (is_null(value)) return std::nullopt;
      key.push_back(rule.key[part].fold ? folded_value(value) : value);
    }
  }
  if (key.size() != rule.key.size()) return std::nullopt;  // No line of that way is over this stream.
  return key;
}

bool filter_holds(const World& world, const Run& run, const dsl::Filter& filter, std::size_t event, std::optional<std::size_t> as_of) {
  if (!is_of(world, filter, event)) return false;
  std::vector<std::vector<const Row*>> rows;
  Scope scope = scope_of(world, run, rows);
  scope.candidate = &world.events[event];
  scope.known = world.events.first(as_of.value_or(event));
  if (world.options.mutation == Mutation::kLatestRow) scope.known = world.events;
  scope.now = time_at(world, as_of.value_or(event));
  return holds(filter.condition, scope);
}

std::vector<int> following(const World& world, const Run& run) {
  std::vector<int> stages;
  for (int s = next_stage(run); s <= last_stage(world); ++s) {
    stages.push_back(s);
    if (run.committed || !stage_at(world, s).optional) break;
  }
  return stages;
}

std::vector<Run> after(const World& world, const Run& run, std::size_t event) {
  if (run.stage >= 0 || !run.stretches.empty())
    for (const auto& cancel : world.rule.cancels)
      if (filter_holds(world, run, cancel.filter, event))
        return is_alone(run) ? ended_alone(run) : std::vector<Run>{broken(run, cancel.id)};
  if (is_alone(run)) return follow_alone(world, run, event);
  if (world.rule.blocks != nullptr) return block_choices(world, with_sample(world, run, event), event);
  return choices(world, run, event);
}

std::int64_t silence_deadline(const World& world, const Run& run) {
  if (is_alone(run)) return kNever;
  const bool is_complete = world.rule.blocks != nullptr ? block_complete(world, run) : complete(world, run);
  if (!is_complete || world.rule.closing.silences.empty()) return kNever;
  std::int64_t deadline = std::numeric_limits<std::int64_t>::min();
  for (const auto& silence : world.rule.closing.silences)
    deadline = std::max(deadline, later(silence_start(world, run, silence), silence.duration));
  return deadline;  // All must hold.
}

std::int64_t gap_end(const World& world, const Run& run) {
  if (is_alone(run)) return kNever;
  if (world.rule.blocks != nullptr) return block_gap_end(world, run);
  const auto& gap = stage_at(world, run.stage).gap_limit;
  return gap && may_continue(world, run) ? later(time_at(world, run.latest()), *gap) : kNever;
}

std::int64_t time_out(const World& world, const Run& run) {
  if (is_alone(run)) return kNever;
  if (world.rule.blocks != nullptr) return block_time_out(world, run);
  // What waits only for a closing silence, or for the end of its last loop by `gap`, does not time out.
  if (complete(world, run) && !world.rule.closing.silences.empty()) return kNever;
  if (complete(world, run) && run.stage == last_stage(world) && gap_end(world, run) != kNever) return kNever;
  std::int64_t end = kNever;
  if (world.rule.within) end = later(time_at(world, run.first()), *world.rule.within);
  // The loop in progress binds while it is below its minimum; the steps to come bind where they must come.
  for (int s = run.stage; s <= last_stage(world); ++s) {
    const bool own = s == run.stage;
    const bool awaited = run.committed && s == next_stage(run);
    if (own ? satisfied(world, run) : stage_at(world, s).optional && !awaited) continue;
    for (const auto& limit : stage_at(world, s).limits) {
      if (!limit.at_most) continue;
      const auto start = own ? limit_start(world, run, s, limit) : settled_start(world, run, s, limit);
      if (start) end = std::min(end, later(*start, limit.duration));
    }
  }
  return end;
}

// The gap of the loop in progress has passed: above its minimum the loop is closed, below it the run ends.
std::vector<Run> close_by_gap(const World& world, Run run) {
  if (world.rule.blocks != nullptr) return block_close_by_gap(world, std::move(run));
  if (!satisfied(world, run)) return {};
  run.closed = true;
  std::vector<Run> runs{run};
  if (matches_by_closing(world, run)) runs = matched(world, run);
  // Something strange came while the loop could still go on; now only `next` is left, and it cannot come.
  const bool contiguous = !seen_since_latest(world, run, world.events.size());
  std::erase_if(runs, [&](const Run& one) {
    const bool over = world.rule.closing.silences.empty() && !can_take_more(world, one);
    return one.live() && (over || (!contiguous && !way_left_without_contiguity(world, one)));
  });
  return runs;
}

}  // namespace sequitur::reference
