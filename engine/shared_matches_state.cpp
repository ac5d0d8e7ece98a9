// Shared partial matches as bytes. Places are written as distances from the bottom of their stack.
#include <functional>
#include <limits>
#include <span>

#include "engine/kept_event.hpp"
#include "engine/shard.hpp"
#include "engine/state_bytes.hpp"

namespace sequitur {

void Stacks::save(StateWriter& out) const {
  for (const Stack& stack : stacks_) out.number(stack.size());
  for (std::size_t step = 0; step < stacks_.size(); ++step) {
    const Stack& stack = stacks_[step];
    out.number(stack.closed - stack.begin);
    for (std::uint32_t place = stack.begin; place != stack.end; ++place) {
      const Node& node = stack.at(place);
      out.event(*node.event);
      out.number(node.dead == kForever ? 1 : 0);
      if (step > 0) {
        const std::uint32_t begin = stacks_[step - 1].begin;
        out.number(node.below - begin);
        out.number(later(node.from, begin) - begin);
      }
      if (step + 1 < stacks_.size()) {
        const std::uint32_t begin = stacks_[step + 1].begin;
        out.number(later(node.above, begin) - begin);
      }
    }
  }
}

void Stacks::load(StateReader& in, const std::function<const Event*(std::uint32_t step, const Event*)>& adopt) {
  std::vector<std::uint32_t> sizes;
  for (std::size_t step = 0; step < stacks_.size(); ++step) sizes.push_back(static_cast<std::uint32_t>(in.count(2)));
  for (std::uint32_t step = 0; step < stacks_.size() && !in.failed(); ++step) {
    const auto closed = static_cast<std::uint32_t>(in.number_below(std::uint64_t{sizes[step]} + 1));
    std::uint64_t sequence = 0;
    Range before{};
    std::uint32_t above = 0;
    for (std::uint32_t place = 0; place < sizes[step]; ++place) {
      const Event* event = in.event();
      const bool dead = in.number_below(2) != 0;
      Range range{};
      if (step > 0) {
        range.below = static_cast<std::uint32_t>(in.number_below(std::uint64_t{sizes[step - 1]} + 1));
        range.from = static_cast<std::uint32_t>(in.number_below(std::uint64_t{range.below} + 1));
      }
      const std::uint32_t own_above =
          step + 1 < stacks_.size() ? static_cast<std::uint32_t>(in.number_below(std::uint64_t{sizes[step + 1]} + 1)) : 0;
      if (in.failed() || event->sequence <= sequence || range.from < before.from || range.below < before.below || own_above < above)
        return in.fail();
      const Event* own = adopt(step, event);
      if (own == nullptr) return in.fail();
      push(step, own, range);
      Node& node = stacks_[step].at(stacks_[step].end - 1);
      node.above = own_above;
      node.dead = dead ? kForever : 0;
      sequence = event->sequence;
      before = range;
      above = own_above;
    }
    stacks_[step].closed = closed;
  }
}

void ChainCounter::save(StateWriter& out, bool windowed) const {
  out.number(size());
  for (std::size_t i = oldest_; i < items_.size(); ++i) {
    out.signed_number(items_[i].time);
    out.number(items_[i].sequence);
    out.number(items_[i].fits);
  }
  if (windowed) return;
  for (std::uint32_t state = 0; state < states_; ++state) {
    const Tally reached = is_large_ ? large_.reached(state) : Tally(small_.reached(state));
    out.number(reached.capped);
    out.number(reached.remainder);
  }
}

void ChainCounter::load(StateReader& in, bool windowed) {
  std::int64_t time = -kFarTime;
  std::uint64_t sequence = 0;
  for (std::uint64_t left = in.count(3); left > 0; --left) {
    const std::int64_t its_time = in.signed_number();
    const std::uint64_t its_sequence = in.number();
    const std::uint64_t fits = in.number_below(std::uint64_t{1} << (states_ - 1));  // Not the step that completes.
    if (in.failed() || its_time < time || its_time >= kFarTime || its_sequence <= sequence || (empty() && (fits & 1) == 0))
      return in.fail();
    append(its_time, its_sequence, fits, windowed);  // It was useful when it came.
    time = its_time;
    sequence = its_sequence;
  }
  if (empty()) return in.fail();
  if (!windowed) load_reached(in);
  useful_ = is_large_ ? large_.states_reached() : small_.states_reached();
}

// How many chains have come to each state, where no event is remembered.
void ChainCounter::load_reached(StateReader& in) {
  is_large_ = true;
  large_.clear();
  bool all_small = true;
  for (std::uint32_t state = 0; state < states_; ++state) {
    Tally reached;
    reached.capped = in.number_below(Tally::kCap + 1);
    reached.remainder = in.number_below(Tally::kModulus);
    all_small = all_small && reached.capped < kSmall && reached.remainder == reached.capped;
    large_.set_reached(state, reached, reached.capped != 0);
    if (all_small) small_.set_reached(state, reached.capped, reached.capped != 0);
  }
  is_large_ = !all_small;
}

// Places in the lists of states are written as distances from the list's bottom; where nodes stand follows from their order.
void MatchDag::save(StateWriter& out) const {
  out.number(size());
  for (Place place = begin_; place != end_; ++place) {
    const Node& node = at(place);
    out.number(node.event != nullptr ? 1 : 0);
    if (node.event != nullptr) out.event(*node.event);
    out.signed_number(node.event != nullptr ? node.event->time : node.max_start);
    out.signed_number(node.max_start);
    out.number(static_cast<std::uint64_t>(node.state));
    out.number(static_cast<std::uint64_t>(node.from_state + 1));
    if (node.from_state < 0) continue;
    const Place begin = states_[static_cast<std::size_t>(node.from_state)].begin;
    out.number(later(node.behind.below, begin) - begin);
    out.number(later(node.behind.from, begin) - begin);
  }
  for (const State& its : std::span(states_, automaton_.states())) out.number(its.closed - its.begin);
}

void MatchDag::load(StateReader& in, const std::function<const Event*(std::uint32_t stage, const Event*)>& adopt) {
  constexpr std::size_t kLeastNode = 5;
  for (std::uint64_t left = in.count(kLeastNode); left > 0; --left) {
    Node node{};
    const bool taken = in.number_below(2) == 1;
    const Event* event = taken ? in.event() : nullptr;
    const std::int64_t time = in.signed_number();
    node.max_start = in.signed_number();
    node.state = static_cast<std::int16_t>(in.number_below(automaton_.states()));
    node.from_state = static_cast<std::int16_t>(static_cast<std::int64_t>(in.number_below(automaton_.states() + 1)) - 1);
    // Nothing stands in state 0, and what is passed over is so behind something.
    if (in.failed() || node.state == 0 || node.from_state == 0 || (!taken && node.from_state < 0)) return in.fail();
    node.stage = automaton_.stage_of(node.state);
    if (node.from_state >= 0) {
      const State& from = state(node.from_state);
      node.behind.below = static_cast<Place>(in.number_below(std::uint64_t{from.end} + 1));
      node.behind.from = static_cast<Place>(in.number_below(std::uint64_t{node.behind.below} + 1));
    }
    if (in.failed() || (taken && (event->time != time || event->sequence == 0))) return in.fail();
    if (taken) node.event = adopt(node.stage, event);
    if (taken && node.event == nullptr) return in.fail();
    push(node);
  }
  occupied_count_ = 0;
  for (std::size_t number = 0; number < automaton_.states(); ++number) {
    State& its = states_[number];
    its.closed = its.begin + static_cast<Place>(in.number_below(std::uint64_t{its.end - its.begin} + 1));
    if (!its.open()) continue;
    occupied()[occupied_count_++] = static_cast<std::int16_t>(number);
    its.max_start = std::numeric_limits<std::int64_t>::min();
    for (Place place = begin_; place != end_; ++place)
      if (const Node& node = at(place); node.state == static_cast<int>(number) && !before(node.in_state, its.closed))
        its.max_start = std::max(its.max_start, node.max_start);
  }
}

void Shard::save_shared(const KeyRuns& key, const RuleState& rule, StateWriter& out) const {
  switch (rule.shared) {
    case nfa::Strategy::kCounts: return key.counter->save(out, rule.automaton->within >= 0);
    case nfa::Strategy::kDag: return key.dag->save(out);
    default: return key.stacks->save(out);
  }
}

void Shard::load_shared(RuleState& rule, KeyRuns& key, StateReader& in) {
  const nfa::Automaton& automaton = *rule.automaton;
  const auto adopted = [&](std::uint32_t stage, const Event* event) -> const Event* {
    if ((rule.possible_bits[event->stream] & automaton.stages[stage].test.bit) == 0) return nullptr;
    const Event* own = adopt(event);
    retain(own);
    return own;
  };
  switch (rule.shared) {
    case nfa::Strategy::kCounts:
      key.counter = new_counter(rule);
      key.counter->load(in, automaton.within >= 0);
      break;
    case nfa::Strategy::kDag:
      key.dag = new_dag(rule);
      key.dag->load(in, adopted);
      break;
    default:
      key.stacks = new_stacks(rule);
      key.stacks->load(in, adopted);
      live_runs_ += key.stacks->starts();
  }
  if (!waits_for_more(key, rule)) in.fail();
}

}  // namespace sequitur
