#include "engine/chain_report.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

namespace sequitur {
namespace {

constexpr std::size_t kFew = 8;

// Of a few events of one time: gives twins their ranks. Returns whether there are any.
bool rank_few(std::span<ChainReport::Node> nodes, bool& has_ragged) {
  std::array<std::size_t, kFew> twins{};
  std::array<bool, kFew> done{};
  bool any = false;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (done[i]) continue;
    std::size_t count = 0;
    bool ragged = false;
    for (std::size_t j = i; j < nodes.size(); ++j) {
      if (!same_id(nodes[j].id, nodes[i].id)) continue;
      twins[count++] = j;
      done[j] = true;
      ragged = ragged || nodes[j].ragged || nodes[j].first != nodes[i].first || nodes[j].behind != nodes[i].behind;
    }
    if (count == 1) continue;
    any = true;
    has_ragged = has_ragged || ragged;
    for (std::size_t rank = 0; rank < count; ++rank) {
      ChainReport::Node& node = nodes[twins[rank]];
      node.rank = static_cast<std::uint32_t>(rank);
      node.twins = static_cast<std::uint32_t>(count);
      node.ragged = ragged;
    }
  }
  return any;
}

// Of any number.
bool rank_many(std::span<ChainReport::Node> nodes, bool& has_ragged, std::vector<std::uint32_t>& order) {
  order.resize(nodes.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return same_id(nodes[a].id, nodes[b].id) ? a < b : id_less(nodes[a].id, nodes[b].id);
  });
  bool any = false;
  for (std::size_t from = 0, to = 0; from < order.size(); from = to) {
    bool ragged = false;
    const ChainReport::Node& one = nodes[order[from]];
    for (to = from; to < order.size() && same_id(nodes[order[to]].id, one.id); ++to) {
      ChainReport::Node& node = nodes[order[to]];
      node.rank = static_cast<std::uint32_t>(to - from);
      ragged = ragged || node.ragged || node.first != one.first || node.behind != one.behind;
    }
    any = any || to - from > 1;
    has_ragged = has_ragged || ragged;
    for (std::size_t i = from; i < to; ++i) {
      nodes[order[i]].twins = static_cast<std::uint32_t>(to - from);
      nodes[order[i]].ragged = ragged;
    }
  }
  return any;
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
    bool twins_here = false;
    for (std::size_t begin = 0, end = 0; begin < layer.size(); begin = end) {
      for (end = begin + 1; end < layer.size() && layer[end].event->time == layer[begin].event->time;) ++end;
      if (end - begin == 1) continue;
      const auto nodes = std::span(layer).subspan(begin, end - begin);
      if (!(nodes.size() <= kFew ? rank_few(nodes, has_ragged) : rank_many(nodes, has_ragged, order_))) continue;
      for (Node& node : nodes) node.beside_twins = true;
      twins_here = true;
    }
    has_twins = has_twins || twins_here;
  }
}

}  // namespace sequitur
