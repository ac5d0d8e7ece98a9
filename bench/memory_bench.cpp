// Memory of keys with one live run each, and what is left of it after the last run: whole-process figures.
// Run: build/release/bin/bench_memory [keys]
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "sequitur/engine.hpp"

using namespace sequitur;

namespace {

std::size_t resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      std::size_t kilobytes = 0;
      status >> kilobytes;
      return kilobytes * 1024;
    }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t keys = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load({{"memory.seq",
                                     "stream a time ts us { ts: time, key: int, amount: float }\n"
                                     "stream b time ts us { ts: time, key: int, amount: float }\n"
                                     "stream c time ts us { ts: time, key: int, amount: float }\n"
                                     "rule seq3 { key key  within 1h  first p: a  then q: b  then r: c  emit hit(key) }"}},
                                   diagnostics);
  if (!rules) return 1;
  Engine engine(rules, {}, nullptr);
  const std::size_t before = resident_bytes();
  const StreamSchema& schema = *rules->find_stream("a");
  Arena arena;
  for (std::int64_t key = 0; key < keys; ++key) {
    arena.clear();
    Event& event = make_event(arena, schema, Timestamp{Duration{key * 100}});
    event.slot(0) = Slot::of_int(event.time);
    event.slot(1) = Slot::of_int(key);
    event.slot(2) = Slot::of_float(1);
    engine.push(event);
  }
  EngineCounters counters = engine.counters();
  std::printf("keys %llu  live runs %llu  resident %.1f MB (before %.1f MB)  state %.1f MB  bytes a key %.1f\n",
              static_cast<unsigned long long>(counters.live_keys), static_cast<unsigned long long>(counters.live_runs),
              static_cast<double>(resident_bytes()) / 1e6, static_cast<double>(before) / 1e6,
              static_cast<double>(counters.state_bytes) / 1e6, static_cast<double>(resident_bytes() - before) / static_cast<double>(keys));
  engine.advance(Timestamp{std::chrono::hours(3)});
  counters = engine.counters();
  std::printf("after the last run: keys %llu  live runs %llu  state %.3f MB\n", static_cast<unsigned long long>(counters.live_keys),
              static_cast<unsigned long long>(counters.live_runs), static_cast<double>(counters.state_bytes) / 1e6);
}
