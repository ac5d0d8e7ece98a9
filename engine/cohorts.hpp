// The live runs of one key under a plain sequence: every step takes one event, asks nothing of the run, and no limit but
// `within` counts. Runs that wait for the same step are then moved by the same event, so they stand together as a cohort and
// an event costs what there are cohorts, not runs.
//
// The starts of all runs stand in one row, oldest first. A cohort is a stretch of it: how many starts, the step that was
// taken last, and the events taken behind the starts, which all of the cohort share. Older starts have never come less far
// than younger ones, so cohorts stand by falling step, and what completes or expires is at the front.
//
// A rule of two steps that opens with a loop ("five failures or more, then a success") is run by one cohort: the loop takes
// every event that could begin a run, so what a run has taken is its own start and all that stand behind it in the row.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <vector>

#include "engine/moment.hpp"
#include "engine/pool.hpp"
#include "nfa/automaton.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

// An event taken behind the start, and those before it.
struct CohortLink {
  const Event* event;
  CohortLink* before;
};

struct Cohort {
  CohortLink* taken;    // Latest first; null right behind the opening step.
  std::uint32_t runs;   // How many starts.
  std::uint32_t stage;  // That was taken last.
};

struct CohortStart {
  const Event* event;
  std::int64_t time_and_mark;

  explicit CohortStart(const Event* start, bool mark = false) : event(start), time_and_mark(clamp_time(start->time) * 2 + (mark ? 1 : 0)) {}
  std::int64_t time() const { return time_and_mark >> 1; }  // Of the event: expiry must not fetch it.
  // Of an opening loop, once a key has all the runs it may have: no run began with it.
  bool taken_only() const { return (time_and_mark & 1) != 0; }
};
static_assert(sizeof(CohortStart) == 16);

// In memory it is followed by room for `cohort_room` cohorts, then for `start_room` starts.
class Cohorts {
 public:
  static constexpr std::size_t kMostStages = 0x4000;  // A rule with more steps is run otherwise.

  static Cohorts* create(Pool& pool) { return create(pool, 1, 1); }
  // Events and links are the caller's to release before.
  static void destroy(Pool& pool, Cohorts* cohorts) { pool.deallocate(cohorts, bytes(cohorts->cohort_room_, cohorts->start_room_)); }

  std::uint32_t runs() const { return start_end_ - start_begin_; }
  std::uint32_t size() const { return cohort_count_; }
  Cohort* begin() { return reinterpret_cast<Cohort*>(this + 1); }
  Cohort* end() { return begin() + cohort_count_; }
  CohortStart* starts() { return reinterpret_cast<CohortStart*>(begin() + cohort_room_) + start_begin_; }

  // The youngest run. Returns where the object is now: it moves when it must grow.
  [[gnu::always_inline]] static Cohorts* append(Pool& pool, Cohorts* cohorts, CohortStart start) {
    const bool joins = cohorts->cohort_count_ > 0 && (cohorts->end() - 1)->stage == 0;
    if ((!joins && cohorts->cohort_count_ == cohorts->cohort_room_) || cohorts->start_end_ == cohorts->start_room_)
      cohorts = make_room(pool, cohorts, !joins);
    cohorts->starts()[cohorts->runs()] = start;
    ++cohorts->start_end_;
    if (joins)
      ++(cohorts->end() - 1)->runs;
    else
      cohorts->begin()[cohorts->cohort_count_++] = {nullptr, 1, 0};
    return cohorts;
  }

  // Takes the oldest `count` starts away; a cohort without starts as well.
  void drop_oldest(std::uint32_t count) {
    start_begin_ += count;
    Cohort* first = begin();
    assert(first->runs >= count);
    first->runs -= count;
    if (first->runs == 0) drop_cohort(0);
    if (start_begin_ == start_end_) start_begin_ = start_end_ = 0;
  }

  // Takes a cohort with its starts away. `before`: how many starts stand before its own.
  void remove(std::uint32_t cohort, std::uint32_t before) {
    const std::uint32_t runs_of_it = begin()[cohort].runs;
    CohortStart* its = starts() + before;
    if (before == 0)
      start_begin_ += runs_of_it;
    else {
      std::move(its + runs_of_it, starts() + runs(), its);
      start_end_ -= runs_of_it;
    }
    drop_cohort(cohort);
    if (start_begin_ == start_end_) start_begin_ = start_end_ = 0;
  }

