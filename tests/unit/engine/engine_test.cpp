// The engine through its public interface: order, bounds, counters, memory. What rules mean is tested elsewhere (cases,
// reference, differential).
#include "sequitur/engine.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sequitur {
namespace {

constexpr const char* kStreams = R"(
stream a time ts us { ts: time, key: string?, x: int? }
stream b time ts us { ts: time, key: string?, x: int? }
)";

std::shared_ptr<const RuleSet> load(const std::string& rules) {
  std::vector<Diagnostic> diagnostics;
  auto set = RuleSet::load({{"test.seq", kStreams + rules}}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << diagnostic.code << " " << diagnostic.message;
  return set;
}

class EngineTest : public testing::Test {
 protected:
  void start(const std::string& rules, EngineOptions options = {}) {
    set_ = load(rules);
    ASSERT_NE(set_, nullptr);
    engine_ = std::make_unique<Engine>(set_, options, [this](std::span<const Alert> alerts) {
      for (const Alert& alert : alerts) {
        std::string line;
        append_json(alert, line);
        json_.push_back(line);
        seen_.push_back(std::string(to_string(alert.kind)) + " " + std::string(alert.stream) + "@" +
                        std::to_string(alert.time.time_since_epoch().count()) +
                        (alert.held > 0 ? " held " + std::to_string(alert.held) : ""));
      }
    });
  }

  Event& make(const char* stream, std::int64_t time, const char* key = "k", std::int64_t x = 0) {
    Event& event = make_event(arena_, *set_->find_stream(stream), Timestamp{Duration{time}});
    event.slot(0) = Slot::of_int(time);
    if (key != nullptr) event.slot(1) = arena_.text(key);
    event.slot(2) = Slot::of_int(x);
    return event;
  }
  bool push(const char* stream, std::int64_t time, const char* key = "k", std::int64_t x = 0) {
    return engine_->push(make(stream, time, key, x));
  }

  std::vector<std::string> take() { return std::exchange(seen_, {}); }

  using Seen = std::vector<std::string>;
  Arena arena_;
  std::shared_ptr<const RuleSet> set_;
  std::unique_ptr<Engine> engine_;
  Seen seen_;
  Seen json_;
};

constexpr const char* kPair = "rule pair { key key  within 10us  first p: a  then q: b  emit hit(key) }";
constexpr const char* kSilent = "rule silent { key key  first p: a  no b for 10us  emit missing(key) }";

TEST_F(EngineTest, DeliversTheAlertsOfAnEventBeforePushReturns) {
  start(kPair);
  EXPECT_TRUE(push("a", 1));
  EXPECT_EQ(take(), Seen{});
  EXPECT_TRUE(push("b", 11));
  EXPECT_EQ(take(), Seen{"match hit@11"});
}

TEST_F(EngineTest, RefusesAnEventOutOfOrder) {
  start(kPair);
  EXPECT_TRUE(push("a", 10));
  EXPECT_FALSE(push("b", 9));
  EXPECT_TRUE(push("b", 10));
  EXPECT_EQ(take(), Seen{"match hit@10"});
  std::vector<Event*> events{&make("a", 20), &make("b", 15), &make("b", 30)};
  EXPECT_EQ(engine_->push(events), 1u);
  EXPECT_EQ(engine_->counters().events, 3u);
}

TEST_F(EngineTest, TimeMovesByEventsByAdvanceAndByTheEnd) {
  start(kSilent);
  push("a", 0, "one");
  push("a", 5, "two");
  push("a", 10, "three");  // The silence of `one` ends at this instant.
  EXPECT_EQ(take(), Seen{"match missing@10"});
  engine_->advance(Timestamp{Duration{14}});
  EXPECT_EQ(take(), Seen{});
  engine_->advance(Timestamp{Duration{15}});
  EXPECT_EQ(take(), Seen{"match missing@15"});
  EXPECT_FALSE(push("a", 14));
  engine_->finish();
  EXPECT_EQ(take(), Seen{"match missing@20"});
}

TEST_F(EngineTest, NothingIsLeftOfAKeyAfterItsLastRun) {
  start(std::string(kPair) + kSilent);
  for (int i = 0; i < 1000; ++i) push("a", i, ("key" + std::to_string(i)).c_str());
  EXPECT_GT(engine_->counters().live_runs, 10u);
  engine_->finish();
  const EngineCounters counters = engine_->counters();
  EXPECT_EQ(counters.live_runs, 0u);
  EXPECT_EQ(counters.live_keys, 0u);
  EXPECT_EQ(counters.rules[0].runs_begun, 1000u);
  EXPECT_EQ(counters.rules[1].matches, 1000u);
}

TEST_F(EngineTest, BoundsTheRunsOfAKey) {
  EngineOptions options;
  options.max_runs = 5;
  start("rule keep { key key  within 1h  first p: a  then q: b where x == p.x  emit hit(key, x = p.x)  on match keep }", options);
  for (int i = 0; i < 8; ++i) push("a", i, "k", i);
  push("a", 8, "other", 8);
  EXPECT_EQ(engine_->counters().live_runs, 6u);
  EXPECT_EQ(engine_->counters().rules[0].runs_refused, 3u);
  for (int i = 0; i < 8; ++i) push("b", 20, "k", i);
  EXPECT_EQ(take().size(), 5u);
}

TEST_F(EngineTest, BoundsTheEventsOfARun) {
  EngineOptions options;
  options.max_run_events = 4;
  start("rule many { key key  within 1h  first p: a{3..}  then q: b  emit hit(key, n = count(p)) }", options);
  for (int i = 0; i < 6; ++i) push("a", i);
  EXPECT_EQ(engine_->counters().rules[0].runs_overfull, 2u);
  push("b", 10);
  EXPECT_EQ(take(), Seen{"match hit@10"});
}

// What has come of a block behind `no`, in each run; where the earliest beginning has come as far as any other, there is one.
TEST_F(EngineTest, BoundsTheBlocksInAGap) {
  EngineOptions options;
  options.max_runs = 3;
  const auto start_with = [&](const std::string& line) {
    start("rule r { key key  within 1h  first p: a where x == 0  no all { m: b  n: a where " + line +
              " }  then q: a where x == 100  emit hit(key) }",
          options);
    push("a", 0, "k", 0);
    for (int i = 1; i <= 5; ++i) push("b", i, "k", i);
  };
  start_with("n.x == m.x");
  EXPECT_EQ(engine_->counters().live_runs, 4u);
  EXPECT_EQ(engine_->counters().rules[0].runs_refused, 2u);
  push("a", 6, "k", 5);  // That of 5 was refused.
  EXPECT_EQ(engine_->counters().live_runs, 4u);
  push("a", 7, "k", 2);
  EXPECT_EQ(engine_->counters().live_runs, 0u);

  start_with("x == 7");
  EXPECT_EQ(engine_->counters().live_runs, 2u);
  EXPECT_EQ(engine_->counters().rules[0].runs_refused, 0u);
  push("a", 6, "k", 7);
  EXPECT_EQ(engine_->counters().live_runs, 0u);
  push("a", 7, "k", 100);
  EXPECT_EQ(take(), Seen{});
}

// The strategies that move many runs at once, at their bounds, beside one run at a time.
class EngineBoundsTest : public EngineTest {
 protected:
  // `play` pushes events that depend on the numbers drawn alone; counters_of() says what must be equal besides the alerts.
  template <typename Play, typename CountersOf>
  void compare(const std::string& rule, const Play& play, const CountersOf& counters_of) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
      std::vector<Seen> alerts;
      std::vector<std::vector<std::uint64_t>> counters;
      for (const bool general : {false, true}) {
        std::mt19937 random(seed);
        EngineOptions options;
        options.max_runs = static_cast<std::uint32_t>(1 + random() % 4);
        options.max_run_events = static_cast<std::uint32_t>(3 + random() % 4);
        options.general_strategy = general;
        start("rule many { key key  " + rule + " }", options);
        play(random);
        alerts.push_back(take());
        counters.push_back(counters_of(engine_->counters()));
      }
      EXPECT_EQ(alerts[0], alerts[1]) << rule << " seed " << seed;
      EXPECT_EQ(counters[0], counters[1]) << rule << " seed " << seed;
    }
  }
};

