// The alerts that leave, in a row. It is handed over as a whole at the end of a call, or piece by piece to somebody who takes it so:
// then it stays in the nearest cache, however many alerts there are.
#pragma once

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
  void hand_over_to(TakeAlerts take) { take_ = std::move(take); }
  void clear() { used_ = count_ = 0; }

  // Whether the next alert needs a place that there is not.
  bool is_full() const { return used_ == alerts_.size(); }
  std::size_t room() const { return alerts_.size() - used_; }
  // Makes room; returns whether the alerts so far have been taken, so that nothing that they refer to is needed any more.
  bool make_room() {
    if (take_ && used_ >= kPiece) {
      take_({alerts_.data(), used_});
      count_ += used_;
      used_ = 0;
      return true;
    }
    alerts_.resize(used_ + kPiece);
    models_.resize(used_ + kPiece);
    return false;
  }
  // The next place, with what stood there before: an alert that was copied from model number `model`, if it has this number.
  Alert& next(const Alert& model, std::uint64_t number) {
    if (models_[used_] != number) {
      alerts_[used_] = model;
      models_[used_] = number;
    }
    return alerts_[used_++];
  }
  void add(const Alert& alert) {
    if (is_full()) make_room();
    next(alert, ++other_models_);
  }

  // Those that nobody has taken.
  std::span<const Alert> rest() const { return {alerts_.data(), used_}; }
  // All since clear().
  std::uint64_t count() const { return count_ + used_; }

 private:
  static constexpr std::size_t kPiece = 256;

  std::vector<Alert> alerts_;
  std::vector<std::uint64_t> models_;
  std::uint64_t other_models_ = std::uint64_t{1} << 63;
  std::size_t used_ = 0;
  std::uint64_t count_ = 0;
  TakeAlerts take_;
};

}  // namespace sequitur
