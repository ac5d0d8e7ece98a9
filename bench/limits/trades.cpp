#include <algorithm>

#include "limits/limits.hpp"

namespace sequitur::limits {

Trades::Trades(std::vector<std::uint32_t> steps, std::uint32_t window)
    : step_of_(*std::max_element(steps.begin(), steps.end()) + 1, kNoStep), latest_(steps.size()), stacks_(steps.size()), window_(window) {
  for (std::uint32_t step = 0; step < steps.size(); ++step) step_of_[steps[step]] = step;
}

std::uint64_t Trades::detect(std::span<const Trade> trades, std::uint32_t shift) {
  std::uint64_t found = 0;
  const auto last = static_cast<std::uint32_t>(latest_.size() - 1);
  for (const Trade& trade : trades) {
    if (trade.kind >= step_of_.size()) continue;
    const std::uint32_t step = step_of_[trade.kind];
    if (step == kNoStep) continue;
    const std::uint32_t now = trade.time + shift + 1;
    const std::uint32_t start = step == 0 ? now : latest_[step - 1];
    if (step == last)
      found += start != 0 && now - start <= window_ ? 1 : 0;
    else
      latest_[step] = start;
  }
  return found;
}

std::uint64_t Trades::walk(std::span<const Trade> trades, std::uint32_t shift) {
  std::uint64_t found = 0;
  for (auto& stack : stacks_) stack.clear();
  const std::size_t last = stacks_.size() - 1;
  for (const Trade& trade : trades) {
    if (trade.kind >= step_of_.size()) continue;
    const std::uint32_t step = step_of_[trade.kind];
    if (step == kNoStep) continue;
    const std::uint32_t now = trade.time + shift;
    if (step == 0) {
      stacks_[0].push_back({now, 0, now});
      continue;
    }
    const std::vector<Entry>& before = stacks_[step - 1];
    const std::uint32_t earliest = now < window_ ? 0 : now - window_;
    if (before.empty() || before.back().start < earliest) continue;
    if (step == last)
      found += walk_below(step - 1, static_cast<std::uint32_t>(before.size()), earliest);
    else
      stacks_[step].push_back({now, static_cast<std::uint32_t>(before.size()), before.back().start});
  }
  return found;
}

// Starts fall from the top of a stack down, so the first that is too early ends the walk.
std::uint64_t Trades::walk_below(std::size_t step, std::uint32_t height, std::uint32_t earliest) const {
  std::uint64_t found = 0;
  const std::vector<Entry>& stack = stacks_[step];
  for (std::uint32_t i = height; i > 0 && stack[i - 1].start >= earliest; --i)
    found += step == 0 ? 1 : walk_below(step - 1, stack[i - 1].below, earliest);
  return found;
}

}  // namespace sequitur::limits