TEST_F(EngineBoundsTest, OpeningLoops) {
  for (const char* const rule : {"first p: a{2..}  then q: b  emit hit(key, n = count(p))  on match keep",
                                 "first p: a{3..} where x > 1  no b where x == 0  then q: b  emit hit(key, n = count(p))",
                                 "first p: a{2..} where x > 0  then q: a where x < 3  emit hit(key, n = count(p))",
                                 "first p: a{1..} greedy  then q: b  emit hit(key, n = count(p))  on match skip past last"})
    compare(
        std::string("within 12s  ") + rule,
        [&](std::mt19937& random) {
          for (int i = 0; i < 120; ++i)
            push(random() % 5 == 0 ? "b" : "a", i, random() % 3 == 0 ? "k" : "l", static_cast<int>(random() % 5));
        },
        [](const EngineCounters& now) -> std::vector<std::uint64_t> {
          const RuleCounters& counted = now.rules[0];
          return {now.live_runs, counted.runs_begun, counted.runs_refused, counted.runs_overfull, counted.over_event_limit};
        });
}

TEST_F(EngineBoundsTest, SequencesAndSilences) {
  for (const char* const rule :
       {"first p: a  no a where x == 1  then q: b  emit hit(key)", "first p: a  no a where x == 1  then q: b  emit hit(key)  on match keep",
        "latest p: a  then q: b where x > 2  then r: b  emit hit(key)", "first p: a  no b for 5us  emit hit(key)",
        "latest p: a  no a where x == 0 for 4us  emit hit(key)",
        "first p: a  then q: b  no a where x == 0 for 3us  emit hit(key)  on match keep",
        "first p: a  no b where x == 0  then q: b where x > 1  no b where x == 1 for 6us  emit hit(key)"})
    compare(
        std::string("within 12us  ") + rule,
        [&](std::mt19937& random) {
          std::int64_t time = 0;
          for (int i = 0; i < 120; ++i) {
            time += static_cast<std::int64_t>(random() % 3);
            push(random() % 3 == 0 ? "b" : "a", time, random() % 3 == 0 ? "k" : "l", static_cast<int>(random() % 5));
          }
        },
        [](const EngineCounters& now) -> std::vector<std::uint64_t> {
          return {now.live_runs, now.live_keys, now.rules[0].runs_begun, now.rules[0].runs_refused, now.rules[0].matches};
        });
}

