// Order-book surveillance inside a trading program: ticks are structs, the engine runs in the thread that handles them, and an
// alert is there before the next tick is looked at. Reports how long that takes.
//
//     trading --rules examples/trading/surveillance.seq                      # made-up ticks
//     zstd -dc ticks.csv.zst | trading --rules .. --input -                  # a file of ticks
//     trading --rules .. --rate 1000000                                      # a million ticks a second, as a clock gives them out
//
// Without --rate the next tick is handed over when the last one is done, so the latencies are those of the engine alone. With it
// a tick's latency counts from when it was due: waiting behind a slow one counts too (no coordinated omission).
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string_view>

#include <sequitur/rule_files.hpp>
#include <sequitur/stream.hpp>

#include "latency_histogram.hpp"
#include "ticks.hpp"

namespace {

constexpr auto kTrades = sequitur::stream<Trade>("trade")
                             .time(&Trade::time_ms, sequitur::TimeUnit::kMilliseconds)
                             .field("symbol", &Trade::symbol)
                             .field("price", &Trade::price)
                             .field("size", &Trade::size)
                             .field("exchange", &Trade::exchange);
constexpr auto kQuotes = sequitur::stream<Quote>("quote")
                             .time(&Quote::time_ms, sequitur::TimeUnit::kMilliseconds)
                             .field("symbol", &Quote::symbol)
                             .field("bid", &Quote::bid)
                             .field("bid_size", &Quote::bid_size)
                             .field("ask", &Quote::ask)
                             .field("ask_size", &Quote::ask_size)
                             .field("exchange", &Quote::exchange);

struct Options {
  std::string rules, input;
  std::size_t ticks = 1'000'000;
  std::uint64_t seed = 1;
  std::uint64_t rate = 0;
  std::size_t show = 10;
};

int usage() {
  std::fputs("usage: trading --rules FILE [--input FILE|-] [--ticks N] [--seed N] [--rate TICKS_PER_SECOND] [--show ALERTS]\n", stderr);
  return 2;
}

bool parse(int count, char** words, Options& options) {
  const auto number = [](std::string_view text, auto& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
  };
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = words[i], value = words[i + 1];
    if (name == "--rules")
      options.rules = value;
    else if (name == "--input")
      options.input = value;
    else if (!(name == "--ticks"  ? number(value, options.ticks)
               : name == "--seed" ? number(value, options.seed)
               : name == "--rate" ? number(value, options.rate)
               : name == "--show" ? number(value, options.show)
                                  : false))
      return false;
  }
  return count % 2 == 1 && !options.rules.empty();
}

std::shared_ptr<const sequitur::RuleSet> load(const std::string& path) {
  const std::string paths[] = {path};
  const auto read = sequitur::read_rule_files(paths);
  if (!read) return std::fprintf(stderr, "%s\n", read.error().message.c_str()), nullptr;
  sequitur::RuleFiles files(*read);
  files.put(kTrades.source());
  files.put(kQuotes.source());
  std::vector<sequitur::Diagnostic> diagnostics;
  auto rules = files.load(diagnostics);
  std::fputs(to_text(diagnostics, files.files()).c_str(), stderr);
  return rules;
}

// What a desk would do with an alert: here it is shown.
class Desk {
 public:
  explicit Desk(std::size_t show) : show_(show) {}
  void take(std::span<const sequitur::Alert> alerts) {
    for (const sequitur::Alert& alert : alerts) {
      if (++alerts_ > show_) continue;
      line_.clear();
      sequitur::append_time(alert.time, line_);
      std::printf("%s  %-6.*s %-14s", line_.c_str(), static_cast<int>(alert.severity.size()), alert.severity.data(),
                  alert.rule->name.c_str());
      for (const sequitur::NamedValue& field : alert.fields) {
        line_.clear();
        append_text(field.value, field.type, line_);
        std::printf("  %.*s=%s", static_cast<int>(field.name.size()), field.name.data(), line_.c_str());
      }
      std::puts("");
    }
  }
  std::uint64_t alerts() const { return alerts_; }

 private:
  std::size_t show_;
  std::uint64_t alerts_ = 0;
  std::string line_;
};

}  // namespace

int main(int count, char** words) {
  Options options;
  if (!parse(count, words, options)) return usage();
  const auto rules = load(options.rules);
  if (!rules) return 1;

  std::size_t bad = 0;
  std::vector<Tick> ticks;
  if (options.input.empty()) {
    ticks = generate_ticks(options.ticks, options.seed);
  } else if (options.input == "-") {
    ticks = read_ticks(std::cin, options.ticks, bad);
  } else {
    std::ifstream file(options.input);
    if (!file) return std::fprintf(stderr, "%s cannot be read\n", options.input.c_str()), 1;
    ticks = read_ticks(file, options.ticks, bad);
  }

  Desk desk(options.show);
  sequitur::Engine engine(rules, {}, [&](std::span<const sequitur::Alert> alerts) { desk.take(alerts); });
  auto trades = kTrades.into(engine);
  auto quotes = kQuotes.into(engine);
  for (const std::string& problem : {trades ? "" : trades.error().message, quotes ? "" : quotes.error().message})
    if (!problem.empty()) return std::fprintf(stderr, "%s\n", problem.c_str()), 1;

  using Clock = std::chrono::steady_clock;
  const std::chrono::nanoseconds pace{options.rate > 0 ? 1'000'000'000 / options.rate : 0};
  LatencyHistogram latencies;
  std::uint64_t refused = 0;
  const Clock::time_point begin = Clock::now();
  Clock::time_point due = begin;
  for (const Tick& tick : ticks) {
    if (options.rate > 0) {
      due += pace;
      while (Clock::now() < due) {}
    } else {
      due = Clock::now();
    }
    if (!(tick.is_trade ? trades->push(tick.trade) : quotes->push(tick.quote))) ++refused;
    latencies.add(static_cast<std::uint64_t>(std::chrono::nanoseconds(Clock::now() - due).count()));
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  engine.finish();

  const sequitur::EngineCounters counters = engine.counters();
  std::printf("%zu ticks, %zu bad lines, %llu out of order, %llu alerts\n", ticks.size(), bad, static_cast<unsigned long long>(refused),
              static_cast<unsigned long long>(desk.alerts()));
  for (const sequitur::RuleInfo& rule : rules->rules())
    std::printf("  %-14s %8llu alerts\n", rule.name.c_str(), static_cast<unsigned long long>(counters.rules[rule.index].matches));
  std::printf("%.2f million ticks a second; latency from tick to the end of its alerts, in ns:\n",
              static_cast<double>(ticks.size()) / seconds / 1e6);
  for (const double percent : {50.0, 90.0, 99.0, 99.9, 99.99})
    std::printf("  p%-6g %10llu\n", percent, static_cast<unsigned long long>(latencies.percentile(percent)));
  std::printf("  max     %10llu\n  mean    %10.0f\n", static_cast<unsigned long long>(latencies.greatest()), latencies.mean());
  return refused == 0 ? 0 : 1;
}
