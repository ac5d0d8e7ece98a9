#include "engine/match_dag.hpp"

#include <limits>

#include "engine/kept_event.hpp"

namespace sequitur {

MatchDag::MatchDag(Pool& pool, const nfa::SubsetAutomaton& states)
    : pool_(pool), automaton_(states), states_(states.states()), out_(states.states()) {}

std::size_t MatchDag::memory_bytes() const {
  std::size_t bytes = nodes_.capacity() * sizeof(Node) + states_.capacity() * sizeof(State) + ahead_.capacity() * sizeof(Ahead);
  for (const State& state : states_) bytes += state.nodes.capacity() * sizeof(Place);
  for (const auto& out : out_) bytes += out.capacity() * sizeof(Out);
  return bytes;
}

void MatchDag::clear() {
  while (!empty()) pop();
  occupied_.clear();
  roots_.clear();
  begins_match_ = false;
}

void MatchDag::pop() {
  Node& node = at(begin_);
  if (node.event != nullptr) release(pool_, node.event);
  State& its = state(node.state);
  ++its.begin;
  its.closed = later(its.closed, its.begin);
  if (its.begin == its.end) its.nodes = {};
  if (++begin_ == end_) nodes_ = {};  // A window has passed: all memory goes at once.
}

void MatchDag::drop_before(std::int64_t time) {
  limit_ = time;
  while (!empty() && at(begin_).max_start < time) pop();
}

void MatchDag::push(Node node) {
  if (size() == nodes_.size()) {
    std::vector<Node> larger(std::max<std::size_t>(4, nodes_.size() * 2));
    for (Place place = begin_; place != end_; ++place) larger[place & (larger.size() - 1)] = at(place);
    nodes_.swap(larger);
  }
  State& its = state(node.state);
  if (its.end - its.begin == its.nodes.size()) {
    std::vector<Place> larger(std::max<std::size_t>(4, its.nodes.size() * 2));
    for (Place place = its.begin; place != its.end; ++place) larger[place & (larger.size() - 1)] = its.at(place);
    its.nodes.swap(larger);
  }
  its.max_start = its.open() ? std::max(its.max_start, node.max_start) : node.max_start;
  if (!its.open()) occupied_.push_back(node.state);
  node.in_state = its.end;
  its.at(its.end++) = end_;
  nodes_[end_++ & (nodes_.size() - 1)] = node;
}

std::uint32_t MatchDag::step(std::int64_t time, std::uint32_t symbol, std::size_t most, const std::function<const Event*()>& kept) {
  roots_.clear();
  begins_match_ = false;
  made_.clear();
  closed_.clear();
  const auto take = [&](const nfa::SubsetTake& by, Node node) {
    if (by.to < 0) return;
    node.state = by.to;
    node.stage = by.stage;
    made_.push_back(node);
  };
  const nfa::SubsetMove& begin = automaton_.begin(symbol);
  for (const std::int16_t number : occupied_) {
    const State& its = state(number);
    if (!its.open() || its.max_start < limit_) {
      closed_.push_back(number);
      continue;
    }
    const nfa::SubsetMove& move = automaton_.move(number, symbol);
    const Node node{nullptr, time, its.max_start, {its.closed, its.end}, 0, number, number, 0};
    for (const nfa::SubsetTake& by : move.takes) {
      if (by.match) roots_.push_back({number, node.behind, by.stage});
      take(by, node);
    }
    if (move.passed_over != number) closed_.push_back(number);
  }
  for (const nfa::SubsetTake& by : begin.takes) {
    begins_match_ = begins_match_ || by.match;
    take(by, {nullptr, time, time, {}, 0, 0, -1, 0});
  }
  const std::size_t takers = made_.size();
  for (const std::int16_t number : closed_) {
    const State& its = state(number);
    const std::int16_t to = its.open() && its.max_start >= limit_ ? automaton_.move(number, symbol).passed_over : std::int16_t{-1};
    if (to < 0) continue;
    made_.push_back({nullptr, time, its.max_start, {its.closed, its.end}, 0, to, number, automaton_.stage_of(to)});
  }
  for (const std::int16_t number : closed_) state(number).closed = state(number).end;
  std::erase_if(occupied_, [&](std::int16_t number) { return !state(number).open(); });
  std::uint32_t refused = 0;
  for (std::size_t i = 0; i < made_.size(); ++i) {
    if (size() >= most) {
      ++refused;
      continue;
    }
    if (i < takers) made_[i].event = kept();
    push(made_[i]);
  }
  return refused;
}

// From the last node to the first: what lies ahead of each. The stretches of one state that end where it was once closed
// have the same followers but for those that came before; so one sum for each state, which begins anew there.
void MatchDag::sweep() {
  for (auto& out : out_) out.clear();
  for (Place place = begin_; place != end_; ++place) {
    const Node& node = at(place);
    if (node.from_state >= 0)
      out_[static_cast<std::size_t>(node.from_state)].push_back({place, node.behind, node.stage, node.event == nullptr, false});
  }
  for (const Root& root : roots_) out_[static_cast<std::size_t>(root.state)].push_back({0, root.behind, root.stage, false, true});
  struct Sum {
    Ahead ahead;
    Place from = 0;
    bool begun = false;
    std::size_t left = 0;  // Of out_: those not yet added.
  };
  std::vector<Sum> sums(states_.size());
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i].left = out_[i].size();
  ahead_.assign(size(), {});
  for (Place place = end_; place-- != begin_;) {
    const Node& node = at(place);
    const auto number = static_cast<std::size_t>(node.state);
    Sum& sum = sums[number];
    if (sum.begun && before(node.in_state, sum.from)) sum = {{}, 0, false, sum.left};
    const std::uint16_t stage = automaton_.stage_of(node.state);
    for (; sum.left > 0 && before(node.in_state, out_[number][sum.left - 1].behind.below); --sum.left) {
      const Out& out = out_[number][sum.left - 1];
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
    ahead_[place - begin_] = sum.ahead;
  }
}

MatchDag::Completed MatchDag::count(std::int64_t time, std::uint64_t sequence) {
  sweep();
  Completed result;
  for (Place place = begin_; place != end_; ++place) {
    const Node& node = at(place);
    if (node.from_state >= 0 || node.max_start < limit_ || ahead(place).matches.capped == 0) continue;
    if (result.matches.capped == 0) {
      result.first_time = node.time;
      result.first_sequence = node.event->sequence;
    }
    result.matches += ahead(place).matches;
  }
  if (!begins_match_) return result;
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
    const std::vector<Out>& out = out_[static_cast<std::size_t>(node.state)];
    auto next = std::partition_point(out.begin(), out.end(), [&](const Out& one) { return !before(node.in_state, one.behind.below); });
    bool moved = false;
    for (; next != out.end() && !before(node.in_state, next->behind.from); ++next) {
      if (next->passed_over) {
        place = next->node;  // The last of them.
        moved = true;
        continue;
      }
      if (next->event)
        followers_.push_back({0, next->stage, true, 0, 0});
      else if (const Ahead& its = ahead(next->node); its.matches.capped > 0)
        followers_.push_back({next->node, next->stage, false, its.least, its.most});
    }
    if (!moved) return;
  }
}

