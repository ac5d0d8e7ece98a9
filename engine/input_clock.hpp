// The watermark of one input: "no event earlier than this comes any more". It never goes back. There are three kinds:
//
//   bounded      the greatest event time so far, less the allowed lateness
//   adaptive     the same, with a lateness that follows what is seen: so that a given share of the latest kWindow events were
//                no further behind the greatest time before them, and never more than a bound. Until kWindow events were seen it is the
//                bound; then it is looked at every kStep events, which costs sorting a part of kWindow numbers.
//   punctuated   what the events themselves say in a field. While they say nothing events wait, but no more than kMostWaiting
//                of them: then the watermark goes on to the earliest.
//
// All depend on the input's events in their order and on nothing else.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "engine/moment.hpp"
#include "sequitur/schema.hpp"

namespace sequitur {

struct InputTiming {
  InputTiming() = default;
  InputTiming(Duration allowed) : lateness(allowed) {}
  // Of an input that can have events of these streams.
  InputTiming(const std::vector<StreamSchema>& schemas, const std::vector<StreamId>& streams) {
    for (const StreamId stream : streams) {
      const StreamSchema& schema = schemas[stream];
      Duration& greatest = schema.lateness_share > 0 ? adaptive_bound : lateness;
      greatest = std::max(greatest, schema.lateness);
      share = std::max(share, schema.lateness_share);
      punctuated = punctuated || schema.watermark_slot.has_value();
      by_arrival = by_arrival || schema.processing_clock;
      if (schema.late == LatePolicy::kRevise) keep = std::max(keep, schema.late_keep);
    }
  }

  Duration lateness{0};        // Fixed: at least this.
  Duration adaptive_bound{0};  // Of an adaptive one,
  double share = 0;            // 0: there is none.
  Duration keep{0};            // The greatest of `late revise`.
  bool punctuated = false;
  bool by_arrival = false;  // Some of its events are of the time of arrival.
};

class InputClock {
 public:
  static constexpr std::size_t kWindow = 1000;
  static constexpr std::size_t kStep = 100;
  static constexpr std::size_t kMostWaiting = 1'000'000;

  explicit InputClock(const InputTiming& timing)
      : fixed_(clamp_time(timing.lateness.count())),
        bound_(std::max(fixed_, clamp_time(timing.adaptive_bound.count()))),
        lateness_(bound_),
        share_(timing.share),
        punctuated_(timing.punctuated) {}

  std::int64_t watermark() const { return watermark_; }
  std::int64_t greatest() const { return greatest_; }
  std::int64_t lateness() const { return lateness_; }
  std::int64_t greatest_delay() const { return greatest_delay_; }
  // Neither late events nor what events say moves the watermark: of several in order it is enough to see the last.
  bool follows_greatest() const { return share_ <= 0 && !punctuated_; }

  // Every event that decodes, late or not, in the order of the input, behind the decision whether it is late.
  void see(std::int64_t time) {
    time = clamp_time(time);
    const std::int64_t delay = greatest_ == -kFarTime || time >= greatest_ ? 0 : greatest_ - time;
    greatest_delay_ = std::max(greatest_delay_, delay);
    if (share_ > 0) adapt(delay);
    greatest_ = std::max(greatest_, time);
    if (punctuated_)
      wait(time);
    else
      reach(greatest_ - lateness_);
  }
  // What an event says in its watermark field.
  void punctuate(std::int64_t watermark) { reach(clamp_time(watermark)); }
  // Of inputs by arrival: time goes on without events.
  void reach(std::int64_t watermark) { watermark_ = std::max(watermark_, watermark); }

 private:
  void wait(std::int64_t time) {
    if (time > watermark_) waiting_.push(time);
    while (!waiting_.empty() && waiting_.top() <= watermark_) waiting_.pop();
    if (waiting_.size() > kMostWaiting) reach(waiting_.top());
  }

  void adapt(std::int64_t delay) {
    if (delays_.size() < kWindow)
      delays_.push_back(delay);
    else
      delays_[seen_ % kWindow] = delay;
    ++seen_;
    if (delays_.size() < kWindow || seen_ % kStep != 0) return;
    sorted_ = delays_;
    // Nearest rank, as `percentile` in rules.
    const auto rank = static_cast<std::size_t>(std::ceil(share_ * static_cast<double>(kWindow)));
    const auto place = sorted_.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, kWindow) - 1);
    std::nth_element(sorted_.begin(), place, sorted_.end());
    lateness_ = std::clamp(*place, fixed_, bound_);
  }

  std::int64_t fixed_, bound_, lateness_;
  double share_;
  bool punctuated_;
  std::int64_t greatest_ = -kFarTime;
  std::int64_t watermark_ = -kFarTime;
  std::int64_t greatest_delay_ = 0;
  std::vector<std::int64_t> delays_, sorted_;  // delays_: a ring.
  std::uint64_t seen_ = 0;
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> waiting_;  // Times of punctuated inputs, earliest first.
};

}  // namespace sequitur
