// How long an event takes from the moment it is due until its alerts are delivered: three steps of one of 10,000 keys, engine in
// the calling thread, one event a push. The generator is open: event i is due at i / rate whether or not the one before is
// done, so that waiting behind a slow one counts (no coordinated omission).
//
//     peak           nothing measured in between: how many single pushes a second there are
//     empty_loop     the same generator at half the peak, without an engine: what the machine and the clock do by themselves
//     busy_loop      the same, busy for as long as the engine takes on average: how far the machine's stalls reach at this load
//     half_of_peak   the engine at half the peak
//     full_peak      the engine at the peak: the clock is read as well, so it cannot keep up; the queue is what is measured
//
// Run: build/release/bin/bench_latency
// The counters: nanoseconds.
#include <chrono>
#include <vector>

#include "comparison.hpp"
#include "latency_histogram.hpp"
#include "limits/workload.hpp"
#include "scenario.hpp"

namespace sequitur::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kEvents = 1'000'000;
constexpr std::size_t kWarmUp = 100'000;  // Of these: played, not counted. The keys come back into the cache.

class Work {
 public:
  Work() : rules_(rules()), engine_(rules_, {}, [this](std::span<const Alert> alerts) { alerts_ += alerts.size(); }) {
    for (const limits::Record& record : limits::make_records({.count = kEvents, .keys = 10'000})) {
      Event& event = make_event(arena_, *rules_->find_stream(std::string(1, static_cast<char>('a' + record.type))),
                                Timestamp{Duration{limits::to_micros(record.time)}});
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = Slot::of_int(static_cast<std::int64_t>(record.key));
      event.slot(2) = Slot::of_float(record.amount);
      event.slot(3) = Slot::of_int(static_cast<std::int64_t>(record.rest[0]));
      events_.push_back(&event);
    }
    for (int round = 0; round < 2; ++round) push_all();
    const Clock::time_point begin = Clock::now();
    push_all();
    peak_ = static_cast<double>(kEvents) / std::chrono::duration<double>(Clock::now() - begin).count();
  }

  double peak() const { return peak_; }
  void later() {
    for (Event* event : events_) event->time += limits::to_micros(kEvents);
  }
  void push(std::size_t i) { engine_.push(*events_[i]); }

 private:
  static std::shared_ptr<const RuleSet> rules() {
    for (const Scenario& scenario : read_scenarios(SEQUITUR_SCENARIOS))
      if (scenario.name == "sequence") return load_rules({scenario.rules});
    std::abort();
  }
  void push_all() {
    for (std::size_t i = 0; i < kEvents; ++i) push(i);
    later();
  }

  std::shared_ptr<const RuleSet> rules_;
  Arena arena_;
  std::vector<Event*> events_;
  std::uint64_t alerts_ = 0;
  double peak_ = 0;
  Engine engine_;
};

Work& work() {
  static Work made;
  return made;
}

void peak(benchmark::State& state) {
  for (auto _ : state) {
    const Clock::time_point begin = Clock::now();
    for (std::size_t i = 0; i < kEvents; ++i) work().push(i);
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - begin).count());
    work().later();
  }
  state.counters["engine"] = benchmark::Counter(kEvents / 1e6, benchmark::Counter::kIsIterationInvariantRate);
}

// `each` is called for every event when it is due, or as soon after that as the one before is done.
template <typename Each>
void play(benchmark::State& state, double rate, Each each) {
  LatencyHistogram latencies;
  const double pace = 1e9 / rate;
  for (auto _ : state) {
    const Clock::time_point begin = Clock::now();
    Clock::time_point now = begin;
    for (std::size_t i = 0; i < kEvents; ++i) {
      const Clock::time_point due = begin + std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(i) * pace));
      while (now < due) now = Clock::now();
      each(i);
      now = Clock::now();
      if (i >= kWarmUp) latencies.add(static_cast<std::uint64_t>(std::chrono::nanoseconds(now - due).count()));
    }
    state.SetIterationTime(std::chrono::duration<double>(now - begin).count());
  }
  for (const auto& [name, percent] : {std::pair{"p50", 50.0}, {"p99", 99.0}, {"p99_9", 99.9}})
    state.counters[name] = static_cast<double>(latencies.percentile(percent));
  state.counters["max"] = static_cast<double>(latencies.greatest());
  state.counters["rate"] = rate / 1e6;
}

void with_engine(benchmark::State& state, double share) {
  play(state, work().peak() * share, [](std::size_t i) { work().push(i); });
  work().later();
}

}  // namespace
}  // namespace sequitur::bench

int main(int argc, char** argv) {
  using namespace sequitur::bench;  // NOLINT
  const auto add = [](const char* name, auto row) {
    benchmark::RegisterBenchmark(name, row)->Iterations(1)->UseManualTime()->Unit(benchmark::kMillisecond);
  };
  add("peak", peak);
  add("empty_loop", [](benchmark::State& state) { play(state, work().peak() / 2, [](std::size_t i) { benchmark::DoNotOptimize(i); }); });
  add("busy_loop", [](benchmark::State& state) {
    const auto taken = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / work().peak()));
    play(state, work().peak() / 2, [taken](std::size_t) {
      const Clock::time_point until = Clock::now() + taken;
      while (Clock::now() < until) {}
    });
  });
  add("half_of_peak", [](benchmark::State& state) { with_engine(state, 0.5); });
  add("full_peak", [](benchmark::State& state) { with_engine(state, 1); });
  return run_rows(argc, argv);
}
