// `sequitur test`: the tests that stand in rule files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/exit_code.hpp"
#include "cli/files.hpp"
#include "cli/junit.hpp"
#include "cli/load_rules.hpp"
#include "cli/messages.hpp"
#include "cli/rule_tests.hpp"
#include "cli/verbs.hpp"

namespace sequitur::cli {
namespace {

struct Options {
  std::vector<std::string> rules, params;
  std::string filter, junit;
  bool coverage = false, quiet = false;
};

void print_outcomes(std::span<const TestOutcome> outcomes, std::span<const SourceFile> files, bool quiet) {
  for (const TestOutcome& outcome : outcomes) {
    if (quiet && outcome.passed()) continue;
    fmt::print("{}  {}: {}\n", outcome.passed() ? "ok    " : "FAILED", files[outcome.span.file].name, outcome.name);
    for (const std::string& problem : outcome.problems) fmt::print("          {}\n", problem);
  }
}

// Rules without a test that shows them fire, or without one that shows them stay silent.
void print_coverage(const RuleSet& rules, std::span<const SourceFile> files, std::span<const TestOutcome> outcomes) {
  std::uint64_t covered = 0;
  const std::vector<RuleCoverage> coverage = rule_coverage(rules, files, outcomes);
  for (const RuleCoverage& rule : coverage) {
    if (rule.fires && rule.stays_silent) {
      ++covered;
      continue;
    }
    fmt::print("no test where it {}: {}\n",
               rule.fires          ? "stays silent"
               : rule.stays_silent ? "fires"
                                   : "fires, none where it stays silent",
               rules.rules()[rule.rule].name);
  }
  if (!coverage.empty()) fmt::print("{} of {} seen firing and silent\n", grouped(covered), counted(coverage.size(), "rule"));
}

// All files together, as `run` would take them. A library may hold alternatives that cannot be loaded together (two rules of
// one name): then each file by itself with what it imports. Nothing, with the diagnostics of the whole printed, if neither works.
std::vector<LoadedRules> load_sets(const Options& options, int& exit_code) {
  std::vector<LoadedRules> sets;
  LoadedRules together = load_rules(options.rules, {.tests = true, .warnings = false, .params = options.params, .silent = true});
  exit_code = together.exit_code;
  if (together.rules) {
    sets.push_back(std::move(together));
    return sets;
  }
  if (exit_code != kExitRules) return {};  // Said already.
  for (const SourceFile& file : together.files) {
    if (file.name.ends_with(".seqtest")) continue;
    sets.push_back(load_rules({file.name}, {.tests = true, .warnings = false, .params = options.params, .silent = true}));
    if (sets.back().rules) continue;
    print_diagnostics(together.diagnostics, together.files);
    return {};
  }
  exit_code = kExitOk;
  return sets;
}

// A file that stands alone is tested with its own tests, not with those of its imports.
std::vector<TestOutcome> own_tests(const LoadedRules& set, bool alone, const std::string& filter) {
  std::vector<TestOutcome> outcomes = run_rule_tests(set.rules, set.files, filter);
  if (alone)
    std::erase_if(outcomes, [&](const TestOutcome& outcome) { return !same_family(set.files[outcome.span.file], set.files.front()); });
  return outcomes;
}

int test_rules(const Options& options) {
  int exit_code = kExitOk;
  const std::vector<LoadedRules> sets = load_sets(options, exit_code);
  if (sets.empty()) return exit_code;
  std::uint64_t tests = 0, failed = 0;
  std::string junit;
  for (const LoadedRules& set : sets) {
    const std::vector<TestOutcome> outcomes = own_tests(set, sets.size() > 1, options.filter);
    print_outcomes(outcomes, set.files, options.quiet);
    if (options.coverage) print_coverage(*set.rules, set.files, outcomes);
    junit += junit_suite(outcomes, set.files);
    tests += outcomes.size();
    failed += static_cast<std::uint64_t>(
        std::count_if(outcomes.begin(), outcomes.end(), [](const TestOutcome& outcome) { return !outcome.passed(); }));
  }
  if (!options.junit.empty()) {
    if (const Result<void> written = write_file(options.junit, junit_report(junit)); !written) {
      print_error(written.error().message);
      return kExitRuntime;
    }
  }
  fmt::print("{}: {}\n", counted(tests, "test"), failed == 0 ? "all passed" : grouped(failed) + " failed");
  return failed == 0 ? kExitOk : kExitTests;
}

}  // namespace

void add_test(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("test", "Run the tests in rule files and in the .seqtest files beside them");
  verb->add_option("RULES", options->rules, "Rule files, or directories with .seq files")->required();
  verb->add_option("--filter", options->filter, "Only tests whose name contains this")->type_name("TEXT");
  verb->add_flag("--coverage", options->coverage, "List rules without a test where they fire and one where they stay silent");
  verb->add_option("--junit", options->junit, "Write a JUnit report to this file");
  verb->add_flag("-q,--quiet", options->quiet, "Print only failed tests and the total");
  add_params(*verb, options->params);
  verb->footer("Example: sequitur test rules/fraud --coverage");
  verb->callback([options, &exit_code] { exit_code = test_rules(*options); });
}

}  // namespace sequitur::cli
