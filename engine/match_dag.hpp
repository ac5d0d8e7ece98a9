// All partial matches of one key under a rule that forks with loops and steps left out, shared: the nodes of a graph in which
// each path from a beginning is a partial match.
//
// A node is an event taken, in a state of the subset automaton (nfa/subset_automaton.hpp), behind any of a stretch of nodes of
// another state; or, without an event, the move of all that was in one state to another on an event that was passed over. All
// nodes of a state fare alike, so an event costs a node or two for each state that is occupied, whatever the number of matches
// (CORE's tECS, PVLDB 15(9), 2022, with stretches of a list in place of unions).
//
// When an event completes matches, one sweep over the window counts for each node how many there are behind it and how many
// events its stage may still take. With that the walk from the beginnings is in the order of alerts (step by step, the longer
// first, then earlier events), never goes where nothing is, except where a loop cannot have just the wanted length, and can
// stop at any match. So: detection does not depend on the number of matches, listing is linear in the window and in what is
// listed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "engine/fetch_ahead.hpp"
#include "engine/pool.hpp"
#include "engine/tally.hpp"
#include "nfa/subset_automaton.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

class StateReader;
class StateWriter;

class MatchDag {
 public:
  struct Scratch;
  MatchDag(Pool& pool, const nfa::SubsetAutomaton& automaton, Scratch& scratch);
  ~MatchDag();
  MatchDag(const MatchDag&) = delete;
  MatchDag& operator=(const MatchDag&) = delete;

  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  // Where the next event will look.
  void prefetch() const {
    fetch_ahead(states_);
    if (!empty()) fetch_ahead(&at(begin_));
  }
  // The latest beginning of a match that the oldest node can belong to.
  std::int64_t oldest_start() const { return at(begin_).max_start; }

  // Matches that began before `time` are none any more.
  void drop_before(std::int64_t time);
  void clear();

  // One event. Nodes are made while there are fewer than `most`; returns how many were not made. What it completes is then
  // told by count() and list().
  template <typename Kept>
  std::uint32_t step(std::int64_t time, std::uint32_t symbol, std::size_t most, const Kept& kept);

  struct Completed {
    Tally matches;
    std::int64_t first_time = 0;  // Of the earliest start among them.
    std::uint64_t first_sequence = 0;
  };
  // What the event, of this time and number, has completed. Only this makes list() possible.
  Completed count(std::int64_t time, std::uint64_t sequence);
  inline bool completes() const;

  // The events of a match and the stages that took them; the completing event is null.
  struct Step {
    const Event* event;
    std::uint16_t stage;
  };
  // Calls report for the first matches, at most `most`, in the order of alerts.
  void list(std::uint64_t most, const std::function<void(const std::vector<Step>&)>& report);

  void save(StateWriter& out) const;
  // Into nothing. `adopt` gives the shard's own copy of an event, with a reference for it here, or null: then loading fails.
  void load(StateReader& in, const std::function<const Event*(std::uint32_t stage, const Event*)>& adopt);

 private:
  using Place = std::uint32_t;  // Of a node, counted from the beginning of time; or in the list of a state. Wraps around.
  struct Range {
    Place from = 0, below = 0;
  };
  struct Node {
    const Event* event;      // Null: the event was passed over.
    std::int64_t max_start;  // The latest beginning that leads here; of a beginning its own time.
    Range behind;            // In the list of `from_state`.
    Place in_state;          // Its place in the list of its state.
    std::int16_t state;
    std::int16_t from_state;  // -1: a beginning.
    std::uint16_t stage;
  };
  struct State {  // Its nodes are numbered one by one.
    Place begin = 0, end = 0;
    Place closed = 0;            // Nodes before it are done with.
    std::int64_t max_start = 0;  // Of the open ones.
    bool open() const { return closed != end; }
  };
  struct Root {  // Behind any of these the event is the last of a match.
    std::int16_t state;
    Range behind;
    std::uint16_t stage;
  };
  // What the sweep finds for a node.
  struct Ahead {
    Tally matches;
    std::uint32_t least = ~0u, most = 0;  // How many more events its stage may take; least > most: it leads nowhere.
    void add(std::uint32_t least_more, std::uint32_t most_more) {
      least = std::min(least, least_more);
      most = std::max(most, most_more);
    }
  };
  // A node behind a stretch, or the completing event.
  struct Out {
    Place node;
    Range behind;
    std::uint16_t stage;
    bool passed_over;
    bool event;
  };
  struct Follower {
    Place node;
    std::uint16_t stage;
    bool event;
    std::uint32_t least, most;  // How many more its stage may take.
  };
  struct Frame {
    Place node;
    std::uint32_t wanted;    // Events that the node's stage must still take.
    std::size_t begin, end;  // The followers.
    // Where the walk is among them: a stage, a number of further events of it, a follower.
    int stage;
    std::uint32_t length, least_length;
    std::size_t next;
    bool found;  // A match.
  };
  static bool before(Place a, Place b) { return static_cast<std::int32_t>(a - b) < 0; }
  static Place later(Place a, Place b) { return before(a, b) ? b : a; }
  Node& at(Place place) { return nodes_[place & (capacity_ - 1)]; }
  const Node& at(Place place) const { return nodes_[place & (capacity_ - 1)]; }
  State& state(std::int16_t number) { return states_[static_cast<std::size_t>(number)]; }

