// run(): inputs to sinks, with sources and sinks in memory.
#include <mutex>

#include <gtest/gtest.h>

#include "tests/unit/engine/memory_input.hpp"

namespace sequitur {
namespace {

class RunTest : public testing::Test {
 protected:
  RunTest() {
    std::vector<Diagnostic> diagnostics;
    rules_ = RuleSet::load({{"run.seq",
                             "stream a time ts us lateness 10us late to old_a { ts: time, x: int }\n"
                             "stream b time ts us lateness 10us { ts: time, x: int }\n"
                             "rule join { key x  within 50us  first p: a  then q: b  emit hit(x) }\n"
                             "rule silent { key x  first p: a  no b for 20us  emit missing(x)  limit 3 per 100us }\n"
                             "rule all { within 30us  first p: a{2}  next q: b where x != p[1].x  emit pair(x = q.x) }\n"}},
                           diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << diagnostic.code << " " << diagnostic.message;
    if (!rules_) return;
    a_ = rules_->find_stream("a")->id;
    b_ = rules_->find_stream("b")->id;
  }

  Input input(std::vector<Record> records, std::size_t piece = 7, std::string failure = "") {
    return {"memory",
            std::make_unique<MemorySource>(std::move(records), piece, std::move(failure)),
            std::make_unique<MemoryDecoder>(*rules_),
            {a_, b_},
            false};
  }
  template <typename... Inputs>
  Result<RunSummary> run_over(EngineOptions options, Inputs... inputs) {
    std::vector<Input> all;
    (all.push_back(std::move(inputs)), ...);
    Sink* sinks[] = {&sink_};
    return run(rules_, options, std::move(all), sinks, &dead_letters_, control_);
  }

  std::vector<Record> stream_of(unsigned seed, std::size_t count) const {
    std::vector<Record> records;
    for (std::size_t i = 0; i < count; ++i) {
      seed = seed * 1664525u + 1013904223u;
      records.push_back({static_cast<std::int64_t>((seed >> 9) % 2 == 0 ? a_ : b_), static_cast<std::int64_t>(i) * 2,
                         static_cast<std::int64_t>((seed >> 12) % 20)});
    }
    return records;
  }

  std::shared_ptr<const RuleSet> rules_;
  StreamId a_ = 0, b_ = 0;
  MemorySink sink_;
  MemoryDeadLetters dead_letters_;
  RunControl control_;
};

TEST_F(RunTest, TheSameBytesForEveryNumberOfThreadsBatchSizeAndPieceSize) {
  const std::vector<Record> records = stream_of(1, 5000);
  std::string expected;
  for (const unsigned threads : {1u, 2u, 3u, 4u}) {
    for (const std::uint32_t batch : {1u, 3u, 100u, 8192u}) {
      EngineOptions options;
      options.threads = threads;
      options.batch_events = batch;
      sink_.text.clear();
      const auto summary = run_over(options, input(records, 1 + batch % 61));
      ASSERT_TRUE(summary);
      EXPECT_EQ(summary->engine.events, 5000u);
      if (expected.empty()) expected = sink_.text;
      ASSERT_EQ(sink_.text, expected) << threads << " threads, batches of " << batch;
    }
  }
  EXPECT_GT(expected.size(), 1000u);
}

TEST_F(RunTest, DisorderWithinLatenessChangesNothing) {
  std::vector<Record> records = stream_of(2, 3000);
  ASSERT_TRUE(run_over({}, input(records)));
  const std::string expected = std::exchange(sink_.text, "");
  for (std::size_t i = 0; i + 4 < records.size(); i += 5)
    std::reverse(records.begin() + static_cast<std::ptrdiff_t>(i), records.begin() + static_cast<std::ptrdiff_t>(i) + 5);
  const auto summary = run_over({}, input(records));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->bad[static_cast<std::size_t>(BadReason::kLate)], 0u);
  EXPECT_EQ(sink_.text, expected);
}

TEST_F(RunTest, SeveralInputsAreMergedByTime) {
  const std::vector<Record> records = stream_of(3, 2000);
  ASSERT_TRUE(run_over({}, input(records)));
  const std::string expected = std::exchange(sink_.text, "");
  std::vector<Record> odd, even;
  for (std::size_t i = 0; i < records.size(); ++i) (i % 2 == 0 ? even : odd).push_back(records[i]);
  for (const unsigned threads : {1u, 2u}) {
    EngineOptions options;
    options.threads = threads;
    sink_.text.clear();
    ASSERT_TRUE(run_over(options, input(even, 3), input(odd, 50)));
    EXPECT_EQ(sink_.text, expected);
  }
}

TEST_F(RunTest, LateAndBadRecordsAreCountedAndSetAside) {
  const auto summary = run_over({}, input({{a_, 100, 1}, {a_, 90, 2}, {a_, 89, 3}, {a_, 95, -1}, {b_, 101, 1}}));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->bad[static_cast<std::size_t>(BadReason::kLate)], 1u);
  EXPECT_EQ(summary->bad[static_cast<std::size_t>(BadReason::kWrongType)], 1u);
  EXPECT_EQ(summary->records, 5u);
  EXPECT_EQ(summary->engine.events, 4u);
  EXPECT_EQ(dead_letters_.lines, (std::vector<std::string>{"memory wrong_type 4 24 x", "memory late 3 24 old_a"}));
}

TEST_F(RunTest, StrictStopsAtTheFirstBadRecord) {
  EngineOptions options;
  options.strict = true;
  const auto summary = run_over(options, input({{a_, 1, 1}, {a_, 2, -1}}));
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().message, "memory: record 2 at byte 24: wrong_type: x");
}

TEST_F(RunTest, NoFlushLeavesDeadlinesAfterTheLastEventPending) {
  EngineOptions options;
  options.flush_at_end = false;
  ASSERT_TRUE(run_over(options, input({{a_, 0, 1}, {a_, 1, 2}, {a_, 20, 3}})));
  EXPECT_EQ(std::count(sink_.text.begin(), sink_.text.end(), '\n'), 1);
  ASSERT_TRUE(run_over({}, input({{a_, 0, 1}, {a_, 1, 2}, {a_, 20, 3}})));
  EXPECT_EQ(std::count(sink_.text.begin(), sink_.text.end(), '\n'), 1 + 3);
}

TEST_F(RunTest, AFailingSourceOrSinkIsAnErrorAndWhatWasDeliveredIsFlushed) {
  for (const unsigned threads : {1u, 2u}) {
    EngineOptions options;
    options.threads = threads;
    sink_ = {};
    const auto summary = run_over(options, input(stream_of(4, 100), 10, "the cable was pulled"));
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().message, "memory: the cable was pulled");
    EXPECT_TRUE(sink_.flushed);
    sink_.refuse = true;
    const auto refused = run_over(options, input(stream_of(4, 1000)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "the disk is full");
  }
}

TEST_F(RunTest, StopsWhenAsked) {
  const std::atomic<bool> stop{true};
  control_.stop = &stop;
  const auto summary = run_over({}, input(stream_of(5, 100)));
  ASSERT_TRUE(summary);
  EXPECT_TRUE(summary->stopped);
  EXPECT_EQ(summary->engine.events, 0u);
}

}  // namespace
}  // namespace sequitur
