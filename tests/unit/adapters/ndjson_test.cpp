#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>
#include <thread>

#include "support.hpp"

namespace sequitur::testing {
namespace {

const StreamSchema kLogin =
    stream("login", 0,
           {field("ts", Type::kTime), field("user"), field("tries", Type::kInt), field("score", Type::kFloat, true),
            field("ok", Type::kBool, true), field("took", Type::kDuration, true), field("host.name", Type::kString, true)});

Lines login(std::string_view text) { return decoded(Format::kNdjson, {&kLogin}, text); }

TEST(Ndjson, AllTypes) {
  EXPECT_EQ(login(R"({"ts":5,"user":"ann","tries":-3,"score":0.25,"ok":true,"took":"1m30s","host":{"name":"web"}})"),
            Lines{"login ts=1970-01-01T00:00:05.000000Z user=ann tries=-3 score=0.25 ok=true took=1m30s host.name=web"});
  EXPECT_EQ(login(R"( { "tries" : 3 , "score" : 4 , "user" : "" , "ts" : "5.5" , "more" : [1,{"a":null},[]] } )"),
            Lines{"login ts=1970-01-01T00:00:05.500000Z user= tries=3 score=4"});
}

TEST(Ndjson, LinesAndBlankLines) {
  EXPECT_EQ(login("\n{\"ts\":1,\"user\":\"a\",\"tries\":1}\r\n  \r\n\n{\"ts\":2,\"user\":\"b\",\"tries\":2}"),
            (Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1", "login ts=1970-01-01T00:00:02.000000Z user=b tries=2"}));
  EXPECT_EQ(login(""), Lines{});
  EXPECT_EQ(login("\xEF\xBB\xBF{\"ts\":1,\"user\":\"a\",\"tries\":1}"), Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1"});
}

TEST(Ndjson, NestedAndDottedNamesAreTheSame) {
  const std::string begin = R"({"ts":1,"user":"a","tries":1,)";
  const Lines expected{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1 host.name=web"};
  EXPECT_EQ(login(begin + R"("host":{"name":"web"}})"), expected);
  EXPECT_EQ(login(begin + R"("host.name":"web"})"), expected);
  EXPECT_EQ(login(begin + R"("host":{"os":{"name":"x"},"name":"web","z":1}})"), expected);
  EXPECT_EQ(login(begin + R"("host":"other"})"), Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1"});

  const StreamSchema deep = stream("s", 0, {field("t", Type::kTime), field("a", Type::kInt, true), field("a.b.c", Type::kInt, true)});
  EXPECT_EQ(decoded(Format::kNdjson, {&deep}, R"({"t":1,"a":{"b":{"c":2}}})"), Lines{"s t=1970-01-01T00:00:01.000000Z a.b.c=2"});
  EXPECT_EQ(decoded(Format::kNdjson, {&deep}, R"({"t":1,"a.b":{"c":2}})"), Lines{"s t=1970-01-01T00:00:01.000000Z a.b.c=2"});
  EXPECT_EQ(decoded(Format::kNdjson, {&deep}, R"({"t":1,"a":{"b.c":2}})"), Lines{"s t=1970-01-01T00:00:01.000000Z a.b.c=2"});
  EXPECT_EQ(decoded(Format::kNdjson, {&deep}, R"({"t":1,"a":7,"a.b.c":2})"), Lines{"s t=1970-01-01T00:00:01.000000Z a=7 a.b.c=2"});
}

TEST(Ndjson, OfTwoMembersWithOneNameTheFirstCounts) {
  EXPECT_EQ(login(R"({"ts":1,"ts":2,"user":"a","user":"b","tries":1,"tries":2,"host.name":"x","host":{"name":"y"}})"),
            Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1 host.name=x"});
  EXPECT_EQ(login(R"({"ts":1,"user":"a","tries":1,"score":null,"score":2})"), Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1"});
}

TEST(Ndjson, NullIsMissing) {
  EXPECT_EQ(login(R"({"ts":1,"user":"a","tries":1,"score":null,"ok":null})"), Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1"});
  EXPECT_EQ(login(R"({"ts":1,"user":null,"tries":1})"), Lines{"missing_field record 1 at 0: stream login, field user: missing"});
  EXPECT_EQ(login(R"({"ts":1,"user":"a"})"), Lines{"missing_field record 1 at 0: stream login, field tries: missing"});
}

TEST(Ndjson, Escapes) {
  EXPECT_EQ(login(R"({"ts":1,"user":"a\"\\\/\b\f\n\r\tä😀","tries":1})"),
            Lines{"login ts=1970-01-01T00:00:01.000000Z user=a\"\\/\b\f\n\r\t\xC3\xA4\xF0\x9F\x98\x80 tries=1"});
  EXPECT_EQ(login(R"({"ts":1,"user":"\ud83d \ude00 \ud83dA","tries":1})"),
            Lines{"login ts=1970-01-01T00:00:01.000000Z user=\xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD"
                  "A tries=1"});
  EXPECT_EQ(login(R"({"\u0074s":1,"us\u0065r":"x","tries":1})"), Lines{"login ts=1970-01-01T00:00:01.000000Z user=x tries=1"});
  EXPECT_EQ(login(R"({"ts":1,"user":"a","tries":1,"took":"1\u0073"})"),
            Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1 took=1s"});
  // Longer than a slot can say, with escapes and without.
  const std::string longer(70'000, 'x');
  EXPECT_EQ(login(R"({"ts":1,"user":")" + longer + R"(\n","tries":1})"),
            Lines{"login ts=1970-01-01T00:00:01.000000Z user=" + longer + "\n tries=1"});
  EXPECT_EQ(login(R"({"ts":1,"user":")" + longer + R"(","tries":1})"),
            Lines{"login ts=1970-01-01T00:00:01.000000Z user=" + longer + " tries=1"});
}

TEST(Ndjson, ATextFieldTakesNumbersAndBooleansAsTheyAreSpelled) {
  for (const char* spelling : {"5", "1.50", "-1e3", "true", "false", "123456789012345678901234567890"})
    EXPECT_EQ(login(std::string(R"({"ts":1,"tries":1,"user":)") + spelling + "}"),
              Lines{"login ts=1970-01-01T00:00:01.000000Z user=" + std::string(spelling) + " tries=1"});
}

TEST(Ndjson, WrongTypes) {
  const auto with = [](const std::string& member) { return login(R"({"ts":1,"user":"a","tries":1,)" + member + "}"); };
  const auto tries = [](const std::string& value) { return login(R"({"ts":1,"user":"a","tries":)" + value + "}"); };
  EXPECT_EQ(tries("5.0"), Lines{"wrong_type record 1 at 0: stream login, field tries: \"5.0\" is not an int"});
  EXPECT_EQ(tries("1e3"), Lines{"wrong_type record 1 at 0: stream login, field tries: \"1e3\" is not an int"});
  EXPECT_EQ(tries("9223372036854775808"),
            Lines{"wrong_type record 1 at 0: stream login, field tries: \"9223372036854775808\" is not an int"});
  EXPECT_EQ(tries("9223372036854775807"), Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=9223372036854775807"});
  EXPECT_EQ(tries("\"5\""), Lines{"wrong_type record 1 at 0: stream login, field tries: \"5\" is not an int"});
  EXPECT_EQ(tries("true"), Lines{"wrong_type record 1 at 0: stream login, field tries: \"true\" is not an int"});
  EXPECT_EQ(tries("[1]"), Lines{"wrong_type record 1 at 0: stream login, field tries: a nested value is not an int"});
  EXPECT_EQ(with(R"("ok":1)"), Lines{"wrong_type record 1 at 0: stream login, field ok: \"1\" is not a bool"});
  EXPECT_EQ(with(R"("ok":"true")"), Lines{"wrong_type record 1 at 0: stream login, field ok: \"true\" is not a bool"});
  EXPECT_EQ(with(R"("score":"1.5")"), Lines{"wrong_type record 1 at 0: stream login, field score: \"1.5\" is not a float"});
  EXPECT_EQ(with(R"("score":1e999)"), Lines{"wrong_type record 1 at 0: stream login, field score: \"1e999\" is not a float"});
  EXPECT_EQ(with(R"("took":5)"), Lines{"wrong_type record 1 at 0: stream login, field took: \"5\" is not a duration"});
  EXPECT_EQ(with(R"("host":{"name":{}})"),
            Lines{"wrong_type record 1 at 0: stream login, field host.name: a nested value is not a string"});
}

TEST(Ndjson, Times) {
  EXPECT_EQ(login(R"({"user":"a","tries":1})"), Lines{"missing_time record 1 at 0: stream login, field ts: missing"});
  EXPECT_EQ(login(R"({"ts":null,"user":"a","tries":1})"), Lines{"missing_time record 1 at 0: stream login, field ts: missing"});
  EXPECT_EQ(login(R"({"ts":"x","user":"a","tries":1})"),
            Lines{"missing_time record 1 at 0: stream login, field ts: cannot read \"x\" as a time"});
  EXPECT_EQ(login(R"({"ts":{},"user":"a","tries":1})"),
            Lines{"missing_time record 1 at 0: stream login, field ts: cannot read a nested value as a time"});
  EXPECT_EQ(login(R"({"ts":true,"user":"a","tries":1})"),
            Lines{"missing_time record 1 at 0: stream login, field ts: cannot read \"true\" as a time"});
  EXPECT_EQ(login(R"({"ts":1.000001,"user":"a","tries":1})"), Lines{"login ts=1970-01-01T00:00:01.000001Z user=a tries=1"});
  StreamSchema rfc = stream("s", 0, {field("t", Type::kTime), field("opened", Type::kTime, true)});
  rfc.time_format = TimeFormat{};
  EXPECT_EQ(decoded(Format::kNdjson, {&rfc}, R"({"t":"2024-01-31T12:00:00Z","opened":"2023-01-31 12:00:00+01:00"})"),
            Lines{"s t=2024-01-31T12:00:00.000000Z opened=2023-01-31T11:00:00.000000Z"});
  EXPECT_EQ(decoded(Format::kNdjson, {&rfc}, R"({"t":1706702400})"),
            Lines{"missing_time record 1 at 0: stream s, field t: cannot read \"1706702400\" as a time"});
  const StreamSchema epoch = stream("s", 0, {field("t", Type::kTime), field("opened", Type::kTime, true)});
  EXPECT_EQ(decoded(Format::kNdjson, {&epoch}, R"({"t":0,"opened":"2023-01-31T12:00:00Z"})"),
            Lines{"s t=1970-01-01T00:00:00.000000Z opened=2023-01-31T12:00:00.000000Z"});
}

TEST(Ndjson, BrokenJsonIsUndecodable) {
  for (const char* bad : {"{",
                          "}",
                          "[]",
                          "1",
                          "null",
                          "\"x\"",
                          "{\"a\"}",
                          "{\"a\":}",
                          "{\"a\":1,}",
                          "{,}",
                          "{\"a\":1}x",
                          "{\"a\":1}{}",
                          "{'a':1}",
                          "{a:1}",
                          "{\"a\" 1}",
                          "{\"a\":tru}",
                          "{\"a\":nul}",
                          "{\"a\":+1}",
                          "{\"a\":01}",
                          "{\"a\":-}",
                          "{\"a\":1.}",
                          "{\"a\":.5}",
                          "{\"a\":1e}",
                          "{\"a\":1e+}",
                          "{\"a\":NaN}",
                          "{\"a\":\"x}",
                          "{\"a\":\"\\x\"}",
                          "{\"a\":\"\\u12\"}",
                          "{\"a\":\"\\u12G4\"}",
                          "{\"a\":\"\t\"}",
                          "{\"a\":[1,]}",
                          "{\"a\":[1 2]}",
                          "{\"a\":[}",
                          "{\"a\":{]}",
                          "{\"a\":1 \"b\":2}",
                          "{\"a\":\"\xFF\"}",
                          "{\"a\":\"\xC3\"}",
                          "{\"a\\",
                          "{\"a\":\"\\",
                          "{\"\xED\xA0\x80\":1}",
                          "{\"a\":1e5.5}",
                          "{\"a\":1_000}",
                          "{\"a\":0x10}",
                          "{\"a\":truefalse}",
                          "{\"a\":-a}"}) {
    const Lines lines = login(bad);
    ASSERT_EQ(lines.size(), 1u) << bad;
    EXPECT_TRUE(lines[0].starts_with("undecodable record 1 at 0: ")) << bad << ": " << lines[0];
  }
}

TEST(Ndjson, ABadLineLeavesItsNeighboursAlone) {
  EXPECT_EQ(
      login("{\"ts\":1,\"user\":\"a\",\"tries\":1}\n{\"ts\":2,\"user\":\"\xFF\",\"tries\":1}\n{\"ts\":3,\"user\":\"c\",\"tries\":1}\n"),
      (Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1", "login ts=1970-01-01T00:00:03.000000Z user=c tries=1",
             "undecodable record 2 at 30: not UTF-8"}));
}

TEST(Ndjson, DeepNestingIsBounded) {
  const auto nested = [](std::size_t depth) {
    return R"({"ts":1,"user":"a","tries":1,"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(login(nested(500)), Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1"});
  EXPECT_EQ(login(nested(100'000)), Lines{"undecodable record 1 at 0: nested too deep"});
  EXPECT_EQ(login(R"({"x":)" + std::string(1'000'000, '[')), Lines{"undecodable record 1 at 0: nested too deep"});
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"host":)";
  EXPECT_EQ(login(objects), Lines{"undecodable record 1 at 0: nested too deep"});
}

TEST(Ndjson, TooLongRecords) {
  DecoderOptions options;
  options.max_record_bytes = 40;
  const std::string good = R"({"ts":1,"user":"a","tries":1})";
  EXPECT_EQ(decoded(Format::kNdjson, {&kLogin}, good + "\n" + std::string(41, ' ') + good + "\n" + good, options),
            (Lines{"login ts=1970-01-01T00:00:01.000000Z user=a tries=1", "login ts=1970-01-01T00:00:01.000000Z user=a tries=1",
                   "too_long record 2 at 30: longer than 40 bytes"}));
}

const StreamSchema kTrade = [] {
  StreamSchema schema = stream("trade", 1, {field("ts", Type::kTime), field("price", Type::kFloat)});
  schema.when = {{"kind", {"T", "1"}}};
  return schema;
}();
const StreamSchema kQuote = [] {
  StreamSchema schema = stream("quote", 2, {field("ts", Type::kTime), field("bid", Type::kFloat)});
  schema.when = {{"kind", {"Q"}}, {"live", {"true"}}};
  return schema;
}();
const StreamSchema kAny = stream("any", 3, {field("ts", Type::kTime)});

TEST(Ndjson, WhenChoosesStreams) {
  const auto both = [](std::string_view text) { return decoded(Format::kNdjson, {&kTrade, &kQuote}, text); };
  EXPECT_EQ(both(R"({"ts":1,"kind":"T","price":5})"), Lines{"trade ts=1970-01-01T00:00:01.000000Z price=5"});
  EXPECT_EQ(both(R"({"ts":1,"kind":1.0,"price":5})"), Lines{"trade ts=1970-01-01T00:00:01.000000Z price=5"});  // As 1.
  EXPECT_EQ(both(R"({"ts":1,"kind":"Q","live":true,"bid":5})"), Lines{"quote ts=1970-01-01T00:00:01.000000Z bid=5"});
  EXPECT_EQ(both(R"({"ts":1,"kind":"\u0051","live":true,"bid":5})"), Lines{"quote ts=1970-01-01T00:00:01.000000Z bid=5"});
  EXPECT_EQ(both(R"({"ts":1,"kind":"Q","live":false,"bid":5})"), Lines{"unmatched 1"});
  EXPECT_EQ(both(R"({"ts":1,"kind":null})"), Lines{"unmatched 1"});
  EXPECT_EQ(both(R"({"ts":1})"), Lines{"unmatched 1"});
  EXPECT_EQ(both(R"({"ts":1,"kind":["T"]})"), Lines{"unmatched 1"});
}

TEST(Ndjson, ARecordMayFeedSeveralStreams) {
  EXPECT_EQ(decoded(Format::kNdjson, {&kTrade, &kAny}, R"({"ts":1,"kind":"T","price":5})"),
            (Lines{"trade ts=1970-01-01T00:00:01.000000Z price=5", "any ts=1970-01-01T00:00:01.000000Z"}));
}

TEST(Ndjson, AFieldNamesTheStream) {
  DecoderOptions options;
  options.stream_field = "stream";
  const auto read = [&](std::string_view text) { return decoded(Format::kNdjson, {&kLogin, &kTrade, &kAny}, text, options); };
  EXPECT_EQ(read(R"({"stream":"any","ts":1})"), Lines{"any ts=1970-01-01T00:00:01.000000Z"});
  EXPECT_EQ(read(R"({"ts":1,"price":2,"kind":"T","stream":"trade"})"), Lines{"trade ts=1970-01-01T00:00:01.000000Z price=2"});
  EXPECT_EQ(read(R"({"ts":1,"price":2,"kind":"X","stream":"trade"})"), Lines{"unmatched 1"});
  EXPECT_EQ(read(R"({"stream":"other","ts":1})"), Lines{"unknown_stream record 1 at 0: no rule file declares stream \"other\""});
  EXPECT_EQ(read(R"({"ts":1,"price":2,"kind":"T"})"), Lines{"trade ts=1970-01-01T00:00:01.000000Z price=2"});  // Only those with `when`.
  EXPECT_EQ(read(R"({"ts":1})"), Lines{"unmatched 1"});
  EXPECT_EQ(decoded(Format::kNdjson, {&kAny}, R"({"ts":1})", options), Lines{"any ts=1970-01-01T00:00:01.000000Z"});  // The only one.
  EXPECT_EQ(decoded(Format::kNdjson, {&kAny}, R"({"ts":1,"stream":"x"})", options),
            Lines{"unknown_stream record 1 at 0: no rule file declares stream \"x\""});
  EXPECT_EQ(decoded(Format::kNdjson, {&kAny, &kLogin}, R"({"ts":1})", options),
            Lines{"unknown_stream record 1 at 0: the record has no field stream that names its stream"});
}

TEST(Ndjson, FromNamesThePlaceInTheRecord) {
  const StreamSchema schema =
      stream("s", 0, {field("time", Type::kTime, false, "@timestamp"), field("card", Type::kString, false, "cc.num")});
  EXPECT_EQ(decoded(Format::kNdjson, {&schema}, R"({"@timestamp":1,"cc":{"num":"x"},"card":"no"})"),
            Lines{"s time=1970-01-01T00:00:01.000000Z card=x"});
}

TEST(Ndjson, DefectsOfTheSourceAreHandedOn) {
  RawBatch raw = batch_of("{\"ts\":1}\n");
  raw.defects.push_back({BadReason::kTruncated, 9, 2, "{\"ts", "the gzip data is cut off"});
  const auto decoder = decoder_of(Format::kNdjson, {&kAny});
  EventBatch out;
  decoder->decode(raw, out);
  EXPECT_EQ(described(out, {&kAny}), (Lines{"any ts=1970-01-01T00:00:01.000000Z", "truncated record 2 at 9: the gzip data is cut off"}));
  EXPECT_EQ(out.bad[0].raw, "{\"ts");
  EXPECT_EQ(out.records, 2u);
}

TEST(Ndjson, FramedRecords) {
  RawBatch raw = batch_of("{\"ts\":1}{\n\"ts\":2}\n{\"ts\":3}");
  raw.record_ends = {8, 18, 26};
  const auto decoder = decoder_of(Format::kNdjson, {&kAny});
  EventBatch out;
  decoder->decode(raw, out);
  EXPECT_EQ(described(out, {&kAny}),
            (Lines{"any ts=1970-01-01T00:00:01.000000Z", "any ts=1970-01-01T00:00:02.000000Z", "any ts=1970-01-01T00:00:03.000000Z"}));
}

TEST(Ndjson, StreamsThatCannotBeRead) {
  StreamSchema no_time = kAny;
  no_time.time_slot = kTimeSlot;
  StreamSchema bad_zone = kAny;
  bad_zone.time_format.zone = "Nowhere";
  const auto problem = [](const StreamSchema* schema) {
    std::vector<const StreamSchema*> schemas;
    if (schema != nullptr) schemas.push_back(schema);
    return make_decoder(Format::kNdjson, schemas, {}).error().message;
  };
  EXPECT_EQ(problem(nullptr), "an input must be for at least one stream");
  EXPECT_EQ(problem(&no_time), "stream any has no time field, so it cannot be read from an input");
  EXPECT_EQ(problem(&bad_zone), "stream any: there is no time zone \"Nowhere\"");
}

TEST(Ndjson, SeveralThreadsDecodeAtOnce) {
  const auto decoder = decoder_of(Format::kNdjson, {&kLogin});
  std::string text;
  for (int i = 0; i < 2'000; ++i) {
    const std::string number = std::to_string(i);
    text += i % 3 == 0 ? R"({"ts":)" + number + R"(,"user":"a","tries":1,"k)" + number + "\":1}\n"
                       : R"({"tries":2,"user":"b","ts":)" + number + "}\n";
  }
  const RawBatch raw = batch_of(text);
  std::vector<Lines> results(4);
  std::vector<std::thread> threads;
  for (Lines& result : results) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        EventBatch out;
        decoder->decode(raw, out);
        result = described(out, {&kLogin});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(results[0].size(), 2'000u);
  for (const Lines& result : results) EXPECT_EQ(result, results[0]);
}

// More names than are ever learned: the fields are found all the same.
TEST(Ndjson, EverNewNames) {
  const auto decoder = decoder_of(Format::kNdjson, {&kAny});
  for (int round = 0; round < 3; ++round) {
    std::string text;
    for (int i = 0; i < 3'000; ++i) {
      const std::string number = std::to_string(round) + std::to_string(i);
      text += "{\"a" + number + "\":1,\"b" + number + "\":{\"c\":[]},\"" + std::string(300, 'n') + "\":1,\"ts\":1}\n";
    }
    const RawBatch raw = batch_of(text);
    EventBatch out;
    decoder->decode(raw, out);
    EXPECT_EQ(out.events.size(), 3'000u);
  }
}

// Random JSON, whole and damaged: what simdjson accepts, we accept, and the fields are the same. The order of members
// changes from line to line, so that expectations are met and missed.
class AgainstSimdjson : public ::testing::Test {
 protected:
  std::string value(int depth) {
    switch (random_() % (depth > 3 ? 6 : 8)) {
      case 0: return std::to_string(static_cast<std::int64_t>(random_()) >> (random_() % 60));
      case 1: return std::to_string(random_() % 1000) + "." + std::to_string(random_() % 1000) + (random_() % 3 == 0 ? "e-5" : "");
      case 2: return random_() % 2 == 0 ? "true" : "false";
      case 3: return "null";
      case 4:
      case 5: return text();
      case 6: return object(depth + 1);
      default: {
        std::string out = "[";
        for (std::uint64_t n = random_() % 4; n > 0; --n) out += value(depth + 1) + (n > 1 ? "," : "");
        return out + "]";
      }
    }
  }
  std::string text() {
    static const std::vector<std::string> kParts = {
        "a", "bc", " ", "\\n", "\\\\", "\\\"", "\\u00e9", "\xC3\xA9", "0123456789abcdef0123456789", "{", "]", ":", ","};
    std::string out = "\"";
    for (std::uint64_t n = random_() % 5; n > 0; --n) out += kParts[random_() % kParts.size()];
    return out + "\"";
  }
  std::string object(int depth) {
    static const std::vector<std::string> kNames = {"ts", "s", "i", "f", "b", "n", "x", "a_very_long_name_of_a_member_indeed", "n.s"};
    std::string out = "{";
    const std::size_t first = random_() % 3;
    for (std::size_t i = first; i < first + random_() % 8; ++i) {
      if (out.size() > 1) out += random_() % 4 == 0 ? " , " : ",";
      out += "\"" + kNames[(random_() % 5 == 0 ? random_() : i) % kNames.size()] + "\"" + (random_() % 4 == 0 ? " : " : ":") + value(depth);
    }
    return out + "}";
  }
  std::string damaged(std::string line) {
    for (std::uint64_t n = random_() % 3; n > 0 && !line.empty(); --n) {
      const std::size_t at = random_() % line.size();
      switch (random_() % 4) {
        case 0: line.erase(at, 1); break;
        case 1: line[at] = "{}[]\",:\\0 e.-t"[random_() % 15]; break;
        case 2: line.resize(at); break;
        default: line.insert(at, 1, line[random_() % line.size()]); break;
      }
    }
    for (char& c : line)
      if (c == '\n' || c == '\0') c = ' ';
    return line;
  }
  std::mt19937_64 random_{7};
};

TEST_F(AgainstSimdjson, AcceptsTheSame) {
  const StreamSchema schema =
      stream("s", 0, {field("ts", Type::kTime, true), field("s", Type::kString, true), field("n.s", Type::kString, true)});
  const auto decoder = decoder_of(Format::kNdjson, {&schema});
  simdjson::dom::parser parser;
  int good = 0;
  for (int round = 0; round < 300; ++round) {
    std::string text;
    std::vector<std::string> lines;
    for (int i = 0; i < 100; ++i) {
      lines.push_back(random_() % 2 == 0 ? damaged(object(0)) : object(0));
      text += lines.back() + "\n";
    }
    const RawBatch raw = batch_of(text);
    EventBatch out;
    decoder->decode(raw, out);
    std::vector<bool> undecodable(lines.size(), false);
    for (const BadRecord& bad : out.bad)
      if (bad.reason == BadReason::kUndecodable) undecodable[bad.record - 1] = true;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].find_first_not_of(' ') == std::string::npos) continue;
      simdjson::dom::object object;
      const auto error = parser.parse(lines[i]).get_object().get(object);
      // simdjson takes no number beyond 64 bits and no lone surrogate; we do.
      if (error == simdjson::NUMBER_ERROR) continue;
      ASSERT_EQ(undecodable[i], error != simdjson::SUCCESS) << lines[i] << "\n" << error;
      good += error == simdjson::SUCCESS ? 1 : 0;
    }
    for (std::size_t i = 0; i < out.events.size(); ++i) {
      simdjson::dom::object object;
      ASSERT_EQ(parser.parse(lines[out.origins[i].record]).get_object().get(object), simdjson::SUCCESS);
      const Slot slot = out.events[i]->slot(1);
      std::string_view expected;
      const auto member = object["s"];
      if (member.get_string().get(expected) == simdjson::SUCCESS) {
        ASSERT_FALSE(slot.is_null(Type::kString)) << lines[out.origins[i].record];
        ASSERT_EQ(slot.text(), expected) << lines[out.origins[i].record];
      } else if (member.error() == simdjson::NO_SUCH_FIELD || member.is_null()) {
        ASSERT_TRUE(slot.is_null(Type::kString)) << lines[out.origins[i].record];
      }
    }
  }
  EXPECT_GT(good, 10'000);
}

}  // namespace
}  // namespace sequitur::testing
