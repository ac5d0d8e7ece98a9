// Event time and durations: whole microseconds, UTC, from 0001-01-01 to 9999-12-31.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace sequitur {

using Duration = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<Duration>;

// Before and after every event: the watermark of an input that has sent nothing, and of one that has ended.
inline constexpr Timestamp kBeginningOfTime{Duration{std::numeric_limits<std::int64_t>::min() + 1}};
inline constexpr Timestamp kEndOfTime{Duration{std::numeric_limits<std::int64_t>::max()}};

}  // namespace sequitur
