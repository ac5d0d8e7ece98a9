// Sums without rounding against adding up from scratch: here by Shewchuk's partial sums, or by whole numbers of 128 bits.
#include "nfa/exact_sum.hpp"

#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace sequitur::nfa {
namespace {

// Owns its memory.
template <typename Kind>
struct Owned : Kind {
  Owned() = default;
  Owned(const Owned&) = delete;
  ~Owned() { this->release(); }
};
using Sum = Owned<ExactSum>;
using Moments = Owned<ExactMoments>;

double sum_of(const std::vector<double>& values) {
  Sum sum;
  for (const double value : values) sum.add(value);
  return sum.rounded();
}

double deviation_of(const std::vector<double>& values) {
  Moments moments;
  for (const double value : values) moments.add(value);
  return moments.deviation(values.size());
}

// The exact sum, rounded once: partial sums that do not overlap (Shewchuk 1997; as in Python's math.fsum).
double from_scratch(const std::vector<double>& values) {
  std::vector<double> partials;
  for (double x : values) {
    std::size_t used = 0;
    for (double y : partials) {
      if (std::abs(x) < std::abs(y)) std::swap(x, y);
      const volatile double high = x + y;
      const volatile double back = high - x;
      const double low = y - back;
      if (low != 0) partials[used++] = low;
      x = high;
    }
    partials.resize(used);
    partials.push_back(x);
  }
  if (partials.empty()) return 0;
  std::size_t n = partials.size();
  double high = partials[--n], low = 0;
  while (n > 0) {
    const double x = high, y = partials[--n];
    high = x + y;
    low = y - (high - x);
    if (low != 0) break;
  }
  // Half an ulp exactly, and more of the same sign below: up, not to even.
  if (n > 0 && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0))) {
    const double y = low * 2, x = high + y;
    if (y == x - high) high = x;
  }
  return high;
}

TEST(ExactSum, OfNothingIsZero) {
  EXPECT_EQ(sum_of({}), 0);
  EXPECT_EQ(sum_of({0.0, -0.0}), 0);
}

TEST(ExactSum, WhatRoundingWouldLoseIsThere) {
  EXPECT_EQ(sum_of({1e16, 1, -1e16}), 1);
  EXPECT_EQ(sum_of({DBL_MAX, 1e-300, -DBL_MAX}), 1e-300);
  EXPECT_EQ(sum_of({0.1, 0.2, 0.3}), 0.6);
  EXPECT_EQ(sum_of(std::vector<double>(10, 0.1)), 1);
}

TEST(ExactSum, TiesGoToEven) {
  constexpr double k2to53 = 9007199254740992;
  EXPECT_EQ(sum_of({k2to53, 1}), k2to53);
  EXPECT_EQ(sum_of({k2to53 + 2, 1}), k2to53 + 4);
  EXPECT_EQ(sum_of({k2to53, 1, DBL_TRUE_MIN}), k2to53 + 2);
  EXPECT_EQ(sum_of({-k2to53, -1}), -k2to53);
  EXPECT_EQ(sum_of({-k2to53, -1, -DBL_TRUE_MIN}), -k2to53 - 2);
}

