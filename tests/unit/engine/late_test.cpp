// Late events and watermarks through run(): revisions over many segments, their bound, side streams, clocks.
#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "engine/input_clock.hpp"
#include "tests/unit/engine/memory_input.hpp"

namespace sequitur {
namespace {

std::shared_ptr<const RuleSet> load(const std::string& options) {
  std::vector<Diagnostic> diagnostics;
  auto rules =
      RuleSet::load({{"late.seq", "stream a time ts us " + options +
                                      " { ts: time, x: int }\n"
                                      "rule join { key x  within 50us  first p: a  then q: a  emit hit(x)  limit 2 per 1ms }\n"
                                      "rule silent { key x  first p: a  no a for 200us  emit missing(x)  on match keep }\n"
                                      "rule all { within 30us  first p: a{2}  next q: a where x != p[1].x  emit pair(x = q.x) }\n"}},
                    diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << diagnostic.code << " " << diagnostic.message;
  return rules;
}

// Keeps what stands at the end: by id, without revisions.
class StandingSink : public MemorySink {
 public:
  Result<void> write(std::span<const Alert> alerts) override {
    for (Alert alert : alerts) {
      standing.erase(alert.id);
      if (alert.withdrawn) continue;
      alert.revision = 0;
      append_json(alert, standing[alert.id]);
    }
    return MemorySink::write(alerts);
  }
  std::map<std::array<std::uint64_t, 2>, std::string> standing;
};

struct Ran {
  StandingSink sink;
  RunSummary summary;
};

void run_records(const std::shared_ptr<const RuleSet>& rules, const std::vector<Record>& records, EngineOptions options, Ran& ran,
                 std::size_t piece = 100) {
  std::vector<Input> inputs;
  inputs.push_back({"memory",
                    std::make_unique<MemorySource>(records, piece),
                    std::make_unique<MemoryDecoder>(*rules),
                    {rules->find_stream("a")->id},
                    false});
  Sink* sinks[] = {&ran.sink};
  const Result<RunSummary> summary = run(rules, options, std::move(inputs), sinks, nullptr, {});
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  ran.summary = *summary;
}

// Times 0, 3, 6, ..; `disorder`: how far an event may come behind later ones.
std::vector<Record> shuffled(std::size_t count, std::int64_t disorder, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::pair<std::int64_t, Record>> arrivals;
  for (std::size_t i = 0; i < count; ++i) {
    const auto time = static_cast<std::int64_t>(i) * 3;
    // Most come in time: a revision for every event would test little else.
    const bool late = random() % 50 == 0;
    arrivals.push_back({time + (late ? static_cast<std::int64_t>(random() % static_cast<unsigned>(disorder)) : 0),
                        {0, time, static_cast<std::int64_t>(random() % 40)}});
  }
  std::stable_sort(arrivals.begin(), arrivals.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Record> records;
  for (const auto& [at, record] : arrivals) records.push_back(record);
  return records;
}

std::vector<Record> sorted(std::vector<Record> records) {
  std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.time < b.time; });
  return records;
}

TEST(LateRevise, WhatStandsIsWhatTheSortedStreamSays) {
  const auto rules = load("late revise keep 9ms");
  const std::vector<Record> records = shuffled(12'000, 9'000, 5);  // Many segments, some of them settled.
  Ran revised, in_order, other_way;
  run_records(rules, records, {}, revised);
  run_records(rules, sorted(records), {}, in_order);
  EngineOptions options;
  options.threads = 2;
  options.batch_events = 77;
  run_records(rules, records, options, other_way, 100'000);  // All in one piece.
  EXPECT_GT(revised.summary.revised, 100u);
  EXPECT_GT(revised.summary.withdrawn, 10u);
  EXPECT_EQ(revised.summary.bad[static_cast<std::size_t>(BadReason::kLate)], 0u);
  EXPECT_EQ(revised.summary.engine.events, records.size());
  EXPECT_GT(in_order.sink.standing.size(), 1'000u);
  EXPECT_TRUE(revised.sink.standing == in_order.sink.standing);
  EXPECT_TRUE(revised.sink.text == other_way.sink.text);
  EXPECT_EQ(in_order.summary.withdrawn, 0u);
  EXPECT_EQ(revised.summary.engine.rules[0].matches, in_order.summary.engine.rules[0].matches);
}

TEST(LateRevise, WithoutLateEventsItSaysWhatTheEngineSays) {
  const auto revising = load("late revise keep 9ms"), dropping = load("");
  const std::vector<Record> records = sorted(shuffled(5'000, 1, 6));
  Ran one, other;
  run_records(revising, records, {}, one);
  run_records(dropping, records, {}, other);
  EXPECT_TRUE(one.sink.text == other.sink.text);
}

TEST(LateRevise, KeepsNoMoreEventsThanItMay) {
  const auto rules = load("late revise keep 1h");
  EngineOptions options;
  options.max_revise_events = 3'000;
  Ran ran;
  std::vector<Record> records = sorted(shuffled(9'000, 1, 7));
  records.push_back({0, 10, 1});                       // Behind what is kept,
  records.push_back({0, records[8'998].time - 1, 1});  // and not.
  records.push_back({0, records[8'999].time + 5, 1});
  run_records(rules, records, options, ran);
  EXPECT_EQ(ran.summary.bad[static_cast<std::size_t>(BadReason::kLate)], 1u);
  EXPECT_EQ(ran.summary.revised, 1u);
  EXPECT_EQ(ran.summary.engine.events, 9'002u);
}

TEST(InputClock, AnAdaptiveLatenessFollowsTheShare) {
  InputTiming timing;
  timing.adaptive_bound = Duration{1'000};
  timing.share = 0.9;
  InputClock clock(timing);
  std::int64_t now = 0;
  const auto see = [&](std::size_t count, std::int64_t delay) {  // Every fifth event is so far behind.
    for (std::size_t i = 0; i < count; ++i) clock.see(i % 5 == 4 ? now - delay : now += 10);
  };
  see(990, 50);
  EXPECT_EQ(clock.lateness(), 1'000);
  EXPECT_EQ(clock.watermark(), now - 1'000);
  see(1'010, 50);
  EXPECT_EQ(clock.lateness(), 50);
  EXPECT_EQ(clock.watermark(), now - 50);
  see(2'000, 5'000);
  EXPECT_EQ(clock.lateness(), 1'000);  // Never more than the bound,
  EXPECT_GE(clock.watermark(), now - 8'100);
  const std::int64_t before = clock.watermark();
  see(10, 5'000);
  EXPECT_GE(clock.watermark(), before);  // and the watermark does not go back.
  see(3'000, 0);
  EXPECT_EQ(clock.lateness(), 0);
  EXPECT_EQ(clock.greatest_delay(), 5'000);
}

TEST(InputClock, APunctuatedOneBelievesOnlyWhatEventsSay) {
  InputTiming timing;
  timing.punctuated = true;
  InputClock clock(timing);
  clock.see(1'000);
  EXPECT_EQ(clock.watermark(), -kFarTime);
  clock.punctuate(400);
  clock.see(2'000);
  clock.punctuate(300);
  EXPECT_EQ(clock.watermark(), 400);
}

TEST(InputClock, APunctuatedOneDoesNotWaitForEver) {
  InputTiming timing;
  timing.punctuated = true;
  InputClock clock(timing);
  const auto most = static_cast<std::int64_t>(InputClock::kMostWaiting);
  for (std::int64_t i = 1; i <= most; ++i) clock.see(i);
  EXPECT_EQ(clock.watermark(), -kFarTime);
  clock.see(most + 1);
  EXPECT_EQ(clock.watermark(), 1);
  clock.see(most + 2);
  EXPECT_EQ(clock.watermark(), 2);
}

// Gives one record, then says for a while that there is nothing.
class QuietSource : public Source {
 public:
  explicit QuietSource(std::int64_t& now) : now_(now) {}
  Result<ReadStatus> read(RawBatch& batch) override {
    batch = RawBatch{};
    if (++reads_ > 4) return ReadStatus::kEnd;
    if (reads_ > 1) {
      now_ += 100;
      return ReadStatus::kIdle;
    }
    const Record record{0, 77, 1};
    batch.bytes.assign(reinterpret_cast<const char*>(&record), sizeof record);
    return ReadStatus::kRecords;
  }

 private:
  std::int64_t& now_;
  int reads_ = 0;
};

// Whether anything is revised makes no difference to time by the clock.
class ClockProcessing : public testing::TestWithParam<const char*> {};

TEST_P(ClockProcessing, TimeIsThatOfArrivalAndGoesOnWhileNothingComes) {
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load({{"late.seq", "stream a clock processing { sent: time, x: int }\n" + std::string(GetParam()) +
                                                     "rule silent { key x  first p: a  no a for 150us  emit missing(x) }\n"}},
                                   diagnostics);
  ASSERT_TRUE(rules);
  std::int64_t now = 5'000;
  std::vector<Input> inputs;
  inputs.push_back({"quiet", std::make_unique<QuietSource>(now), std::make_unique<MemoryDecoder>(*rules), {0}, true});
  MemorySink sink;
  Sink* sinks[] = {&sink};
  RunControl control;
  control.clock = [&] { return Timestamp{Duration{now}}; };
  EngineOptions options;
  options.flush_at_end = false;  // What fires has fired because time went on.
  const Result<RunSummary> summary = run(rules, options, std::move(inputs), sinks, nullptr, control);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->alerts, 1u);
  EXPECT_NE(sink.text.find("\"time\":\"1970-01-01T00:00:00.005150Z\""), std::string::npos) << sink.text;
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutRevisions, ClockProcessing,
                         testing::Values("", "stream b time ts late revise keep 1m { ts: time, x: int }\n"));

}  // namespace
}  // namespace sequitur