 private:
  static std::size_t bytes(std::uint32_t cohorts, std::uint32_t starts) {
    return sizeof(Cohorts) + cohorts * sizeof(Cohort) + starts * sizeof(CohortStart);
  }

  static Cohorts* create(Pool& pool, std::uint16_t cohort_room, std::uint32_t start_room) {
    auto* cohorts = static_cast<Cohorts*>(pool.allocate(bytes(cohort_room, start_room)));
    cohorts->cohort_count_ = 0;
    cohorts->cohort_room_ = cohort_room;
    cohorts->start_begin_ = cohorts->start_end_ = 0;
    cohorts->start_room_ = start_room;
    return cohorts;
  }

  void drop_cohort(std::uint32_t cohort) {
    std::move(begin() + cohort + 1, end(), begin() + cohort);
    --cohort_count_;
  }

  static Cohorts* make_room(Pool& pool, Cohorts* old, bool for_cohort) {
    const std::uint32_t live = old->runs();
    if ((!for_cohort || old->cohort_count_ < old->cohort_room_) && old->start_begin_ >= (old->start_room_ + 1) / 2) {
      CohortStart* all = old->starts() - old->start_begin_;
      std::move(old->starts(), old->starts() + live, all);
      old->start_begin_ = 0;
      old->start_end_ = live;
      return old;
    }
    const bool more_cohorts = for_cohort && old->cohort_count_ == old->cohort_room_;
    Cohorts* larger = create(pool, static_cast<std::uint16_t>(more_cohorts ? old->cohort_room_ * 2 : old->cohort_room_),
                             live == old->start_room_ || old->start_end_ == old->start_room_ ? std::max(live * 2, 2u) : old->start_room_);
    larger->cohort_count_ = old->cohort_count_;
    larger->start_end_ = live;
    std::copy(old->begin(), old->end(), larger->begin());
    std::copy(old->starts(), old->starts() + live, larger->starts());
    destroy(pool, old);
    return larger;
  }

  std::uint16_t cohort_count_;
  std::uint16_t cohort_room_;
  std::uint32_t start_begin_, start_end_;
  std::uint32_t start_room_;
};
static_assert(sizeof(Cohorts) == 16);

// What stepping asks of the automaton for every event, side by side.
struct CohortPlan {
  CohortPlan() = default;
  explicit CohortPlan(const nfa::Automaton& automaton)
      : opening(automaton.opening_bits),
        cancel(automaton.cancel_bits),
        within(std::min(automaton.within, kFarTime)),
        limit_per_event(automaton.limit_per_event),
        one_only(automaton.on_match != dsl::OnMatch::kKeep),
        past_last(automaton.on_match == dsl::OnMatch::kSkipPastLast),
        latest(automaton.latest) {
    for (std::size_t stage = 0; stage + 1 < automaton.stages.size(); ++stage) {
      const nfa::State& done = automaton.states[3 * stage + static_cast<std::size_t>(nfa::Phase::kDone)];
      stages.push_back({done.guard_bits, automaton.stages[stage + 1].test.bit});
    }
    for (const nfa::State& state : automaton.states) interest |= state.interest;
    if (automaton.stages[0].max == 1) return;
    loop_min = automaton.stages[0].min;
    loop_first = automaton.stages[0].greedy;
    filling_guard = automaton.states[static_cast<std::size_t>(nfa::Phase::kFilling)].guard_bits;
    stages[0].guard = automaton.states[static_cast<std::size_t>(nfa::Phase::kOpen)].guard_bits;
  }

  struct Stage {
    nfa::Bits guard;  // Ends the runs that have taken it last,
    nfa::Bits next;   // takes them on.
  };
  std::vector<Stage> stages;  // All but the last.
  nfa::Bits opening = 0, cancel = 0, interest = 0;
  std::int64_t within = -1;
  std::uint64_t limit_per_event = 0;
  bool one_only = false, past_last = false, latest = false;
  std::uint32_t loop_min = 0;   // Of the opening step, if it is a loop; else 0.
  bool loop_first = false;      // It takes what both steps could take.
  nfa::Bits filling_guard = 0;  // Ends the runs that have not enough for it yet.
};

}  // namespace sequitur
