#include "cli/generate/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "cli/infer/json_sample.hpp"
#include "cli/labels.hpp"
#include "event/time_text.hpp"

namespace sequitur::cli {
namespace {

struct Generated {
  std::string text;
  std::vector<Incident> incidents;
};

Generated make(const std::string& kind, std::uint64_t events, Duration disorder = Duration::zero(),
               RecordFormat format = RecordFormat::kNdjson, std::uint64_t seed = 1) {
  GenerateOptions options;
  options.kind = kind;
  options.events = events;
  options.seed = seed;
  options.disorder = disorder;
  options.format = format;
  options.start = std::chrono::sys_days{std::chrono::year{2024} / 1 / 1};
  char* data = nullptr;
  std::size_t size = 0;
  std::FILE* file = open_memstream(&data, &size);
  auto incidents = generate(options, file);
  std::fclose(file);
  Generated result{std::string(data, size), incidents.value_or(std::vector<Incident>{})};
  std::free(data);
  EXPECT_TRUE(incidents.has_value());
  return result;
}

std::vector<std::vector<SampleValue>> records(const std::string& text) {
  std::vector<std::vector<SampleValue>> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    all.emplace_back();
    EXPECT_TRUE(flatten_json(line, all.back())) << line;
  }
  return all;
}

std::int64_t time_of(const std::vector<SampleValue>& record) {
  std::int64_t micros = 0;
  for (const SampleValue& value : record)
    if (value.path.front() == "ts") { EXPECT_TRUE(parse_rfc3339(value.text, nullptr, micros)) << value.text; }
  return micros;
}

class GenerateTest : public testing::TestWithParam<std::string> {};

TEST_P(GenerateTest, WritesTheNumberOfEventsAskedForInOrderOfTime) {
  for (std::uint64_t events : {1u, 10u, 1'000u, 20'000u}) {
    const auto all = records(make(GetParam(), events).text);
    EXPECT_EQ(all.size(), events);
    std::int64_t last = 0;
    for (const auto& record : all) {
      EXPECT_EQ(record.front().path.front(), "stream");
      EXPECT_GE(time_of(record), last);
      last = time_of(record);
    }
  }
}

TEST_P(GenerateTest, EqualSeedsGiveEqualBytes) {
  EXPECT_EQ(make(GetParam(), 5'000).text, make(GetParam(), 5'000).text);
  EXPECT_NE(make(GetParam(), 5'000).text, make(GetParam(), 5'000, {}, RecordFormat::kNdjson, 2).text);
}

TEST_P(GenerateTest, DisorderIsThereAndBounded) {
  const auto all = records(make(GetParam(), 20'000, seconds{5}).text);
  std::int64_t greatest = 0, lateness = 0;
  for (const auto& record : all) {
    greatest = std::max(greatest, time_of(record));
    lateness = std::max(lateness, greatest - time_of(record));
  }
  EXPECT_GT(lateness, 0);
  EXPECT_LE(lateness, Duration{seconds{5}}.count());
}

TEST_P(GenerateTest, EveryKindOfIncidentHappensAndItsKeyIsInTheData) {
  const Generated generated = make(GetParam(), 50'000);
  std::set<std::string> kinds;
  const std::int64_t last = time_of(records(generated.text).back());
  for (const Incident& incident : generated.incidents) {
    kinds.insert(incident.name);
    EXPECT_LE(incident.from, incident.to);
    EXPECT_LE(incident.to.time_since_epoch().count(), last);
    for (const auto& [name, value] : incident.key) EXPECT_THAT(generated.text, testing::HasSubstr('"' + value + '"'));
  }
  EXPECT_GE(kinds.size(), 5u);
}

TEST_P(GenerateTest, CsvLinesHaveAsManyCellsAsTheHeader) {
  std::istringstream lines(make(GetParam(), 2'000, {}, RecordFormat::kCsv).text);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, testing::StartsWith("stream,ts,"));
  const auto commas = std::count(line.begin(), line.end(), ',');
  int count = 0;
  for (; std::getline(lines, line); ++count) ASSERT_EQ(std::count(line.begin(), line.end(), ','), commas) << line;
  EXPECT_EQ(count, 2'000);
}

INSTANTIATE_TEST_SUITE_P(AllKinds, GenerateTest, testing::ValuesIn(scenario_names()), [](const auto& kind) { return kind.param; });

TEST(RandomTest, IsTheSameEverywhere) {
  Random random(42);
  EXPECT_EQ(random.next(), 1546998764402558742u);  // xoshiro256** seeded by splitmix64(42).
  EXPECT_EQ(random.next(), 6990951692964543102u);
}

TEST(RandomTest, StaysWithinItsBounds) {
  Random random(7);
  std::map<std::int64_t, int> seen;
  for (int i = 0; i < 6'000; ++i) ++seen[random.between(-1, 4)];
  EXPECT_EQ(seen.size(), 6u);
  EXPECT_EQ(seen.begin()->first, -1);
  EXPECT_EQ(seen.rbegin()->first, 4);
  for (const auto& [value, count] : seen) EXPECT_NEAR(count, 1'000, 200) << value;
}

TEST(RecordTest, WritesNumbersAndFlags) {
  constexpr std::array<std::string_view, 4> kColumns{"a", "b", "c", "d"};
  const Timestamp time{std::chrono::sys_days{std::chrono::year{2024} / 2 / 29} + milliseconds{1}};
  std::string line;
  Record json(RecordFormat::kNdjson, kColumns, false);
  json.begin(line, "s", time).text(0, "x").decimal(1, -1205, 2).integer(2, -7).flag(3, true).end();
  EXPECT_EQ(line, "{\"stream\":\"s\",\"ts\":\"2024-02-29T00:00:00.001Z\",\"a\":\"x\",\"b\":-12.05,\"c\":-7,\"d\":true}\n");
  line.clear();
  Record csv(RecordFormat::kCsv, kColumns, true);
  csv.begin(line, "s", time).decimal(1, 5, 2).end();
  EXPECT_EQ(line, "s,2024-02-29T00:00:00.001000Z,,0.05,,\n");
}

TEST(LabelsTest, SurviveWritingAndReading) {
  const std::vector<Incident> incidents = make("payments", 30'000).incidents;
  ASSERT_FALSE(incidents.empty());
  const auto read = parse_labels("labels", label_lines(incidents));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), incidents.size());
  for (std::size_t i = 0; i < incidents.size(); ++i) {
    EXPECT_EQ((*read)[i].name, incidents[i].name);
    EXPECT_EQ((*read)[i].key, incidents[i].key);
    EXPECT_EQ((*read)[i].from, incidents[i].from);
    EXPECT_EQ((*read)[i].to, incidents[i].to);
  }
}

TEST(LabelsTest, NamesTheLineThatIsNoLabel) {
  const auto read = parse_labels("l.ndjson", "\n{\"incident\":\"x\"}\n");
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, testing::StartsWith("l.ndjson:2: not a label"));
}

}  // namespace
}  // namespace sequitur::cli
