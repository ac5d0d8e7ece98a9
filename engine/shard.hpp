// A shard: the keys whose hash falls to it, for all rules. One task at a time works on it, so nothing here is locked.
//
// Invariants between calls:
// 1. Runs of a key stand in the order of their start, and none of them has an outcome flag; what KeyRuns says of them
//    (dues, awaited, interest) is what they say.
// 2. KeyRuns::scheduled is at or before the earliest due of its runs and its past (of cohorts: up to a rounding behind the time at
//    which the oldest expires), and unless it is kNever there is an entry in the wheel, or in a due list that is in the wheel, at it.
// 3. A key without runs and without past does not exist, unless it is known to a rule with ticks.
// 4. An event is kept exactly as often as runs, pasts and drafts of alerts refer to it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/alert_draft.hpp"
#include "engine/alert_id.hpp"
#include "engine/chain_counter.hpp"
#include "engine/cohort_plan.hpp"
#include "engine/due_lists.hpp"
#include "engine/kept_event.hpp"
#include "engine/key_runs.hpp"
#include "engine/match_dag.hpp"
#include "engine/pool.hpp"
#include "engine/row_ring.hpp"
#include "engine/rule_set_impl.hpp"
#include "engine/run_observer.hpp"
#include "engine/stacks.hpp"
#include "engine/timing_wheel.hpp"
#include "engine/windows.hpp"
#include "engine/work.hpp"
#include "nfa/chain.hpp"
#include "sequitur/engine.hpp"

namespace sequitur {

class StateReader;
class StateWriter;
struct StateScope;

void save(const RuleCounters& counters, StateWriter& out);
void load(RuleCounters& counters, StateReader& in);

// How a generation that numbers events by itself finds their places in the order of all (see Evaluator).
struct Numbering {
  std::uint64_t from = 0;             // The number before those of the current call.
  std::vector<std::uint64_t> places;  // Of the events of the current call.
  std::uint64_t place(std::uint64_t number) const { return places[number - from - 1]; }
};

class Shard {
 public:
  Shard(const RuleSet::Impl& rules, const EngineOptions& options);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // What look-ups see; a null `numbering` when the number of an event is its place. Both must outlive the shard.
  void see(nfa::TableView tables, const Numbering* numbering);

  // In the order of events. `past_begins`: the time of the first event the engine has seen.
  void process(std::span<const Work> work, std::int64_t past_begins);
  // Fires all that is due before `limit`.
  void advance(Moment limit);

  // What came of it, in no particular order. The alerts live until clear_alerts().
  std::vector<AlertDraft>& drafts() { return drafts_; }
  void clear_alerts();

  // Adds to `counters`, whose `rules` has one entry for each rule.
  void count(EngineCounters& counters) const;
  // Tells the observer of the runs that still wait.
  void observe_live_runs();
  std::uint64_t live_runs() const { return live_runs_; }

  // All keys; between calls only, when there are no drafts that need to be kept. Changes nothing.
  void save(StateWriter& out);
  // One key that save() wrote, behind its rule and values; then, after the last one, end_load().
  void load_key(std::uint32_t rule, const Slot* values, std::uint32_t hash, StateReader& in);
  void end_load();
  // Whether the rule is run by cohorts: its state is saved in another form then.
  bool by_cohorts(std::size_t rule) const { return states_[rule]->cohorts; }
  // The rule knows of no event up to `time`, whatever the others know.
  void begin_rule(std::size_t rule, std::int64_t time) { states_[rule]->past_begins = time; }
  RuleCounters& counters_of(std::size_t rule) { return states_[rule]->counters; }
  // What its windows counted since they were made.
  void add_window_counts(std::size_t rule, RuleCounters& counters) const {
    if (windows_) windows_->add_counts(rule, counters);
  }

