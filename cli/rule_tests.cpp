#include "cli/rule_tests.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>

#include "cli/test_events.hpp"
#include "engine/rule_set_impl.hpp"
#include "sequitur/engine.hpp"

namespace sequitur::cli {
namespace {

struct SeenValue {
  std::string name;
  Type type = Type::kString;
  bool null = true;
  double number = 0;
  std::string text;
  std::string bytes;  // Of a list.
};

// An alert, kept: the engine's own lives only during the call.
struct SeenAlert {
  std::array<std::uint64_t, 2> id{};
  bool withdrawn = false;
  std::uint32_t rule = 0;
  std::string stream;
  AlertKind kind = AlertKind::kMatch;
  Duration at{0};
  std::vector<SeenValue> values;  // Fields, then key parts.
};

bool is_number(Type type) { return type == Type::kInt || type == Type::kFloat || type == Type::kDuration || type == Type::kTime; }

SeenValue keep(const NamedValue& value) {
  SeenValue seen{std::string(value.name), value.type, value.value.is_null(value.type), 0, {}, {}};
  if (seen.null) return seen;
  seen.number = value.type == Type::kFloat ? value.value.f : has_bytes(value.type) ? 0 : static_cast<double>(value.value.i);
  append_text(value.value, value.type, seen.text);
  if (is_list(value.type)) seen.bytes = value.value.text();
  return seen;
}

SeenAlert keep(const Alert& alert) {
  SeenAlert seen{alert.id, alert.withdrawn, alert.rule->index, std::string(alert.stream), alert.kind, alert.time - dsl::kTestStart, {}};
  for (const NamedValue& field : alert.fields) seen.values.push_back(keep(field));
  for (const NamedValue& part : alert.key) seen.values.push_back(keep(part));
  return seen;
}

std::string text_of(const dsl::Constant& constant) {
  std::string text;
  if (constant.null) return "null";
  if (constant.type == Type::kString) return constant.s;
  if (has_bytes(constant.type)) {
    Arena arena;
    append_text(arena.text(constant.s), constant.type, text);
    return text;
  }
  append_text(constant.type == Type::kFloat ? Slot::of_float(constant.f) : Slot::of_int(constant.i), constant.type, text);
  return text;
}

bool equal(const dsl::Constant& expected, const SeenValue& seen) {
  if (expected.null || seen.null) return expected.null && seen.null;
  if (is_number(expected.type) && is_number(seen.type)) {
    const double wanted = expected.type == Type::kFloat ? expected.f : static_cast<double>(expected.i);
    return std::abs(wanted - seen.number) <= 1e-9 * std::max({1.0, std::abs(wanted), std::abs(seen.number)});
  }
  if (is_list(expected.type) && expected.type == seen.type) return expected.s == seen.bytes;
  return text_of(expected) == seen.text;
}

bool fits(const dsl::Expectation& expected, const SeenAlert& seen) {
  if (expected.stream != seen.stream || expected.withdrawal != seen.withdrawn) return false;
  if (expected.kind && *expected.kind != seen.kind) return false;
  if (expected.at && *expected.at != seen.at) return false;
  return std::all_of(expected.values.begin(), expected.values.end(), [&](const auto& wanted) {
    const auto found =
        std::find_if(seen.values.begin(), seen.values.end(), [&](const SeenValue& value) { return value.name == wanted.first; });
    return found != seen.values.end() && equal(wanted.second, *found);
  });
}

// Pairs expectations with alerts one to one, as many as possible: augmenting paths (Kuhn), so that a vague expectation
// does not take the alert that a precise one needs.
class Pairing {
 public:
  Pairing(std::span<const dsl::Expectation> expected, std::span<const SeenAlert> seen)
      : expected_(expected), seen_(seen), taken_by_(seen.size()) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      std::vector<bool> tried(seen.size());
      if (!place(i, tried)) missing.push_back(i);
    }
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (!taken_by_[i]) surplus.push_back(i);
  }

  std::vector<std::size_t> missing;  // Expectations without an alert.
  std::vector<std::size_t> surplus;  // Alerts without an expectation.

 private:
  bool place(std::size_t expectation, std::vector<bool>& tried) {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      if (tried[i] || !fits(expected_[expectation], seen_[i])) continue;
      tried[i] = true;
      if (taken_by_[i] && !place(*taken_by_[i], tried)) continue;
      taken_by_[i] = expectation;
      return true;
    }
    return false;
  }

  std::span<const dsl::Expectation> expected_;
  std::span<const SeenAlert> seen_;
  std::vector<std::optional<std::size_t>> taken_by_;
};

void append_offset(Duration at, std::string& out) {
  out += " at ";
  append_duration(at, out);
}

std::string describe(const dsl::Expectation& expected) {
  std::string text;
  if (expected.withdrawal) text += "withdrawal ";
  if (expected.kind) text.append(to_string(*expected.kind)).append(" ");
  text += expected.stream;
  if (expected.at) append_offset(*expected.at, text);
  for (const auto& [name, value] : expected.values) text.append(" ").append(name).append("=").append(text_of(value));
  return text;
}

