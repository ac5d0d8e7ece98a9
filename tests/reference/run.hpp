// A run: a partial match of one rule for one key, and the questions that can be asked about it.
// Every function here is one sentence of docs/semantics.md and language.md, sections 4 and 6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "tests/reference/evaluate.hpp"
#include "tests/reference/matcher.hpp"

namespace sequitur::reference {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// How far a run has come in a node of a rule with blocks (dsl/checked_block.hpp).
struct At {
  int node = 0;
  std::size_t count = 0;          // A step: events taken. repeat: rounds finished. A sequence: the part it is at. either: the branch.
  std::int64_t entered = kNever;  // When the run took what it took before; kNever: nothing.
  bool closed = false;            // A loop that takes no more.
  int passed = -1;                // A sequence: parts up to this one are left out.
  bool committed = false;         // A sequence: waits for part `passed` + 1 only.
  std::vector<At> parts;          // What it is in; of `all` each line, count 0 where it has not begun.
  bool operator==(const At&) const = default;
};

// Samples of a `hold` that have fitted one after the other.
struct Stretch {
  int node = 0;
  std::vector<std::size_t> samples;
  bool spent = false;  // Taken or reported already: it is followed until it ends.
};

struct Run {
  std::vector<std::vector<std::size_t>> taken;  // By stage: positions of the events taken.
  int stage = -1;                               // The latest stage that has taken an event; -1: the run has not begun.
  bool closed = false;                          // That stage is a loop that takes no more.
  int passed = -1;                              // Stages up to this one are left out though an event for it came.
  bool committed = false;                       // Waits for a later event of stage `passed` + 1 only.
  int guard = -1;                               // Which guard has broken it.
  std::vector<At> at;                           // With blocks: the one At of the rule's sequence, once the run has begun.
  std::int64_t took_at = 0;                     // When it took what it took last.
  std::optional<std::size_t> previous;          // What `prev` is.
  std::size_t behind = 0;                       // Events up to this position came before it took what it took last.
  std::vector<Stretch> stretches;               // In progress. A run that has taken nothing is one of these and no more.
  std::map<int, std::int64_t> held;             // By stage: when its latest stretch had lasted.
  std::size_t news = 0;                         // What was reported before it took its latest stretch is not to be compared with it.
  std::vector<Run> in_gaps{};                   // Of blocks behind `no`: what has come of them so far; `guard` says of which.
  std::int64_t base = kNever;                   // One of these: when its run took what it took before the block.
  bool reported = false;                        // A match whose last stretch goes on; it clears when that ends.
  enum class State { kLive, kMatched, kBroken, kTimedOut, kCleared, kEnded } state = State::kLive;
  bool live() const { return state == State::kLive; }

  std::vector<std::size_t> events(bool samples = false) const;  // All taken, in order of evaluation; with those of stretches.
  std::size_t first() const { return events(stage == -1).front(); }
  std::size_t latest() const { return events().back(); }
  // In the order of alerts, of two runs that began with the same event: step by step, the longer first, then earlier events.
  bool comes_before(const Run& other) const;
};

// One rule, the events, and of one key those that came so far.
struct World {
  const dsl::Rule& rule;
  std::span<const Row> events;
  Options options;
  std::vector<Value> key;
  std::vector<std::size_t> past{};  // Positions of the key's events up to the current one, in order.
  const std::vector<dsl::Table>* tables = nullptr;
  std::vector<Stretch> open{};  // That have opened a run, as long as they go on; before the current event.
};

// --- Which stages wait behind the current one.
std::vector<int> following(const World& world, const Run& run);  // Up to and including the first that is not optional.

// --- What becomes of a run on an event: one run, or its forks. Those that have an outcome say so in their state.
std::vector<Run> after(const World& world, const Run& run, std::size_t event);

// --- Guards.
// What the parts of the key are in the event, for a line of the rule; nothing if one of them is null.
std::optional<std::vector<Value>> key_of(const dsl::Rule& rule, int key_way, const Row& row);
// Look-ups are as of the event, or of another one that the question is asked at.
bool filter_holds(const World& world, const Run& run, const dsl::Filter& filter, std::size_t event, std::optional<std::size_t> as_of = {});

// --- Ends and times.
std::int64_t silence_deadline(const World& world, const Run& run);  // Of the closing silences; kNever while a step is missing.
std::int64_t gap_end(const World& world, const Run& run);           // When the loop in progress is closed by `gap`.
std::int64_t time_out(const World& world, const Run& run);          // The last instant at which it could still go on.
std::vector<Run> close_by_gap(const World& world, Run run);

Scope scope_of(const World& world, const Run& run, std::vector<std::vector<const Row*>>& rows);

}  // namespace sequitur::reference
