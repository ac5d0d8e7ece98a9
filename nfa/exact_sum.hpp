// Sums of floats without rounding: what was added can be taken away again, the order does not matter, and only the result
// is rounded, once, to the nearest float (ties to even). So a window can be kept incrementally and still says, bit for bit,
// what adding up its events from scratch would say.
//
// Idea: a float is a whole number times a power of two, so a wide enough integer holds every sum (Kulisch's accumulator).
// Values that are multiples of 2^-60 and below 2^40, as amounts, prices and measurements are, need 128 bits; for any other
// value a wide integer of all 2,176 bits is made when the first one comes. Squares, for the deviation, need twice the bits.
// At most 2^26 values. tests/differential compares it with tests/reference/exact.cpp, arbitrary precision.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sequitur::nfa {

// All zero is the empty sum, so that it may live in memory that was only cleared. release() before it goes.
class ExactSum {
 public:
  void add(double value) { change(value, false); }
  void remove(double value) { change(value, true); }
  double rounded() const;  // Infinite if it does not fit.
  void release();

  // As numbers, and back from as many of them as are needed (false: there were too few).
  void append_to(std::vector<std::uint64_t>& numbers) const;
  bool take_from(std::span<const std::uint64_t>& numbers);

 private:
  friend class ExactMoments;
  void change(double value, bool remove);

  std::uint64_t low_ = 0;  // The two halves of a 128-bit number of 2^-60.
  std::uint64_t high_ = 0;
  std::uint64_t wide_values_ = 0;  // How many of the values are in wide_.
  std::uint64_t* wide_ = nullptr;  // A number of 2^-1074.
};

// The sum and the sum of squares.
class ExactMoments {
 public:
  void add(double value) { change(value, false); }
  void remove(double value) { change(value, true); }
  // Of a sample of `count` values, that is what was added and not removed: sqrt((n * sum of squares - square of the sum) /
  // (n * (n - 1))), where only the difference (to 53 bits), the division and the root round. `count` is 2 or more.
  double deviation(std::uint64_t count) const;
  void release();

  void append_to(std::vector<std::uint64_t>& numbers) const;
  bool take_from(std::span<const std::uint64_t>& numbers);

 private:
  void change(double value, bool remove);

  ExactSum sum_;
  std::uint64_t squares_[4] = {};  // A number of 2^-120.
  std::uint64_t* wide_ = nullptr;  // A number of 2^-2148.
};

}  // namespace sequitur::nfa
