#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/infer/guess.hpp"
#include "cli/infer/json_sample.hpp"

namespace sequitur::cli {
namespace {

std::string infer(std::initializer_list<std::string_view> lines, std::string_view time = "") {
  StreamGuess guess;
  std::vector<SampleValue> values;
  for (std::string_view line : lines) {
    EXPECT_TRUE(flatten_json(line, values)) << line;
    guess.add(values);
  }
  const auto text = guess.declaration("s", time);
  return text ? *text : "error: " + text.error().message;
}

TEST(InferTest, FindsTypesAndOptionalFields) {
  EXPECT_EQ(infer({R"({"ts":"2024-01-01T00:00:00Z","a":1,"b":2,"c":true,"d":"x","e":null})",
                   R"({"ts":"2024-01-01T00:00:01Z","a":2,"b":2.5,"c":false,"f":1})"}),
            "stream s time ts {\n  a: int,\n  b: float,\n  c: bool,\n  d: string?,\n  f: int?\n  # e: always null\n}\n");
}

TEST(InferTest, NestedFieldsAreDotted) {
  EXPECT_EQ(
      infer({R"({"@timestamp":"2024-01-01 00:00:00","process":{"name":"sh","parent":{"pid":1}},"host.name":"h","tags":["x"],"not":1})"}),
      "stream s time `@timestamp` {\n  process.name: string,\n  process.parent.pid: int,\n  host.name: string,\n  tags: string[],\n  "
      "`not`: "
      "int\n}\n");
}

TEST(InferTest, RecognisesTimes) {
  EXPECT_THAT(infer({R"({"ts":1704067200})"}), testing::StartsWith("stream s time ts s {"));
  EXPECT_THAT(infer({R"({"ts_ms":1704067200000})"}), testing::StartsWith("stream s time ts_ms ms {"));
  EXPECT_THAT(infer({R"({"event_time":1704067200000000})"}), testing::StartsWith("stream s time event_time us {"));
  EXPECT_THAT(infer({R"({"at":"17/May/2015:10:05:03 +0000"})"}),
              testing::StartsWith(R"(stream s time at format "%d/%b/%Y:%H:%M:%S %z" {)"));
  EXPECT_THAT(infer({R"({"when":"Dec 10 06:55:46"})"}), testing::StartsWith(R"(stream s time when format "%b %e %H:%M:%S" year )"));
}

TEST(InferTest, PrefersTheUsualNameForTheTime) {
  EXPECT_THAT(infer({R"({"created":"2024-01-01T00:00:00Z","ts":"2024-01-01T00:00:00Z"})"}), testing::StartsWith("stream s time ts {"));
  EXPECT_THAT(infer({R"({"created":"2024-01-01T00:00:00Z","ts":"2024-01-01T00:00:00Z"})"}, "created"),
              testing::StartsWith("stream s time created {"));
}

TEST(InferTest, ANumberIsNoTimeUnlessItsNameSaysSo) {
  EXPECT_EQ(infer({R"({"amount":1704067200})"}), "error: no field of the samples is a time; name one with --time FIELD");
  EXPECT_THAT(infer({R"({"amount":1704067200})"}, "amount"), testing::StartsWith("stream s time amount s {"));
  EXPECT_EQ(infer({R"({"a":1})"}, "b"), "error: no sample has a field `b`");
}

TEST(InferTest, AFieldThatIsSometimesARecordIsLeftOut) {
  EXPECT_EQ(infer({R"({"ts":"2024-01-01","user":"x"})", R"({"ts":"2024-01-01","user":{"name":"y"}})"}),
            "stream s time ts format \"%Y-%m-%d\" {\n  user.name: string?\n  # user: sometimes a value, sometimes a record\n}\n");
}

TEST(InferTest, AddressesAndDecimals) {
  EXPECT_EQ(
      infer(
          {R"({"ts":"2024-01-01T00:00:00Z","src":"10.0.0.1","dst":"fe80::1","host":"10.0.0.1","paid":12.50,"owed":"3.5","x":1.5,"n":"5"})",
           R"({"ts":"2024-01-01T00:00:01Z","src":"::ffff:1.2.3.4","host":"db","paid":3,"owed":"-0.25","x":1.25,"n":"6"})"}),
      "stream s time ts {\n  src: ip,\n  dst: ip?,\n  host: string,\n  paid: decimal,\n  owed: decimal,\n  x: float,\n  n: string\n}\n");
  // Without a zero at the end they may as well be floats; with an exponent they are.
  EXPECT_THAT(infer({R"({"ts":1704067200,"a":1.25,"b":12.50,"c":1.50})", R"({"ts":1704067201,"a":3.75,"b":1e-3,"c":2.5})"}),
              testing::HasSubstr("a: float,\n  b: float,\n  c: float\n"));
}

TEST(InferTest, ListsAndListsOfRecords) {
  EXPECT_EQ(
      infer({R"({"ts":1704067200,"ports":[80,443],"ips":["10.0.0.1"],"args":[{"name":"a","value":1},{"name":"b"}],"mixed":[1,"x",null]})",
             R"({"ts":1704067201,"ports":22,"ips":[],"args":[],"mixed":[]})"}),
      "stream s time ts s {\n  ports: int[],\n  ips: ip[],\n  args: { name: string, value: int? }[],\n  mixed: string[]\n}\n");
  EXPECT_EQ(
      infer({R"({"ts":1704067200,"a":[[1]],"b":[],"c":[1,{"x":1}],"d":[{"x":[1]}],"e":[{}]})"}),
      "stream s time ts s {\n  # a: a list of lists\n  # b: a list that is always empty\n  # c: a list of values and records\n"
      "  # d: a list of records that hold lists, or different things\n  # e: a list of records that hold lists, or different things\n}\n");
}

TEST(JsonSampleTest, RefusesWhatIsNoObject) {
  std::vector<SampleValue> values;
  for (std::string_view text :
       {"", "[]", "1", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x", "{\"a\":\"\\q\"}", "{\"a\":\"\\u12\"}", "{\"a\":tru}"})
    EXPECT_FALSE(flatten_json(text, values)) << text;
  EXPECT_FALSE(flatten_json(std::string(100'000, '{'), values));
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "{\"a\":";
  EXPECT_FALSE(flatten_json(nested, values));
  EXPECT_FALSE(flatten_json("{\"a\":" + std::string(100'000, '['), values));
}

TEST(JsonSampleTest, ReadsEscapes) {
  std::vector<SampleValue> values;
  ASSERT_TRUE(flatten_json(R"( { "a" : "x\n\u0041\"" , "b" : [1,{"c":2}] } )", values));
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0].text, "x\nA\"");
  EXPECT_EQ(values[1].kind, SampleValue::Kind::kList);
  ASSERT_EQ(values[1].elements.size(), 2u);
  EXPECT_EQ(values[1].elements[0].at(0).text, "1");
  EXPECT_EQ(values[1].elements[1].at(0).path, std::vector<std::string>{"c"});
  std::vector<std::vector<SampleValue>> elements;
  EXPECT_TRUE(flatten_json_list(" [1, [2]] ", elements));
  EXPECT_FALSE(flatten_json_list("[1, ", elements));
  EXPECT_FALSE(flatten_json_list("[1] x", elements));
  EXPECT_FALSE(flatten_json_list(std::string(100'000, '['), elements));
}

}  // namespace
}  // namespace sequitur::cli