  std::size_t block_bytes() const { return automaton_.states() * (sizeof(State) + sizeof(std::int16_t)); }
  std::int16_t* occupied() const { return reinterpret_cast<std::int16_t*>(states_ + automaton_.states()); }
  void grow();
  void push(Node node);
  void pop();
  void close(std::int16_t number);
  void sweep();
  inline const Ahead& ahead(Place place) const;
  void find_followers(Place place);
  void enter(Place place, std::uint32_t wanted);
  bool next_of(Frame& frame) const;

  Pool& pool_;
  const nfa::SubsetAutomaton& automaton_;
  Scratch& scratch_;
  Node* nodes_ = nullptr;  // A ring.
  std::uint32_t capacity_ = 0;
  Place begin_ = 0, end_ = 0;
  std::uint32_t occupied_count_ = 0;
  State* states_;  // Behind them: which of them have open nodes, in the order in which they came to have them.
  std::int64_t limit_ = std::numeric_limits<std::int64_t>::min();  // The earliest beginning that counts.

 public:
  // Of the event being processed; one for the graphs of all keys.
  struct Scratch {
    struct Sum {  // Of sweep().
      Ahead ahead;
      Place from = 0;
      bool begun = false;
      std::size_t left = 0;  // Of `out`: those not yet added.
    };
    std::vector<Root> roots;
    std::vector<Node> made;
    std::vector<std::int16_t> closed;
    std::vector<Ahead> ahead;           // Index: from begin_.
    bool begins_match = false;          // The event alone is a match.
    std::vector<std::vector<Out>> out;  // By state: what follows its nodes, in order.
    std::vector<Sum> sums;              // By state.
    std::vector<Follower> followers;
    std::vector<Frame> frames;
    std::vector<Step> path;
    boost::unordered_flat_set<std::uint64_t> dead;  // Node and wanted length from which there is no way.
  };
};

inline bool MatchDag::completes() const { return !scratch_.roots.empty() || scratch_.begins_match; }
inline const MatchDag::Ahead& MatchDag::ahead(Place place) const { return scratch_.ahead[place - begin_]; }

template <typename Kept>
std::uint32_t MatchDag::step(std::int64_t time, std::uint32_t symbol, std::size_t most, const Kept& kept) {
  Scratch& of = scratch_;
  of.roots.clear();
  of.begins_match = false;
  of.made.clear();
  of.closed.clear();
  const auto take = [&](const nfa::SubsetTake& by, Node node) {
    if (by.to < 0) return;
    node.state = by.to;
    node.stage = by.stage;
    of.made.push_back(node);
  };
  const nfa::SubsetMove& begin = automaton_.begin(symbol);
  for (const std::int16_t number : std::span(occupied(), occupied_count_)) {
    const State& its = state(number);
    if (!its.open() || its.max_start < limit_) {
      of.closed.push_back(number);
      continue;
    }
    const nfa::SubsetMove& move = automaton_.move(number, symbol);
    const Node node{nullptr, its.max_start, {its.closed, its.end}, 0, number, number, 0};
    for (const nfa::SubsetTake& by : move.takes) {
      if (by.match) of.roots.push_back({number, node.behind, by.stage});
      take(by, node);
    }
    if (move.passed_over != number) of.closed.push_back(number);
  }
  for (const nfa::SubsetTake& by : begin.takes) {
    of.begins_match = of.begins_match || by.match;
    take(by, {nullptr, time, {}, 0, 0, -1, 0});
  }
  const std::size_t takers = of.made.size();
  for (const std::int16_t number : of.closed) {
    const State& its = state(number);
    const std::int16_t to = its.open() && its.max_start >= limit_ ? automaton_.move(number, symbol).passed_over : std::int16_t{-1};
    if (to < 0) continue;
    of.made.push_back({nullptr, its.max_start, {its.closed, its.end}, 0, to, number, automaton_.stage_of(to)});
  }
  for (const std::int16_t number : of.closed) state(number).closed = state(number).end;
  const auto gone = std::remove_if(occupied(), occupied() + occupied_count_, [&](std::int16_t number) { return !state(number).open(); });
  occupied_count_ = static_cast<std::uint32_t>(gone - occupied());
  std::uint32_t refused = 0;
  for (std::size_t i = 0; i < of.made.size(); ++i) {
    if (size() >= most) {
      ++refused;
      continue;
    }
    if (i < takers) of.made[i].event = kept();
    push(of.made[i]);
  }
  return refused;
}

}  // namespace sequitur
