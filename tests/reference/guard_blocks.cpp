#include "tests/reference/guard_blocks.hpp"

#include <algorithm>

#include "tests/reference/blocks.hpp"

namespace sequitur::reference {
namespace {

// The block is a rule of its own, over the same events and the same key.
World world_of(const World& world, const dsl::Rule& block) {
  return {block, world.events, world.options, world.key, world.past, world.tables};
}

// Its conditions may look at what the run has taken in front of the gap, as that is now.
Run beside(const Run& run, Run part, const dsl::Rule& block) {
  part.taken.resize(block.stages.size());
  for (int stage = 0; stage < block.blocks->first_stage; ++stage) {
    part.taken[static_cast<std::size_t>(stage)] = run.taken[static_cast<std::size_t>(stage)];
    if (const auto held = run.held.find(stage); held != run.held.end()) part.held[stage] = held->second;
  }
  return part;
}

// What becomes of all that has come of the block so far, and of what begins with the event.
std::vector<Run> after_event(const World& world, const Run& run, const dsl::Guard& guard, std::size_t event) {
  const World inside = world_of(world, *guard.block);
  Run nothing;
  nothing.guard = guard.id;
  nothing.base = run.took_at;
  std::vector<Run> parts{nothing}, result;
  for (const Run& part : run.in_gaps)
    if (part.guard == guard.id) parts.push_back(part);
  for (const Run& part : parts)
    for (const Run& one : block_choices(inside, beside(run, part, *guard.block), event))
      if (one.state != Run::State::kBroken) result.push_back(one);
  return result;
}

}  // namespace

bool comes_about(const World& world, const Run& run, const dsl::Guard& guard, std::size_t event) {
  const auto parts = after_event(world, run, guard, event);
  if (world.options.mutation == Mutation::kHalfBlock) return !parts.empty();
  return std::any_of(parts.begin(), parts.end(), [&](const Run& one) { return block_complete(world_of(world, *guard.block), one); });
}

std::vector<Run> in_gaps_after(const World& world, const Run& run, const std::vector<const dsl::Gap*>& gaps, std::size_t event) {
  std::vector<Run> result;
  const auto add = [&](const dsl::Guard& guard) {
    if (guard.block == nullptr) return;
    const auto parts = after_event(world, run, guard, event);
    result.insert(result.end(), parts.begin(), parts.end());
  };
  for (const dsl::Gap* gap : gaps) {
    for (const dsl::Guard& guard : gap->guards) add(guard);
    for (const dsl::Silence& silence : gap->silences)
      if (world.events[event].time < later(silence_start(world, run, silence), silence.duration)) add(silence.guard);
  }
  return result;
}

}  // namespace sequitur::reference
