// Blocks behind `no`: what comes of them in a gap of a run. See docs/semantics.md, 3.8.
#pragma once

#include "tests/reference/run.hpp"

namespace sequitur::reference {

// Whether the event, which comes in the guard's gap, makes the guard's block come about.
bool comes_about(const World& world, const Run& run, const dsl::Guard& guard, std::size_t event);

// What has come of all blocks behind `no` in these gaps, behind the event, with which none of them comes about.
std::vector<Run> in_gaps_after(const World& world, const Run& run, const std::vector<const dsl::Gap*>& gaps, std::size_t event);

}  // namespace sequitur::reference
