// Rules with blocks: one event at one run, by the tree. What is said of the tree alone is in block_place.hpp; a rule without
// blocks never comes here. The covering test is the differential one (tests/differential/block_rules.cpp), against
// tests/reference/blocks.cpp.
#include <algorithm>
#include <array>

#include "engine/kept_event.hpp"
#include "engine/shard.hpp"
#include "engine/stretch.hpp"

namespace sequitur {
namespace {

constexpr std::int64_t kNoEnd = kFarTime - 1;
using BlockKind = dsl::BlockNode::Kind;

}  // namespace

BlockPlace Shard::place_of(const RuleState& rule, const Run& run) const {
  NodeState* states = rule.layout.node_states(const_cast<Run&>(run));
  return {*rule.automaton->blocks, states, taken_count(run) > 0, scratch_of(rule)};
}

// Fills the context with the run's events by stage, and `event` behind those of `stage`. The first stages of a block behind `no`
// are those of the run in whose gap it is.
void Shard::gather(const RuleState& rule, const Run& run, int stage, const Event* event) {
  const Event* const* events = rule.layout.events(run);
  const std::uint16_t* tags = rule.layout.tags(run);
  const std::uint32_t stages = rule.layout.stages;
  const std::uint32_t taken = taken_count(run);
  const std::uint32_t outer_stages = rule.in_gap != nullptr ? static_cast<std::uint32_t>(rule.in_gap->first_stage) : 0;
  const std::uint32_t outer_taken = outer_stages > 0 ? taken_count(*outer_run_) : 0;
  gathered_.resize(taken + outer_taken + 1);
  std::uint32_t to = 0;
  const auto add = [&](const Event* const* from, const std::uint16_t* of_stage, std::uint32_t count, std::uint32_t of) {
    for (std::uint32_t i = 0; i < count; ++i)
      if ((of_stage[i] & kTagStage) == of) gathered_[to++] = from[i];
  };
  for (std::uint32_t of = 0; of < stages; ++of) {
    const std::uint32_t begin = to;
    if (of < outer_stages)
      add(outer_rule_->layout.events(*outer_run_), outer_rule_->layout.tags(*outer_run_), outer_taken, of);
    else
      add(events, tags, taken, of);
    if (static_cast<int>(of) == stage) gathered_[to++] = event;
    stage_events_[of] = {gathered_.data() + begin, to - begin};
  }
  context_.previous = taken > 0 ? events[taken - 1] : nullptr;
}

bool Shard::block_limits_allow(const RuleState& rule, const Run& run, const nfa::BlockNodeCode& node, std::uint32_t entered,
                               std::int64_t time) const {
  for (const nfa::LimitCode& limit : node.limits) {
    std::int64_t start = kNoEnd;
    if (limit.anchor.stage >= 0)
      start = anchor_time(rule, run, limit.anchor, 0);
    else if (entered > 0)
      start = take_time(rule, run, entered - 1);
    else if (rule.in_gap != nullptr)
      start = run.due;  // See guard_blocks.cpp.
    if (start == kNoEnd) continue;
    const std::int64_t end = later(start, limit.duration);
    if (limit.at_most ? time > end : time < end) return false;
  }
  return true;
}

// The parts of conditions in `all` that name siblings: those of the line that takes the event, and those of other lines that
// waited for it. `fresh`: the block begins with this event.
bool Shard::siblings_agree(const RuleState& rule, const Run& run, int all, int leaf, bool fresh, const Input& input) {
  const BlockPlace place = place_of(rule, run);
  const auto before = [&](int line) { return fresh ? 0 : place.state(line).count; };
  const auto there = [&](int line) { return line == leaf || before(line) > 0; };
  for (const int line : place.node(all).parts) {
    const nfa::BlockNodeCode& step = place.node(line);
    for (const nfa::SiblingCode& part : step.conditions) {
      if (!std::all_of(part.siblings.begin(), part.siblings.end(), there)) continue;
      if (line == leaf) {
        if (!part.condition.holds(context(rule, &run, input.event))) return false;
        continue;
      }
      const bool waited = std::find(part.siblings.begin(), part.siblings.end(), leaf) != part.siblings.end();
      if (!waited || before(line) == 0 || before(leaf) > 0) continue;
      context(rule, &run, input.event);
      gather(rule, run, place.node(leaf).stage, input.event);
      context_run_ = nullptr;
      const nfa::StageEvents taken = stage_events_[static_cast<std::size_t>(step.stage)];
      for (std::uint32_t i = taken.count - before(line); i < taken.count; ++i) {
        context_.candidate = taken.data[i];
        if (!part.condition.holds(context_)) return false;
      }
    }
  }
  return true;
}

bool Shard::block_fits(const RuleState& rule, const Run& run, const BlockMove& move, const Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  const BlockPlace place = place_of(rule, run);
  const nfa::BlockNodeCode& leaf = place.node(move.leaf);
  const nfa::StageCode& stage = automaton.stages[static_cast<std::size_t>(leaf.stage)];
  if ((input.bits & stage.test.bit) == 0) return false;
  const std::int64_t time = input.event->time;
  const bool begun = taken_count(run) > 0;
  if (begun) {
    if (automaton.within >= 0 && time > later(start_of(rule, run)->time, automaton.within)) return false;
    if (move.contiguous && (run.flags & Run::kContiguous) == 0) return false;
    const std::int64_t gap_limit = place.node(move.node).gap_limit;
    if (move.what != BlockMove::What::kEnter && gap_limit >= 0 && time > later(latest_time(rule, run), gap_limit)) return false;
    for (std::uint32_t i = move.gaps_begin; i < move.gaps_end; ++i)
      if (!silences_over(rule, run, place.node(place.gaps[i]).gap, time)) return false;
  }
  if (!holds(rule, &run, stage.test, input)) return false;
  bool fresh = !begun;
  for (std::size_t i = 0; i < leaf.path.size(); ++i) {
    const nfa::BlockNodeCode& node = place.node(leaf.path[i]);
    const NodeState& state = place.state(leaf.path[i]);
    if (node.until.bit != 0 && holds(rule, &run, node.until, input)) return false;
    if (!block_limits_allow(rule, run, node, fresh ? taken_count(run) : state.entered, time)) return false;
    if (node.kind == BlockKind::kAll && !siblings_agree(rule, run, leaf.path[i], move.leaf, fresh, input)) return false;
    if (node.kind == BlockKind::kSequence && static_cast<int>(state.count) != place.node(leaf.path[i + 1]).place) fresh = true;
    if (move.what == BlockMove::What::kAgain && move.node == leaf.path[i]) fresh = true;
  }
  return true;
}

// The id of the guard in these gaps that the event fits; -1.
int Shard::block_breaker(const RuleState& rule, const Run& run, std::span<const int> gaps, const Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  if ((input.bits & automaton.states[0].guard_bits) == 0) return -1;
  for (const int index : gaps) {
    const nfa::GapCode& gap = index < 0 ? automaton.closing : automaton.blocks->nodes[static_cast<std::size_t>(index)].gap;
    if (gap.empty()) continue;
    const int first_no_next = index < 0 ? 0 : automaton.blocks->nodes[static_cast<std::size_t>(index)].first_no_next;
    const int guard = find_breaker_in(rule, run, gap, input, first_no_next);
    if (guard >= 0) return guard;
  }
  return -1;
}

void Shard::take_in_block(RuleState& rule, Run& run, const BlockMove& move, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  if (run.event_count >= options_.max_run_events) {
    ++rule.counters.runs_overfull;
    run.flags |= Run::kEnded;
    return;
  }
  const std::uint32_t taken = taken_count(run);
  place_of(rule, run).apply(move, taken);
  append_event(rule, run, kept(input));
  const Event** events = rule.layout.events(run);
  std::uint16_t* tags = rule.layout.tags(run);
  tags[run.event_count - 1] = static_cast<std::uint16_t>(automaton.blocks->nodes[static_cast<std::size_t>(move.leaf)].stage);
  if (run.count > 0) {  // In front of the samples of stretches.
    std::rotate(events + taken, events + run.event_count - 1, events + run.event_count);
    std::rotate(tags + taken, tags + run.event_count - 1, tags + run.event_count);
  }
  run.flags = Run::kContiguous | (run.flags & Run::kStartMatched);
  run.fresh = 0xFF;
  context_run_ = nullptr;
  leave_gaps(rule, run, move);
  prune_stretches(rule, run, move.leaf);
  settle_block(rule, run, input.event->time);
}

// After the run took something: is it complete, and if not, when does time change it?
void Shard::settle_block(RuleState& rule, Run& run, std::int64_t now) {
  const BlockPlace place = place_of(rule, run);
  if (rule.automaton->closes == nfa::Closing::kOnEvent ? place.ends_here() : place.done(0) && silence_end(rule, run) <= now)
    complete(rule, run, now);
  else
    schedule_run(rule, run, now);
}

bool Shard::block_waits(const RuleState& rule, const Run& run) const {
  BlockPlace place = place_of(rule, run);
  place.find_moves();
  return !place.moves.empty();
}

// Nothing can come of the run any more.
bool Shard::nothing_left(const RuleState& rule, const Run& run) const {
  BlockPlace place = place_of(rule, run);
  if (rule.automaton->closes == nfa::Closing::kSilence && place.done(0)) return false;
  place.find_moves();
  const bool contiguous = (run.flags & Run::kContiguous) != 0;
  return std::all_of(place.moves.begin(), place.moves.end(), [&](const BlockMove& move) {
    if (!move.contiguous || contiguous) return false;
    const nfa::BlockNodeCode& leaf = place.node(move.leaf);
    return leaf.hold < 0 || !stretch_of(rule, run, leaf.stage).there;  // A stretch in progress was begun in time.
  });
}

// An event that the run does not take.
void Shard::pass_over_block(RuleState& rule, Run& run, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  BlockPlace place = place_of(rule, run);
  place.find_watching();
  if (const int guard = block_breaker(rule, run, place.gaps, input); guard >= 0) {
    break_run(run, guard);
    return;
  }
  follow_gaps(rule, run, place.gaps, input);
  const StreamId stream = input.event->stream;
  const bool one_key = automaton.key_ways.empty();
  const bool of_a_step = automaton.contiguity && (one_key ? automaton.step_streams[stream] : (input.bits & automaton.step_presence) != 0);
  if (of_a_step) {
    run.flags &= static_cast<std::uint8_t>(~Run::kContiguous);
    run.fresh = 0;
  } else if (automaton.contiguity) {
    for (const nfa::BlockNodeCode& node : automaton.blocks->nodes)
      for (std::size_t i = 0; i < node.gap.no_next.size(); ++i) {
        const nfa::NoNextCode& no_next = node.gap.no_next[i];
        const bool known = std::find(no_next.streams.begin(), no_next.streams.end(), stream) != no_next.streams.end();
        if (one_key ? known : (input.bits & no_next.presence) != 0)
          run.fresh &= static_cast<std::uint8_t>(~(1u << (static_cast<std::size_t>(node.first_no_next) + i)));
      }
  }
  const bool ended = place.ends_here();
  const auto closing = place.close_loops(0, [&](int index) {
    const nfa::BlockNodeCode& node = place.node(index);
    if (node.until.bit != 0 && holds(rule, &run, node.until, input)) return true;
    if (!node.strict || !of_a_step) return false;
    return node.kind == BlockKind::kStep || (place.done(place.child(index)) && !place.waits(place.child(index)));
  });
  finish_closing(rule, run, closing, ended, input.event->time);
}

// After loops of the run were closed, or not: is it complete, or over?
void Shard::finish_closing(RuleState& rule, Run& run, BlockPlace::Closing closing, bool ended, std::int64_t now) {
  if (closing == BlockPlace::Closing::kEnds) {
    run.flags |= Run::kEnded;
    return;
  }
  if (closing == BlockPlace::Closing::kCloses) {
    if (rule.automaton->closes == nfa::Closing::kOnEvent && !ended && place_of(rule, run).ends_here())
      complete(rule, run, now);
    else
      schedule_run(rule, run, now);
  }
  if ((run.flags & Run::kComplete) == 0 && nothing_left(rule, run)) run.flags |= Run::kEnded;
}

// All that the run can do on the event. `decided`: it has just left a loop or a part, so its deadlines have changed.
void Shard::step_block(RuleState& rule, Run& run, Input& input, bool decided) {
  const bool holds = rule.automaton->holds;
  if (holds && !decided) {
    if (is_alone(rule, run)) return follow_stretch(rule, run, input);
    if (update_stretches(rule, run, input)) {
      if ((run.flags & Run::kOutcome) != 0) return;
      schedule_run(rule, run, input.event->time);
    }
  }
  const bool sample = holds && is_sample_of(rule, run, input);
  BlockPlace place = place_of(rule, run);
  place.find_moves();
  const auto crossed = [&](const BlockMove& move) {
    return std::span<const int>(place.gaps).subspan(move.gaps_begin, move.gaps_end - move.gaps_begin);
  };
  const auto take_or_break = [&](Run& one, const BlockMove& move, int guard) {
    if (guard >= 0)
      break_run(one, guard);
    else
      take_in_block(rule, one, move, input);
  };
  const auto fits = [&](const BlockMove& move) {
    return place.node(move.leaf).hold < 0 && !(sample && move.late) && block_fits(rule, run, move, input);
  };
  // The innermost loop of every length that may be left takes the event, or it was left before.
  const BlockMove* stays = nullptr;
  if (rule.automaton->forks) {
    for (const BlockMove& move : place.moves) {
      if (move.what == BlockMove::What::kEnter || !place.node(move.node).every_length || !place.done(move.node)) continue;
      if ((stays == nullptr || move.node > stays->node) && block_fits(rule, run, move, input)) stays = &move;
    }
  }
  if (stays != nullptr) {
    const BlockMove move = *stays;
    const int guard = block_breaker(rule, run, crossed(move), input);
    const bool skipping = place.node(move.node).skipping;
    Run* passes = skipping ? fork(rule, run, true) : nullptr;
    if (Run* one = fork(rule, run, true); one != nullptr) take_or_break(*one, move, guard);
    if (passes != nullptr) pass_over_block(rule, *passes, input);
    place.leave_loop(move.node);
    if (skipping) {
      place.find_moves();
      if (std::none_of(place.moves.begin(), place.moves.end(), fits)) {
        run.flags |= Run::kEnded;  // It is what passing the event over is.
        return;
      }
    }
    return step_block(rule, run, input, true);
  }

  const auto found = std::find_if(place.moves.begin(), place.moves.end(), fits);
  if (found == place.moves.end()) {
    if (decided) schedule_run(rule, run, input.event->time);
    pass_over_block(rule, run, input);
    return;
  }
  const BlockMove move = *found;
  const int guard = block_breaker(rule, run, crossed(move), input);
  const nfa::BlockNodeCode& node = place.node(move.node);
  const bool part = move.what == BlockMove::What::kEnter && node.parent >= 0 && place.node(node.parent).kind == BlockKind::kSequence;
  Run* passes = move.what != BlockMove::What::kEnter && node.skipping ? fork(rule, run, true) : nullptr;
  Run* waits = part && node.each ? fork(rule, run, true) : nullptr;
  const bool may_leave = part && node.optional && node.every_length && place.state(node.parent).committed == 0;
  Run* leaves = may_leave ? fork(rule, run, true) : nullptr;
  take_or_break(run, move, guard);
  if (passes != nullptr) pass_over_block(rule, *passes, input);
  if (waits != nullptr) {
    place_of(rule, *waits).pass_part(move.node, true);
    schedule_run(rule, *waits, input.event->time);
    pass_over_block(rule, *waits, input);
  }
  if (leaves != nullptr) {
    place_of(rule, *leaves).pass_part(move.node, false);
    step_block(rule, *leaves, input, true);
  }
}

void Shard::begin_block_run(RuleState& rule, std::uint32_t index, Input& input, std::int64_t past_begins) {
  const nfa::Automaton& automaton = *rule.automaton;
  KeyRuns& key = keys_[index];
  const std::uint64_t unknown = rule.counters.unknown_past;
  const bool begun = automaton.holds && begin_stretches(rule, index, input, past_begins);
  if (begun) ++rule.counters.runs_begun;
  rule.counters.unknown_past = std::min(rule.counters.unknown_past, unknown + 1);  // One event, however many ways it has.
  Run* run = create_block_run(rule);
  if (automaton.holds) update_stretches(rule, *run, input);
  BlockPlace place = place_of(rule, *run);
  place.find_moves();
  context_run_ = nullptr;
  const auto found = std::find_if(place.moves.begin(), place.moves.end(), [&](const BlockMove& move) {
    return place.node(move.leaf).hold < 0 && block_fits(rule, *run, move, input);
  });
  context_run_ = nullptr;
  if (found == place.moves.end()) return destroy_run(rule, run);
  const BlockMove move = *found;
  const int stage = place.node(move.leaf).stage;
  const bool allowed = automaton.look_back.empty() || past_is_silent(rule, index, stage, input, past_begins);
  rule.counters.unknown_past = std::min(rule.counters.unknown_past, unknown + 1);  // One event, however many ways it has.
  if (!allowed) return destroy_run(rule, run);
  if (key.run_count >= options_.max_runs) {
    ++rule.counters.runs_refused;
    return destroy_run(rule, run);
  }
  stepping_ = key.run_count;
  take_in_block(rule, *run, move, input);
  append_touched(key, rule, run);
  if (!begun) ++rule.counters.runs_begun;
  if (!automaton.latest || stage != 0) return;
  for (std::uint32_t i = 0; i + 1 < key.run_count; ++i) {
    Run& older = *key.runs()[i];
    const std::uint32_t count = taken_count(older);
    if (count == 0) continue;
    const bool waits =
        (rule.layout.tags(older)[count - 1] & kTagStage) == 0 && count >= automaton.stages[0].min && (older.flags & Run::kOutcome) == 0;
    if (!waits || rule.layout.events(older)[count - 1] == input.kept) continue;
    older.flags |= Run::kEnded;
    touched_.push_back(i);
  }
}

Run* Shard::create_block_run(const RuleState& rule) {
  Run* run = create_run(rule);
  std::fill_n(rule.layout.node_states(*run), rule.layout.nodes, NodeState{});
  return run;
}

void Shard::append_touched(KeyRuns& key, const RuleState& rule, Run* run) {
  append_run(key, run);
  touched_.push_back(key.run_count - 1);
  note_change(key, rule, key.run_count - 1);
}

// When `gap` closes a loop of the node.
std::int64_t Shard::block_gap_end(const RuleState& rule, const Run& run, BlockPlace& place, int index) const {
  const nfa::BlockNodeCode& node = place.node(index);
  if (node.kind == BlockKind::kAll) return kNoEnd;
  const std::int64_t inner = node.kind == BlockKind::kStep ? kNoEnd : block_gap_end(rule, run, place, place.child(index));
  if (node.gap_limit < 0) return inner;
  const bool waits = node.kind == BlockKind::kStep
                         ? place.may_own(index)
                         : place.may_go_again(index) && place.done(place.child(index)) && !place.waits(place.child(index));
  if (!waits) return inner;
  return std::min(inner, later(latest_time(rule, run), node.gap_limit));
}

Moment Shard::block_due(const RuleState& rule, const Run& run) const {
  if (!rule.automaton->holds) return block_due_of_steps(rule, run);
  const Moment stretches = stretch_due(rule, run);
  return is_alone(rule, run) ? stretches : std::min(stretches, block_due_of_steps(rule, run));
}

Moment Shard::block_due_of_steps(const RuleState& rule, const Run& run) const {
  BlockPlace place = place_of(rule, run);
  const std::int64_t gap = block_gap_end(rule, run, place, 0);
  const Moment due = gap == kNoEnd ? kNever : moment(gap, MomentPhase::kGap);
  const bool done = place.done(0);
  if (done && rule.automaton->closes == nfa::Closing::kSilence) return std::min(due, moment(silence_end(rule, run), MomentPhase::kSilence));
  if (done && due != kNever) {
    place.find_moves();
    const auto enters = [](const BlockMove& move) { return move.what == BlockMove::What::kEnter; };
    if (std::none_of(place.moves.begin(), place.moves.end(), enters)) return due;
  }
  if (rule.automaton->within < 0) return due;
  const std::int64_t end = later(start_of(rule, run)->time, rule.automaton->within);
  return end >= kNoEnd ? due : std::min(due, moment(end, MomentPhase::kLimit));
}

void Shard::close_block_by_gap(RuleState& rule, Run& run, std::int64_t time) {
  BlockPlace place = place_of(rule, run);
  const bool ended = place.ends_here();
  BlockPlace::Closing closing = BlockPlace::Closing::kCloses;
  while (closing == BlockPlace::Closing::kCloses && block_gap_end(rule, run, place, 0) <= time)
    closing = place.close_loops(0, [&](int index) { return block_gap_end(rule, run, place, index) <= time; });
  if (closing == BlockPlace::Closing::kNothing) closing = BlockPlace::Closing::kEnds;
  finish_closing(rule, run, closing, ended, time);
}

std::int64_t Shard::block_anchor_time(const RuleState& rule, const Run& run, const nfa::Anchor& anchor) const {
  if (anchor.stage < 0) return latest_time(rule, run);
  if (rule.in_gap != nullptr && anchor.stage < rule.in_gap->first_stage) return block_anchor_time(*outer_rule_, *outer_run_, anchor);
  const std::uint16_t* tags = rule.layout.tags(run);
  for (std::uint32_t i = 0; i < taken_count(run); ++i) {
    const std::uint32_t at = anchor.first ? i : taken_count(run) - 1 - i;
    if ((tags[at] & kTagStage) == anchor.stage) return anchor.first ? rule.layout.events(run)[at]->time : take_time(rule, run, at);
  }
  return kNoEnd;
}

std::pair<const Event*, const Event*> Shard::block_events_of(const RuleState& rule, const Run& run, int stage) {
  const Event* const* events = rule.layout.events(run);
  const std::uint16_t* tags = rule.layout.tags(run);
  std::pair<const Event*, const Event*> found{};
  for (std::uint32_t i = 0; i < taken_count(run); ++i) {
    if ((tags[i] & kTagStage) != stage) continue;
    if (found.first == nullptr) found.first = events[i];
    found.second = events[i];
  }
  return found;
}

int Shard::compare_block_evidence(const RuleState& rule, const Run& a, const Run& b) {
  const Event* const* events[] = {rule.layout.events(a), rule.layout.events(b)};
  const std::uint16_t* tags[] = {rule.layout.tags(a), rule.layout.tags(b)};
  const std::uint32_t counts[] = {taken_count(a), taken_count(b)};
  for (std::uint32_t stage = 0; stage < rule.layout.stages; ++stage) {
    const auto of_stage = [&](int which) {
      return std::count_if(tags[which], tags[which] + counts[which], [&](std::uint16_t tag) { return (tag & kTagStage) == stage; });
    };
    if (of_stage(0) != of_stage(1)) return of_stage(0) > of_stage(1) ? -1 : 1;
    std::uint32_t j = 0;
    for (std::uint32_t i = 0; i < counts[0]; ++i) {
      if ((tags[0][i] & kTagStage) != stage) continue;
      while ((tags[1][j] & kTagStage) != stage) ++j;
      const std::uint64_t sequence_a = events[0][i]->sequence;
      const std::uint64_t sequence_b = events[1][j]->sequence;
      if (sequence_a != sequence_b) return sequence_a < sequence_b ? -1 : 1;
      ++j;
    }
  }
  return 0;
}

}  // namespace sequitur
