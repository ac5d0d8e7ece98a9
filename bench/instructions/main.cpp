// The hot paths on little work, to be counted under callgrind by count.py: unlike a time, an instruction count is not disturbed by
// whatever else the machine does. Each path is warmed up, then played once inside measured_path(); callgrind writes a
// profile each time that returns. Prints the paths in that order, with how many events each had.
//
// No Google Benchmark and none of the programs by hand: these use instructions that callgrind does not know.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/formats.hpp"
#include "scenario.hpp"
#include "sequitur/engine.hpp"

extern "C" {
[[gnu::noinline]] void measured_path(const std::function<void()>& work) {
  work();
  asm volatile("" ::: "memory");
}
}

namespace sequitur::bench {
namespace {

constexpr std::size_t kEvents = 8192, kBatch = 4096;

class Random {
 public:
  std::uint64_t operator()(std::uint64_t below) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state_ >> 33) % below;
  }

 private:
  std::uint64_t state_ = 1;
};

void report(const std::string& name, const std::function<void()>& work) {
  void (*const volatile measure)(const std::function<void()>&) = measured_path;  // The one function, not a copy for this call.
  measure(work);
  std::printf("%s %zu\n", name.c_str(), kEvents);
}

std::shared_ptr<const RuleSet> load(const SourceFile& file) {
  std::vector<Diagnostic> diagnostics;
  auto rules = RuleSet::load({file}, diagnostics);
  if (rules) return rules;
  std::fprintf(stderr, "%s: %s\n", file.name.c_str(), diagnostics.empty() ? "no rules" : diagnostics[0].message.c_str());
  std::exit(1);
}

// The events again and again, each time later.
void play(const std::string& name, const std::shared_ptr<const RuleSet>& rules, std::vector<Event*>& events) {
  Engine engine(rules, {}, nullptr);
  const auto push = [&] {
    for (std::size_t at = 0; at < events.size(); at += kBatch) engine.push(std::span(events).subspan(at, kBatch));
  };
  const std::int64_t span = events.back()->time + 100;
  for (int round = 0; round < 3; ++round) {
    push();
    for (Event* event : events) event->time += span;
  }
  report(name, push);
}

