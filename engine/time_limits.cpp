// When time alone changes a run: silences that end, gaps that close a loop, limits that end the run.
// The covering tests are the differential ones; docs/semantics.md says the same in words.
#include <algorithm>

#include "engine/shard.hpp"

namespace sequitur {
namespace {

constexpr std::int64_t kNoLimit = kFarTime - 1;

}  // namespace

// The time of the anchor as seen by an event for `stage`; kNoLimit when there is nothing to measure from.
std::int64_t Shard::anchor_time(const RuleState& rule, const Run& run, const nfa::Anchor& anchor, int stage) const {
  if (rule.layout.nodes > 0) return block_anchor_time(rule, run, anchor);
  const Event* const* events = rule.layout.events(run);
  const int current = rule.automaton->states[run.state].stage;
  if (anchor.stage < 0) {
    const std::uint32_t end = stage <= current ? rule.layout.stage_begin(run, stage) : run.event_count;
    return end == 0 ? kNoLimit : events[end - 1]->time;
  }
  if (anchor.stage > current) return kNoLimit;
  const std::uint32_t begin = rule.layout.stage_begin(run, anchor.stage);
  const std::uint32_t end = rule.layout.stage_end(run, anchor.stage);
  if (begin == end) return kNoLimit;
  return events[anchor.first ? begin : end - 1]->time;
}

bool Shard::limits_allow(const RuleState& rule, const Run& run, const nfa::State&, int way, std::int64_t time) const {
  for (const nfa::LimitCode& limit : rule.automaton->stages[static_cast<std::size_t>(way)].limits) {
    const std::int64_t start = anchor_time(rule, run, limit.anchor, way);
    if (start == kNoLimit) continue;
    const std::int64_t end = later(start, limit.duration);
    if (limit.at_most ? time > end : time < end) return false;
  }
  return true;
}

bool Shard::silences_over(const RuleState& rule, const Run& run, const nfa::GapCode& gap, std::int64_t time) const {
  const std::int64_t latest = latest_time(rule, run);
  for (const nfa::SilenceCode& silence : gap.silences) {
    const std::int64_t start =
        silence.anchor.stage < 0 ? latest : anchor_time(rule, run, silence.anchor, static_cast<int>(rule.layout.stages));
    if (start != kNoLimit && time < later(start, silence.duration)) return false;
  }
  return true;
}

// When the closing silences are over.
std::int64_t Shard::silence_end(const RuleState& rule, const Run& run) const {
  const std::int64_t latest = latest_time(rule, run);
  std::int64_t end = latest;
  for (const nfa::SilenceCode& silence : rule.automaton->closing.silences) {
    std::int64_t start = silence.anchor.stage < 0 ? latest : anchor_time(rule, run, silence.anchor, static_cast<int>(rule.layout.stages));
    if (start == kNoLimit) start = latest;
    end = std::max(end, later(start, silence.duration));
  }
  return end;
}

// The last instant at which the run could still match: `within`, and the limits of the stages that it cannot do without.
std::int64_t Shard::last_chance(const RuleState& rule, const Run& run, const nfa::State& state) const {
  const nfa::Automaton& automaton = *rule.automaton;
  std::int64_t end = kNoLimit;
  if (automaton.within >= 0) end = later(rule.layout.events(run)[0]->time, automaton.within);

  const auto bind = [&](int stage) {
    for (const nfa::LimitCode& limit : automaton.stages[static_cast<std::size_t>(stage)].limits) {
      if (!limit.at_most) continue;
      const bool own = stage == state.stage;
      bool settled = own;
      if (!own && limit.anchor.stage < 0) settled = state.phase == nfa::Phase::kDone && stage == state.ways.front();
      if (!own && limit.anchor.stage >= 0)
        settled = limit.anchor.stage < state.stage ||
                  (limit.anchor.stage == state.stage && (state.phase == nfa::Phase::kDone || limit.anchor.first));
      if (!settled) continue;
      const std::int64_t start = anchor_time(rule, run, limit.anchor, stage);
      if (start != kNoLimit) end = std::min(end, later(start, limit.duration));
    }
  };
  if (state.phase == nfa::Phase::kFilling) bind(state.stage);
  for (int stage = state.watch_end; stage < static_cast<int>(automaton.stages.size());
       stage = automaton.stages[static_cast<std::size_t>(stage)].next_mandatory)
    bind(stage);
  return end;
}

Moment Shard::due_of(const RuleState& rule, const Run& run) const {
  const nfa::Automaton& automaton = *rule.automaton;
  if (automaton.blocks != nullptr) return block_due(rule, run);
  const nfa::State& state = automaton.states[run.state];
  const nfa::StageCode& stage = automaton.stages[static_cast<std::size_t>(state.stage)];
  Moment due = kNever;
  const bool in_progress = state.phase != nfa::Phase::kDone;
  if (in_progress && stage.gap_limit >= 0)
    due = moment(later(rule.layout.events(run)[run.event_count - 1]->time, stage.gap_limit), MomentPhase::kGap);

  if (state.satisfied && automaton.closes == nfa::Closing::kSilence)
    return std::min(due, moment(silence_end(rule, run), MomentPhase::kSilence));
  // A last loop that the gap closes cannot run out of time any more.
  const bool last = state.stage + 1 == static_cast<int>(automaton.stages.size());
  if (state.satisfied && in_progress && stage.gap_limit >= 0 && last) return due;
  const std::int64_t end = last_chance(rule, run, state);
  return end >= kNoLimit ? due : std::min(due, moment(end, MomentPhase::kLimit));
}

}  // namespace sequitur
