#include <algorithm>
#include <cstring>
#include <numeric>

#include "limits/limits.hpp"

namespace sequitur::limits {

std::uint64_t pack_country(std::string_view name) {
  std::uint64_t packed = 0;
  std::memcpy(&packed, name.data(), std::min(name.size(), sizeof packed));
  return packed;
}

Thresholds::Thresholds(std::span<const ThresholdRule> rules) : ranges_(rules.size()) {
  std::vector<std::uint32_t> order(rules.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (rules[a].country != rules[b].country) return rules[a].country < rules[b].country;
    return rules[a].threshold < rules[b].threshold;
  });
  for (const std::uint32_t rule : order) {
    const auto at = static_cast<std::uint32_t>(entries_.size());
    Range& range = ranges_[rules[rule].country];
    if (range.end == 0) range.begin = at;
    range.end = at + 1;
    entries_.push_back({rules[rule].threshold, rule});
  }
}

std::uint64_t Thresholds::run(std::span<const Payment> payments, std::vector<std::uint32_t>& rules) const {
  rules.clear();
  for (const Payment& payment : payments) {
    const Range* const range = ranges_.find(payment.country);
    if (range == nullptr) continue;
    for (std::uint32_t i = range->begin; i < range->end && entries_[i].threshold < payment.amount; ++i) rules.push_back(entries_[i].rule);
  }
  return rules.size();
}

}  // namespace sequitur::limits
