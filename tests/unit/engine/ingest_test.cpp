#include "engine/ingest.hpp"

#include <algorithm>
#include <random>
#include <string>

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

StreamSchema reading(LatePolicy late) {
  StreamSchema schema;
  schema.name = "reading";
  schema.fields.resize(2);
  schema.fields[0].name = "ts";
  schema.fields[0].type = Type::kTime;
  schema.fields[1].name = "n";
  schema.fields[1].type = Type::kInt;
  schema.time_slot = 0;
  schema.late = late;
  schema.late_to = "old";
  schema.late_keep = Duration{20};
  return schema;
}

// What comes out, call by call: times, late ones in brackets.
std::string all_released(Ingest& ingest) {
  std::string text;
  for (bool more = true; more;) {
    const std::span<Event* const> late = ingest.release_late();
    for (const Event* event : late) text += "[" + std::to_string(event->time) + "]";
    more = !late.empty();
    const std::span<Event* const> events = ingest.release(100);
    for (const Event* event : events) text += " " + std::to_string(event->stream) + ":" + std::to_string(event->time);
    more = more || !events.empty();
  }
  while (ingest.recycle()) {}
  return text;
}

std::unique_ptr<DecodedBatch> readings(const StreamSchema& schema, const std::vector<std::int64_t>& times) {
  auto batch = std::make_unique<DecodedBatch>();
  for (std::size_t i = 0; i < times.size(); ++i) {
    Event& event = make_event(batch->events.arena, schema, Timestamp{Duration{times[i]}});
    event.slot(0) = Slot::of_int(times[i]);
    event.slot(1) = Slot::of_int(static_cast<std::int64_t>(i));
    batch->events.events.push_back(&event);
    batch->events.origins.push_back({0, 0, static_cast<std::uint32_t>(i)});
  }
  return batch;
}

TEST(Ingest, ALateEventIsToBeRevisedAtTheWatermarkThatItMissed) {
  for (const std::size_t cut : {0u, 2u, 3u, 4u, 6u}) {
    const std::vector<StreamSchema> schemas{reading(LatePolicy::kRevise)};
    Ingest ingest({Duration{10}}, schemas);
    const std::vector<std::int64_t> times{100, 85, 80, 95, 130, 101, 99, 140};  // Watermarks before: none, 90, 90, 90, 90, 120, 120, 120.
    std::string text;
    std::size_t bad = 0;
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(cut);
    for (const auto& part : {std::vector<std::int64_t>(times.begin(), middle), std::vector<std::int64_t>(middle, times.end())}) {
      auto batch = readings(schemas[0], part);
      DecodedBatch& kept = *batch;
      ingest.add(batch);
      bad += kept.events.bad.size();
      text += all_released(ingest);
    }
    ingest.end(0);
    text += all_released(ingest);
    EXPECT_EQ(text, "[85][80] 0:95 0:100[101] 0:130 0:140") << cut;
    EXPECT_EQ(bad, 1u);  // 99 is more than 20 behind.
  }
}

TEST(Ingest, ALateEventGoesBesideAtTheWatermarkThatItMissed) {
  std::vector<StreamSchema> schemas{reading(LatePolicy::kTo), reading(LatePolicy::kDrop)};
  schemas[1].id = 1;
  schemas[1].name = "old";
  schemas[1].time_slot = kTimeSlot;
  std::reverse(schemas[1].fields.begin(), schemas[1].fields.end());
  Ingest ingest({Duration{10}}, schemas);
  auto batch = readings(schemas[0], {100, 85, 95});
  DecodedBatch& kept = *batch;
  ingest.add(batch);
  ASSERT_EQ(kept.events.bad.size(), 1u);
  EXPECT_EQ(kept.events.bad[0].detail, "old");
  ingest.end(0);
  const std::span<Event* const> events = ingest.release(10);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0]->stream, 1u);
  EXPECT_EQ(events[0]->time, 90);
  EXPECT_EQ(events[0]->slots()[0].i, 1);   // n
  EXPECT_EQ(events[0]->slots()[1].i, 85);  // ts
  std::vector<InputSummary> summary(1);
  ingest.summarize(summary);
  EXPECT_EQ(summary[0].events, 2u);
  EXPECT_EQ(summary[0].late, 1u);
  EXPECT_EQ(summary[0].greatest_delay, Duration{15});
}

TEST(Ingest, SaysWhichInputTheOthersWaitFor) {
  Ingest ingest({Duration{0}, Duration{0}});
  add(ingest, 0, {10, 20, 500});
  add(ingest, 1, {15});
  released(ingest);
  add(ingest, 1, {30});
  released(ingest);
  std::vector<InputSummary> summary(2);
  ingest.summarize(summary);
  EXPECT_EQ(summary[0].held_back, 0u);
  EXPECT_EQ(summary[1].held_back, 2u);
  EXPECT_EQ(summary[1].greatest_lag, Duration{485});
  EXPECT_EQ(ingest.watermark(), 30);
}

}  // namespace
}  // namespace sequitur
