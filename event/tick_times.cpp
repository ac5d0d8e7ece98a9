#include "event/tick_times.hpp"

#include <algorithm>

#include "event/civil.hpp"

namespace sequitur {

TickTimes::TickTimes(const std::vector<DailyTick>& daily) {
  for (const DailyTick& each : daily) {
    Line line{each, nullptr};
    if (!each.zone.empty())
      if (auto zone = Zone::find(each.zone)) line.zone = *std::move(zone);
    lines_.push_back(std::move(line));
  }
}

std::int64_t TickTimes::after(const Line& line, std::int64_t time) {
  if (line.daily.days == 0 || time >= kLastMicros) return kNone;
  time = std::max(time, kFirstMicros);
  const std::int64_t local = line.zone ? line.zone->to_local(time) : time;
  // Clocks are put by less than a day; 1970-01-01 was a Thursday.
  for (std::int64_t day = floor_divide(local, kMicrosPerDay) - 1;; ++day) {
    const auto weekday = static_cast<int>(((day + 3) % 7 + 7) % 7);
    if ((line.daily.days >> weekday & 1) == 0) continue;
    const std::int64_t tick = day * kMicrosPerDay + line.daily.at;
    const std::int64_t utc = line.zone ? line.zone->to_utc(tick) : tick;
    if (utc > kLastMicros) return kNone;
    if (utc > time) return utc;
  }
}

std::int64_t TickTimes::after(std::int64_t time) const {
  std::int64_t first = kNone;
  for (const Line& line : lines_) first = std::min(first, after(line, time));
  return first;
}

}  // namespace sequitur
