// Automata for people: a listing and a graph.
#include <algorithm>

#include <fmt/format.h>

#include "nfa/automaton.hpp"
#include "nfa/block_code.hpp"
#include "nfa/subset_automaton.hpp"
#include "nfa/window_code.hpp"

namespace sequitur::nfa {
namespace {

std::string duration_text(std::int64_t microseconds) {
  std::string text;
  append_duration(Duration{microseconds}, text);
  return text;
}

std::string_view phase_text(Phase phase) {
  switch (phase) {
    case Phase::kFilling: return "filling";
    case Phase::kOpen: return "open";
    case Phase::kDone: return "done";
  }
  return "";
}

class Printer {
 public:
  explicit Printer(const Automaton& automaton) : automaton_(automaton) {}

  std::string listing() {
    head();
    for (std::size_t i = 0; i < automaton_.bit_names.size(); ++i) line("  bit {:<2} {}", i, automaton_.bit_names[i]);
    if (automaton_.blocks != nullptr) {
      block(0, 1);
      return std::move(out_);
    }
    line("  begin");
    for (const int stage : automaton_.opening) line("    take {} -> {}", test(at(stage).test), state_name(after_first(stage)));
    for (const LookBackCode& look : automaton_.look_back)
      line("    only if no {} in the {} before", test(look.test), duration_text(look.duration));
    for (const State& state : automaton_.states)
      if (reachable(state)) print(state);
    return std::move(out_);
  }

