#include <gtest/gtest.h>

#include <string>

#include "support.hpp"

namespace sequitur::testing {
namespace {

StreamSchema account_schema() {
  StreamSchema schema = stream("account", 0,
                               {field("id"), field("tier", Type::kString, true), field("limit", Type::kInt, true),
                                field("__source_ts_ms", Type::kTime), field("__deleted", Type::kBool, true)},
                               3);
  schema.time_format.unit = TimeUnit::kMilliseconds;
  schema.change_stream = true;
  return schema;
}

const StreamSchema kAccount = account_schema();

Lines account(std::string_view text) { return decoded(Format::kNdjson, {&kAccount}, text); }

const std::string kAnn = R"({"id":"ann","tier":"gold","limit":5})";
const Lines kAnnRow{"account id=ann tier=gold limit=5 __source_ts_ms=1970-01-01T00:00:02.000000Z __deleted=false"};
const std::string kCreated = R"({"before":null,"after":)" + kAnn + R"(,"source":{"db":"bank","ts_ms":2000},"op":"c","ts_ms":3000})";

TEST(Debezium, ARowThatIsCreatedChangedOrReadIsTheRowAfterwards) {
  for (const char* op : {"c", "u", "r"})
    EXPECT_EQ(
        account(R"({"op":")" + std::string(op) + R"(","before":{"id":"ann","limit":1},"after":)" + kAnn + R"(,"source":{"ts_ms":2000}})"),
        kAnnRow);
}

TEST(Debezium, ADeletedRowIsTakenAwayByWhatIsKnownOfIt) {
  EXPECT_EQ(account(R"({"op":"d","before":)" + kAnn + R"(,"after":null,"source":{"ts_ms":2000}})"),
            Lines{"account id=ann tier=gold limit=5 __source_ts_ms=1970-01-01T00:00:02.000000Z __deleted=true"});
  EXPECT_EQ(account(R"({"op":"d","before":{"id":"ann","tier":null},"source":{"ts_ms":2000}})"),
            Lines{"account id=ann __source_ts_ms=1970-01-01T00:00:02.000000Z __deleted=true"});
  EXPECT_EQ(account(R"({"key":{"id":"ann"},"value":{"op":"d","before":null,"after":null,"source":{"ts_ms":2000}}})"),
            Lines{"account id=ann __source_ts_ms=1970-01-01T00:00:02.000000Z __deleted=true"});
}

TEST(Debezium, SchemaAndKeyOfTheRecordMayStandAround) {
  EXPECT_EQ(account(kCreated), kAnnRow);
  EXPECT_EQ(account(R"({"schema":{"type":"struct","fields":[]},"payload":)" + kCreated + "}"), kAnnRow);
  EXPECT_EQ(account(R"({"key":{"id":"ann"},"value":)" + kCreated + "}"), kAnnRow);
  EXPECT_EQ(account(R"({"key":{"schema":{},"payload":{"id":"ann"}},"value":{"schema":{},"payload":)" + kCreated + R"(},"timestamp":9})"),
            kAnnRow);
}

TEST(Debezium, ATombstoneTakesAwayTheRowOfItsKeyAndSaysNothingWithoutOne) {
  const Lines gone{"account id=ann __source_ts_ms=1970-01-01T00:00:09.000000Z __deleted=true"};
  EXPECT_EQ(account(R"({"key":{"id":"ann"},"value":null,"timestamp":9000})"), gone);
  EXPECT_EQ(account(R"({"key":{"schema":{},"payload":{"id":"ann"}},"value":{"schema":null,"payload":null},"timestamp":9000})"), gone);
  EXPECT_EQ(account("null\nnull\n"), Lines{"unmatched 2"});
  EXPECT_EQ(account(R"({"schema":null,"payload":null})"), Lines{"unmatched 1"});
  EXPECT_EQ(account(R"({"key":{"id":"ann"},"value":null})"),
            Lines{"missing_time record 1 at 0: stream account, field __source_ts_ms: missing"});
}

TEST(Debezium, TheTimeIsThatOfTheDatabaseElseOfTheEnvelopeElseOfTheRecord) {
  EXPECT_EQ(account(R"({"op":"c","after":{"id":"a"},"source":{"name":"x"},"ts_ms":3000})"),
            Lines{"account id=a __source_ts_ms=1970-01-01T00:00:03.000000Z __deleted=false"});
  EXPECT_EQ(account(R"({"key":{"id":"a"},"value":{"op":"c","after":{"id":"a"}},"timestamp":4000})"),
            Lines{"account id=a __source_ts_ms=1970-01-01T00:00:04.000000Z __deleted=false"});
  EXPECT_EQ(account(R"({"op":"c","after":{"id":"a"}})"),
            Lines{"missing_time record 1 at 0: stream account, field __source_ts_ms: missing"});
}

TEST(Debezium, WhatIsNoChangeIsSetAsideWithItsReason) {
  const auto bad = [](const std::string& detail) { return Lines{"not_a_change record 1 at 0: " + detail}; };
  EXPECT_EQ(account("{}"), bad("no `op`: this is not the envelope of a change"));
  EXPECT_EQ(account(R"({"payload":7})"), bad("no `op`: this is not the envelope of a change"));
  EXPECT_EQ(account(R"({"op":7,"after":{"id":"a"}})"), bad("`op` is not a text"));
  EXPECT_EQ(account(R"({"op":"x","after":{"id":"a"}})"), bad("there is no `op` \"x\""));
  EXPECT_EQ(account(R"({"op":"u","after":null,"ts_ms":1})"), bad("`op` u without a row in `after`"));
  EXPECT_EQ(account(R"({"op":"c","after":[1],"ts_ms":1})"), bad("`op` c without a row in `after`"));
  EXPECT_EQ(account(R"({"op":"d","before":null,"ts_ms":1})"), bad("`op` d without a row in `before` and without a key"));
  EXPECT_EQ(account(R"({"op":"m","ts_ms":1,"message":{}})"), Lines{"unmatched 1"});
  EXPECT_EQ(account(R"({"op":"c","after":{"id":"a","limit":"x"},"ts_ms":1})"),
            Lines{"wrong_type record 1 at 0: stream account, field limit: \"x\" is not an int"});
  EXPECT_EQ(account(R"({"op":"c","after":{"id":null},"ts_ms":1})"),
            Lines{"missing_field record 1 at 0: stream account, field id: missing"});
  EXPECT_EQ(account("[1]"), Lines{"undecodable record 1 at 0: not a JSON object"});
  EXPECT_EQ(account(R"({"op":"c","after":{"id":"a"}})" + std::string("}")),
            Lines{"undecodable record 1 at 0: something stands behind the JSON object"});
  EXPECT_EQ(account(R"({"op":"c","after":{"id":"a",}})"), Lines{"undecodable record 1 at 0: expected a name in quotes"});
}

TEST(Debezium, ATableThatIsEmptiedIsAChangeWithoutARow) {
  StreamSchema schema = account_schema();
  schema.fields.push_back(field("__truncated", Type::kBool, true));
  schema.fields.push_back(field("lsn", Type::kInt, false, "__source_lsn"));
  const auto read = [&](const std::string& text) { return decoded(Format::kNdjson, {&schema}, text); };
  const Lines emptied{"account __source_ts_ms=1970-01-01T00:00:02.000000Z __deleted=true __truncated=true lsn=7"};
  EXPECT_EQ(read(R"({"op":"t","before":null,"after":null,"source":{"ts_ms":2000,"lsn":7}})"), emptied);
  EXPECT_EQ(read(R"({"key":null,"value":{"op":"t","source":{"ts_ms":2000,"lsn":7}}})"), emptied);
  EXPECT_EQ(read(R"({"op":"t","source":{"ts_ms":2000}})"),
            Lines{"account __source_ts_ms=1970-01-01T00:00:02.000000Z __deleted=true __truncated=true"});
  EXPECT_EQ(read(R"({"op":"t"})"), Lines{"missing_time record 1 at 0: stream account, field __source_ts_ms: missing"});
  // Of all other changes every field is asked for that must be there, whatever their rows call their columns.
  EXPECT_EQ(read(R"({"op":"c","after":{"id":"a","__truncated":true},"source":{"ts_ms":2000}})"),
            Lines{"missing_field record 1 at 0: stream account, field lsn: missing"});
}

TEST(Debezium, WhatTheEnvelopeSaysMayBeFieldsAndChooseTheTable) {
  StreamSchema schema = account_schema();
  schema.fields.push_back(field("how", Type::kString, true, "__op"));
  schema.fields.push_back(field("lsn", Type::kInt, true, "__source_lsn"));
  schema.when.push_back({"__source_table", {"account"}});
  const std::string begin = R"({"op":"c","after":{"id":"a","__op":"x","lsn":1},"source":{"ts_ms":2000,"lsn":77,"table":")";
  EXPECT_EQ(decoded(Format::kNdjson, {&schema}, begin + "account\"}}\n" + begin + "other\"}}"),
            (Lines{"account id=a __source_ts_ms=1970-01-01T00:00:02.000000Z __deleted=false how=c lsn=77", "unmatched 1"}));
}

TEST(Debezium, AnInputOfChangesIsNdjsonAndHoldsNothingElse) {
  const StreamSchema* const changes[] = {&kAccount};
  EXPECT_EQ(make_decoder(Format::kCsv, changes, {}).error().message,
            "the table account is read from a change stream, which is written as ndjson, not as csv");
  const StreamSchema other = stream("other", 1, {field("t", Type::kTime)});
  const StreamSchema* const both[] = {&kAccount, &other};
  EXPECT_EQ(make_decoder(Format::kNdjson, both, {}).error().message,
            "the table account is read from a change stream, so it needs an input without other streams");
}

// Records that Debezium has flattened are read as any record; it spells `__deleted` as a text.
TEST(Debezium, FlattenedRecordsNeedNoEnvelope) {
  StreamSchema schema = account_schema();
  schema.change_stream = false;
  EXPECT_EQ(decoded(Format::kNdjson, {&schema}, R"({"id":"a","__deleted":"true","__source_ts_ms":2000})"),
            Lines{"account id=a __source_ts_ms=1970-01-01T00:00:02.000000Z __deleted=true"});
}

}  // namespace
}  // namespace sequitur::testing
