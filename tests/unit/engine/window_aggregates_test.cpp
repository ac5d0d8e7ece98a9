// Every aggregate of a sliding window against its definition, asked of all values that are in the window, at every event that
// comes and every instant at which one leaves. That windows of other shapes agree as well is tested by tests/differential.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

using Number = std::optional<double>;  // Null: nothing.
using Numbers = std::vector<Number>;   // Of the window, oldest first; those without a value too.

constexpr std::int64_t kSpan = 16;  // Microseconds; an event comes at each even one.

struct Running {
  explicit Running(const std::string& aggregate, EngineOptions options = {}, const std::string& window = "16us sliding") {
    std::vector<Diagnostic> diagnostics;
    rules = RuleSet::load({{"test.seq", R"(
stream a time ts us { ts: time, i: int?, f: float?, s: string? }
rule r {
  window )" + window + R"(
  over   p: a
  emit   always out(v = )" + aggregate + R"(, n = count(p))
})"}},
                          diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << diagnostic.code << " " << diagnostic.message;
    engine = std::make_unique<Engine>(rules, options, [this](std::span<const Alert> alerts) {
      for (const Alert& alert : alerts) {
        const NamedValue& value = alert.fields[0];
        if (value.value.is_null(value.type))
          results.push_back(std::nullopt);
        else
          results.push_back(value.type == Type::kFloat ? value.value.f : static_cast<double>(value.value.i));
        text = has_bytes(value.type) && value.value.bits != 0 ? std::string(value.value.text()) : "";
        count = alert.fields[1].value.i;
      }
    });
  }
  void push(std::int64_t time, Slot i, Slot f, std::string_view s = "") {
    Arena arena;
    Event& event = make_event(arena, *rules->find_stream("a"), Timestamp{Duration{time}});
    event.slot(0) = Slot::of_int(time);
    event.slot(1) = i;
    event.slot(2) = f;
    if (!s.empty()) event.slot(3) = arena.text(s);
    ASSERT_TRUE(engine->push(event));
  }
  void push_float(std::int64_t time, Number value) {
    push(time, Slot::null(Type::kInt), value ? Slot::of_float(*value) : Slot::null(Type::kFloat));
  }
  void push_int(std::int64_t time, std::int64_t value) { push(time, Slot::of_int(value), Slot::null(Type::kFloat)); }

  std::shared_ptr<const RuleSet> rules;
  std::unique_ptr<Engine> engine;
  Numbers results;
  std::string text;
  std::int64_t count = 0;
};

std::vector<double> there(const Numbers& window) {
  std::vector<double> values;
  for (const Number& value : window)
    if (value) values.push_back(*value);
  return values;
}

// Pushes the values and compares each result with `definition` over what is in the window then.
void agrees(const std::string& aggregate, const Numbers& values, const std::function<Number(const std::vector<double>&)>& definition) {
  Running running(aggregate);
  Numbers expected;
  const auto window_at = [&](std::int64_t time, bool before_events) {
    Numbers window;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::int64_t came = 2 * static_cast<std::int64_t>(i);
      if (came > time - kSpan && (before_events ? came < time : came <= time)) window.push_back(values[i]);
    }
    return window;
  };
  const std::int64_t last = 2 * static_cast<std::int64_t>(values.size() - 1);
  for (std::int64_t time = 0; time <= last + kSpan; time += 2) {
    if (time >= kSpan) expected.push_back(definition(there(window_at(time, true))));  // One leaves.
    if (time > last) continue;
    running.push_float(time, values[static_cast<std::size_t>(time / 2)]);
    expected.push_back(definition(there(window_at(time, false))));
  }
  running.engine->finish();
  ASSERT_EQ(running.results.size(), expected.size()) << aggregate;
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(running.results[i], expected[i]) << aggregate << ", result " << i;
}

Numbers random_values(std::uint64_t seed, unsigned different) {
  std::mt19937_64 random(seed);
  Numbers values;
  for (int i = 0; i < 200; ++i) {
    if (random() % 5 == 0)
      values.push_back(std::nullopt);
    else
      values.push_back((static_cast<double>(random() % different) - different / 2) / 4.0);
  }
  return values;
}

// Sequences that are hard for one or another: growing, falling (the oldest is the greatest, and goes), all equal, none at all.
std::vector<Numbers> sequences() {
  Numbers growing, falling, equal(40, 2.5), none(20, std::nullopt);
  for (int i = 0; i < 60; ++i) {
    growing.push_back(i);
    falling.push_back(-i);
  }
  return {growing, falling, equal, none, random_values(1, 5), random_values(2, 1'000'000), {0.0, -0.0, 0.0}, {7.0}};
}

void agrees(const std::string& aggregate, const std::function<Number(const std::vector<double>&)>& definition) {
  for (const Numbers& values : sequences()) agrees(aggregate, values, definition);
}

Number sum_of(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;  // Exact: quarters of small whole numbers.
  for (const double value : values) sum += value;
  return sum;
}

Number ranked(std::vector<double> values, double percentile) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(percentile / 100 * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

// The frequencies: the most frequent first, of equally frequent ones the least first.
std::vector<std::pair<double, int>> by_frequency(const std::vector<double>& values) {
  std::map<double, int> counts;
  for (const double value : values) ++counts[value + 0.0];
  std::vector<std::pair<double, int>> ordered(counts.begin(), counts.end());
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return ordered;
}

TEST(WindowAggregates, CountSumAverage) {
  agrees("count(p.f)", [](const auto& values) { return Number(static_cast<double>(values.size())); });
  agrees("sum(p.f)", sum_of);
  agrees("avg(p.f)",
         [](const auto& values) { return values.empty() ? std::nullopt : Number(*sum_of(values) / static_cast<double>(values.size())); });
}

TEST(WindowAggregates, LeastAndGreatest) {
  agrees("min(p.f)", [](const auto& v) { return v.empty() ? std::nullopt : Number(*std::min_element(v.begin(), v.end())); });
  agrees("max(p.f)", [](const auto& v) { return v.empty() ? std::nullopt : Number(*std::max_element(v.begin(), v.end())); });
}

TEST(WindowAggregates, TheLastGreatestGoes) {
  agrees("max(p.f)", {9.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0},
         [](const auto& v) { return v.empty() ? std::nullopt : Number(*std::max_element(v.begin(), v.end())); });
  agrees("max(p.f)", {9.0, std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt},
         [](const auto& v) { return v.empty() ? std::nullopt : Number(*std::max_element(v.begin(), v.end())); });
}

TEST(WindowAggregates, FirstAndLast) {
  agrees("first(p.f)", [](const auto& v) { return v.empty() ? std::nullopt : Number(v.front()); });
  agrees("last(p.f)", [](const auto& v) { return v.empty() ? std::nullopt : Number(v.back()); });
}

TEST(WindowAggregates, Percentiles) {
  for (const int percentile : {0, 1, 25, 50, 90, 95, 100})
    agrees("percentile(p.f, " + std::to_string(percentile) + ")", [=](const auto& v) { return ranked(v, percentile); });
  agrees("median(p.f)", [](const auto& v) { return ranked(v, 50); });
}

TEST(WindowAggregates, Distinct) {
  agrees("count(distinct p.f)", [](const auto& v) {
    std::set<double> different;
    for (const double value : v) different.insert(value + 0.0);
    return Number(static_cast<double>(different.size()));
  });
}

TEST(WindowAggregates, MostFrequent) {
  for (const std::size_t place : {1u, 2u, 3u}) {
    agrees("top(p.f, " + std::to_string(place) + ")", [=](const auto& v) {
      const auto order = by_frequency(v);
      return place > order.size() ? std::nullopt : Number(order[place - 1].first);
    });
    agrees("top_count(p.f, " + std::to_string(place) + ")", [=](const auto& v) {
      const auto order = by_frequency(v);
      return Number(place > order.size() ? 0 : order[place - 1].second);
    });
  }
}

TEST(WindowAggregates, Deviation) {
  // Quarters: sums and squares are exact in doubles.
  agrees("stddev(p.f)", [](const auto& v) {
    if (v.size() < 2) return Number();
    double sum = 0, squares = 0;
    for (const double value : v) {
      sum += value;
      squares += value * value;
    }
    const auto n = static_cast<double>(v.size());
    return Number(std::sqrt((n * squares - sum * sum) / (n * (n - 1))));
  });
}

TEST(WindowAggregates, Rate) {
  // Events are 2 microseconds apart, also those without a value.
  agrees("rate(p)", Numbers(30, 1.0), [](const auto& v) {
    return v.size() < 2 ? std::nullopt : Number(static_cast<double>(v.size() - 1) / (2 * static_cast<double>(v.size() - 1) / 1e6));
  });
  agrees("rate(p.f)", Numbers{1, 5, 2, 8, 8, 8, 100, 101, 3, 5, 7, 7.5}, [](const auto& v) {
    return v.size() < 2 ? std::nullopt : Number((v.back() - v.front()) / (2 * static_cast<double>(v.size() - 1) / 1e6));
  });
}

TEST(WindowAggregates, SumsOfWholeNumbersMayLeaveTheirRangeAndComeBack) {
  Running running("sum(p.i)");
  constexpr std::int64_t kGreat = 9'000'000'000'000'000'000;
  running.push_int(0, kGreat);
  running.push_int(1, kGreat);
  running.push_int(2, -kGreat);
  ASSERT_EQ(running.results.size(), 3u);
  EXPECT_EQ(running.results[0], static_cast<double>(kGreat));
  EXPECT_EQ(running.results[1], std::nullopt);
  EXPECT_EQ(running.results[2], static_cast<double>(kGreat));
}

TEST(WindowAggregates, AnInfiniteValueCountsAndAddsNothing) {
  for (const double strange : {HUGE_VAL, -HUGE_VAL}) {
    Running running("avg(p.f)");
    running.push_float(0, strange);
    running.push_float(1, 6.0);
    running.engine->finish();
    ASSERT_EQ(running.results.size(), 4u);
    EXPECT_EQ(running.results[1], 3.0);
    EXPECT_EQ(running.results[2], 6.0);  // It has left.
  }
}

TEST(WindowAggregates, TextsAreCountedAndForgotten) {
  Running running("top(p.s, 1)");
  running.push(0, {}, {}, "a text that is longer than one that lies in its slot");
  running.push(1, {}, {}, "b");
  running.push(2, {}, {}, "b");
  EXPECT_EQ(running.text, "b");
  running.push(17, {}, {}, "c");
  EXPECT_EQ(running.text, "b");
  running.push(18, {}, {}, "a text that is longer than one that lies in its slot");
  EXPECT_EQ(running.text, "a text that is longer than one that lies in its slot");
  running.engine->finish();
  EXPECT_EQ(running.engine->counters().rules[0].window_keys, 0u);
}

// HyperLogLog with 2,048 registers: a standard error of 2.3 %. With these seeds, always the same, four of them are never reached.
TEST(WindowAggregates, ApproximateDistinctKeepsItsErrorBound) {
  for (const std::int64_t span : {100, 1'000, 20'000}) {
    Running running("approx_distinct(p.i)", {}, std::to_string(span) + "us sliding");
    std::mt19937_64 random(static_cast<std::uint64_t>(span));
    std::vector<std::int64_t> values;
    for (std::int64_t time = 0; time < 3 * span; ++time) {
      values.push_back(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * span)));
      running.push_int(time, values.back());
      if (time % (span / 4) != 0) continue;
      const std::size_t begin = time < span ? 0 : static_cast<std::size_t>(time - span + 1);
      const std::set<std::int64_t> different(values.begin() + static_cast<std::ptrdiff_t>(begin), values.end());
      const auto exact = static_cast<double>(different.size());
      ASSERT_NEAR(running.results.back().value_or(-1), exact, 1 + exact * 4 * 1.04 / std::sqrt(2048.0)) << span << " " << time;
    }
  }
}

