// Uses every public header of an installed tree, and the library behind them.
#include <cstdio>

#include <sequitur/sequitur.h>
#include <sequitur/alert.hpp>
#include <sequitur/diagnostic.hpp>
#include <sequitur/engine.hpp>
#include <sequitur/event.hpp>
#include <sequitur/lineage.hpp>
#include <sequitur/result.hpp>
#include <sequitur/rule_files.hpp>
#include <sequitur/rule_set.hpp>
#include <sequitur/schema.hpp>
#include <sequitur/sink.hpp>
#include <sequitur/source.hpp>
#include <sequitur/stream.hpp>
#include <sequitur/time.hpp>
#include <sequitur/typed.hpp>
#include <sequitur/value.hpp>

struct Trade {
  std::int64_t time_us;
  const char* symbol;
  double price;
};
constexpr auto kTrades =
    sequitur::stream<Trade>("trade").time(&Trade::time_us).field("symbol", &Trade::symbol).field("price", &Trade::price);

constexpr const char* kSpike = R"(
rule spike { key symbol  within 1s  first a: trade  then b: trade where price > 1.1 * a.price and symbol matches /^A/  emit spike(symbol, to = b.price) }
)";

int main() {
  sequitur::RuleFiles files({kTrades.source()});
  files.put("spike.seq", kSpike);
  std::vector<sequitur::Diagnostic> diagnostics;
  const auto rules = files.load(diagnostics);
  if (!rules) return std::fputs(to_text(diagnostics, files.files()).c_str(), stderr), 1;
  for (const unsigned threads : {1u, 2u}) {
    sequitur::EngineOptions options;
    options.threads = threads;
    sequitur::Engine engine(rules, options, [&](std::span<const sequitur::Alert> alerts) {
      std::string json;
      for (const sequitur::Alert& alert : alerts) {
        append_json(alert, json);
        if (threads == 1) std::printf("%s to %g\n", alert.get<std::string>("symbol").value().c_str(), alert.get<double>("to").value());
      }
    });
    auto trades = kTrades.into(engine);
    if (!trades) return std::fputs(trades.error().message.c_str(), stderr), 1;
    trades->push({1'000'000, "ABC", 100.0});
    if (!engine.restore(engine.snapshot()).ok()) return 1;
    trades->push({1'200'000, "ABC", 112.5});
    engine.finish();
    if (engine.counters().rules[0].matches != 1) return 1;
  }
  return std::string(sequitur_version()).empty() ? 1 : 0;
}
