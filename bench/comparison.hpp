// What the benchmarks that hold the engine beside a program by hand share: a kind of work done both ways, events for the
// engine, and the row that comes of it.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "limits/limits.hpp"
#include "sequitur/engine.hpp"

namespace sequitur::bench {

// One kind of work, both ways. The state of either side lasts from one round to the next.
class Comparison {
 public:
  virtual ~Comparison() = default;
  virtual void prepare() {}  // Before each round; its time does not count.
  virtual std::uint64_t by_hand() = 0;
  virtual std::uint64_t by_engine() = 0;
  virtual void report(benchmark::UserCounters&) const {}  // More about it for the row.
  std::uint64_t events = 0;
};

// Of the thread.
double cpu_seconds();

// Ends the program with the diagnostics if the rules do not load.
std::shared_ptr<const RuleSet> load_rules(const std::vector<SourceFile>& files);

// Events of the engine, handed over in spans of 4096.
class Feed {
 public:
  explicit Feed(std::shared_ptr<const RuleSet> rules, EngineOptions options = {});

  Event& add(const StreamSchema& schema, std::int64_t micros);
  // Types are the streams a, b, c, .., whose fields are time, key, amount and x.
  void add(std::span<const limits::Record> records);
  // The same events as another feed, whose rules declare the same streams; that one must stay.
  void take_events_of(const Feed& other) { events_ = other.events_; }
  void shift(std::int64_t micros);
  // Returns how many alerts there were, or, if `sums` names a field of alerts, their sum.
  std::uint64_t push();
  void sum_of(std::string field) { sum_of_ = std::move(field); }

  Arena& arena() { return arena_; }
  const RuleSet& rules() const { return *rules_; }
  Engine& engine() { return engine_; }

 private:
  void take(std::span<const Alert> alerts);

  std::shared_ptr<const RuleSet> rules_;
  Arena arena_;
  std::vector<Event*> events_;
  std::uint64_t alerts_ = 0, sum_ = 0;
  std::string sum_of_;
  Engine engine_;
};

// A row: rounds of `make()`'s work, both sides in turn, so that whatever else the machine does hits both. Both must count the
// same matches, or the row fails. Its counters: millions of events a second by hand and by the engine, the engine's share,
// matches per event.
void add_comparison(const std::string& name, const std::function<std::unique_ptr<Comparison>()>& make);

// main() of a program of such rows; options given to it take the place of these: five repetitions, the medians only.
int run_rows(int argc, char** argv);

}  // namespace sequitur::bench
