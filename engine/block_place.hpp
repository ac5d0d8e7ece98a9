// Where a run of a rule with blocks is: one small state for each node of the tree, in the run's memory. Functions over it
// that need nothing but the tree; engine/blocks.cpp has those that look at events.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "nfa/block_code.hpp"

namespace sequitur {

struct NodeState {
  std::uint32_t count = 0;     // A step: events taken. repeat: rounds finished. A sequence: the part it is at. either: the branch.
  std::uint32_t entered = 0;   // Events that the run had before.
  std::int32_t passed = -1;    // A sequence: parts up to this one are left out.
  std::uint8_t closed = 0;     // A loop that takes no more.
  std::uint8_t committed = 0;  // A sequence: waits for part passed + 1 only.
  std::uint16_t unused = 0;
};
static_assert(sizeof(NodeState) == 16);

struct BlockMove {
  enum class What : std::uint8_t { kOwn, kAgain, kEnter };
  What what;
  bool contiguous;
  int node;                            // The loop, or the part of a sequence that is begun.
  int leaf;                            // The step that takes the event.
  std::uint32_t gaps_begin, gaps_end;  // The gaps that are crossed, in BlockPlace::gaps.
  bool late = false;                   // Of a loop beyond its minimum.
};

// Lists that keep their memory from event to event.
struct BlockScratch {
  std::vector<BlockMove> moves, late, again;
  std::vector<int> gaps, crossed;
};

class BlockPlace {
 public:
  using Kind = dsl::BlockNode::Kind;
  BlockPlace(const nfa::BlockCode& code, NodeState* states, bool begun, BlockScratch& scratch)
      : code_(code),
        states_(states),
        begun_(begun),
        moves(scratch.moves),
        gaps(scratch.gaps),
        late_(scratch.late),
        again_(scratch.again),
        crossed_(scratch.crossed) {}

  const nfa::BlockNodeCode& node(int index) const { return code_.nodes[static_cast<std::size_t>(index)]; }
  NodeState& state(int index) const { return states_[index]; }

  bool may_own(int index) const { return state(index).closed == 0 && state(index).count < node(index).max; }
  bool may_go_again(int index) const { return state(index).closed == 0 && state(index).count + 1 < node(index).max; }
  int child(int index) const {
    const nfa::BlockNodeCode& at = node(index);
    const bool chosen = at.kind == Kind::kSequence || at.kind == Kind::kEither;
    return at.parts[chosen ? state(index).count : 0];
  }
  int next_part(int index) const { return std::max(static_cast<int>(state(index).count), state(index).passed) + 1; }

  bool done(int index) const {
    const nfa::BlockNodeCode& at = node(index);
    switch (at.kind) {
      case Kind::kStep: return state(index).count >= at.min;
      case Kind::kEither: return done(child(index));
      case Kind::kRepeat: return state(index).count + 1 >= at.min && done(child(index));
      case Kind::kSequence:
        if (state(index).committed != 0 || !done(child(index))) return false;
        for (std::size_t part = static_cast<std::size_t>(next_part(index)); part < at.parts.size(); ++part)
          if (!node(at.parts[part]).optional) return false;
        return true;
      case Kind::kAll: {
        const bool all = at.needed == at.parts.size();
        std::uint32_t come = 0;
        for (const int line : at.parts) {
          const bool begun = state(line).count > 0;
          if (begun ? done(line) : all && node(line).optional)
            ++come;
          else if (begun && all)
            return false;
        }
        return come >= at.needed;
      }
    }
    return false;
  }
  bool enough(int all) const { return node(all).needed < node(all).parts.size() && done(all); }

  // What could still come may be left out by `every length`.
  bool may_end(int index) const {
    const nfa::BlockNodeCode& at = node(index);
    switch (at.kind) {
      case Kind::kStep: return at.every_length || !may_own(index);
      case Kind::kEither: return may_end(child(index));
      case Kind::kRepeat: return may_end(child(index)) && (at.every_length || !may_go_again(index));
      case Kind::kSequence:
        if (!may_end(child(index))) return false;
        for (std::size_t part = static_cast<std::size_t>(next_part(index)); part < at.parts.size(); ++part)
          if (!node(at.parts[part]).every_length) return false;
        return true;
      case Kind::kAll: {
        const bool stop = enough(index);
        return std::all_of(at.parts.begin(), at.parts.end(), [&](int line) { return state(line).count > 0 ? may_end(line) : stop; });
      }
    }
    return false;
  }
  bool ends_here() const { return done(0) && may_end(0); }