 private:
  struct Guess {  // Which key a piece of work might be of; a null pointer: none known.
    KeyRuns* key = nullptr;
    std::uint32_t index = KeyTable::kNone;
  };
  struct RuleState {
    const nfa::Automaton* automaton = nullptr;
    RunLayout layout;
    bool plain_key = false;                             // See is_plain().
    bool dues_in_order = false;                         // The first run of a key is always the one due first.
    bool always_awaits = false;                         // Each run is filed under a value, wherever it waits.
    bool cohorts = false;                               // See engine/cohorts.hpp.
    CohortPlan cohort_plan;                             // Of these.
    bool remembers_keys = false;                        // Ticks come: a key that was seen stays, whether it has runs or not.
    std::vector<std::uint32_t> known;                   // Those keys, by index of KeyRuns, in the order in which they came.
    std::vector<std::uint32_t> known_in_bucket;         // How many there are; index = key_bucket(), or empty.
    nfa::Strategy shared = nfa::Strategy::kRuns;        // kStacks, kCounts, kDag: see engine/shared_matches.cpp.
    std::unique_ptr<const nfa::Chain> chain;            // Of the first two.
    bool lists_later = false;                           // Of stacks: see engine/chain_report.hpp.
    std::vector<std::unique_ptr<Stacks>> spare_stacks;  // Of keys that are gone; by strategy.
    std::vector<std::unique_ptr<ChainCounter>> spare_counters;
    std::vector<std::unique_ptr<MatchDag>> spare_dags;
    KeyTable table;
    Guess lone;  // Where the key has no parts: the only one there may be, if it is there (see is_lone()).
    IdDigests digests;
    // By index of KeyRuns: events that a looking-back `no` may have to know of, a row of one word each; a ring for each LookBackCode.
    boost::unordered_flat_map<std::uint32_t, RowRing*> pasts;
    RuleCounters counters;
    std::int64_t past_begins = -kFarTime;                  // See begin_rule().
    std::vector<nfa::Bits> possible_bits;                  // Index = StreamId; empty until something is loaded.
    std::vector<std::unique_ptr<RuleState>> guard_blocks;  // Parallel to those of the automaton: each is like a rule of its own.
    const nfa::GuardBlockCode* in_gap = nullptr;           // It is one of these.
  };
  // What a step needs to know of the event being processed.
  struct Input {
    const Event* event;
    nfa::Bits bits;
    const Event* kept = nullptr;  // The shard's copy once somebody took it.
  };
  struct EventPlace {
    std::int64_t time;
    std::uint64_t sequence;
  };
  struct Extent {  // From the first event of what is reported to its last.
    EventPlace first;
    const Event* last;
    Extent(EventPlace first_event, const Event* last_event) : first(first_event), last(last_event) {}
    explicit Extent(std::span<const Event* const> events) : first{events.front()->time, events.front()->sequence}, last(events.back()) {}
  };
  struct Break {
    const Run* run;
    int guard;
  };
  struct Fork {
    std::uint32_t parent;  // Position of the run it was copied from.
    Run* run;
  };

  // shard_work.cpp
  void prefetch(std::span<const Work> work, std::ptrdiff_t at);
  void prefetch_key(const Work& work, Guess& guess);
  void prefetch_runs(const KeyRuns& key) const;
  Guess& guess_of(std::ptrdiff_t at) { return guesses_[static_cast<std::size_t>(at) % kGuesses]; }
  std::size_t process_some(std::span<const Work> work, const Guess* guesses, std::int64_t past_begins);
  void process_one(const Work& work, std::int64_t past_begins);
  void process_tick(const Work& work, std::int64_t past_begins);
  void process_at(std::uint32_t index, RuleState& rule, Input& input, std::int64_t past_begins);
  void process_runs(const Work& work, std::int64_t past_begins);
  void read_key_of(const Work& work);
  static bool is_lone(const RuleState& rule, const Work& work) {
    return rule.lone.key != nullptr && rule.lone.key->live && rule.lone.key->rule == work.rule;
  }
  std::uint32_t find_or_create_key(const Work& work, bool create);
  std::uint32_t find_key(const RuleState& rule, std::uint32_t hash);
  std::uint32_t create_key(std::uint32_t rule, std::uint32_t hash);
  void remember_key(RuleState& rule, std::uint32_t index, std::uint32_t hash);
  void try_runs(KeyRuns& key, RuleState& rule, Input& input);
  bool fire(std::uint32_t index, Moment limit);
  void fire_silences(KeyRuns& key, RuleState& rule, Moment at);
  void fire_limits(KeyRuns& key, RuleState& rule, std::int64_t time);
  void end_gap(RuleState& rule, Run& run);

