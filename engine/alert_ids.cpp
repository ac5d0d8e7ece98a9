#include "engine/alert_ids.hpp"

#include <algorithm>
#include <span>

#include "engine/state_bytes.hpp"

namespace sequitur {
namespace {

std::uint64_t own_id(const ChainReport::Node& node) { return node.id[0]; }
template <typename Node>
std::uint64_t own_id(const Node& node) {
  return node.id;
}

// Of the matches that are not ragged, among the first `most`: what their ids begin with.
template <typename LayerOf, typename Take>
void each_id(std::size_t layers, const LayerOf& layer_of, std::uint64_t common, std::uint64_t most, const Take& take) {
  const auto visit = [&](const auto& self, std::size_t number, std::size_t first, std::size_t behind, std::uint64_t id,
                         bool ragged) -> void {
    const auto layer = layer_of(number);
    for (std::size_t at = first; at < behind && most > 0; ++at) {
      const auto& node = layer[at];
      if (number + 1 < layers) {
        self(self, number + 1, node.first, node.behind, id + own_id(node), ragged || node.ragged);
        continue;
      }
      --most;
      if (!ragged) take(id + own_id(node));
    }
  };
  visit(visit, 0, 0, layer_of(0).size(), common, false);
}

}  // namespace

// Whether it is another one.
bool AlertIds::turn_to(std::int64_t time) {
  if (time == time_) return false;
  // After an instant with very many alerts the large table goes: clearing it would cost every later instant.
  if (ids_.size() > 64) ids_ = {};
  if (!ids_.empty()) ids_.clear();
  if (!reports_.empty()) reports_.clear();
  first_.reset();
  forget_noted();
  asks_ = false;
  time_ = time;
  return true;
}

void AlertIds::make_unique(AlertId& id, std::int64_t time) {
  if (turn_to(time)) {
    first_ = id[0];
    return;
  }
  if (first_) ++ids_[*std::exchange(first_, std::nullopt)];
  id = numbered_id(id, number(id[0]));
}

std::optional<std::uint64_t> AlertIds::repeats(const AlertId& common, std::int64_t time, const ChainReport& report, std::uint64_t most) {
  turn_to(time);
  if (asks_) return std::nullopt;
  const auto [entry, is_new] = reports_.try_emplace(common[0], Report{report.stacks, report.state_of_stacks, 0, noted_.size()});
  if (is_new) {
    note(common, report, most);
    return 0;
  }
  Report& before = entry->second;
  if (report.stacks != nullptr && before.stacks == report.stacks && before.state_of_stacks == report.state_of_stacks) {
    ++noted_[before.noted].times;
    return ++before.repeats;
  }
  for (const Noted& noted : noted_) each_noted(noted, [&](std::uint64_t id) { ids_[id] += noted.times; });
  forget_noted();
  asks_ = true;
  return std::nullopt;
}

void AlertIds::note(const AlertId& common, const ChainReport& report, std::uint64_t most) {
  const std::size_t begin = noted_nodes_.size();
  std::size_t nodes = 0;
  for (const std::vector<ChainReport::Node>& layer : report.layers) nodes += layer.size();
  noted_.push_back({common[0], most, 1, noted_layers_.size(), 1});
  noted_layers_.push_back(begin);
  if (nodes > most) {  // Of a few among very many a layer of their own.
    const auto layer_of = [&](std::size_t layer) { return std::span(report.layers[layer]); };
    each_id(report.layers.size(), layer_of, 0, most, [&](std::uint64_t id) { noted_nodes_.push_back({id, 0, 0, false}); });
    noted_layers_.push_back(noted_nodes_.size());
    return;
  }
  noted_.back().layer_count = report.layers.size();
  for (const std::vector<ChainReport::Node>& layer : report.layers) {
    for (const ChainReport::Node& node : layer) noted_nodes_.push_back({node.id[0], node.first, node.behind, node.ragged});
    noted_layers_.push_back(noted_nodes_.size());
  }
}

void AlertIds::forget_noted() {
  // After an instant with very much of it the memory goes as well.
  constexpr std::size_t kMuch = 64 * 1024;
  if (noted_nodes_.capacity() > kMuch) noted_nodes_ = {};
  noted_.clear();
  noted_layers_.clear();
  noted_nodes_.clear();
}

template <typename Take>
void AlertIds::each_noted(const Noted& noted, const Take& take) const {
  const std::size_t* begins = &noted_layers_[noted.layers];
  const auto layer_of = [&](std::size_t layer) {
    return std::span(noted_nodes_).subspan(begins[layer], begins[layer + 1] - begins[layer]);
  };
  each_id(noted.layer_count, layer_of, noted.common, noted.most, take);
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> AlertIds::all() const {
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> ids = ids_;
  if (first_) ++ids[*first_];
  for (const Noted& noted : noted_) each_noted(noted, [&](std::uint64_t id) { ids[id] += noted.times; });
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all(ids.begin(), ids.end());
  std::sort(all.begin(), all.end());
  return all;
}

void AlertIds::save(StateWriter& out) const {
  const auto ids = all();
  out.signed_number(time_);
  out.number(ids.size());
  for (const auto& [id, count] : ids) {
    out.fixed(id);
    out.number(count);
  }
}

void AlertIds::load(StateReader& in) {
  time_ = in.signed_number();
  constexpr std::size_t kLeastId = 9;
  for (std::uint64_t left = in.count(kLeastId); left > 0; --left) {
    const std::uint64_t id = in.fixed();
    ids_[id] = in.number();
  }
  asks_ = true;
}

// Only the latest instant matters: no alert of an earlier one can come any more.
void AlertIds::take_over(const AlertIds& other) {
  if (other.time_ > time_ || ids_.empty()) {
    ids_.clear();
    time_ = other.time_;
  }
  asks_ = true;
  if (other.time_ != time_) return;
  for (const auto& [id, count] : other.all()) ids_[id] += count;
}

}  // namespace sequitur
