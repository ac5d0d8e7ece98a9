// Looking-back `no`: the events of a key that one may have to know of when a run is to begin. Of each `no` a ring, oldest first; they
// go when they are older than it looks back.
#include <algorithm>
#include <new>

#include "engine/shard.hpp"
#include "engine/state_bytes.hpp"

namespace sequitur {
namespace {

const Event* event_at(const RowRing& ring, std::uint32_t number) {
  return reinterpret_cast<const Event*>(*ring.row(ring.first_number() + number, 1));
}

}  // namespace

std::span<RowRing> Shard::past_of(RuleState& rule, std::uint32_t index) {
  const std::size_t size = rule.automaton->look_back.size();
  RowRing*& rings = rule.pasts[index];
  if (rings == nullptr) {
    rings = static_cast<RowRing*>(pool_.allocate(size * sizeof(RowRing)));
    std::uninitialized_value_construct_n(rings, size);
    keys_[index].has_past = true;
  }
  return {rings, size};
}

void Shard::push_past(RowRing& ring, const Event* event) {
  retain(event);
  ring.push(reinterpret_cast<std::uintptr_t>(event), 1, pool_);
}

void Shard::pop_past(RowRing& ring) {
  release(pool_, event_at(ring, 0));
  ring.pop(1, pool_);
}

void Shard::drop_past(RuleState& rule, std::uint32_t index) {
  const std::span<RowRing> past = past_of(rule, index);
  for (RowRing& ring : past) {
    while (ring.size() > 0) pop_past(ring);
    ring.release(1, pool_);
  }
  pool_.deallocate(past.data(), past.size_bytes());
  rule.pasts.erase(index);
  keys_[index].has_past = false;
}

// When the first of its events is to be forgotten.
Moment Shard::past_due(RuleState& rule, std::uint32_t index) {
  Moment due = kNever;
  const std::span<RowRing> past = past_of(rule, index);
  for (std::size_t i = 0; i < past.size(); ++i) {
    if (past[i].size() == 0) continue;
    const std::int64_t end = later(event_at(past[i], 0)->time, rule.automaton->look_back[i].duration);
    due = std::min(due, moment(end, MomentPhase::kLimit));
  }
  return due;
}

void Shard::forget_past(RuleState& rule, std::uint32_t index, std::int64_t time) {
  const std::span<RowRing> past = past_of(rule, index);
  bool empty = true;
  for (std::size_t i = 0; i < past.size(); ++i) {
    while (past[i].size() > 0 && later(event_at(past[i], 0)->time, rule.automaton->look_back[i].duration) <= time) pop_past(past[i]);
    empty = empty && past[i].size() == 0;
  }
  if (empty) drop_past(rule, index);
}

// A looking-back `no` before the steps: may a run begin with this event?
bool Shard::past_is_silent(RuleState& rule, std::uint32_t index, int opening, const Input& input, std::int64_t past_begins) {
  const nfa::Automaton& automaton = *rule.automaton;
  const bool knows = keys_[index].has_past;
  past_begins = std::max(past_begins, rule.past_begins);
  for (std::size_t i = 0; i < automaton.look_back.size(); ++i) {
    const nfa::LookBackCode& look = automaton.look_back[i];
    if (!knows) break;
    const RowRing& events = past_of(rule, index)[i];
    for (std::uint32_t left = events.size(); left > 0; --left) {
      const Event* event = event_at(events, left - 1);
      if (input.event->time >= later(event->time, look.duration)) break;
      if (!look.test.run_part) return false;
      // The condition sees the earlier event as candidate and the opening event as that of the stage it opens.
      context(rule, nullptr, event);
      stage_events_[static_cast<std::size_t>(opening)] = {&input.event, 1};
      const bool spoken = look.test.run_part.holds(context_);
      if (spoken) return false;
    }
  }
  for (const nfa::LookBackCode& look : automaton.look_back) {
    if (options_.assume_silent || later(past_begins, look.duration) <= input.event->time) continue;
    ++rule.counters.unknown_past;
    return false;
  }
  return true;
}

// Keeps what later openings must look back at.
void Shard::remember(RuleState& rule, std::uint32_t index, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  for (std::size_t i = 0; i < automaton.look_back.size(); ++i) {
    const nfa::LookBackCode& look = automaton.look_back[i];
    if ((input.bits & look.test.bit) == 0) continue;
    RowRing& events = past_of(rule, index)[i];
    // Without a condition on the opening event only the latest counts.
    while (events.size() > 0 && (!look.test.run_part || later(event_at(events, 0)->time, look.duration) <= input.event->time))
      pop_past(events);
    if (events.size() >= options_.max_run_events) pop_past(events);
    push_past(events, kept(input));
    earliest_ = std::min(earliest_, moment(later(event_at(events, 0)->time, look.duration), MomentPhase::kLimit));
  }
}

void Shard::save_past(RuleState& rule, std::uint32_t index, StateWriter& out) {
  for (const RowRing& events : past_of(rule, index)) {
    out.number(events.size());
    for (std::uint32_t i = 0; i < events.size(); ++i) out.event(*event_at(events, i));
  }
}

void Shard::load_past(RuleState& rule, std::uint32_t index, StateReader& in) {
  const std::span<RowRing> past = past_of(rule, index);
  bool any = false;
  for (std::size_t i = 0; i < past.size(); ++i) {
    for (std::uint64_t left = in.count(1); left > 0; --left) {
      const Event* event = in.event();
      if (in.failed() || (rule.possible_bits[event->stream] & rule.automaton->look_back[i].test.bit) == 0) return in.fail();
      push_past(past[i], adopt(event));
      any = true;
    }
  }
  if (!any) in.fail();
}

}  // namespace sequitur
