#include "event/zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>

#include "event/civil.hpp"

namespace sequitur {

Result<std::shared_ptr<const Zone>> Zone::find(std::string_view name) {
  // Outside these years the first and the last offset hold.
  constexpr std::int64_t kFirst = days_from_civil(1900, 1, 1) * kSecondsPerDay;
  constexpr std::int64_t kLast = days_from_civil(2200, 1, 1) * kSecondsPerDay;
  auto zone = std::make_shared<Zone>();
  try {
    const date::time_zone* found = date::locate_zone(std::string(name));
    for (std::int64_t at = kFirst; at < kLast;) {
      const date::sys_info info = found->get_info(date::sys_seconds{std::chrono::seconds{at}});
      const std::int64_t offset = std::chrono::seconds{info.offset}.count() * kMicrosPerSecond;
      if (zone->changes_.empty() || zone->changes_.back().offset != offset) {
        const std::int64_t before = zone->changes_.empty() ? offset : zone->changes_.back().offset;
        const std::int64_t utc = at * kMicrosPerSecond;
        // Going back, the hour that comes twice still belongs to the offset before; going forward, so does the hour skipped.
        zone->changes_.push_back({utc, utc + std::max(before, offset), offset});
      }
      at = std::max(at + 1, info.end.time_since_epoch().count());
    }
  } catch (const std::exception&) { return Error{"there is no time zone \"" + std::string(name) + "\""}; }
  zone->changes_.front().utc = zone->changes_.front().local_from = std::numeric_limits<std::int64_t>::min();
  return std::shared_ptr<const Zone>(std::move(zone));
}

std::int64_t Zone::to_utc(std::int64_t local_micros) const {
  const auto after = std::upper_bound(changes_.begin(), changes_.end(), local_micros,
                                      [](std::int64_t value, const Change& change) { return value < change.local_from; });
  return local_micros - std::prev(after)->offset;
}

std::int64_t Zone::to_local(std::int64_t utc_micros) const {
  const auto after = std::upper_bound(changes_.begin(), changes_.end(), utc_micros,
                                      [](std::int64_t value, const Change& change) { return value < change.utc; });
  return utc_micros + std::prev(after)->offset;
}

}  // namespace sequitur
