#include "comparison.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "limits/workload.hpp"

namespace sequitur::bench {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::shared_ptr<const RuleSet> load_rules(const std::vector<SourceFile>& files) {
  std::vector<Diagnostic> diagnostics;
  auto rules = RuleSet::load(files, diagnostics);
  if (rules) return rules;
  for (const Diagnostic& diagnostic : diagnostics) std::fprintf(stderr, "%s %s\n", diagnostic.code.c_str(), diagnostic.message.c_str());
  std::exit(1);
}

Feed::Feed(std::shared_ptr<const RuleSet> rules, EngineOptions options)
    : rules_(std::move(rules)), engine_(rules_, options, [this](std::span<const Alert> alerts) { take(alerts); }) {}

void Feed::take(std::span<const Alert> alerts) {
  alerts_ += alerts.size();
  if (sum_of_.empty()) return;
  for (const Alert& alert : alerts) sum_ += static_cast<std::uint64_t>(alert.get<std::int64_t>(sum_of_).value_or(0));
}

Event& Feed::add(const StreamSchema& schema, std::int64_t micros) {
  Event& event = make_event(arena_, schema, Timestamp{Duration{micros}});
  events_.push_back(&event);
  return event;
}

void Feed::add(std::span<const limits::Record> records) {
  for (const limits::Record& record : records) {
    Event& event = add(*rules_->find_stream(std::string(1, static_cast<char>('a' + record.type))), limits::to_micros(record.time));
    event.slot(0) = Slot::of_int(event.time);
    event.slot(1) = Slot::of_int(static_cast<std::int64_t>(record.key));
    event.slot(2) = Slot::of_float(record.amount);
    event.slot(3) = Slot::of_int(static_cast<std::int64_t>(record.rest[0]));
  }
}

void Feed::shift(std::int64_t micros) {
  for (Event* event : events_) event->time += micros;
}

std::uint64_t Feed::push() {
  constexpr std::size_t kBatch = 4096;
  alerts_ = sum_ = 0;
  for (std::size_t at = 0; at < events_.size(); at += kBatch)
    engine_.push(std::span(events_).subspan(at, std::min(kBatch, events_.size() - at)));
  return sum_of_.empty() ? alerts_ : sum_;
}

namespace {

// The last comparison made, so that the repetitions of a row share it and rows do not add up in memory.
Comparison& made_once(const std::string& name, const std::function<std::unique_ptr<Comparison>()>& make) {
  static std::string current;
  static std::unique_ptr<Comparison> made;
  if (current != name) {
    made.reset();
    made = make();
    current = name;
    for (int round = 0; round < 2; ++round) {  // Warm both sides up.
      made->prepare();
      made->by_hand();
      made->by_engine();
    }
  }
  return *made;
}

void compare(benchmark::State& state, const std::string& name, const std::function<std::unique_ptr<Comparison>()>& make) {
  Comparison& work = made_once(name, make);
  double hand = 0;
  double engine = 0;
  std::uint64_t matches = 0;
  for (auto _ : state) {
    work.prepare();
    const double begin = cpu_seconds();
    const std::uint64_t expected = work.by_hand();
    const double middle = cpu_seconds();
    matches = work.by_engine();
    const double end = cpu_seconds();
    hand += middle - begin;
    engine += end - middle;
    state.SetIterationTime(end - middle);
    if (matches != expected)
      state.SkipWithError(("by hand " + std::to_string(expected) + " matches, by the engine " + std::to_string(matches)).c_str());
  }
  const double millions = static_cast<double>(work.events * state.iterations()) / 1e6;
  state.counters["by_hand"] = millions / hand;
  state.counters["engine"] = millions / engine;
  state.counters["share"] = hand / engine;
  state.counters["matches"] = static_cast<double>(matches) / static_cast<double>(work.events);
  work.report(state.counters);
}

}  // namespace

void add_comparison(const std::string& name, const std::function<std::unique_ptr<Comparison>()>& make) {
  benchmark::RegisterBenchmark(name.c_str(), [name, make](benchmark::State& state) { compare(state, name, make); })
      ->UseManualTime()
      ->ComputeStatistics("max", [](const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); })
      ->Unit(benchmark::kMillisecond);
}

int run_rows(int argc, char** argv) {
  // What an option given later replaces. A round of a row is long enough by itself.
  std::string defaults[] = {"--benchmark_repetitions=5", "--benchmark_report_aggregates_only=true", "--benchmark_counters_tabular=true",
                            "--benchmark_min_time=0.01"};
  std::vector<char*> arguments(argv, argv + 1);
  for (std::string& option : defaults) arguments.push_back(option.data());
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace sequitur::bench
