#include "dsl/check_report.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sequitur::dsl {
namespace {

TEST(EditDistance, CountsLetters) {
  EXPECT_EQ(edit_distance("amount", "amount", 3), 0u);
  EXPECT_EQ(edit_distance("Amount", "aMOUNT", 3), 0u);
  EXPECT_EQ(edit_distance("amonut", "amount", 3), 1u);  // Neighbours swapped.
  EXPECT_EQ(edit_distance("amunt", "amount", 3), 1u);
  EXPECT_EQ(edit_distance("", "abc", 3), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 3), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3u);  // More than 2.
  EXPECT_EQ(edit_distance("a", "abcdefgh", 2), 3u);
}

TEST(Reporter, SuggestsTheClosest) {
  Reporter reporter;
  const std::array<std::string_view, 4> names = {"user", "uses", "amount", "x"};
  EXPECT_EQ(reporter.did_you_mean("usr", names), "did you mean `user`?");
  EXPECT_EQ(reporter.did_you_mean("User", names), "did you mean `user`?");
  EXPECT_EQ(reporter.did_you_mean("amonut", names), "did you mean `amount`?");
  EXPECT_EQ(reporter.did_you_mean("entirely", names), "");
  EXPECT_EQ(reporter.did_you_mean("y", names), "");  // One letter is no resemblance.
  EXPECT_EQ(reporter.did_you_mean("", names), "");
}

TEST(Reporter, SortsAndSaysOnce) {
  Reporter reporter;
  reporter.error("E082", {1, 5, 6}, "late");
  reporter.warning("W001", {0, 9, 10}, "second");
  reporter.error("E080", {0, 2, 3}, "first");
  reporter.error("E080", {0, 2, 3}, "the same again");
  EXPECT_EQ(reporter.errors(), 3u);
  const std::vector<Diagnostic> all = reporter.take();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].message, "first");
  EXPECT_EQ(all[1].severity, Severity::kWarning);
  EXPECT_EQ(all[2].message, "late");
}

TEST(Reporter, IsBounded) {
  Reporter reporter;
  for (std::uint32_t i = 0; i < 100'000; ++i) reporter.error("E080", {0, i, i + 1}, "unknown");
  reporter.error("E080", {1, 0, 1}, "another file");
  EXPECT_FALSE(reporter.suggests({0, 0, 1}));
  EXPECT_TRUE(reporter.suggests({1, 0, 1}));
  const std::vector<Diagnostic> all = reporter.take();
  ASSERT_EQ(all.size(), kMaxDiagnostics + 2);
  EXPECT_EQ(all[kMaxDiagnostics].code, "E198");
  EXPECT_EQ(all.back().message, "another file");
}

}  // namespace
}  // namespace sequitur::dsl
