#include "tests/differential/comparison.hpp"

#include <algorithm>

#include "dsl/load.hpp"

namespace sequitur::differential {
namespace {

std::string text_of(const std::vector<RuleText>& rules, const Unit& unit) {
  std::string text = stream_text(unit);
  for (const auto& rule : rules) text += to_text(rule);
  return text;
}

EngineOptions engine_options(const Settings& settings) {
  EngineOptions options;
  options.assume_silent = settings.reference.assume_silent;
  options.flush_at_end = settings.reference.flush_at_end;
  options.general_strategy = settings.general_strategy;
  return options;
}

std::string list(const std::string& title, const std::vector<reference::Alert>& alerts) {
  std::string text = title + "\n";
  for (const auto& alert : alerts) text += "    " + reference::to_string(alert) + "\n";
  return alerts.empty() ? text + "    none\n" : text;
}

std::optional<std::string> differing(const reference::Outcome& expected, const Outcome& found, const std::string& how) {
  if (!found.error.empty()) return how + ": " + found.error + "\n";
  if (found.alerts != expected.alerts) return list("  reference:", expected.alerts) + list("  engine, " + how + ":", found.alerts);
  for (std::size_t i = 0; i < expected.counters.size(); ++i) {
    const reference::Counters& a = expected.counters[i];
    const RuleCounters& b = found.counters.rules[i];
    // The engine only looks at the key of events that could do something: it may count fewer null keys.
    const reference::Counters of_engine{b.held, b.over_event_limit, b.runs_begun, std::max(a.null_keys, b.null_keys), b.unknown_past};
    if (a == of_engine) continue;
    const auto line = [](const reference::Counters& c) {
      return "held " + std::to_string(c.held) + ", over the event limit " + std::to_string(c.over_event_limit) + ", runs begun " +
             std::to_string(c.runs_begun) + ", null keys " + std::to_string(c.null_keys) + ", unknown past " +
             std::to_string(c.unknown_past) + "\n";
    };
    return "  counters of rule " + std::to_string(i) + "\n    reference: " + line(a) + "    engine, " + how + ": " + line(of_engine);
  }
  return std::nullopt;
}

// Alerts name an event by its field n; one that a rule has emitted by a number made of the alert that it is.
void name_events(reference::Outcome& outcome, std::span<const Row> rows) {
  std::vector<std::size_t> names;
  for (const Row& row : rows)
    names.push_back(row.tick ? name_of_tick(row.time) : static_cast<std::size_t>(std::get<std::int64_t>(row.values[kN])));
  const auto name_evidence = [&](reference::Alert& alert) {
    for (auto& step : alert.evidence)
      for (std::size_t& event : step.events) event = names[event];
  };
  for (auto& derived : outcome.derived) {
    name_evidence(derived.alert);
    names.push_back(name_of_derived(derived.alert));
  }
  for (auto& alert : outcome.alerts) name_evidence(alert);
}

// What the reference says.
reference::Outcome reference_outcome(const LoadedRules& rules, std::span<const Row> events, const reference::Options& options) {
  const std::vector<Row> changes =
      reference::without_truncations(reference::with_file_rows(events, rules.tables), rules.tables, rules.schemas);
  const std::vector<Row> rows = reference::with_ticks(changes, rules.schedules);
  reference::Outcome outcome = reference::match(rules.checked, rows, options, rules.schemas, rules.tables);
  name_events(outcome, rows);
  return outcome;
}

// The same when the late events are not there.
reference::Outcome without_late_events(const LoadedRules& rules, const EventTable& table, const std::vector<bool>& late,
                                       const reference::Options& options) {
  std::vector<Row> rows;
  for (std::size_t row = 0; row < table.rows.size(); ++row)
    if (!late[row]) rows.push_back(table.rows[row]);
  return reference_outcome(rules, rows, options);
}

EventTable without_row(const EventTable& table, std::size_t row) {
  EventTable result = table;
  result.rows.erase(result.rows.begin() + static_cast<std::ptrdiff_t>(row));
  result.inputs.erase(result.inputs.begin() + static_cast<std::ptrdiff_t>(row));
  for (std::size_t i = 0; i < result.rows.size(); ++i) result.rows[i].values[kN] = static_cast<std::int64_t>(i);
  return result;
}

// Every stream keeps for `late revise` what it would have waited otherwise.
std::string revising_text(std::string text) {
  constexpr std::string_view kWait = " lateness ", kRevise = " late revise keep ";
  for (std::size_t at = text.find(kWait); at != std::string::npos; at = text.find(kWait, at + kRevise.size()))
    text.replace(at, kWait.size(), kRevise);
  return text;
}

// By definition: what stands at the end are the alerts of all events in order, but for those that came too late even to be
// revised; and what was said until then depends neither on threads nor on how the input was cut.
std::optional<std::string> difference_of_revisions(const LoadedRules& rules, const EventTable& table, const Settings& settings,
                                                   Random& random) {
  const std::int64_t unit = rules.unit.microseconds;
  Arrivals arrivals = random_arrivals(table, (3 + settings.late_units) * unit, 0, random);
  for (const auto& rows : arrivals.by_input) {
    std::int64_t latest = std::numeric_limits<std::int64_t>::min() / 2;
    for (const std::size_t row : rows) {
      const std::int64_t time = table.rows[row].time;
      arrivals.late[row] = time < latest - rules.revising->schemas()[table.rows[row].stream].late_keep.count();
      latest = std::max(latest, time);
    }
  }
  reference::Outcome expected = without_late_events(rules, table, arrivals.late, settings.reference);
  EngineOptions options = engine_options(settings);
  std::string everything[2];
  for (const bool again : {false, true}) {
    options.threads = again ? 1 : settings.threads;
    options.batch_events = again ? 8192 : settings.batch_events;
    Outcome found = revise_through(rules.revising, table, arrivals, options, random, everything[again]);
    const auto by_text = [](const reference::Alert& a, const reference::Alert& b) {
      return reference::to_string(a) < reference::to_string(b);
    };
    std::sort(expected.alerts.begin(), expected.alerts.end(), by_text);
    std::sort(found.alerts.begin(), found.alerts.end(), by_text);
    if (auto text = differing(expected, found, "with `late revise`")) return *text + "  all that was said:\n" + everything[again];
  }
  if (everything[0] != everything[1]) return "  with `late revise`, said first:\n" + everything[0] + "  and then:\n" + everything[1];
  return std::nullopt;
}

// The case as it is now, and what may be tried next.
class Shrinker {
 public:
  Shrinker(const LoadedRules& rules, const EventTable& table, const Settings& settings)
      : small_{rules, table, difference(rules, table, settings).value_or("")}, settings_(settings) {}

