// The arithmetic of ChainCounter, for one kind of number: products of matrices that are the identity but for a few ones beside the
// diagonal, of which each stands for an event (see there).
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/tally.hpp"

namespace sequitur {

template <typename Number>
class ChainProducts {
 public:
  explicit ChainProducts(std::uint32_t states) : states_(states), product_(std::size_t{states} * states) { reset_product(); }

  // The product of the back grows by an event. Returns all bits of what has changed.
  Number add(std::uint64_t fits) {
    Number bits{};
    // The highest step first, so that the event does not follow itself.
    while (fits != 0) {
      const auto step = static_cast<std::uint32_t>(std::bit_width(fits)) - 1;
      fits ^= std::uint64_t{1} << step;
      const Number* from = column(step);
      Number* to = column(step + 1);
      for (std::uint32_t row = 0; row <= step; ++row) bits |= to[row] += from[row];
    }
    return bits;
  }

  // The front is made anew, of events that come from the youngest to the oldest; then there is no back. fits_of(i) for i in
  // [begin, end), backwards. Returns as add() does.
  template <typename FitsOf>
  Number make_front(std::size_t begin, std::size_t end, const FitsOf& fits_of) {
    Number bits{};
    work_.assign(std::size_t{states_} * states_, Number{});
    for (std::uint32_t state = 0; state < states_; ++state) work_[state * states_ + state] = one();
    rows_.clear();
    for (std::size_t i = end; i-- > begin;) {
      const std::uint64_t all = fits_of(i);
      for (std::uint64_t fits = all; fits != 0; fits &= fits - 1) {
        const auto step = static_cast<std::uint32_t>(std::countr_zero(fits));
        Number* to = work_.data() + std::size_t{step} * states_;
        const Number* from = to + states_;
        for (std::uint32_t at = step + 1; at < states_; ++at) bits |= to[at] += from[at];
      }
      if ((all & 1) != 0) rows_.insert(rows_.end(), work_.begin(), work_.begin() + states_);
    }
    reset_product();
    return bits;
  }
  // Of the front: the oldest event that may begin a chain leaves.
  void drop_row() { rows_.resize(rows_.size() - states_); }

  // The first row of the front and the last column of the back; the latter alone counts if the former is empty.
  std::span<const Number> row() const { return std::span(rows_).last(rows_.empty() ? 0 : states_); }
  std::span<const Number> last_column() const { return {column(states_ - 1), states_}; }
  // How many chains have come to the state, where there is no front.
  Number& reached(std::uint32_t state) { return column(state)[0]; }
  Number reached(std::uint32_t state) const { return column(state)[0]; }

  void clear() {
    rows_.clear();
    reset_product();
  }
  template <typename Other>
  void take(const ChainProducts<Other>& other) {
    std::transform(other.product_.begin(), other.product_.end(), product_.begin(), [](Other number) { return Number(number); });
    rows_.clear();
    for (const Other number : other.rows_) rows_.emplace_back(number);
  }
  std::size_t memory_bytes() const { return (product_.capacity() + rows_.capacity() + work_.capacity()) * sizeof(Number); }

 private:
  template <typename Other>
  friend class ChainProducts;

  static Number one() { return Number(1); }
  void reset_product() {
    std::fill(product_.begin(), product_.end(), Number{});
    for (std::uint32_t state = 0; state < states_; ++state) column(state)[state] = one();
  }
  Number* column(std::uint32_t number) { return product_.data() + std::size_t{number} * states_; }
  const Number* column(std::uint32_t number) const { return product_.data() + std::size_t{number} * states_; }

  std::uint32_t states_;         // Of a chain: how many events it has.
  std::vector<Number> product_;  // Of the back: states_ x states_, by columns: chains from the state of the row to the column's.
  std::vector<Number> rows_;     // For each of the front that may begin a chain: states_ numbers. The oldest is the last.
  std::vector<Number> work_;     // Of make_front().
};

}  // namespace sequitur
