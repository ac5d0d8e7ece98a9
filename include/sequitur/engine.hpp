// The engine: events in, alerts out.
//
//     Engine engine(rules, EngineOptions{}, [](std::span<const Alert> alerts) { ... });
//     engine.push(login);                 // In event-time order; alerts of this event were delivered when it returns.
//     engine.advance(watermark);          // Deadlines before the watermark fire.
//     engine.finish();                    // End of the input: every deadline fires.
//
// With one thread (the default) push() does everything in the calling thread, and allocates nothing once memory for runs and
// alerts is there. stream.hpp makes events of structs; rules are added, replaced and removed by replace_rules().
//
// Or, reading and writing by itself, in parallel:
//
//     Result<RunSummary> summary = run(rules, options, inputs, sinks, dead_letters, control);
//
// The same input gives the same alerts, byte for byte, for every number of threads and every batch size.
//
// Rules over what other rules emit see an event of that kind behind all events from outside of its time: what they find on
// it is delivered when the time has moved on, by a later event, advance() or finish().
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/alert.hpp"
#include "sequitur/export.h"
#include "sequitur/result.hpp"
#include "sequitur/rule_set.hpp"
#include "sequitur/sink.hpp"
#include "sequitur/source.hpp"

namespace sequitur {

class RunObserver;  // engine/run_observer.hpp

struct EngineOptions {
  unsigned threads = 1;                      // Workers, 1 to 256. 1: everything in the calling thread.
  std::uint32_t batch_events = 8192;         // Events evaluated together by run(). Larger: more throughput, more latency.
  std::uint32_t max_runs = 10'000;           // Live runs per rule and key; a further one is not begun and counted.
  std::uint32_t max_run_events = 100'000;    // Events one run may hold; a run that would take more ends and is counted.
  std::uint32_t max_tick_keys = 10'000'000;  // Keys of one rule that the ticks of a `schedule` reach; each costs about 80 bytes. By their
                                             // hash keys fall into 1,024 buckets, each of which has its share of them, rounded up.
  std::uint32_t max_shared_events = 1'000'000;  // Events that a rule whose partial matches are shared (`each`) may hold for a key,
                                                // once for each step; a further one is not taken and counted like a run.
  std::uint32_t max_window_events =
      1'000'000;  // Events that a window remembers per rule, key and `over` line; of more the oldest leave early.
  std::uint64_t max_table_rows = 10'000'000;  // Rows of one table; a row with a further key is not kept and counted.
  RunObserver* observer = nullptr;            // Told how runs end, with one thread and `general_strategy` only; for `explain`.
  bool assume_silent = false;                 // A looking-back `no` counts time before the first event as silent.
  bool flush_at_end = true;                   // The end of the input is a watermark at infinity; false leaves later deadlines pending.
  bool general_strategy = false;  // Steps every run of every rule by itself, also where the rule has a cheaper exact strategy. Slower,
                                  // the same alerts: for comparing the two.
  bool strict = false;            // run() stops with an Error at the first bad record. Late events do not count as bad.
  std::uint64_t max_revise_events = 10'000'000;  // Events that `late revise` may keep; beyond it the oldest are settled early, and
                                                 // what is late behind them is late for good.
  Duration idle{std::chrono::seconds{
      30}};  // An input that sent nothing for so long (by the clock) no longer holds the watermark back. Followed inputs only.
};

struct RuleCounters {
  std::uint64_t matches = 0, timeouts = 0, breaks = 0, clears = 0;  // Alerts delivered, by kind.
  std::uint64_t held = 0;                                           // Alerts held back by `limit`.
  std::uint64_t over_event_limit = 0;                               // Matches beyond `limit n per event`.
  std::uint64_t runs_begun = 0;
  std::uint64_t runs_refused = 0;        // Because of EngineOptions::max_runs.
  std::uint64_t runs_overfull = 0;       // Because of EngineOptions::max_run_events.
  std::uint64_t null_keys = 0;           // Events that fit a condition of the rule but have no key.
  std::uint64_t runs_tried = 0;          // How often an event was shown to a run: what events cost here.
  std::uint64_t keys_without_ticks = 0;  // Keys beyond EngineOptions::max_tick_keys, by the event that brought them.
  std::uint64_t unknown_past = 0;        // Runs not begun because not enough past was seen for a looking-back `no`.
  std::uint64_t window_keys = 0;         // Keys of which a window (or the key's past) remembers something now,
  std::uint64_t window_bytes = 0;        // and the memory of that.
  std::uint64_t window_forgotten = 0;    // Keys of `window last n events` to which nothing came for their `ttl`.
  std::uint64_t window_overfull = 0;     // Events that had to leave a window early because of EngineOptions::max_window_events.
};

struct EngineCounters {
  std::uint64_t events = 0;              // Evaluated: neither bad nor late, and those that `late to` makes of late ones.
  std::uint64_t table_rows = 0;          // In all tables together.
  std::uint64_t table_rows_refused = 0;  // Because of EngineOptions::max_table_rows.
  std::uint64_t table_rows_evicted = 0;  // By the bound of a table: `rows 10k`.
  std::uint64_t table_rows_without_key = 0;
  std::uint64_t derived_events = 0;  // Emitted by rules for other rules.
  std::uint64_t live_runs = 0;
  std::uint64_t live_keys = 0;
  std::uint64_t state_bytes = 0;    // Memory of runs, events kept, keys and timers.
  std::vector<RuleCounters> rules;  // Index = RuleInfo::index.
};

// What replace_rules() made of the rules, by name, in load order. A rule is the same if it says the same, over streams with the
// same fields; its place in the files, its comments and its layout do not matter.
struct RuleChange {
  std::vector<std::string> kept;      // Goes on with all it remembers.
  std::vector<std::string> replaced;  // Another rule of the same name: begins anew.
  std::vector<std::string> added;     // Begins now.
  std::vector<std::string> removed;   // What it remembered is gone; nothing is said about matches that it waited for.
};

// One engine is used by one thread at a time; several engines are independent of each other, also in one process and with one
// rule set. There is no global state.
//
// Exceptions: only std::bad_alloc, behind which an engine can only be destroyed; and whatever the callback throws, which leaves
// by the call that delivers. The alerts of that call count as delivered then, and the engine goes on.
//
// The callback must not use the engine it is called by: push() then takes nothing, the other calls give an Error or do nothing.
class SEQUITUR_API Engine {
 public:
  using AlertCallback = std::function<void(std::span<const Alert>)>;