  SmallCase run() {
    for (std::size_t r = small_.rules.texts.size(); r-- > 0 && small_.rules.texts.size() > 1;) {
      auto texts = small_.rules.texts;
      texts.erase(texts.begin() + static_cast<std::ptrdiff_t>(r));
      try_rules(std::move(texts));
    }
    for (bool smaller = true; smaller;) {
      smaller = false;
      for (std::size_t row = small_.table.rows.size(); row-- > 0 && small_.table.rows.size() > 1;)
        smaller |= try_table(without_row(small_.table, row));
      smaller |= leave_out_pieces();
    }
    return std::move(small_);
  }

 private:
  bool leave_out_pieces() {
    bool smaller = false;
    for (std::size_t r = 0; r < small_.rules.texts.size(); ++r)
      for (std::size_t l = small_.rules.texts[r].lines.size(); l-- > 0;) {
        for (std::size_t t = small_.rules.texts[r].lines[l].tails.size(); t-- > 0;) {
          auto texts = small_.rules.texts;
          auto& tails = texts[r].lines[l].tails;
          tails.erase(tails.begin() + static_cast<std::ptrdiff_t>(t));
          smaller |= try_rules(std::move(texts));
        }
        auto texts = small_.rules.texts;
        texts[r].lines.erase(texts[r].lines.begin() + static_cast<std::ptrdiff_t>(l));
        smaller |= try_rules(std::move(texts));
      }
    return smaller;
  }

  bool try_rules(std::vector<RuleText> texts) {
    std::vector<Diagnostic> why;
    auto rules = load_rules(std::move(texts), small_.rules.unit, why);
    if (!rules) return false;
    auto found = difference(*rules, small_.table, settings_);
    if (!found) return false;
    small_.rules = *std::move(rules);
    small_.difference = *std::move(found);
    return true;
  }

  bool try_table(EventTable table) {
    auto found = difference(small_.rules, table, settings_);
    if (!found) return false;
    small_.table = std::move(table);
    small_.difference = *std::move(found);
    return true;
  }

