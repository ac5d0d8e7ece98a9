// A stretch begins with a sample that fits, goes on while samples fit, and is taken when it has lasted.
#include "tests/reference/holds.hpp"

#include <algorithm>

#include "tests/reference/blocks.hpp"

namespace sequitur::reference {
namespace {

const dsl::Hold& hold_of(const World& world, int node) { return *world.rule.blocks->nodes[static_cast<std::size_t>(node)].hold; }

std::int64_t lasted_at(const World& world, const Stretch& stretch) {
  return later(world.events[stretch.samples.front()].time, hold_of(world, stretch.node).duration);
}

std::int64_t gap_end_of(const World& world, const Stretch& stretch) {
  const auto& gap = hold_of(world, stretch.node).gap;
  return gap ? later(world.events[stretch.samples.back()].time, *gap) : kNever;
}

}  // namespace

const Stretch* stretch_of(const Run& run, int node) {
  for (const Stretch& stretch : run.stretches)
    if (stretch.node == node) return &stretch;
  return nullptr;
}

bool is_alone(const Run& run) { return run.reported || (run.stage == -1 && !run.stretches.empty()); }

// One that was reported clears, another one is forgotten.
std::vector<Run> ended_alone(Run run) {
  if (!run.reported) return {};
  run.state = Run::State::kCleared;
  return {run};
}

// The first of its stretches is the one by which it lives.
std::vector<Run> follow_alone(const World& world, Run run, std::size_t event) {
  std::vector<Stretch> left;
  for (Stretch& stretch : run.stretches) {
    if (is_sample(world, run, stretch.node, event)) {
      if (!goes_on(world, run, stretch.node, stretch.samples.back(), event)) continue;
      if (stretch.spent) stretch.samples.clear();
      stretch.samples.push_back(event);
    }
    left.push_back(stretch);
  }
  if (left.empty() || left.front().node != run.stretches.front().node) return ended_alone(run);
  const std::vector<Stretch> before = std::exchange(run.stretches, left);
  if (run.reported) return {run};
  begin_beside(world, run, event);
  std::erase_if(run.stretches, [&](const Stretch& stretch) {  // Not one that has ended just now.
    return stretch.samples.front() == event &&
           std::any_of(before.begin(), before.end(), [&](const Stretch& one) { return one.node == stretch.node; });
  });
  return {run};
}

void begin_beside(const World& world, Run& run, std::size_t event) {
  const auto& nodes = world.rule.blocks->nodes;
  const int parent = nodes[static_cast<std::size_t>(run.stretches.front().node)].parent;
  if (nodes[static_cast<std::size_t>(parent)].kind != dsl::BlockNode::Kind::kAll) return;
  for (const int node : nodes[static_cast<std::size_t>(parent)].parts) {
    const bool open = std::any_of(world.open.begin(), world.open.end(), [&](const Stretch& stretch) { return stretch.node == node; });
    if (!nodes[static_cast<std::size_t>(node)].hold || stretch_of(run, node) != nullptr || open) continue;
    if (is_sample(world, run, node, event) && may_begin_stretch(world, run, node, event)) run.stretches.push_back({node, {event}, false});
  }
}

bool is_sample(const World& world, const Run& run, int node, std::size_t event) {
  return filter_holds(world, run, hold_of(world, node).samples, event);
}

bool goes_on(const World& world, Run run, int node, std::size_t latest, std::size_t event) {
  if (world.options.mutation == Mutation::kStretchGoesOn) return true;
  run.previous = latest;
  const int stage = world.rule.blocks->nodes[static_cast<std::size_t>(node)].stage;
  return filter_holds(world, run, world.rule.stages[static_cast<std::size_t>(stage)].filter, event);
}

Run with_sample(const World& world, Run run, std::size_t event) {
  for (const int node : waiting_holds(world, run)) {
    if (!is_sample(world, run, node, event)) continue;
    const auto stretch = std::find_if(run.stretches.begin(), run.stretches.end(), [&](const Stretch& one) { return one.node == node; });
    if (stretch == run.stretches.end()) {
      if (may_begin_stretch(world, run, node, event)) run.stretches.push_back({node, {event}, false});
    } else if (!goes_on(world, run, node, stretch->samples.back(), event)) {
      run.stretches.erase(stretch);
    } else {
      if (stretch->spent) stretch->samples.clear();
      stretch->samples.push_back(event);
    }
  }
  return run;
}

std::int64_t hold_deadline(const World& world, const Run& run) {
  std::int64_t deadline = kNever;
  for (const Stretch& stretch : run.stretches)
    if (!stretch.spent) deadline = std::min(deadline, lasted_at(world, stretch));
  return deadline;
}

// What has lasted is taken; two of one `all` may be at once.
std::vector<Run> after_holds(const World& world, Run run, std::int64_t now) {
  const auto due = [&](const Stretch& stretch) { return !stretch.spent && lasted_at(world, stretch) <= now; };
  for (const int node : waiting_holds(world, run)) {
    const Stretch* stretch = stretch_of(run, node);
    if (stretch == nullptr || !due(*stretch)) continue;
    const std::int64_t first = world.events[std::min(run.first(), stretch->samples.front())].time;
    if (world.rule.within && now > later(first, *world.rule.within)) continue;
    std::vector<Run> result;
    for (const Run& one : take_stretch(world, run, node, now)) {
      if (!one.live() || hold_deadline(world, one) > now) {
        result.push_back(one);
        continue;
      }
      const auto more = after_holds(world, one, now);
      result.insert(result.end(), more.begin(), more.end());
    }
    return result;
  }
  std::erase_if(run.stretches, due);  // Its step does not wait any more, or it is too late for `within`.
  if (run.stage == -1 && run.stretches.empty()) return {};
  return {run};
}

std::int64_t stretch_gap_end(const World& world, const Run& run) {
  std::int64_t end = kNever;
  for (const Stretch& stretch : run.stretches) end = std::min(end, gap_end_of(world, stretch));
  return end;
}

std::vector<Run> after_stretch_gaps(const World& world, Run run, std::int64_t now) {
  const bool alone = is_alone(run);
  if (alone && gap_end_of(world, run.stretches.front()) <= now) return ended_alone(run);
  std::erase_if(run.stretches, [&](const Stretch& stretch) { return gap_end_of(world, stretch) <= now; });
  if (alone) return {run};
  if (gap_end(world, run) > now && block_nothing_left(world, run)) return {};
  return {run};
}

}  // namespace sequitur::reference