  // Fills `moves` with the ways to take an event, in the order in which they are tried.
  void find_moves() {
    moves.clear();
    late_.clear();
    gaps.clear();
    if (begun_)
      waiting(0);
    else
      enter(0, {BlockMove::What::kEnter, false, 0, 0, 0, 0}, moves);
    for (BlockMove& move : late_) move.late = true;
    moves.insert(moves.end(), late_.begin(), late_.end());
  }
  // Whether the node could take an event by itself.
  bool waits(int index) {
    moves.clear();
    late_.clear();
    gaps.clear();
    waiting(index);
    return !moves.empty() || !late_.empty();
  }

  // The run takes an event by the move; it had `taken` events.
  void apply(const BlockMove& move, std::uint32_t taken) {
    bool fresh = !begun_;
    const std::vector<int>& path = node(move.leaf).path;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const nfa::BlockNodeCode& at = node(path[i]);
      NodeState& own = state(path[i]);
      const bool in_all = i > 0 && node(path[i - 1]).kind == Kind::kAll;
      if (at.kind == Kind::kStep) {
        if (!in_all && fresh) own = {0, taken, -1, 0, 0, 0};
        ++own.count;
        continue;
      }
      if (fresh) own = {0, taken, -1, 0, 0, 0};
      const auto part = i + 1 < path.size() ? static_cast<std::uint32_t>(node(path[i + 1]).place) : 0;
      if (at.kind == Kind::kSequence) {
        if (own.count != part) fresh = true;
        own.count = part;
        own.passed = -1;
        own.committed = 0;
      } else if (at.kind == Kind::kEither) {
        own.count = part;
      } else if (at.kind == Kind::kAll && fresh) {
        for (const int line : at.parts) state(line) = {0, taken, -1, 0, 0, 0};
      } else if (at.kind == Kind::kRepeat && move.what == BlockMove::What::kAgain && move.node == path[i]) {
        ++own.count;
        fresh = true;
      }
    }
  }

  void close(int index) {
    const nfa::BlockNodeCode& at = node(index);
    state(index).closed = 1;
    if (at.kind == Kind::kStep) return;
    if (at.kind == Kind::kAll) {
      for (const int line : at.parts)
        if (state(line).count > 0) close(line);
      return;
    }
    close(child(index));
    if (at.kind == Kind::kSequence) state(index).passed = static_cast<std::int32_t>(at.parts.size()) - 1;
  }
  void leave_loop(int index) {
    state(index).closed = 1;
    if (node(index).kind == Kind::kRepeat) close(child(index));
  }
  // In the sequence in progress: the part is left out, or waited for.
  void pass_part(int part, bool wait) {
    const int sequence = node(part).parent;
    close(child(sequence));
    state(sequence).passed = node(part).place - (wait ? 1 : 0);
    state(sequence).committed = wait ? 1 : 0;
  }

  enum class Closing { kNothing, kCloses, kEnds };
  template <typename Closes>
  Closing close_loops(int index, const Closes& closes) {
    const nfa::BlockNodeCode& at = node(index);
    if (at.kind == Kind::kAll) return Closing::kNothing;
    if (at.kind == Kind::kStep) {
      if (!may_own(index) || !closes(index)) return Closing::kNothing;
      state(index).closed = 1;
      return state(index).count < at.min ? Closing::kEnds : Closing::kCloses;
    }
    const Closing result = close_loops(child(index), closes);
    if (at.kind != Kind::kRepeat || result == Closing::kEnds || !may_go_again(index) || !closes(index)) return result;
    if (!done(index)) return Closing::kEnds;
    leave_loop(index);
    return Closing::kCloses;
  }

  // Fills `gaps` with those that watch; -1: the closing one.
  void find_watching() {
    gaps.clear();
    watching(0);
  }

