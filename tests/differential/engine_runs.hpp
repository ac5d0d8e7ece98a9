// The same events through the engine in different ways.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sequitur/engine.hpp"
#include "tests/differential/event_table.hpp"
#include "tests/reference/matcher.hpp"

namespace sequitur::differential {

// What came out: for comparison with the reference, and as the bytes that a sink would write.
struct Outcome {
  std::vector<reference::Alert> alerts;
  std::string json;
  EngineCounters counters;
  std::string error;
};

// A number for an event that a rule has emitted: of the alert that it is, whose evidence has its numbers already.
std::size_t name_of_derived(const reference::Alert& alert);

// How events are handed to Engine::push.
enum class Feeding { kOneByOne, kSpans, kWithWatermarks, kWithRestarts };  // kWithRestarts: snapshots, restored in new engines.

Outcome push_through(const std::shared_ptr<const RuleSet>& rules, const EventTable& table, const EngineOptions& options, Feeding feeding,
                     Random& random);

// Through run(): inputs out of order, cut into random batches.
Outcome run_through(const std::shared_ptr<const RuleSet>& rules, const EventTable& table, const Arrivals& arrivals,
                    const EngineOptions& options, Random& random);

// The same for rules whose streams say `late revise`: `late` in the arrivals are those that come too late even for that. The
// outcome has the alerts that stand at the end, sorted as text; `everything` receives all that was written, withdrawals too.
Outcome revise_through(const std::shared_ptr<const RuleSet>& rules, const EventTable& table, const Arrivals& arrivals,
                       const EngineOptions& options, Random& random, std::string& everything);

// The greatest of all streams.
std::int64_t lateness_of(const RuleSet& rules);

}  // namespace sequitur::differential
