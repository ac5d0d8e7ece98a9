// The windows of one shard: rules with `window`, and the key's past that conditions of other rules look at.
//
// A key is here while its window holds something. What is kept of an event is what the rule's aggregates ask of it, and
// that only as long as the event may leave the window by itself (sliding windows, last events, plain hopping windows); other
// windows only sum up. When time alone changes a window (an event leaves, a window ends) it says so by a timing wheel, as the
// runs of a shard do: at most one live entry a key, at or before the earliest thing due.
//
// Invariants between calls:
// 1. KeyWindow::scheduled is at or before due(), and unless it is kNever there is an entry in the wheel at it.
// 2. Of a rule that remembers rows the accumulators are over exactly the rows in the rings.
// 3. A text is referred to once for each row (or accumulator, where there are no rows) that has it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/aggregates.hpp"
#include "engine/alert_draft.hpp"
#include "engine/alert_id.hpp"
#include "engine/kept_event.hpp"
#include "engine/key_runs.hpp"
#include "engine/moment.hpp"
#include "engine/rule_set_impl.hpp"
#include "engine/text_store.hpp"
#include "engine/timing_wheel.hpp"
#include "nfa/window_code.hpp"
#include "sequitur/engine.hpp"

namespace sequitur {

struct Numbering;
struct StateScope;
struct Work;

// Where alerts go: the shard's own.
struct WindowOutput {
  Pool& pool;  // Of the events in the evidence.
  Arena& alerts;
  std::vector<AlertDraft>& drafts;
  std::vector<const Event*>& evidence;
  const std::vector<EventShape>& shapes;
  const std::vector<std::uint64_t>& stream_digests;
};

class Windows {
 public:
  Windows(const RuleSet::Impl& rules, const EngineOptions& options, const WindowOutput& output);
  ~Windows();
  Windows(const Windows&) = delete;
  Windows& operator=(const Windows&) = delete;

  // What look-ups see, and what the numbers of events stand for (null pointer: for themselves).
  void see(nfa::TableView tables, const Numbering* numbering);

  // An event for a rule with a window.
  void process(const Work& work, const Slot* key);
  // The values of the key's past before the event, by the number of Op::kValue. Valid until the next call.
  const Slot* past(const Work& work, const Slot* key);
  // After past(): the event becomes part of it.
  void remember(const Work& work, const Slot* key);
  // Everything that is due before `limit`.
  void advance(Moment limit);
  // Before work[at] is processed: fetches what later work will touch into the cache.
  void prefetch(std::span<const Work> work, std::size_t at);

  void count(EngineCounters& counters) const;
  // Of what goes into snapshots.
  void add_counts(std::size_t rule, RuleCounters& counters) const;

  // The state as bytes (window_save.cpp): saved_keys() times the rule's number, the key's values, and what load_key() reads.
  std::uint64_t saved_keys(const StateScope& scope) const;
  void save(StateWriter& out) const;
  void load_key(std::uint32_t rule, const Slot* values, std::uint32_t hash, StateReader& in);

 private:
  struct KeyWindow;
  struct Instance;
  struct InstanceLine;
  struct Rule;
  struct View;

  Rule& rule_of(const Work& work) { return *rules_[work_rule(work)]; }
  static std::uint32_t work_rule(const Work& work);
  nfa::AsOf as_of(const Event& event) const;
  nfa::Bits lines_of(const Rule& rule, const Work& work, const Slot* key);
  void clear_scratch();
  KeyWindow* find(Rule& rule, std::uint32_t hash, const Slot* key) const;
  KeyWindow& create(std::uint32_t rule, std::uint32_t hash, const Slot* key);
  void destroy(KeyWindow& key);
  static void prefetch_key(const KeyWindow& key, std::size_t bytes);
  static void prefetch_front(const Rule& rule, const KeyWindow& key);
  static void prefetch_leaving(const Rule& rule, const KeyWindow& key);
  static void prefetch_coming(const Rule& rule, const KeyWindow& key, const Work& work);
  // Fires what is due at the key before `limit`. Returns whether the key is still there.
  bool fire(KeyWindow& key, Moment limit);
  void schedule(KeyWindow& key);
  Moment due(const Rule& rule, const KeyWindow& key) const;

