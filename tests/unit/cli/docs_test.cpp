// The rule files inside the documents: every fenced block ```seq is a whole file that loads (warnings are allowed: some
// pages show what is warned of) and passes its tests. ```seq-fragment marks what is no whole file, ```seq-pending what
// is not available yet. So what the tables of docs/semantics.md
// say is what the engine does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/rule_tests.hpp"
#include "dsl/diagnostic_text.hpp"

namespace sequitur::cli {
namespace {

namespace fs = std::filesystem;

struct Block {
  std::string document;  // "semantics.md"
  std::size_t line = 0;  // Of its first line, from 1.
  std::string heading;   // The last one before it.
  std::string text;
  bool table_before = false;  // Since the heading or the block before.
};

std::vector<Block> blocks_of(const fs::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::vector<Block> blocks;
  std::string line, heading;
  bool in_fence = false, in_block = false, table = false;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("```")) {
      in_block = !in_fence && (line == "```seq" || line.starts_with("```seq "));
      in_fence = !in_fence;
      if (in_block) blocks.push_back({path.filename().string(), number + 1, heading, {}, std::exchange(table, false)});
    } else if (in_block) {
      blocks.back().text += line + '\n';
    } else if (!in_fence && line.starts_with("#")) {
      heading = line.substr(line.find_first_not_of("# "));
      table = false;
    } else if (!in_fence && line.starts_with("|")) {
      table = true;
    }
  }
  return blocks;
}

std::vector<Block> blocks_of_documents() {
  std::vector<Block> blocks;
  std::vector<fs::path> paths{fs::path(SEQUITUR_SOURCE_DIR) / "README.md"};
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(SEQUITUR_SOURCE_DIR) / "docs"))
    if (entry.path().extension() == ".md" && entry.path().filename() != "errors.md") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths)
    for (Block& block : blocks_of(path)) blocks.push_back(std::move(block));
  return blocks;
}

class DocumentsTest : public testing::TestWithParam<Block> {};

TEST_P(DocumentsTest, BlockIsAFileThatPassesItsTests) {
  const Block& block = GetParam();
  SCOPED_TRACE(block.document + ":" + std::to_string(block.line) + " (" + block.heading + ")");
  const std::vector<SourceFile> files{{block.document, block.text}};
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load(files, diagnostics);
  ASSERT_TRUE(rules) << dsl::diagnostics_text(diagnostics, files);
  for (const TestOutcome& outcome : run_rule_tests(rules, files))
    for (const std::string& problem : outcome.problems) ADD_FAILURE() << outcome.name << ": " << problem;
}

INSTANTIATE_TEST_SUITE_P(Blocks, DocumentsTest, testing::ValuesIn(blocks_of_documents()), [](const auto& block) {
  std::string name = fs::path(block.param.document).stem().string() + "_" + std::to_string(block.param.line);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

// In docs/semantics.md each block has its table, and at least one test.
TEST(SemanticsPageTest, EveryConstructHasATableAndATest) {
  const std::vector<Block> blocks = blocks_of(fs::path(SEQUITUR_SOURCE_DIR) / "docs" / "semantics.md");
  EXPECT_GE(blocks.size(), 60u);
  for (const Block& block : blocks) {
    EXPECT_TRUE(block.table_before) << "no table before line " << block.line << " (" << block.heading << ")";
    EXPECT_NE(block.text.find("\ntest \""), std::string::npos) << "no test at line " << block.line << " (" << block.heading << ")";
    EXPECT_NE(block.text.find("\n  expect "), std::string::npos) << "nothing expected at line " << block.line;
  }
}

// The pages for people who come from other systems: each worked example has its table of events and what comes of it as a test.
TEST(ComingFromPagesTest, EveryExampleIsATest) {
  const fs::path folder = fs::path(SEQUITUR_SOURCE_DIR) / "docs" / "coming_from";
  for (const char* page : {"flink_cep.md", "siddhi.md", "esper.md", "eql.md", "sql_match_recognize.md", "sigma.md"}) {
    const std::vector<Block> blocks = blocks_of(folder / page);
    EXPECT_GE(blocks.size(), 6u) << page;
    for (const Block& block : blocks) {
      EXPECT_NE(block.text.find("\ntest \""), std::string::npos)
          << "no test at " << page << ":" << block.line << " (" << block.heading << ")";
      EXPECT_NE(block.text.find("\n  expect "), std::string::npos) << "nothing expected at " << page << ":" << block.line;
    }
  }
}

// docs/comparison.md: the rules that its tables name stand in its blocks, and no rule without a row.
TEST(ComparisonPageTest, TheRulesOfTheTablesAreThere) {
  const fs::path path = fs::path(SEQUITUR_SOURCE_DIR) / "docs" / "comparison.md";
  std::ifstream file(path);
  std::ostringstream whole;
  whole << file.rdbuf();
  const std::string page = whole.str();
  static const std::regex named(R"(`([fsreg][0-9]{2}\w*)` \|)"), declared(R"(\nrule ([fsreg][0-9]{2}))");
  std::set<std::string> names, rules;
  for (std::sregex_iterator found(page.begin(), page.end(), named), end; found != end; ++found) names.insert((*found)[1]);
  for (std::sregex_iterator found(page.begin(), page.end(), declared), end; found != end; ++found) rules.insert((*found)[1]);
  EXPECT_GE(names.size(), 50u);
  for (const std::string& name : names) EXPECT_TRUE(rules.count(name)) << "no rule " << name << " in docs/comparison.md";
  for (const std::string& rule : rules) EXPECT_TRUE(names.count(rule)) << "no row names " << rule << " in docs/comparison.md";
}

}  // namespace
}  // namespace sequitur::cli
