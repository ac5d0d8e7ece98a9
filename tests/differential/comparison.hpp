// One case: rules, events, and a way to feed them. Do engine and reference say the same?
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "sequitur/engine.hpp"
#include "tests/differential/engine_runs.hpp"
#include "tests/differential/event_table.hpp"
#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

// Rules in both forms.
struct LoadedRules {
  Unit unit;
  std::vector<RuleText> texts;
  std::vector<StreamSchema> schemas;
  std::vector<dsl::Rule> checked;
  std::vector<dsl::Schedule> schedules;
  std::vector<dsl::Table> tables;
  std::shared_ptr<const RuleSet> compiled;
  std::shared_ptr<const RuleSet> revising;  // The same rules over streams that wait for nothing and say `late revise`.
};

// Nothing if a rule is not accepted; the diagnostics then are in `why`.
std::optional<LoadedRules> load_rules(std::vector<RuleText> texts, const Unit& unit, std::vector<Diagnostic>& why);

struct Settings {
  reference::Options reference;  // assume_silent and flush_at_end hold for the engine too.
  Feeding feeding = Feeding::kOneByOne;
  bool revise = false;            // Also through run() with `late revise`; what stands at the end is compared.
  bool through_run = false;       // Also through run(), with:
  int late_units = 0;             // How far beyond the lateness events may come; those that are late are not evaluated.
  bool general_strategy = false;  // Of the engine: see EngineOptions.
  unsigned threads = 1;
  std::uint32_t batch_events = 8192;
  std::uint64_t seed = 0;  // Of batches and disorder.
};

Settings random_settings(Random& random, unsigned max_threads);

// What differs, for people; nothing if all is equal. `expected` receives what the reference says.
std::optional<std::string> difference(const LoadedRules& rules, const EventTable& table, const Settings& settings,
                                      reference::Outcome* expected = nullptr);

struct SmallCase {
  LoadedRules rules;
  EventTable table;
  std::string difference;
};

// Leaves out rules, events and pieces of rules as long as there is a difference.
SmallCase shrink(const LoadedRules& rules, const EventTable& table, const Settings& settings);

std::string to_text(const Settings& settings);

}  // namespace sequitur::differential
