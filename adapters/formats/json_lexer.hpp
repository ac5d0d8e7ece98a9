// JSON values one by one, strictly (RFC 8259): what JsonReader and lists are read with. That the bytes are UTF-8 is checked by
// the caller. Texts without escapes stay where they are.
//
// Every function is given the place where it begins and gives the place behind what it read, or null if something is wrong:
// problem() says what. So the place stays in a register, and what nearly all values are (texts without escapes, numbers of a
// few digits) is read inline; the rest is in the .cpp.
//
// A text must be *sealed*: the byte behind it is a line end or a zero, and kReadAhead bytes behind it may be read. No token has
// a line end, so nothing need ask before each byte whether the text ends there. What was read as one value of a sealed text is
// as good: its brackets end it.
#pragma once

#include <string_view>

#include "adapters/formats/byte_search.hpp"
#include "adapters/formats/record_builder.hpp"
#include "event/characters.hpp"
#include "event/number_text.hpp"

namespace sequitur {

class JsonLexer {
 public:
  std::string_view problem() const { return problem_; }

 protected:
  static constexpr int kMaxDepth = 1000;

  // Reading begins with `text`; gives its first byte.
  const char* begin(std::string_view text) {
    end_ = text.data() + text.size();
    return text.data();
  }
  // p stands behind an object that should be all of the text.
  bool ends(const char* p) {
    if (p == end_ || skip_more_spaces(p) == end_) return true;
    fail("something stands behind the JSON object");
    return false;
  }

  [[gnu::cold]] const char* fail(const char* problem) {
    problem_ = problem;
    return nullptr;
  }
  const char* skip_spaces(const char* p) const { return static_cast<unsigned char>(*p) > ' ' ? p : skip_more_spaces(p); }

  // p stands behind the opening bracket.
  const char* skip_object(const char* p, int depth);
  const char* skip_array(const char* p, int depth);
  const char* skip_value(const char* p, int depth);

  // p stands on the first byte of a value. Objects and lists are kNested, with their text.
  [[gnu::always_inline]] const char* read_into(const char* p, RawValue& value, int depth) {
    if (*p == '"') {
      std::string_view text;
      bool escaped = false;
      p = read_text(p, text, escaped);
      if (p != nullptr) value.set(escaped ? RawValue::Kind::kEscaped : RawValue::Kind::kText, text.data(), text.size());
      return p;
    }
    if (static_cast<unsigned char>(*p) > '9') return read_word_or_nested(p, value, depth);
    const char* const behind = read_short_number(p, value);
    return behind != nullptr ? behind : read_number(p, value);
  }

  // p stands on the opening quote. The text without quotes, escapes checked but not resolved.
  [[gnu::always_inline]] const char* read_text(const char* p, std::string_view& text, bool& escaped) {
    const char* const begin = ++p;
    p = find_json_special(p);
    if (*p != '"') {
      p = find_end_of_text(p);
      if (p == nullptr) return nullptr;
      escaped = true;
    }
    text = {begin, static_cast<std::size_t>(p - begin)};
    return p + 1;
  }

  const char* read_word(const char* p, std::string_view word) {
    if (static_cast<std::size_t>(end_ - p) < word.size() || std::string_view(p, word.size()) != word) return fail("expected a value");
    return p + word.size();
  }

 private:
  // Digits, with at most 18 of them in front of and 15 behind a point; a minus before. Null for everything else that a value may
  // begin with. Reads 42 bytes at most.
  [[gnu::always_inline]] static const char* read_short_number(const char* const begin, RawValue& value) {
    const bool negative = *begin == '-';
    const char* const first = begin + (negative ? 1 : 0);
    std::uint64_t mantissa = 0;
    const char* p = read_digits(first, 3, mantissa);
    if (p == nullptr || p - first > 18 || (*first == '0' && p - first > 1)) return nullptr;
    if (*p == '.') {
      const char* const point = p;
      p = read_digits(point + 1, 2, mantissa);
      if (p == nullptr || p - point > 16 || p - first > 19 || (*p | 0x20) == 'e') return nullptr;
      const auto fraction = static_cast<std::size_t>(p - point - 1);
      if (!exact_float(mantissa, fraction, negative, value.f)) return nullptr;
      value.set(RawValue::Kind::kFloat, begin, static_cast<std::size_t>(p - begin));
      return p;
    }
    if ((*p | 0x20) == 'e') return nullptr;
    value.i = negative ? -static_cast<std::int64_t>(mantissa) : static_cast<std::int64_t>(mantissa);
    value.set(RawValue::Kind::kInt, begin, static_cast<std::size_t>(p - begin));
    return p;
  }
  const char* skip_more_spaces(const char* p) const;
  const char* read_word_or_nested(const char* p, RawValue& value, int depth);
  const char* read_number(const char* p, RawValue& value);
  // p stands on the first byte of a text that is no plain one. Gives the closing quote.
  const char* find_end_of_text(const char* p);
  const char* check_escape(const char* p);

 protected:
  const char* end_ = nullptr;

 private:
  const char* problem_ = "";
};

// So many bytes behind a sealed text may be read.
inline constexpr std::size_t kReadAhead = 48;

// The same text, in the arena and sealed.
std::string_view copy_sealed(std::string_view text, Arena& arena);

}  // namespace sequitur
