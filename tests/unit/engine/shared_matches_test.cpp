// Rules whose matches are too many to be listed: what is counted, what is listed all the same, and what it costs.
#include <gtest/gtest.h>

#include <map>

#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

constexpr const char* kStreams = R"(
stream a time ts us { ts: time, k: string?, x: int? }
stream b time ts us { ts: time, k: string?, x: int? }
stream c time ts us { ts: time, k: string?, x: int? }
)";
constexpr std::uint64_t kModulus = (std::uint64_t{1} << 61) - 1;

class SharedMatchesTest : public testing::Test {
 protected:
  struct Seen {
    std::int64_t time, first;
    std::map<std::string, std::int64_t, std::less<>> fields;
    std::size_t events = 0;
  };

  void start(const std::string& rule, EngineOptions options = {}) {
    std::vector<Diagnostic> diagnostics;
    set_ = RuleSet::load({{"test.seq", kStreams + rule}}, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << diagnostic.code << " " << diagnostic.message;
    ASSERT_NE(set_, nullptr);
    seen_.clear();
    engine_ = std::make_unique<Engine>(set_, options, [this](std::span<const Alert> alerts) {
      for (const Alert& alert : alerts) {
        Seen one{alert.time.time_since_epoch().count(), alert.first.time_since_epoch().count(), {}, 0};
        for (const NamedValue& field : alert.fields) one.fields.emplace(field.name, field.value.i);
        for (const EvidenceStep& step : alert.evidence) one.events += step.events.size();
        seen_.push_back(std::move(one));
      }
    });
  }
  void push(const char* stream, std::int64_t time, const char* key = "k") {
    arena_.clear();
    const StreamSchema& schema = *set_->find_stream(stream);
    Event& event = make_event(arena_, schema, Timestamp{Duration{time}});
    event.slot(*schema.find("ts")) = Slot::of_int(time);
    event.slot(*schema.find("k")) = arena_.text(key);
    ASSERT_TRUE(engine_->push(event));
  }
  RuleCounters counters() const { return engine_->counters().rules[0]; }

  Arena arena_;
  std::shared_ptr<const RuleSet> set_;
  std::unique_ptr<Engine> engine_;
  std::vector<Seen> seen_;
};

// Of n events any choice that ends with the last one: 2^(n-1).
TEST_F(SharedMatchesTest, EverySubsetOfALoopIsCounted) {
  start("rule r { key k  within forever  first p: a{1..} skipping every length  emit count r(n = matches)  on match keep }");
  for (std::int64_t n = 1; n <= 200; ++n) push("a", n);
  ASSERT_EQ(seen_.size(), 200u);
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const bool modular = i >= 63;
    EXPECT_EQ(seen_[i].fields.at("modular"), modular ? 1 : 0) << i;
    const std::uint64_t expected = modular ? std::uint64_t{1} << (i % 61) : std::uint64_t{1} << i;
    EXPECT_EQ(seen_[i].fields.at("n"), static_cast<std::int64_t>(expected)) << i;
    EXPECT_EQ(seen_[i].first, 1);
    EXPECT_EQ(seen_[i].events, 1u);
  }
}

TEST_F(SharedMatchesTest, TheFirstOfThemAreListedAndTheRestIsCounted) {
  start("rule r { key k  within 50us  first p: a{1..} skipping every length  emit r(n = count(p))  on match keep  limit 5 per event }");
  for (std::int64_t n = 1; n <= 100; ++n) push("a", n);
  // Of the earliest start the longest: all of its window, then all but one, the later ones left out first.
  ASSERT_EQ(seen_.size(), 1u + 2u + 4u + 97u * 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    const Seen& one = seen_[seen_.size() - 5 + i];
    EXPECT_EQ(one.time, 100);
    EXPECT_EQ(one.first, 50);
    EXPECT_EQ(one.fields.at("n"), i == 0 ? 51 : 50);
  }
  std::uint64_t over = 0;
  for (std::uint64_t n = 1; n <= 100; ++n)
    over +=
        n <= 51 ? (std::uint64_t{1} << (n - 1)) - std::min<std::uint64_t>(5, std::uint64_t{1} << (n - 1)) : (std::uint64_t{1} << 50) - 5;
  EXPECT_EQ(counters().over_event_limit, over);
}

