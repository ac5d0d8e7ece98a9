// The arithmetic of ChainCounter, for one kind of number: products of matrices that are the identity but for a few ones beside the
// diagonal, of which each stands for an event (see there).
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/tally.hpp"

namespace sequitur {

template <typename Number>
class ChainProducts {
 public:
  explicit ChainProducts(std::uint32_t states)
      : states_(states), width_((states + 1) & ~1u), product_(std::size_t{states} * width_), filled_(states) {
    reset_product();
  }

  // The product of the back grows by an event. Returns all bits of what has changed.
  Number add(std::uint64_t fits) {
    Bits bits{};
    // The highest step first, so that the event does not follow itself.
    while (fits != 0) {
      const auto step = static_cast<std::uint32_t>(63 ^ std::countl_zero(fits));
      fits ^= std::uint64_t{1} << step;
      const Number* from = column(step);
      Number* to = column(step + 1);
      filled_[step + 1] |= filled_[step];
      for (std::uint32_t row = 0; row < width_; row += 2) add_two(to + row, from + row, bits);
    }
    return all_of(bits);
  }

  // The front is made anew, of events that come from the youngest to the oldest; then there is no back. fits_of(i) for i in
  // [begin, end), backwards. Returns as add() does.
  template <typename FitsOf>
  Number make_front(std::size_t begin, std::size_t end, const FitsOf& fits_of) {
    Bits bits{};
    work_.assign(product_.size(), Number{});
    for (std::uint32_t state = 0; state < states_; ++state) work_[state * width_ + state] = one();
    rows_.clear();
    row_fill_.clear();
    for (std::uint32_t state = 0; state < states_; ++state) filled_[state] = std::uint64_t{1} << state;  // Of the rows of work_.
    for (std::size_t i = end; i-- > begin;) {
      const std::uint64_t all = fits_of(i);
      for (std::uint64_t fits = all; fits != 0; fits &= fits - 1) {
        const auto step = static_cast<std::uint32_t>(std::countr_zero(fits));
        Number* const row = work_.data() + std::size_t{step} * width_;
        filled_[step] |= filled_[step + 1];
        for (std::uint32_t at = 0; at < width_; at += 2) add_two(row + at, row + width_ + at, bits);
      }
      if ((all & 1) == 0) continue;
      rows_.insert(rows_.end(), work_.begin(), work_.begin() + states_);
      row_fill_.push_back(filled_[0]);
    }
    reset_product();
    return all_of(bits);
  }
  // Of the front: the oldest event that may begin a chain leaves.
  void drop_row() {
    rows_.resize(rows_.size() - states_);
    row_fill_.pop_back();
  }
  // Bit j: some chain has come to state j, or it is the first state.
  std::uint64_t states_reached() const {
    const std::uint64_t front = row_fill_.empty() ? 1 : row_fill_.back();
    std::uint64_t result = 1;
    for (std::uint32_t state = 1; state < states_; ++state) result |= std::uint64_t{(front & filled_[state]) != 0} << state;
    return result;
  }

  // The first row of the front and the last column of the back; the latter alone counts if the former is empty.
  std::span<const Number> row() const { return std::span(rows_).last(rows_.empty() ? 0 : states_); }
  std::span<const Number> last_column() const { return {column(states_ - 1), states_}; }
  // How many chains have come to the state, where there is no front.
  void set_reached(std::uint32_t state, Number number, bool any) {
    column(state)[0] = number;
    filled_[state] = (filled_[state] & ~std::uint64_t{1}) | std::uint64_t{any};
  }
  Number reached(std::uint32_t state) const { return column(state)[0]; }

  void clear() {
    rows_.clear();
    row_fill_.clear();
    reset_product();
  }
  template <typename Other>
  void take(const ChainProducts<Other>& other) {
    std::transform(other.product_.begin(), other.product_.end(), product_.begin(), [](Other number) { return Number(number); });
    rows_.clear();
    for (const Other number : other.rows_) rows_.emplace_back(number);
    filled_ = other.filled_;
    row_fill_ = other.row_fill_;
  }
  std::size_t memory_bytes() const {
    return (product_.capacity() + rows_.capacity() + work_.capacity()) * sizeof(Number) +
           (filled_.capacity() + row_fill_.capacity()) * sizeof(std::uint64_t);
  }

 private:
  template <typename Other>
  friend class ChainProducts;

  static Number one() { return Number(1); }
  // Two at a time, as processors do it; of a whole row or column, since on the empty side of the diagonal nothing is added, and a number
  // of turns that depends on the step would be guessed wrongly most of the time.
  static void add_two(Tally* to, const Tally* from, Tally&) {
    to[0] += from[0];
    to[1] += from[1];
  }
  using Two [[gnu::vector_size(16)]] = std::uint64_t;
  static void add_two(std::uint64_t* to, const std::uint64_t* from, Two& bits) {
    Two sum, more;
    std::memcpy(&sum, to, sizeof sum);
    std::memcpy(&more, from, sizeof more);
    sum += more;
    bits |= sum;
    std::memcpy(to, &sum, sizeof sum);
  }
  using Bits = std::conditional_t<std::is_same_v<Number, std::uint64_t>, Two, Tally>;
  static Number all_of(Tally) { return {}; }
  static Number all_of(Two bits) { return bits[0] | bits[1]; }

  void reset_product() {
    std::fill(product_.begin(), product_.end(), Number{});
    for (std::uint32_t state = 0; state < states_; ++state) {
      column(state)[state] = one();
      filled_[state] = std::uint64_t{1} << state;
    }
  }
  Number* column(std::uint32_t number) { return product_.data() + std::size_t{number} * width_; }
  const Number* column(std::uint32_t number) const { return product_.data() + std::size_t{number} * width_; }

  std::uint32_t states_;                 // Of a chain: how many events it has.
  std::uint32_t width_;                  // Of a row or column: the same, made even.
  std::vector<Number> product_;          // Of the back, by columns: chains from the state of the row to the column's.
  std::vector<Number> rows_;             // For each of the front that may begin a chain: states_ numbers. The oldest is the last.
  std::vector<Number> work_;             // Of make_front().
  std::vector<std::uint64_t> filled_;    // By column: which of its rows are not 0.
  std::vector<std::uint64_t> row_fill_;  // By row of the front: which of its columns.
};

}  // namespace sequitur
