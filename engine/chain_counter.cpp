#include "engine/chain_counter.hpp"

#include <utility>

namespace sequitur {

ChainCounter::ChainCounter(std::uint32_t steps) : states_(steps + 1), small_(states_), large_(states_) {}

void ChainCounter::outgrow() {
  large_.take(small_);
  is_large_ = true;
}

// And what only those that leave could have led to.
void ChainCounter::drop_oldest_before(std::int64_t time) {
  while (oldest_ < items_.size() && (oldest().time < time || !may_begin(oldest()))) {
    if (oldest_ < back_ && may_begin(oldest())) is_large_ ? large_.drop_row() : small_.drop_row();
    ++oldest_;
  }
  if (oldest_ == items_.size()) return clear();
  count_ = items_.size() - oldest_;
  oldest_time_ = oldest().time;
  if (oldest_ > back_) turn_over();
  if (oldest_ > items_.size() / 2) forget_dropped();
  useful_ = is_large_ ? large_.states_reached() : small_.states_reached();
}

void ChainCounter::forget_dropped() {
  items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(oldest_));
  back_ -= oldest_;
  oldest_ = 0;
}

void ChainCounter::turn_over() {
  const auto fits_of = [&](std::size_t item) { return items_[item].fits; };
  is_large_ = is_large_ || small_.make_front(oldest_, items_.size(), fits_of) >= kSmall;
  if (is_large_) large_.make_front(oldest_, items_.size(), fits_of);
  back_ = items_.size();
}

Tally ChainCounter::complete() const {
  if (is_large_) {
    const std::span<const Tally> row = large_.row(), last = large_.last_column();
    if (row.empty()) return last[0];
    Tally sum;
    for (std::uint32_t state = 0; state < states_; ++state) sum += row[state] * last[state];
    return sum;
  }
  const std::span<const std::uint64_t> row = small_.row(), last = small_.last_column();
  if (row.empty()) return Tally(last[0]);
  Tally::Wide sum = 0;  // Of at most 64 products below 2^120.
  for (std::uint32_t state = 0; state < states_; ++state) sum += static_cast<Tally::Wide>(row[state]) * last[state];
  return Tally::of(sum);
}

void ChainCounter::clear() {
  items_.clear();
  oldest_ = back_ = count_ = 0;
  useful_ = 1;
  oldest_time_ = std::numeric_limits<std::int64_t>::max();
  small_.clear();
  if (std::exchange(is_large_, false)) large_.clear();
}

std::size_t ChainCounter::memory_bytes() const { return items_.capacity() * sizeof(Item) + small_.memory_bytes() + large_.memory_bytes(); }

}  // namespace sequitur
