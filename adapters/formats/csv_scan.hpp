// CSV as of RFC 4180: what separates fields and records, and what quotes hide.
//
// A quote counts only where a field begins; elsewhere it is a character like others (5" pipe). Inside quotes a doubled quote
// is one quote, and delimiters and line ends are text. The idea: one vector pass finds every delimiter, line end and quote;
// the walk over those places decides what they mean; and where they are as many delimiters as there should be and a line end,
// nothing is left to decide. So the cost is a fraction of a nanosecond a byte and a few nanoseconds a field.
// tests/unit/adapters/csv_test.cpp compares with a parser that goes byte by byte.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <string_view>
#include <vector>

#include "adapters/formats/byte_search.hpp"

namespace sequitur {

// The places of delimiters, line ends and quotes, one after the other.
class CsvPlaces {
 public:
  // `readable`: so many bytes from text.data() may be read, at least text.size().
  CsvPlaces(std::string_view text, std::size_t readable, char delimiter)
      : text_(text), readable_(readable), delimiter_(delimiter), places_(std::min(kWindow, text.size()) + 8) {}

  // Goes on at `begin`, wherever that is.
  void restart(std::size_t begin) {
    window_end_ = begin;
    at_ = count_ = 0;
  }

  // The next `count` places, counted from window(), and before them the latest that was passed; null if they are not all found.
  const std::uint32_t* peek(std::size_t count) const { return count_ - at_ < count || at_ == 0 ? nullptr : places_.data() + at_; }
  void pass(std::size_t count) { at_ += count; }
  std::size_t window() const { return window_begin_; }

  // The next place; text.size() when there is none.
  std::size_t next() {
    while (at_ == count_) {
      if (window_end_ == text_.size()) return text_.size();
      fill();
    }
    return window_begin_ + places_[at_++];
  }

 private:
  static constexpr std::size_t kWindow = 16 * 1024;

  void fill() {
    window_begin_ = window_end_;
    const std::size_t size = std::min(kWindow, text_.size() - window_begin_);
    count_ = find_places(text_.data() + window_begin_, size, readable_ - window_begin_, delimiter_, '\n', '"', places_.data());
    window_end_ = window_begin_ + size;
    at_ = 0;
  }

  std::string_view text_;
  std::size_t readable_;
  char delimiter_;
  std::vector<std::uint32_t> places_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  std::size_t window_begin_ = 0;
  std::size_t window_end_ = 0;
};

// The fields of one CSV text, record by record.
class CsvScanner {
 public:
  enum class Problem : std::uint8_t { kNone, kBehindQuote, kOpenQuote };

  struct Field {
    std::size_t begin = 0;  // Without the quotes.
    std::size_t end = 0;
    bool quoted = false;
    bool doubled = false;              // Quotes inside are doubled.
    bool last = false;                 // The last of its record.
    bool terminated = true;            // False: the text ended before the field's delimiter or line end.
    std::size_t next = 0;              // Where the next field or record begins.
    Problem problem = Problem::kNone;  // The field is then the last one, and goes to the end of the line or of the text.
  };

  CsvScanner(std::string_view text, std::size_t readable, char delimiter)
      : text_(text), delimiter_(delimiter), places_(text, readable, delimiter) {}

  // The field that begins at `begin`, which is 0 or Field::next of the field before.
  [[gnu::always_inline]] Field read(std::size_t begin) {
    if (begin < text_.size() && text_[begin] == '"') return read_quoted(begin);
    std::size_t place = places_.next();
    while (place < text_.size() && text_[place] == '"') place = places_.next();
    Field field;
    field.begin = begin;
    field.end = place;
    close(field, place);
    if (field.last && field.end > begin && text_[field.end - 1] == '\r') --field.end;
    return field;
  }

  // The line that comes next, if it has `columns` fields and no quote in it. Most have; a caller reads the others field by field.
  class PlainLine {
   public:
    explicit operator bool() const { return ends_ != nullptr; }
    const char* begin() const { return begin_of(0); }
    const char* end() const { return end_; }  // The line end, LF or CRLF.
    std::string_view field(std::size_t index) const {
      const char* const from = begin_of(index);
      return {from, static_cast<std::size_t>((index == last_ ? end_ : window_ + ends_[index]) - from)};
    }

