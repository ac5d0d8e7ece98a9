// The automaton of one rule: what the engine steps on. Immutable, shared by all threads.
//
// A rule's conditions on the event alone become bits: `Watch` says which predicates of the shared set switch on which bit,
// and everything else here speaks of bits. Conditions that look at the run stay as compiled expressions beside their bit.
//
// A state is a stage together with how far its loop is: filling (below its minimum), open (may take more), done (at its
// maximum, or closed). In a state an event can be
//   taken    by the first of the state's `ways` whose bit and conditions fit,
//   killing  when it fits a guard that watches in this state,
//   ignored  otherwise; under strict contiguity an ignored event closes the loop or ends the run.
// Moving from a satisfied stage to the ones behind it needs no event (proceed); `ways` already contain those.
//
// Where a rule forks (`each`, `skipping`, `every length`) an event can do several of these at once, each to a copy of the run.
// What a branch has decided (to leave a step out, to wait for a later event of one) is a state of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "nfa/expression.hpp"
#include "nfa/predicate_set.hpp"
#include "sequitur/result.hpp"

namespace sequitur::nfa {

using Bits = std::uint64_t;

struct Test {  // A condition: its bit, and the part that looks at the run.
  Bits bit = 0;
  Expression run_part;  // Empty: the bit alone decides.
};

struct GuardCode {
  Test test;
  int id = 0;
  int block = -1;  // `no all { .. }`: index into Automaton::guard_blocks, and the test has the bits of all events that it may take.
};

struct NoNextCode {
  GuardCode guard;
  std::vector<StreamId> streams;  // Of the guard: these and the steps' streams use it up.
  Bits presence = 0;              // Where the key has several ways: an event with this bit is of them.
};

struct Anchor {    // Where a time is measured from.
  int stage = -1;  // -1: the latest event taken (of a limit: by the stages before).
  bool first = false;
};

struct SilenceCode {
  GuardCode guard;
  std::int64_t duration = 0;
  Anchor anchor;
};

struct LimitCode {
  bool at_most = true;
  std::int64_t duration = 0;
  Anchor anchor;
};

struct GapCode {
  std::vector<GuardCode> guards;
  std::vector<NoNextCode> no_next;
  std::vector<SilenceCode> silences;
  bool empty() const { return guards.empty() && no_next.empty() && silences.empty(); }
};

// `field == expression over bound events`, one of the things that a stage asks of the run: runs that wait for the stage
// can be filed under the value they wait for.
struct AwaitedCode {
  Expression offered;  // Of the candidate. Empty: there is no such condition.
  Expression bound;    // Of the run.
};

struct StageCode {
  Test test;
  AwaitedCode awaited;
  Test until;   // bit 0: none.
  GapCode gap;  // In front of the stage.
  std::vector<LimitCode> limits;
  std::uint32_t min = 1;
  std::uint32_t max = 1;
  std::int64_t gap_limit = -1;  // -1: none.
  bool optional = false;
  bool greedy = false;
  bool strict = false;
  bool next = false;
  bool latest = false;
  bool each = false;
  bool skipping = false;
  bool every_length = false;
  int next_mandatory = 0;  // The first stage behind this one that is not optional; the number of stages if none.
};

enum class Phase : std::uint8_t { kFilling, kOpen, kDone };

struct State {
  int stage = 0;
  Phase phase = Phase::kFilling;
  std::vector<int> ways;  // Stages that may take the next event, in the order in which they are tried.
  // Where the rule forks, for each way to another stage; kNoState: there is no such branch.
  std::vector<std::uint16_t> leave_to;  // The state of the branch that leaves the stage out though its event came.
  std::vector<std::uint16_t> wait_to;   // The state of the branch that waits for a later event of the stage.
  int watch_end = 0;                    // Gaps stage + 1 .. watch_end watch; the gap behind the last stage is number `stages.size()`.
  bool satisfied = false;               // Nothing mandatory is missing: the run is complete as soon as it is closed.
  bool reports = false;                 // It is complete with the event that led here.
  Bits guard_bits = 0;                  // Of everything that watches here.
  bool check_within = false;            // No time limit ends runs here, so `within` must be looked at when an event is taken.
  int awaiting = -1;                    // The stage for whose awaited value runs in this state can be filed.
  Bits interest = 0;                    // Events without any of these bits cannot do anything here (unless `all_events`).
  bool all_events = false;              // Contiguity matters: every event of the steps' streams does something.
};

inline constexpr std::uint16_t kNoState = 0xFFFF;

enum class Closing : std::uint8_t {
  kOnEvent,  // Complete with the last event.
  kSilence,  // Complete when the closing silences are over.
};

struct Watch {
  StreamId stream;
  PredicateId predicate;
  Bits bits;
};

struct LookBackCode {
  Test test;  // run_part sees the opening event as the first stage's.
  std::int64_t duration = 0;
};

struct KeyCode {
  std::string name;
  Type type = Type::kString;
  bool fold = false;
  // Index = StreamId; slot for a plain field, else the expression.
  std::vector<SlotIndex> slots;  // kNoSlot where there is none.
  std::vector<Expression> expressions;
  std::vector<bool> each{};  // The expression gives a list, and the event belongs to each of its values.
};
inline constexpr SlotIndex kNoSlot = -2;

struct EmitCode {
  std::string stream;
  std::vector<std::string> names;
  std::vector<Expression> values;
  bool internal = false;  // For other rules only: nothing leaves.
  bool count = false;     // Of all matches on one event one report, with their number.
};

struct MessageCode {
  std::string text;
  Expression value;  // Empty: `text` itself.
  NumberFormat format;
};

struct RateLimitCode {
  std::uint64_t count = 1;
  std::int64_t span = 0;
  std::vector<Expression> by;  // Empty: the key.
};

// How the engine evaluates a rule. All are exact; the compiler picks the cheapest.
enum class Strategy : std::uint8_t {
  kRuns,     // Every run is stepped by itself: any rule.
  kCohorts,  // Runs that wait for the same step are moved together: plain sequences (engine/cohorts.hpp).
  kStacks,   // Partial matches are shared, whole ones are built when they are complete: `each` (engine/stacks.hpp).
  kDag,      // The same for loops and steps left out: a graph of partial matches (engine/match_dag.hpp).
  kCounts,   // Matches are counted and never built: `emit count` (engine/chain_counter.hpp).
};
struct WindowCode;  // nfa/window_code.hpp

class SubsetAutomaton;

struct BlockCode;  // block_code.hpp
struct Automaton;

// A block behind `no`, which ends the run when it comes about in the gap. Its automaton has blocks and nothing else; the bits are
// those of the rule's events, and its stages before `first_stage` stand for what the run has taken in front of the gap.
struct GuardBlockCode {
  std::shared_ptr<const Automaton> automaton;
  int node = -1;  // The gap is in front of it; -1: the closing one.
  int first_stage = 0;
  bool silence = false;        // `.. for d`: what came before the silence began does not count.
  std::int64_t duration = 0;   // Of the silence,
  Anchor anchor;               // and where that begins.
  Bits bits = 0;               // Of events that it may take.
  Bits interest = 0;           // Of all that matters to what has come of it.
  bool earliest_only = false;  // What began earlier has come as far at least: nothing else need be followed.
};

struct Automaton {
  RuleInfo info;
  std::vector<KeyCode> key;
  // Where lines read the key in different ways: the ways, each like `key` with slots and expressions of its own, and the
  // bits of the lines that go each way. An event may then belong to several keys. Empty: `key` says it for all lines.
  std::vector<std::vector<KeyCode>> key_ways;
  std::vector<Bits> way_bits;
  Bits step_presence = 0;     // With several ways: an event with one of these is of the steps' streams, for this key.
  int watched = -1;           // As Rule::watched.
  bool has_ticks = false;     // Some line is over a schedule: its ticks reach every key that was seen, so keys are remembered.
  bool routed_apart = false;  // Several ways, or ticks: an event may go to more than one key.
  bool several_keys = false;  // A field that is a list is the key, and an event belongs to each of its values.
  std::int64_t within = -1;   // -1: forever.
  std::vector<GuardCode> cancels;
  Bits cancel_bits = 0;
  std::vector<LookBackCode> look_back;
  Bits look_back_bits = 0;
  std::vector<StageCode> stages;
  std::vector<std::string> stage_names;
  std::shared_ptr<const BlockCode> blocks;  // How the stages go together; null: one after the other, as `states` says.
  GapCode closing;
  Closing closes = Closing::kOnEvent;
  std::vector<State> states;  // Index = 3 * stage + phase; behind these the branches that have left a stage out or wait for one.
  std::vector<int> opening;   // Stages that may begin a run, in order.
  Bits opening_bits = 0;
  Bits awaiting_bits = 0;         // Of stages for which runs are filed under an awaited value.
  Bits plain_bits = 0;            // With one of these an event may concern filed runs whatever its value.
  bool exclusive_starts = false;  // No event of a match but its first can have begun another run.
  bool only_within = false;       // No other time limit than `within`: the runs of a key end in the order in which they began,
                                  // but for closing silences.
  bool contiguity = false;        // Some state has all_events.
  bool single_event = false;      // One stage, exactly one event, no silence: a match needs no run.
  bool latest = false;
  bool forks = false;                        // One event can do several things to a run.
  bool holds = false;                        // A rule with blocks: some step takes whole stretches (engine/holds.cpp).
  std::vector<GuardBlockCode> guard_blocks;  // Of a rule with blocks (engine/guard_blocks.cpp).
  bool in_gap = false;                       // It is one of these.
  Strategy strategy = Strategy::kRuns;
  std::shared_ptr<const SubsetAutomaton> subsets;  // Of kDag.
  std::vector<bool> step_streams;                  // Index = StreamId.
  EmitCode emit;
  bool has_timeout = false;
  EmitCode on_timeout;
  bool has_break = false;
  EmitCode on_break;
  bool has_clear = false;
  EmitCode on_clear;
  std::shared_ptr<const WindowCode> window;  // Of a window rule, which has no states; else a null pointer.
  std::shared_ptr<const WindowCode> past;    // The key's past that conditions look at; else a null pointer.
  int last_said = -1;  // What an alert of a match says, beside its evidence, is of this step, earlier ones and the last one.
  std::vector<MessageCode> message;
  Expression severity;  // Empty: info's.
  Expression score;
  dsl::OnMatch on_match = dsl::OnMatch::kConsume;
  int skip_stage = -1;
  std::vector<RateLimitCode> limits;
  std::uint64_t limit_per_event = ~std::uint64_t{0};
  std::vector<Watch> watches;
  std::vector<std::string> bit_names;  // Index = number of the bit: its streams and the predicates behind it, for people.
  std::uint32_t inline_events = 2;     // How many events a run of this rule usually holds.

  const State& state(int stage, Phase phase) const { return states[static_cast<std::size_t>(3 * stage + static_cast<int>(phase))]; }
};

// Adds the rule's conditions on the event alone to the set under construction. An Error when the rule has more than 64
// different conditions.
Result<std::shared_ptr<const Automaton>> compile(const dsl::Rule& rule, const std::vector<StreamSchema>& schemas,
                                                 PredicateSet::Builder& predicates);

// For people: states, transitions, predicates, deadlines.
std::string listing(const Automaton& automaton);
// The same as a graph in Graphviz' language.
std::string dot(const Automaton& automaton);

}  // namespace sequitur::nfa