void play_scenario(const Scenario& scenario, const Workload& workload) {
  const auto rules = load(scenario.rules);
  std::vector<std::size_t> types;
  for (std::size_t type = 0; type < workload.mix.weights.size(); ++type) types.insert(types.end(), workload.mix.weights[type], type);
  Random random;
  Arena arena;
  std::vector<Event*> events;
  const std::uint64_t keys = workload.mix.keys == 1 ? 1 : 400;  // As few as make runs of one key meet.
  for (std::size_t i = 0; i < kEvents; ++i) {
    const std::string stream(1, static_cast<char>('a' + types[random(types.size())]));
    Event& event =
        make_event(arena, *rules->find_stream(stream), Timestamp{Duration{static_cast<std::int64_t>(i * workload.mix.step * 100)}});
    event.slot(0) = Slot::of_int(event.time);
    event.slot(1) = Slot::of_int(static_cast<std::int64_t>(random(keys)));
    event.slot(2) = Slot::of_float(static_cast<double>(random(10'000)) / 100);
    event.slot(3) = Slot::of_int(static_cast<std::int64_t>(random(workload.mix.values)));
    events.push_back(&event);
  }
  play(scenario.name + "/" + workload.name, rules, events);
}

// `amount > c and country == x`, as bench_rules has them; few to load, since callgrind is slow.
void play_thresholds() {
  std::string text = "stream pay time ts us { ts: time, amount: float, country: string }\n";
  for (int i = 0; i < 200; ++i)
    text += "rule r" + std::to_string(i) + " { within 1s  first p: pay where amount > " + std::to_string(9900 + i % 100) +
            " and country == \"C" + std::to_string(100 + i % 40) + "\"  emit found() }\n";
  const auto rules = load({"thresholds.seq", text});
  Random random;
  Arena arena;
  std::vector<Event*> events;
  for (std::size_t i = 0; i < kEvents; ++i) {
    Event& event = make_event(arena, rules->schemas()[0], Timestamp{Duration{static_cast<std::int64_t>(i * 100)}});
    event.slot(0) = Slot::of_int(event.time);
    event.slot(1) = Slot::of_float(static_cast<double>(random(1'000'000)) / 100);
    event.slot(2) = arena.text("C" + std::to_string(100 + random(40)));
    events.push_back(&event);
  }
  play("thresholds", rules, events);
}

// Trades of which any choice in the right order is a match, as in rules/real/core_stock.seq: kinds of trades, each with how many of
// a thousand are of it, and those that the steps ask for, in order.
struct TradeKind {
  const char* side;
  const char* name;
  std::uint64_t of_thousand;
};
constexpr TradeKind kTradeKinds[] = {{"SELL", "INTC", 60},  {"BUY", "RIMM", 39},  {"BUY", "QQQ", 66},   {"SELL", "IPIX", 97},
                                     {"BUY", "AMAT", 38},   {"BUY", "CSCO", 46},  {"SELL", "YHOO", 29}, {"BUY", "DELL", 37},
                                     {"BUY", "ORCL", 34},   {"BUY", "IPIX", 106}, {"SELL", "QQQ", 64},  {"BUY", "INTC", 58},
                                     {"SELL", "MSFT", 104}, {"SELL", "CSCO", 46}, {"SELL", "ORCL", 39}, {"SELL", "AMAT", 38},
                                     {"SELL", "RIMM", 37},  {"SELL", "DELL", 33}, {"BUY", "YHOO", 29}};

void play_trades(const std::string& name, std::size_t steps, const std::string& emit) {
  std::string text =
      "stream trade time at ms { event_type: string, name: string, volume: int, price: float }\n"
      "rule chain {\n  within 9999ms\n";
  for (std::size_t step = 0; step < steps; ++step) {
    const TradeKind& kind = kTradeKinds[step];
    text += std::string(step == 0 ? "  first " : "  each ") + static_cast<char>('a' + step) + ": trade where event_type == \"" + kind.side +
            "\" and name == \"" + kind.name + "\"\n";
  }
  const auto rules = load({"trades.seq", text + "  " + emit + "\n  on match keep\n  limit none\n}\n"});
  Random random;
  Arena arena;
  std::vector<Event*> events;
  for (std::size_t i = 0; i < kEvents; ++i) {
    const TradeKind* kind = kTradeKinds;
    for (std::uint64_t pick = random(1000); pick >= kind->of_thousand; ++kind) pick -= kind->of_thousand;
    Event& event = make_event(arena, rules->schemas()[0], Timestamp{std::chrono::milliseconds(i * 80)});
    event.slot(0) = arena.text(kind->side);
    event.slot(1) = arena.text(kind->name);
    event.slot(2) = Slot::of_int(100);
    event.slot(3) = Slot::of_float(27.85);
    events.push_back(&event);
  }
  play(name, rules, events);
}

// Decoding alone, the four fields of three streams.
void decode(Format format) {
  const auto rules = load({"streams.seq",
                           "stream a time ts us { ts: time, key: int, amount: float, x: int }\n"
                           "stream b time ts us { ts: time, key: int, amount: float, x: int }\n"
                           "stream c time ts us { ts: time, key: int, amount: float, x: int }\n"
                           "rule r { within 1s  first p: a | b | c  emit hit() }\n"});
  const bool csv = format == Format::kCsv;
  DecoderOptions options;
  options.stream_field = "stream";
  std::vector<const StreamSchema*> schemas;
  for (const StreamSchema& schema : rules->schemas())
    if (schema.external) schemas.push_back(&schema);
  auto decoder = make_decoder(format, schemas, options);
  if (!decoder) std::exit(1);
  Random random;
  RawBatch batch;
  if (csv) batch.header = std::make_shared<const std::string>("ts,stream,key,amount,x,user,note");
  for (std::size_t i = 0; i < kEvents; ++i) {
    char line[200];
    const char* form = csv ? "%zu,%c,%u,%u.%02u,%u,user-%05u,order placed\n"
                           : R"({"ts":%zu,"stream":"%c","key":%u,"amount":%u.%02u,"x":%u,"user":"user-%05u","note":"order placed"})"
                             "\n";
    const auto number = [&](std::uint64_t below) { return static_cast<unsigned>(random(below)); };
    const int size = std::snprintf(line, sizeof line, form, 1'700'000'000'000'000 + i * 100, static_cast<char>('a' + random(3)),
                                   number(10'000), number(100), number(100), number(1000), number(100'000));
    batch.bytes.append(line, static_cast<std::size_t>(size));
  }
  batch.bytes.reserve(batch.bytes.size() + 64);
  EventBatch out;
  const auto once = [&] {
    out.clear();
    (*decoder)->decode(batch, out);
  };
  once();
  if (out.events.size() != kEvents) {
    std::fprintf(stderr, "%zu of %zu lines were decoded\n", out.events.size(), kEvents);
    std::exit(1);
  }
  report(csv ? "decode/csv" : "decode/ndjson", once);
}

}  // namespace
}  // namespace sequitur::bench

int main() {
  using namespace sequitur::bench;  // NOLINT
  for (const Scenario& scenario : read_scenarios(SEQUITUR_SCENARIOS)) {
    const Workload& first = scenario.workloads.front();
    if (first.carrier == Carrier::kMemory) play_scenario(scenario, first);
  }
  play_thresholds();
  play_trades("trades/counted_3", 3, "emit count matches_of(n = matches)");
  play_trades("trades/counted_9", 9, "emit count matches_of(n = matches)");
  play_trades("trades/every_match_6", 6, "emit match_of(from = a.time)");
  decode(sequitur::Format::kNdjson);
  decode(sequitur::Format::kCsv);
}
