// The engine beside programs that were written by hand for one job each (bench/limits), on the same events.
// A row runs both in turn, so that whatever else the machine does hits both; times are CPU times of the thread.
// Both must count the same matches, or the row fails.
//
// Run: build/release/bin/bench_limits [--benchmark_filter=sequence]
// The counters: millions of events a second by hand and by the engine, the engine's share, and matches by event.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <string>

#include "adapters/formats.hpp"
#include "limits/limits.hpp"
#include "limits/workload.hpp"
#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

using limits::Record;

// One kind of work, both ways. The state of either side lasts from one round to the next.
class Comparison {
 public:
  virtual ~Comparison() = default;
  virtual void prepare() {}  // Before each round; its time does not count.
  virtual std::uint64_t by_hand() = 0;
  virtual std::uint64_t by_engine() = 0;
  std::uint64_t events = 0;
};

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::shared_ptr<const RuleSet> load(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  auto rules = RuleSet::load({{"limits.seq", text}}, diagnostics);
  if (rules) return rules;
  for (const Diagnostic& diagnostic : diagnostics) std::fprintf(stderr, "%s %s\n", diagnostic.code.c_str(), diagnostic.message.c_str());
  std::exit(1);
}

// Streams a, b, c, ..
std::string declare(std::size_t types) {
  std::string text;
  for (std::size_t type = 0; type < types; ++type)
    text += std::string("stream ") + static_cast<char>('a' + type) + " time ts us { ts: time, key: int, amount: float, x: int }\n";
  return text;
}

// Events of the engine, handed over in spans of 4096.
class Feed {
 public:
  explicit Feed(std::shared_ptr<const RuleSet> rules)
      : rules_(std::move(rules)), engine_(rules_, {}, [this](std::span<const Alert> alerts) { alerts_ += alerts.size(); }) {}

  Event& add(const StreamSchema& schema, std::int64_t micros) {
    Event& event = make_event(arena_, schema, Timestamp{Duration{micros}});
    events_.push_back(&event);
    return event;
  }
  void add(std::span<const Record> records) {
    for (const Record& record : records) {
      Event& event = add(*rules_->find_stream(std::string(1, static_cast<char>('a' + record.type))), limits::to_micros(record.time));
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = Slot::of_int(static_cast<std::int64_t>(record.key));
      event.slot(2) = Slot::of_float(record.amount);
      event.slot(3) = Slot::of_int(static_cast<std::int64_t>(record.rest[0]));
    }
  }
  void shift(std::int64_t micros) {
    for (Event* event : events_) event->time += micros;
  }
  std::uint64_t push() {
    constexpr std::size_t kBatch = 4096;
    alerts_ = 0;
    for (std::size_t at = 0; at < events_.size(); at += kBatch)
      engine_.push(std::span(events_).subspan(at, std::min(kBatch, events_.size() - at)));
    return alerts_;
  }
  Arena& arena() { return arena_; }
  const RuleSet& rules() const { return *rules_; }

 private:
  std::shared_ptr<const RuleSet> rules_;
  Arena arena_;
  std::vector<Event*> events_;
  std::uint64_t alerts_ = 0;
  Engine engine_;
};

constexpr const char* kSequence = "rule seq3 { key key  within 10m  first p: a  then q: b  then r: c  emit hit(key) }";

// Records in memory against one rule: each round plays them again, later.
class InMemory : public Comparison {
 public:
  using ByHand = std::function<std::uint64_t(std::span<const Record>, std::uint32_t shift)>;
  InMemory(const limits::Mix& mix, const std::string& rule, ByHand by_hand)
      : records_(limits::make_records(mix)), by_hand_(std::move(by_hand)), feed_(load(declare(mix.weights.size()) + rule)) {
    events = mix.count;
    feed_.add(records_);
  }
  void prepare() override {
    if (round_++ == 0) return;
    shift_ += static_cast<std::uint32_t>(events);
    feed_.shift(limits::to_micros(static_cast<std::uint32_t>(events)));
  }
  std::uint64_t by_hand() override { return by_hand_(records_, shift_); }
  std::uint64_t by_engine() override { return feed_.push(); }

