// `hold`: what becomes of stretches of samples. See docs/semantics.md, 2.19.
#pragma once

#include "tests/reference/run.hpp"

namespace sequitur::reference {

const Stretch* stretch_of(const Run& run, int node);  // Null pointer: none in progress.

// A stretch by itself: one that has not lasted yet and could open a run, or that of a reported match.
bool is_alone(const Run& run);
std::vector<Run> ended_alone(Run run);
std::vector<Run> follow_alone(const World& world, Run run, std::size_t event);

// What has just begun may begin other stretches of its `all` too, if their very first samples are the event.
void begin_beside(const World& world, Run& run, std::size_t event);

// Whether the event is a sample of the `hold`, and whether it lets a stretch with this latest sample go on.
bool is_sample(const World& world, const Run& run, int node, std::size_t event);
bool goes_on(const World& world, Run run, int node, std::size_t latest, std::size_t event);

// Shows the event to the stretches that the run waits for.
Run with_sample(const World& world, Run run, std::size_t event);

std::int64_t hold_deadline(const World& world, const Run& run);  // When the first of its stretches has lasted.
std::vector<Run> after_holds(const World& world, Run run, std::int64_t now);
std::int64_t stretch_gap_end(const World& world, const Run& run);  // When samples have been missing for too long.
std::vector<Run> after_stretch_gaps(const World& world, Run run, std::int64_t now);

}  // namespace sequitur::reference
