#include "engine/match_dag.hpp"

#include <limits>
#include <memory>

#include "engine/kept_event.hpp"

namespace sequitur {

MatchDag::MatchDag(Pool& pool, const nfa::SubsetAutomaton& automaton, Scratch& scratch)
    : pool_(pool), automaton_(automaton), scratch_(scratch), states_(static_cast<State*>(pool.allocate(block_bytes()))) {
  std::uninitialized_default_construct_n(states_, automaton.states());
}

MatchDag::~MatchDag() {
  clear();
  if (nodes_ != nullptr) pool_.deallocate(nodes_, capacity_ * sizeof(Node));
  pool_.deallocate(states_, block_bytes());
}

void MatchDag::clear() {
  while (!empty()) pop();
  occupied_count_ = 0;
}

void MatchDag::pop() {
  Node& node = at(begin_);
  if (node.event != nullptr) release(pool_, node.event);
  State& its = state(node.state);
  ++its.begin;
  its.closed = later(its.closed, its.begin);
  constexpr std::uint32_t kSmall = 16;
  if (++begin_ != end_ || capacity_ <= kSmall) return;
  pool_.deallocate(nodes_, capacity_ * sizeof(Node));  // A window has passed: all memory goes at once.
  nodes_ = nullptr;
  capacity_ = 0;
}

void MatchDag::drop_before(std::int64_t time) {
  limit_ = time;
  while (!empty() && at(begin_).max_start < time) pop();
}

void MatchDag::grow() {
  const std::uint32_t larger = std::max<std::uint32_t>(4, capacity_ * 2);
  auto* nodes = static_cast<Node*>(pool_.allocate(larger * sizeof(Node)));
  for (Place place = begin_; place != end_; ++place) nodes[place & (larger - 1)] = at(place);
  if (nodes_ != nullptr) pool_.deallocate(nodes_, capacity_ * sizeof(Node));
  nodes_ = nodes;
  capacity_ = larger;
}

void MatchDag::push(Node node) {
  if (size() == capacity_) grow();
  State& its = state(node.state);
  its.max_start = its.open() ? std::max(its.max_start, node.max_start) : node.max_start;
  if (!its.open()) occupied()[occupied_count_++] = node.state;
  node.in_state = its.end++;
  at(end_++) = node;
}

// From the last node to the first: what lies ahead of each. The stretches of one state that end where it was once closed
// have the same followers but for those that came before; so one sum for each state, which begins anew there.
void MatchDag::sweep() {
  std::vector<std::vector<Out>>& out_of = scratch_.out;
  if (out_of.size() < automaton_.states()) out_of.resize(automaton_.states());
  for (auto& out : out_of) out.clear();
  for (Place place = begin_; place != end_; ++place) {
    const Node& node = at(place);
    if (node.from_state >= 0)
      out_of[static_cast<std::size_t>(node.from_state)].push_back({place, node.behind, node.stage, node.event == nullptr, false});
  }
  for (const Root& root : scratch_.roots) out_of[static_cast<std::size_t>(root.state)].push_back({0, root.behind, root.stage, false, true});
  std::vector<Scratch::Sum>& sums = scratch_.sums;
  sums.assign(automaton_.states(), {});
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i].left = out_of[i].size();
  scratch_.ahead.assign(size(), {});
  for (Place place = end_; place-- != begin_;) {
    const Node& node = at(place);
    const auto number = static_cast<std::size_t>(node.state);
    Scratch::Sum& sum = sums[number];
    if (sum.begun && before(node.in_state, sum.from)) sum = {{}, 0, false, sum.left};
    const std::uint16_t stage = automaton_.stage_of(node.state);
    for (; sum.left > 0 && before(node.in_state, out_of[number][sum.left - 1].behind.below); --sum.left) {
      const Out& out = out_of[number][sum.left - 1];
      if (before(node.in_state, out.behind.from)) continue;  // Of nodes that are gone.
      sum.begun = true;
      sum.from = out.behind.from;
      const Ahead of_event{Tally::one(), 0, 0};
      const Ahead& its = out.event ? of_event : ahead(out.node);
      if (its.matches.capped == 0) continue;
      sum.ahead.matches += its.matches;
      if (out.passed_over)
        sum.ahead.add(its.least, its.most);
      else if (out.stage == stage)
        sum.ahead.add(its.least + 1, its.most + 1);
      else
        sum.ahead.add(0, 0);
    }
    scratch_.ahead[place - begin_] = sum.ahead;
  }
}

MatchDag::Completed MatchDag::count(std::int64_t time, std::uint64_t sequence) {
  sweep();
  Completed result;
  for (Place place = begin_; place != end_; ++place) {
    const Node& node = at(place);
    if (node.from_state >= 0 || node.max_start < limit_ || ahead(place).matches.capped == 0) continue;
    if (result.matches.capped == 0) {
      result.first_time = node.max_start;
      result.first_sequence = node.event->sequence;
    }
    result.matches += ahead(place).matches;
  }
  if (!scratch_.begins_match) return result;
  if (result.matches.capped == 0) {
    result.first_time = time;
    result.first_sequence = sequence;
  }
  result.matches += Tally::one();
  return result;
}

