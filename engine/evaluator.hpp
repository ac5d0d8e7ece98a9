// Rule evaluation over batches: predicates, routing to shards, the shards, the alerts of all of them in order.
// This is what Engine (inline) and run() (pipeline) share.
//
// Rules over what rules emit: rules are evaluated generation by generation. A generation is a Stratum with shards of its
// own: it takes the batch together with what the generations below have emitted, in the order of time, at one time events
// from outside first, then derived ones by generation and order of alerts. So a derived event of time T must wait until no
// more events of time T can come. Without such rules there is one stratum, and nothing here costs anything.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/alert_stage.hpp"
#include "engine/derived.hpp"
#include "engine/key_hash.hpp"
#include "engine/shard.hpp"
#include "engine/table_files.hpp"
#include "engine/tables.hpp"
#include "engine/tick_clock.hpp"
#include "sequitur/engine.hpp"

namespace sequitur {

struct RuleMove;

class Evaluator {
 public:
  Evaluator(std::shared_ptr<const RuleSet> rules, const EngineOptions& options);
  ~Evaluator();

  // Who takes alerts piece by piece, when there are very many; those that a call returns come behind them.
  void hand_over_to(const TakeAlerts& take);
  // Events in order; their sequence is set here. Returns the alerts that are due now: valid until the next call.
  // `next`: the events of the next call, if they are known: they are fetched meanwhile.
  std::span<const Alert> evaluate(std::span<Event* const> events, std::span<Event* const> next = {});
  // Fires what is due before events at `watermark` (deadlines at it included).
  std::span<const Alert> advance(std::int64_t watermark);
  std::span<const Alert> finish();

  // Everything that changes while events flow, independent of the number of threads. Alerts returned before may be gone.
  void save(StateWriter& out);
  void save_common(StateWriter& out);  // The two parts of it: what belongs to no key,
  void save_keys(StateWriter& out);    // and the keys of the writer's scope.
  // What save() wrote in an evaluator of the same rules; or, with groups, what save_common() and save_keys() did. If a reader
  // fails, nothing has changed and the result is an Error.
  Result<void> load(StateReader& in, std::span<StateReader* const> groups = {});

  // Into a new evaluator: everything that `other`, of other rules, remembers of those that are the same. An Error after which
  // this one is of no use; `other` has not changed.
  Result<void> take_over(Evaluator& other, const RuleMove& move);

  // Tells the observer of the runs that still wait.
  void observe_live_runs();

  EngineCounters counters() const;
  std::int64_t latest_time() const { return latest_time_; }
  std::uint64_t alerts() const { return alert_count_; }

 private:
  struct Lane;  // What one task of routing needs for itself.
  struct Parallel;
  struct Stratum;

  RuleCounters counted(std::size_t rule) const;
  std::vector<std::unique_ptr<Stratum>> make_strata() const;
  void load_keys(std::span<const std::unique_ptr<Stratum>> strata, StateReader& in) const;
  struct Sender;
  void sift(std::span<Event* const> events, Lane& lane) const;
  void route_asked(Lane& lane, const Sender& send) const;
  void route(std::span<Event* const> events, Lane& lane, std::uint32_t first_generation, std::uint32_t last_generation) const;
  template <typename Body>
  void for_each_shard(const Body& body);
  void process(Stratum& stratum, std::size_t lanes, Moment limit);
  void process_derived(Stratum& stratum, std::span<Event* const> events, std::size_t lanes, Moment limit);
  void number(Stratum& stratum, std::span<Event* const> events) const;
  void derive(Stratum& stratum, Moment limit);
  void turn_to(Moment limit);
  void clear_alerts();
  std::span<const Alert> evaluate_strata(std::span<Event* const> events, std::size_t lanes, Moment limit);
  std::span<const Alert> merge_alerts();
  std::size_t shard_of(std::uint32_t hash) const { return key_bucket(hash) % shard_count_; }
  // Index into Lane::work.
  std::size_t list_of_work(std::uint32_t generation, std::uint32_t hash) const {
    return shard_count_ == 1 ? generation : generation * shard_count_ + shard_of(hash);
  }
  void send_otherwise(Event* event, std::uint32_t rule, nfa::Bits bits, Lane& lane) const;
  void send_apart(Event* event, std::uint32_t rule, nfa::Bits bits, Lane& lane) const;
  bool has_key(const nfa::Automaton& automaton, const Event& event, Lane& lane) const;
  std::span<Event* const> with_file_rows(std::span<Event* const> events);
  std::span<Event* const> with_ticks(std::span<Event* const> events);
  void forget_rows();
  std::span<Event* const> change_tables(std::span<Event* const> events);
  std::span<const Alert> evaluate_all(std::span<Event* const> events);