  // `rules` must not be null. An empty callback counts alerts only.
  Engine(std::shared_ptr<const RuleSet> rules, EngineOptions options, AlertCallback on_alerts);
  ~Engine();
  Engine(Engine&&) noexcept;

  // Events must come in the order of their time; equal times in the order they are to be taken. An event earlier than
  // the last one is refused (false). The event's memory is free again when the call returns.
  bool push(const Event& event);
  // The same for many; events[i]->sequence is overwritten. Returns how many were taken: fewer only if one was out of order.
  std::size_t push(std::span<Event* const> events);
  // The clock by hand: no event before `watermark` will come. Fires deadlines up to and time limits before it.
  void advance(Timestamp watermark);
  // Every deadline and time limit fires, in order.
  void finish();

  // The time that the engine has come to: of the latest event, or the greatest watermark. kBeginningOfTime before the first.
  Timestamp time() const;
  EngineCounters counters() const;
  const std::shared_ptr<const RuleSet>& rules() const;

  // From the next event on these are the rules. Rules that are the same go on where they are, with their partial matches, windows,
  // limits and counters; all others begin now, as if the engine had seen no event before (a looking-back `no` does not yet
  // know the past). Stream ids may be others than before: events must be made by the new schemas. An event that a rule had
  // emitted and that waits inside a run stays, but has no lineage any more if that rule is gone. Costs as much as a snapshot of
  // what is kept. An Error, with the engine as it was, if `rules` is null or the callback is running.
  Result<RuleChange> replace_rules(std::shared_ptr<const RuleSet> rules);

  // All that the engine remembers, as bytes that every machine reads. An engine that restores them, with any number of
  // threads, goes on as this one would have: the same alerts, byte for byte.
  std::string snapshot() const;
  // Replaces all that the engine remembers. An Error, with the engine as it was, when the bytes are damaged, of another
  // version of the format, or of other rules or streams (the message says which one differs).
  Result<void> restore(std::string_view bytes);

