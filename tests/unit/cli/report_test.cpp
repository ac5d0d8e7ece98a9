#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/junit.hpp"
#include "cli/messages.hpp"
#include "cli/progress.hpp"
#include "cli/score.hpp"
#include "cli/values.hpp"

#include <CLI/Error.hpp>

namespace sequitur::cli {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(MessagesTest, NumbersForPeople) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(byte_size(999), "999 B");
  EXPECT_EQ(byte_size(1'500), "1.5 KB");
  EXPECT_EQ(byte_size(2'000'000'000), "2.0 GB");
  EXPECT_EQ(counted(1, "rule"), "1 rule");
  EXPECT_EQ(counted(0, "rule"), "0 rules");
}

TEST(ProgressTest, ShowsPartRateAndTimeLeft) {
  const std::string line = progress_line({50'000'000, 200'000'000, 1'000'000, 1'234}, seconds{2}, 200);
  EXPECT_EQ(line, "[======>                 ]  25 %  50.0 MB of 200.0 MB  0.50 M events/s  1,234 alerts  0:06 left");
}

TEST(ProgressTest, WithoutASizeItShowsWhatWasRead) {
  EXPECT_EQ(progress_line({1'500, 0, 2'000'000, 0}, seconds{65}, 200), "2,000,000 events  1.5 KB  0.03 M events/s  0 alerts  1:05");
}

TEST(ProgressTest, FitsIntoTheTerminal) { EXPECT_EQ(progress_line({1, 2, 3, 4}, seconds{1}, 20).size(), 20u); }

TEST(ProgressTest, IsSilentWhereThereIsNoTerminal) {
  std::FILE* file = std::tmpfile();
  {
    ProgressLine progress(file);
    EXPECT_FALSE(progress.enabled());
    progress.show({1, 2, 3, 4});
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

class ScoreTest : public testing::Test {
 protected:
  static Timestamp at(Duration offset) { return Timestamp{std::chrono::sys_days{std::chrono::year{2024} / 1 / 1}} + offset; }
  void alert(const RuleInfo& rule, std::string_view card, Duration offset) {
    const NamedValue key{"card", Type::kString, Slot::of_short_text(card)};
    Alert alert;
    alert.rule = &rule;
    alert.key = {&key, 1};
    alert.time = at(offset);
    ASSERT_TRUE(score_.write({&alert, 1}).ok());
  }

  RuleInfo probing_ = [] {
    RuleInfo rule;
    rule.name = "probing";
    return rule;
  }();
  RuleInfo other_ = [] {
    RuleInfo rule;
    rule.name = "other";
    return rule;
  }();
  std::vector<Incident> incidents_{{"probing", {{"card", "A"}, {"merchant", "M"}}, at(minutes{10}), at(minutes{20})},
                                   {"probing", {{"card", "B"}}, at(minutes{10}), at(minutes{20})},
                                   {"not_loaded", {{"card", "A"}}, at(minutes{10}), at(minutes{20})}};
  ScoreSink score_{incidents_};
};

TEST_F(ScoreTest, CountsTrueAlertsAndCaughtIncidents) {
  alert(probing_, "A", minutes{10});               // True: on the first instant.
  alert(probing_, "A", minutes{20});               // True, the incident is caught already.
  alert(probing_, "A", minutes{20} + seconds{1});  // Too late.
  alert(probing_, "C", minutes{15});               // Nobody.
  alert(other_, "A", minutes{15});                 // A rule without labels.
  const std::vector<std::string> loaded{"other", "probing"};
  const std::vector<RuleScore> scores = score_.scores(loaded);
  ASSERT_EQ(scores.size(), 1u);
  EXPECT_EQ(scores[0].incidents, 2u);
  EXPECT_EQ(scores[0].caught, 1u);
  EXPECT_EQ(scores[0].alerts, 4u);
  EXPECT_EQ(scores[0].true_alerts, 2u);
  EXPECT_THAT(score_table(scores), testing::HasSubstr("50.0 %   50.0 %"));
}

TEST_F(ScoreTest, WithoutAlertsThereIsNoPrecision) {
  const std::vector<std::string> loaded{"probing"};
  EXPECT_THAT(score_table(score_.scores(loaded)), testing::HasSubstr("-    0.0 %"));
}

TEST(JunitTest, EscapesNamesAndCountsFailures) {
  const std::vector<SourceFile> files{{"a<b>.seq", ""}};
  const std::vector<TestOutcome> outcomes{{"it \"works\" & more", {}, {}, {}, 0.5}, {"it does not", {}, {"expected: x < y"}, {}, 0}};
  const std::string report = junit_report(junit_suite(outcomes, files));
  EXPECT_THAT(report, testing::HasSubstr("tests=\"2\" failures=\"1\""));
  EXPECT_THAT(report, testing::HasSubstr("name=\"it &quot;works&quot; &amp; more\" time=\"0.500000\"/>"));
  EXPECT_THAT(report, testing::HasSubstr("<failure message=\"expected: x &lt; y\">"));
  EXPECT_THAT(report, testing::HasSubstr("classname=\"a&lt;b&gt;.seq\""));
  EXPECT_EQ(junit_suite({}, files), "");
}

TEST(ValuesTest, DurationsAndTimes) {
  EXPECT_EQ(duration_value("--x", "1m30s"), Duration{seconds{90}});
  EXPECT_THROW(duration_value("--x", "-5s"), CLI::ValidationError);
  EXPECT_THROW(duration_value("--x", "soon"), CLI::ValidationError);
  EXPECT_EQ(time_value("--x", "1970-01-01T00:00:01Z", Timestamp{}), Timestamp{seconds{1}});
  EXPECT_THROW(time_value("--x", "1969-12-31T00:00:01Z", Timestamp{}), CLI::ValidationError);
  EXPECT_THROW(time_value("--x", "yesterday", Timestamp{}), CLI::ValidationError);
}

}  // namespace
}  // namespace sequitur::cli