  // Windows that events leave one by one.
  void push(Rule& rule, KeyWindow& key, const Event& event, nfa::Bits bits);
  void append(Rule& rule, KeyWindow& key, std::size_t line, std::int64_t time);  // The values in row_.
  void pop(Rule& rule, KeyWindow& key, std::size_t line);
  void evict_until(Rule& rule, KeyWindow& key, std::int64_t time);
  void evict_older(Rule& rule, KeyWindow& key, std::int64_t time);
  void evict_to(Rule& rule, KeyWindow& key, std::uint64_t events);
  bool fire_leaving(Rule& rule, KeyWindow& key, Moment at);
  bool forget(Rule& rule, KeyWindow& key, Moment at);
  bool fire_hop(Rule& rule, KeyWindow& key, Moment at);

  // Windows that begin, grow and end.
  void take(Rule& rule, KeyWindow& key, const Event& event, nfa::Bits bits);
  void take_in(Rule& rule, KeyWindow& key, Instance& instance, const Event& event, nfa::Bits bits);
  Instance& instance_at(Rule& rule, KeyWindow& key, std::int64_t begin, std::int64_t end);
  void reset(Rule& rule, Instance& instance);
  void end_instance(Rule& rule, KeyWindow& key, std::size_t index);
  bool fire_instances(Rule& rule, KeyWindow& key, Moment at);
  std::pair<std::int64_t, std::int64_t> bounds_of(const Rule& rule, std::int64_t time) const;
  Moment end_of(const Rule& rule, const Instance& instance) const;

  void save_rows(const Rule& rule, const KeyWindow& key, StateWriter& out) const;
  void save_instances(const Rule& rule, const KeyWindow& key, StateWriter& out) const;
  void load_rows(Rule& rule, KeyWindow& key, StateReader& in);
  void load_instances(Rule& rule, KeyWindow& key, StateReader& in);
  static std::int64_t load_time(StateReader& in);

  // What is reported (window_alert.cpp).
  static std::uint64_t events_of(const Rule& rule, const View& view, std::size_t line);
  // Of the line's first and last event, if there are any.
  static std::pair<std::int64_t, std::int64_t> times_of(const Rule& rule, const View& view, std::size_t line);
  static bool is_empty(const Rule& rule, const View& view);
  static Slot rate_of_events(const Rule& rule, const View& view, std::size_t line);
  void look_up_at(const Rule& rule, Moment at, const Event* event);
  void read_values(const Rule& rule, const View& view, std::span<const std::uint32_t> values);
  void result(Rule& rule, KeyWindow& key, const Instance* instance, Moment at, const Event* event, nfa::Bits bits);
  void end_hold(Rule& rule, KeyWindow& key, Moment at);
  void draft(Rule& rule, const KeyWindow& key, const View& view, AlertKind kind, Moment at, const Event* event, nfa::Bits bits);

  const RuleSet::Impl& rule_set_;
  const EngineOptions options_;
  WindowOutput output_;
  std::vector<std::unique_ptr<Rule>> rules_;  // Index = rule; null pointers for those without windows.
  bool in_scope(const KeyWindow& key, const StateScope& scope) const;
  struct Place {
    KeyWindow* key = nullptr;
    std::uint32_t generation = 0;
  };
  std::vector<Place> places_;  // What an entry of the wheel refers to.
  static constexpr std::size_t kGuesses = 16;
  std::array<std::uint32_t, kGuesses> guesses_;  // Places of the keys that coming work is probably about.
  std::vector<std::uint32_t> free_;
  TimingWheel wheel_;
  std::vector<TimingWheel::Entry> due_;

  Arena scratch_;
  nfa::EvaluationContext context_;
  const Numbering* numbering_ = nullptr;
  std::vector<Slot> values_;
  std::uint32_t drafted_ = 0;  // What one key says at one moment stays in its order.
  std::vector<Slot> row_;
  std::string message_;  // Of the alert being made.
};

}  // namespace sequitur
