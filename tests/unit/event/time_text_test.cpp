#include "event/time_text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "event/civil.hpp"
#include "sequitur/alert.hpp"

namespace sequitur {
namespace {

std::string shown(std::int64_t micros) {
  std::string out;
  append_time(Timestamp{Duration{micros}}, out);
  return out;
}

// The time as text, or "bad", or "error: ..".
std::string read(const TimeFormat& format, std::string_view text) {
  auto reader = TimeReader::make(format);
  if (!reader) return "error: " + reader.error().message;
  std::int64_t micros = 0;
  return reader->read(text, micros) ? shown(micros) : "bad";
}
TimeFormat rfc(std::string zone) {
  TimeFormat format;
  format.zone = std::move(zone);
  return format;
}
TimeFormat pattern_of(std::string pattern, std::optional<int> year, std::string zone = "") {
  TimeFormat format;
  format.kind = TimeFormat::Kind::kPattern;
  format.pattern = std::move(pattern);
  format.year = year;
  format.zone = std::move(zone);
  return format;
}
std::string read_rfc(std::string_view text, std::string zone = "") { return read(rfc(std::move(zone)), text); }
std::string read_epoch(std::string_view text, TimeUnit unit) {
  TimeFormat format;
  format.kind = TimeFormat::Kind::kEpoch;
  format.unit = unit;
  return read(format, text);
}
std::string read_pattern(std::string pattern, std::string_view text, std::string zone = "") {
  return read(pattern_of(std::move(pattern), 2024, std::move(zone)), text);
}

TEST(Civil, AgreesWithTheStandardLibrary) {
  for (std::int64_t day = -719'162; day < 2'932'897; day += 13) {
    const std::chrono::year_month_day expected{std::chrono::sys_days{std::chrono::days{day}}};
    const CivilDate date = civil_from_days(day);
    ASSERT_EQ(date.year, static_cast<int>(expected.year()));
    ASSERT_EQ(date.month, static_cast<int>(static_cast<unsigned>(expected.month())));
    ASSERT_EQ(date.day, static_cast<int>(static_cast<unsigned>(expected.day())));
    ASSERT_EQ(days_from_civil(date.year, date.month, date.day), day);
  }
}

TEST(Rfc3339, Texts) {
  EXPECT_EQ(read_rfc("2024-01-31T12:00:00Z"), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_rfc("2024-01-31t12:00:00z"), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_rfc("2024-01-31 12:00:00"), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_rfc("2024-01-31T12:00:00.5Z"), "2024-01-31T12:00:00.500000Z");
  EXPECT_EQ(read_rfc("2024-01-31T12:00:00.123456789Z"), "2024-01-31T12:00:00.123456Z");
  EXPECT_EQ(read_rfc("2024-01-31T12:00:00+01:30"), "2024-01-31T10:30:00.000000Z");
  EXPECT_EQ(read_rfc("2024-01-31T12:00:00-0800"), "2024-01-31T20:00:00.000000Z");
  EXPECT_EQ(read_rfc("2024-02-29T23:59:60Z"), "2024-03-01T00:00:00.000000Z");
  EXPECT_EQ(read_rfc("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(read_rfc("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00.000000Z");
  EXPECT_EQ(read_rfc("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
}

TEST(Rfc3339, BadTexts) {
  for (const char* bad : {"",
                          "2024",
                          "2024-01-31",
                          "2024-01-31T12:00",
                          "2024-01-31T12:00:0Z",
                          "2024-13-01T00:00:00Z",
                          "2024-00-01T00:00:00Z",
                          "2024-02-30T00:00:00Z",
                          "2023-02-29T00:00:00Z",
                          "2024-01-31T24:00:00Z",
                          "2024-01-31T12:60:00Z",
                          "2024-01-31T12:00:61Z",
                          "2024-01-31T12:00:00.Z",
                          "2024-01-31T12:00:00+1:00",
                          "2024-01-31T12:00:00+24:00",
                          "2024-01-31T12:00:00Zx",
                          " 2024-01-31T12:00:00Z",
                          "2024-01-31X12:00:00Z",
                          "2024/01/31T12:00:00Z",
                          "0000-01-01T00:00:00Z",
                          "0001-01-01T00:00:00+01:00",
                          "9999-12-31T23:59:59-01:00",
                          "20240131T120000Z000",
                          "a024-01-31T12:00:00Z",
                          "1706702400"})
    EXPECT_EQ(read_rfc(bad), "bad") << bad;
}

TEST(Epoch, Units) {
  EXPECT_EQ(read_epoch("0", TimeUnit::kSeconds), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(read_epoch("1706702400", TimeUnit::kSeconds), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_epoch("1706702400123", TimeUnit::kMilliseconds), "2024-01-31T12:00:00.123000Z");
  EXPECT_EQ(read_epoch("1706702400123456", TimeUnit::kMicroseconds), "2024-01-31T12:00:00.123456Z");
  EXPECT_EQ(read_epoch("1706702400123456789", TimeUnit::kNanoseconds), "2024-01-31T12:00:00.123456Z");
  EXPECT_EQ(read_epoch("1706702400.123456789", TimeUnit::kSeconds), "2024-01-31T12:00:00.123456Z");
  EXPECT_EQ(read_epoch("1706702400.1", TimeUnit::kSeconds), "2024-01-31T12:00:00.100000Z");  // No double in between.
  EXPECT_EQ(read_epoch("1.7067024e9", TimeUnit::kSeconds), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_epoch("17067024E+2", TimeUnit::kSeconds), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_epoch("-1", TimeUnit::kNanoseconds), "1969-12-31T23:59:59.999999Z");  // Towards the past.
  EXPECT_EQ(read_epoch("-1.5", TimeUnit::kSeconds), "1969-12-31T23:59:58.500000Z");
  EXPECT_EQ(read_epoch("-0.0000001", TimeUnit::kSeconds), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(read_epoch("0.000000000000000000000000000000000000000000001", TimeUnit::kSeconds), "1970-01-01T00:00:00.000000Z");
}

TEST(Epoch, BadTexts) {
  for (const char* bad : {"", "-", ".", "1.2.3", "abc", "1e", "1e+", "0x10", "1 ", "99999999999999999999999999999999999999999999",
                          "1e999999999999", "253402300800", "-62135596801"})
    EXPECT_EQ(read_epoch(bad, TimeUnit::kSeconds), "bad") << bad;
  EXPECT_EQ(read_epoch("1e-999999999999", TimeUnit::kSeconds), "1970-01-01T00:00:00.000000Z");
}

TEST(Pattern, Texts) {
  EXPECT_EQ(read_pattern("%Y-%m-%d %H:%M:%S", "2024-01-31 12:00:00"), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_pattern("%Y-%m-%d %H:%M:%S.%f", "2024-01-31 12:00:00.25"), "2024-01-31T12:00:00.250000Z");
  EXPECT_EQ(read_pattern("%Y-%m-%d %H:%M:%S,%f", "2015-10-18 18:01:47,978"), "2015-10-18T18:01:47.978000Z");
  EXPECT_EQ(read_pattern("%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 +0200"), "2015-05-17T08:05:03.000000Z");
  EXPECT_EQ(read_pattern("%b %e %H:%M:%S", "Dec 10 06:55:46"), "2024-12-10T06:55:46.000000Z");
  EXPECT_EQ(read_pattern("%b %e %H:%M:%S", "Dec  1 06:55:46"), "2024-12-01T06:55:46.000000Z");
  EXPECT_EQ(read_pattern("%b %d %H:%M:%S", "jun 9 06:06:01"), "2024-06-09T06:06:01.000000Z");
  EXPECT_EQ(read_pattern("[%a %b %d %H:%M:%S %Y]", "[Sun Dec 04 04:47:44 2005]"), "2005-12-04T04:47:44.000000Z");
  EXPECT_EQ(read_pattern("%y%m%d %H%M%S", "081109 203615"), "2008-11-09T20:36:15.000000Z");
  EXPECT_EQ(read_pattern("%m/%d/%Y %I:%M %p", "1/2/2024 12:05 AM"), "2024-01-02T00:05:00.000000Z");
  EXPECT_EQ(read_pattern("%m/%d/%Y %I:%M %p", "1/2/2024 1:05 pm"), "2024-01-02T13:05:00.000000Z");
  EXPECT_EQ(read_pattern("%Y-%j", "2024-366"), "2024-12-31T00:00:00.000000Z");
  EXPECT_EQ(read_pattern("%s", "1706702400"), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_pattern("%s.%f", "1706702400.5"), "2024-01-31T12:00:00.500000Z");
  EXPECT_EQ(read_pattern("%A, %d %B %Y %T %Z", "Wednesday, 31 January 2024 12:00:00 GMT"), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_pattern("%F%%%R", "2024-01-31%12:00"), "2024-01-31T12:00:00.000000Z");
  EXPECT_EQ(read_pattern("%Y%m%d%H%M%S", "20240131120000"), "2024-01-31T12:00:00.000000Z");
}

TEST(Pattern, BadTexts) {
  EXPECT_EQ(read_pattern("%Y-%m-%d %H:%M:%S", "2024-02-30 12:00:00"), "bad");
  EXPECT_EQ(read_pattern("%Y-%m-%d %H:%M:%S", "2024-01-31 12:00:00 "), "bad");
  EXPECT_EQ(read_pattern("%Y-%m-%d %H:%M:%S", "2024-01-31 12:00"), "bad");
  EXPECT_EQ(read_pattern("%Y-%m-%d", ""), "bad");
  EXPECT_EQ(read_pattern("%Y-%j", "2023-366"), "bad");
  EXPECT_EQ(read_pattern("%m/%d/%Y %I:%M %p", "1/2/2024 13:05 pm"), "bad");
  EXPECT_EQ(read_pattern("%b %e", "Foo 1"), "bad");
  EXPECT_EQ(read_pattern("%d %b %Y %Z", "1 Jan 2024 CST"), "bad");  // Which one?
}

TEST(Pattern, BadPatterns) {
  EXPECT_EQ(read_pattern("%Q", ""), "error: the time format \"%Q\" has an unknown directive %Q");
  EXPECT_EQ(read_pattern("%Y %", ""), "error: the time format \"%Y %\" ends with a single %");
  EXPECT_EQ(read_pattern("%H:%M", ""), "error: the time format \"%H:%M\" gives no month and day");
  EXPECT_EQ(read(pattern_of("%b %e", std::nullopt), ""), "error: the time format \"%b %e\" has no year, so one must be given");
  EXPECT_EQ(read_rfc("", "Nowhere/Land"), "error: there is no time zone \"Nowhere/Land\"");
}

TEST(ZoneOfTexts, AppliesWhereTheTextSaysNothing) {
  EXPECT_EQ(read_rfc("2024-01-31T12:00:00", "Europe/Berlin"), "2024-01-31T11:00:00.000000Z");
  EXPECT_EQ(read_rfc("2024-07-31T12:00:00", "Europe/Berlin"), "2024-07-31T10:00:00.000000Z");
  EXPECT_EQ(read_rfc("2024-07-31T12:00:00Z", "Europe/Berlin"), "2024-07-31T12:00:00.000000Z");
  EXPECT_EQ(read_rfc("2024-07-31T12:00:00-04:00", "Europe/Berlin"), "2024-07-31T16:00:00.000000Z");
  EXPECT_EQ(read_pattern("%Y-%m-%d %H:%M:%S", "2024-07-31 12:00:00", "America/New_York"), "2024-07-31T16:00:00.000000Z");
  EXPECT_EQ(read_rfc("2024-03-31T01:59:59", "Europe/Berlin"), "2024-03-31T00:59:59.000000Z");
  EXPECT_EQ(read_rfc("2024-03-31T02:30:00", "Europe/Berlin"), "2024-03-31T01:30:00.000000Z");  // Skipped: 03:30 summer time.
  EXPECT_EQ(read_rfc("2024-03-31T03:00:00", "Europe/Berlin"), "2024-03-31T01:00:00.000000Z");
  EXPECT_EQ(read_rfc("2024-10-27T02:30:00", "Europe/Berlin"), "2024-10-27T00:30:00.000000Z");  // Twice: the first.
  EXPECT_EQ(read_rfc("2024-10-27T03:00:00", "Europe/Berlin"), "2024-10-27T02:00:00.000000Z");
}

TEST(ZoneOfTexts, ThereAndBack) {
  auto zone = Zone::find("America/New_York");
  ASSERT_TRUE(zone);
  for (std::int64_t hour = 0; hour < 24 * 366 * 3; ++hour) {
    const std::int64_t utc = (days_from_civil(2023, 1, 1) * 24 + hour) * 3600 * kMicrosPerSecond;
    const std::int64_t back = (*zone)->to_utc((*zone)->to_local(utc));
    // An hour a year comes twice and is read as the first.
    ASSERT_TRUE(back == utc || back == utc - 3600 * kMicrosPerSecond) << shown(utc);
  }
}

std::vector<std::string> settle(int year, const std::vector<std::string>& texts, std::string zone = "") {
  auto reader = TimeReader::make(pattern_of("%b %e %H:%M:%S", year, std::move(zone)));
  YearOfRecords years;
  std::vector<std::string> result;
  for (const std::string& text : texts) {
    std::int64_t micros = 0;
    EXPECT_TRUE(reader->read(text, micros)) << text;
    result.push_back(years.settle(*reader, micros) ? shown(micros).substr(0, 19) : "none");
  }
  return result;
}
using Texts = std::vector<std::string>;

TEST(YearOfRecordsTest, TurnsOfTheYear) {
  EXPECT_EQ(
      settle(2015, {"Dec 10 06:55:46", "Dec 31 23:59:59", "Jan  1 00:00:00", "Jun 30 00:00:00", "Dec 31 00:00:00", "Jan  2 00:00:00"}),
      (Texts{"2015-12-10T06:55:46", "2015-12-31T23:59:59", "2016-01-01T00:00:00", "2016-06-30T00:00:00", "2016-12-31T00:00:00",
             "2017-01-02T00:00:00"}));
}

TEST(YearOfRecordsTest, StragglersBelongToTheYearBefore) {
  EXPECT_EQ(settle(2015, {"Dec 31 23:59:58", "Jan  1 00:00:01", "Dec 31 23:59:59", "Jan  1 00:00:02"}),
            (Texts{"2015-12-31T23:59:58", "2016-01-01T00:00:01", "2015-12-31T23:59:59", "2016-01-01T00:00:02"}));
  EXPECT_EQ(settle(2015, {"Jun 10 00:00:00", "Jun  9 00:00:00", "Feb  1 00:00:00"}),
            (Texts{"2015-06-10T00:00:00", "2015-06-09T00:00:00", "2015-02-01T00:00:00"}));  // Less than half a year back: disorder.
}

TEST(YearOfRecordsTest, LeapDays) {
  EXPECT_EQ(settle(2023, {"Feb 29 00:00:00"}), Texts{"none"});
  EXPECT_EQ(settle(2024, {"Feb 29 00:00:00"}), Texts{"2024-02-29T00:00:00"});
  EXPECT_EQ(settle(2023, {"Dec 31 00:00:00", "Feb 29 00:00:00", "Mar  1 00:00:00"}),
            (Texts{"2023-12-31T00:00:00", "2024-02-29T00:00:00", "2024-03-01T00:00:00"}));
}

TEST(YearOfRecordsTest, InAZone) {
  EXPECT_EQ(settle(2023, {"Dec 31 23:30:00", "Jan  1 00:30:00", "Jul  1 00:30:00"}, "Europe/Berlin"),
            (Texts{"2023-12-31T22:30:00", "2023-12-31T23:30:00", "2024-06-30T22:30:00"}));
}

TEST(AppendTime, EndsOfTimeAreShownAsTheFirstAndLast) {
  std::string out;
  append_time(kBeginningOfTime, out);
  out += ' ';
  append_time(kEndOfTime, out);
  EXPECT_EQ(out, "0001-01-01T00:00:00.000000Z 9999-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace sequitur