  SmallCase small_;
  Settings settings_;
};

}  // namespace

std::optional<LoadedRules> load_rules(std::vector<RuleText> texts, const Unit& unit, std::vector<Diagnostic>& why) {
  const std::vector<SourceFile> files{{"random.seq", text_of(texts, unit)}};
  dsl::Loaded loaded = dsl::load(files);
  if (!loaded.ok()) {
    why = std::move(loaded.diagnostics);
    return std::nullopt;
  }
  std::shared_ptr<const RuleSet> compiled = RuleSet::load(files, why);
  if (compiled == nullptr) return std::nullopt;
  const std::vector<SourceFile> revising_files{{"random.seq", revising_text(files[0].text)}};
  std::shared_ptr<const RuleSet> revising = RuleSet::load(revising_files, why);
  if (revising == nullptr) return std::nullopt;
  return LoadedRules{unit,
                     std::move(texts),
                     std::move(loaded.files.schemas),
                     std::move(loaded.files.rules),
                     std::move(loaded.files.schedules),
                     std::move(loaded.files.tables),
                     std::move(compiled),
                     std::move(revising)};
}

Settings random_settings(Random& random, unsigned max_threads) {
  Settings settings;
  settings.reference.assume_silent = random.chance(40);
  settings.reference.flush_at_end = random.chance(75);
  settings.feeding =
      random.pick(std::vector<Feeding>{Feeding::kOneByOne, Feeding::kSpans, Feeding::kWithWatermarks, Feeding::kWithRestarts});
  settings.revise = random.chance(15);
  settings.through_run = random.chance(20);
  settings.late_units = random.chance(25) ? random.between(1, 4) : 0;
  settings.threads = 1 + static_cast<unsigned>(random.below(max_threads));
  settings.general_strategy = random.chance(30);
  settings.batch_events = random.pick(std::vector<std::uint32_t>{1, 2, 3, 7, 20, 8192});
  settings.seed = random.next();
  return settings;
}

std::optional<std::string> difference(const LoadedRules& rules, const EventTable& table, const Settings& settings,
                                      reference::Outcome* expected) {
  reference::Outcome of_reference = reference_outcome(rules, table.rows, settings.reference);
  if (expected != nullptr) *expected = of_reference;
  Random random(settings.seed);
  const Outcome pushed = push_through(rules.compiled, table, engine_options(settings), settings.feeding, random);
  if (auto found = differing(of_reference, pushed, "pushed")) return found;
  if (settings.revise)
    if (auto found = difference_of_revisions(rules, table, settings, random)) return found;
  if (!settings.through_run) return std::nullopt;

  EngineOptions options = engine_options(settings);
  options.threads = settings.threads;
  options.batch_events = settings.batch_events;
  const std::int64_t lateness = lateness_of(*rules.compiled);
  const Arrivals arrivals = random_arrivals(table, lateness + settings.late_units * rules.unit.microseconds, lateness, random);
  const bool some_late = std::count(arrivals.late.begin(), arrivals.late.end(), true) > 0;
  if (some_late) of_reference = without_late_events(rules, table, arrivals.late, settings.reference);
  const Outcome ran = run_through(rules.compiled, table, arrivals, options, random);
  const std::string how = "run with " + std::to_string(settings.threads) + " threads, batches of " + std::to_string(settings.batch_events);
  if (auto found = differing(of_reference, ran, how)) return found;
  if (!some_late && ran.json != pushed.json) return "  JSON, pushed:\n" + pushed.json + "  JSON, " + how + ":\n" + ran.json;
  return std::nullopt;
}

SmallCase shrink(const LoadedRules& rules, const EventTable& table, const Settings& settings) {
  return Shrinker(rules, table, settings).run();
}

std::string to_text(const Settings& settings) {
  std::string text = settings.reference.assume_silent ? "assume silent, " : "";
  text += settings.reference.flush_at_end ? "flush" : "no flush";
  text += settings.feeding == Feeding::kOneByOne       ? ", one by one"
          : settings.feeding == Feeding::kSpans        ? ", spans"
          : settings.feeding == Feeding::kWithRestarts ? ", with restarts"
                                                       : ", with watermarks";
  if (settings.general_strategy) text += ", general strategy";
  if (settings.through_run)
    text += ", " + std::to_string(settings.threads) + " threads, batches of " + std::to_string(settings.batch_events) + ", up to " +
            std::to_string(settings.late_units) + " units late";
  return text;
}

}  // namespace sequitur::differential
