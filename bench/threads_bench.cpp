// One thread beside two, by the clock: run() over text, and Engine::push over typed events in memory. A round is played by one
// and by two in turn. What part of the work stays serial follows from the two (Amdahl), and with it what 8 and 16 would give.
//
// Run: build/release/bin/bench_threads
// The counters: millions of events a second with one and two, the speed-up, the serial part, and the speed-up to be expected.
#include <algorithm>
#include <chrono>

#include "comparison.hpp"
#include "limits/workload.hpp"
#include "scenario.hpp"
#include "text_feed.hpp"

namespace sequitur::bench {
namespace {

void set_counters(benchmark::State& state, double events, double one, double two) {
  const double speed_up = one / two;
  const double serial = std::clamp(2 / speed_up - 1, 0.0, 1.0);
  state.counters["one"] = events / one / 1e6;
  state.counters["two"] = events / two / 1e6;
  state.counters["speed_up"] = speed_up;
  state.counters["serial"] = serial;
  for (const int threads : {8, 16}) state.counters["by_" + std::to_string(threads)] = 1 / (serial + (1 - serial) / threads);
}

template <typename Round>
void play(benchmark::State& state, std::size_t events, Round round) {
  using Clock = std::chrono::steady_clock;
  double seconds[2] = {};
  for (auto _ : state) {
    double both = 0;
    for (const unsigned threads : {1u, 2u}) {
      const Clock::time_point begin = Clock::now();
      round(threads);
      const double took = std::chrono::duration<double>(Clock::now() - begin).count();
      seconds[threads - 1] += took;
      both += took;
    }
    state.SetIterationTime(both);
  }
  set_counters(state, static_cast<double>(events * state.iterations()), seconds[0], seconds[1]);
}

void from_text(benchmark::State& state, const Scenario& scenario, const Workload& workload) {
  TextFeed feed(load_rules({scenario.rules}), limits::make_records(workload.mix), workload.carrier);
  std::uint64_t alerts[2] = {};
  play(state, workload.mix.count, [&](unsigned threads) {
    feed.prepare();
    EngineOptions options;
    options.threads = threads;
    alerts[threads - 1] = feed.run(options);
  });
  if (alerts[0] != alerts[1]) state.SkipWithError("two threads find something else than one");
}

void in_memory(benchmark::State& state, const Scenario& scenario, const Workload& workload) {
  const auto rules = load_rules({scenario.rules});
  EngineOptions two;
  two.threads = 2;
  Feed feeds[2] = {Feed(rules), Feed(rules, two)};
  const auto records = limits::make_records(workload.mix);
  for (Feed& feed : feeds) {
    feed.add(records);
    feed.push();
  }
  std::uint64_t alerts[2] = {};
  const std::int64_t span = limits::to_micros(static_cast<std::uint32_t>(workload.mix.count) * workload.mix.step);
  play(state, workload.mix.count, [&](unsigned threads) {
    feeds[threads - 1].shift(span);
    alerts[threads - 1] = feeds[threads - 1].push();
  });
  if (alerts[0] != alerts[1]) state.SkipWithError("two threads find something else than one");
}

}  // namespace
}  // namespace sequitur::bench

int main(int argc, char** argv) {
  using namespace sequitur::bench;  // NOLINT
  for (const Scenario& scenario : read_scenarios(SEQUITUR_SCENARIOS))
    for (const Workload& workload : scenario.workloads) {
      if (scenario.name != "sequence") continue;
      const auto row = workload.carrier == Carrier::kMemory ? in_memory : from_text;
      benchmark::RegisterBenchmark((scenario.name + "/" + workload.name).c_str(),
                                   [=](benchmark::State& state) { row(state, scenario, workload); })
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    }
  return run_rows(argc, argv);
}