 private:
  std::vector<Record> records_;
  ByHand by_hand_;
  Feed feed_;
  std::uint32_t shift_ = 0;
  int round_ = 0;
};

// Pieces of text that were cut beforehand, as a file's source hands them on.
class TextSource : public Source {
 public:
  TextSource(std::vector<std::string> pieces, std::shared_ptr<const std::string> header)
      : pieces_(std::move(pieces)), header_(std::move(header)) {}
  Result<ReadStatus> read(RawBatch& batch) override {
    if (next_ == pieces_.size()) return ReadStatus::kEnd;
    batch.offset = offset_;
    batch.bytes.swap(pieces_[next_++]);
    batch.header = header_;
    offset_ += batch.bytes.size();
    batch.source_bytes = offset_;
    return ReadStatus::kRecords;
  }

 private:
  std::vector<std::string> pieces_;
  std::shared_ptr<const std::string> header_;
  std::size_t next_ = 0;
  std::uint64_t offset_ = 0;
};

std::vector<std::string> cut(std::string_view text) {
  constexpr std::size_t kPiece = 256 * 1024;
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t end = text.size() <= kPiece ? text.size() : text.rfind('\n', kPiece) + 1;
    pieces.emplace_back().reserve(end + limits::kTextPadding);
    pieces.back() = text.substr(0, end);
    text.remove_prefix(end);
  }
  return pieces;
}

// From text to matches, both from an empty state in every round.
class FromText : public Comparison {
 public:
  FromText(const limits::Mix& mix, Format format)
      : keys_(mix.keys), format_(format), rules_(load(declare(mix.weights.size()) + kSequence)) {
    events = mix.count;
    const std::vector<Record> records = limits::make_records(mix);
    text_ = format == Format::kNdjson ? limits::make_ndjson(records) : limits::make_csv(records);
    text_.reserve(text_.size() + limits::kTextPadding);
  }
  void prepare() override {
    inputs_.clear();
    Input& input = inputs_.emplace_back();
    input.name = "text";
    auto header = format_ == Format::kCsv ? std::make_shared<const std::string>(limits::kCsvHeader.substr(0, limits::kCsvHeader.size() - 1))
                                          : nullptr;
    input.source = std::make_unique<TextSource>(cut(text_), header);
    std::vector<const StreamSchema*> schemas;
    for (const StreamSchema& schema : rules_->schemas())
      if (schema.external) {
        schemas.push_back(&schema);
        input.streams.push_back(schema.id);
      }
    DecoderOptions options;
    options.stream_field = "stream";
    auto decoder = make_decoder(format_, schemas, options);
    if (!decoder) {
      std::fprintf(stderr, "%s\n", decoder.error().message.c_str());
      std::exit(1);
    }
    input.decoder = std::move(*decoder);
  }
  std::uint64_t by_hand() override {
    limits::Sequence sequence(keys_);
    return format_ == Format::kNdjson ? sequence.run_ndjson(text_) : sequence.run_csv(text_);
  }
  std::uint64_t by_engine() override {
    const Result<RunSummary> summary = run(rules_, {}, std::move(inputs_), {}, nullptr, {});
    inputs_.clear();
    return summary ? summary->alerts : ~std::uint64_t{0};
  }

 private:
  std::uint64_t keys_;
  Format format_;
  std::shared_ptr<const RuleSet> rules_;
  std::string text_;
  std::vector<Input> inputs_;
};

