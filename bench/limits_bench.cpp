// The engine beside programs that were written by hand for one job each (bench/limits), on the same events: a row for each
// workload of bench/scenarios, and rows of a thousand rules. Both must count the same matches, or the row fails.
//
// Run: build/release/bin/bench_limits [--benchmark_filter=^sequence/10k]
// The counters: millions of events a second by hand and by the engine, the engine's share, and matches by event.
#include <cstdio>
#include <cstdlib>
#include <cstring>

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

// A thousand rules with a literal each, about one text in a hundred holds one.
class ManyLiterals : public Comparison {
 public:
  explicit ManyLiterals(bool batched)
      : batched_(batched),
        literals_(limits::make_literals(1000)),
        texts_(limits::make_texts(400'000, literals_, 100)),
        scanner_(literals_),
        feed_(load_rules({{"literals.seq", rules(literals_)}})) {
    events = texts_.size();
    views_.assign(texts_.begin(), texts_.end());
    const StreamSchema& schema = *feed_.rules().find_stream("line");
    for (std::size_t i = 0; i < views_.size(); ++i) {
      Event& event = feed_.add(schema, static_cast<std::int64_t>(i));
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = Slot::of_short_text(views_[i]);
    }
  }
  void prepare() override { feed_.shift(static_cast<std::int64_t>(events)); }
  std::uint64_t by_hand() override {
    if (batched_)
      scanner_.scan_batched(views_, hits_);
    else
      scanner_.scan_each(views_, hits_);
    return hits_.size();
  }
  std::uint64_t by_engine() override { return feed_.push(); }

 private:
  static std::string rules(const std::vector<std::string>& literals) {
    std::string text = "stream line time ts us { ts: time, text: string }\n";
    for (std::size_t i = 0; i < literals.size(); ++i)
      text += "rule r" + std::to_string(i) + " { within 1s  first l: line where text contains \"" + literals[i] + "\"  emit found() }\n";
    return text;
  }

  bool batched_;
  std::vector<std::string> literals_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> views_;
  limits::Literals scanner_;
  std::vector<limits::Literals::Hit> hits_;
  Feed feed_;
};

// A thousand rules `amount > c and country == x`.
class ManyThresholds : public Comparison {
 public:
  explicit ManyThresholds(double hits)
      : work_(limits::make_payments(1000, 1'000'000, hits)),
        index_(work_.rules),
        feed_(load_rules({{"thresholds.seq", rules(work_.rules)}})) {
    events = work_.payments.size();
    const StreamSchema& schema = *feed_.rules().find_stream("pay");
    std::int64_t time = 0;
    for (const limits::Payment& payment : work_.payments) {
      Event& event = feed_.add(schema, ++time);
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = Slot::of_float(payment.amount);
      event.slot(2) = feed_.arena().text(unpacked(payment.country));
    }
  }
  void prepare() override { feed_.shift(static_cast<std::int64_t>(events)); }
  std::uint64_t by_hand() override { return index_.run(work_.payments, found_); }
  std::uint64_t by_engine() override { return feed_.push(); }

 private:
  static std::string unpacked(std::uint64_t country) {
    std::string name(sizeof country, '\0');
    std::memcpy(name.data(), &country, sizeof country);
    return name.c_str();
  }
  static std::string rules(std::span<const limits::ThresholdRule> rules) {
    std::string text = "stream pay time ts us { ts: time, amount: float, country: string }\n";
    for (std::size_t i = 0; i < rules.size(); ++i) {
      char threshold[32];
      std::snprintf(threshold, sizeof threshold, "%.17f", rules[i].threshold);
      text += "rule r" + std::to_string(i) + " { within 1s  first p: pay where amount > " + threshold + " and country == \"" +
              unpacked(rules[i].country) + "\"  emit found() }\n";
    }
    return text;
  }

  limits::Payments work_;
  limits::Thresholds index_;
  std::vector<std::uint32_t> found_;
  Feed feed_;
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
  add_comparison("literals_1000/each", [] { return std::make_unique<ManyLiterals>(false); });
  add_comparison("literals_1000/batched", [] { return std::make_unique<ManyLiterals>(true); });
  add_comparison("thresholds_1000/rare", [] { return std::make_unique<ManyThresholds>(0.01); });
  add_comparison("thresholds_1000/frequent", [] { return std::make_unique<ManyThresholds>(0.24); });
  benchmark::RegisterBenchmark("hand_over/256", hand_over)->UseRealTime()->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace sequitur::bench

int main(int argc, char** argv) {
  sequitur::bench::add_all();
  return sequitur::bench::run_rows(argc, argv);
}
