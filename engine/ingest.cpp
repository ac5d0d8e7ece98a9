#include "engine/ingest.hpp"

#include <algorithm>

#include "engine/moment.hpp"

namespace sequitur {

Ingest::Ingest(std::vector<Duration> lateness, std::vector<std::string_view> late_to) : late_to_(std::move(late_to)) {
  for (const Duration each : lateness) inputs_.push_back({clamp_time(each.count()), -kFarTime, -kFarTime});
}

BadRecord record_of(const DecodedBatch& batch, std::size_t event, BadReason reason) {
  const EventBatch::Origin& origin = batch.events.origins[event];
  BadRecord record;
  record.reason = reason;
  record.offset = batch.raw.offset + origin.begin;
  record.record = batch.raw.first_record + origin.record;
  record.raw = std::string_view(batch.raw.bytes).substr(origin.begin, origin.end - origin.begin);
  return record;
}

std::uint32_t Ingest::place(std::unique_ptr<DecodedBatch> batch) {
  if (free_places_.empty()) {
    batches_.push_back(std::move(batch));
    return static_cast<std::uint32_t>(batches_.size() - 1);
  }
  const std::uint32_t index = free_places_.back();
  free_places_.pop_back();
  batches_[index] = std::move(batch);
  return index;
}

void Ingest::add(std::unique_ptr<DecodedBatch>& batch) {
  DecodedBatch& added = *batch;
  InputState& input = inputs_[added.input];
  const auto number = static_cast<std::uint32_t>(added.input);
  const std::uint32_t index = place(std::move(batch));
  const std::size_t before = pending_.size();
  for (std::size_t i = 0; i < added.events.events.size(); ++i) {
    Event* event = added.events.events[i];
    if (event->time < std::max(input.watermark(), input.floor)) {
      added.events.bad.push_back(record_of(added, i, BadReason::kLate));
      if (event->stream < late_to_.size()) added.events.bad.back().detail = late_to_[event->stream];
      continue;
    }
    input.greatest = std::max(input.greatest, clamp_time(event->time));
    pending_.push_back({event->time, number, index, event});
  }
  added.unreleased = pending_.size() - before;
  if (added.unreleased == 0) done_.push_back(index);
  merge(before);
}

// Everything before `sorted` is in order already; what was added behind mostly is.
void Ingest::merge(std::size_t sorted) {
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(released_);
  const auto middle = pending_.begin() + static_cast<std::ptrdiff_t>(sorted);
  if (!std::is_sorted(middle, pending_.end())) std::stable_sort(middle, pending_.end());
  if (middle != begin && middle != pending_.end() && *middle < *(middle - 1)) std::inplace_merge(begin, middle, pending_.end());
}

void Ingest::end(std::size_t input) { inputs_[input].ended = true; }

void Ingest::set_idle(std::size_t input, bool idle) {
  InputState& state = inputs_[input];
  state.idle = idle;
}

bool Ingest::releasable(const Pending& pending) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const InputState& other = inputs_[i];
    if (other.ended || other.idle) continue;
    const std::int64_t watermark = other.watermark();
    if (pending.time > watermark || (pending.time == watermark && i < pending.input)) return false;
  }
  return true;
}

std::span<Event* const> Ingest::release(std::size_t limit) {
  events_.clear();
  std::size_t at = released_;
  while (at < pending_.size() && events_.size() < limit && releasable(pending_[at])) {
    const Pending& next = pending_[at++];
    events_.push_back(next.event);
    if (--batches_[next.batch]->unreleased == 0) done_.push_back(next.batch);
  }
  released_ = at;
  if (!events_.empty())
    for (InputState& input : inputs_)
      if (input.idle) input.floor = std::max(input.floor, events_.back()->time);
  if (released_ == pending_.size()) {
    pending_.clear();
    released_ = 0;
  } else if (released_ > pending_.size() / 2) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(released_));
    released_ = 0;
  }
  return events_;
}

std::unique_ptr<DecodedBatch> Ingest::recycle() {
  if (done_.empty()) return nullptr;
  const std::uint32_t index = done_.back();
  done_.pop_back();
  free_places_.push_back(index);
  return std::move(batches_[index]);
}

std::size_t Ingest::slowest() const {
  std::size_t slowest = inputs_.size();
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].ended) continue;
    if (slowest == inputs_.size() || (inputs_[slowest].idle && !inputs_[i].idle) ||
        (inputs_[slowest].idle == inputs_[i].idle && inputs_[i].watermark() < inputs_[slowest].watermark()))
      slowest = i;
  }
  return slowest;
}

}  // namespace sequitur
