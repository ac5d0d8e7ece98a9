// Instants in the order in which things happen at them, as one number: four phases to each microsecond.
// At one time: deadlines of silence, then events, then gaps that end a loop, then time limits that end a run.
#pragma once

#include <cstdint>
#include <limits>

namespace sequitur {

using Moment = std::int64_t;

enum class MomentPhase : std::uint8_t { kSilence = 0, kEvent = 1, kGap = 2, kLimit = 3 };

inline constexpr Moment kNever = std::numeric_limits<Moment>::max();
// Times are clamped here, 36,000 years around 1970, so that four phases fit and sums of times and durations cannot overflow.
inline constexpr std::int64_t kFarTime = std::int64_t{1} << 60;

constexpr std::int64_t clamp_time(std::int64_t time) { return time > kFarTime - 1 ? kFarTime - 1 : time < -kFarTime ? -kFarTime : time; }
// time + duration, saturating.
constexpr std::int64_t later(std::int64_t time, std::int64_t duration) {
  return duration > kFarTime || time > kFarTime - duration ? kFarTime - 1 : time + duration;
}
constexpr Moment moment(std::int64_t time, MomentPhase phase) { return clamp_time(time) * 4 + static_cast<int>(phase); }
constexpr std::int64_t time_of(Moment moment) { return moment >> 2; }
constexpr MomentPhase phase_of(Moment moment) { return static_cast<MomentPhase>(moment & 3); }

}  // namespace sequitur
