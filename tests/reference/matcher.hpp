// The reference matcher: what a rule means, in the plainest code that can be written.
//
//     std::vector<Alert> alerts = match(files.rules, events, Options{}).alerts;
//
// It knows nothing of automata, indexes, timers or threads. Runs are lists of events by stage; time goes from instant to
// instant. The engine has to agree with it on everything (tests/differential). docs/semantics.md explains it by tables.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "tests/reference/value.hpp"

namespace sequitur::reference {

// Deliberate mistakes, one at a time: the differential test must notice each of them.
enum class Mutation : std::uint8_t {
  kNone,
  kWithinExclusive,      // An event exactly `within` after the first is refused.
  kAtMostExclusive,      // ... exactly d after the anchor is refused.
  kGuardBlind,           // Guards do not watch while the step before them is below its minimum.
  kGuardAfterTake,       // An event that the next step takes cannot break the run.
  kNoSubsetRule,         // Runs that are part of a reported match go on.
  kEveryRunReported,     // Of the runs that complete on one event all are reported.
  kDeadlineAfterEvents,  // Deadlines of silence come after the events of the same instant.
  kLoopBeforeNextStep,   // Every loop is greedy.
  kLooseNext,            // `next` is `then`.
  kLookBackInclusive,    // An event exactly d before counts.
  kUntilTaken,           // A loop takes an event that fits its `until` when the loop has not begun.
  kGapExclusive,         // A loop's event exactly `gap` after the one before is refused.
  kOldestStays,          // `latest` is `first`.
  kDerivedFirst,         // Derived events come before the other events of their time.
  kHeldFeeds,            // What `limit` holds back is input of other rules all the same.
  kEachIsThen,           // `each` takes the first event only.
  kNothingSkipped,       // `skipping` loops take whatever fits.
  kForksConsumed,        // A match ends the forks of its own start whose events it has.
  kShorterFirst,         // Of two forks the shorter is reported first.
  kStretchGoesOn,        // A sample that does not fit does not end the stretch of a `hold`.
  kSiblingsBlind,        // In `all` what a condition asks of a line that comes later is never asked.
  kLatestRow,            // Look-ups see the last row that ever comes.
  kEveryResult,          // A window reports wherever its condition holds, not only where it begins to.
  kSpanInclusive,        // An event exactly as old as a sliding window is long is still in it.
  kEndInclusive,         // An event at the end of a tumbling or hopping window belongs to it as well.
  kSessionGapExclusive,  // Events exactly the gap apart are in different sessions.
  kNothingLeaves,        // Sliding windows and last events keep everything.
  kPastInclusive,        // An event exactly as old as the look at the key's past is long counts.
  kWaysAlike,            // Where steps read keys of their own, a step takes the events of the other steps' keys.
  kTicksOnce,            // A tick reaches one key only.
  kHalfBlock,            // A block behind `no` ends the run with its first event.
  kJoinExclusive,        // Not here, but in the naive join of tests/differential: events exactly the bound apart are no pair.
};
inline constexpr int kMutations = 32;  // Without kNone.
std::string_view to_string(Mutation mutation);

struct Options {
  bool assume_silent = false;
  bool flush_at_end = true;
  Mutation mutation = Mutation::kNone;
};

struct NamedText {
  std::string name;
  std::string text;
  bool operator==(const NamedText&) const = default;
};

struct EvidenceStep {
  std::string name;
  std::vector<std::size_t> events;  // Positions in the list of events.
  bool operator==(const EvidenceStep&) const = default;
};

struct Alert {
  std::size_t rule = 0;  // Position in the list of rules.
  AlertKind kind = AlertKind::kMatch;
  std::string stream;
  std::vector<NamedText> key;
  std::int64_t time = 0, first = 0, last = 0;
  std::vector<NamedText> fields;
  std::string message;
  std::string severity;
  std::string score;  // Empty: none.
  std::vector<EvidenceStep> evidence;
  std::uint64_t held = 0;
  bool operator==(const Alert&) const = default;
};

// As in EngineCounters, by rule.
struct Counters {
  std::uint64_t held = 0, over_event_limit = 0, runs_begun = 0, null_keys = 0, unknown_past = 0;
  bool operator==(const Counters&) const = default;
};

// An event that a rule has emitted and other rules see: the alert it is, and its place among the alerts that feed rules.
struct Derived {
  Alert alert;
  Row row;
};

struct Outcome {
  std::vector<Alert> alerts;       // In the order in which they leave.
  std::vector<Counters> counters;  // One for each rule.
  // Evidence that is not one of the events given is one of these: position number of events + i.
  std::vector<Derived> derived;
};

// The ticks that come among the events: those later than the first event, up to the last; before what else happens at their
// time, in the order of the schedules. A day has one tick a line, by the wall clock (the first of two, or as much later as the
// clock skips).
std::vector<Row> with_ticks(std::span<const Row> events, std::span<const dsl::Schedule> schedules);

// The rows of the files of tables, as changes at the time of the first event and before it.
std::vector<Row> with_file_rows(std::span<const Row> events, std::span<const dsl::Table> tables);
// A change that empties a table is the deletions of the rows that are there, the one whose change is the longest ago first.
std::vector<Row> without_truncations(std::span<const Row> events, std::span<const dsl::Table> tables,
                                     std::span<const StreamSchema> schemas);

// `events` in the order of evaluation: (time, input, position), with rows of files and their ticks. Disabled rules do nothing. `schemas` by
// StreamId: only needed where rules take what other rules emit; `tables` where they look something up.
Outcome match(std::span<const dsl::Rule> rules, std::span<const Row> events, const Options& options,
              std::span<const StreamSchema> schemas = {}, const std::vector<dsl::Table>& tables = {});

// "#3", or of a derived event the alert that it is, with what is behind it.
std::string lineage(const Outcome& outcome, std::size_t event_count, std::size_t event);

// One line, for people and for comparison.
std::string to_string(const Alert& alert);

}  // namespace sequitur::reference
