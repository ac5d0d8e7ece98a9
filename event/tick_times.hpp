// The times of `daily 06:00 on mon..fri zone "Europe/Berlin"`: one a day by the wall clock.
//
// A wall clock time that comes twice (the day with 25 hours) ticks the first time; one that is skipped in spring (the day with
// 23 hours) ticks as much later as the clock was put forward, so that a tick of 02:30 comes at 03:30 then.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "event/zone.hpp"

namespace sequitur {

struct DailyTick {
  std::int64_t at = 0;       // Microseconds since midnight.
  std::uint8_t days = 0x7F;  // Bit 0: Monday.
  std::string zone;          // Empty or unknown: UTC.
};

class TickTimes {
 public:
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

  explicit TickTimes(const std::vector<DailyTick>& daily);

  // The first tick later than `time`; kNone if there is none (no days, or the end of the calendar).
  std::int64_t after(std::int64_t time) const;

 private:
  struct Line {
    DailyTick daily;
    std::shared_ptr<const Zone> zone;  // Null: UTC.
  };
  static std::int64_t after(const Line& line, std::int64_t time);

  std::vector<Line> lines_;
};

}  // namespace sequitur