TEST(WindowAggregates, TheBoundLetsTheOldestLeaveEarlyAndCountsThem) {
  EngineOptions options;
  options.max_window_events = 3;
  Running running("max(p.f)", options);
  for (int i = 0; i < 5; ++i) running.push_float(i, 10.0 - i);
  EXPECT_EQ(running.count, 3);
  EXPECT_EQ(running.results.back(), 8.0);
  EXPECT_EQ(running.engine->counters().rules[0].window_overfull, 2u);

  Running restored("max(p.f)", options);
  ASSERT_TRUE(restored.engine->restore(running.engine->snapshot()));
  EXPECT_EQ(restored.engine->counters().rules[0].window_overfull, 2u);
  restored.push_float(5, 1.0);
  EXPECT_EQ(restored.results.back(), 7.0);
  EXPECT_EQ(restored.engine->counters().rules[0].window_overfull, 3u);
}

TEST(WindowAggregates, IdleKeysOfLastEventsAreForgotten) {
  Running running("max(p.f)", {}, "last 3 events ttl 10us");
  running.push_float(0, 9.0);
  running.push_float(9, 1.0);
  EXPECT_EQ(running.results.back(), 9.0);
  EXPECT_GT(running.engine->counters().rules[0].window_bytes, 0u);
  running.push_float(19, 2.0);  // Exactly as old as the ttl: forgotten before this event.
  EXPECT_EQ(running.results.back(), 2.0);
  EXPECT_EQ(running.engine->counters().rules[0].window_forgotten, 1u);
  running.engine->finish();
  EXPECT_EQ(running.engine->counters().rules[0].window_forgotten, 2u);
  EXPECT_EQ(running.engine->counters().rules[0].window_keys, 0u);
}

}  // namespace
}  // namespace sequitur
