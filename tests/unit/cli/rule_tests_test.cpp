// The test runner, on rule files in which tests pass and fail; and with it all rule files that the project ships.
#include "cli/rule_tests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "dsl/diagnostic_text.hpp"
#include "sequitur/rule_files.hpp"

namespace sequitur::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRule = R"(
stream ping time ts { host: string, n: int?, load: float? }
stream pong time ts { host: string }

rule lost "A ping without an answer" {
  key    host
  first  p: ping
  no     pong for 10s
  emit   lost_ping(host, n = p.n, load = p.load)
}
)";

std::vector<TestOutcome> run(const std::string& tests) {
  const std::vector<SourceFile> files{{"ping.seq", kRule}, {"ping.seqtest", tests}};
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load(files, diagnostics);
  EXPECT_TRUE(rules) << dsl::diagnostics_text(diagnostics, files);
  return rules ? run_rule_tests(rules, files) : std::vector<TestOutcome>{};
}

std::vector<std::string> problems(const std::string& lines) {
  const std::vector<TestOutcome> outcomes = run("test \"t\" {\n" + lines + "}\n");
  return outcomes.size() == 1 ? outcomes.front().problems : std::vector<std::string>{"no outcome"};
}

TEST(RuleTestsTest, ExactlyTheExpectedAlertsPass) {
  EXPECT_THAT(problems("0s ping host=a n=1 load=0.5\n expect lost_ping at 10s host=a n=1 load=0.5\n"), testing::IsEmpty());
  EXPECT_THAT(problems("0s ping host=a\n 9s pong host=a\n expect none\n"), testing::IsEmpty());
  EXPECT_THAT(problems("0s ping host=a\n 0s ping host=b\n expect lost_ping host=b\n expect lost_ping\n"), testing::IsEmpty());
}

TEST(RuleTestsTest, WhatDoesNotComeIsNamed) {
  EXPECT_THAT(problems("0s ping host=a\n 9s pong host=a\n expect lost_ping at 10s host=a\n"),
              testing::ElementsAre("expected, but did not come: lost_ping at 10s host=a"));
}

TEST(RuleTestsTest, WhatComesUnexpectedIsNamed) {
  EXPECT_THAT(problems("0s ping host=a n=3\n expect none\n"),
              testing::ElementsAre("came, but was not expected: lost_ping at 10s host=a n=3 load=null (rule lost)"));
}

TEST(RuleTestsTest, WrongTimeOrValueFailsBothWays) {
  EXPECT_THAT(problems("0s ping host=a n=3\n expect lost_ping at 11s\n"), testing::SizeIs(2));
  EXPECT_THAT(problems("0s ping host=a n=3\n expect lost_ping n=4\n"), testing::SizeIs(2));
}

TEST(RuleTestsTest, AVagueExpectationLeavesThePreciseOneItsAlert) {
  EXPECT_THAT(problems("0s ping host=a n=1\n 1s ping host=b n=2\n expect lost_ping\n expect lost_ping n=1\n"), testing::IsEmpty());
  EXPECT_THAT(problems("0s ping host=a n=1\n 1s ping host=b n=2\n expect lost_ping n=1\n expect lost_ping\n"), testing::IsEmpty());
}

TEST(RuleTestsTest, EventsComeInTheOrderOfTheirOffsets) {
  EXPECT_THAT(problems("9s pong host=a\n 0s ping host=a\n expect none\n"), testing::IsEmpty());
}

TEST(RuleTestsTest, RepeatedEvents) {
  EXPECT_THAT(problems("0s pong host=a {3 every 2s}\n 0s ping host=a {2 every 20s}\n expect lost_ping at 30s\n"), testing::IsEmpty());
}

TEST(RuleTestsTest, CoverageWantsBothSides) {
  const std::vector<SourceFile> files{{"ping.seq", kRule}, {"ping.seqtest", "test \"fires\" { 0s ping host=a\n expect lost_ping }\n"}};
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load(files, diagnostics);
  ASSERT_TRUE(rules) << dsl::diagnostics_text(diagnostics, files);
  const auto coverage = rule_coverage(*rules, files, run_rule_tests(rules, files));
  ASSERT_EQ(coverage.size(), 1u);
  EXPECT_TRUE(coverage[0].fires);
  EXPECT_FALSE(coverage[0].stays_silent);
}

// ---- What the project ships --------------------------------------------------------------------------------------------

std::vector<std::string> rule_files_below(const fs::path& folder) {
  std::vector<std::string> files;
  if (fs::exists(folder))
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.path().extension() == ".seq") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> shipped_files() {
  std::vector<std::string> files = rule_files_below(SEQUITUR_RULES_DIR);
  for (std::string& file : rule_files_below(fs::path(SEQUITUR_TESTS_DIR) / "cases")) files.push_back(std::move(file));
  return files;
}

class ShippedRulesTest : public testing::TestWithParam<std::string> {};

TEST_P(ShippedRulesTest, LoadsAndPassesItsTests) {
  const std::vector<std::string> paths{GetParam()};
  const auto files = read_rule_files(paths, {.tests = true});
  ASSERT_TRUE(files.ok()) << files.error().message;
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load(*files, diagnostics);
  ASSERT_TRUE(rules) << dsl::diagnostics_text(diagnostics, *files);
  const std::vector<TestOutcome> outcomes = run_rule_tests(rules, *files);
  for (const TestOutcome& outcome : outcomes)
    for (const std::string& problem : outcome.problems) ADD_FAILURE() << outcome.name << ": " << problem;
  // The library shows each rule firing and silent; the files for particular data sets, and cases, need not.
  if (!GetParam().starts_with(SEQUITUR_RULES_DIR) || GetParam().starts_with(SEQUITUR_RULES_DIR "/real")) return;
  for (const RuleCoverage& rule : rule_coverage(*rules, *files, outcomes)) {
    EXPECT_TRUE(rule.fires) << rules->rules()[rule.rule].name << " has no test where it fires";
    EXPECT_TRUE(rule.stays_silent) << rules->rules()[rule.rule].name << " has no test where it stays silent";
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ShippedRulesTest, testing::ValuesIn(shipped_files()), [](const auto& file) {
  std::string name = fs::relative(file.param, SEQUITUR_SOURCE_DIR).string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ShippedRulesTest);

}  // namespace
}  // namespace sequitur::cli
