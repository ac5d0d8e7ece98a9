#include "engine/ingest.hpp"

#include <algorithm>

#include "engine/moment.hpp"

namespace sequitur {

Ingest::Ingest(const std::vector<InputTiming>& inputs, std::span<const StreamSchema> schemas) : schemas_(schemas), sides_(schemas.size()) {
  for (const InputTiming& timing : inputs) inputs_.push_back({InputClock(timing), clamp_time(timing.keep.count())});
  for (const StreamSchema& schema : schemas) {
    punctuated_ = punctuated_ || schema.watermark_slot.has_value();
    if (schema.late != LatePolicy::kTo) continue;
    for (const StreamSchema& side : schemas)
      if (side.name == schema.late_to) sides_[schema.id].schema = &side;
    if (sides_[schema.id].schema == nullptr) continue;
    for (const Field& field : sides_[schema.id].schema->fields) {
      SlotIndex from = schema.find(field.name).value_or(-1);
      if (field.name == kOwnTimeField && schema.time_slot != kTimeSlot &&
          schema.fields[static_cast<std::size_t>(schema.time_slot)].name == "time")
        from = schema.time_slot;
      sides_[schema.id].slots.push_back(from);
    }
  }
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
  const std::uint32_t index = place(std::move(batch));
  const std::size_t before = pending_.size();
  const bool in_order = append_in_order(added, index, input);
  if (!in_order) append_each(added, index, input);
  added.unreleased = pending_.size() - before;
  if (added.unreleased == 0) done_.push_back(index);
  merge(before, in_order);
}

// Most batches: no event is earlier than one before it, so none is late. False, and nothing done, for others.
bool Ingest::append_in_order(const DecodedBatch& added, std::uint32_t place, InputState& input) {
  if (punctuated_ || !input.clock.follows_greatest()) return false;
  const std::vector<Event*>& events = added.events.events;
  const auto number = static_cast<std::uint32_t>(added.input);
  const std::size_t before = pending_.size();
  std::int64_t latest = std::max({input.clock.greatest(), input.watermark(), input.floor});
  for (Event* event : events) {
    if (event->time < latest) {
      pending_.resize(before);
      return false;
    }
    latest = event->time;
    pending_.push_back({latest, number, place, event, false});
  }
  input.events += events.size();
  if (!events.empty()) input.clock.see(latest);
  return true;
}

void Ingest::append_each(DecodedBatch& added, std::uint32_t place, InputState& input) {
  const auto number = static_cast<std::uint32_t>(added.input);
  for (std::size_t i = 0; i < added.events.events.size(); ++i) {
    Event* event = added.events.events[i];
    const std::int64_t watermark = std::max(input.watermark(), input.floor);
    if (event->time < watermark) {
      take_late(added, i, place, input, watermark);
    } else {
      pending_.push_back({event->time, number, place, event, false});
      ++input.events;
    }
    input.clock.see(event->time);
    if (event->stream >= schemas_.size() || !schemas_[event->stream].watermark_slot) continue;
    const Slot said = event->get(*schemas_[event->stream].watermark_slot);
    if (!said.is_null(Type::kTime)) input.clock.punctuate(said.i);
  }
}

void Ingest::take_late(DecodedBatch& batch, std::size_t number, std::uint32_t place, InputState& input, std::int64_t watermark) {
  Event* event = batch.events.events[number];
  const auto input_number = static_cast<std::uint32_t>(batch.input);
  const StreamSchema* schema = event->stream < schemas_.size() ? &schemas_[event->stream] : nullptr;
  if (schema != nullptr && schema->late == LatePolicy::kRevise && event->time >= watermark - clamp_time(schema->late_keep.count())) {
    ++input.revised;
    pending_.push_back({watermark, input_number, place, event, true});
    return;
  }
  ++input.late;
  if (schema != nullptr && schema->table) ++late_changes_;
  batch.events.bad.push_back(record_of(batch, number, BadReason::kLate));
  if (schema == nullptr || sides_[event->stream].schema == nullptr) return;
  const SideStream& side = sides_[event->stream];
  batch.events.bad.back().detail = side.schema->name;
  Event& beside = make_event(batch.events.arena, *side.schema, Timestamp{Duration{watermark}});
  for (std::size_t i = 0; i < side.slots.size(); ++i)
    if (side.slots[i] >= 0) beside.slots()[i] = event->slots()[side.slots[i]];
  pending_.push_back({watermark, input_number, place, &beside, false});
}

// Everything before `sorted` is in order already; what was added behind mostly is.
void Ingest::merge(std::size_t sorted, bool in_order) {
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(released_);
  const auto middle = pending_.begin() + static_cast<std::ptrdiff_t>(sorted);
  if (!in_order && !std::is_sorted(middle, pending_.end())) std::stable_sort(middle, pending_.end());
  if (middle != begin && middle != pending_.end() && *middle < *(middle - 1)) std::inplace_merge(begin, middle, pending_.end());
}

void Ingest::end(std::size_t input) { inputs_[input].ended = true; }

void Ingest::set_idle(std::size_t input, bool idle) {
  InputState& state = inputs_[input];
  state.idle = idle;
}

Ingest::Horizon Ingest::horizon() const {
  Horizon least{kFarTime, inputs_.size()};
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    if (!inputs_[i].ended && !inputs_[i].idle && inputs_[i].watermark() < least.time) least = {inputs_[i].watermark(), i};
  return least;
}

// Within the horizon; of what is not it counts who holds it back.
bool Ingest::releasable(const Pending& pending) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    InputState& other = inputs_[i];
    if (other.ended || other.idle) continue;
    const std::int64_t watermark = other.watermark();
    if (pending.time < watermark || (pending.time == watermark && i >= pending.input)) continue;
    if (i != pending.input) ++other.held_back;
    return false;
  }
  return true;
}

