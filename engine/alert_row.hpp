// The alerts that leave, in a row. It is handed over as a whole at the end of a call, or piece by piece to somebody who takes it so:
// then it stays in the nearest cache, however many alerts there are.
//
// Alerts of matches that one event completes differ in little. So a place keeps what stood there before, and of an alert like it
// only what is not the same is written.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "sequitur/alert.hpp"

namespace sequitur {

using TakeAlerts = std::function<void(std::span<const Alert>)>;

class AlertRow {
 public:
  // What alerts are made after. They are equal but for id and evidence. Those of one `base` are equal but for these, times, fields
  // and key.
  struct Model {
    Alert alert;
    std::uint64_t base = 0;    // Numbers that are never given to another one.
    std::uint64_t number = 0;  // Of base and everything else. Not 0.
  };

  void hand_over_to(TakeAlerts take) { take_ = std::move(take); }
  void clear() { used_ = count_ = 0; }

  // Whether the next alert needs a place that there is not.
  bool is_full() const { return used_ == alerts_.size(); }
  std::size_t room() const { return alerts_.size() - used_; }
  // Makes room; returns whether the alerts so far have been taken, so that nothing that they refer to is needed any more.
  bool make_room() {
    if (used_ >= kPiece && hand_over()) return true;
    alerts_.resize(used_ + kPiece);
    return false;
  }
  // Whatever there is; returns whether it has been taken.
  bool hand_over() {
    if (used_ == 0) return true;
    if (!take_) return false;
    take_({alerts_.data(), used_});
    count_ += used_;
    used_ = 0;
    return true;
  }
  // The next places, at most as many as there is room. The caller writes ids, and turns the evidence.
  Alert* next(const Model& model, std::size_t count) {
    const std::size_t first = std::exchange(used_, used_ + count);
    if (number_ != model.number || !like_number_.reaches(first)) {
      number_ = model.number;
      like_number_ = {first, first};
    }
    if (used_ > like_number_.end) write(model, like_number_.end);
    return alerts_.data() + first;
  }
  void add(const Alert& alert) {
    if (is_full()) make_room();
    like_number_.cut(used_);
    like_base_.cut(used_);
    alerts_[used_++] = alert;
  }

  // Those that nobody has taken.
  std::span<const Alert> rest() const { return {alerts_.data(), used_}; }
  // All since clear().
  std::uint64_t count() const { return count_ + used_; }

 private:
  static constexpr std::size_t kPiece = 128;

  struct Stretch {
    std::size_t begin = 0, end = 0;
    bool reaches(std::size_t place) const { return begin <= place && place <= end; }
    void cut(std::size_t place) {
      if (begin <= place) end = std::min(end, place);
    }
  };

  // From a place to the last one used.
  void write(const Model& model, std::size_t place) {
    if (base_ != model.base || !like_base_.reaches(place)) {
      base_ = model.base;
      like_base_ = {place, place};
    }
    const std::size_t end = std::min(used_, like_base_.end);
    for (; place < end; ++place) {
      Alert& alert = alerts_[place];
      alert.evidence = model.alert.evidence;
      alert.first = model.alert.first;
      alert.last = model.alert.last;
      alert.time = model.alert.time;
      alert.fields = model.alert.fields;
      alert.key = model.alert.key;
    }
    for (; place < used_; ++place) alerts_[place] = model.alert;
    like_base_.end = std::max(like_base_.end, used_);
    like_number_.end = used_;
  }

  std::vector<Alert> alerts_;
  std::uint64_t number_ = 0, base_ = 0;
  Stretch like_number_, like_base_;  // Places whose alerts are like the last model; like its base.
  std::size_t used_ = 0;
  std::uint64_t count_ = 0;
  TakeAlerts take_;
};

}  // namespace sequitur
