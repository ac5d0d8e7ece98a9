// Runs the `test` blocks of loaded rule files.
//
//     for (const TestOutcome& outcome : run_rule_tests(rules))
//       if (!outcome.passed()) ... outcome.problems ...
//
// Each test has an engine of its own over all loaded rules and sees the alerts of the rules in its own file (a .seqtest:
// of the .seq beside it); a test in a file without rules sees all of them. It passes if exactly the expected alerts come.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sequitur/diagnostic.hpp"
#include "sequitur/rule_set.hpp"

namespace sequitur::cli {

struct TestOutcome {
  std::string name;
  Span span;                          // Of the test block.
  std::vector<std::string> problems;  // What was expected and did not come, what came and was not expected.
  std::vector<std::uint32_t> fired;   // Rules that raised an alert, by index; sorted.
  double seconds = 0;
  bool passed() const { return problems.empty(); }
};

// In load order. `files` are those that the rules were loaded from; `filter` keeps tests whose name contains it.
std::vector<TestOutcome> run_rule_tests(const std::shared_ptr<const RuleSet>& rules, std::span<const SourceFile> files,
                                        const std::string& filter = {});

// Whether some test of its file shows a rule fire, and some test with events of its first step shows it stay silent.
struct RuleCoverage {
  std::uint32_t rule = 0;
  bool fires = false;
  bool stays_silent = false;
};
std::vector<RuleCoverage> rule_coverage(const RuleSet& rules, std::span<const SourceFile> files, std::span<const TestOutcome> outcomes);

// "rules/a.seq" and "rules/a.seqtest" belong together.
bool same_family(const SourceFile& a, const SourceFile& b);

}  // namespace sequitur::cli
