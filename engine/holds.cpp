// `hold`: steps that are taken when every sample of a stretch of time has fitted. How stretches stand in a run is in stretch.hpp.
//
// A stretch looks at events without using them up: the same event may be a step's, and of several stretches. The step is taken
// at a deadline, like that of a silence, with all samples at once; until then the run is where it was. A stretch that could
// open a run stands in one by itself, which has taken nothing (taken_count() is 0), with a second one beside it that follows the
// stretch as long as it goes on (kStretchOfKey), so that one stretch opens one run.
// The covering test is the differential one (tests/differential/hold_rules.cpp), against tests/reference/holds.cpp.
#include <algorithm>

#include "engine/kept_event.hpp"
#include "engine/shard.hpp"
#include "engine/stretch.hpp"

namespace sequitur {

// When the run took its event number `index`: a stretch is taken at its deadline.
std::int64_t Shard::take_time(const RuleState& rule, const Run& run, std::uint32_t index) {
  const Event* const* events = rule.layout.events(run);
  if (!rule.automaton->holds) return events[index]->time;
  const std::uint16_t* tags = rule.layout.tags(run);
  const nfa::BlockCode& blocks = *rule.automaton->blocks;
  const std::int64_t hold = blocks.nodes[static_cast<std::size_t>(blocks.node_of[tags[index] & kTagStage])].hold;
  if (hold < 0) return events[index]->time;
  while (index > 0 && (tags[index] & kTagBegins) == 0) --index;
  return later(events[index]->time, hold);
}

const Event* Shard::start_among(const RuleState& rule, const Run& run) {
  const Event* const* events = rule.layout.events(run);
  const std::uint32_t count = taken_count(run) > 0 ? taken_count(run) : run.event_count;
  return *std::min_element(events, events + count, [](const Event* a, const Event* b) { return a->sequence < b->sequence; });
}

Shard::StretchAt Shard::stretch_of(const RuleState& rule, const Run& run, int stage) {
  const std::uint16_t* tags = rule.layout.tags(run);
  const auto is_of = [&](std::uint32_t i) { return (tags[i] & kTagStage) == stage; };
  StretchAt found;
  found.first = taken_count(run);
  while (found.first < run.event_count && !is_of(found.first)) ++found.first;
  if (found.first == run.event_count) return found;
  found.last = run.event_count - 1;
  while (!is_of(found.last)) --found.last;
  found.there = true;
  found.spent = (tags[found.first] & kTagSpent) != 0;
  return found;
}

void Shard::add_sample(RuleState& rule, Run& run, int stage, Input& input) {
  const StretchAt stretch = stretch_of(rule, run, stage);
  if (stretch.spent) {
    const Event*& latest = rule.layout.events(run)[stretch.last];
    release(pool_, std::exchange(latest, kept(input)));
    retain(latest);
    return;
  }
  if (run.event_count >= options_.max_run_events) {
    ++rule.counters.runs_overfull;
    run.flags |= Run::kEnded;
    return;
  }
  append_event(rule, run, kept(input));
  rule.layout.tags(run)[run.event_count - 1] = static_cast<std::uint16_t>(stage | (stretch.there ? 0 : kTagBegins));
  ++run.count;
}

void Shard::drop_stretch(const RuleState& rule, Run& run, int stage) {
  const Event** events = rule.layout.events(run);
  std::uint16_t* tags = rule.layout.tags(run);
  std::uint32_t to = taken_count(run);
  for (std::uint32_t i = to; i < run.event_count; ++i) {
    if ((tags[i] & kTagStage) == stage) {
      release(pool_, events[i]);
      --run.count;
      continue;
    }
    events[to] = events[i];
    tags[to++] = tags[i];
  }
  run.event_count = to;
}

// From now on the stretch is only followed.
void Shard::spend_stretch(const RuleState& rule, Run& run, int stage) {
  const StretchAt stretch = stretch_of(rule, run, stage);
  if (!stretch.there) return;
  const Event* latest = rule.layout.events(run)[stretch.last];
  retain(latest);
  drop_stretch(rule, run, stage);
  append_event(rule, run, latest);
  release(pool_, latest);
  rule.layout.tags(run)[run.event_count - 1] = static_cast<std::uint16_t>(stage | kTagBegins | kTagSpent);
  ++run.count;
}

// Behind the run's latest event: of the stretches in progress only those go on whose step is a line of the same `all`.
void Shard::prune_stretches(const RuleState& rule, Run& run, int leaf) {
  if (run.count == 0) return;
  const BlockPlace place = place_of(rule, run);
  const int parent = place.node(leaf).parent;
  const bool of_all = parent >= 0 && place.node(parent).kind == dsl::BlockNode::Kind::kAll && !place.enough(parent);
  for (const int hold : rule.automaton->blocks->holds)
    if (!of_all || place.node(hold).parent != parent || place.state(hold).count > 0) drop_stretch(rule, run, place.node(hold).stage);
}

// Whether a sample of a stretch in progress lets it go on.
bool Shard::sample_fits(const RuleState& rule, const Run& run, const nfa::BlockNodeCode& node, StretchAt stretch, const Input& input) {
  const nfa::Test& test = rule.automaton->stages[static_cast<std::size_t>(node.stage)].test;
  if ((input.bits & test.bit) == 0) return false;
  if (!test.run_part) return true;
  context_run_ = nullptr;
  context(rule, &run, input.event);
  context_.previous = rule.layout.events(run)[stretch.last];
  context_run_ = nullptr;
  return test.run_part.holds(context_);
}

// Shows the event to all stretches that the run waits for. Returns whether any of them changed.
bool Shard::update_stretches(RuleState& rule, Run& run, Input& input) {
  BlockPlace place = place_of(rule, run);
  place.find_moves();
  bool changed = false;
  for (const int hold : rule.automaton->blocks->holds) {
    const nfa::BlockNodeCode& node = place.node(hold);
    if (!holds(rule, &run, node.samples, input)) continue;
    const auto move = std::find_if(place.moves.begin(), place.moves.end(), [&](const BlockMove& one) { return one.leaf == hold; });
    if (move == place.moves.end()) continue;
    const StretchAt stretch = stretch_of(rule, run, node.stage);
    const bool fits = stretch.there ? sample_fits(rule, run, node, stretch, input) : block_fits(rule, run, *move, input);
    if (fits)
      add_sample(rule, run, node.stage, input);
    else if (stretch.there)
      drop_stretch(rule, run, node.stage);
    changed = changed || fits || stretch.there;
  }
  return changed;
}

// The event belongs to a stretch that the run waits for, so no loop beyond its minimum takes it.
bool Shard::is_sample_of(const RuleState& rule, const Run& run, const Input& input) {
  if (run.count == 0) return false;
  const std::uint32_t last = run.event_count - 1;
  return rule.layout.events(run)[last]->sequence == input.event->sequence && (rule.layout.tags(run)[last] & kTagSpent) == 0;
}

// An event at what is no run yet, or no more: a stretch by itself, or with others that may open the same `all`.
void Shard::follow_stretch(RuleState& rule, Run& run, Input& input) {
  const int stage = rule.layout.tags(run)[taken_count(run)] & kTagStage;
  const nfa::BlockCode& blocks = *rule.automaton->blocks;
  const nfa::BlockNodeCode& node = blocks.nodes[static_cast<std::size_t>(blocks.node_of[static_cast<std::size_t>(stage)])];
  if (holds(rule, &run, node.samples, input)) {
    if (!sample_fits(rule, run, node, stretch_of(rule, run, stage), input)) return end_alone(run);
    add_sample(rule, run, stage, input);
  }
  if (run.state == kPlainRun) {
    for (const int hold : blocks.holds) {
      const nfa::BlockNodeCode& other = blocks.nodes[static_cast<std::size_t>(hold)];
      if (other.stage == stage || !of_one_all(rule, node, other) || !holds(rule, &run, other.samples, input)) continue;
      const StretchAt stretch = stretch_of(rule, run, other.stage);
      if (!stretch.there)
        begin_beside(rule, run, hold, input);
      else if (sample_fits(rule, run, other, stretch, input))
        add_sample(rule, run, other.stage, input);
      else
        drop_stretch(rule, run, other.stage);
    }
  }
  if ((run.flags & Run::kOutcome) == 0) schedule_run(rule, run, input.event->time);
}

bool Shard::of_one_all(const RuleState& rule, const nfa::BlockNodeCode& a, const nfa::BlockNodeCode& b) {
  return a.parent == b.parent && rule.automaton->blocks->nodes[static_cast<std::size_t>(a.parent)].kind == dsl::BlockNode::Kind::kAll;
}

// In what may open a run a stretch begins with its very first sample: not while the key's stretch goes on that has opened one.
void Shard::begin_beside(RuleState& rule, Run& run, int hold, Input& input) {
  const int stage = rule.automaton->blocks->nodes[static_cast<std::size_t>(hold)].stage;
  if (key_stretch(*stepping_key_, rule, stage) != nullptr) return;
  BlockPlace place = place_of(rule, run);
  place.find_moves();
  const auto move = std::find_if(place.moves.begin(), place.moves.end(), [&](const BlockMove& one) { return one.leaf == hold; });
  if (move != place.moves.end() && block_fits(rule, run, *move, input)) add_sample(rule, run, stage, input);
}

// The stretch of the key that has opened a run; null pointer: none goes on.
Run* Shard::key_stretch(KeyRuns& key, const RuleState& rule, int stage) {
  Run** runs = key.runs();
  Run** found = std::find_if(runs, runs + key.run_count, [&](const Run* run) {
    return run->state == kStretchOfKey && (rule.layout.tags(*run)[0] & kTagStage) == stage;
  });
  return found == runs + key.run_count ? nullptr : *found;
}

// The end of a stretch by itself: a reported one clears.
void Shard::end_alone(Run& run) { run.flags |= run.state == kReportedStretch ? Run::kComplete : Run::kEnded; }

// For the observer: the samples of a stretch that has not become a run.
void Shard::gather_stretch(const RuleState& rule, const Run& run) {
  const int stage = rule.layout.tags(run)[0] & kTagStage;
  gathered_.clear();
  for (std::uint32_t i = 0; i < run.event_count; ++i)
    if ((rule.layout.tags(run)[i] & kTagStage) == stage) gathered_.push_back(rule.layout.events(run)[i]);
  stage_events_[static_cast<std::size_t>(stage)] = {gathered_.data(), static_cast<std::uint32_t>(gathered_.size())};
}

bool Shard::is_alone(const RuleState& rule, const Run& run) {
  return rule.automaton->holds && (run.state != kPlainRun || taken_count(run) == 0);
}

Moment Shard::stretch_due(const RuleState& rule, const Run& run) {
  Moment due = kNever;
  if (run.count == 0) return due;
  const Event* const* events = rule.layout.events(run);
  for (const int hold : rule.automaton->blocks->holds) {
    const nfa::BlockNodeCode& node = rule.automaton->blocks->nodes[static_cast<std::size_t>(hold)];
    const StretchAt stretch = stretch_of(rule, run, node.stage);
    if (!stretch.there) continue;
    if (!stretch.spent) due = std::min(due, moment(later(events[stretch.first]->time, node.hold), MomentPhase::kSilence));
    if (node.hold_gap >= 0) due = std::min(due, moment(later(events[stretch.last]->time, node.hold_gap), MomentPhase::kGap));
  }
  return due;
}

// The stretch has lasted: the run takes its step.
void Shard::take_stretch(RuleState& rule, Run& run, const BlockMove& move, std::int64_t now) {
  BlockPlace place = place_of(rule, run);
  const nfa::BlockNodeCode& node = place.node(move.node);
  const int stage = place.node(move.leaf).stage;
  const bool part =
      move.what == BlockMove::What::kEnter && node.parent >= 0 && place.node(node.parent).kind == dsl::BlockNode::Kind::kSequence;
  Run* waits = part && node.each && taken_count(run) > 0 ? fork(rule, run, true) : nullptr;

  const std::uint32_t taken = taken_count(run);
  place.apply(move, taken);
  const Event** events = rule.layout.events(run);
  std::uint16_t* tags = rule.layout.tags(run);
  sorting_.clear();
  for (std::uint32_t i = taken; i < run.event_count; ++i) sorting_.emplace_back(events[i], tags[i]);
  const auto others =
      std::stable_partition(sorting_.begin(), sorting_.end(), [&](const auto& one) { return (one.second & kTagStage) == stage; });
  run.count = static_cast<std::uint32_t>(sorting_.end() - others);
  for (std::uint32_t i = taken; i < run.event_count; ++i) std::tie(events[i], tags[i]) = sorting_[i - taken];
  run.flags = Run::kContiguous | (run.flags & Run::kStartMatched);
  run.fresh = 0xFF;
  context_run_ = nullptr;
  leave_gaps(rule, run, move);
  prune_stretches(rule, run, move.leaf);
  settle_block(rule, run, now);

  if (waits == nullptr) return;
  place_of(rule, *waits).pass_part(move.node, true);
  for (const int hold : rule.automaton->blocks->holds) spend_stretch(rule, *waits, place.node(hold).stage);
  schedule_run(rule, *waits, now);
}

// Stretches that have lasted by now, then closing silences that are over.
void Shard::end_stretches(RuleState& rule, Run& run, std::int64_t now) {
  const auto has_lasted = [&](const nfa::BlockNodeCode& node) {
    const StretchAt stretch = node.hold < 0 ? StretchAt{} : stretch_of(rule, run, node.stage);
    return stretch.there && !stretch.spent && later(rule.layout.events(run)[stretch.first]->time, node.hold) <= now;
  };
  const std::int64_t within = rule.automaton->within;
  const auto in_time = [&](const nfa::BlockNodeCode& node) {
    const std::int64_t begin = rule.layout.events(run)[stretch_of(rule, run, node.stage).first]->time;
    return within < 0 || now <= later(std::min(begin, start_of(rule, run)->time), within);
  };
  for (;;) {
    BlockPlace place = place_of(rule, run);
    place.find_moves();
    const auto found = std::find_if(place.moves.begin(), place.moves.end(), [&](const BlockMove& move) {
      return has_lasted(place.node(move.leaf)) && in_time(place.node(move.leaf));
    });
    if (found == place.moves.end()) break;
    const BlockMove move = *found;
    take_stretch(rule, run, move, now);
    if ((run.flags & Run::kOutcome) != 0) return;
  }
  for (const int hold : rule.automaton->blocks->holds) {  // Too late for `within`.
    const nfa::BlockNodeCode& node = rule.automaton->blocks->nodes[static_cast<std::size_t>(hold)];
    if (has_lasted(node)) drop_stretch(rule, run, node.stage);
  }
  if (taken_count(run) == 0 && run.count == 0)
    run.flags |= Run::kEnded;
  else if (taken_count(run) > 0 && rule.automaton->closes == nfa::Closing::kSilence && place_of(rule, run).done(0) &&
           silence_end(rule, run) <= now)
    run.flags |= Run::kComplete;
  else
    schedule_run(rule, run, now);
}

// Stretches whose `gap` has passed break off. Returns whether a loop's gap has passed too.
bool Shard::end_stretch_gaps(RuleState& rule, Run& run) {
  if (run.state != kPlainRun) {
    end_alone(run);
    return false;
  }
  const std::int64_t now = time_of(run.due);
  const int opener = taken_count(run) == 0 ? rule.layout.tags(run)[0] & kTagStage : -1;
  for (const int hold : rule.automaton->blocks->holds) {
    const nfa::BlockNodeCode& node = rule.automaton->blocks->nodes[static_cast<std::size_t>(hold)];
    const StretchAt stretch = stretch_of(rule, run, node.stage);
    if (stretch.there && node.hold_gap >= 0 && later(rule.layout.events(run)[stretch.last]->time, node.hold_gap) <= now)
      drop_stretch(rule, run, node.stage);
  }
  if (taken_count(run) == 0) {
    if (!stretch_of(rule, run, opener).there)
      run.flags |= Run::kEnded;
    else
      schedule_run(rule, run, now);
    return false;
  }
  BlockPlace place = place_of(rule, run);
  if (block_gap_end(rule, run, place, 0) <= now) return true;
  if (nothing_left(rule, run))
    run.flags |= Run::kEnded;
  else
    schedule_run(rule, run, now);
  return false;
}

// The event may be the first sample of stretches that open runs. Returns whether there is one.
bool Shard::begin_stretches(RuleState& rule, std::uint32_t index, Input& input, std::int64_t past_begins) {
  KeyRuns& key = keys_[index];
  bool begun = false;
  const std::vector<int>& holds = rule.automaton->blocks->holds;
  const auto node_at = [&](int hold) -> const nfa::BlockNodeCode& { return rule.automaton->blocks->nodes[static_cast<std::size_t>(hold)]; };
  std::uint64_t open = 0;  // Bit i: number i goes on.
  for (std::size_t i = 0; i < holds.size(); ++i) {
    Run** runs = key.runs();
    const auto follows = [&](const Run* run) {
      return run->state == kStretchOfKey && (run->flags & Run::kOutcome) == 0 &&
             (rule.layout.tags(*run)[0] & kTagStage) == node_at(holds[i]).stage;
    };
    if (std::any_of(runs, runs + key.run_count, follows)) open |= std::uint64_t{1} << i;
  }
  for (std::size_t i = 0; i < holds.size(); ++i) {
    const int hold = holds[i];
    const int stage = node_at(hold).stage;
    if ((open >> i & 1) != 0) continue;
    Run* run = create_block_run(rule);
    BlockPlace place = place_of(rule, *run);
    place.find_moves();
    const auto move = std::find_if(place.moves.begin(), place.moves.end(), [&](const BlockMove& one) { return one.leaf == hold; });
    context_run_ = nullptr;
    bool fits = move != place.moves.end() && block_fits(rule, *run, *move, input);
    context_run_ = nullptr;
    fits = fits && (rule.automaton->look_back.empty() || past_is_silent(rule, index, stage, input, past_begins));
    if (fits && key.run_count + 1 >= options_.max_runs) {
      ++rule.counters.runs_refused;
      fits = false;
    }
    if (!fits) {
      destroy_run(rule, run);
      continue;
    }
    begun = true;
    add_sample(rule, *run, stage, input);
    for (std::size_t j = 0; j < holds.size(); ++j) {
      if (j == i || (open >> j & 1) != 0 || !of_one_all(rule, node_at(hold), node_at(holds[j]))) continue;
      place.find_moves();
      const auto beside = std::find_if(place.moves.begin(), place.moves.end(), [&](const BlockMove& one) { return one.leaf == holds[j]; });
      if (beside != place.moves.end() && block_fits(rule, *run, *beside, input)) add_sample(rule, *run, node_at(holds[j]).stage, input);
    }
    context_run_ = nullptr;
    schedule_run(rule, *run, input.event->time);
    append_touched(key, rule, run);
    Run* follower = create_block_run(rule);
    follower->state = kStretchOfKey;
    for (const int first : {1, 0}) {
      append_event(rule, *follower, kept(input));
      rule.layout.tags(*follower)[follower->count] = static_cast<std::uint16_t>(stage | kTagSpent | (first == 1 ? kTagBegins : 0));
      ++follower->count;
    }
    schedule_run(rule, *follower, input.event->time);
    append_touched(key, rule, follower);
  }
  return begun;
}

// A match that was reported, and whose last stretch goes on: it stays until that ends.
bool Shard::keep_reported(KeyRuns& key, RuleState& rule, std::uint32_t position) {
  const nfa::Automaton& automaton = *rule.automaton;
  if (!automaton.holds || !automaton.has_clear) return false;
  Run& run = *key.runs()[position];
  for (const int hold : automaton.blocks->holds) drop_stretch(rule, run, automaton.blocks->nodes[static_cast<std::size_t>(hold)].stage);
  const Event* latest = rule.layout.events(run)[run.event_count - 1];
  const int stage = rule.layout.tags(run)[run.event_count - 1] & kTagStage;
  append_event(rule, run, latest);
  rule.layout.tags(run)[run.event_count - 1] = static_cast<std::uint16_t>(stage | kTagBegins | kTagSpent);
  run.count = 1;
  run.state = kReportedStretch;
  run.flags &= static_cast<std::uint8_t>(~Run::kOutcome);
  run.due = due_of(rule, run);
  note_change(key, rule, position);
  return true;
}

// The events that the run has taken (and those in its stretches), each once, in their order.
std::span<const Event* const> Shard::in_order(const RuleState& rule, const Run& run, bool samples, std::vector<const Event*>& scratch) {
  const Event* const* events = rule.layout.events(run);
  if (!rule.automaton->holds) return {events, run.event_count};
  scratch.assign(events, events + (samples ? run.event_count : taken_count(run)));
  std::sort(scratch.begin(), scratch.end(), [](const Event* a, const Event* b) { return a->sequence < b->sequence; });
  scratch.erase(std::unique(scratch.begin(), scratch.end()), scratch.end());
  return scratch;
}

}  // namespace sequitur