  // step.cpp: one event at one run.
  bool step(RuleState& rule, Run& run, Input& input);
  bool break_run(Run& run, int guard);
  KeyRuns::Awaited awaited_by(const RuleState& rule, const Run& run);
  void offered_values(const RuleState& rule, const Input& input);
  int find_taker(const RuleState& rule, const Run& run, const nfa::State& state, const Input& input);
  bool fits(const RuleState& rule, const Run& run, const nfa::State& state, int way, const Input& input);
  bool limits_allow(const RuleState& rule, const Run& run, const nfa::State& state, int way, std::int64_t time) const;
  bool silences_over(const RuleState& rule, const Run& run, const nfa::GapCode& gap, std::int64_t time) const;
  bool holds(const RuleState& rule, const Run* run, const nfa::Test& test, const Input& input);
  int find_breaker(const RuleState& rule, const Run& run, const nfa::State& state, int taker, const Input& input);
  int find_breaker_in(const RuleState& rule, const Run& run, const nfa::GapCode& gap, const Input& input, int first_no_next);
  void take(RuleState& rule, Run& run, int stage, Input& input);
  void pass_over(RuleState& rule, Run& run, const Input& input);
  bool no_way_left(const RuleState& rule, const Run& run) const;
  void settle(RuleState& rule, Run& run, std::int64_t now);
  void schedule_run(const RuleState& rule, Run& run, std::int64_t now);
  void close_loop(RuleState& rule, Run& run, std::int64_t now);
  void begin_run(RuleState& rule, std::uint32_t index, Input& input, std::int64_t past_begins);
  bool begin_run_at(RuleState& rule, std::uint32_t index, int opening, Input& input, std::int64_t past_begins, bool another);

  // look_back.cpp. past_of() makes it where there is none.
  std::span<RowRing> past_of(RuleState& rule, std::uint32_t index);
  void push_past(RowRing& ring, const Event* event);
  void pop_past(RowRing& ring);
  void drop_past(RuleState& rule, std::uint32_t index);
  Moment past_due(RuleState& rule, std::uint32_t index);
  void forget_past(RuleState& rule, std::uint32_t index, std::int64_t time);
  bool past_is_silent(RuleState& rule, std::uint32_t index, int opening, const Input& input, std::int64_t past_begins);
  void remember(RuleState& rule, std::uint32_t index, Input& input);
  void save_past(RuleState& rule, std::uint32_t index, StateWriter& out);
  void load_past(RuleState& rule, std::uint32_t index, StateReader& in);

  // cohorts.cpp: the same for all runs of a key at once.
  std::size_t process_cohorts(std::span<const Work> work, const Guess* guesses);
  void process_one_by_cohorts(const Work& work, RuleState& rule, Guess guess);
  Guess find_cohorts(const Work& work, const RuleState& rule);
  void create_cohorts(const Work& work, RuleState& rule, Input& input);
  static bool is_empty(const KeyRuns& key);
  static void prefetch_run(const KeyRuns& key);
  static void prefetch_oldest(const KeyRuns& key);
  void step_cohorts(KeyRuns& key, RuleState& rule, Input& input);
  void step_stage(KeyRuns& key, RuleState& rule, std::uint32_t number, Input& input);
  void complete_cohorts(KeyRuns& key, RuleState& rule, Cohorts::Stretch those, Input& input);
  void step_start_alone(KeyRuns& key, RuleState& rule, Input& input);
  static std::uint32_t count_runs(const KeyRuns& key);
  void replace_latest(KeyRuns& key);
  void begin_cohort_run(KeyRuns& key, RuleState& rule, bool may_begin, Input& input);
  void lay_out(const CohortLink* taken, std::size_t stages);
  void report_cohort(KeyRuns& key, RuleState& rule, std::span<const CohortStart> starts, const CohortLink* taken, Input& input,
                     std::uint64_t& matches);
  void expire_cohorts(KeyRuns& key, RuleState& rule, std::int64_t time);
  void expire_starts(Cohorts& cohorts, std::int64_t alive_from);
  void fire_cohorts(std::uint32_t index, RuleState& rule, Moment limit);
  void settle_cohorts(std::uint32_t index, KeyRuns& key, const RuleState& rule);
  void destroy_empty(std::uint32_t index, KeyRuns& key);
  void schedule_cohorts(std::uint32_t index, KeyRuns& key, const CohortPlan& plan);
  void expire_all_cohorts();
  void drop_start(Cohorts& cohorts);
  void drop_start_alone(KeyRuns& key);
  CohortLink* new_link(const Event* event, CohortLink* before);
  void release_links(CohortLink* link);
  void remove_cohorts(Cohorts& cohorts, Cohorts::Stretch gone);
  void destroy_cohorts(KeyRuns& key);
  // silent_cohorts.cpp: complete when a silence is over.
  void expire_silent(KeyRuns& key, RuleState& rule, Moment limit);
  void expire_waiting(Cohorts& cohorts, const CohortPlan& plan, std::int64_t alive_from);
  void report_silence(const KeyRuns& key, const RuleState& rule, const Event* start, const CohortLink* taken, Moment at);
  static Moment silent_due(KeyRuns& key, const CohortPlan& plan);
  // opening_loop.cpp
  void process_opening_loop(KeyRuns& key, RuleState& rule, Input& input);
  bool step_opening_loop(KeyRuns& key, RuleState& rule, Input& input);
  bool may_begin(const KeyRuns& key) const;
  void append_to_opening_loop(KeyRuns& key, RuleState& rule, Input& input, bool begins);
  void drop_starts(Cohorts& cohorts, std::uint32_t left);
  // fork.cpp: one event that does several things to a run.
  void step_forks(RuleState& rule, Run& run, Input& input, bool decided);
  void pass_over_or_break(RuleState& rule, Run& run, const Input& input);
  void complete(RuleState& rule, Run& run, std::int64_t now);
  Run* fork(RuleState& rule, const Run& run, bool lives);
  void merge_forks(KeyRuns& key, RuleState& rule);
  void sort_outcomes(KeyRuns& key, const RuleState& rule, bool on_event);
  int compare_evidence(const RuleState& rule, const Run& a, const Run& b) const;

