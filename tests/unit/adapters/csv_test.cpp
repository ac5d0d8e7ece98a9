#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "adapters/formats/byte_search.hpp"
#include "adapters/formats/csv_scan.hpp"
#include "support.hpp"

namespace sequitur::testing {
namespace {

const StreamSchema kPay = stream("pay", 0,
                                 {field("ts", Type::kTime), field("card"), field("amount", Type::kFloat), field("tries", Type::kInt, true),
                                  field("ok", Type::kBool, true), field("note", Type::kString, true)});
const std::string kHeader = "ts,card,amount,tries,ok,note\n";

Lines pay(std::string_view records, const DecoderOptions& options = {}) {
  return decoded(Format::kCsv, {&kPay}, kHeader + std::string(records), options);
}

TEST(Csv, AllTypes) {
  EXPECT_EQ(pay("1,c1,2.5,-3,true,hello\n"), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c1 amount=2.5 tries=-3 ok=true note=hello"});
  EXPECT_EQ(pay("1.5,c1,2,007,False,\r\n2,c2,.5,,1,x"), (Lines{"pay ts=1970-01-01T00:00:01.500000Z card=c1 amount=2 tries=7 ok=false",
                                                               "pay ts=1970-01-01T00:00:02.000000Z card=c2 amount=0.5 ok=true note=x"}));
}

TEST(Csv, ColumnsAreFoundByNameInAnyOrder) {
  EXPECT_EQ(decoded(Format::kCsv, {&kPay}, "x,amount,card,card,ts\n9,2,c1,c2,1\n"),
            Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c1 amount=2"});
  EXPECT_EQ(decoded(Format::kCsv, {&kPay}, "\xEF\xBB\xBFts,\"card\",amount\r\n1,c1,2\r\n"),
            Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c1 amount=2"});
  const StreamSchema renamed = stream("s", 0, {field("t", Type::kTime, false, "when it was"), field("a", Type::kString, false, "a,\"b\"")});
  EXPECT_EQ(decoded(Format::kCsv, {&renamed}, "when it was,\"a,\"\"b\"\"\"\n1,x\n"), Lines{"s t=1970-01-01T00:00:01.000000Z a=x"});
}

TEST(Csv, Quotes) {
  EXPECT_EQ(pay("\"1\",\"c,1\",\"2.5\",\"3\",\"true\",\"say \"\"hi\"\"\nthere\r\n\"\n2,c2,1,,,\n"),
            (Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c,1 amount=2.5 tries=3 ok=true note=say \"hi\"\nthere\r\n",
                   "pay ts=1970-01-01T00:00:02.000000Z card=c2 amount=1"}));
  // Only where a field begins is a quote special.
  EXPECT_EQ(pay("1,5\" pipe,2,,,a\"b\"c\n"), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=5\" pipe amount=2 note=a\"b\"c"});
  EXPECT_EQ(pay("1,c,2,,,\"\"\n"), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c amount=2 note="});  // An empty text.
  EXPECT_EQ(pay("1,c,2,\"\",,\"\"\"\"\r\n"), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c amount=2 note=\""});
  const std::string longer(70'000, 'x');
  EXPECT_EQ(pay("1,c,2,,,\"" + longer + "\"\"\"\n"), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c amount=2 note=" + longer + "\""});
}

TEST(Csv, BadRecords) {
  EXPECT_EQ(pay("1,c,2,,\n"), Lines{"undecodable record 2 at 29: 5 columns instead of 6"});
  EXPECT_EQ(pay("1,c,2,,,,\n"), Lines{"undecodable record 2 at 29: 7 columns instead of 6"});
  EXPECT_EQ(pay("1,\"c\"x,2,,,\n2,d,3,,,\n"),
            (Lines{"pay ts=1970-01-01T00:00:02.000000Z card=d amount=3", "undecodable record 2 at 29: text behind a closing quote"}));
  EXPECT_EQ(pay("1,c,2,,,\"open\n2,d,3,,,\n"), Lines{"truncated record 2 at 29: a quoted field does not end"});
  EXPECT_EQ(pay(",c,2,,,\n"), Lines{"missing_time record 2 at 29: stream pay, field ts: missing"});
  EXPECT_EQ(pay("\"\",c,2,,,\n"), Lines{"missing_time record 2 at 29: stream pay, field ts: cannot read \"\" as a time"});
  EXPECT_EQ(pay("x,c,2,,,\n"), Lines{"missing_time record 2 at 29: stream pay, field ts: cannot read \"x\" as a time"});
  EXPECT_EQ(pay("1,,2,,,\n"), Lines{"missing_field record 2 at 29: stream pay, field card: missing"});
  EXPECT_EQ(pay("1,c,2x,,,\n"), Lines{"wrong_type record 2 at 29: stream pay, field amount: \"2x\" is not a float"});
  EXPECT_EQ(pay("1,c,nan,,,\n"), Lines{"wrong_type record 2 at 29: stream pay, field amount: \"nan\" is not a float"});
  EXPECT_EQ(pay("1,c,2,1.0,,\n"), Lines{"wrong_type record 2 at 29: stream pay, field tries: \"1.0\" is not an int"});
  EXPECT_EQ(pay("1,c,2,,yes,\n"), Lines{"wrong_type record 2 at 29: stream pay, field ok: \"yes\" is not a bool"});
  EXPECT_EQ(pay("1,c,2,,, \n"), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c amount=2 note= "});
}

TEST(Csv, BlankLinesAreNoRecords) {
  EXPECT_EQ(pay("\n\r\n1,c,2,,,\n\n"), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c amount=2"});
  const RawBatch raw = batch_of(kHeader + "\n1,c,x,,,\n");
  EventBatch out;
  decoder_of(Format::kCsv, {&kPay})->decode(raw, out);
  EXPECT_EQ(out.records, 1u);
  EXPECT_EQ(out.bad.at(0).record, 3u) << "blank lines count for the number";
}

TEST(Csv, BytesThatAreNotUtf8AreKept) {
  EXPECT_EQ(pay("1,\xFF\xFE,2,,,\n"), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=\xFF\xFE amount=2"});
}

TEST(Csv, DelimitersAndNoHeader) {
  EXPECT_EQ(decoded(Format::kTsv, {&kPay}, "ts\tcard\tamount\n1\ta,b\t2\n"), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=a,b amount=2"});
  DecoderOptions options;
  options.delimiter = ';';
  EXPECT_EQ(decoded(Format::kCsv, {&kPay}, "ts;card;amount\n1;a,b;2\n", options),
            Lines{"pay ts=1970-01-01T00:00:01.000000Z card=a,b amount=2"});
  options.header = false;
  options.columns = {"ts", "", "card", "amount"};
  EXPECT_EQ(decoded(Format::kCsv, {&kPay}, "1;x;c;2\n", options), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c amount=2"});
  options.columns.clear();
  EXPECT_FALSE(make_decoder(Format::kCsv, std::vector<const StreamSchema*>{&kPay}, options));
  options.header = true;
  options.delimiter = '"';
  EXPECT_FALSE(make_decoder(Format::kCsv, std::vector<const StreamSchema*>{&kPay}, options));
}

TEST(Csv, WhenChoosesStreams) {
  StreamSchema big = kPay;
  big.id = 1;
  big.name = "big";
  big.when = {{"kind", {"B"}}};
  StreamSchema small = kPay;
  small.when = {{"kind", {"S", "s"}}};
  EXPECT_EQ(
      decoded(Format::kCsv, {&small, &big}, "kind,ts,card,amount\nB,1,c,2\ns,2,c,3\nx,3,c,4\n,3,c,4\n"),
      (Lines{"big ts=1970-01-01T00:00:01.000000Z card=c amount=2", "pay ts=1970-01-01T00:00:02.000000Z card=c amount=3", "unmatched 2"}));
}

TEST(Csv, TheHeaderComesFromTheSource) {
  RawBatch raw = batch_of("1,c,2\n");
  raw.header = std::make_shared<const std::string>("ts,card,amount\r\n");
  raw.offset = 1000;
  raw.first_record = 50;
  EventBatch out;
  const auto decoder = decoder_of(Format::kCsv, {&kPay});
  decoder->decode(raw, out);
  EXPECT_EQ(described(out, {&kPay}), Lines{"pay ts=1970-01-01T00:00:01.000000Z card=c amount=2"});
  raw.header = nullptr;
  out.clear();
  decoder->decode(raw, out);
  EXPECT_EQ(described(out, {&kPay}), Lines{"undecodable record 50 at 1000: 3 columns instead of 0"});
}

TEST(Csv, ARecordThatIsTooLongEndsAtALineEnd) {
  DecoderOptions options;
  options.max_record_bytes = 20;
  EXPECT_EQ(pay("1,c,2,,,\"ab\n" + std::string(20, 'x') + "\n2,d,3,,,\n", options),
            (Lines{"pay ts=1970-01-01T00:00:02.000000Z card=d amount=3", "too_long record 2 at 29: longer than 20 bytes"}));
}

TEST(FindPlaces, AgreesWithLookingAtEveryByte) {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 300, 'x');
    for (char& c : text) c = "x,\n\"y"[random() % 5];
    const std::size_t size = text.size();
    text.resize(size + 64, ',');
    std::vector<std::uint32_t> expected;
    for (std::size_t i = 0; i < size; ++i)
      if (text[i] == ',' || text[i] == '\n' || text[i] == '"') expected.push_back(static_cast<std::uint32_t>(i));
    for (const std::size_t readable : {size, size + 64}) {
      std::vector<std::uint32_t> places(size + 8);
      places.resize(find_places(text.data(), size, readable, ',', '\n', '"', places.data()));
      ASSERT_EQ(places, expected);
    }
  }
}

// The obvious parser, byte by byte: fields of records, or nothing for a record that is broken.
struct PlainRecord {
  std::vector<std::string> fields;
  bool bad = false;
};
std::vector<PlainRecord> parse_plainly(const std::string& text) {
  std::vector<PlainRecord> records;
  std::size_t i = 0;
  while (i < text.size()) {
    PlainRecord record;
    while (true) {
      std::string value;
      if (i < text.size() && text[i] == '"') {
        ++i;
        while (i < text.size() && (text[i] != '"' || (i + 1 < text.size() && text[i + 1] == '"'))) {
          if (text[i] == '"') ++i;
          value += text[i++];
        }
        if (i == text.size()) record.bad = true;
        ++i;
        if (i < text.size() && text[i] == '\r' && (i + 1 == text.size() || text[i + 1] == '\n')) ++i;
        if (i < text.size() && text[i] != ',' && text[i] != '\n') {
          record.bad = true;
          while (i < text.size() && text[i] != '\n') ++i;
        }
      } else {
        while (i < text.size() && text[i] != ',' && text[i] != '\n') value += text[i++];
        if ((i == text.size() || text[i] == '\n') && !value.empty() && value.back() == '\r') value.pop_back();
      }
      record.fields.push_back(value);
      if (i < text.size() && text[i] == ',') {
        ++i;
        continue;
      }
      ++i;
      break;
    }
    records.push_back(record);
  }
  return records;
}

TEST(Csv, AgreesWithTheObviousParser) {
  const StreamSchema schema =
      stream("s", 0, {field("t", Type::kTime, false), field("a", Type::kString, true), field("b", Type::kString, true)});
  DecoderOptions options;
  options.header = false;
  options.columns = {"a", "t", "b"};
  const auto decoder = decoder_of(Format::kCsv, {&schema}, options);
  std::mt19937 random(6);
  std::size_t events = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto n = random() % 40; n > 0; --n) {
      switch (random() % 8) {
        case 0: text += "a,1,b\n"; break;
        case 1: text += "\"a\",1,\"b\"\r\n"; break;
        case 2: text += "x,\"1\",\"b,\n\"\"q\"\"\"\n"; break;
        default: text += ",\n\"\r1ab"[random() % 8]; break;
      }
    }
    text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
    const RawBatch raw = batch_of(text);
    EventBatch out;
    decoder->decode(raw, out);
    std::vector<std::string> expected;
    for (const PlainRecord& record : parse_plainly(text))
      if (!record.bad && record.fields.size() == 3 && record.fields[1] == "1")
        expected.push_back(record.fields[0] + "|" + record.fields[2]);
    std::vector<std::string> found;
    for (const Event* event : out.events) {
      if (event->time != 1'000'000) continue;  // "11" and the like.
      const auto shown = [&](SlotIndex slot) {
        return event->get(slot).is_null(Type::kString) ? std::string() : std::string(event->get(slot).text());
      };
      found.push_back(shown(1) + "|" + shown(2));
    }
    ASSERT_EQ(found, expected) << text;
    events += found.size();
  }
  EXPECT_GT(events, 10'000u);
}

}  // namespace
}  // namespace sequitur::testing
