// Runs of rules with blocks. A run is at a place in the tree (At); a move is one way in which it may take an event, with the
// place where that leads. See docs/semantics.md, 2.15 and following.
#include "tests/reference/blocks.hpp"

#include "tests/reference/guard_blocks.hpp"
#include "tests/reference/holds.hpp"

#include <algorithm>

namespace sequitur::reference {
namespace {

using dsl::BlockNode;
using Kind = BlockNode::Kind;

const BlockNode& node_at(const World& world, int index) { return world.rule.blocks->nodes[static_cast<std::size_t>(index)]; }

struct Move {
  enum class What { kOwn, kAgain, kEnter };  // A loop takes more; another round; a part of a sequence is begun.
  What what = What::kEnter;
  int node = 0;   // The loop, or the part that is begun.
  int stage = 0;  // Which takes the event.
  bool contiguous = false;
  At after{};
  std::vector<const dsl::Gap*> crossed{};
  bool late = false;  // Of a loop beyond its minimum.
};
using Moves = std::vector<Move>;

// The same moves, seen from the node above.
Moves inside_of(const At& above, std::size_t part, const Moves& moves) {
  Moves result;
  for (Move move : moves) {
    At at = above;
    at.parts[part] = move.after;
    move.after = at;
    result.push_back(move);
  }
  return result;
}
void add(Moves& to, const Moves& more) { to.insert(to.end(), more.begin(), more.end()); }

// --- Entering a node that has not begun: what may take its first event, in order.

Moves enter(const World& world, int index, std::int64_t entered) {
  const BlockNode& node = node_at(world, index);
  At at{index, 0, entered, false, -1, false, {}};
  Moves moves;
  switch (node.kind) {
    case Kind::kStep: {
      at.count = 1;
      moves.push_back({Move::What::kEnter, index, node.stage, false, at, {}});
      break;
    }
    case Kind::kSequence:
      at.parts.resize(1);
      for (std::size_t part = 0; part < node.parts.size(); ++part) {
        at.count = part;
        Moves more = inside_of(at, 0, enter(world, node.parts[part], entered));
        add(moves, more);
        if (!node_at(world, node.parts[part]).optional) break;
      }
      break;
    case Kind::kEither:
      at.parts.resize(1);
      for (std::size_t branch = 0; branch < node.parts.size(); ++branch) {
        at.count = branch;
        add(moves, inside_of(at, 0, enter(world, node.parts[branch], entered)));
      }
      break;
    case Kind::kRepeat:
      at.parts.resize(1);
      add(moves, inside_of(at, 0, enter(world, node.parts[0], entered)));
      break;
    case Kind::kAll:
      for (const int line : node.parts) at.parts.push_back({line, 0, entered, false, -1, false, {}});
      for (std::size_t line = 0; line < node.parts.size(); ++line) add(moves, inside_of(at, line, enter(world, node.parts[line], entered)));
      break;
  }
  return moves;
}

// --- What is true of a place.

bool may_own(const World& world, const At& at) { return !at.closed && at.count < node_at(world, at.node).max; }
bool may_go_again(const World& world, const At& at) { return !at.closed && at.count + 1 < node_at(world, at.node).max; }

// Nothing is missing: it may be left.
bool done(const World& world, const At& at) {
  const BlockNode& node = node_at(world, at.node);
  switch (node.kind) {
    case Kind::kStep: return at.count >= node.min;
    case Kind::kEither: return done(world, at.parts[0]);
    case Kind::kRepeat: return done(world, at.parts[0]) && at.count + 1 >= node.min;
    case Kind::kSequence: {
      if (at.committed || !done(world, at.parts[0])) return false;
      const int next = std::max(static_cast<int>(at.count), at.passed) + 1;
      return std::all_of(node.parts.begin() + next, node.parts.end(), [&](int part) { return node_at(world, part).optional; });
    }
    case Kind::kAll: {
      std::size_t come = 0, missing = 0;
      for (const At& line : at.parts) {
        const bool optional = node_at(world, line.node).optional;
        if (line.count > 0 ? done(world, line) : optional && node.needed == node.parts.size()) ++come;
        if (line.count > 0 && !done(world, line) && node.needed == node.parts.size()) ++missing;
      }
      return come >= node.needed && missing == 0;
    }
  }
  return false;
}

// The gaps in front of steps at the end of sequences that are left out when the place is left.
void tail_gaps(const World& world, const At& at, std::vector<const dsl::Gap*>& gaps) {
  const BlockNode& node = node_at(world, at.node);
  if (node.kind == Kind::kStep || node.kind == Kind::kAll) return;
  tail_gaps(world, at.parts[0], gaps);
  if (node.kind != Kind::kSequence) return;
  for (std::size_t part = at.count + 1; part < node.parts.size(); ++part) gaps.push_back(&node_at(world, node.parts[part]).gap);
}

// --- What may take the next event: first what comes before any step behind the place, then what comes after those.

struct Waiting {
  Moves early, late;
  bool empty() const { return early.empty() && late.empty(); }
};

Waiting waiting(const World& world, const At& at, std::int64_t now) {
  const BlockNode& node = node_at(world, at.node);
  Waiting result;
  switch (node.kind) {
    case Kind::kStep:
      if (may_own(world, at)) {
        At after = at;
        ++after.count;
        const bool first = at.count < node.min || node.greedy;
        (first ? result.early : result.late).push_back({Move::What::kOwn, at.node, node.stage, node.strict, after, {}});
      }
      break;
    case Kind::kEither: {
      const Waiting child = waiting(world, at.parts[0], now);
      result = {inside_of(at, 0, child.early), inside_of(at, 0, child.late)};
      break;
    }
    case Kind::kSequence: {
      const Waiting child = waiting(world, at.parts[0], now);
      result = {inside_of(at, 0, child.early), inside_of(at, 0, child.late)};
      for (Moves* moves : {&result.early, &result.late})
        for (Move& move : *moves) move.after.passed = -1, move.after.committed = false;
      if (!done(world, at.parts[0])) break;
      std::vector<const dsl::Gap*> crossed;
      tail_gaps(world, at.parts[0], crossed);
      for (std::size_t part = at.count + 1; part < node.parts.size(); ++part) {
        const BlockNode& next = node_at(world, node.parts[part]);
        crossed.push_back(&next.gap);
        if (static_cast<int>(part) <= at.passed) continue;
        At after = at;
        after.count = part;
        after.passed = -1;
        after.committed = false;
        for (Move move : inside_of(after, 0, enter(world, node.parts[part], now))) {
          move.what = Move::What::kEnter;
          move.node = node.parts[part];
          move.crossed = crossed;
          move.contiguous = next.next;
          result.early.push_back(move);
        }
        if (at.committed || !next.optional) break;
      }
      break;
    }
    case Kind::kRepeat: {
      const Waiting child = waiting(world, at.parts[0], now);
      result.early = inside_of(at, 0, child.early);
      if (done(world, at.parts[0]) && may_go_again(world, at)) {
        At after = at;
        ++after.count;
        Moves again = inside_of(after, 0, enter(world, node.parts[0], now));
        for (Move& move : again) {
          move.what = Move::What::kAgain;
          move.node = at.node;
          move.contiguous = node.strict;
          tail_gaps(world, at.parts[0], move.crossed);
        }
        const bool first = at.count + 1 < node.min || node.greedy;
        add(first ? result.early : result.late, again);
      }
      add(result.late, inside_of(at, 0, child.late));
      break;
    }
    case Kind::kAll: {
      const bool enough = node.needed < node.parts.size() && done(world, at);
      for (std::size_t line = 0; line < at.parts.size(); ++line) {
        if (at.parts[line].count > 0) {
          const Waiting child = waiting(world, at.parts[line], now);
          add(result.early, inside_of(at, line, child.early));
          add(result.late, inside_of(at, line, child.late));
        } else if (!enough) {
          add(result.early, inside_of(at, line, enter(world, node.parts[line], at.entered)));
        }
      }
      break;
    }
  }
  return result;
}

Moves in_order(const World& world, const Run& run) {
  if (run.at.empty()) return enter(world, 0, run.base);
  Waiting all = waiting(world, run.at[0], run.took_at);
  for (Move& move : all.late) move.late = true;
  add(all.early, all.late);
  return all.early;
}

// The step that takes the event.
int leaf_of(const World& world, const Move& move) { return world.rule.blocks->node_of[static_cast<std::size_t>(move.stage)]; }

// --- Does the event fit?

// The places from the root to the step that takes the event.
void path_to(const World& world, const At& at, int stage, std::vector<const At*>& path) {
  const BlockNode& node = node_at(world, at.node);
  path.push_back(&at);
  if (node.kind == Kind::kStep) return;
  if (node.kind != Kind::kAll) return path_to(world, at.parts[0], stage, path);
  for (const At& line : at.parts)
    if (node_at(world, line.node).stage == stage) path_to(world, line, stage, path);
}

bool until_holds(const World& world, const Run& run, const BlockNode& node, std::size_t event) {
  return std::any_of(node.until.begin(), node.until.end(),
                     [&](const dsl::Filter& until) { return filter_holds(world, run, until, event); });
}

bool limits_allow(const World& world, const Run& run, const At& at, std::int64_t now) {
  for (const auto& limit : node_at(world, at.node).limits) {
    std::optional<std::int64_t> start;
    if (limit.anchor >= 0)
      start = anchor_time(world, run, limit.anchor, limit.anchor_first);
    else if (at.entered != kNever)
      start = at.entered;
    if (!start) continue;
    const std::int64_t passed = now - *start;
    if (limit.at_most ? passed > limit.duration.count() : passed < limit.duration.count()) return false;
  }
  return true;
}

// The parts of conditions in `all` that name siblings: those of the line that takes the event, and those of other lines that
// waited for it. Each is asked once all that it names are there.
bool siblings_agree(const World& world, const Run& run, const At& all, int stage, std::size_t event) {
  const auto line_of = [&](int index) -> const At& {
    return *std::find_if(all.parts.begin(), all.parts.end(), [&](const At& line) { return line.node == index; });
  };
  const bool first = line_of(world.rule.blocks->node_of[static_cast<std::size_t>(stage)]).count == 1;
  Run with = run;  // As it is with the event.
  with.taken[static_cast<std::size_t>(stage)].push_back(event);
  std::vector<std::vector<const Row*>> rows, rows_with;
  Scope before = scope_of(world, run, rows), behind = scope_of(world, with, rows_with);
  if (run.stage >= 0) behind.previous = before.previous;
  for (Scope* scope : {&before, &behind}) {
    scope->known = world.events.first(event);
    scope->now = world.events[event].time;
  }
  for (const At& line : all.parts) {
    const BlockNode& step = node_at(world, line.node);
    const bool own = step.stage == stage;
    for (const auto& part : step.conditions) {
      const bool named = std::any_of(part.siblings.begin(), part.siblings.end(), [&](int s) { return node_at(world, s).stage == stage; });
      const bool there = std::all_of(part.siblings.begin(), part.siblings.end(), [&](int s) { return line_of(s).count > 0; });
      if (!there) continue;
      if (own) {
        Scope scope = before;
        scope.candidate = &world.events[event];
        if (!holds(part.condition, scope)) return false;
      } else if (named && line.count > 0 && first && world.options.mutation != Mutation::kSiblingsBlind) {
        const auto& taken = run.taken[static_cast<std::size_t>(step.stage)];
        for (std::size_t i = taken.size() - line.count; i < taken.size(); ++i) {
          Scope scope = behind;
          scope.candidate = &world.events[taken[i]];
          if (!holds(part.condition, scope)) return false;
        }
      }
    }
  }
  return true;
}

bool fits(const World& world, const Run& run, const Move& move, std::size_t event) {
  const std::int64_t now = world.events[event].time;
  if (!filter_holds(world, run, world.rule.stages[static_cast<std::size_t>(move.stage)].filter, event)) return false;
  std::vector<const At*> path;
  path_to(world, move.after, move.stage, path);
  for (const At* at : path) {
    const BlockNode& node = node_at(world, at->node);
    if (until_holds(world, run, node, event) || !limits_allow(world, run, *at, now)) return false;
    if (node.kind == Kind::kAll && !siblings_agree(world, run, *at, move.stage, event)) return false;
  }
  if (run.at.empty()) return true;
  if (world.rule.within && now > later(world.events[run.first()].time, *world.rule.within)) return false;
  for (const dsl::Gap* gap : move.crossed)
    for (const auto& silence : gap->silences)
      if (now < later(silence_start(world, run, silence), silence.duration)) return false;
  if (move.contiguous && seen_since_latest(world, run, event)) return false;
  const auto& gap_limit = node_at(world, move.node).gap_limit;
  const bool loop = move.what != Move::What::kEnter;
  return !loop || !gap_limit || now <= later(run.took_at, *gap_limit);
}

// --- What a run does.

void watching(const World& world, const At& at, std::vector<const dsl::Gap*>& gaps) {
  const BlockNode& node = node_at(world, at.node);
  if (node.kind == Kind::kStep || node.kind == Kind::kAll) return;
  watching(world, at.parts[0], gaps);
  if (node.kind != Kind::kSequence) return;
  std::size_t part = at.count + 1;
  for (; part < node.parts.size(); ++part) {
    gaps.push_back(&node_at(world, node.parts[part]).gap);
    if (static_cast<int>(part) > at.passed && (at.committed || !node_at(world, node.parts[part]).optional)) return;
  }
  if (at.node == 0) gaps.push_back(&world.rule.closing);
}

std::optional<int> breaker(const World& world, const Run& run, const std::vector<const dsl::Gap*>& gaps, std::size_t event) {
  for (const dsl::Gap* gap : gaps)
    if (const auto guard = breaks_gap(world, run, *gap, event)) return guard;
  return std::nullopt;
}

Run broken(Run run, int guard) {
  run.state = Run::State::kBroken;
  run.guard = guard;
  return run;
}

bool closes_on_event(const World& world) { return world.rule.closing.silences.empty(); }

// What could still come may be left out by `every length`.
bool may_end(const World& world, const At& at) {
  const BlockNode& node = node_at(world, at.node);
  switch (node.kind) {
    case Kind::kStep: return !may_own(world, at) || node.every_length;
    case Kind::kEither: return may_end(world, at.parts[0]);
    case Kind::kRepeat: return may_end(world, at.parts[0]) && (!may_go_again(world, at) || node.every_length);
    case Kind::kSequence: {
      const int next = std::max(static_cast<int>(at.count), at.passed) + 1;
      return may_end(world, at.parts[0]) &&
             std::all_of(node.parts.begin() + next, node.parts.end(), [&](int part) { return node_at(world, part).every_length; });
    }
    case Kind::kAll: {
      const bool enough = node.needed < node.parts.size() && done(world, at);
      return std::all_of(at.parts.begin(), at.parts.end(), [&](const At& line) { return line.count > 0 ? may_end(world, line) : enough; });
    }
  }
  return false;
}

bool ends_here(const World& world, const Run& run) { return done(world, run.at[0]) && may_end(world, run.at[0]); }

std::vector<Run> matched(const World& world, const Run& run) {
  std::vector<Run> runs{run};
  runs[0].state = Run::State::kMatched;
  if (closes_on_event(world) && !in_order(world, run).empty()) runs.push_back(run);
  return runs;
}

// The run has just taken something.
std::vector<Run> settled(const World& world, const Run& run, std::int64_t now) {
  const bool matches = closes_on_event(world) ? ends_here(world, run) : done(world, run.at[0]) && silence_deadline(world, run) <= now;
  if (matches) return matched(world, run);
  return {run};
}

// Behind the run's latest event: of the stretches in progress only those go on whose step is a line of the same `all`.
void end_other_stretches(const World& world, Run& run, const Move& by) {
  const Moves moves = in_order(world, run);
  const int parent = node_at(world, world.rule.blocks->node_of[static_cast<std::size_t>(by.stage)]).parent;
  std::erase_if(run.stretches, [&](const Stretch& stretch) {
    const bool waits = std::any_of(moves.begin(), moves.end(), [&](const Move& move) { return move.node == stretch.node; });
    return node_at(world, parent).kind != Kind::kAll || node_at(world, stretch.node).parent != parent || !waits;
  });
}

// The run has taken something by the move. What has come of a block behind `no` goes on while its gap does, and of a silence while
// that has not begun anew.
void leave_gaps(const World& world, Run& run, const Move& move) {
  std::vector<const dsl::Gap*> gaps;
  watching(world, run.at[0], gaps);
  const auto is_new = [&](const dsl::Gap* gap) {  // A gap inside a block of which another round has begun.
    const auto& nodes = world.rule.blocks->nodes;
    if (gap == &world.rule.closing || move.what != Move::What::kAgain) return false;
    int at =
        static_cast<int>(std::find_if(nodes.begin(), nodes.end(), [&](const BlockNode& node) { return &node.gap == gap; }) - nodes.begin());
    while (at >= 0 && at != move.node) at = node_at(world, at).parent;
    return at == move.node;
  };
  const auto goes_on = [&](const Run& part) {
    for (const dsl::Gap* gap : gaps) {
      if (is_new(gap)) continue;
      for (const dsl::Guard& guard : gap->guards)
        if (guard.id == part.guard) return true;
      for (const dsl::Silence& silence : gap->silences)
        if (silence.guard.id == part.guard) return silence.anchor >= 0 && (silence.anchor != move.stage || silence.anchor_first);
    }
    return false;
  };
  std::erase_if(run.in_gaps, [&](const Run& part) { return !goes_on(part); });
}

std::vector<Run> taking(const World& world, Run run, const Move& move, std::size_t event) {
  if (const auto guard = breaker(world, run, move.crossed, event)) return {broken(run, *guard)};
  run.at = {move.after};
  run.stage = move.stage;
  leave_gaps(world, run, move);
  run.taken[static_cast<std::size_t>(move.stage)].push_back(event);
  run.took_at = world.events[event].time;
  run.previous = run.behind = event;
  end_other_stretches(world, run, move);
  return settled(world, run, run.took_at);
}

// The place takes no more.
void close(const World& world, At& at) {
  const BlockNode& node = node_at(world, at.node);
  at.closed = true;
  if (node.kind == Kind::kSequence) at.passed = static_cast<int>(node.parts.size()) - 1;
  for (At& part : at.parts)
    if (node.kind != Kind::kAll || part.count > 0) close(world, part);
}

enum class Closing { kNothing, kCloses, kEnds };

// Loops of the place that an event (`until`, `strict`) or the time (`gap`) closes. Inner ones first.
template <typename Closes>
Closing close_loops(const World& world, At& at, const Closes& closes) {
  const BlockNode& node = node_at(world, at.node);
  Closing result = Closing::kNothing;
  if (node.kind == Kind::kAll) return result;
  if (node.kind == Kind::kStep) {
    if (!may_own(world, at) || !closes(at)) return result;
    at.closed = true;
    return at.count < node.min ? Closing::kEnds : Closing::kCloses;
  }
  result = close_loops(world, at.parts[0], closes);
  if (node.kind != Kind::kRepeat || result == Closing::kEnds || !may_go_again(world, at) || !closes(at)) return result;
  if (!done(world, at.parts[0]) || at.count + 1 < node.min) return Closing::kEnds;
  close(world, at.parts[0]);
  at.closed = true;
  return Closing::kCloses;
}

// Nothing more can come of the run. `contiguous`: nothing strange came since the latest event taken.
bool nothing_left(const World& world, const Run& run, bool contiguous) {
  if (done(world, run.at[0]) && !closes_on_event(world)) return false;
  const Moves moves = in_order(world, run);
  return std::all_of(moves.begin(), moves.end(), [&](const Move& move) {
    const Stretch* stretch = stretch_of(run, leaf_of(world, move));  // One in progress was begun in time.
    return move.contiguous && !contiguous && (stretch == nullptr || stretch->spent);
  });
}

std::vector<Run> passing(const World& world, Run run, std::size_t event) {
  if (run.at.empty()) return {};
  std::vector<const dsl::Gap*> gaps;
  watching(world, run.at[0], gaps);
  if (const auto guard = breaker(world, run, gaps, event)) return {broken(run, *guard)};
  run.in_gaps = in_gaps_after(world, run, gaps, event);
  const bool of_a_step = is_of_steps(world, event);
  const bool ended = ends_here(world, run);
  const Closing closing = close_loops(world, run.at[0], [&](const At& at) {
    const BlockNode& node = node_at(world, at.node);
    if (until_holds(world, run, node, event)) return true;
    if (!node.strict || !of_a_step) return false;
    return node.kind == Kind::kStep || (done(world, at.parts[0]) && waiting(world, at.parts[0], 0).empty());
  });
  if (closing == Closing::kEnds) return {};
  std::vector<Run> runs{run};
  if (closing == Closing::kCloses && closes_on_event(world) && !ended && ends_here(world, run)) runs = matched(world, run);
  const bool contiguous = !of_a_step && !seen_since_latest(world, run, event);
  std::erase_if(runs, [&](const Run& one) { return one.live() && nothing_left(world, one, contiguous); });
  return runs;
}

// The step takes the event. A `hold` does not: it takes stretches; and a loop beyond its minimum leaves the event to a stretch
// that the run waits for.
bool takes(const World& world, const Run& run, const Move& move, std::size_t event) {
  if (node_at(world, leaf_of(world, move)).hold) return false;
  const bool sample = std::any_of(run.stretches.begin(), run.stretches.end(),
                                  [&](const Stretch& stretch) { return !stretch.spent && stretch.samples.back() == event; });
  return !(sample && move.late) && fits(world, run, move, event);
}

// The innermost loop of every length that is in progress, may be left, and has a move that fits.
const Move* loop_move(const World& world, const Run& run, const Moves& moves, std::size_t event) {
  const auto may_be_left = [&](const auto& self, const At& at, int node) -> bool {
    if (at.node == node) return done(world, at);
    return std::any_of(at.parts.begin(), at.parts.end(), [&](const At& part) { return self(self, part, node); });
  };
  const Move* found = nullptr;
  for (const Move& move : moves) {
    const BlockNode& node = node_at(world, move.node);
    if (move.what == Move::What::kEnter || !node.every_length || !may_be_left(may_be_left, run.at[0], move.node)) continue;
    if (found != nullptr && move.node <= found->node) continue;  // Parents stand before their parts.
    if (takes(world, run, move, event)) found = &move;
  }
  return found;
}

void leave_loop(const World& world, At& at, int node) {
  if (at.node == node) {
    at.closed = true;
    if (node_at(world, node).kind == Kind::kRepeat) close(world, at.parts[0]);
    return;
  }
  for (At& part : at.parts) leave_loop(world, part, node);
}

// In the sequence in progress: the part is left out, or waited for.
void pass_part(const World& world, At& at, int part, bool wait) {
  const BlockNode& node = node_at(world, part);
  if (at.node == node.parent) {
    close(world, at.parts[0]);
    at.passed = node.place - (wait ? 1 : 0);
    at.committed = wait;
    return;
  }
  if (node_at(world, at.node).kind == Kind::kAll) return;
  for (At& child : at.parts) pass_part(world, child, part, wait);
}

bool is_committed(const At& at, int sequence) {
  if (at.node == sequence) return at.committed;
  return std::any_of(at.parts.begin(), at.parts.end(), [&](const At& part) { return is_committed(part, sequence); });
}

}  // namespace

std::vector<Run> block_choices(const World& world, const Run& run, std::size_t event) {
  const Moves moves = in_order(world, run);
  std::vector<Run> runs;
  const auto add_runs = [&](const std::vector<Run>& more) { runs.insert(runs.end(), more.begin(), more.end()); };
  const auto took = [&](const Run& one) { return one.stage >= 0 && one.latest() == event; };

  if (const Move* stays = run.at.empty() ? nullptr : loop_move(world, run, moves, event)) {
    const bool skipping = node_at(world, stays->node).skipping;
    add_runs(taking(world, run, *stays, event));
    if (skipping) add_runs(passing(world, run, event));
    Run left = run;
    leave_loop(world, left.at[0], stays->node);
    for (const Run& one : block_choices(world, left, event))
      if (took(one) || !skipping) runs.push_back(one);
    return runs;
  }
  const auto move = std::find_if(moves.begin(), moves.end(), [&](const Move& one) { return takes(world, run, one, event); });
  if (move == moves.end()) return passing(world, run, event);
  add_runs(taking(world, run, *move, event));
  const BlockNode& node = node_at(world, move->node);
  if (move->what != Move::What::kEnter) {
    if (node.skipping) add_runs(passing(world, run, event));
    return runs;
  }
  const bool of_sequence = node.parent >= 0 && node_at(world, node.parent).kind == Kind::kSequence;
  if (!of_sequence || run.at.empty()) return runs;
  if (node.each) {
    Run waits = run;
    pass_part(world, waits.at[0], move->node, true);
    add_runs(passing(world, waits, event));
  }
  if (node.optional && node.every_length && !is_committed(run.at[0], node.parent)) {
    Run left = run;
    pass_part(world, left.at[0], move->node, false);
    add_runs(block_choices(world, left, event));
  }
  return runs;
}

bool block_complete(const World& world, const Run& run) { return done(world, run.at[0]); }

namespace {

// When `gap` closes a loop of the place.
std::int64_t gap_end_of(const World& world, const Run& run, const At& at) {
  const BlockNode& node = node_at(world, at.node);
  if (node.kind == Kind::kAll) return kNever;
  const std::int64_t inner = node.kind == Kind::kStep ? kNever : gap_end_of(world, run, at.parts[0]);
  const bool waits = node.kind == Kind::kStep ? may_own(world, at)
                     : node.kind == Kind::kRepeat
                         ? may_go_again(world, at) && done(world, at.parts[0]) && waiting(world, at.parts[0], 0).empty()
                         : false;
  if (!waits || !node.gap_limit) return inner;
  return std::min(inner, later(run.took_at, *node.gap_limit));
}

}  // namespace

bool may_begin_stretch(const World& world, const Run& run, int node, std::size_t event) {
  const Moves moves = in_order(world, run);
  const auto move = std::find_if(moves.begin(), moves.end(), [&](const Move& one) { return leaf_of(world, one) == node; });
  return move != moves.end() && fits(world, run, *move, event);
}

std::vector<int> waiting_holds(const World& world, const Run& run) {
  std::vector<int> nodes;
  for (const Move& move : in_order(world, run)) {
    const int node = leaf_of(world, move);
    if (node_at(world, node).hold && std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
  }
  return nodes;
}

std::vector<Run> take_stretch(const World& world, const Run& run, int node, std::int64_t now) {
  const Moves moves = in_order(world, run);
  const Move& move = *std::find_if(moves.begin(), moves.end(), [&](const Move& one) { return leaf_of(world, one) == node; });
  const Stretch stretch = *stretch_of(run, node);
  Run took = run;
  took.at = {move.after};
  took.stage = move.stage;
  leave_gaps(world, took, move);
  auto& taken = took.taken[static_cast<std::size_t>(move.stage)];
  taken.insert(taken.end(), stretch.samples.begin(), stretch.samples.end());
  took.held[move.stage] = took.took_at = now;
  took.previous = stretch.samples.back();
  took.behind = world.past.back();
  std::erase_if(took.stretches, [&](const Stretch& one) { return one.node == node; });
  end_other_stretches(world, took, move);
  std::vector<Run> runs = settled(world, took, now);
  const BlockNode& part = node_at(world, move.node);
  const bool of_sequence = part.parent >= 0 && node_at(world, part.parent).kind == Kind::kSequence;
  if (part.each && of_sequence && move.what == Move::What::kEnter && !run.at.empty()) {
    Run waits = run;
    pass_part(world, waits.at[0], move.node, true);
    for (Stretch& one : waits.stretches) one = {one.node, {one.samples.back()}, true};
    runs.push_back(waits);
  }
  return runs;
}

bool block_nothing_left(const World& world, const Run& run) {
  return nothing_left(world, run, !seen_since_latest(world, run, world.events.size()));
}

std::int64_t block_gap_end(const World& world, const Run& run) { return gap_end_of(world, run, run.at[0]); }

std::int64_t block_time_out(const World& world, const Run& run) {
  if (done(world, run.at[0]) && !closes_on_event(world)) return kNever;
  if (done(world, run.at[0]) && block_gap_end(world, run) != kNever) {
    const Moves moves = in_order(world, run);
    if (std::none_of(moves.begin(), moves.end(), [](const Move& move) { return move.what == Move::What::kEnter; })) return kNever;
  }
  return world.rule.within ? later(world.events[run.first()].time, *world.rule.within) : kNever;
}

std::vector<Run> block_close_by_gap(const World& world, Run run) {
  const std::int64_t now = block_gap_end(world, run);
  const bool ended = ends_here(world, run);
  while (block_gap_end(world, run) <= now) {
    const Closing closing = close_loops(world, run.at[0], [&](const At& at) { return gap_end_of(world, run, at) <= now; });
    if (closing != Closing::kCloses) return {};
  }
  std::vector<Run> runs{run};
  if (closes_on_event(world) && !ended && ends_here(world, run)) runs = matched(world, run);
  const bool contiguous = !seen_since_latest(world, run, world.events.size());
  std::erase_if(runs, [&](const Run& one) { return one.live() && nothing_left(world, one, contiguous); });
  return runs;
}

}  // namespace sequitur::reference