  // shared_matches.cpp: partial matches that are shared.
  void process_shared(const Work& work);
  void step_stacks(KeyRuns& key, RuleState& rule, Input& input);
  void step_dag(KeyRuns& key, RuleState& rule, Input& input);
  void report_later(KeyRuns& key, RuleState& rule, Stacks::Range completing, Input& input);
  void report_stacks(KeyRuns& key, RuleState& rule, Stacks::Range completing, Input& input);
  void expire_shared(KeyRuns& key, RuleState& rule, Moment limit);
  void fire_shared(std::uint32_t index, RuleState& rule, Moment limit);
  void settle_shared(std::uint32_t index, RuleState& rule);
  void destroy_shared(KeyRuns& key, RuleState& rule);
  static bool waits_for_more(const KeyRuns& key, const RuleState& rule);
  static std::int64_t oldest_start(const KeyRuns& key, const RuleState& rule);
  Stacks* new_stacks(RuleState& rule);
  MatchDag* new_dag(RuleState& rule);
  void save_shared(const KeyRuns& key, const RuleState& rule, StateWriter& out) const;
  void load_shared(RuleState& rule, KeyRuns& key, StateReader& in);
  // counted_matches.cpp: the same where matches are only counted.
  ChainCounter* new_counter(RuleState& rule);
  void process_counted(const Work& work, RuleState& rule);
  void report_count(const KeyRuns& key, const RuleState& rule, Tally matches, EventPlace first, Input& input);

  // blocks.cpp: the same for rules with blocks.
  BlockPlace place_of(const RuleState& rule, const Run& run) const;
  void gather(const RuleState& rule, const Run& run, int stage, const Event* event);
  void step_block(RuleState& rule, Run& run, Input& input, bool decided);
  void begin_block_run(RuleState& rule, std::uint32_t index, Input& input, std::int64_t past_begins);
  bool block_fits(const RuleState& rule, const Run& run, const BlockMove& move, const Input& input);
  bool block_limits_allow(const RuleState& rule, const Run& run, const nfa::BlockNodeCode& node, std::uint32_t entered,
                          std::int64_t time) const;
  bool siblings_agree(const RuleState& rule, const Run& run, int all, int leaf, bool fresh, const Input& input);
  int block_breaker(const RuleState& rule, const Run& run, std::span<const int> gaps, const Input& input);
  void take_in_block(RuleState& rule, Run& run, const BlockMove& move, Input& input);
  void pass_over_block(RuleState& rule, Run& run, Input& input);
  bool nothing_left(const RuleState& rule, const Run& run) const;
  void finish_closing(RuleState& rule, Run& run, BlockPlace::Closing closing, bool ended, std::int64_t now);
  void close_block_by_gap(RuleState& rule, Run& run, std::int64_t time);
  void settle_block(RuleState& rule, Run& run, std::int64_t now);
  Run* create_block_run(const RuleState& rule);
  void append_touched(KeyRuns& key, const RuleState& rule, Run* run);
  bool block_waits(const RuleState& rule, const Run& run) const;
  std::int64_t block_gap_end(const RuleState& rule, const Run& run, BlockPlace& place, int node) const;
  Moment block_due(const RuleState& rule, const Run& run) const;
  Moment block_due_of_steps(const RuleState& rule, const Run& run) const;
  std::int64_t block_anchor_time(const RuleState& rule, const Run& run, const nfa::Anchor& anchor) const;
  BlockScratch& scratch_of(const RuleState& rule) const { return rule.in_gap != nullptr ? gap_block_ : block_; }