void MatchDag::enter(Place place, std::uint32_t wanted) {
  const Node& node = at(place);
  const std::size_t begin = followers_.size();
  find_followers(place);
  path_.push_back({node.event, node.stage});
  Frame frame{place, wanted, begin, followers_.size(), node.stage, 0, 0, followers_.size(), false};
  if (wanted > 0) {
    frame.length = frame.least_length = wanted - 1;
    frame.next = begin;
  }
  frames_.push_back(frame);
}

// Finds the next follower: inside the stage, one that may still take what is wanted; behind it by stage, the longer first.
bool MatchDag::next_of(Frame& frame) const {
  for (;;) {
    for (; frame.next < frame.end; ++frame.next) {
      const Follower& one = followers_[frame.next];
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
      if (followers_[i].stage > frame.stage) stage = std::min<int>(stage, followers_[i].stage);
    if (stage == std::numeric_limits<int>::max()) return false;
    frame.stage = stage;
    frame.length = 0;
    frame.least_length = ~0u;
    for (std::size_t i = frame.begin; i < frame.end; ++i) {
      if (followers_[i].stage != stage) continue;
      frame.length = std::max(frame.length, followers_[i].most);
      frame.least_length = std::min(frame.least_length, followers_[i].least);
    }
  }
}

void MatchDag::list(std::uint64_t most, const std::function<void(const std::vector<Step>&)>& report) {
  dead_.clear();
  const auto key = [](Place node, std::uint32_t wanted) { return std::uint64_t{node} << 32 | wanted; };
  for (Place start = begin_; start != end_ && most > 0; ++start) {
    const Node& node = at(start);
    const Ahead its = ahead(start);
    if (node.from_state >= 0 || node.max_start < limit_ || its.matches.capped == 0) continue;
    for (std::uint32_t wanted = its.most + 1; wanted-- > its.least && most > 0;) {
      path_.clear();
      followers_.clear();
      frames_.clear();
      enter(start, wanted);
      while (!frames_.empty() && most > 0) {
        Frame& frame = frames_.back();
        if (!next_of(frame)) {
          const Frame done = frame;
          frames_.pop_back();
          path_.pop_back();
          followers_.resize(done.begin);
          if (!done.found) dead_.insert(key(done.node, done.wanted));
          if (!frames_.empty()) frames_.back().found = frames_.back().found || done.found;
          continue;
        }
        const Follower follower = followers_[frame.next++];
        const std::uint32_t length = frame.length;
        if (follower.event) {
          frame.found = true;
          path_.push_back({nullptr, follower.stage});
          report(path_);
          path_.pop_back();
          --most;
        } else if (!dead_.contains(key(follower.node, length))) {
          enter(follower.node, length);
        }
      }
    }
  }
  if (!begins_match_ || most == 0) return;
  path_.assign(1, {nullptr, 0});
  report(path_);
}

}  // namespace sequitur