 private:
  void watching(int index) {
    const nfa::BlockNodeCode& at = node(index);
    if (at.kind == Kind::kStep || at.kind == Kind::kAll) return;
    watching(child(index));
    if (at.kind != Kind::kSequence) return;
    for (std::size_t part = state(index).count + 1; part < at.parts.size(); ++part) {
      gaps.push_back(at.parts[part]);
      if (static_cast<int>(part) > state(index).passed && (state(index).committed != 0 || !node(at.parts[part]).optional)) return;
    }
    if (index == 0) gaps.push_back(-1);
  }

  void tail_gaps(int index) {
    const nfa::BlockNodeCode& at = node(index);
    if (at.kind == Kind::kStep || at.kind == Kind::kAll) return;
    tail_gaps(child(index));
    if (at.kind != Kind::kSequence) return;
    for (std::size_t part = state(index).count + 1; part < at.parts.size(); ++part) gaps.push_back(at.parts[part]);
  }

  // What may take the first event of a node that has not begun.
  void enter(int index, BlockMove move, std::vector<BlockMove>& to) const {
    const nfa::BlockNodeCode& at = node(index);
    if (at.kind == Kind::kStep) {
      move.leaf = index;
      to.push_back(move);
      return;
    }
    for (const int part : at.parts) {
      enter(part, move, to);
      if (at.kind == Kind::kSequence && !node(part).optional) return;
    }
  }

  void waiting(int index) {
    using What = BlockMove::What;
    const nfa::BlockNodeCode& at = node(index);
    switch (at.kind) {
      case Kind::kStep:
        if (may_own(index))
          (state(index).count < at.min || at.greedy ? moves : late_).push_back({What::kOwn, at.strict, index, index, 0, 0});
        return;
      case Kind::kEither: return waiting(child(index));
      case Kind::kSequence: {
        waiting(child(index));
        if (!done(child(index))) return;
        // The gaps crossed grow from part to part.
        const std::size_t before = gaps.size();
        tail_gaps(child(index));
        crossed_.assign(gaps.begin() + static_cast<std::ptrdiff_t>(before), gaps.end());
        gaps.resize(before);
        for (std::size_t part = state(index).count + 1; part < at.parts.size(); ++part) {
          const int next = at.parts[part];
          crossed_.push_back(next);
          if (static_cast<int>(part) <= state(index).passed) continue;
          const auto begin = static_cast<std::uint32_t>(gaps.size());
          gaps.insert(gaps.end(), crossed_.begin(), crossed_.end());
          enter(next, {What::kEnter, node(next).next, next, 0, begin, static_cast<std::uint32_t>(gaps.size())}, moves);
          if (state(index).committed != 0 || !node(next).optional) break;
        }
        return;
      }
      case Kind::kRepeat: {
        const std::size_t late_before = late_.size();
        waiting(child(index));
        if (!may_go_again(index) || !done(child(index))) return;
        again_.clear();
        const auto begin = static_cast<std::uint32_t>(gaps.size());
        tail_gaps(child(index));
        enter(child(index), {What::kAgain, at.strict, index, 0, begin, static_cast<std::uint32_t>(gaps.size())}, again_);
        if (state(index).count + 1 < at.min || at.greedy)
          moves.insert(moves.end(), again_.begin(), again_.end());
        else
          late_.insert(late_.begin() + static_cast<std::ptrdiff_t>(late_before), again_.begin(), again_.end());
        return;
      }
      case Kind::kAll: {
        const bool stop = enough(index);
        for (const int line : at.parts) {
          if (state(line).count > 0)
            waiting(line);
          else if (!stop)
            moves.push_back({What::kEnter, false, line, line, 0, 0});
        }
        return;
      }
    }
  }

  const nfa::BlockCode& code_;
  NodeState* states_;
  bool begun_;

 public:
  std::vector<BlockMove>& moves;
  std::vector<int>& gaps;

 private:
  std::vector<BlockMove>& late_;
  std::vector<BlockMove>& again_;
  std::vector<int>& crossed_;
};

}  // namespace sequitur
