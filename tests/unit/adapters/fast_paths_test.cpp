// What most records are is decoded by shorter paths. Here the same records take both: the short one, and the one that is for all.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "support.hpp"

namespace sequitur::testing {
namespace {

const StreamSchema kRow =
    stream("row", 0,
           {field("t", Type::kTime), field("s", Type::kString, true), field("i", Type::kInt, true), field("f", Type::kFloat, true),
            field("b", Type::kBool, true), field("n.s", Type::kString, true), field("n.a_name_of_more_than_sixteen", Type::kInt, true)});

// Without the room behind the text that sources promise.
RawBatch cramped_batch_of(std::string_view text) {
  RawBatch raw;
  raw.bytes = std::string(text);
  raw.bytes.shrink_to_fit();
  return raw;
}

class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t most) { return random_() % most; }
  bool rarely() { return below(12) == 0; }
  const char* one_of(std::initializer_list<const char*> texts) { return texts.begin()[below(texts.size())]; }
  std::string text(std::string_view characters, std::size_t most) {
    std::string result(below(most + 1), ' ');
    for (char& c : result) c = characters[below(characters.size())];
    return result;
  }

 private:
  std::mt19937 random_;
};

class JsonDraw : public Draw {
 public:
  using Draw::Draw;

  // Mostly as the one before was, so that what is expected comes; now and then otherwise.
  std::string record() {
    std::string line = "{" + space();
    const std::size_t members = rarely() ? below(4) : 7;
    for (std::size_t i = 0; i < members; ++i) {
      if (i != 0) line += space() + (rarely() && rarely() ? "" : ",") + space();
      const std::size_t which = rarely() ? below(8) : i;
      line += key(which) + space() + ":" + space() + value(which, 0);
    }
    line += space() + "}" + space();
    if (rarely() && rarely()) line.erase(below(line.size()), 1);
    return line;
  }

