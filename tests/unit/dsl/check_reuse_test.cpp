// Parameters with values from outside, tuning, lists from files by type: what golden files do not show.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "dsl/checked_print.hpp"
#include "dsl/diagnostic_text.hpp"
#include "dsl/load.hpp"
#include "event/file_list.hpp"

namespace sequitur::dsl {
namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kLogin = "stream login { user: string, ok: bool, tries: int, score: float, took: duration }\n";

std::string rule(std::string_view condition, std::string_view more = "") {
  return std::string(kLogin) + std::string(more) + "\nrule r { key user  first a: login where " + std::string(condition) +
         "  emit x(user) }\n";
}

// The condition of the only step as checked, or the diagnostics.
std::string condition_of(const std::string& text, const Params& params = {}) {
  const std::vector<SourceFile> files = {{"rules.seq", text}};
  const Loaded loaded = load(files, params);
  if (!loaded.diagnostics.empty()) return diagnostics_text(loaded.diagnostics, files);
  return print(*loaded.files.rules[0].stages[0].filter.condition, loaded.files.schemas, &loaded.files.rules[0]);
}

TEST(Param, TheValueWrittenAndTheOneGiven) {
  const std::string text = rule("tries > limit", "param limit = 5");
  EXPECT_EQ(condition_of(text), ".tries > 5");
  EXPECT_EQ(condition_of(text, {{"limit", "10k"}}), ".tries > 10000");
  EXPECT_EQ(condition_of(text, {{"limit", "-1"}}), ".tries > -1");
}

TEST(Param, EveryKindOfValue) {
  EXPECT_EQ(condition_of(rule("score > least", "param least = 0.5"), {{"least", "2"}}), ".score > 2.0");
  EXPECT_EQ(condition_of(rule("user == who", "param who = \"ann\""), {{"who", "bob = or \\ not"}}), R"(.user == "bob = or \\ not")");
  EXPECT_EQ(condition_of(rule("took > longest", "param longest = 10m"), {{"longest", "1h30m"}}), ".took > 1h30m");
  EXPECT_EQ(condition_of(rule("ok == wanted", "param wanted = true"), {{"wanted", "false"}}), ".ok == false");
  EXPECT_EQ(condition_of(rule("user in admins", "param admins = [\"ann\"]"), {{"admins", "[\"eve\", \"bob\"]"}}),
            R"(.user in ["eve", "bob"])");
  EXPECT_EQ(condition_of(rule("user matches odd", "param odd = /^a/"), {{"odd", "/^b/"}}), ".user matches [/^b/]");
}

TEST(Param, ALetComputesWithIt) {
  EXPECT_EQ(condition_of(rule("tries > twice", "param limit = 5\nlet twice = limit * 2"), {{"limit", "7"}}), ".tries > 14");
}

TEST(Param, WhatDoesNotFitIsAnErrorWithThePlaceOfTheDeclaration) {
  const std::string text = rule("tries > limit", "param limit = 5");
  for (const char* wrong : {"ten", "5.5", "\"5\"", "", "5 6", "true", "[5]", "1..5", "5\nrule x { }", "5m", "null", "tries"}) {
    const std::string found = condition_of(text, {{"limit", wrong}});
    EXPECT_NE(found.find("error[E161]"), std::string::npos) << wrong << ": " << found;
    EXPECT_NE(found.find("rules.seq:2:7"), std::string::npos) << found;
  }
  EXPECT_NE(condition_of(rule("user in admins", "param admins = [\"ann\"]"), {{"admins", "[1, 2]"}}).find("E161"), std::string::npos);
  EXPECT_NE(condition_of(rule("tries > limit", "param limit = 5"), {{"limit", std::string(1 << 20, '(')}}).find("E161"), std::string::npos);
}

TEST(Param, AnUnknownNameIsAnErrorWithoutAPlace) {
  const std::string found = condition_of(rule("tries > limit", "param limit = 5"), {{"limt", "6"}, {"other", "1"}});
  EXPECT_NE(found.find("error[E160]: no file declares the parameter `limt`"), std::string::npos) << found;
  EXPECT_NE(found.find("did you mean `limit`?"), std::string::npos) << found;
  EXPECT_NE(found.find("the parameter `other`"), std::string::npos) << found;
}

TEST(Param, DeclaredTwice) {
  const std::vector<SourceFile> files = {{"a.seq", "param limit = 5\n"}, {"b.seq", "\n\nlet limit = 6\n"}};
  const std::string found = diagnostics_text(load(files).diagnostics, files);
  EXPECT_NE(found.find("b.seq:3:5"), std::string::npos) << found;
  EXPECT_NE(found.find("again here; first in a.seq:1"), std::string::npos) << found;
}

// ---- tune --------------------------------------------------------------------------------------------------------------

Rule tuned_rule(const std::string& tunes, const std::string& before = "") {
  const std::vector<SourceFile> files = {{"before.seq", before},
                                         {"rules.seq", std::string(kLogin) + R"(
rule r "title" {
  severity high
  tags   a
  meta   owner = "x"
  key    user
  within 1m
  first  fail: login{2..} where not ok
  no     r: login where tries > 100
  then   win: login where ok
  emit   x(user)
  message "old"
  limit  1 per 1h
  limit  10 per event
}
)"},
                                         {"site.seq", tunes}};
  const Loaded loaded = load(files);
  EXPECT_EQ(diagnostics_text(loaded.diagnostics, files), "");
  return loaded.ok() ? loaded.files.rules[0] : Rule{};
}

std::string text_of(const ExprPtr& condition, const Rule& rule) {
  const std::vector<StreamSchema> schemas = load(std::vector<SourceFile>{{"s.seq", std::string(kLogin)}}).files.schemas;
  return condition ? print(*condition, schemas, &rule) : "";
}

TEST(Tune, AnExceptionBelongsToTheLastStepThatItNames) {
  const Rule fail = tuned_rule("tune r { except fail.user == \"eve\" }");
  EXPECT_NE(text_of(fail.stages[0].filter.condition, fail).find(".user == \"eve\""), std::string::npos);
  EXPECT_EQ(text_of(fail.stages[1].filter.condition, fail), ".ok");
  const Rule win = tuned_rule("tune r { except win.score > avg(fail.score) and fail[1].user == win.user }");
  EXPECT_EQ(text_of(win.stages[0].filter.condition, win), "not .ok");
  EXPECT_NE(text_of(win.stages[1].filter.condition, win).find("avg"), std::string::npos);
  EXPECT_NE(text_of(win.stages[1].filter.condition, win).find("fail[1].user == .user"), std::string::npos);
  const Rule guard = tuned_rule("tune r { except r.user == \"eve\" }");
  EXPECT_NE(text_of(guard.stages[1].gap.guards[0].filter.condition, guard).find("eve"), std::string::npos);
  const Rule first = tuned_rule("tune r { except tries > 5 }");
  EXPECT_NE(text_of(first.stages[0].filter.condition, first).find(".tries > 5"), std::string::npos);
  EXPECT_EQ(text_of(first.stages[1].filter.condition, first), ".ok");
}

TEST(Tune, ReplacesAddsAndDisables) {
  const Rule rule =
      tuned_rule("tune r { severity low  tags b  meta owner = \"y\"  meta ticket = 7  message \"new\"  limit 2 per 1d  limit 3 per 2d }");
  EXPECT_EQ(rule.info.severity, "low");
  EXPECT_EQ(rule.info.tags, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(rule.info.meta.size(), 2u);
  EXPECT_EQ(rule.info.meta[0].values, std::vector<std::string>{"y"});
  EXPECT_EQ(rule.message[0].text, "new");
  ASSERT_EQ(rule.limits.size(), 2u);
  EXPECT_EQ(rule.limits[0].count, 2u);
  EXPECT_EQ(rule.limit_per_event, 10u);
  EXPECT_FALSE(rule.disabled);
  EXPECT_TRUE(tuned_rule("tune r { disabled }").disabled);
  EXPECT_EQ(tuned_rule("tune r { limit none }").limit_per_event, std::nullopt);
  EXPECT_EQ(tuned_rule("tune r { limit none }").limits.size(), 1u);
}

TEST(Tune, SeveralInLoadOrder) {
  const Rule rule =
      tuned_rule("tune r { severity low  except tries > 5 }\ntune r { severity medium }", "tune r { severity critical  except tries > 6 }");
  EXPECT_EQ(rule.info.severity, "medium");
  const std::string condition = text_of(rule.stages[0].filter.condition, rule);
  EXPECT_NE(condition.find(".tries > 5"), std::string::npos);
  EXPECT_NE(condition.find(".tries > 6"), std::string::npos);
}

TEST(Tune, MistakesAreShownWhereTheyStand) {
  const std::vector<SourceFile> files = {{"rules.seq", rule("ok")}, {"site.seq", "tune r { except user > 5\n  severity loud }\n"}};
  const std::string found = diagnostics_text(load(files).diagnostics, files);
  EXPECT_NE(found.find("site.seq:1:17"), std::string::npos) << found;
  EXPECT_NE(found.find("site.seq:2:12"), std::string::npos) << found;
}

// ---- Lists from files --------------------------------------------------------------------------------------------------

class ListFile : public ::testing::Test {
 protected:
  ListFile() : folder_(std::filesystem::temp_directory_path() / ("sequitur_reuse_test_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~ListFile() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& text) {
    const std::string path = (folder_ / "list.txt").string();
    std::ofstream(path, std::ios::trunc) << text;
    return path;
  }
  std::string rules_path() const { return (folder_ / "rules.seq").string(); }
  std::string problems(const std::string& text) {
    const std::vector<SourceFile> files = {{rules_path(), text}};
    return diagnostics_text(load(files).diagnostics, files);
  }

  std::filesystem::path folder_;
};

TEST_F(ListFile, ValuesOfEachType) {
  FileList ints("bad", write("# ports\n 22\n\n8080 \r\n-5\n"), Type::kInt, false);
  EXPECT_EQ(*ints.load(), 3u);
  EXPECT_TRUE(ints.contains(Slot::of_int(8080)));
  EXPECT_FALSE(ints.contains(Slot::of_int(23)));
  EXPECT_FALSE(ints.contains(Slot::null(Type::kInt)));
  FileList floats("bad", write("1.5\n2\n"), Type::kFloat, false);
  EXPECT_TRUE(floats.load());
  EXPECT_TRUE(floats.contains(Slot::of_float(2)));
  FileList durations("bad", write("1h30m\n"), Type::kDuration, false);
  EXPECT_TRUE(durations.load());
  EXPECT_TRUE(durations.contains(Slot::of_int(5'400'000'000)));
  FileList texts("bad", write("Eve\nmallory"), Type::kString, false);
  EXPECT_TRUE(texts.load());
  EXPECT_TRUE(texts.contains(Slot::of_short_text("Eve")));
  EXPECT_FALSE(texts.contains(Slot::of_short_text("eve")));
  FileList folded("bad", write("Eve\nmallory"), Type::kString, true);
  EXPECT_TRUE(folded.load());
  EXPECT_TRUE(folded.contains(Slot::of_short_text("eVE")));
  EXPECT_TRUE(folded.contains(Slot::of_short_text("MALLORY")));
}

TEST_F(ListFile, ABadOneLeavesTheValues) {
  FileList list("bad", write("1\n2\n"), Type::kInt, false);
  ASSERT_TRUE(list.load());
  EXPECT_FALSE(list.changed());
  write("1\ntwo and more\n");
  EXPECT_TRUE(list.changed());
  const auto loaded = list.load();
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("line 2"), std::string::npos) << loaded.error().message;
  EXPECT_TRUE(list.contains(Slot::of_int(2)));
  EXPECT_FALSE(list.changed());  // It was looked at.
  std::filesystem::remove(folder_ / "list.txt");
  EXPECT_TRUE(list.changed());
  EXPECT_FALSE(list.load());
  write("7\n");
  EXPECT_TRUE(list.changed());
  ASSERT_TRUE(list.load());
  EXPECT_FALSE(list.contains(Slot::of_int(2)));
  EXPECT_TRUE(list.contains(Slot::of_int(7)));
}

TEST_F(ListFile, IsTypedByItsUse) {
  write("5\n6\n");
  const std::string let = "let bad = file \"list.txt\"";
  EXPECT_EQ(problems(rule("tries in bad or user in bad or score in bad", let)), "");
  const std::string wrong = problems(rule("took in bad", let));
  EXPECT_NE(wrong.find("error[E075]"), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("has in line 1 what is no duration"), std::string::npos) << wrong;
  write("");
  EXPECT_EQ(problems(rule("tries not in bad", let)), "");  // It may fill later.
}

TEST_F(ListFile, IsALetOfALet) {
  write("5\n");
  EXPECT_EQ(problems(rule("tries in worse", "let bad = file \"list.txt\"\nlet worse = bad")), "");
  EXPECT_NE(problems(rule("tries == bad", "let bad = file \"list.txt\"")).find("E069"), std::string::npos);
}

}  // namespace
}  // namespace sequitur::dsl
