#include <gtest/gtest.h>

#include <string>

#include "support.hpp"

namespace sequitur::testing {
namespace {

StreamSchema line_stream(std::string name, StreamId id, std::vector<Field> fields, std::string pattern) {
  StreamSchema schema = stream(std::move(name), id, std::move(fields));
  schema.line_pattern = std::move(pattern);
  return schema;
}

StreamSchema syslog(std::string name, StreamId id, std::vector<Field> fields, std::string pattern) {
  StreamSchema schema = line_stream(std::move(name), id, std::move(fields), std::move(pattern));
  schema.time_format.kind = TimeFormat::Kind::kPattern;
  schema.time_format.pattern = "%b %e %H:%M:%S";
  schema.time_format.year = 2015;
  return schema;
}

const StreamSchema kFail = syslog(
    "fail", 0, {field("t", Type::kTime), field("user"), field("port", Type::kInt, true)},
    R"(^(?<t>\w+ +\d+ [\d:]+) \S+ sshd\[\d+\]: Failed password for (?:invalid user )?(?P<user>\S+) from \S+(?: port (?<port>\d+))?)");
const StreamSchema kAnyLine = syslog("line", 1, {field("t", Type::kTime), field("rest")}, R"(^(?<t>\w+ +\d+ [\d:]+) (?<rest>.*)$)");

TEST(TextLines, NamedCapturesAreFields) {
  EXPECT_EQ(decoded(Format::kLines, {&kFail},
                    "Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2\r\n"
                    "Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for root from 1.2.3.4\n"
                    "\n"
                    "Dec 10 06:55:48 LabSZ sshd[24200]: Connection closed by 173.234.31.186 [preauth]"),
            (Lines{"fail t=2015-12-10T06:55:46.000000Z user=webmaster port=38926", "fail t=2015-12-10T06:55:46.000000Z user=root",
                   "unmatched 1"}));
}

TEST(TextLines, EveryStreamThatFitsGetsAnEvent) {
  EXPECT_EQ(
      decoded(Format::kLines, {&kFail, &kAnyLine}, "Dec 10 06:55:46 a sshd[1]: Failed password for b from c\nDec 10 06:55:47 x\nnothing"),
      (Lines{"fail t=2015-12-10T06:55:46.000000Z user=b", "line t=2015-12-10T06:55:46.000000Z rest=a sshd[1]: Failed password for b from c",
             "line t=2015-12-10T06:55:47.000000Z rest=x", "unmatched 1"}));
}

TEST(TextLines, ValuesOfOneStreamDoNotLeakIntoTheNext) {
  const StreamSchema first = line_stream("first", 0, {field("t", Type::kTime), field("a", Type::kString, true)}, R"((?<t>\d+) (?<a>\w+))");
  const StreamSchema second = line_stream("second", 1, {field("t", Type::kTime), field("a", Type::kString, true)}, R"((?<t>\d+))");
  EXPECT_EQ(decoded(Format::kLines, {&first, &second}, "1 x"),
            (Lines{"first t=1970-01-01T00:00:01.000000Z a=x", "second t=1970-01-01T00:00:01.000000Z"}));
}

TEST(TextLines, TheYearTurns) {
  EXPECT_EQ(decoded(Format::kLines, {&kAnyLine},
                    "Dec 31 23:59:59 a\nJan  1 00:00:00 b\nDec 31 23:59:59 late\nFeb 29 00:00:00 c\nFeb 30 00:00:00 d"),
            (Lines{"line t=2015-12-31T23:59:59.000000Z rest=a", "line t=2016-01-01T00:00:00.000000Z rest=b",
                   "line t=2015-12-31T23:59:59.000000Z rest=late", "line t=2016-02-29T00:00:00.000000Z rest=c",
                   "missing_time record 5 at 75: stream line, field t: cannot read \"Feb 30 00:00:00\" as a time"}));
  EXPECT_EQ(decoded(Format::kLines, {&kAnyLine}, "Feb 29 00:00:00 c"),
            Lines{"missing_time record 1 at 0: stream line: the date does not exist in its year"});
}

TEST(TextLines, BytesThatAreNotUtf8AreKept) {
  EXPECT_EQ(decoded(Format::kLines, {&kAnyLine}, "Dec 10 06:55:46 \xFF\xC3 x"),
            Lines{"line t=2015-12-10T06:55:46.000000Z rest=\xFF\xC3 x"});
}

TEST(TextLines, PatternsBeyondAscii) {
  const StreamSchema schema = line_stream("s", 0, {field("t", Type::kTime), field("w")}, "(?<t>\\d+) (?<w>[\xC3\xA4\xC3\xB6]+)");
  EXPECT_EQ(decoded(Format::kLines, {&schema}, "1 \xC3\xB6\xC3\xA4x"), Lines{"s t=1970-01-01T00:00:01.000000Z w=\xC3\xB6\xC3\xA4"});
}

TEST(TextLines, NamesInClassesAndBehindBackslashesAreNoGroups) {
  const StreamSchema other = line_stream("s", 0, {field("t", Type::kTime), field("w")}, R"((?<t>\d+) \(?<(?<w>[(?<x]+))");
  EXPECT_EQ(decoded(Format::kLines, {&other}, "1 (<x(<"), Lines{"s t=1970-01-01T00:00:01.000000Z w=x(<"});
}

TEST(TextLines, WhenLooksAtCaptures) {
  StreamSchema schema = line_stream("s", 0, {field("t", Type::kTime)}, R"((?<t>\d+) (?<level>\w+))");
  schema.when = {{"level", {"WARN", "ERROR"}}};
  EXPECT_EQ(decoded(Format::kLines, {&schema}, "1 INFO\n2 WARN\n"), (Lines{"s t=1970-01-01T00:00:02.000000Z", "unmatched 1"}));
}

TEST(TextLines, PatternsThatCannotWork) {
  const auto problem = [](const StreamSchema& schema) {
    const std::vector<const StreamSchema*> schemas = {&schema};
    return make_decoder(Format::kLines, schemas, {}).error().message;
  };
  const std::vector<Field> fields = {field("t", Type::kTime), field("a")};
  EXPECT_EQ(problem(line_stream("s", 0, fields, "")), "stream s has no line pattern, so it cannot be read from text lines");
  EXPECT_EQ(problem(line_stream("s", 0, fields, "(?<t>x)(?<a>")), "stream s: the line pattern does not compile: missing ): (?P<t>x)(?P<a>");
  EXPECT_EQ(problem(line_stream("s", 0, fields, "(?<t>x)")), "stream s: the line pattern has no capture named a");
  EXPECT_EQ(problem(line_stream("s", 0, fields, "(?<a>x)")), "stream s: the line pattern has no capture named t");
  StreamSchema filtered = line_stream("s", 0, fields, "(?<a>x)(?<t>y)");
  filtered.when = {{"kind", {"x"}}};
  EXPECT_EQ(problem(filtered), "stream s: the line pattern has no capture named kind");
}

TEST(Formats, NamesAndFiles) {
  EXPECT_EQ(find_format("csv"), Format::kCsv);
  EXPECT_EQ(find_format("parquet"), std::nullopt);
  EXPECT_EQ(format_of_file("a/b.csv"), Format::kCsv);
  EXPECT_EQ(format_of_file("b.tsv.gz"), Format::kTsv);
  EXPECT_EQ(format_of_file("b.json.zst"), Format::kNdjson);
  EXPECT_EQ(format_of_file("b.jsonl"), Format::kNdjson);
  EXPECT_EQ(format_of_file("b.ndjson"), Format::kNdjson);
  EXPECT_EQ(format_of_file("auth.log"), Format::kLines);
  EXPECT_EQ(format_of_file("auth.txt.gz"), Format::kLines);
  EXPECT_EQ(format_of_file("archive.gz"), std::nullopt);
  EXPECT_EQ(format_of_file("-"), std::nullopt);
}

}  // namespace
}  // namespace sequitur::testing