 private:
  std::string space() { return rarely() ? one_of({" ", "\t", "  ", "\r", " \r "}) : ""; }
  std::string key(std::size_t which) {
    if (rarely()) return one_of({R"("\u0074")", R"("more")", R"("n.s")", R"("")", R"("t")", R"("a name that no column has")"});
    constexpr const char* kKeys[] = {R"("t")", R"("s")", R"("i")",     R"("f")",
                                     R"("b")", R"("n")", R"("other")", R"("n.a_name_of_more_than_sixteen")"};
    return kKeys[which];
  }
  std::string value(std::size_t which, int depth) {
    switch (rarely() ? below(8) : which) {
      case 0: return std::to_string(below(2'000'000'000));
      case 1:
        return '"' + text("abc d,:{}[]", 40) + (rarely() ? one_of({R"(\n)", R"(\u00e4)", R"(\")", R"(\\)", R"(\x)"}) : "") +
               text("xyz", 20) + '"';
      case 2: return std::string(rarely() ? "-" : "") + text("0123456789", 20);
      case 3: return text("0123456789", 18) + "." + text("0123456789", 18) + (rarely() ? "e" + text("-+0123456789", 3) : "");
      case 4: return one_of({"true", "false", "null", "tru", "1"});
      case 5: return depth > 2 ? "{}" : R"({"s":)" + value(1, depth + 1) + R"(,"a_name_of_more_than_sixteen":)" + value(2, depth + 1) + "}";
      case 6: return depth > 2 ? "[]" : "[" + value(below(8), depth + 1) + "," + value(below(8), depth + 1) + "]";
      default: return one_of({"12", "\"x\"", "null", "-1.5", "-0", "01", "1.", "-"});
    }
  }
};

TEST(FastPaths, AJsonRecordIsTheSameWhateverCameBeforeItAndStandsBehind) {
  JsonDraw draw(11);
  std::size_t events = 0, bad = 0;
  for (int round = 0; round < 60; ++round) {
    const auto experienced = decoder_of(Format::kNdjson, {&kRow});
    std::vector<std::string> records;
    std::string text;
    for (int i = 0; i < 50; ++i) {
      records.push_back(draw.record());
      text += records.back() + (draw.rarely() ? "\r\n" : "\n");
    }
    const RawBatch raw = batch_of(text);
    EventBatch out;
    for (int again = 0; again < 2; ++again) {
      out.clear();
      experienced->decode(raw, out);
    }
    RawBatch framed;
    for (const std::string& record : records) {
      framed.bytes += record;
      framed.record_ends.push_back(static_cast<std::uint32_t>(framed.bytes.size()));
    }
    EventBatch out_framed;
    experienced->decode(framed, out_framed);
    std::size_t event = 0, failure = 0, framed_event = 0, framed_failure = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const RawBatch alone = cramped_batch_of(records[i]);
      EventBatch expected;
      decoder_of(Format::kNdjson, {&kRow})->decode(alone, expected);
      const auto same = [&](const EventBatch& found, std::size_t& at, std::size_t& bad_at) {
        EventBatch one;
        if (!expected.events.empty()) {
          ASSERT_LT(at, found.events.size()) << records[i];
          one.events.push_back(found.events[at++]);
        }
        if (!expected.bad.empty()) {
          ASSERT_LT(bad_at, found.bad.size()) << records[i];
          ASSERT_EQ(found.bad[bad_at].record, i + 1) << records[i];
          one.bad.push_back(found.bad[bad_at++]);
          one.bad.back().record = 1;
          one.bad.back().offset = 0;
        }
        ASSERT_EQ(described(one, {&kRow}), described(expected, {&kRow})) << records[i];
      };
      same(out, event, failure);
      same(out_framed, framed_event, framed_failure);
      if (HasFatalFailure()) return;
    }
    EXPECT_EQ(event, out.events.size());
    EXPECT_EQ(failure, out.bad.size());
    events += event;
    bad += failure;
  }
  EXPECT_GT(events, 300u);
  EXPECT_GT(bad, 300u);
}

TEST(FastPaths, AJsonTextIsFoundAtAnyLengthWithAnEscapeAtAnyPlace) {
  for (std::size_t size = 0; size <= 80; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      const std::string front(at, 'x'), back(size - at, 'y');
      const std::string record = R"({"t":1,"s":")" + front + (at == size ? "" : R"(\")") + back + "\"}";
      const std::string shown = front + (at == size ? "" : "\"") + back;
      const Lines expected{"row t=1970-01-01T00:00:01.000000Z s=" + shown};
      ASSERT_EQ(decoded(Format::kNdjson, {&kRow}, record), expected);
      ASSERT_EQ(decoded(Format::kNdjson, {&kRow}, record.substr(0, record.size() - 2 - back.size())),
                Lines{"undecodable record 1 at 0: a text does not end"});
    }
  }
}

// The first record teaches; then a comma, a colon or the bracket is missing where everything else is as before.
TEST(FastPaths, WhatWasLearnedForgivesNothing) {
  const std::string good = R"({"t":1,"s":"x"})";
  for (const char* bad : {R"({"t":1"s":"x"})", R"({,"t":1})", R"({"t":1,"s":"x")", R"({"t":1,})", R"({"t":1,"s""x"})",
                          R"({"\u0061":2"t":1})", R"({"\u0061":2,"t":1"s":"x"})", R"({"t" 1})"}) {
    const Lines found = decoded(Format::kNdjson, {&kRow}, good + "\n" + good + "\n" + bad + "\n" + good);
    ASSERT_EQ(found.size(), 4u) << bad;
    EXPECT_EQ(found[3].substr(0, 20), "undecodable record 3") << bad;
  }
  EXPECT_EQ(decoded(Format::kNdjson, {&kRow},
                    R"({"\u0061":2,"t":1,"s":"x"})"
                    "\n"
                    R"({,"t":1})")
                .size(),
            2u);
}