  std::string dot() {
    line("digraph \"{}\" {{", automaton_.info.name);
    line("  rankdir=LR; node [shape=box, fontname=\"monospace\"]; edge [fontname=\"monospace\"];");
    line("  begin [shape=point];");
    line("  match [shape=doublecircle, label=\"match\"];");
    if (automaton_.blocks != nullptr) return block_graph();
    for (const State& state : automaton_.states)
      if (reachable(state)) line("  \"{0}\" [label=\"{0}\"];", state_name(state));
    for (const int stage : automaton_.opening) edge("begin", after_first(stage), test(at(stage).test));
    for (const State& state : automaton_.states)
      if (reachable(state)) edges(state);
    line("}}");
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  const StageCode& at(int stage) const { return automaton_.stages[static_cast<std::size_t>(stage)]; }
  const std::string& name(int stage) const { return automaton_.stage_names[static_cast<std::size_t>(stage)]; }
  static std::size_t bit_number(Bits bit) { return static_cast<std::size_t>(std::countr_zero(bit)); }

  std::string test(const Test& test) const {
    std::string bits;
    for (Bits left = test.bit; left != 0; left &= left - 1) bits += (bits.empty() ? "" : "|") + std::to_string(bit_number(left));
    return fmt::format("[{}]{}", bits, test.run_part ? " and what it asks of the run" : "");
  }
  std::string state_name(const State& state) const {
    std::string text = fmt::format("{} {}", name(state.stage), phase_text(state.phase));
    if (&state - automaton_.states.data() < static_cast<std::ptrdiff_t>(3 * automaton_.stages.size())) return text;
    const int behind = state.ways.empty() ? static_cast<int>(automaton_.stages.size()) : state.ways.front();
    if (!state.satisfied && state.watch_end == behind && state.wait_to.front() == &state - automaton_.states.data())
      return text + ", waits for " + name(behind);
    return text + " without " + name(behind - 1);
  }

  const State& after(int stage, std::uint32_t count) const {
    const StageCode& code = at(stage);
    return automaton_.state(stage, count < code.min ? Phase::kFilling : count < code.max ? Phase::kOpen : Phase::kDone);
  }
  const State& after_first(int stage) const { return after(stage, 1); }

  // A loop closed before its maximum is done as well.
  bool reachable(const State& state) const {
    const StageCode& code = at(state.stage);
    switch (state.phase) {
      case Phase::kFilling: return code.min > 1;
      case Phase::kOpen: return code.max > code.min;
      case Phase::kDone:
        return code.max == code.min || code.max != dsl::kUnbounded || code.strict || code.until.bit != 0 || code.gap_limit >= 0 ||
               code.every_length || leads_to_each(state);
    }
    return false;
  }
  // The loop is left when a step behind it is passed over for a later event.
  bool leads_to_each(const State& state) const {
    return std::any_of(state.ways.begin(), state.ways.end(), [&](int way) { return at(way).each; });
  }

  void head() {
    std::string key;
    for (const KeyCode& part : automaton_.key) key += (key.empty() ? "" : ", ") + part.name;
    line("rule {}", automaton_.info.name);
    line("  key {}; within {}", key.empty() ? "none" : key, automaton_.within < 0 ? "forever" : duration_text(automaton_.within));
    if (automaton_.strategy == Strategy::kCohorts && automaton_.stages[0].max > 1)
      line("  strategy: cohorts, a run has all that its loop took behind its start, kept once a key; only events with a bit reach the key");
    else if (automaton_.strategy == Strategy::kCohorts && automaton_.closes == Closing::kSilence)
      line(
          "  strategy: cohorts, runs that wait for the same step or silence are moved together, the oldest completes first; only events "
          "with "
          "a bit reach the key");
    else if (automaton_.strategy == Strategy::kCohorts)
      line("  strategy: cohorts, runs that wait for the same step are moved together; only events with a bit reach the key");
    else if (automaton_.strategy == Strategy::kStacks)
      line(
          "  strategy: stacks, partial matches share their events and are put together when the last step's comes; only events with a bit "
          "reach the key");
    else if (automaton_.strategy == Strategy::kDag)
      line("  strategy: graph, partial matches are paths in a graph of {} states, put together when they are complete",
           automaton_.subsets->states());
    else if (automaton_.strategy == Strategy::kCounts)
      line("  strategy: counts, matches are counted and none is put together; only events with a bit reach the key");
    else
      line(
          "  strategy: runs, one list a key in order of start{}, up to {} events each in place; {}",
          automaton_.forks ? ", forks are copies" : "", automaton_.inline_events,
          automaton_.contiguity ? "contiguity: every event of the steps' streams reaches the key" : "only events with a bit reach the key");
    for (const GuardCode& cancel : automaton_.cancels) line("  cancel {}", test(cancel.test));
  }

  std::string quantifier(int stage) const {
    const StageCode& code = at(stage);
    if (code.min == 1 && code.max == 1) return "";
    if (code.max == dsl::kUnbounded) return fmt::format(" {{{}..}}", code.min);
    return code.min == code.max ? fmt::format(" {{{}}}", code.min) : fmt::format(" {{{}..{}}}", code.min, code.max);
  }

  void print(const State& state) {
    line("  state {}{}", state_name(state), state.phase == Phase::kFilling || state.phase == Phase::kOpen ? quantifier(state.stage) : "");
    const StageCode& own = at(state.stage);
    for (std::size_t i = 0; i < state.ways.size(); ++i) {
      take(state, state.ways[i]);
      branches(state, i);
    }
    for (int gap = state.stage + 1; gap <= state.watch_end; ++gap) watch(gap_before(gap));
    if (state.phase != Phase::kDone && own.until.bit != 0) line("    close on {}", test(own.until));
    if (state.phase != Phase::kDone && own.gap_limit >= 0)
      line("    {} after {} without another", state.phase == Phase::kFilling ? "end" : "close", duration_text(own.gap_limit));
    if (state.phase != Phase::kDone && own.strict)
      line("    {} on any other event of the steps", state.phase == Phase::kFilling ? "end" : "close");
    if (state.satisfied && automaton_.closes == Closing::kSilence)
      line("    match when the closing silences are over");
    else if (state.reports)
      line("    match{}", state.ways.empty() ? "" : " and go on");
    else
      line("    ignore all else");
  }

  // What else the run may do, in a copy, when stage number i of its ways takes an event.
  void branches(const State& state, std::size_t i) {
    if (!automaton_.forks) return;
    const StageCode& code = at(state.ways[i]);
    if (state.ways[i] == state.stage) {
      if (code.skipping) line("      or pass it over");
      if (code.every_length && state.phase == Phase::kOpen)
        line("      or leave -> {}", state_name(automaton_.state(state.stage, Phase::kDone)));
      return;
    }
    if (state.wait_to[i] != kNoState) line("      or wait -> {}", state_name(automaton_.states[state.wait_to[i]]));
    if (state.leave_to[i] != kNoState) line("      or leave out -> {}", state_name(automaton_.states[state.leave_to[i]]));
  }

  void take(const State& state, int way) {
    std::string when;
    if (way != state.stage && at(way).next) when += " if it is the very next";
    for (const LimitCode& limit : at(way).limits)
      when += fmt::format(" at {} {} after {}", limit.at_most ? "most" : "least", duration_text(limit.duration), anchor(limit.anchor));
    for (int gap = state.stage + 1; gap <= way; ++gap)
      for (const SilenceCode& silence : at(gap).gap.silences) when += fmt::format(" after {} of silence", duration_text(silence.duration));
    if (at(way).until.bit != 0) when += fmt::format(" unless {}", test(at(way).until));
    line("    take {}{} -> {}", test(at(way).test), when, name(way));
  }

  std::string anchor(const Anchor& anchor) const {
    if (anchor.stage < 0) return "the latest event";
    return anchor.first ? fmt::format("first({})", name(anchor.stage)) : name(anchor.stage);
  }

  const GapCode& gap_before(int stage) const {
    return stage < static_cast<int>(automaton_.stages.size()) ? at(stage).gap : automaton_.closing;
  }

  void watch(const GapCode& gap) {
    for (const GuardCode& guard : gap.guards) {
      if (guard.block >= 0)
        watch_block(guard.block, "");
      else
        line("    kill on {}", test(guard.test));
    }
    for (const NoNextCode& no_next : gap.no_next) line("    kill on {} if it is the very next", test(no_next.guard.test));
    for (const SilenceCode& silence : gap.silences) {
      const std::string when = fmt::format(" within {} of {}", duration_text(silence.duration), anchor(silence.anchor));
      if (silence.guard.block >= 0)
        watch_block(silence.guard.block, when);
      else
        line("    kill on {}{}", test(silence.guard.test), when);
    }
  }

  // A block behind `no`: a tree of its own.
  void watch_block(int number, std::string_view when) {
    const GuardBlockCode& code = automaton_.guard_blocks[static_cast<std::size_t>(number)];
    line("    kill when this comes about{}{}", when, code.earliest_only ? ", what begins first counts" : "");
    Printer inner(*code.automaton);
    inner.block(1, 3);
    out_ += inner.out_;
  }

  // --- Rules with blocks: the tree.

  std::string block_text(const BlockNodeCode& node) const {
    using Form = dsl::BlockNode::Kind;
    std::string text;
    switch (node.kind) {
      case Form::kStep:
        text = fmt::format("{} {}", name(node.stage), test(at(node.stage).test));
        if (node.hold >= 0) text += fmt::format(" for {}, as each {} says", duration_text(node.hold), test(node.samples));
        if (node.hold_gap >= 0) text += fmt::format(", no more than {} apart", duration_text(node.hold_gap));
        break;
      case Form::kSequence: text = "in order"; break;
      case Form::kAll: text = fmt::format("{} of {} in any order", node.needed, node.parts.size()); break;
      case Form::kEither: text = "one branch, by its first event"; break;
      case Form::kRepeat: text = "rounds"; break;
    }
    if (node.max == dsl::kUnbounded)
      text += fmt::format(" {{{}..}}", node.min);
    else if (node.max > 1)
      text += fmt::format(" {{{}..{}}}", node.min, node.max);
    if (node.next) text += " if it is the very next";
    if (node.optional) text += " or nothing";
    return text;
  }

  void block(int index, std::size_t depth) {
    const BlockNodeCode& node = automaton_.blocks->nodes[static_cast<std::size_t>(index)];
    watch(node.gap);
    line("{}{}", std::string(2 * depth, ' '), block_text(node));
    if (node.until.bit != 0) line("    close on {}", test(node.until));
    for (const int part : node.parts) block(part, depth + 1);
    if (index == 0) watch(automaton_.closing);
  }

  std::string block_graph() {
    const std::vector<BlockNodeCode>& nodes = automaton_.blocks->nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) line("  \"{}\" [label=\"{}\"];", i, block_text(nodes[i]));
    for (std::size_t i = 1; i < nodes.size(); ++i) line("  \"{}\" -> \"{}\";", nodes[i].parent, i);
    for (std::size_t number = 0; number < automaton_.guard_blocks.size(); ++number) {
      const GuardBlockCode& code = automaton_.guard_blocks[number];
      const Printer inner(*code.automaton);
      const std::vector<BlockNodeCode>& parts = code.automaton->blocks->nodes;
      for (std::size_t i = 1; i < parts.size(); ++i) {
        line("  \"no {}.{}\" [label=\"{}\", style=dashed];", number, i, inner.block_text(parts[i]));
        if (i > 1) line("  \"no {0}.{1}\" -> \"no {0}.{2}\" [style=dashed];", number, parts[i].parent, i);
      }
      const std::string gap = code.node < 0 ? "match" : fmt::format("{}", code.node);
      line("  \"{}\" -> \"no {}.1\" [style=dashed, label=\"no{}\"];", gap, number,
           code.silence ? " for " + duration_text(code.duration) : "");
    }
    line("  begin -> \"0\";");
    line("}}");
    return std::move(out_);
  }

