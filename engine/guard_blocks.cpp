// Blocks behind `no`: `no all { .. } for 5m`. What has come of one in a gap of a run, a part, is laid out like a run of a rule of its
// own, whose automaton is nfa::GuardBlockCode::automaton, and moves by the same functions (engine/blocks.cpp). The parts of all
// blocks of a run are in one list, whose head is in the run (RunLayout::list_offset).
//
// A part never is a run: nothing is reported of it, it has no deadlines, and it goes with its run. It says in `state` which block it
// is of, and in `due` when the run took what it had taken last when the part began. The runs of a key
// share EngineOptions::max_runs of them; where what began first has come as far as any other there is one (GuardBlockCode::earliest_only).
// What a condition asks of the run outside is found through outer_run_, which is set while parts are looked at.
// The covering test is the differential one (guard_block_rule() in tests/differential/block_rules.cpp), against
// tests/reference/guard_blocks.cpp.
#include <algorithm>
#include <utility>

#include "engine/kept_event.hpp"
#include "engine/shard.hpp"
#include "engine/state_bytes.hpp"
#include "engine/stretch.hpp"

namespace sequitur {

void Shard::make_guard_blocks(RuleState& rule) {
  for (const nfa::GuardBlockCode& code : rule.automaton->guard_blocks) {
    auto block = std::make_unique<RuleState>();
    block->automaton = code.automaton.get();
    block->layout = RunLayout(*block->automaton);
    block->in_gap = &code;
    rule.guard_blocks.push_back(std::move(block));
  }
}

// The move by which the part takes the event.
std::optional<BlockMove> Shard::move_of(const RuleState& block, const Run& part, const Input& input) {
  BlockPlace place = place_of(block, part);
  place.find_moves();
  const auto found =
      std::find_if(place.moves.begin(), place.moves.end(), [&](const BlockMove& move) { return block_fits(block, part, move, input); });
  if (found == place.moves.end()) return std::nullopt;
  return *found;
}

// Whether the part comes about with the event. Changes nothing.
bool Shard::completes(const RuleState& block, const Run& part, const Input& input) {
  context_run_ = nullptr;
  const std::optional<BlockMove> move = move_of(block, part, input);
  if (!move) return false;
  const BlockPlace place = place_of(block, part);
  const std::span<const int> gaps = std::span<const int>(place.gaps).subspan(move->gaps_begin, move->gaps_end - move->gaps_begin);
  if (block_breaker(block, part, gaps, input) >= 0) return false;
  const NodeState* states = block.layout.node_states(part);
  trial_.assign(states, states + block.layout.nodes);
  BlockPlace then(*block.automaton->blocks, trial_.data(), part.event_count > 0, gap_block_);
  then.apply(*move, part.event_count);
  return then.done(0);
}

// Whether the block, whose gap the event is in, comes about with it.
bool Shard::comes_about(const RuleState& rule, const Run& run, int number, const Input& input) {
  const nfa::GuardBlockCode& code = rule.automaton->guard_blocks[static_cast<std::size_t>(number)];
  if ((input.bits & code.bits) == 0) return false;
  RuleState& block = *rule.guard_blocks[static_cast<std::size_t>(number)];
  outer_rule_ = &rule;
  outer_run_ = &run;
  bool found = false;
  for (Run* part = rule.layout.list(run); part != nullptr && !found; part = rule.guard_blocks[part->state]->layout.list(*part))
    found = part->state == number && completes(block, *part, input);
  if (!found) {
    Run* part = create_block_run(block);
    part->due = latest_time(rule, run);
    found = completes(block, *part, input);
    destroy_run(block, part);
  }
  context_run_ = nullptr;
  return found;
}

// Shows the part an event with which it does not come about. Returns whether it goes on.
bool Shard::follow(RuleState& block, Run& part, Input& input) {
  if ((input.bits & block.automaton->states[0].interest) == 0) return true;
  context_run_ = nullptr;
  const std::optional<BlockMove> move = move_of(block, part, input);
  if (!move && part.event_count == 0) return false;  // It does not begin.
  BlockPlace place = place_of(block, part);
  if (move) {
    const std::span<const int> gaps = std::span<const int>(place.gaps).subspan(move->gaps_begin, move->gaps_end - move->gaps_begin);
    if (block_breaker(block, part, gaps, input) >= 0 || part.event_count >= options_.max_run_events) return false;
    place.apply(*move, part.event_count);
    append_event(block, part, kept(input));
    block.layout.tags(part)[part.event_count - 1] = static_cast<std::uint16_t>(place.node(move->leaf).stage);
  } else {
    place.find_watching();
    if (block_breaker(block, part, place.gaps, input) >= 0) return false;
    const auto closing = place.close_loops(0, [&](int index) {
      const nfa::BlockNodeCode& node = place.node(index);
      return node.until.bit != 0 && holds(block, &part, node.until, input);
    });
    if (closing == BlockPlace::Closing::kEnds) return false;
  }
  context_run_ = nullptr;
  place.find_moves();
  return !place.moves.empty();
}

// Whether the gap of the block is one of these, and a silence is not over yet.
bool Shard::watches(const RuleState& rule, const Run& run, int number, std::span<const int> gaps, std::int64_t time) const {
  const nfa::GuardBlockCode& code = rule.automaton->guard_blocks[static_cast<std::size_t>(number)];
  if (std::find(gaps.begin(), gaps.end(), code.node) == gaps.end()) return false;
  if (!code.silence) return true;
  const std::int64_t start = block_anchor_time(rule, run, code.anchor);
  return time < later(start >= kFarTime - 1 ? latest_time(rule, run) : start, code.duration);
}

// An event in these gaps with which no block comes about: parts go on with it, or end, or begin.
void Shard::follow_gaps(RuleState& rule, Run& run, std::span<const int> gaps, Input& input) {
  if (rule.guard_blocks.empty()) return;
  outer_rule_ = &rule;
  outer_run_ = &run;
  const std::int64_t time = input.event->time;
  std::uint64_t there = 0;  // Bit i: of block number i (of the first 64) there is a part.
  std::uint32_t count = 0;
  Run** link = &rule.layout.list(run);
  while (Run* part = *link) {
    RuleState& block = *rule.guard_blocks[part->state];
    Run*& next = block.layout.list(*part);
    if (!watches(rule, run, part->state, gaps, time) || !follow(block, *part, input)) {
      *link = next;
      destroy_run(block, part);
      continue;
    }
    if (part->state < 64) there |= std::uint64_t{1} << part->state;
    ++count;
    link = &next;
  }
  const std::vector<nfa::GuardBlockCode>& codes = rule.automaton->guard_blocks;
  const std::uint32_t share = std::max(1u, options_.max_runs / std::max(1u, stepping_key_->run_count));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const bool first = i >= 64 || (there >> i & 1) == 0;
    if ((input.bits & codes[i].bits) == 0 || (codes[i].earliest_only && !first)) continue;
    if (!watches(rule, run, static_cast<int>(i), gaps, time)) continue;
    RuleState& block = *rule.guard_blocks[i];
    Run* part = create_block_run(block);
    part->state = static_cast<std::uint16_t>(i);
    part->due = latest_time(rule, run);
    if (!follow(block, *part, input)) {
      destroy_run(block, part);
    } else if (count >= share) {
      ++rule.counters.runs_refused;
      destroy_run(block, part);
    } else {
      ++count;
      *link = part;
      link = &block.layout.list(*part);
    }
  }
  context_run_ = nullptr;
}