  // The same in parts, for checkpoints in parallel and for moving keys to another engine: [0] is what belongs to no key (time,
  // limits, counters, events between rules), [1 + g] holds the keys of group g. The group of a key is the hash of its values by
  // `groups`, for every rule and machine the same. Needs 1 <= groups <= 65,536.
  std::vector<std::string> snapshot_groups(std::uint32_t groups) const;
  // Part [0], then those of any groups of the same snapshot, in any order: of keys of the other groups nothing is remembered. Also
  // takes the bytes of snapshot() alone. An Error, with the engine as it was, as above, and when a part is of another snapshot.
  Result<void> restore_groups(std::span<const std::string_view> parts);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// One input of run(). Inputs are merged by event time; at equal times the earlier in the list comes first.
struct Input {
  std::string name;
  std::unique_ptr<Source> source;
  std::unique_ptr<Decoder> decoder;
  std::vector<StreamId> streams;  // The streams the decoder can produce: their greatest lateness is the input's.
  bool follow = false;            // kIdle is to be waited for.
};

// What one input was like, and how it moved event time.
struct InputSummary {
  std::string name;
  std::uint64_t events = 0;     // In time.
  std::uint64_t late = 0;       // For good, or to a side output.
  std::uint64_t revised = 0;    // Late, but in time for `late revise`.
  std::uint64_t held_back = 0;  // How often it was the input that the others had to wait for.
  Timestamp greatest;           // Its greatest event time; kBeginningOfTime: none.
  Duration lateness{0};         // Allowed at the end: an adaptive one has settled somewhere.
  Duration greatest_delay{0};   // How far behind the greatest time before it an event came at most.
  Duration greatest_lag{0};     // How far its watermark was behind that of the furthest input at most.
};

struct RunSummary {
  std::uint64_t records = 0, unmatched = 0;
  std::uint64_t late_changes = 0;  // Of bad[kLate] those on tables: changes that were dropped.
  std::uint64_t revised = 0;       // Late events of `late revise` that took their place.
  std::uint64_t withdrawn = 0;     // Alerts taken back,
  std::uint64_t reissued = 0;      // and alerts issued again, changed or because they hold after all. Both are among `alerts`.
  std::vector<InputSummary> inputs;
  std::uint64_t bytes = 0;                       // Decompressed input.
  std::array<std::uint64_t, kBadReasons> bad{};  // By BadReason; kLate among them.
  std::uint64_t alerts = 0;                      // Written, withdrawals included.
  double seconds = 0;                            // By the clock.
  bool stopped = false;                          // By RunControl::stop.
  EngineCounters engine;
  EngineCounters at_end;  // What it was when the input ended, before the deadlines behind it passed: what is remembered meanwhile.
};

struct RunProgress {
  std::uint64_t source_bytes = 0, total_bytes = 0;  // total_bytes 0: unknown.
  std::uint64_t events = 0, alerts = 0;
};

struct RunControl {
  std::function<Timestamp()> clock;  // For `clock processing` and `future`; not set: the system's. Called by the calling thread only.
  std::function<void(const RunProgress&)> on_progress;  // Called about once per batch from the calling thread.
  // While inputs are followed the files of lists and tables are looked at once a second and read again when they have changed; this is
  // told of it. `time`: the event time of the last event evaluated with the old list.
  std::function<void(std::span<const FileReload>, Timestamp time)> on_file_reload;
  const std::atomic<bool>* stop =
      nullptr;  // Set it (a signal handler may) to end cleanly: what was read is evaluated and delivered, pending deadlines are not fired.
};

// Reads all inputs to their end, evaluates, writes the alerts to every sink, flushes them. `dead_letters` may be null.
// On an Error what was delivered before it is complete and in order.
SEQUITUR_API Result<RunSummary> run(std::shared_ptr<const RuleSet> rules, const EngineOptions& options, std::vector<Input> inputs,
                                    std::span<Sink* const> sinks, DeadLetterSink* dead_letters, const RunControl& control);

}  // namespace sequitur