  // guard_blocks.cpp: what comes of blocks behind `no` in the gaps of a run.
  void make_guard_blocks(RuleState& rule);
  bool comes_about(const RuleState& rule, const Run& run, int block, const Input& input);
  bool completes(const RuleState& block, const Run& part, const Input& input);
  std::optional<BlockMove> move_of(const RuleState& block, const Run& part, const Input& input);
  bool follow(RuleState& block, Run& part, Input& input);
  bool watches(const RuleState& rule, const Run& run, int block, std::span<const int> gaps, std::int64_t time) const;
  void follow_gaps(RuleState& rule, Run& run, std::span<const int> gaps, Input& input);
  void leave_gaps(RuleState& rule, Run& run, const BlockMove& move);
  void copy_list(const RuleState& rule, const Run& from, Run& to);
  void destroy_list(const RuleState& rule, Run& run);
  Run* copy_run(const RuleState& rule, const Run& run);
  void save_list(const RuleState& rule, const Run& run, StateWriter& out) const;
  void load_list(RuleState& rule, Run& run, StateReader& in);
  static std::pair<const Event*, const Event*> block_events_of(const RuleState& rule, const Run& run, int stage);
  static int compare_block_evidence(const RuleState& rule, const Run& a, const Run& b);
  static std::pair<const Event*, const Event*> events_of(const RuleState& rule, const Run& run, int stage);

  // holds.cpp: steps that take whole stretches.
  struct StretchAt {  // In a run: positions of its first and its latest sample.
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool there = false;
    bool spent = false;
  };
  static std::int64_t take_time(const RuleState& rule, const Run& run, std::uint32_t index);
  // When the run took what it took last.
  static std::int64_t latest_time(const RuleState& rule, const Run& run) {
    if (!rule.automaton->holds) return rule.layout.events(run)[run.event_count - 1]->time;
    return take_time(rule, run, run.event_count - run.count - 1);
  }
  // The first event of the run. With blocks that open a rule with several of `hold` it may be among those taken later.
  static const Event* start_of(const RuleState& rule, const Run& run) {
    return rule.automaton->holds ? start_among(rule, run) : rule.layout.events(run)[0];
  }
  static const Event* start_among(const RuleState& rule, const Run& run);
  static StretchAt stretch_of(const RuleState& rule, const Run& run, int stage);
  void add_sample(RuleState& rule, Run& run, int stage, Input& input);
  void drop_stretch(const RuleState& rule, Run& run, int stage);
  void spend_stretch(const RuleState& rule, Run& run, int stage);
  void prune_stretches(const RuleState& rule, Run& run, int leaf);
  bool sample_fits(const RuleState& rule, const Run& run, const nfa::BlockNodeCode& node, StretchAt stretch, const Input& input);
  bool update_stretches(RuleState& rule, Run& run, Input& input);
  static bool is_sample_of(const RuleState& rule, const Run& run, const Input& input);
  void follow_stretch(RuleState& rule, Run& run, Input& input);
  static bool of_one_all(const RuleState& rule, const nfa::BlockNodeCode& a, const nfa::BlockNodeCode& b);
  void begin_beside(RuleState& rule, Run& run, int hold, Input& input);
  static Run* key_stretch(KeyRuns& key, const RuleState& rule, int stage);
  void gather_stretch(const RuleState& rule, const Run& run);
  static void end_alone(Run& run);
  // Whether it is no run yet, or no more.
  static bool is_alone(const RuleState& rule, const Run& run);
  static Moment stretch_due(const RuleState& rule, const Run& run);
  void take_stretch(RuleState& rule, Run& run, const BlockMove& move, std::int64_t now);
  void end_stretches(RuleState& rule, Run& run, std::int64_t now);
  bool end_stretch_gaps(RuleState& rule, Run& run);
  bool begin_stretches(RuleState& rule, std::uint32_t index, Input& input, std::int64_t past_begins);
  bool keep_reported(KeyRuns& key, RuleState& rule, std::uint32_t position);
  static std::span<const Event* const> in_order(const RuleState& rule, const Run& run, bool samples, std::vector<const Event*>& scratch);