// A thousand rules with a literal each, about one text in a hundred holds one.
class ManyLiterals : public Comparison {
 public:
  explicit ManyLiterals(bool batched)
      : batched_(batched),
        literals_(limits::make_literals(1000)),
        texts_(limits::make_texts(400'000, literals_, 100)),
        scanner_(literals_),
        feed_(load(rules(literals_))) {
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
      : work_(limits::make_payments(1000, 1'000'000, hits)), index_(work_.rules), feed_(load(rules(work_.rules))) {
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

// The last comparison made, so that the repetitions of a row share it and rows do not add up in memory.
Comparison& comparison(const std::string& name, const std::function<std::unique_ptr<Comparison>()>& make) {
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
  Comparison& work = comparison(name, make);
  double hand = 0;
  double engine = 0;
  std::uint64_t matches = 0;
  for (auto _ : state) {
    work.prepare();
    const double begin = thread_seconds();
    const std::uint64_t expected = work.by_hand();
    const double middle = thread_seconds();
    matches = work.by_engine();
    const double end = thread_seconds();
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
}

// Both threads together, by the clock.
void hand_over(benchmark::State& state) {
  const std::vector<Record> records = limits::make_records({.count = 2'000'000, .keys = 10'000});
  for (auto _ : state) benchmark::DoNotOptimize(limits::hand_over(records, 256));
  state.counters["by_hand"] = benchmark::Counter(static_cast<double>(records.size()) / 1e6, benchmark::Counter::kIsIterationInvariantRate);
}

void add(const std::string& name, const std::function<std::unique_ptr<Comparison>()>& make) {
  benchmark::RegisterBenchmark(name.c_str(), [name, make](benchmark::State& state) { compare(state, name, make); })
      ->UseManualTime()
      ->ComputeStatistics("max", [](const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); })
      ->Unit(benchmark::kMillisecond);
}

template <typename Detector, typename Run>
void add_in_memory(const std::string& name, const limits::Mix& mix, const std::string& rule, Run run) {
  add(name, [=] {
    auto detector = std::make_shared<Detector>(mix.keys);
    return std::make_unique<InMemory>(
        mix, rule, [=](std::span<const Record> records, std::uint32_t shift) { return (detector.get()->*run)(records, shift); });
  });
}

void add_all() {
  using limits::Mix;
  using limits::Sequence;
  constexpr std::size_t kCount = 2'000'000;
  const std::vector<std::uint32_t> sixteen(16, 1);
  for (const std::uint64_t keys : {10'000, 1'000'000}) {
    const std::string suffix = keys == 10'000 ? "/10k" : "/1M";
    add_in_memory<Sequence>("sequence" + suffix, Mix{.count = kCount, .keys = keys}, kSequence, &Sequence::run);
    add_in_memory<Sequence>("sequence_rare_start" + suffix, Mix{.count = kCount, .keys = keys, .weights = {1, 500, 499}}, kSequence,
                            &Sequence::run);
    add_in_memory<Sequence>("sequence_3_of_16" + suffix, Mix{.count = kCount, .keys = keys, .weights = sixteen}, kSequence,
                            &Sequence::run_filtered);
    add("ndjson" + suffix, [=] { return std::make_unique<FromText>(Mix{.count = 1'000'000, .keys = keys}, Format::kNdjson); });
    add("csv" + suffix, [=] { return std::make_unique<FromText>(Mix{.count = 1'000'000, .keys = keys}, Format::kCsv); });
  }
  add_in_memory<limits::Absence>("absence/10k", Mix{.count = 1'000'000, .keys = 10'000, .weights = {1, 1}},
                                 "rule silent { key key  first p: a  no b for 5s  emit missing(key) }", &limits::Absence::run);
  add_in_memory<limits::Failures>("failures_then_success/10k", Mix{.count = 1'000'000, .keys = 10'000, .weights = {16, 3, 1}},
                                  "rule brute { key key  within 2m  first f: a{5..}  no c  then w: b  emit hit(key) }",
                                  &limits::Failures::run);
  add("literals_1000/each", [] { return std::make_unique<ManyLiterals>(false); });
  add("literals_1000/batched", [] { return std::make_unique<ManyLiterals>(true); });
  add("thresholds_1000/rare", [] { return std::make_unique<ManyThresholds>(0.01); });
  add("thresholds_1000/frequent", [] { return std::make_unique<ManyThresholds>(0.24); });
  benchmark::RegisterBenchmark("hand_over/256", hand_over)->UseRealTime()->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace sequitur

int main(int argc, char** argv) {
  sequitur::add_all();
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
}
