// EngineOptions::max_tick_keys: which keys ticks reach depends on the keys alone, not on threads, and survives a snapshot.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

constexpr const char* kRules =
    "stream a time ts { id: int, n: int }\n"
    "schedule hour { daily 01:00  daily 02:00  daily 03:00 }\n"
    "rule ticked { key id  within 2h  first p: a  then hour  emit ticked(id, n = p.n) }\n"
    "rule idle { key id  first hour  no a for 10s  emit idle(id) }\n";

struct Seen {
  std::string alerts;
  std::uint64_t without_ticks = 0;
  bool operator==(const Seen&) const = default;
};

class TickKeysTest : public testing::Test {
 protected:
  TickKeysTest() {
    std::vector<Diagnostic> diagnostics;
    rules_ = RuleSet::load({{"ticks.seq", kRules}}, diagnostics);
    EXPECT_NE(rules_, nullptr) << (diagnostics.empty() ? "" : diagnostics[0].message);
  }

  // With a snapshot in the middle, the rest with so many threads.
  Seen run(unsigned threads, unsigned threads_later, std::uint32_t most) {
    Seen seen;
    EngineOptions options;
    options.max_tick_keys = most;
    const auto start = [&](unsigned count) {
      options.threads = count;
      return std::make_unique<Engine>(rules_, options, [&](std::span<const Alert> alerts) {
        for (const Alert& alert : alerts) append_json(alert, seen.alerts += '\n');
      });
    };
    auto engine = start(threads);
    constexpr std::int64_t kKeys = 3000;
    for (std::int64_t round = 0; round < 4; ++round) {
      Arena arena;
      std::vector<Event*> events;
      for (std::int64_t i = 0; i < kKeys; ++i) {
        events.push_back(&make_event(arena, *rules_->find_stream("a"), Timestamp{Duration{round * 3'600'000'000 + i * 1000}}));
        events.back()->slot(0) = Slot::of_int(i * 7 % (kKeys + round));
        events.back()->slot(1) = Slot::of_int(i);
      }
      EXPECT_EQ(engine->push(std::span{events}), events.size());
      if (round != 1) continue;
      const std::string bytes = engine->snapshot();
      engine = start(threads_later);
      EXPECT_TRUE(engine->restore(bytes));
    }
    engine->finish();
    for (const RuleCounters& counters : engine->counters().rules) seen.without_ticks += counters.keys_without_ticks;
    return seen;
  }

  std::shared_ptr<const RuleSet> rules_;
};

TEST_F(TickKeysTest, AtTheBoundAlertsAreTheSameForEveryNumberOfThreads) {
  for (const std::uint32_t most : {0u, 1024u, 2048u, 2500u, 10'000u}) {
    const Seen expected = run(1, 1, most);
    EXPECT_EQ(expected.alerts.empty(), most == 0);
    EXPECT_EQ(expected.without_ticks > 0, most < 10'000) << most;
    for (const unsigned threads : {2u, 3u, 5u}) {
      EXPECT_EQ(run(threads, threads, most), expected) << threads << " threads, " << most;
      EXPECT_EQ(run(threads, 4, most), expected) << threads << " threads, then 4, " << most;
    }
  }
}

}  // namespace
}  // namespace sequitur