TEST(FastPaths, JsonNumbersAreThoseOfTheCLibrary) {
  Draw draw(12);
  for (int round = 0; round < 50'000; ++round) {
    std::string number = std::string(draw.rarely() ? "-" : "") + std::to_string(draw.below(10)) + draw.text("0123456789", 20);
    const bool whole = draw.below(3) == 0;
    if (!whole) number += "." + draw.text("0123456789", 18) + std::to_string(draw.below(10));
    const std::size_t sign = number[0] == '-' ? 1 : 0;
    if (number[sign] == '0' && number.size() > sign + 1 && number[sign + 1] != '.') continue;
    const RawBatch raw = batch_of(R"({"t":1,"f":)" + number + (whole ? R"(,"i":)" + number : "") + "}");
    EventBatch out;
    decoder_of(Format::kNdjson, {&kRow})->decode(raw, out);
    if (out.events.empty()) {  // A whole number that does not fit.
      ASSERT_GT(std::abs(std::strtod(number.c_str(), nullptr)), 9e18) << number;
      continue;
    }
    ASSERT_EQ(out.events[0]->slot(3).f, std::strtod(number.c_str(), nullptr)) << number;
    if (whole) { ASSERT_EQ(out.events[0]->slot(2).i, std::strtoll(number.c_str(), nullptr, 10)) << number; }
  }
}

// A column that nobody reads holds _x_ or, as long, "x": with the quotes the line is read field by field.
TEST(FastPaths, APlainCsvLineIsTheSameFieldByField) {
  StreamSchema other = kRow;
  other.id = 1;
  other.name = "other_row";
  other.fields[1].optional = false;
  StreamSchema filtered = kRow;
  filtered.id = 2;
  filtered.name = "filtered";
  filtered.when = {{"s", {"a", "bc"}}};
  Draw draw(13);
  std::size_t events = 0, bad = 0;
  for (int round = 0; round < 600; ++round) {
    DecoderOptions options;
    options.header = false;
    options.columns = {"nobody", "t", "s", "i", "f", "b"};
    if (draw.below(2) == 0) options.columns.push_back("n.s");
    if (draw.below(2) == 0) options.stream_field = "name";
    if (draw.below(4) != 0)
      options.columns.insert(options.columns.begin() + static_cast<std::ptrdiff_t>(draw.below(options.columns.size())), "name");
    if (draw.rarely()) options.max_record_bytes = 30;
    std::vector<const StreamSchema*> schemas{&kRow};
    if (draw.below(2) == 0) schemas.push_back(&other);
    if (draw.below(3) == 0) schemas.push_back(&filtered);
    const char* const line_end = draw.one_of({"\n", "\r\n"});
    std::string plain, quoted;
    for (int i = 0; i < 40; ++i) {
      for (std::size_t column = 0; column < options.columns.size(); ++column) {
        const std::string& name = options.columns[column];
        std::string text;
        if (name == "t") text = draw.rarely() ? draw.text("0123456789.-", 20) : std::to_string(draw.below(2'000'000'000));
        if (name == "s" || name == "n.s") text = draw.text("abc", 3);
        if (name == "i") text = draw.text(draw.rarely() ? "0123456789-x" : "0123456789", 20);
        if (name == "f") text = draw.text("0123456789", 9) + (draw.below(2) == 0 ? "." + draw.text("0123456789", 9) : "");
        if (name == "b") text = draw.one_of({"true", "false", "1", "", "yes"});
        if (name == "name") text = draw.rarely() ? "nowhere" : draw.one_of({"row", "other_row", "filtered", ""});
        if (name != "nobody" && draw.rarely()) text.clear();
        const std::string_view between = column + 1 == options.columns.size() ? line_end : draw.rarely() && draw.rarely() ? ",," : ",";
        plain.append(name == "nobody" ? "_x_" : text).append(between);
        quoted.append(name == "nobody" ? "\"x\"" : text).append(between);
      }
      if (draw.rarely()) plain += line_end, quoted += line_end;
    }
    if (draw.below(2) == 0) plain.pop_back(), quoted.pop_back();
    const auto shown = [&](const RawBatch& raw) {
      EventBatch out;
      decoder_of(Format::kCsv, schemas, options)->decode(raw, out);
      Lines lines = described(out, schemas);
      for (const EventBatch::Origin& origin : out.origins)
        lines.push_back(fmt::format("{} {} {}", origin.begin, origin.end, origin.record));
      events += out.events.size();
      bad += out.bad.size();
      return lines;
    };
    const Lines expected = shown(batch_of(quoted));
    ASSERT_EQ(shown(batch_of(plain)), expected) << plain;
    ASSERT_EQ(shown(cramped_batch_of(plain)), expected) << plain;
  }
  EXPECT_GT(events, 5'000u);
  EXPECT_GT(bad, 5'000u);
}

}  // namespace
}  // namespace sequitur::testing
