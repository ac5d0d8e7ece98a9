#include "engine/chain_counter.hpp"

#include <algorithm>

namespace sequitur {

ChainCounter::ChainCounter(std::uint32_t steps) : states_(steps + 1) {
  product_.resize(std::size_t{states_} * states_);
  reset_product();
}

void ChainCounter::reset_product() {
  std::fill(product_.begin(), product_.end(), Tally{});
  for (std::uint32_t state = 0; state < states_; ++state) back_product(state, state) = Tally::one();
}

void ChainCounter::add(std::int64_t time, std::uint64_t sequence, std::uint64_t fits, bool windowed) {
  if (!started_ && (fits & 1) == 0) return;  // Nothing that it could follow.
  if (windowed || !started_) back_.push_back({time, sequence, fits});
  started_ = true;
  // The highest step first, so that the event does not follow itself.
  for (std::uint32_t step = states_ - 1; step-- > 0;) {
    if ((fits >> step & 1) == 0) continue;
    for (std::uint32_t row = 0; row <= step; ++row) back_product(row, step + 1) += back_product(row, step);
  }
}

void ChainCounter::drop_before(std::int64_t time) {
  while (size() > 0 && oldest().time < time) drop_oldest();
  while (size() > 0 && (oldest().fits & 1) == 0) drop_oldest();
  if (size() == 0 && started_) clear();
}

void ChainCounter::drop_oldest() {
  if (front_.empty()) turn_over();
  front_.pop_back();
  rows_.resize(front_.size() * states_);
}

// From the youngest event to the oldest: the product from it to the end, of which the first row is kept.
void ChainCounter::turn_over() {
  work_.assign(std::size_t{states_} * states_, Tally{});
  for (std::uint32_t state = 0; state < states_; ++state) work_[state * states_ + state] = Tally::one();
  rows_.clear();
  for (std::size_t i = back_.size(); i-- > 0;) {
    const Item& item = back_[i];
    for (std::uint32_t step = 0; step + 1 < states_; ++step) {
      if ((item.fits >> step & 1) == 0) continue;
      for (std::uint32_t column = step + 1; column < states_; ++column)
        work_[step * states_ + column] += work_[(step + 1) * states_ + column];
    }
    front_.push_back(item);
    rows_.insert(rows_.end(), work_.begin(), work_.begin() + states_);
  }
  back_.clear();
  reset_product();
}

Tally ChainCounter::complete() const {
  const std::uint32_t last = states_ - 1;
  if (front_.empty()) return product_[last];
  const Tally* row = rows_.data() + (front_.size() - 1) * states_;
  Tally sum;
  for (std::uint32_t state = 0; state < states_; ++state) sum += row[state] * product_[state * states_ + last];
  return sum;
}

void ChainCounter::clear() {
  started_ = false;
  back_.clear();
  front_.clear();
  rows_.clear();
  reset_product();
}

std::size_t ChainCounter::memory_bytes() const {
  return (back_.capacity() + front_.capacity()) * sizeof(Item) +
         (product_.capacity() + rows_.capacity() + work_.capacity()) * sizeof(Tally);
}

}  // namespace sequitur
