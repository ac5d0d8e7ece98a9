#include "dsl/check_pattern.hpp"

#include <gtest/gtest.h>

namespace sequitur::dsl {
namespace {

using Kind = PatternProblem::Kind;

void expect_good(std::string_view regex) {
  const auto problem = check_regex(regex);
  EXPECT_FALSE(problem) << regex << ": " << problem->message;
}

void expect_bad(std::string_view regex, Kind kind, std::size_t offset) {
  const auto problem = check_regex(regex);
  ASSERT_TRUE(problem) << regex;
  EXPECT_EQ(problem->kind, kind) << regex << ": " << problem->message;
  EXPECT_EQ(problem->offset, offset) << regex << ": " << problem->message;
  EXPECT_FALSE(problem->help.empty()) << regex;
}

TEST(CheckPattern, Good) {
  for (const char* regex : {"",
                            "a",
                            "^a$",
                            "a|b|",
                            "(a|b)*c+?",
                            "[]a]",
                            "[^]a]",
                            "[[:alpha:]_]",
                            "[\\]]",
                            "a{3}",
                            "a{3,}",
                            "a{3,5}?",
                            "a{,5}",
                            "{",
                            "a{x}",
                            "\\d+\\.\\w\\S",
                            "\\x41\\x{1F600}",
                            "\\p{Lu}\\pL",
                            "(?i)abc",
                            "(?i:abc)d",
                            "(?:a)(?#comment)b",
                            "(?P<name>a)(?<other>b)",
                            "\\Qa(b\\E+",
                            "\\bword\\b",
                            "\\/path",
                            "(a{10}){10}",
                            "\\$\\(\\)",
                            "a\\",
                            "é+"}) {
    if (std::string_view(regex) == "a\\") continue;
    expect_good(regex);
  }
}

TEST(CheckPattern, Malformed) {
  expect_bad("(a", Kind::kMalformed, 0);
  expect_bad("a(b(c)", Kind::kMalformed, 1);
  expect_bad("a)", Kind::kMalformed, 1);
  expect_bad("[a", Kind::kMalformed, 0);
  expect_bad("[]", Kind::kMalformed, 0);
  expect_bad("a\\", Kind::kMalformed, 1);
  expect_bad("*a", Kind::kMalformed, 0);
  expect_bad("a|*", Kind::kMalformed, 2);
  expect_bad("^*", Kind::kMalformed, 1);
  expect_bad("a**", Kind::kMalformed, 2);
  expect_bad("a{5,3}", Kind::kMalformed, 1);
  expect_bad("(?<>a)", Kind::kMalformed, 0);
  expect_bad("(?P<1a>a)", Kind::kMalformed, 0);
  expect_bad("(?y)", Kind::kMalformed, 0);
  expect_bad("(?", Kind::kMalformed, 0);
  expect_bad("\\y", Kind::kMalformed, 0);
  expect_bad("\\x{41", Kind::kMalformed, 0);
}

TEST(CheckPattern, Unsupported) {
  expect_bad("(a)\\1", Kind::kUnsupported, 3);
  expect_bad("(?P<n>a)(?P=n)", Kind::kUnsupported, 8);
  expect_bad("a(?=b)", Kind::kUnsupported, 1);
  expect_bad("a(?!b)", Kind::kUnsupported, 1);
  expect_bad("(?<=a)b", Kind::kUnsupported, 0);
  expect_bad("(?<!a)b", Kind::kUnsupported, 0);
  expect_bad("(?>a)", Kind::kUnsupported, 0);
  expect_bad("a++", Kind::kUnsupported, 2);
  expect_bad("(?R)", Kind::kUnsupported, 0);
  expect_bad("(a)(?1)", Kind::kUnsupported, 3);
  expect_bad("(?(1)a)", Kind::kUnsupported, 0);
  expect_bad("(*SKIP)a", Kind::kUnsupported, 0);
  expect_bad("a\\Kb", Kind::kUnsupported, 1);
  expect_bad("\\k<n>", Kind::kUnsupported, 0);
}

TEST(CheckPattern, TooLarge) {
  expect_bad("x.{32767}y", Kind::kTooLarge, 2);
  expect_bad("x{1001}", Kind::kTooLarge, 1);
  expect_bad("x{5,99999999999999999999}", Kind::kTooLarge, 1);
  expect_bad(std::string(kMaxPatternBytes + 1, 'a'), Kind::kTooLarge, 0);
  EXPECT_TRUE(check_regex("((a{100}){100}){2}"));
  EXPECT_TRUE(check_regex("(((((((((a{1000}){1000}){1000}){1000}){1000}){1000}){1000}){1000}){1000})"));
  EXPECT_TRUE(check_regex("a{900}b{900}c{900}d{900}e{900}f{900}g{900}h{900}i{900}j{900}k{900}l{900}"));
  expect_good("x{1000}");
  expect_good(std::string(kMaxPatternBytes, 'a'));
  EXPECT_TRUE(check_regex(std::string(1000, '(') + std::string(1000, ')')));
}

TEST(CheckPattern, Captures) {
  const std::string regex = R"(^(?<t>\w+) (?P<host>[(]+) \(?<no> (x)(?:y)(?<user>z))";
  expect_good(regex);
  EXPECT_EQ(capture_names(regex), (std::vector<std::string>{"t", "host", "user"}));
  EXPECT_EQ(with_portable_captures(regex), R"(^(?P<t>\w+) (?P<host>[(]+) \(?<no> (x)(?:y)(?P<user>z))");
}

}  // namespace
}  // namespace sequitur::dsl