TEST(ExactSum, ReachesFromTheSmallestFloatToBeyondTheLargest) {
  EXPECT_EQ(sum_of({DBL_TRUE_MIN, DBL_TRUE_MIN}), 2 * DBL_TRUE_MIN);
  EXPECT_EQ(sum_of({DBL_MIN, -DBL_TRUE_MIN}), DBL_MIN - DBL_TRUE_MIN);
  EXPECT_EQ(sum_of({DBL_MAX, DBL_MAX}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(sum_of({-DBL_MAX, -DBL_MAX}), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(sum_of({DBL_MAX, DBL_MAX, -DBL_MAX}), DBL_MAX);
}

TEST(ExactSum, WhatIsNotFiniteAddsNothing) {
  const double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(sum_of({1, infinity, nan, -infinity, 2}), 3);
  Sum sum;
  sum.add(infinity);
  sum.remove(infinity);
  EXPECT_EQ(sum.rounded(), 0);
}

// Both of the narrow and the wide numbers, and what moves from one to the other.
TEST(ExactSum, AfterWhatWentItIsTheSumOfWhatIsLeft) {
  std::mt19937_64 random(7);
  for (const int exponents : {4, 40, 100, 280}) {
    Sum sum;
    std::vector<double> there;
    for (int i = 0; i < 4'000; ++i) {
      if (there.size() > 30 || (!there.empty() && random() % 3 == 0)) {
        const std::size_t gone = random() % there.size();
        sum.remove(there[gone]);
        there.erase(there.begin() + static_cast<std::ptrdiff_t>(gone));
      } else {
        const double mantissa = static_cast<double>(random() % 2'000'001) - 1'000'000;
        const double value = std::ldexp(mantissa * 1.1, static_cast<int>(random() % static_cast<unsigned>(2 * exponents)) - exponents);
        sum.add(value);
        there.push_back(value);
      }
      ASSERT_EQ(sum.rounded(), from_scratch(there)) << there.size() << " values, 2^" << exponents;
    }
  }
}

TEST(ExactSum, SurvivesAsNumbers) {
  for (const std::vector<double>& values : {std::vector<double>{}, {1.25, -7}, {1e-200, 1e200, 3}}) {
    Sum sum, other;
    for (const double value : values) sum.add(value);
    std::vector<std::uint64_t> numbers;
    sum.append_to(numbers);
    std::span<const std::uint64_t> rest(numbers);
    ASSERT_TRUE(other.take_from(rest));
    EXPECT_TRUE(rest.empty());
    other.add(0.5);
    sum.add(0.5);
    EXPECT_EQ(other.rounded(), sum.rounded());
    rest = std::span<const std::uint64_t>(numbers).first(numbers.size() - 1);
    EXPECT_FALSE(other.take_from(rest));
  }
}

TEST(ExactMoments, SmallDifferencesOfLargeValues) {
  // The textbook formula with rounded sums says 0 or a root of something negative here.
  EXPECT_EQ(deviation_of({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}), std::sqrt(30.0));
  EXPECT_EQ(deviation_of({1e15, 1e15 + 1}), std::sqrt(0.5));
  EXPECT_EQ(deviation_of({4, 7, 13, 16}), std::sqrt(30.0));
}

TEST(ExactMoments, EqualValuesDoNotDeviate) {
  EXPECT_EQ(deviation_of({0.1, 0.1, 0.1}), 0);
  EXPECT_EQ(deviation_of({1e300, 1e300}), 0);
  EXPECT_EQ(deviation_of({0, -0.0}), 0);
}

TEST(ExactMoments, SquaresThatNoFloatHolds) {
  EXPECT_DOUBLE_EQ(deviation_of({1e200, 3e200}), std::sqrt(2.0) * 1e200);
  EXPECT_DOUBLE_EQ(deviation_of({1e-200, 3e-200}), std::sqrt(2.0) * 1e-200);
  EXPECT_DOUBLE_EQ(deviation_of({DBL_MAX, 0}), DBL_MAX / std::sqrt(2.0));
  EXPECT_EQ(deviation_of({0, 2 * DBL_TRUE_MIN}), DBL_TRUE_MIN);
}

// Whole numbers: sums and squares by 128 bits.
TEST(ExactMoments, AgreesWithWholeNumbersWhileTheyComeAndGo) {
  __extension__ using Whole = __int128;
  std::mt19937_64 random(11);
  Moments moments;
  std::vector<std::int64_t> there;
  for (int i = 0; i < 5'000; ++i) {
    if (there.size() > 20) {
      moments.remove(static_cast<double>(there.front()));
      there.erase(there.begin());
    }
    const auto value = static_cast<std::int64_t>(random() % 2'000) + (i % 500 < 250 ? 1'000'000'000'000 : -5);
    moments.add(static_cast<double>(value));
    there.push_back(value);
    if (there.size() < 2) continue;
    Whole sum = 0, squares = 0;
    for (const std::int64_t one : there) {
      sum += one;
      squares += static_cast<Whole>(one) * one;
    }
    const auto n = static_cast<Whole>(there.size());
    const double expected = std::sqrt(static_cast<double>(n * squares - sum * sum) / static_cast<double>(n * (n - 1)));
    ASSERT_EQ(moments.deviation(there.size()), expected) << i;
  }
}

}  // namespace
}  // namespace sequitur::nfa
