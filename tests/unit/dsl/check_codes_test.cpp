// Every code has a bad and a good example; what the bad one gives is a golden file, and docs/errors.md is made of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "dsl/codes.hpp"
#include "dsl/diagnostic_text.hpp"
#include "dsl/load.hpp"
#include "tests/golden.hpp"

namespace sequitur::dsl {

// For gtest's messages.
void PrintTo(const CodeInfo& info, std::ostream* out) { *out << info.code; }

namespace {

using sequitur::testing::compare_golden;

std::vector<CodeInfo> all_codes() {
  std::vector<CodeInfo> codes(syntax_codes().begin(), syntax_codes().end());
  codes.insert(codes.end(), check_codes().begin(), check_codes().end());
  std::sort(codes.begin(), codes.end(), [](const CodeInfo& a, const CodeInfo& b) { return a.code < b.code; });
  return codes;
}

std::vector<SourceFile> as_files(std::string_view text) { return {{"rules.seq", std::string(text)}}; }

std::string rendered(std::string_view text) {
  const std::vector<SourceFile> files = as_files(text);
  return diagnostics_text(load(files).diagnostics, files);
}

class Codes : public ::testing::TestWithParam<CodeInfo> {};

TEST_P(Codes, BadExampleGivesTheCode) {
  const CodeInfo& info = GetParam();
  if (info.bad.empty()) GTEST_SKIP() << info.code << " needs a huge file";
  const std::vector<SourceFile> files = as_files(info.bad);
  const Loaded loaded = load(files);
  bool found = false;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    found = found || diagnostic.code == info.code;
    EXPECT_EQ(diagnostic.severity == Severity::kWarning, diagnostic.code[0] == 'W');
    EXPECT_LE(diagnostic.span.begin, diagnostic.span.end);
    EXPECT_LE(diagnostic.span.end, info.bad.size());
    EXPECT_FALSE(diagnostic.message.empty());
    EXPECT_NE(diagnostic.message.back(), '.');
  }
  EXPECT_TRUE(found) << rendered(info.bad);
  EXPECT_EQ(loaded.diagnostics.size(), 1u) << rendered(info.bad);
  const std::string name = "diagnostics/" + std::string(info.code);
  compare_golden(name + ".seq", std::string(info.bad));
  compare_golden(name + ".txt", rendered(info.bad));
}

TEST_P(Codes, GoodExampleLoads) {
  const CodeInfo& info = GetParam();
  if (info.good.empty()) GTEST_SKIP();
  EXPECT_EQ(rendered(info.good), "");
  compare_golden("diagnostics/" + std::string(info.code) + ".good.seq", std::string(info.good));
}

INSTANTIATE_TEST_SUITE_P(All, Codes, ::testing::ValuesIn(all_codes()), [](const auto& code) { return std::string(code.param.code); });

TEST(CodeTable, CodesAreUniqueAndWellFormed) {
  std::set<std::string> seen;
  std::size_t with_example = 0;
  for (const CodeInfo& info : all_codes()) {
    EXPECT_TRUE(std::regex_match(std::string(info.code), std::regex("[EW][0-9]{3}"))) << info.code;
    EXPECT_TRUE(seen.insert(std::string(info.code)).second) << info.code << " stands twice";
    EXPECT_FALSE(info.title.empty());
    EXPECT_EQ(info.explanation.back(), '.') << info.code;
    with_example += info.bad.empty() ? 0 : 1;
  }
  EXPECT_GE(with_example, 60u);
}

// What the sources mention in quotes is in the table, and the other way round.
TEST(CodeTable, SourcesAndTableAgree) {
  std::set<std::string> table;
  for (const CodeInfo& info : all_codes()) table.insert(std::string(info.code));
  std::set<std::string> used;
  const std::regex quoted("\"([EW][0-9]{3})\"");
  for (const char* folder : {"dsl", "engine"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(SEQUITUR_SOURCE_DIR) / folder)) {
      const std::string name = entry.path().filename().string();
      if (!entry.is_regular_file() || name.starts_with("codes_")) continue;
      const std::string text = sequitur::testing::read_file(entry.path());
      for (std::sregex_iterator match(text.begin(), text.end(), quoted); match != std::sregex_iterator(); ++match) used.insert((*match)[1]);
    }
  }
  for (const std::string& code : used) EXPECT_TRUE(table.contains(code)) << code << " is emitted but not in the table";
  for (const std::string& code : table) EXPECT_TRUE(used.contains(code)) << code << " is in the table but never emitted";
}

// A code block of the document.
std::string block(std::string_view text) { return "```\n" + std::string(text) + (text.ends_with('\n') ? "" : "\n") + "```\n"; }

TEST(CodeTable, DocumentIsUpToDate) {
  std::string document =
      "# Errors and warnings\n\n"
      "Every diagnostic of a rule file has a code that does not change. Errors (E) keep the file from loading, warnings (W) do\n"
      "not. This page is made from the table of codes; `scripts/update-golden` writes it.\n\n";
  for (const CodeInfo& info : all_codes())
    document += "- [" + std::string(info.code) + "](#" + std::string(info.code) + ") " + std::string(info.title) + "\n";
  for (const CodeInfo& info : all_codes()) {
    document += "\n## <a id=\"" + std::string(info.code) + "\"></a>" + std::string(info.code) + ": " + std::string(info.title) + "\n\n" +
                std::string(info.explanation) + "\n";
    if (info.bad.empty()) continue;
    document += "\n" + block(rendered(info.bad));
    document += "\nWrong:\n\n" + block(info.bad);
    if (!info.good.empty()) document += "\nRight:\n\n" + block(info.good);
  }
  compare_golden("../../docs/errors.md", document);
}

}  // namespace
}  // namespace sequitur::dsl
