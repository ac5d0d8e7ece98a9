// The rule library as a whole: each domain loads in one go with the streams of the generated data, all domains together too,
// and each holds what it promises. (That each file passes its own tests is shown in rule_tests_test.cpp.)
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "dsl/diagnostic_text.hpp"
#include "dsl/parse.hpp"
#include "dsl/print.hpp"
#include "sequitur/rule_files.hpp"
#include "sequitur/rule_set.hpp"

namespace sequitur::cli {
namespace {

const std::string kRules = SEQUITUR_RULES_DIR;

std::shared_ptr<const RuleSet> load(const std::vector<std::string>& paths) {
  const auto files = read_rule_files(paths, {.tests = true});
  EXPECT_TRUE(files.ok()) << files.error().message;
  if (!files.ok()) return nullptr;
  std::vector<Diagnostic> diagnostics;
  auto rules = RuleSet::load(*files, diagnostics);
  EXPECT_TRUE(diagnostics.empty()) << dsl::diagnostics_text(diagnostics, *files);
  return rules;
}

class DomainTest : public testing::TestWithParam<const char*> {};

TEST_P(DomainTest, LoadsTogetherAndSaysWhatEachRuleIsFor) {
  const auto rules = load({kRules + "/" + GetParam(), kRules + "/streams"});
  ASSERT_TRUE(rules);
  EXPECT_GE(rules->rules().size(), 6u);
  for (const RuleInfo& rule : rules->rules()) {
    EXPECT_FALSE(rule.title.empty()) << rule.name;
    EXPECT_FALSE(rule.severity.empty()) << rule.name;
    EXPECT_FALSE(rule.tags.empty()) << rule.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Domains, DomainTest, testing::Values("fraud", "monitoring", "security", "trading"),
                         [](const auto& domain) { return std::string(domain.param); });

TEST(RuleLibraryTest, AllDomainsLoadTogether) {
  const auto rules = load({kRules + "/fraud", kRules + "/monitoring", kRules + "/security", kRules + "/trading"});
  ASSERT_TRUE(rules);
  EXPECT_GE(rules->rules().size(), 24u);
}

TEST(RuleLibraryTest, EveryKindOfGeneratedFraudHasItsRule) {
  const auto rules = load({kRules + "/fraud"});
  ASSERT_TRUE(rules);
  std::set<std::string> names;
  for (const RuleInfo& rule : rules->rules()) names.insert(rule.name);
  for (const char* kind : {"card_testing", "velocity", "impossible_travel", "impossible_card_travel", "account_takeover", "mule_fan_in",
                           "refund_abuse", "terminal_probe", "dormant_account_burst"})
    EXPECT_TRUE(names.contains(kind)) << kind;
}

TEST(RuleLibraryTest, EveryFileIsInTheCanonicalLayout) {
  for (const char* folder : {"/fraud", "/monitoring", "/security", "/trading", "/examples", "/real", "/streams"}) {
    const std::vector<std::string> paths{kRules + folder};
    const auto files = read_rule_files(paths, {.tests = true});
    ASSERT_TRUE(files.ok()) << files.error().message;
    for (const SourceFile& file : *files) {
      const dsl::Parsed parsed = dsl::parse(file.text, 0);
      EXPECT_TRUE(parsed.ok()) << file.name;
      EXPECT_TRUE(dsl::print(parsed.file) == file.text) << file.name << ": run `sequitur fmt`";
    }
  }
}

TEST(RuleLibraryTest, EachFileForRealDataLoadsAlone) {
  for (const auto& entry : std::filesystem::directory_iterator(kRules + "/real"))
    if (entry.path().extension() == ".seq") { EXPECT_TRUE(load({entry.path().string()})) << entry.path(); }
}

}  // namespace
}  // namespace sequitur::cli
