// The `test` blocks of the project, played by the reference: what the rule library, the cases and the tables of
// docs/semantics.md expect must follow from the definition, not only from the engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "dsl/load.hpp"
#include "tests/reference/table.hpp"

namespace sequitur::reference {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = SEQUITUR_SOURCE_DIR;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The file, the tests beside it, and whatever they import.
void collect(const fs::path& path, std::set<fs::path>& seen, std::vector<SourceFile>& files) {
  const fs::path normal = path.lexically_normal();
  if (!fs::exists(normal) || !seen.insert(normal).second) return;
  files.push_back({normal.string(), contents(normal)});
  const std::string text = files.back().text;
  static const std::regex import(R"re((?:^|\n)\s*import\s+"([^"]+)")re");
  for (std::sregex_iterator found(text.begin(), text.end(), import), end; found != end; ++found)
    collect(normal.parent_path() / (*found)[1].str(), seen, files);
}

std::string text_of(const dsl::Constant& constant) {
  if (constant.null) return "null";
  return to_text(of_constant(constant), constant.type);
}

bool meets(const Alert& alert, const dsl::Expectation& expected) {
  if (alert.stream != expected.stream || (expected.kind && alert.kind != *expected.kind)) return false;
  if (expected.at && Timestamp{Duration{alert.time}} != dsl::kTestStart + *expected.at) return false;
  return std::all_of(expected.values.begin(), expected.values.end(), [&](const auto& wanted) {
    const NamedText named{wanted.first, text_of(wanted.second)};
    const auto has = [&](const std::vector<NamedText>& values) { return std::find(values.begin(), values.end(), named) != values.end(); };
    return has(alert.fields) || has(alert.key);
  });
}

// Exactly the expected alerts, in any order: tries every pairing.
bool pairs_up(const std::vector<dsl::Expectation>& expected, std::vector<Alert> alerts, std::size_t next = 0) {
  if (next == expected.size()) return alerts.empty();
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    if (!meets(alerts[i], expected[next])) continue;
    std::vector<Alert> others = alerts;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    if (pairs_up(expected, std::move(others), next + 1)) return true;
  }
  return false;
}

std::string family(const std::string& name) { return fs::path(name).replace_extension().string(); }

// A test sees the alerts of the rules in its own file, or all if there are none.
void play(const dsl::Test& test, const dsl::CheckedFiles& files, const std::vector<SourceFile>& sources) {
  const auto own = [&](const dsl::Rule& rule) { return family(sources[rule.span.file].name) == family(sources[test.span.file].name); };
  const bool any_own = std::any_of(files.rules.begin(), files.rules.end(), own);
  const std::vector<Row> changes =
      without_truncations(with_file_rows(events_of(test, files.schemas), files.tables), files.tables, files.schemas);
  const std::vector<Row> events = with_ticks(changes, files.schedules);
  std::vector<Alert> alerts = match(files.rules, events, Options{}, files.schemas, files.tables).alerts;
  std::erase_if(alerts, [&](const Alert& alert) { return any_own && !own(files.rules[alert.rule]); });
  // What was withdrawn on the way does not show in the alerts that stand at the end.
  std::vector<dsl::Expectation> expected = test.expected;
  std::erase_if(expected, [](const dsl::Expectation& one) { return one.withdrawal; });
  std::string came;
  for (const auto& alert : alerts) came += "  " + to_string(alert) + "\n";
  EXPECT_TRUE(pairs_up(expected, alerts)) << sources[test.span.file].name << ": test \"" << test.name << "\"; what came:\n" << came;
}

int play_all(const std::vector<SourceFile>& sources) {
  const dsl::Loaded loaded = dsl::load(sources);
  for (const auto& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == Severity::kError)
      ADD_FAILURE() << sources[diagnostic.span.file].name << ": " << diagnostic.code << " " << diagnostic.message;
  if (!loaded.ok()) return 0;
  for (const auto& test : loaded.files.tests) play(test, loaded.files, sources);
  return static_cast<int>(loaded.files.tests.size());
}

// Each file with rules by itself.
int play_folder(const fs::path& folder) {
  int tests = 0;
  if (!fs::exists(folder)) return 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".seq") continue;
    std::set<fs::path> seen;
    std::vector<SourceFile> sources;
    collect(entry.path(), seen, sources);
    collect(fs::path(entry.path()).replace_extension(".seqtest"), seen, sources);
    tests += play_all(sources);
  }
  return tests;
}

TEST(RuleTests, Library) { EXPECT_GT(play_folder(kSource / "rules"), 0); }

TEST(RuleTests, Cases) {
  if (play_folder(kSource / "tests" / "cases") == 0) GTEST_SKIP() << "there are no cases";
}

// The blocks ```seq of a document, each a file of its own.
int play_page(const std::string& name) {
  const std::string page = contents(kSource / name);
  static const std::string begin = "\n```seq\n", end = "\n```";
  int tests = 0;
  for (std::size_t at = page.find(begin); at != std::string::npos; at = page.find(begin, at)) {
    at += begin.size();
    const auto line = std::count(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    tests += play_all({{name + ":" + std::to_string(line), page.substr(at, page.find(end, at) - at)}});
  }
  return tests;
}

TEST(RuleTests, SemanticsPage) { EXPECT_GT(play_page("docs/semantics.md"), 0); }

TEST(RuleTests, PagesForOtherSystems) {
  for (const char* page : {"docs/coming_from.md", "docs/comparison.md"}) EXPECT_GT(play_page(page), 0) << page;
  for (const auto& entry : fs::directory_iterator(kSource / "docs" / "coming_from"))
    EXPECT_GT(play_page("docs/coming_from/" + entry.path().filename().string()), 0) << entry.path();
}

}  // namespace
}  // namespace sequitur::reference