// Three steps, n events each: n^2 ways to each last one.
TEST_F(SharedMatchesTest, ChainsBeyondTheLimitAreCounted) {
  start("rule r { key k  within 1s  first p: a  each q: b  each s: c  emit r(n = count(p))  on match keep }");
  for (std::int64_t n = 0; n < 2000; ++n) push("a", n);
  for (std::int64_t n = 2000; n < 4000; ++n) push("b", n);
  push("c", 4000);
  push("c", 4001);
  EXPECT_EQ(seen_.size(), 2000u);  // The default is 1000 for each event.
  EXPECT_EQ(counters().over_event_limit, 2u * (4'000'000 - 1000));
  EXPECT_EQ(counters().runs_refused, 0u);
  EXPECT_EQ(seen_.front().first, 0);
  engine_->finish();
  EXPECT_EQ(engine_->counters().live_keys, 0u);
  EXPECT_EQ(engine_->counters().live_runs, 0u);
}

// Seventy events for each of twelve steps: 70^11 ways, which is more than 2^63.
TEST_F(SharedMatchesTest, ACountMayBeARemainder) {
  std::string rule = "rule r { key k  within 1s  first p0: a where x == 0";
  for (int step = 1; step < 12; ++step) rule += "  each p" + std::to_string(step) + ": a where x == " + std::to_string(step);
  start(rule + "  emit count r(n = matches)  on match keep }");
  const StreamSchema& schema = *set_->find_stream("a");
  std::int64_t time = 0;
  std::uint64_t expected = 1;
  for (int step = 0; step < 12; ++step) {
    for (int i = 0; i < (step == 11 ? 1 : 70); ++i) {
      arena_.clear();
      Event& event = make_event(arena_, schema, Timestamp{Duration{++time}});
      event.slot(*schema.find("k")) = arena_.text("k");
      event.slot(*schema.find("x")) = Slot::of_int(step);
      ASSERT_TRUE(engine_->push(event));
    }
    if (step == 11) continue;
    std::uint64_t product = 0;  // Without a product of 64 bits.
    for (int i = 0; i < 70; ++i) product = (product + expected) % kModulus;
    expected = product;
  }
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0].fields.at("modular"), 1);
  EXPECT_EQ(seen_[0].fields.at("n"), static_cast<std::int64_t>(expected));
}

TEST_F(SharedMatchesTest, WhatIsSharedIsBounded) {
  EngineOptions options;
  options.max_shared_events = 10;
  for (const char* emit : {"emit r(n = count(p))", "emit count r(n = matches)"}) {
    start("rule r { key k  within 1s  first p: a  each q: b  " + std::string(emit) + "  on match keep }", options);
    for (std::int64_t n = 0; n < 25; ++n) push("a", n);
    push("b", 25);
    EXPECT_EQ(counters().runs_begun, 10u) << emit;
    EXPECT_EQ(counters().runs_refused, 15u) << emit;
    EXPECT_EQ(seen_.size(), std::string(emit).find("count r") == std::string::npos ? 10u : 1u);
  }
  start("rule r { key k  within 1s  first p: a{2..} skipping every length  emit r(n = count(p))  on match keep  limit none }", options);
  for (std::int64_t n = 0; n < 25; ++n) push("a", n);
  EXPECT_GT(counters().runs_overfull + counters().runs_refused, 0u);
  EXPECT_LT(seen_.size(), 2000u);
}

// When the window has passed, memory is what it was.
TEST_F(SharedMatchesTest, MemoryGoesWithTheWindow) {
  for (const char* steps :
       {"first p: a  each q: b  each s: c  emit r(n = count(p))", "first p: a  each q: b  each s: c  emit count r(n = matches)",
        "first p: a{1..} skipping  each q: b  each s: c  emit count r(n = matches)"}) {
    start("rule r { key k  within 1ms  " + std::string(steps) + "  on match keep }");
    std::uint64_t after_first = 0;
    for (std::int64_t round = 0; round < 50; ++round) {
      for (std::int64_t n = 0; n < 100; ++n) push(n % 2 == 0 ? "a" : "b", round * 10'000 + n, n % 3 == 0 ? "k" : "l");
      engine_->advance(Timestamp{Duration{round * 10'000 + 5'000}});
      EXPECT_EQ(engine_->counters().live_keys, 0u);
      if (round == 0) after_first = engine_->counters().state_bytes;
    }
    EXPECT_LE(engine_->counters().state_bytes, after_first + 4096) << steps;
  }
}

}  // namespace
}  // namespace sequitur
