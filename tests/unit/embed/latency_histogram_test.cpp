// The histogram of the trading example and of the benchmarks beside all values in a list.
#include "examples/trading/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace {

TEST(LatencyHistogramTest, IsRightToOnePartIn64) {
  LatencyHistogram histogram;
  std::vector<std::uint64_t> values;
  std::uint64_t random = 1;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    values.push_back((random >> 20) >> (random % 44));  // Of every size.
    histogram.add(values.back());
  }
  std::sort(values.begin(), values.end());
  EXPECT_EQ(histogram.count(), values.size());
  EXPECT_EQ(histogram.greatest(), values.back());
  for (const double percent : {0.01, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const auto at = std::max<std::size_t>(1, static_cast<std::size_t>(percent / 100 * static_cast<double>(values.size()) + 0.999999));
    const std::uint64_t exact = values[at - 1], found = histogram.percentile(percent);
    EXPECT_GE(found, exact) << percent;
    EXPECT_LE(found, exact + exact / 64) << percent;
  }
}

TEST(LatencyHistogramTest, SmallValuesAreExact) {
  LatencyHistogram histogram;
  for (std::uint64_t value = 0; value < 128; ++value) histogram.add(value);
  for (std::uint64_t value = 0; value < 128; ++value) EXPECT_EQ(histogram.percentile(static_cast<double>(value + 1) * 100 / 128), value);
  EXPECT_DOUBLE_EQ(histogram.mean(), 63.5);
}

TEST(LatencyHistogramTest, HoldsNothingAndTheLargestValue) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.percentile(50), 0u);
  EXPECT_EQ(histogram.mean(), 0);
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
  histogram.add(kLargest);
  EXPECT_EQ(histogram.percentile(100), kLargest);
  EXPECT_EQ(histogram.count(), 1u);
}

}  // namespace
