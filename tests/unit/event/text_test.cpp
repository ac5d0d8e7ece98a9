// Numbers, durations and JSON as text.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include <fmt/format.h>

#include "event/duration_text.hpp"
#include "event/json_text.hpp"
#include "event/number_text.hpp"
#include "sequitur/alert.hpp"

namespace sequitur {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

TEST(JsonString, EscapesWhatMustBe) {
  EXPECT_EQ(json("plain"), "\"plain\"");
  EXPECT_EQ(json(""), "\"\"");
  EXPECT_EQ(json("a\"b\\c\nd\te\x01"), "\"a\\\"b\\\\c\\nd\\te\\u0001\"");
  EXPECT_EQ(json(std::string_view("\0", 1)), "\"\\u0000\"");
  EXPECT_EQ(json("Z\xC3\xBCrich \xF0\x9F\x98\x80"), "\"Z\xC3\xBCrich \xF0\x9F\x98\x80\"");
}

TEST(JsonString, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(json("a\xFF z"), "\"a\xEF\xBF\xBD z\"");
  EXPECT_EQ(json("\xC3"), "\"\xEF\xBF\xBD\"");                                                  // Cut off.
  EXPECT_EQ(json("\xC0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                                  // Too long a form.
  EXPECT_EQ(json("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // A surrogate.
  EXPECT_EQ(json("\xF4\x90\x80\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // Beyond the last character.
}

TEST(JsonString, AnyBytesGiveUtf8) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes;
    for (auto n = random() % 12; n > 0; --n) bytes += static_cast<char>(random() % 4 == 0 ? random() % 256 : 0xC0 + random() % 64);
    const std::string text = json(bytes);
    EXPECT_TRUE(is_utf8(text));
    for (const char c : text) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  }
}

TEST(Base64, KnownValues) {
  const auto encode = [](std::string_view bytes) {
    std::string out;
    append_base64(bytes, out);
    return out;
  };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("\xFF\xFE"), "//4=");
}

TEST(ParseInt, Texts) {
  std::int64_t value = 7;
  EXPECT_TRUE(parse_int("0", value));
  EXPECT_EQ(value, 0);
  EXPECT_TRUE(parse_int("-42", value));
  EXPECT_EQ(value, -42);
  EXPECT_TRUE(parse_int("+5", value));
  EXPECT_EQ(value, 5);
  EXPECT_TRUE(parse_int("9223372036854775807", value));
  EXPECT_EQ(value, std::numeric_limits<std::int64_t>::max());
  EXPECT_TRUE(parse_int("-9223372036854775807", value));
  EXPECT_TRUE(parse_int("0000000000000000000000000007", value));
  EXPECT_EQ(value, 7);
  for (const char* bad :
       {"", "-", "+", "1.0", " 1", "1 ", "1e3", "0x10", "9223372036854775808", "-9223372036854775808", "99999999999999999999", "--1", "a"})
    EXPECT_FALSE(parse_int(bad, value)) << bad;
}

TEST(ParseFloat, Texts) {
  double value = 0;
  EXPECT_TRUE(parse_float("1.5", value));
  EXPECT_EQ(value, 1.5);
  EXPECT_TRUE(parse_float("-0", value));
  EXPECT_TRUE(std::signbit(value));
  EXPECT_TRUE(parse_float("+.5", value));
  EXPECT_EQ(value, 0.5);
  EXPECT_TRUE(parse_float("5.", value));
  EXPECT_EQ(value, 5.0);
  EXPECT_TRUE(parse_float("1e308", value));
  EXPECT_EQ(value, 1e308);
  EXPECT_TRUE(parse_float("1e-400", value));
  EXPECT_EQ(value, 0);
  EXPECT_TRUE(parse_float(std::string(400, '0') + "." + std::string(400, '0') + "1", value));
  EXPECT_EQ(value, 0);
  for (const char* bad :
       {"", ".", "-", "e5", "1e", "1e+", "nan", "inf", "-inf", "infinity", "0x1p3", "1e309", "-1e309", " 1", "1 ", "1,5", "1_000"})
    EXPECT_FALSE(parse_float(bad, value)) << bad;
  EXPECT_FALSE(parse_float(std::string(400, '9'), value));
}

// Against the C library: whatever is read is the nearest double.
TEST(ParseFloat, RoundsAsStrtodDoes) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    switch (random() % 4) {
      case 0: text = fmt::format("{:.{}f}", static_cast<double>(random() % 10'000'000'000) / 97.0, random() % 12); break;
      case 1: text = fmt::format("{}.{}e{}", random() % 1000, random() % 1'000'000'000'000, static_cast<int>(random() % 640) - 320); break;
      case 2: {
        const std::uint64_t bits = random();
        double any = 0;
        std::memcpy(&any, &bits, sizeof any);
        if (!std::isfinite(any)) continue;
        text = fmt::format("{}", any);
        break;
      }
      default: text = fmt::format("-{}.{:0{}}", random(), random() % 1000, 1 + random() % 20); break;
    }
    const double expected = std::strtod(text.c_str(), nullptr);
    double value = 0;
    const bool read = parse_float(text, value);
    ASSERT_EQ(read, std::isfinite(expected)) << text;
    if (!read) continue;
    ASSERT_EQ(std::memcmp(&value, &expected, sizeof value), 0) << text;
  }
}

std::string duration_text(std::int64_t micros) {
  std::string out;
  append_duration(Duration{micros}, out);
  return out;
}

TEST(DurationText, WritesTheLanguagesSpelling) {
  EXPECT_EQ(duration_text(0), "0s");
  EXPECT_EQ(duration_text(500), "500us");
  EXPECT_EQ(duration_text(10'000), "10ms");
  EXPECT_EQ(duration_text(30'000'000), "30s");
  EXPECT_EQ(duration_text(5'400'000'000), "1h30m");
  EXPECT_EQ(duration_text(7LL * 86'400'000'000), "7d");
  EXPECT_EQ(duration_text(-1'500), "-1ms500us");
}

TEST(DurationText, ReadsIt) {
  Duration duration{};
  EXPECT_TRUE(parse_duration("2w", duration));
  EXPECT_EQ(duration, std::chrono::hours(14 * 24));
  EXPECT_TRUE(parse_duration("1h30m", duration));
  EXPECT_EQ(duration, std::chrono::minutes(90));
  EXPECT_TRUE(parse_duration("-5s", duration));
  EXPECT_EQ(duration, std::chrono::seconds(-5));
  for (const char* bad : {"", "5", "s", "5 s", "1h 30m", "1.5h", "5y", "-", "99999999999999999999s", "9999999999999w", "1h30"})
    EXPECT_FALSE(parse_duration(bad, duration)) << bad;
}

TEST(DurationText, ReadsBackWhatItWrites) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const auto micros = static_cast<std::int64_t>(random() >> (1 + random() % 62)) * (random() % 2 == 0 ? 1 : -1);
    Duration duration{};
    ASSERT_TRUE(parse_duration(duration_text(micros), duration)) << duration_text(micros);
    ASSERT_EQ(duration.count(), micros);
  }
}

}  // namespace
}  // namespace sequitur
