// What is remembered costs, as memory of the whole process: each row is measured in a process of its own.
//
//     idle_key/N       N keys whose runs have ended: bytes a key that the engine counts, and that the process keeps for other runs
//     live_run/N       N keys with one live run each that keeps one event: bytes a key, and without that event
//     stored_event     a run that keeps a million events: bytes an event, and without the event itself
//     rotating_keys/.. keys that come and are never seen again, for ten minutes by the clock ($SEQUITUR_MEMORY_SECONDS): growth of the
//                      resident memory behind the first third, by least squares; rules that keep runs, and a rule with a `limit`
//
// Run: build/release/bin/bench_memory
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "comparison.hpp"

namespace sequitur::bench {
namespace {

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

constexpr const char* kStreams = R"(
stream a time ts us { ts: time, key: int, amount: float }
stream b time ts us { ts: time, key: int, amount: float }
stream c time ts us { ts: time, key: int, amount: float }
)";
constexpr const char* kSequence = "rule seq3 { key key  within 1h  first p: a  then q: b  then r: c  emit hit(key) }";
constexpr const char* kLoop = "rule loop { key key  within 1h  first s: c  then p: a{3..} greedy  then q: b  emit hit(key) }";
constexpr const char* kRotating =
    "rule seq3 { key key  within 1m  first p: a  then q: b  then r: c  emit hit(key) }"
    "rule silent { key key  first p: a  no c for 10s  emit missing(key) }"
    "rule many { key key  within 1m  first p: a{3..} gap 5s  emit burst(key, n = count(p)) }";
constexpr const char* kLimited = "rule often { key key  first p: a  emit seen(key)  limit 1 per 10s }";

// Events pushed one by one.
class Pusher {
 public:
  explicit Pusher(const char* rule, EngineOptions options = {})
      : rules_(load_rules({{"memory.seq", std::string(kStreams) + rule}})), engine_(rules_, options, nullptr) {}
  void push(const char* stream, std::int64_t micros, std::int64_t key) {
    arena_.clear();
    Event& event = make_event(arena_, *rules_->find_stream(stream), Timestamp{Duration{micros}});
    event.slot(0) = Slot::of_int(event.time);
    event.slot(1) = Slot::of_int(key);
    event.slot(2) = Slot::of_float(1);
    engine_.push(event);
  }
  double event_bytes() const { return static_cast<double>(sizeof(Event) + rules_->find_stream("a")->fields.size() * sizeof(Slot)); }
  Engine& engine() { return engine_; }

 private:
  std::shared_ptr<const RuleSet> rules_;
  Arena arena_;
  Engine engine_;
};

struct Figures {
  double values[4] = {};
};

// In a child, so that no memory of other rows is in the way.
Figures in_child(const std::function<Figures()>& measure) {
  auto* shared = static_cast<Figures*>(mmap(nullptr, sizeof(Figures), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const pid_t child = fork();
  if (child == 0) {
    *shared = measure();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const Figures figures = *shared;
  munmap(shared, sizeof(Figures));
  if (status == 0) return figures;
  std::fputs("bench_memory: a measuring process failed\n", stderr);
  std::exit(1);
}

void keys(benchmark::State& state, bool live, std::int64_t count) {
  for (auto _ : state) {
    const Figures figures = in_child([=] {
      Pusher pusher(kSequence);
      const double before = resident_bytes();
      for (std::int64_t key = 0; key < count; ++key) pusher.push("a", key * 100, key);
      if (!live) pusher.engine().advance(Timestamp{std::chrono::hours(3)});
      return Figures{{resident_bytes() - before, static_cast<double>(pusher.engine().counters().state_bytes), pusher.event_bytes()}};
    });
    const double bytes = figures.values[0] / static_cast<double>(count);
    state.counters["bytes"] = bytes;
    state.counters["state_bytes"] = figures.values[1] / static_cast<double>(count);
    if (live) state.counters["bytes_over_event"] = bytes - figures.values[2];
  }
}

void stored_event(benchmark::State& state) {
  constexpr std::int64_t kCount = 1'000'000;
  for (auto _ : state) {
    const Figures figures = in_child([=] {
      EngineOptions options;
      options.max_run_events = kCount + 1;
      Pusher pusher(kLoop, options);
      pusher.push("c", 0, 1);
      const double before = resident_bytes();
      for (std::int64_t i = 1; i <= kCount; ++i) pusher.push("a", i, 1);
      return Figures{{resident_bytes() - before, pusher.event_bytes()}};
    });
    state.counters["bytes"] = figures.values[0] / kCount;
    state.counters["bytes_over_event"] = figures.values[0] / kCount - figures.values[1];
  }
}

void rotating_keys(benchmark::State& state, const char* rules) {
  const char* given = std::getenv("SEQUITUR_MEMORY_SECONDS");
  const double length = given != nullptr ? std::max(1.0, std::atof(given)) : 600;
  for (auto _ : state) {
    const Figures figures = in_child([=] {
      using Clock = std::chrono::steady_clock;
      Pusher pusher(rules);
      std::vector<std::pair<double, double>> samples;  // Minutes, megabytes.
      const Clock::time_point begin = Clock::now();
      std::int64_t i = 0;
      const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
      for (double now = 0, next = length / 3; now < length; now = seconds()) {
        // About 100,000 keys at once, each seen a few times and never again; 10,000 events a second of event time.
        for (int n = 0; n < 1000; ++n, ++i) {
          const std::int64_t key = i / 10 + (i * 7919) % 100'000;
          pusher.push(i % 5 == 3 ? "b" : i % 5 == 4 ? "c" : "a", i * 100, key);
        }
        if (now < next) continue;
        samples.emplace_back(now / 60, resident_bytes() / 1e6);
        next = now + length / 200;
      }
      double x = 0, y = 0, xx = 0, xy = 0;
      for (const auto& [minute, megabytes] : samples) {
        x += minute;
        y += megabytes;
        xx += minute * minute;
        xy += minute * megabytes;
      }
      const auto n = static_cast<double>(samples.size());
      return Figures{{(n * xy - x * y) / (n * xx - x * x), samples.back().second, static_cast<double>(i) / 1e6, length}};
    });
    state.counters["mb_per_minute"] = figures.values[0];
    state.counters["resident_mb"] = figures.values[1];
    state.counters["million_events"] = figures.values[2];
    state.counters["seconds"] = figures.values[3];
  }
}

}  // namespace
}  // namespace sequitur::bench

int main(int argc, char** argv) {
  using namespace sequitur::bench;  // NOLINT
  for (const bool live : {false, true})
    for (const std::int64_t count : {1'000'000, 10'000'000})
      benchmark::RegisterBenchmark((std::string(live ? "live_run/" : "idle_key/") + (count == 1'000'000 ? "1M" : "10M")).c_str(),
                                   [=](benchmark::State& state) { keys(state, live, count); })
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("stored_event", stored_event)->Iterations(1)->Unit(benchmark::kMillisecond);
  for (const bool limited : {false, true})
    benchmark::RegisterBenchmark(limited ? "rotating_keys/limit" : "rotating_keys/runs",
                                 [=](benchmark::State& state) { rotating_keys(state, limited ? kLimited : kRotating); })
        ->Iterations(1)
        ->Repetitions(1)
        ->Unit(benchmark::kMillisecond);
  return run_rows(argc, argv);
}