   private:
    friend CsvScanner;
    const char* begin_of(std::size_t field) const { return window_ + ends_[static_cast<std::ptrdiff_t>(field) - 1] + 1; }

    const char* window_ = nullptr;
    const std::uint32_t* ends_ = nullptr;  // Of each field its delimiter or LF, and before them the LF of the record before.
    std::size_t last_ = 0;
    const char* end_ = nullptr;
  };
  // It begins at `begin`, behind the field or line that was read last.
  PlainLine plain_line(std::size_t begin, std::size_t columns) const {
    PlainLine line;
    const std::uint32_t* const ends = columns != 0 ? places_.peek(columns) : nullptr;
    if (ends == nullptr) return line;
    line.window_ = text_.data() + places_.window();
    line.last_ = columns - 1;
    line.end_ = line.window_ + ends[line.last_];
    if (*line.end_ != '\n') return line;
    for (std::size_t i = 0; i < line.last_; ++i)
      if (line.window_[ends[i]] != delimiter_) return line;
    line.ends_ = ends;
    assert(line.begin() == text_.data() + begin);
    (void)begin;
    if (line.end_ != line.begin() && line.end_[-1] == '\r') --line.end_;
    return line;
  }
  // Goes on behind it; gives where.
  std::size_t pass(const PlainLine& line) {
    places_.pass(line.last_ + 1);
    return static_cast<std::size_t>(line.window_ + line.ends_[line.last_] + 1 - text_.data());
  }

  struct RecordEnd {
    std::size_t at = 0;  // Behind its line end; npos if the text ends before.
    bool too_long = false;
  };
  // Where the record that began at `begin` ends. `last` is its last field.
  // A record of more than `limit` bytes (its line end not counted) ends at the first line end at or behind its limit'th byte,
  // whatever quotes say: so a quote that is never closed does not swallow the rest of the input. The scanner goes on there.
  RecordEnd end_of_record(std::size_t begin, const Field& last, std::size_t limit) {
    std::size_t content = last.next;
    if (last.terminated) --content;
    if (last.terminated && content > begin && text_[content - 1] == '\r') --content;
    if (content - begin <= limit) return {last.terminated ? last.next : std::string_view::npos, false};
    const std::size_t newline = text_.find('\n', begin + limit);
    if (newline == std::string_view::npos) return {newline, true};
    places_.restart(newline + 1);
    return {newline + 1, true};
  }

 private:
  void close(Field& field, std::size_t place) const {
    field.terminated = place < text_.size();
    field.last = !field.terminated || text_[place] == '\n';
    field.next = field.terminated ? place + 1 : place;
  }

  [[gnu::noinline]] Field read_quoted(std::size_t begin) {
    Field field;
    field.quoted = true;
    field.begin = begin + 1;
    places_.next();  // The opening quote.
    std::size_t place = places_.next();
    while (true) {
      while (place < text_.size() && text_[place] != '"') place = places_.next();
      if (place == text_.size()) {
        field.end = place;
        field.problem = Problem::kOpenQuote;
        close(field, place);
        return field;
      }
      if (place + 1 >= text_.size() || text_[place + 1] != '"') break;
      field.doubled = true;
      places_.next();
      place = places_.next();
    }
    field.end = place;
    std::size_t behind = place + 1;
    if (behind < text_.size() && text_[behind] == '\r' && (behind + 1 == text_.size() || text_[behind + 1] == '\n')) ++behind;
    place = places_.next();
    if (place != behind) {
      field.problem = Problem::kBehindQuote;
      while (place < text_.size() && text_[place] != '\n') place = places_.next();
    }
    close(field, place);
    return field;
  }

  std::string_view text_;
  char delimiter_;
  CsvPlaces places_;
};

// The complete records that `text` begins with.
struct CsvCut {
  std::size_t end = 0;  // Behind the last one's line end.
  std::uint64_t records = 0;
};
CsvCut cut_csv_records(std::string_view text, char delimiter, std::size_t max_record_bytes);

// Where the first record of `text` ends (behind its line end), 0 if it is not complete.
std::size_t end_of_csv_record(std::string_view text, char delimiter);

// The names in a header line, or the fields of any single record.
std::vector<std::string> split_csv_record(std::string_view line, char delimiter);

}  // namespace sequitur