// The run has taken something by the move. Parts go on while their gap does, and of a silence while that has not begun anew.
void Shard::leave_gaps(RuleState& rule, Run& run, const BlockMove& move) {
  if (rule.guard_blocks.empty() || rule.layout.list(run) == nullptr) return;
  BlockPlace place = place_of(rule, run);
  place.find_watching();
  const auto goes_on = [&](const nfa::GuardBlockCode& code) {
    if (std::find(place.gaps.begin(), place.gaps.end(), code.node) == place.gaps.end()) return false;
    if (code.silence && (code.anchor.stage < 0 || (code.anchor.stage == place.node(move.leaf).stage && !code.anchor.first))) return false;
    if (move.what != BlockMove::What::kAgain || code.node < 0) return true;
    const std::vector<int>& path = place.node(code.node).path;
    return std::find(path.begin(), path.end(), move.node) == path.end();
  };
  Run** link = &rule.layout.list(run);
  while (Run* part = *link) {
    const RuleState& block = *rule.guard_blocks[part->state];
    if (goes_on(*block.in_gap)) {
      link = &block.layout.list(*part);
      continue;
    }
    *link = block.layout.list(*part);
    destroy_run(block, part);
  }
}

// `to` is a copy of the run, with the same list.
void Shard::copy_list(const RuleState& rule, const Run& from, Run& to) {
  Run** link = &rule.layout.list(to);
  *link = nullptr;
  for (Run* part = rule.layout.list(from); part != nullptr;) {
    const RuleState& block = *rule.guard_blocks[part->state];
    *link = copy_run(block, *part);
    link = &block.layout.list(**link);
    *link = nullptr;
    part = block.layout.list(*part);
  }
}

void Shard::destroy_list(const RuleState& rule, Run& run) {
  while (Run* part = rule.layout.list(run)) {
    const RuleState& block = *rule.guard_blocks[part->state];
    rule.layout.list(run) = block.layout.list(*part);
    destroy_run(block, part);
  }
}

void Shard::save_list(const RuleState& rule, const Run& run, StateWriter& out) const {
  std::uint64_t count = 0;
  for (Run* part = rule.layout.list(run); part != nullptr; part = rule.guard_blocks[part->state]->layout.list(*part)) ++count;
  out.number(count);
  for (Run* part = rule.layout.list(run); part != nullptr; part = rule.guard_blocks[part->state]->layout.list(*part)) {
    out.number(part->state);
    save_run(*rule.guard_blocks[part->state], *part, out);
  }
}

void Shard::load_list(RuleState& rule, Run& run, StateReader& in) {
  constexpr std::size_t kLeastPart = 6;
  Run** link = &rule.layout.list(run);
  for (std::uint64_t left = in.count(kLeastPart); left > 0 && !in.failed(); --left) {
    const std::uint64_t number = in.number_below(rule.guard_blocks.size());
    if (in.failed()) return;
    RuleState& block = *rule.guard_blocks[number];
    if (block.possible_bits.empty()) block.possible_bits = rule.possible_bits;
    Run* part = create_block_run(block);
    part->state = static_cast<std::uint16_t>(number);
    *link = part;
    link = &block.layout.list(*part);
    load_run(block, *part, in);
    if (part->state != number) {  // It says where the part belongs.
      part->state = static_cast<std::uint16_t>(number);
      in.fail();
    }
  }
}

}  // namespace sequitur
