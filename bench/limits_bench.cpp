// The engine beside programs that were written by hand for one job each (bench/limits), on the same events: a row for each
// workload of bench/scenarios. Both must count the same matches, or the row fails.
//
// Run: build/release/bin/bench_limits [--benchmark_filter=^sequence/10k]
// The counters: millions of events a second by hand and by the engine, the engine's share, and matches by event.
#include <cstdio>
#include <cstdlib>

#include "comparison.hpp"
#include "limits/workload.hpp"
#include "scenario.hpp"
#include "text_feed.hpp"

namespace sequitur::bench {
namespace {

using limits::Record;

// A program by hand for a scenario.
using ByHand = std::function<std::uint64_t(std::span<const Record>, std::uint32_t shift)>;

template <typename Detector>
ByHand run_of(std::shared_ptr<Detector> detector, std::uint64_t (Detector::*run)(std::span<const Record>, std::uint32_t) = &Detector::run) {
  return [=](std::span<const Record> records, std::uint32_t shift) { return (detector.get()->*run)(records, shift); };
}

ByHand by_hand(const std::string& scenario, const limits::Mix& mix) {
  using limits::Sequence;
  if (scenario == "sequence_3_of_16") return run_of(std::make_shared<Sequence>(mix.keys), &Sequence::run_filtered);
  if (scenario == "runs_together") return run_of(std::make_shared<Sequence>(mix.keys, limits::kTicksPerSecond));
  if (scenario.starts_with("sequence")) return run_of(std::make_shared<Sequence>(mix.keys));
  if (scenario == "absence") return run_of(std::make_shared<limits::Absence>(mix.keys));
  if (scenario == "failures_then_success") return run_of(std::make_shared<limits::Failures>(mix.keys));
  if (scenario == "a_b_plus_c") return run_of(std::make_shared<limits::Loops>(mix.keys));
  if (scenario == "runs_awaiting_value") return run_of(std::make_shared<limits::Awaited>(mix.values));
  std::fprintf(stderr, "bench/scenarios/%s.seq has no program by hand\n", scenario.c_str());
  std::exit(1);
}

// Records in memory: each round plays them again, later.
class InMemory : public Comparison {
 public:
  InMemory(const Scenario& scenario, const limits::Mix& mix)
      : records_(limits::make_records(mix)),
        span_(static_cast<std::uint32_t>(mix.count) * mix.step),
        by_hand_(bench::by_hand(scenario.name, mix)),
        feed_(load_rules({scenario.rules})) {
    events = mix.count;
    feed_.add(records_);
  }
  void prepare() override {
    if (round_++ == 0) return;
    shift_ += span_;
    feed_.shift(limits::to_micros(span_));
  }
  std::uint64_t by_hand() override { return by_hand_(records_, shift_); }
  std::uint64_t by_engine() override { return feed_.push(); }

 private:
  std::vector<Record> records_;
  std::uint32_t span_;
  ByHand by_hand_;
  Feed feed_;
  std::uint32_t shift_ = 0;
  int round_ = 0;
};

// From text to matches, both from an empty state in every round.
class FromText : public Comparison {
 public:
  FromText(const Scenario& scenario, const Workload& workload)
      : keys_(workload.mix.keys), feed_(load_rules({scenario.rules}), limits::make_records(workload.mix), workload.carrier) {
    events = workload.mix.count;
  }
  void prepare() override { feed_.prepare(); }
  std::uint64_t by_hand() override {
    limits::Sequence sequence(keys_);
    return feed_.carrier() == Carrier::kNdjson ? sequence.run_ndjson(feed_.text()) : sequence.run_csv(feed_.text());
  }
  std::uint64_t by_engine() override { return feed_.run({}); }

 private:
  std::uint64_t keys_;
  TextFeed feed_;
};

// Both threads together, by the clock.
void hand_over(benchmark::State& state) {
  const std::vector<Record> records = limits::make_records({.count = 2'000'000, .keys = 10'000});
  for (auto _ : state) benchmark::DoNotOptimize(limits::hand_over(records, 256));
  state.counters["by_hand"] = benchmark::Counter(static_cast<double>(records.size()) / 1e6, benchmark::Counter::kIsIterationInvariantRate);
}

void add_all() {
  for (const Scenario& scenario : read_scenarios(SEQUITUR_SCENARIOS))
    for (const Workload& workload : scenario.workloads)
      add_comparison(scenario.name + "/" + workload.name, [=]() -> std::unique_ptr<Comparison> {
        if (workload.carrier == Carrier::kMemory) return std::make_unique<InMemory>(scenario, workload.mix);
        return std::make_unique<FromText>(scenario, workload);
      });
  benchmark::RegisterBenchmark("hand_over/256", hand_over)->UseRealTime()->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace sequitur::bench

int main(int argc, char** argv) {
  sequitur::bench::add_all();
  return sequitur::bench::run_rows(argc, argv);
}
