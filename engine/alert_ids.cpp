#include "engine/alert_ids.hpp"

#include <algorithm>

#include "engine/state_bytes.hpp"

namespace sequitur {

// Whether it is another one.
bool AlertIds::turn_to(std::int64_t time) {
  if (time == time_) return false;
  // After an instant with very many alerts the large table goes: clearing it would cost every later instant.
  if (ids_.size() > 64) ids_ = {};
  if (!ids_.empty()) ids_.clear();
  if (!reports_.empty()) reports_.clear();
  first_.reset();
  noted_.clear();
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

std::optional<std::uint64_t> AlertIds::repeats(const AlertId& common, std::int64_t time, const void* stacks,
                                               std::uint64_t state_of_stacks) {
  turn_to(time);
  if (asks_) return std::nullopt;
  const auto [entry, is_new] = reports_.try_emplace(common[0], Report{stacks, state_of_stacks, 0});
  if (is_new) return 0;
  Report& before = entry->second;
  if (stacks != nullptr && before.stacks == stacks && before.state_of_stacks == state_of_stacks) return ++before.repeats;
  look_up_noted();
  return std::nullopt;
}

void AlertIds::look_up_noted() {
  for (const std::uint64_t id : noted_) ++ids_[id];
  noted_.clear();
  asks_ = true;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> AlertIds::all() const {
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> ids = ids_;
  if (first_) ++ids[*first_];
  for (const std::uint64_t id : noted_) ++ids[id];
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
