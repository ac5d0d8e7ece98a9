// Runs of rules with blocks: the same questions as in run.hpp, over a tree instead of a row of stages.
#pragma once

#include "dsl/checked_block.hpp"
#include "tests/reference/run.hpp"

namespace sequitur::reference {

std::vector<Run> block_choices(const World& world, const Run& run, std::size_t event);
bool block_complete(const World& world, const Run& run);
std::int64_t block_gap_end(const World& world, const Run& run);
std::int64_t block_time_out(const World& world, const Run& run);
std::vector<Run> block_close_by_gap(const World& world, Run run);

// Of `hold`: nodes that wait for a stretch; whether one may begin with the event; one that has lasted is taken.
std::vector<int> waiting_holds(const World& world, const Run& run);
bool may_begin_stretch(const World& world, const Run& run, int node, std::size_t event);
std::vector<Run> take_stretch(const World& world, const Run& run, int node, std::int64_t now);
bool block_nothing_left(const World& world, const Run& run);

// Of run.cpp, for both.
std::int64_t later(std::int64_t time, Duration by);
bool is_of_steps(const World& world, std::size_t event);
bool seen_since_latest(const World& world, const Run& run, std::size_t event, const dsl::Guard* guard = nullptr);
std::optional<std::int64_t> anchor_time(const World& world, const Run& run, int anchor, bool anchor_first);
std::optional<int> breaks_gap(const World& world, const Run& run, const dsl::Gap& gap, std::size_t event);
std::int64_t silence_start(const World& world, const Run& run, const dsl::Silence& silence);

}  // namespace sequitur::reference
