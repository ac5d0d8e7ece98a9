// Sliding windows of seven days over card payments, by customer and by terminal, on typed events in memory: the work of
// rules/real/card_payments_windows.seq without decoding. Every payment enters a window of each rule and, a week later, leaves it;
// the condition is asked both times.
// Run: build/release/bin/bench_windows --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include <benchmark/benchmark.h>

#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

constexpr const char* kStream = R"(
stream payment time at us { at: time, customer: int, terminal: int, amount: float }
)";

// Conditions that look at every aggregate and hardly ever hold.
constexpr const char* kByCustomer = R"(
rule by_customer {
  key    customer
  window 7d sliding
  over   p: payment
  when   count(p) > 200 or sum(p.amount) > 50000 or avg(p.amount) > 900 or max(p.amount) > 5000 or count(distinct p.terminal) > 190
  emit   customer_week(customer, n = count(p))
})";

constexpr const char* kByTerminal = R"(
rule by_terminal {
  key    terminal
  window 7d sliding
  over   p: payment
  when   count(p) > 200 or sum(p.amount) > 50000 or avg(p.amount) > 900 or max(p.amount) > 5000 or count(distinct p.customer) > 190
  emit   terminal_week(terminal, n = count(p))
})";

// What else a window can be asked, each kept in its own way.
constexpr const char* kPercentile = R"(
rule percentile_by_customer {
  key    customer
  window 7d sliding
  over   p: payment
  when   percentile(p.amount, 95) > 5000
  emit   customer_week(customer)
})";

constexpr const char* kDeviation = R"(
rule deviation_by_customer {
  key    customer
  window 7d sliding
  over   p: payment
  when   stddev(p.amount) > 5000
  emit   customer_week(customer)
})";

constexpr const char* kTop = R"(
rule top_by_customer {
  key    customer
  window 7d sliding
  over   p: payment
  when   top_count(p.terminal, 1) > 150
  emit   customer_week(customer)
})";

constexpr const char* kApproximate = R"(
rule approximate {
  window 7d sliding
  over   p: payment
  when   approx_distinct(p.customer) > 6000
  emit   week(n = count(p))
})";

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kDays = 60;
constexpr std::size_t kPaymentsADay = 9'600;
constexpr std::size_t kEvents = kDays * kPaymentsADay;
constexpr std::size_t kBatch = 4096;

std::shared_ptr<const RuleSet> load(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  auto rules = RuleSet::load({{"bench.seq", kStream + text}}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) std::fprintf(stderr, "%s %s\n", diagnostic.code.c_str(), diagnostic.message.c_str());
  if (!rules) std::exit(1);
  return rules;
}

// 5,000 customers, each with 40 terminals of its own among 10,000, amounts in cents: as much as the real payments have of each.
struct Payments {
  explicit Payments(const RuleSet& rules) {
    std::mt19937_64 random(42);
    const StreamSchema& schema = *rules.find_stream("payment");
    std::lognormal_distribution<double> amounts(3.5, 0.8);
    for (std::size_t i = 0; i < kEvents; ++i) {
      const auto customer = static_cast<std::int64_t>(random() % 5'000);
      Event& event = make_event(arena, schema, Timestamp{Duration{static_cast<std::int64_t>(i) * (kDay / std::int64_t{kPaymentsADay})}});
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = Slot::of_int(customer);
      event.slot(2) = Slot::of_int((customer * 7'919 + static_cast<std::int64_t>(random() % 40) * 251) % 10'000);
      event.slot(3) = Slot::of_float(std::round(amounts(random) * 100) / 100);
      events.push_back(&event);
    }
  }
  // The same payments again, later.
  void shift() {
    for (Event* event : events) {
      event->time += kDays * kDay;
      event->slot(0) = Slot::of_int(event->time);
    }
  }

  Arena arena;
  std::vector<Event*> events;
};

void feed(benchmark::State& state, const std::string& rule) {
  const auto rules = load(rule);
  Payments payments(*rules);
  std::uint64_t alerts = 0;
  Engine engine(rules, {}, [&](std::span<const Alert> found) { alerts += found.size(); });
  const auto push_all = [&] {
    for (std::size_t at = 0; at < payments.events.size(); at += kBatch)
      engine.push(std::span(payments.events).subspan(at, std::min(kBatch, payments.events.size() - at)));
  };
  push_all();
  alerts = 0;
  for (auto _ : state) {
    state.PauseTiming();
    payments.shift();
    state.ResumeTiming();
    push_all();
  }
  const auto pushed = static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(kEvents);
  state.SetItemsProcessed(pushed);
  std::uint64_t keys = 0, bytes = 0;
  const EngineCounters counters = engine.counters();
  for (const RuleCounters& one : counters.rules) {
    keys += one.window_keys;
    bytes += one.window_bytes;
  }
  state.counters["alerts/event"] = static_cast<double>(alerts) / static_cast<double>(pushed);
  state.counters["keys"] = static_cast<double>(keys);
  state.counters["bytes/key"] = keys == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(keys);
}

BENCHMARK_CAPTURE(feed, by_customer, kByCustomer)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(feed, by_terminal, kByTerminal)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(feed, both, std::string(kByCustomer) + kByTerminal)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(feed, percentile, kPercentile)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(feed, deviation, kDeviation)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(feed, top, kTop)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(feed, approximate_global, kApproximate)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sequitur

BENCHMARK_MAIN();