  // time_limits.cpp: when time alone changes a run.
  Moment due_of(const RuleState& rule, const Run& run) const;
  std::int64_t last_chance(const RuleState& rule, const Run& run, const nfa::State& state) const;
  std::int64_t silence_end(const RuleState& rule, const Run& run) const;
  std::int64_t anchor_time(const RuleState& rule, const Run& run, const nfa::Anchor& anchor, int stage) const;

  // conclude.cpp: what is reported, what ends with it.
  void conclude(KeyRuns& key, RuleState& rule, Moment at, const Event* event);
  bool report_match(KeyRuns& key, RuleState& rule, Run& run, Moment at, const Event* event, std::uint64_t& matches);
  bool report_end(KeyRuns& key, RuleState& rule, Run& run, Moment at, const Event* event);
  void end_covered(KeyRuns& key, RuleState& rule, const Run& reported, bool match);
  void end_covered_by_fork(KeyRuns& key, RuleState& rule, const Run& reported, bool match);
  void end_begun_before(KeyRuns& key, RuleState& rule, const Run& reported);
  void end_run(KeyRuns& key, std::uint32_t position, std::uint8_t flags);
  std::uint32_t begun_by(KeyRuns& key, const RuleState& rule, std::uint64_t sequence) const;
  void observe(KeyRuns& key, RuleState& rule, Moment at, const Event* event);
  RunObserver::Fate fate_of(const KeyRuns& key, const RuleState& rule, const Run& run);
  void remove_ended(KeyRuns& key, RuleState& rule);
  void note_change(KeyRuns& key, const RuleState& rule, std::uint32_t position);
  void settle_key(std::uint32_t index);
  Moment earliest_due(std::uint32_t index);
  void draft_run(const KeyRuns& key, const RuleState& rule, const Run& run, AlertKind kind, Moment at, const Event* event, int guard);
  // Which stage took which events stands in stage_events_.
  void draft(const KeyRuns& key, const RuleState& rule, const Extent& taken, AlertKind kind, Moment at, const Event* event, int guard);

  Run* create_run(const RuleState& rule);
  void destroy_run(const RuleState& rule, Run* run);
  void append_run(KeyRuns& key, Run* run);
  void append_event(const RuleState& rule, Run& run, const Event* event);
  void destroy_key(std::uint32_t index);
  const Slot* key_values(const KeyRuns& key, const RuleState& rule) const;
  void schedule(std::uint32_t index, Moment due);
  nfa::AsOf as_of(const Event& event) const {
    return {event.time, numbering_ != nullptr ? numbering_->place(event.sequence) : event.sequence};
  }
  // Whether the rule watches the key at the place: the table that its keys are from has the row, or there is none.
  bool is_watched(const RuleState& rule, const KeyRuns& key, nfa::AsOf as_of) const {
    const int table = rule.automaton->watched;
    return table < 0 ||
           context_.tables.find(context_.tables.tables, static_cast<std::uint32_t>(table), key_values(key, rule), as_of) != nullptr;
  }
  void schedule_by(std::uint32_t index, Moment due);
  const Event* keep_next(const Event& event);
  const Event* kept(Input& input) {
    if (input.kept == nullptr) input.kept = kept_sequence_ == input.event->sequence ? kept_event_ : keep_next(*input.event);
    return input.kept;
  }
  const nfa::EvaluationContext& context(const RuleState& rule, const Run* run, const Event* candidate);

  // shard_state.cpp: the state as bytes.
  bool in_scope(std::uint32_t index, const StateScope& scope);
  void save_key(std::uint32_t index, StateWriter& out);
  void save_run(const RuleState& rule, const Run& run, StateWriter& out) const;
  const Event* adopt(const Event* event);
  std::vector<nfa::Bits> possible_bits(const RuleState& rule) const;
  void load_run(RuleState& rule, Run& run, StateReader& in);
  void load_blocks(RuleState& rule, Run& run, StateReader& in);
  static void load_stages(const RuleState& rule, Run& run, StateReader& in);
  static void save_cohorts(const KeyRuns& key, bool loop, StateWriter& out);
  void load_cohorts(RuleState& rule, KeyRuns& key, StateReader& in);