TEST_F(EngineTest, CountsEventsWithoutAKey) {
  start(kPair);
  push("a", 1, nullptr);
  push("b", 2, nullptr);
  EXPECT_EQ(engine_->counters().rules[0].null_keys, 2u);
  EXPECT_EQ(take(), Seen{});
}

TEST_F(EngineTest, RunsFiledUnderTheirAwaitedValueAreAllFound) {
  start("rule join { key key  within 1h  first p: a  then q: b where x == p.x + 1  emit hit(key, x = p.x)  on match keep }");
  for (int i = 0; i < 200; ++i) push("a", i, "k", i % 50);
  push("b", 300, "k", 8);
  EXPECT_EQ(take().size(), 4u);
  push("b", 301, "k", 51);
  EXPECT_EQ(take().size(), 0u);
  EXPECT_EQ(engine_->counters().live_runs, 196u);
}

TEST_F(EngineTest, LimitsHoldAlertsBackAndCountThem) {
  start("rule one { key key  within 1h  first p: a  emit hit(key)  limit 1 per 10us }");
  for (const int time : {0, 1, 2, 9, 10, 25}) push("a", time);
  EXPECT_EQ(take(), (Seen{"match hit@0", "match hit@10 held 3", "match hit@25"}));
  EXPECT_EQ(engine_->counters().rules[0].held, 3u);
}

TEST_F(EngineTest, WhatALimitHeldBackIsToldForTwentyFourSpans) {
  start("rule one { key key  within 1h  first p: a  emit hit(key)  limit 1 per 10us }");
  for (const int time : {0, 1, 240, 241, 480, 481, 721}) push("a", time);
  EXPECT_EQ(take(), (Seen{"match hit@0", "match hit@240 held 1", "match hit@480 held 1", "match hit@721"}));
}

TEST_F(EngineTest, EqualMatchesOfEqualEventsHaveDifferentIds) {
  start("rule keep { key key  within 1h  first p: a  then q: b  emit hit(key)  on match keep }");
  push("a", 1);
  push("a", 1);
  push("b", 2);
  ASSERT_EQ(json_.size(), 2u);
  EXPECT_NE(json_[0], json_[1]);
}

TEST_F(EngineTest, ALookingBackNoIsUnknownUntilEnoughPastWasSeen) {
  start("rule fresh { key key  within 1h  no b for 10us  first p: a  emit hit(key) }");
  push("a", 0);
  push("a", 9);
  push("a", 10);
  EXPECT_EQ(take(), Seen{"match hit@10"});
  EXPECT_EQ(engine_->counters().rules[0].unknown_past, 2u);
  push("b", 20);
  push("a", 29);
  EXPECT_EQ(take(), Seen{});
  push("a", 30);
  EXPECT_EQ(take(), Seen{"match hit@30"});
  engine_->finish();
  EXPECT_EQ(engine_->counters().live_keys, 0u);
}

}  // namespace
}  // namespace sequitur
