// The live runs of one key under a plain sequence: every step takes one event, asks nothing of the run, and no limit but
// `within` counts. Runs that wait for the same step are then moved by the same event, so they stand together as a cohort and
// an event costs what there are cohorts, not runs.
//
// The starts of all runs stand in one row, oldest first. A cohort is a stretch of it: how many starts, the step that was
// taken last, and the events taken behind the starts, which all of the cohort share. Older starts have never come less far
// than younger ones, so cohorts stand by falling step, and what completes or expires is at the front.
//
// Where a silence behind the last step completes a run ("a and no b for 5s") those that wait for its end stand in front, and the
// oldest of them completes first.
//
// A rule of two steps that opens with a loop ("five failures or more, then a success") is run by one cohort: the loop takes
// every event that could begin a run, so what a run has taken is its own start and all that stand behind it in the row.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>

#include "engine/moment.hpp"
#include "engine/pool.hpp"
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

  static Cohorts* create(Pool& pool) { return create(pool, 0, 0); }
  // Of one run behind step `stage`, with room for another where that is about to begin.
  static Cohorts* create(Pool& pool, CohortStart start, std::uint32_t stage, CohortLink* taken, bool another) {
    Cohorts* cohorts = create(pool, another && stage > 0 ? 1 : 0, another ? 1 : 0);
    cohorts->set_cohorts(0, 1);
    cohorts->set_starts(1);
    *cohorts->begin() = {taken, 1, stage};
    *cohorts->starts() = start;
    return cohorts;
  }
  // Events and links are the caller's to release before.
  static void destroy(Pool& pool, Cohorts* cohorts) { pool.deallocate(cohorts, bytes(cohorts->cohort_room(), cohorts->start_room())); }

  std::uint32_t runs() const { return start_end_ - start_begin_; }
  std::uint32_t size() const { return cohort_end_ - cohort_begin_; }
  Cohort* begin() { return all_cohorts() + cohort_begin_; }
  Cohort* end() { return all_cohorts() + cohort_end_; }
  CohortStart* starts() { return reinterpret_cast<CohortStart*>(all_cohorts()) + start_begin_; }

  struct Stretch {  // Of cohorts.
    std::uint32_t first, behind;
  };
  // Those that took the step's event last.
  Stretch of_stage(std::uint32_t stage) {
    const Cohort* const all = begin();
    const std::uint32_t count = size();
    if (stage == 0) return {count > 0 && all[count - 1].stage == 0 ? count - 1 : count, count};
    std::uint32_t first = 0;
    if (count > kFew && all[0].stage > stage)
      first =
          static_cast<std::uint32_t>(std::partition_point(all, all + count, [&](const Cohort& one) { return one.stage > stage; }) - all);
    while (first < count && all[first].stage > stage) ++first;
    std::uint32_t behind = first;
    if (count > kFew)
      behind = static_cast<std::uint32_t>(
          std::partition_point(all + first, all + count, [&](const Cohort& one) { return one.stage == stage; }) - all);
    while (behind < count && all[behind].stage == stage) ++behind;
    return {first, behind};
  }

  // The youngest run. Returns where the object is now: it moves when it must grow.
  [[gnu::always_inline]] static Cohorts* append(Pool& pool, Cohorts* cohorts, CohortStart start) {
    const bool joins = cohorts->size() > 0 && (cohorts->end() - 1)->stage == 0;
    if ((!joins && cohorts->cohort_end_ == cohorts->cohort_room()) || cohorts->start_end_ == cohorts->room())
      cohorts = make_room(pool, cohorts, !joins);
    cohorts->starts()[cohorts->runs()] = start;
    ++cohorts->start_end_;
    if (joins) {
      ++(cohorts->end() - 1)->runs;
    } else {
      *cohorts->end() = {nullptr, 1, 0};
      cohorts->set_cohorts(cohorts->cohort_begin_, cohorts->cohort_end_ + 1);
    }
    return cohorts;
  }

  // Takes the oldest `count` starts away; a cohort without starts as well.
  void drop_oldest(std::uint32_t count) {
    start_begin_ += count;
    Cohort* first = begin();
    assert(first->runs >= count);
    first->runs -= count;
    if (first->runs == 0) set_cohorts(cohort_begin_ + 1, cohort_end_);
    forget_places();
  }

  // The same of cohort `number`, before whose starts there stand `before`.
  void drop_oldest_of(std::uint32_t number, std::uint32_t before) {
    if (number == 0) return drop_oldest(1);
    if (begin()[number].runs == 1) return remove({number, number + 1}, before, 1);
    --begin()[number].runs;
    std::move(starts() + before + 1, starts() + runs(), starts() + before);
    --start_end_;
  }

  // Takes cohorts with their `runs` starts away. `before`: how many starts stand before theirs.
  void remove(Stretch gone, std::uint32_t before, std::uint32_t runs_of_them) {
    if (gone.first == 0) {
      set_cohorts(cohort_begin_ + gone.behind, cohort_end_);
      start_begin_ += runs_of_them;
    } else {
      std::move(begin() + gone.behind, end(), begin() + gone.first);
      set_cohorts(cohort_begin_, cohort_end_ - (gone.behind - gone.first));
      std::move(starts() + before + runs_of_them, starts() + runs(), starts() + before);
      start_end_ -= runs_of_them;
    }
    forget_places();
  }

 private:
  static std::size_t bytes(std::uint32_t cohorts, std::uint32_t starts) {
    return sizeof(Cohorts) + cohorts * sizeof(Cohort) + starts * sizeof(CohortStart);
  }

  std::uint32_t cohort_room() const { return 1u << cohort_room_bits_; }
  std::uint32_t start_room() const { return 1u << start_room_bits_; }
  Cohort* all_cohorts() { return reinterpret_cast<Cohort*>(this + 1); }
  std::uint32_t room() const { return cohort_room() + start_room(); }

  static Cohorts* create(Pool& pool, std::uint32_t cohort_room_bits, std::uint32_t start_room_bits) {
    auto* cohorts = static_cast<Cohorts*>(pool.allocate(bytes(1u << cohort_room_bits, 1u << start_room_bits)));
    cohorts->cohort_room_bits_ = cohort_room_bits & 31;
    cohorts->start_room_bits_ = start_room_bits & 31;
    cohorts->set_cohorts(0, 0);
    cohorts->set_starts(0);
    return cohorts;
  }

  void set_cohorts(std::uint32_t begin, std::uint32_t end) {
    cohort_begin_ = begin & kMostCohorts;
    cohort_end_ = end & kMostCohorts;
  }

  void set_starts(std::uint32_t runs) {
    start_begin_ = cohort_room();
    start_end_ = start_begin_ + runs;
  }
  void forget_places() {
    if (start_begin_ != start_end_) return;
    set_cohorts(0, 0);
    set_starts(0);
  }

  // Both rows to the front of their room, or to a larger one where less than half of it lies before them.
  static Cohorts* make_room(Pool& pool, Cohorts* old, bool for_cohort) {
    const bool cohorts_full = for_cohort && old->cohort_end_ == old->cohort_room();
    const bool starts_full = old->start_end_ == old->room();
    const bool more_cohorts = cohorts_full && old->cohort_begin_ < (old->cohort_room() + 1) / 2;
    const bool more_starts = starts_full && old->start_begin_ - old->cohort_room() < (old->start_room() + 1) / 2;
    Cohorts* larger = old;
    if (more_cohorts || more_starts)
      larger = create(pool, old->cohort_room_bits_ + (more_cohorts ? 1u : 0u), old->start_room_bits_ + (more_starts ? 1u : 0u));
    const std::uint32_t cohorts = old->size();
    const std::uint32_t runs = old->runs();
    std::copy(old->begin(), old->end(), larger->all_cohorts());
    larger->set_cohorts(0, cohorts);
    CohortStart* const starts = old->starts();
    larger->set_starts(runs);
    std::copy(starts, starts + runs, larger->starts());
    if (larger != old) destroy(pool, old);
    return larger;
  }

  static constexpr std::uint32_t kFew = 8;
  static constexpr std::uint32_t kMostCohorts = (1u << 27) - 1;
  std::uint32_t start_begin_, start_end_;  // Counted from the first cohort, which is as large as a start.
  std::uint32_t cohort_begin_ : 27, cohort_room_bits_ : 5;
  std::uint32_t cohort_end_ : 27, start_room_bits_ : 5;
};
static_assert(sizeof(Cohorts) == 16 && sizeof(Cohort) == sizeof(CohortStart));

}  // namespace sequitur