  const RuleSet::Impl& rules_;
  const EngineOptions options_;
  Pool pool_;                                       // Outlives what the others keep of it.
  std::vector<std::unique_ptr<RuleState>> states_;  // Index = rule.
  std::vector<EventShape> shapes_;                  // Index = StreamId.
  std::vector<std::uint64_t> stream_digests_;       // Index = StreamId.
  KeyStore keys_;
  TimingWheel wheel_;
  static constexpr std::uint32_t kDueList = 1;  // The generation of the wheel's entry for a list of due_lists_.
  static constexpr std::uint32_t kManyKeys = 1024;
  DueLists due_lists_{pool_};
  Moment advanced_to_ = moment(-kFarTime, MomentPhase::kEvent);
  std::uint64_t live_runs_ = 0;

  // Of the call that is going on.
  Arena scratch_;
  std::vector<Slot> key_;
  std::vector<nfa::StageEvents> stage_events_;
  nfa::EvaluationContext context_;
  const Run* context_run_ = nullptr;
  const Numbering* numbering_ = nullptr;
  std::string message_;                 // Of the alert being made.
  std::vector<std::uint32_t> touched_;  // Positions of the key's runs that changed.
  std::vector<std::uint32_t> ended_;    // And of those that another one's report ended.
  std::vector<std::uint32_t> candidates_;
  static constexpr std::size_t kGuesses = 32;
  std::array<Guess, kGuesses> guesses_{};  // Of the work to come and at hand, by its place.
  std::vector<KeyRuns::Awaited> awaited_;  // Hashes of what the event offers to runs that wait for a value.
  std::vector<Break> breaks_;
  std::vector<std::pair<const Event*, std::uint16_t>> sorting_;
  std::vector<const Event*> whole_;  // Of a run that was reported, and of one that is compared with it.
  std::vector<const Event*> other_;
  mutable BlockScratch block_;
  mutable BlockScratch gap_block_;         // The same for a block behind `no`, which is asked in between;
  std::vector<NodeState> trial_;           // where it would be then;
  const RuleState* outer_rule_ = nullptr;  // and the run in whose gap it is.
  const Run* outer_run_ = nullptr;
  MatchDag::Scratch dag_scratch_;
  std::vector<const Event*> gathered_;       // Of the run in context_, by stage.
  std::vector<const Event*> cohort_events_;  // Of the match being reported.
  std::vector<const Event*> chain_;          // The same.
  Moment earliest_ = kNever;                 // Of the dues that changed at the key.
  std::uint32_t firing_ = 0;                 // The key at which time goes on.
  const Event* kept_event_ = nullptr;        // The copy of the event with kept_sequence_, shared by all rules of this shard.
  std::vector<Fork> forks_;                  // Made by the event or instant, not yet among the key's runs.
  KeyRuns* stepping_key_ = nullptr;
  std::uint32_t stepping_ = 0;       // The position of the run that they are made from.
  std::uint32_t forks_living_ = 0;   // Those of them that are no match.
  EventPlace first_counted_{};       // The beginning of the first of the matches that are counted.
  std::uint32_t drafted_ = 0;        // Drafts of this instant and key.
  std::uint64_t matched_start_ = 0;  // The first event of the latest match of this instant and key.
  std::uint64_t kept_sequence_ = ~std::uint64_t{0};

  std::vector<AlertDraft> drafts_;
  std::vector<const Event*> evidence_;                 // What the drafts refer to; held until they are cleared.
  std::vector<std::unique_ptr<ChainReport>> reports_;  // The first of them are the drafts', the others to be used again.
  std::size_t reports_used_ = 0;
  const Stacks::Leaving leaving_{reports_used_, evidence_};
  Arena alerts_;
  boost::unordered_flat_map<const Event*, const Event*> adopted_;  // While state is loaded: by the reader's event, one reference each.
  std::unique_ptr<Windows> windows_;                               // Null pointer: no rule has a window or looks at its key's past.
};

}  // namespace sequitur
