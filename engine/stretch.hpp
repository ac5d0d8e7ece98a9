// Stretches of samples that a `hold` step waits for, as they stand in the run of a rule with blocks.
//
// Behind the events that the run has taken (taken_count() of them, in the order in which it took them) stand the samples of
// stretches in progress: Run::count of them, in the order in which they came. A sample's tag is its step's stage, with flags.
// When a stretch has lasted its samples move in front of the others and are taken; when a sample does not fit they go.
// Stretches that are only followed until they end (kSpent) are kept as their latest sample.
#pragma once

#include <cstdint>

#include "engine/key_runs.hpp"

namespace sequitur {

inline constexpr std::uint16_t kTagStage = 0x0FFF;
inline constexpr std::uint16_t kTagBegins = 0x1000;  // The first sample of its stretch.
inline constexpr std::uint16_t kTagSpent = 0x2000;   // The stretch was taken or reported, and is followed until it ends.

// What Run::state says in a rule with blocks: only the first is a run. The others exist only where there is a `hold`.
inline constexpr std::uint16_t kPlainRun = 0;
inline constexpr std::uint16_t kStretchOfKey = 1;     // A stretch that has opened a run, as long as it goes on: no other run begins in it.
inline constexpr std::uint16_t kReportedStretch = 2;  // A match that was reported, until its last stretch ends: then it clears.

inline std::uint32_t taken_count(const Run& run) { return run.event_count - run.count; }

}  // namespace sequitur