  // How events of a rule find their shard: what routing asks first.
  struct Route {
    // Where the key stands when it is plain and is all: in events of all streams, or by stream; else kNoSlot and null.
    SlotIndex plain_slot = nfa::kNoSlot;
    const SlotIndex* plain_slots = nullptr;
    std::uint32_t generation = 0;
    bool keyless = false;         // There are no parts: one key, with
    std::uint32_t hash = 0;       // this hash,
    std::uint32_t lone_list = 0;  // whose work goes to this list.
  };
  // What events of a stream are to the rules, by the class that a table says they are of.
  struct StreamClasses {
    const nfa::DecisionTable* table = nullptr;  // Null: no table says it all.
    bool asks_each = false;                     // Then each event is asked, or none concerns anybody.
    std::vector<std::uint32_t> begin;           // By class, and one more.
    std::vector<RuleSet::Impl::Listener> listeners;
    std::span<const RuleSet::Impl::Listener> of(std::uint32_t its_class) const {
      return {listeners.data() + begin[its_class], listeners.data() + begin[its_class + 1]};
    }
  };

  std::shared_ptr<const RuleSet> rules_;
  EngineOptions options_;
  std::vector<Route> routes_;           // Index = rule.
  std::vector<StreamClasses> classes_;  // Index = StreamId.
  bool sifts_ = false;                  // Events of a stream are not all of one class.
  std::size_t shard_count_;
  Tables tables_;
  std::int64_t table_horizon_ = -kFarTime;        // No look-up will be as of an earlier time.
  std::vector<std::unique_ptr<Stratum>> strata_;  // Index = generation.
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<Lane> derived_lane_;  // Null with one stratum.
  std::unique_ptr<Parallel> parallel_;  // Null with one thread.
  TickClock ticks_;
  TableFiles table_files_;
  std::vector<Event*> with_rows_;    // What is evaluated, where rows of files come before events.
  std::vector<Event*> with_ticks_;   // The same, where ticks come between them.
  std::vector<Event*> spelled_out_;  // The same, where tables were emptied.
  Arena tick_arena_, gone_rows_;
  std::uint64_t made_count_ = 0;  // Events that the evaluator made itself: ticks, rows of files, and those of emptied tables.
  std::uint64_t sequence_ = 0;
  std::int64_t latest_time_;
  std::int64_t first_time_ = 0;
  std::vector<std::int64_t> rule_begins_;  // Index = rule; -kFarTime: it was there before the first event.
  std::uint64_t alert_count_ = 0;
  std::span<Event* const> next_;  // See evaluate().

  // Derived events. Those earlier than the limit of a call are taken within the call; those at it wait.
  std::vector<EventShape> shapes_;  // Index = StreamId.
  DerivedEvents passing_;
  DerivedEvents waiting_[2];
  std::size_t waiting_index_ = 0;
  Moment waiting_limit_ = -kNever;
  std::uint64_t derived_count_ = 0;
  TakeAlerts take_;
  std::vector<AlertDraft*> drafts_;
  std::vector<Alert> alerts_;
};

}  // namespace sequitur
