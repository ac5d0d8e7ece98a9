// Keys that shift: runs are filed under the value that they await, so an event is shown to those that wait for it.
#include <gtest/gtest.h>

#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

TEST(ShiftingKey, AnEventIsShownToTheRunsThatAwaitIt) {
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load({{"pay.seq",
                                     "stream pay time ts { from: string, to: string }\n"
                                     "rule carousel { within 1h  first a: pay  then b: pay where from == prev.to  "
                                     "then c: pay where from == prev.to and to == a.from  emit round_trip(start = a.from) }\n"}},
                                   diagnostics);
  ASSERT_NE(rules, nullptr);
  std::size_t alerts = 0;
  Engine engine(rules, EngineOptions{}, [&](std::span<const Alert> found) { alerts += found.size(); });
  std::int64_t time = 0;
  const auto pay = [&](const std::string& from, const std::string& to) {
    Arena arena;
    Event& event = make_event(arena, rules->schemas()[0], Timestamp{Duration{++time}});
    event.slot(0) = arena.text(from);
    event.slot(1) = arena.text(to);
    engine.push(event);
  };
  constexpr int kOthers = 500;
  for (int i = 0; i < kOthers; ++i) pay("from" + std::to_string(i), "to" + std::to_string(i));
  EXPECT_EQ(engine.counters().live_runs, static_cast<std::uint64_t>(kOthers));
  const std::uint64_t before = engine.counters().rules[0].runs_tried;
  EXPECT_LE(before, 10u);  // While there were few, and where 16 bits of what is awaited are the same by chance.
  pay("A", "B");
  pay("B", "C");
  pay("C", "A");
  EXPECT_EQ(alerts, 1u);
  // The run of A twice, and the run of B once.
  EXPECT_EQ(engine.counters().rules[0].runs_tried - before, 3u);
}

}  // namespace
}  // namespace sequitur