std::span<Event* const> Ingest::release(std::size_t limit) { return release(limit, false); }

// Late events that follow each other are handed out together, so it must be known that no more can come between them: the
// next event in time stands behind them, or nothing comes any more. (Where inputs are cut would show otherwise.)
std::span<Event* const> Ingest::release_late() {
  std::size_t end = released_;
  while (end < pending_.size() && pending_[end].revise) ++end;
  const bool complete = end < pending_.size() ? releasable(pending_[end]) : slowest() == inputs_.size();
  if (end == released_ || !complete) return {};
  return release(end - released_, true);
}

void Ingest::hand_out(std::span<const Pending> released) {
  events_.resize(released.size());
  released_inputs_.resize(released.size());
  for (std::size_t i = 0; i < released.size(); ++i) {
    events_[i] = released[i].event;
    released_inputs_[i] = released[i].input;
  }
  // Mostly many in a row are of one batch.
  for (std::size_t i = 0; i < released.size();) {
    const std::uint32_t batch = released[i].batch;
    std::size_t next = i + 1;
    while (next < released.size() && released[next].batch == batch) ++next;
    batches_[batch]->unreleased -= next - i;
    if (batches_[batch]->unreleased == 0) done_.push_back(batch);
    i = next;
  }
  if (released.empty()) return;
  for (InputState& input : inputs_)
    if (input.idle) input.floor = std::max(input.floor, released.back().time);
}

std::span<Event* const> Ingest::release(std::size_t limit, bool late) {
  if (inputs_.size() > 1) note_lags();
  const Horizon within = horizon();
  const std::size_t most = released_ + std::min(limit, pending_.size() - released_);
  std::size_t end = released_;
  while (end < most && pending_[end].revise == late && within.holds(pending_[end])) ++end;
  if (end < most && pending_[end].revise == late) releasable(pending_[end]);
  hand_out(std::span(pending_).subspan(released_, end - released_));
  released_ = end;
  if (released_ == pending_.size()) {
    pending_.clear();
    released_ = 0;
  } else if (released_ > pending_.size() / 2) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(released_));
    released_ = 0;
  }
  return events_;
}

std::int64_t Ingest::watermark() const {
  std::int64_t least = kFarTime - 1;
  bool any = false;
  for (const InputState& input : inputs_) {
    if (input.ended || input.idle) continue;
    least = std::min(least, input.watermark());
    any = true;
  }
  return any ? least : -kFarTime;
}

std::int64_t Ingest::settled() const {
  std::int64_t least = kFarTime - 1, keep = 0;
  for (const InputState& input : inputs_) {
    keep = std::max(keep, input.keep);
    if (!input.ended) least = std::min(least, std::max(input.watermark(), input.floor) - input.keep);
  }
  // Late ones among those that wait missed a watermark that is no earlier than the next in the order.
  if (released_ < pending_.size()) least = std::min(least, pending_[released_].time - keep);
  return least;
}

// How far the watermark of each input is behind the furthest one.
void Ingest::note_lags() {
  std::int64_t furthest = -kFarTime;
  for (const InputState& input : inputs_) furthest = std::max(furthest, input.watermark());
  for (InputState& input : inputs_)
    if (!input.ended && input.watermark() != -kFarTime) input.greatest_lag = std::max(input.greatest_lag, furthest - input.watermark());
}

void Ingest::summarize(std::vector<InputSummary>& inputs) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const InputState& input = inputs_[i];
    InputSummary& summary = inputs[i];
    summary.events = input.events;
    summary.late = input.late;
    summary.revised = input.revised;
    summary.held_back = input.held_back;
    summary.greatest = input.clock.greatest() == -kFarTime ? kBeginningOfTime : Timestamp{Duration{input.clock.greatest()}};
    summary.lateness = Duration{input.clock.lateness()};
    summary.greatest_delay = Duration{input.clock.greatest_delay()};
    summary.greatest_lag = Duration{input.greatest_lag};
  }
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
