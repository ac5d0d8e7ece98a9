// The engine on typed events in memory: what a rule costs per event once the input is decoded.
// Run: build/release/bin/bench_engine --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include <benchmark/benchmark.h>

#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

constexpr const char* kStreams = R"(
stream a time ts us { ts: time, key: int, x: int, amount: float }
stream b time ts us { ts: time, key: int, x: int, amount: float }
stream c time ts us { ts: time, key: int, x: int, amount: float }
)";

std::shared_ptr<const RuleSet> load(const std::string& rule) {
  std::vector<Diagnostic> diagnostics;
  auto rules = RuleSet::load({{"bench.seq", kStreams + rule}}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) std::fprintf(stderr, "%s %s\n", diagnostic.code.c_str(), diagnostic.message.c_str());
  if (!rules) std::exit(1);
  return rules;
}

// Events of random streams and keys, `step` microseconds apart, made once.
struct Workload {
  Workload(const RuleSet& rules, std::size_t count, std::int64_t keys, std::int64_t step, std::vector<const char*> streams,
           std::int64_t x_range = 1000) {
    std::mt19937_64 random(42);
    events.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const StreamSchema& schema = *rules.find_stream(streams[random() % streams.size()]);
      Event& event = make_event(arena, schema, Timestamp{Duration{static_cast<std::int64_t>(i) * step}});
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = Slot::of_int(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(keys)));
      event.slot(2) = Slot::of_int(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(x_range)));
      event.slot(3) = Slot::of_float(static_cast<double>(random() % 10000) / 100);
      events.push_back(&event);
    }
    span = static_cast<std::int64_t>(count) * step;
  }

  // The same events again, later.
  void shift() {
    for (Event* event : events) event->time += span;
  }

  Arena arena;
  std::vector<Event*> events;
  std::int64_t span = 0;
};

// With few keys as many events as stay in the cache of the third level, as those of bench/limits do.
constexpr std::size_t events_for(std::int64_t keys) { return keys > 100'000 ? 1 << 20 : 1 << 18; }
constexpr std::size_t kBatch = 4096;

void feed(benchmark::State& state, const std::string& rule, std::int64_t keys, std::int64_t step, std::vector<const char*> streams) {
  const auto rules = load(rule);
  const std::size_t count = events_for(keys);
  Workload workload(*rules, count, keys, step, streams);
  std::uint64_t alerts = 0;
  Engine engine(rules, {}, [&](std::span<const Alert> found) { alerts += found.size(); });
  const auto push_all = [&] {
    for (std::size_t at = 0; at < workload.events.size(); at += kBatch)
      engine.push(std::span(workload.events).subspan(at, std::min(kBatch, workload.events.size() - at)));
  };
  push_all();
  alerts = 0;
  for (auto _ : state) {
    workload.shift();  // Dating the events anew is not the engine's work.
    const auto begin = std::chrono::steady_clock::now();
    push_all();
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * count));
  const EngineCounters counters = engine.counters();
  state.counters["alerts/event"] = static_cast<double>(alerts) / static_cast<double>(state.iterations() * count);
  state.counters["live_runs"] = static_cast<double>(counters.live_runs);
  state.counters["state_bytes"] = static_cast<double>(counters.state_bytes);
}

constexpr const char* kSequence = "rule seq3 { key key  within 10m  first p: a  then q: b  then r: c  emit hit(key) }";

// A three-step keyed sequence, every event relevant.
void BM_Sequence(benchmark::State& state) { feed(state, kSequence, state.range(0), 100, {"a", "b", "c"}); }
BENCHMARK(BM_Sequence)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond)->UseManualTime();

// Absence: every `a` waits for five seconds of silence.
void BM_Absence(benchmark::State& state) {
  feed(state, "rule silent { key key  first p: a  no b for 5s  emit missing(key) }", 10'000, 100, {"a", "b"});
}
BENCHMARK(BM_Absence)->Unit(benchmark::kMillisecond)->UseManualTime();

// About 300 live runs on one key; each b is compared with all that wait for its x.
void BM_ManyRuns(benchmark::State& state) {
  // One in two events is an `a` that lives for `range` steps of 100 us unless its b comes.
  const std::string within = std::to_string(state.range(0) * 2 * 100) + "us";
  feed(state, "rule wait { key key  within " + within + "  first p: a  then q: b where x == p.x + 5000  emit hit(key) }", 1, 100,
       {"a", "b"});
}
BENCHMARK(BM_ManyRuns)->Arg(10)->Arg(300)->Arg(1000)->Unit(benchmark::kMillisecond)->UseManualTime();

// Five failures, then a success.
void BM_FailuresThenSuccess(benchmark::State& state) {
  feed(state,
       "rule brute { key key  within 2m  first f: a{5..} where amount < 90  no c  then w: b where amount < 90  emit hit(key, n = count(f)) "
       "}",
       10'000, 100, {"a", "a", "a", "a", "b"});
}
BENCHMARK(BM_FailuresThenSuccess)->Unit(benchmark::kMillisecond)->UseManualTime();

}  // namespace
}  // namespace sequitur

BENCHMARK_MAIN();
