// Streams that rules emit and other rules name: circles, chains, declarations that agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dsl/load.hpp"

namespace sequitur::dsl {
namespace {

std::vector<std::string> codes(const std::string& text) {
  const Loaded loaded = load(std::vector<SourceFile>{{"rules.seq", "stream a time ts { k: string, n: int }\n" + text}});
  std::vector<std::string> result;
  for (const Diagnostic& diagnostic : loaded.diagnostics) result.push_back(diagnostic.code);
  return result;
}
using Codes = std::vector<std::string>;

TEST(CheckDerived, RulesMayStandInAnyOrder) {
  EXPECT_EQ(codes("rule high { key k  first p: low where n > 1  emit high(k) }\nrule low { key k  first p: a  emit low(k, n = p.n) }"),
            Codes{});
}

TEST(CheckDerived, GenerationsAndFeeds) {
  const Loaded loaded = load(std::vector<SourceFile>{{"rules.seq",
                                                      "stream a time ts { k: string }\nstream few = low where k != \"x\"\n"
                                                      "rule three { key k  first p: high | low  emit top(k) }\n"
                                                      "rule two { key k  first p: few  emit high(k) }\n"
                                                      "rule one { key k  first p: a  emit low(k) }\n"}});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.files.rules[0].generation, 2u);
  EXPECT_EQ(loaded.files.rules[1].generation, 1u);
  EXPECT_EQ(loaded.files.rules[2].generation, 0u);
  EXPECT_FALSE(loaded.files.rules[0].emit.feeds);
  EXPECT_TRUE(loaded.files.rules[1].emit.feeds);
  EXPECT_TRUE(loaded.files.rules[2].emit.feeds);
}

TEST(CheckDerived, OnlyRulesThatAreNotDisabledAreFed) {
  const Loaded loaded = load(std::vector<SourceFile>{{"rules.seq",
                                                      "stream a time ts { k: string }\n"
                                                      "rule one { key k  first p: a  emit low(k) }\n"
                                                      "rule two { disabled key k  first p: low  emit high(k) }\n"}});
  ASSERT_TRUE(loaded.ok());
  EXPECT_FALSE(loaded.files.rules[0].emit.feeds);
}

TEST(CheckDerived, ACircleIsShownOnceAndTheRestIsStillChecked) {
  EXPECT_EQ(codes("rule r { key k  first p: x  emit x(k) }\nrule s { key k  first p: a where m == 1  emit y(k) }"),
            (Codes{"E197", "E080"}));
  EXPECT_EQ(codes("rule r { key k  first p: x  emit y(k) }\nrule s { key k  first p: a  no y for 1s  emit x(k) }"), Codes{"E197"});
  EXPECT_EQ(codes("rule r { key k  first p: a  emit x(k) }\nrule s { key k  first p: x  emit x(k) }"), Codes{"E197"});
  EXPECT_EQ(codes("rule r { key k  first p: x  emit x(k) }\nrule s { key k  first p: y  emit y(k) }"), (Codes{"E197", "E197"}));
}

TEST(CheckDerived, AChainHasAtMostSoManyLevels) {
  const auto chain = [](int length) {
    std::string text = "rule r0 { key k  first p: a  emit s0(k) }\n";
    for (int i = 1; i < length; ++i) {
      const std::string now = std::to_string(i);
      text += "rule r" + now + " { key k  first p: s" + std::to_string(i - 1) + "  emit s" + now + "(k) }\n";
    }
    return text;
  };
  EXPECT_EQ(codes(chain(33)), Codes{});
  EXPECT_EQ(codes(chain(34)), Codes{"E230"});
}

TEST(CheckDerived, FieldsAreTheUnion) {
  const std::string low = "rule r { key k  first p: a  emit x(k, m = p.n) }\nrule s { key k  first p: a  emit x(k, s = p.k) }\n";
  EXPECT_EQ(codes(low + "rule t { key k  first p: x where m == 1 or s == \"u\"  emit y(k) }"), Codes{});
  EXPECT_EQ(codes(low + "rule t { key k  first p: x where q == 1  emit y(k) }"), Codes{"E080"});
  EXPECT_EQ(codes(low + "rule t { key k  first p: x where m != 1  emit y(k) }"), Codes{"W001"});  // It may be missing.
  EXPECT_EQ(codes(low + "rule t { key k  first p: x where k != \"u\"  emit y(k) }"), Codes{});
}

TEST(CheckDerived, ADeclarationMustAgree) {
  const std::string rule = "rule r { key k  first p: a  emit x(k, m = p.n) }\n";
  EXPECT_EQ(codes("stream x { k: string, m: int, more: float? }\n" + rule), Codes{});
  EXPECT_EQ(codes("stream x { k: string, m: float }\n" + rule), Codes{"E136"});
  EXPECT_EQ(codes("stream x { k: string }\n" + rule), Codes{"E137"});
  EXPECT_EQ(codes("stream x { k: string, m: int, more: float }\n" + rule), Codes{"E137"});
  EXPECT_EQ(codes("stream x = a where n == 1\n" + rule), Codes{"E137"});
}

TEST(CheckDerived, OnlyADeclarationWithATimeComesFromOutsideToo) {
  const std::string rule = "rule r { key k  first p: a  emit x(k) }\n";
  const auto external = [&](const std::string& declaration) {
    const Loaded loaded = load(std::vector<SourceFile>{{"rules.seq", "stream a time ts { k: string }\n" + declaration + rule}});
    const auto stream = std::find_if(loaded.files.schemas.begin(), loaded.files.schemas.end(), [](const auto& s) { return s.name == "x"; });
    return stream->external;
  };
  EXPECT_FALSE(external(""));
  EXPECT_FALSE(external("stream x { k: string }\n"));
  EXPECT_TRUE(external("stream x time ts { k: string }\n"));
}

}  // namespace
}  // namespace sequitur::dsl