std::string describe(const SeenAlert& seen, const RuleSet& rules) {
  std::string text;
  if (seen.withdrawn) text += "withdrawal ";
  if (seen.kind != AlertKind::kMatch) text.append(to_string(seen.kind)).append(" ");
  text += seen.stream;
  append_offset(seen.at, text);
  std::vector<std::string_view> said;
  for (const SeenValue& value : seen.values) {
    if (std::find(said.begin(), said.end(), value.name) != said.end()) continue;
    said.push_back(value.name);
    text.append(" ").append(value.name).append("=").append(value.null ? "null" : value.text);
  }
  return text.append(" (rule ").append(rules.rules()[seen.rule].name).append(")");
}

// Which rules' alerts a test sees: by rule index.
std::vector<bool> visible_rules(const dsl::Test& test, const RuleSet& rules, std::span<const SourceFile> files) {
  const RuleSet::Impl& impl = rules.impl();
  std::vector<bool> visible(impl.rules.size());
  bool any = false;
  for (const dsl::Rule& rule : impl.files.rules) {
    if (rule.disabled) continue;
    const bool here = same_family(files[rule.span.file], files[test.span.file]);
    visible[rule.info.index] = here;
    any = any || here;
  }
  if (!any) visible.assign(visible.size(), true);
  return visible;
}

TestOutcome run_rule_test(const std::shared_ptr<const RuleSet>& rules, std::span<const SourceFile> files, const dsl::Test& test) {
  const auto begin = std::chrono::steady_clock::now();
  TestOutcome outcome{test.name, test.span, {}, {}, 0};
  const std::vector<bool> visible = visible_rules(test, *rules, files);
  std::vector<SeenAlert> seen;
  const auto see = [&](std::span<const Alert> alerts) {
    for (const Alert& alert : alerts) {
      if (!visible[alert.rule->index]) continue;
      // What is said again of an alert replaces what was said before.
      std::erase_if(seen, [&](const SeenAlert& before) { return before.id == alert.id; });
      seen.push_back(keep(alert));
    }
  };
  const bool out_of_order =
      std::any_of(test.events.begin(), test.events.end(), [](const dsl::TestEvent& event) { return event.arrives.has_value(); });
  if (out_of_order) {
    if (const Result<void> ran = run_arrivals(rules, test, see); !ran) outcome.problems.push_back(ran.error().message);
  } else {
    Arena arena;
    std::vector<Event*> events = make_events(test, *rules, arena);
    Engine engine(rules, EngineOptions{}, see);
    engine.push(events);
    engine.finish();
  }

  const Pairing pairing(test.expected, seen);
  for (std::size_t i : pairing.missing) outcome.problems.push_back("expected, but did not come: " + describe(test.expected[i]));
  for (std::size_t i : pairing.surplus) outcome.problems.push_back("came, but was not expected: " + describe(seen[i], *rules));
  for (const SeenAlert& alert : seen) outcome.fired.push_back(alert.rule);
  std::sort(outcome.fired.begin(), outcome.fired.end());
  outcome.fired.erase(std::unique(outcome.fired.begin(), outcome.fired.end()), outcome.fired.end());
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return outcome;
}

std::string_view without_ending(std::string_view name) {
  for (std::string_view ending : {".seqtest", ".seq"})
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

// Events of each of the first step's streams are no proof that the rule was asked, but without any it surely was not.
bool touches_first_step(const dsl::Test& test, const dsl::Rule& rule) {
  const std::vector<StreamId>& streams = rule.window ? rule.streams : rule.stages.front().filter.streams;
  return std::any_of(test.events.begin(), test.events.end(),
                     [&](const dsl::TestEvent& event) { return std::find(streams.begin(), streams.end(), event.stream) != streams.end(); });
}

}  // namespace

bool same_family(const SourceFile& a, const SourceFile& b) { return without_ending(a.name) == without_ending(b.name); }

std::vector<TestOutcome> run_rule_tests(const std::shared_ptr<const RuleSet>& rules, std::span<const SourceFile> files,
                                        const std::string& filter) {
  std::vector<TestOutcome> outcomes;
  for (const dsl::Test& test : rules->impl().files.tests)
    if (test.name.find(filter) != std::string::npos) outcomes.push_back(run_rule_test(rules, files, test));
  return outcomes;
}

std::vector<RuleCoverage> rule_coverage(const RuleSet& rules, std::span<const SourceFile> files, std::span<const TestOutcome> outcomes) {
  const RuleSet::Impl& impl = rules.impl();
  std::vector<RuleCoverage> coverage;
  for (const dsl::Rule& rule : impl.files.rules) {
    if (rule.disabled) continue;
    RuleCoverage entry{rule.info.index, false, false};
    for (const TestOutcome& outcome : outcomes) {
      if (!outcome.passed() || !same_family(files[rule.span.file], files[outcome.span.file])) continue;
      const auto test = std::find_if(impl.files.tests.begin(), impl.files.tests.end(), [&](const dsl::Test& t) {
        return t.span.file == outcome.span.file && t.span.begin == outcome.span.begin;
      });
      const bool fired = std::binary_search(outcome.fired.begin(), outcome.fired.end(), rule.info.index);
      entry.fires = entry.fires || fired;
      entry.stays_silent = entry.stays_silent || (!fired && touches_first_step(*test, rule));
    }
    coverage.push_back(entry);
  }
  return coverage;
}

}  // namespace sequitur::cli
