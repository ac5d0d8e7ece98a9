// Rule files under tests/golden/checked with a dump of what the checker made of them, and bad files under
// tests/golden/mistakes with all that is reported of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "dsl/checked_print.hpp"
#include "dsl/diagnostic_text.hpp"
#include "dsl/load.hpp"
#include "tests/golden.hpp"

namespace sequitur::dsl {
namespace {

using sequitur::testing::compare_golden;
using sequitur::testing::golden_cases;
using sequitur::testing::golden_directory;
using sequitur::testing::read_file;

class CheckedGolden : public ::testing::TestWithParam<std::string> {};

TEST_P(CheckedGolden, Dump) {
  const std::vector<SourceFile> files = {{"rules.seq", read_file(golden_directory() / (GetParam() + ".seq"))}};
  const Loaded loaded = load(files);
  ASSERT_TRUE(loaded.ok()) << diagnostics_text(loaded.diagnostics, files);
  compare_golden(GetParam() + ".txt", print(loaded.files));
}

class MistakesGolden : public ::testing::TestWithParam<std::string> {};

TEST_P(MistakesGolden, AllAreReported) {
  const std::vector<SourceFile> files = {{"rules.seq", read_file(golden_directory() / (GetParam() + ".seq"))}};
  compare_golden(GetParam() + ".txt", diagnostics_text(load(files).diagnostics, files) + diagnostics_total(load(files).diagnostics) + "\n");
}

std::string name_of(const ::testing::TestParamInfo<std::string>& info) { return std::filesystem::path(info.param).filename().string(); }

INSTANTIATE_TEST_SUITE_P(Files, CheckedGolden, ::testing::ValuesIn(golden_cases("checked", ".seq")), name_of);
INSTANTIATE_TEST_SUITE_P(Files, MistakesGolden, ::testing::ValuesIn(golden_cases("mistakes", ".seq")), name_of);

// A comment `# E080` at the end of a line stands for a mistake on that line, and there are no others.
TEST(Mistakes, EachOnItsLine) {
  for (const std::string& name : golden_cases("mistakes", ".seq")) {
    const std::string text = read_file(golden_directory() / (name + ".seq"));
    std::vector<std::string> expected, found;
    std::istringstream lines(text);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
      std::istringstream words(line.find("# ") == std::string::npos ? "" : line.substr(line.find("# ") + 2));
      for (std::string word; words >> word;) {
        if (word.size() == 4 && (word[0] == 'E' || word[0] == 'W') && word[1] <= '9')
          expected.push_back(std::to_string(number) + ":" + word);
      }
    }
    for (const Diagnostic& diagnostic : load(std::vector<SourceFile>{{"rules.seq", text}}).diagnostics) {
      const auto number = 1 + std::count(text.begin(), text.begin() + diagnostic.span.begin, '\n');
      found.push_back(std::to_string(number) + ":" + diagnostic.code);
    }
    EXPECT_EQ(expected, found) << name;
  }
}

}  // namespace
}  // namespace sequitur::dsl