  void edge(std::string_view from, const State& to, std::string_view label) {
    const std::string target = state_name(to);
    line("  \"{}\" -> \"{}\" [label=\"{}\"];", from, target, label);
  }

  void edges(const State& state) {
    const std::string from = state_name(state);
    for (const int way : state.ways) {
      const StageCode& code = at(way);
      const std::string label = fmt::format("take {}", test(code.test));
      if (way != state.stage) {
        edge(from, after_first(way), label);
      } else {
        if (state.phase == Phase::kOpen || code.min > 2 || code.skipping) edge(from, state, label);
        if (state.phase == Phase::kFilling)
          edge(from, after(way, code.min), label);
        else if (code.max != dsl::kUnbounded)
          edge(from, after(way, code.max), label);
      }
    }
    for (const auto* branches : {&state.leave_to, &state.wait_to})
      for (const std::uint16_t to : *branches)
        if (to != kNoState && &automaton_.states[to] != &state) edge(from, automaton_.states[to], "fork");
    if (state.satisfied)
      line("  \"{}\" -> match [style=dashed, label=\"{}\"];", from, automaton_.closes == Closing::kSilence ? "silence" : "done");
    if (state.phase == Phase::kOpen && (at(state.stage).until.bit != 0 || at(state.stage).strict || at(state.stage).gap_limit >= 0))
      edge(from, automaton_.state(state.stage, Phase::kDone), "close");
  }

  const Automaton& automaton_;
  std::string out_;
};

}  // namespace

std::string listing(const Automaton& automaton) { return automaton.window ? window_listing(automaton) : Printer(automaton).listing(); }
std::string dot(const Automaton& automaton) { return automaton.window ? window_dot(automaton) : Printer(automaton).dot(); }

}  // namespace sequitur::nfa