// In the order of events: what was passed over leads to what came later.
void MatchDag::find_followers(Place place) {
  for (;;) {
    const Node& node = at(place);
    const std::vector<Out>& out = scratch_.out[static_cast<std::size_t>(node.state)];
    auto next = std::partition_point(out.begin(), out.end(), [&](const Out& one) { return !before(node.in_state, one.behind.below); });
    bool moved = false;
    for (; next != out.end() && !before(node.in_state, next->behind.from); ++next) {
      if (next->passed_over) {
        place = next->node;  // The last of them.
        moved = true;
        continue;
      }
      if (next->event)
        scratch_.followers.push_back({0, next->stage, true, 0, 0});
      else if (const Ahead& its = ahead(next->node); its.matches.capped > 0)
        scratch_.followers.push_back({next->node, next->stage, false, its.least, its.most});
    }
    if (!moved) return;
  }
}

void MatchDag::enter(Place place, std::uint32_t wanted) {
  const Node& node = at(place);
  const std::size_t begin = scratch_.followers.size();
  find_followers(place);
  scratch_.path.push_back({node.event, node.stage});
  Frame frame{place, wanted, begin, scratch_.followers.size(), node.stage, 0, 0, scratch_.followers.size(), false};
  if (wanted > 0) {
    frame.length = frame.least_length = wanted - 1;
    frame.next = begin;
  }
  scratch_.frames.push_back(frame);
}

// Finds the next follower: inside the stage, one that may still take what is wanted; behind it by stage, the longer first.
bool MatchDag::next_of(Frame& frame) const {
  for (;;) {
    for (; frame.next < frame.end; ++frame.next) {
      const Follower& one = scratch_.followers[frame.next];
      if (one.stage == frame.stage && one.least <= frame.length && frame.length <= one.most) return true;
    }
    if (frame.wanted > 0) return false;
    frame.next = frame.begin;
    if (frame.stage != at(frame.node).stage && frame.length > frame.least_length) {
      --frame.length;
      continue;
    }
    int stage = std::numeric_limits<int>::max();
    for (std::size_t i = frame.begin; i < frame.end; ++i)
      if (scratch_.followers[i].stage > frame.stage) stage = std::min<int>(stage, scratch_.followers[i].stage);
    if (stage == std::numeric_limits<int>::max()) return false;
    frame.stage = stage;
    frame.length = 0;
    frame.least_length = ~0u;
    for (std::size_t i = frame.begin; i < frame.end; ++i) {
      if (scratch_.followers[i].stage != stage) continue;
      frame.length = std::max(frame.length, scratch_.followers[i].most);
      frame.least_length = std::min(frame.least_length, scratch_.followers[i].least);
    }
  }
}

void MatchDag::list(std::uint64_t most, const std::function<void(const std::vector<Step>&)>& report) {
  scratch_.dead.clear();
  const auto key = [](Place node, std::uint32_t wanted) { return std::uint64_t{node} << 32 | wanted; };
  for (Place start = begin_; start != end_ && most > 0; ++start) {
    const Node& node = at(start);
    const Ahead its = ahead(start);
    if (node.from_state >= 0 || node.max_start < limit_ || its.matches.capped == 0) continue;
    for (std::uint32_t wanted = its.most + 1; wanted-- > its.least && most > 0;) {
      scratch_.path.clear();
      scratch_.followers.clear();
      scratch_.frames.clear();
      enter(start, wanted);
      while (!scratch_.frames.empty() && most > 0) {
        Frame& frame = scratch_.frames.back();
        if (!next_of(frame)) {
          const Frame done = frame;
          scratch_.frames.pop_back();
          scratch_.path.pop_back();
          scratch_.followers.resize(done.begin);
          if (!done.found) scratch_.dead.insert(key(done.node, done.wanted));
          if (!scratch_.frames.empty()) scratch_.frames.back().found = scratch_.frames.back().found || done.found;
          continue;
        }
        const Follower follower = scratch_.followers[frame.next++];
        const std::uint32_t length = frame.length;
        if (follower.event) {
          frame.found = true;
          scratch_.path.push_back({nullptr, follower.stage});
          report(scratch_.path);
          scratch_.path.pop_back();
          --most;
        } else if (!scratch_.dead.contains(key(follower.node, length))) {
          enter(follower.node, length);
        }
      }
    }
  }
  if (!scratch_.begins_match || most == 0) return;
  scratch_.path.assign(1, {nullptr, 0});
  report(scratch_.path);
}

}  // namespace sequitur
