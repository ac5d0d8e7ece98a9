#include "engine/ingest.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace sequitur {
namespace {

std::unique_ptr<DecodedBatch> batch_of(std::size_t input, const std::vector<std::int64_t>& times) {
  auto batch = std::make_unique<DecodedBatch>();
  batch->input = input;
  StreamSchema schema;
  for (std::size_t i = 0; i < times.size(); ++i) {
    Event& event = make_event(batch->events.arena, schema, Timestamp{Duration{times[i]}});
    batch->events.events.push_back(&event);
    batch->events.origins.push_back({0, 0, static_cast<std::uint32_t>(i)});
  }
  return batch;
}

std::vector<std::int64_t> released(Ingest& ingest, std::size_t limit = 1000) {
  std::vector<std::int64_t> times;
  for (const Event* event : ingest.release(limit)) times.push_back(event->time);
  while (ingest.recycle()) {}
  return times;
}

std::size_t add(Ingest& ingest, std::size_t input, const std::vector<std::int64_t>& times) {
  auto batch = batch_of(input, times);
  DecodedBatch& kept = *batch;
  ingest.add(batch);
  return kept.events.bad.size();
}

using Times = std::vector<std::int64_t>;

TEST(Ingest, OrdersWithinLateness) {
  Ingest ingest({Duration{10}});
  EXPECT_EQ(add(ingest, 0, {5, 3, 12, 7}), 0u);
  EXPECT_EQ(released(ingest), Times{});  // The watermark is 2.
  EXPECT_EQ(add(ingest, 0, {20}), 0u);
  EXPECT_EQ(released(ingest), (Times{3, 5, 7}));
  ingest.end(0);
  EXPECT_EQ(released(ingest), (Times{12, 20}));
}

TEST(Ingest, AnEventBeforeTheWatermarkIsLateAndAnEqualOneIsNot) {
  Ingest ingest({Duration{10}});
  EXPECT_EQ(add(ingest, 0, {100, 90, 89, 95}), 1u);
  ingest.end(0);
  EXPECT_EQ(released(ingest), (Times{90, 95, 100}));
}

TEST(Ingest, WaitsForTheSlowestInput) {
  Ingest ingest({Duration{0}, Duration{0}});
  add(ingest, 0, {1, 2, 3, 4});
  EXPECT_EQ(released(ingest), Times{});
  EXPECT_EQ(ingest.slowest(), 1u);
  add(ingest, 1, {2});
  EXPECT_EQ(released(ingest), (Times{1, 2, 2}));
  ingest.end(1);
  EXPECT_EQ(released(ingest), (Times{3, 4}));
}

TEST(Ingest, AnIdleInputHoldsNobodyBackAndItsOldEventsAreLate) {
  Ingest ingest({Duration{0}, Duration{0}});
  add(ingest, 0, {10, 20});
  ingest.set_idle(1, true);
  EXPECT_EQ(released(ingest), (Times{10, 20}));
  ingest.set_idle(1, false);
  EXPECT_EQ(add(ingest, 1, {15, 25}), 1u);
}

TEST(Ingest, AnyBatchesAndAnyReadingOrderGiveOneOrder) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const std::size_t inputs = 1 + random() % 3;
    std::vector<Times> times(inputs);
    Times all;
    for (Times& of_input : times) {
      for (int i = 0; i < 40; ++i) of_input.push_back(i * 3 + static_cast<int>(random() % 7));
      all.insert(all.end(), of_input.begin(), of_input.end());
    }
    std::sort(all.begin(), all.end());
    Ingest ingest(std::vector<InputTiming>(inputs, Duration{7}));
    std::vector<std::size_t> at(inputs, 0);
    Times result;
    for (std::size_t done = 0; done < inputs;) {
      const std::size_t input = random() % inputs;
      if (!ingest.active(input)) continue;
      const std::size_t count = std::min<std::size_t>(random() % 6, times[input].size() - at[input]);
      const auto begin = times[input].begin() + static_cast<std::ptrdiff_t>(at[input]);
      EXPECT_EQ(add(ingest, input, Times(begin, begin + static_cast<std::ptrdiff_t>(count))), 0u);
      at[input] += count;
      if (at[input] == times[input].size()) {
        ingest.end(input);
        ++done;
      }
      const Times piece = released(ingest, 1 + random() % 10);
      result.insert(result.end(), piece.begin(), piece.end());
    }
    const Times rest = released(ingest, 100'000);
    result.insert(result.end(), rest.begin(), rest.end());
    ASSERT_EQ(result, all);
    ASSERT_EQ(ingest.pending(), 0u);
  }
}

}  // namespace
}  // namespace sequitur
