#include "engine/chain_report.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace sequitur {
namespace {

bool all_different(std::span<const ChainReport::Node> nodes) {
  constexpr std::size_t kFew = 8;
  if (nodes.size() > kFew) return false;
  for (std::size_t i = 1; i < nodes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (nodes[i].id == nodes[j].id) return false;
  return true;
}

}  // namespace

// Twins have one time, so they are near each other. From the last layer back, as it takes the twins behind to say what is ragged.
void ChainReport::find_twins() {
  has_twins = has_ragged = false;
  for (std::size_t number = layers.size(); number-- > 0;) {
    std::vector<Node>& layer = layers[number];
    const std::vector<Node>* next = number + 1 < layers.size() ? &layers[number + 1] : nullptr;
    // Whether twins stand on both sides of the place in the next layer, or might.
    const auto cuts_twins = [&](std::uint32_t place) {
      return place > 0 && place < next->size() && (*next)[place].beside_twins && (*next)[place - 1].beside_twins &&
             (*next)[place].event->time == (*next)[place - 1].event->time;
    };
    if (has_twins)
      for (Node& node : layer) {
        node.ragged = cuts_twins(node.first) || cuts_twins(node.behind);
        has_ragged = has_ragged || node.ragged;
      }
    for (std::size_t begin = 0, end = 0; begin < layer.size(); begin = end) {
      for (end = begin + 1; end < layer.size() && layer[end].event->time == layer[begin].event->time;) ++end;
      if (all_different(std::span(layer).subspan(begin, end - begin))) continue;
      order_.resize(end - begin);
      std::iota(order_.begin(), order_.end(), static_cast<std::uint32_t>(begin));
      std::sort(order_.begin(), order_.end(),
                [&](std::uint32_t a, std::uint32_t b) { return layer[a].id != layer[b].id ? layer[a].id < layer[b].id : a < b; });
      bool any = false;
      for (std::size_t from = 0, to = 0; from < order_.size(); from = to) {
        bool ragged = false;
        const Node& one = layer[order_[from]];
        for (to = from; to < order_.size() && layer[order_[to]].id == one.id; ++to) {
          layer[order_[to]].rank = static_cast<std::uint32_t>(to - from);
          ragged = ragged || layer[order_[to]].ragged || layer[order_[to]].first != one.first || layer[order_[to]].behind != one.behind;
        }
        any = any || to - from > 1;
        for (std::size_t i = from; i < to; ++i) {
          layer[order_[i]].twins = static_cast<std::uint32_t>(to - from);
          layer[order_[i]].ragged = ragged;
        }
        has_ragged = has_ragged || ragged;
      }
      for (std::size_t i = begin; i < end; ++i) layer[i].beside_twins = any;
      has_twins = has_twins || any;
    }
  }
}

}  // namespace sequitur
