// When the schedules of a rule set tick, as events in the order of evaluation.
//
// Ticks are those of the time behind the first event; a tick comes before the other events of its time, and ticks of one time
// in the order of their streams. So they depend on the events alone, not on batches or threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "event/tick_times.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

class TickClock {
 public:
  explicit TickClock(std::span<const dsl::Schedule> schedules) {
    for (const dsl::Schedule& schedule : schedules) hands_.push_back({schedule.stream, TickTimes(daily_of(schedule)), 0});
  }

  bool empty() const { return hands_.empty(); }

  // Time begins: the first tick is later than `time`.
  void start(std::int64_t time) {
    for (Hand& hand : hands_) hand.next = hand.times.after(time);
  }

  // Appends the ticks up to `time`, itself included, that have not come yet.
  void until(std::int64_t time, Arena& arena, std::span<const StreamSchema> schemas, std::vector<Event*>& events) {
    for (;;) {
      Hand* first = nullptr;
      for (Hand& hand : hands_)
        if (hand.next <= time && hand.next != TickTimes::kNone && (first == nullptr || hand.next < first->next)) first = &hand;
      if (first == nullptr) return;
      events.push_back(&make_event(arena, schemas[first->stream], Timestamp{Duration{first->next}}));
      first->next = first->times.after(first->next);
    }
  }

 private:
  struct Hand {
    StreamId stream;
    TickTimes times;
    std::int64_t next;
  };

  static std::vector<DailyTick> daily_of(const dsl::Schedule& schedule) {
    std::vector<DailyTick> daily;
    for (const dsl::Tick& tick : schedule.ticks) daily.push_back({tick.at.count(), tick.days, tick.zone});
    return daily;
  }

  std::vector<Hand> hands_;  // In the order of their streams.
};

}  // namespace sequitur
