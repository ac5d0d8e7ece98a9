// What golden files do not show: several files together, lists from files, bounds, and how much time it may take.
#include "dsl/load.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "dsl/checked_print.hpp"
#include "dsl/diagnostic_text.hpp"
#include "tests/golden.hpp"

namespace sequitur::dsl {
namespace {

std::string text_of(const std::vector<SourceFile>& files) { return diagnostics_text(load(files).diagnostics, files); }

std::vector<std::string> codes_of(const std::string& text) {
  std::vector<std::string> codes;
  for (const Diagnostic& diagnostic : load(std::vector<SourceFile>{{"rules.seq", text}}).diagnostics) codes.push_back(diagnostic.code);
  return codes;
}

using Codes = std::vector<std::string>;

constexpr std::string_view kLogin = "stream login { user: string, ok: bool, tries: int }\n";

TEST(Load, FilesSeeEachOther) {
  const std::vector<SourceFile> files = {
      {"rules/a.seq",
       "import \"streams/login.seq\"\nimport \"../lets.seq\"\nrule r { key user  first a: failed where tries > limit  emit x(user) }\n"},
      {"rules/streams/login.seq", std::string(kLogin) + "stream failed = login where not ok\n"},
      {"lets.seq", "let limit = 5\n"}};
  EXPECT_EQ(text_of(files), "");
  EXPECT_EQ(load(files).files.rules.size(), 1u);
}

TEST(Load, MistakesNameTheirFile) {
  const std::vector<SourceFile> files = {{"a.seq", "rule r { key user  first a: login where trys > 5  emit x(user) }\n"},
                                         {"b.seq", std::string(kLogin) + "let a = b\n"}};
  const Loaded loaded = load(files);
  EXPECT_FALSE(loaded.ok());
  ASSERT_EQ(loaded.diagnostics.size(), 2u);
  EXPECT_EQ(loaded.diagnostics[0].span.file, 0u);
  EXPECT_EQ(loaded.diagnostics[0].code, "E080");
  EXPECT_EQ(loaded.diagnostics[1].span.file, 1u);
  EXPECT_EQ(loaded.diagnostics[1].code, "E067");
}

TEST(Load, WarningsDoNotFail) {
  const Loaded loaded =
      load(std::vector<SourceFile>{{"a.seq", std::string(kLogin) + "rule r { first a: login where user == null  emit x() }\n"}});
  EXPECT_TRUE(loaded.ok());
  ASSERT_EQ(loaded.diagnostics.size(), 1u);
  EXPECT_EQ(loaded.diagnostics[0].severity, Severity::kWarning);
}

TEST(Load, Nothing) {
  EXPECT_TRUE(load({}).ok());
  EXPECT_EQ(text_of({{"empty.seq", ""}}), "");
}

TEST(Load, SixRulesAsPrinted) {
  const std::filesystem::path path = std::filesystem::path(SEQUITUR_RULES_DIR) / "examples" / "six.seq";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path;
  const std::vector<SourceFile> files = {{"six.seq", sequitur::testing::read_file(path)}};
  EXPECT_EQ(text_of(files), "");
  EXPECT_EQ(load(files).files.rules.size(), 6u);
}

// ---- Lists from files --------------------------------------------------------------------------------------------------

TEST(Load, ListFromAFile) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "sequitur_check_load_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "bad.txt") << "# bad people\neve\r\n\n  mallory \n";
  const std::vector<SourceFile> files = {
      {(folder / "rules.seq").string(),
       "let bad = file \"bad.txt\"\n" + std::string(kLogin) + "rule r { first a: login where user in bad or user like bad  emit x() }\n"}};
  EXPECT_EQ(text_of(files), "");
  EXPECT_NE(print(load(files).files).find(R"((.user in file bad) or (.user like ["eve", "mallory"]))"), std::string::npos);
  std::filesystem::remove_all(folder);
}

TEST(Load, ListFromAFolderOrDevice) {
  EXPECT_EQ(codes_of("let bad = file \"/dev/zero\"\n"), Codes{"E075"});
  EXPECT_EQ(codes_of("let bad = file \"/\"\n"), Codes{"E075"});
}

// ---- Syntax errors beside other mistakes -------------------------------------------------------------------------------

TEST(Load, ALostStreamMakesNoUnknownNames) {
  EXPECT_EQ(codes_of("strem login { user: string }\nrule r { first a: login where user == 5  emit x() }\n"), Codes{"E015"});
  // The field with the mistake is missing, not the stream.
  EXPECT_EQ(
      codes_of("stream login {\n  user string\n  ok: bool\n}\nrule r { first a: login where user == 5 and ok > 3  emit x() }\n").size(),
      2u);
}

TEST(Load, ALostRuleHidesNoMistakes) {
  const Codes codes = codes_of(std::string(kLogin) + "rule { first a: login\n}\nrule s { first a: logn  emit x() }\n");
  EXPECT_EQ(codes.back(), "E070");
}

TEST(Load, ADamagedRuleIsNotCalledIncomplete) {
  EXPECT_EQ(
      codes_of(std::string(kLogin) + "rule r {\n  key user\n  within soon\n  first a: login\n  then b: login\n  emmit x(user)\n}\n").size(),
      2u);
}

// ---- Bounds ------------------------------------------------------------------------------------------------------------

TEST(Bounds, Steps) {
  std::string text = std::string(kLogin) + "rule r {\n  within 1h\n  first a: login\n";
  for (int i = 0; i < 150; ++i) text += "  then   login\n";
  EXPECT_EQ(codes_of(text + "  emit x()\n}\n"), Codes{"E148"});
}

TEST(Bounds, LetsInsideEachOther) {
  std::string text = "let f0(x) = x + 1\n";
  for (int i = 1; i < 200; ++i)
    text += "let f" + std::to_string(i) + "(x) = f" + std::to_string(i - 1) + "(x) + f" + std::to_string(i - 1) + "(x)\n";
  text += std::string(kLogin) + "rule r { first a: login where f199(tries) > 5  emit x() }\n";
  const Codes codes = codes_of(text);
  EXPECT_FALSE(codes.empty());
  for (const std::string& code : codes) EXPECT_EQ(code, "E072");
}

TEST(Bounds, LetsInACircle) {
  EXPECT_EQ(codes_of("let f(x) = g(x)\nlet g(x) = f(x) + 1\n"), Codes{"E066"});
  EXPECT_EQ(codes_of("let a = a\n"), Codes{"E066"});
  EXPECT_EQ(codes_of("let a = b\nlet b = a\n" + std::string(kLogin) + "rule r { first a: login where tries in b  emit x() }\n").size(), 1u);
  EXPECT_EQ(codes_of("stream a = b where x > 1\nstream b = c\nstream c = a\n").size(), 1u);
}

TEST(Bounds, ALongChainOfFilters) {
  std::string text = std::string(kLogin) + "stream f0 = login where tries > 0\n";
  for (int i = 1; i < 3000; ++i)
    text += "stream f" + std::to_string(i) + " = f" + std::to_string(i - 1) + " where tries > " + std::to_string(i) + "\n";
  load(std::vector<SourceFile>{
      {"a.seq", text + "rule r { first a: f2999  emit x() }\n"}});  // Ends; whether it is too long is not the point.
}

TEST(Bounds, DeepExpressions) {
  std::string text = std::string(kLogin) + "rule r { first a: login where ";
  for (int i = 0; i < 5000; ++i) text += "not (";
  EXPECT_FALSE(codes_of(text).empty());
  EXPECT_FALSE(codes_of(std::string(100'000, '(')).empty());
}

// Generous: the machine may be busy and the build without optimisation.
TEST(Bounds, TenThousandRules) {
  std::string text = "stream auth { card: string, amount: float, declined: bool, country: string }\nlet dear(p, q) = p * q > 100\n";
  for (int i = 0; i < 10'000; ++i) {
    const std::string n = std::to_string(i);
    text += "rule r" + n + " {\n  key card\n  within 10m\n  first p: auth{3..} where amount < " + n +
            " and declined and country in [\"CH\", \"C" + n + "\"]\n  then h: auth where amount > avg(p.amount) and dear(amount, " + n +
            ")\n  emit alert(card, n = count(p))\n}\n";
  }
  const Loaded loaded = load(std::vector<SourceFile>{{"a.seq", text}});
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.files.rules.size(), 10'000u);
}

TEST(Bounds, TenThousandMistakes) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "stream s" + std::to_string(i) + " { user: string }\n";
  for (int i = 0; i < 10'000; ++i)
    text += "rule r" + std::to_string(i) + " { first a: t" + std::to_string(i) + " where x == 1  emit x" + std::to_string(i) + "() }\n";
  EXPECT_EQ(codes_of(text).size(), 201u);
}

}  // namespace
}  // namespace sequitur::dsl
