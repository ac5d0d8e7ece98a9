#include "adapters/formats/json_lexer.hpp"

#include "adapters/formats/byte_search.hpp"
#include "event/characters.hpp"
#include "event/number_text.hpp"

namespace sequitur {
namespace {

bool is_hex(char c) { return is_digit(c) || static_cast<unsigned char>((c | 0x20) - 'a') < 6; }

}  // namespace

bool JsonLexer::read_into(RawValue& value, int depth) {
  if (p_ == end_) return fail("a value is missing");
  switch (*p_) {
    case '"': {
      std::string_view text;
      bool escaped = false;
      if (!read_text(text, escaped)) return false;
      value.set(escaped ? RawValue::Kind::kEscaped : RawValue::Kind::kText, text.data(), text.size());
      return true;
    }
    case 't':
      value.set(RawValue::Kind::kBool, p_, 4);
      value.i = 1;
      return read_word("true");
    case 'f':
      value.set(RawValue::Kind::kBool, p_, 5);
      value.i = 0;
      return read_word("false");
    case 'n': value.set(RawValue::Kind::kMissing, p_, 4); return read_word("null");
    case '{':
    case '[': {
      const char* const begin = p_;
      if (!skip_value(depth)) return false;
      value.set(RawValue::Kind::kNested, begin, static_cast<std::size_t>(p_ - begin));
      return true;
    }
    default: return read_number(value);
  }
}

bool JsonLexer::skip_value(int depth) {
  if (p_ == end_) return fail("a value is missing");
  switch (*p_) {
    case '"': {
      std::string_view text;
      bool escaped = false;
      return read_text(text, escaped);
    }
    case 't': return read_word("true");
    case 'f': return read_word("false");
    case 'n': return read_word("null");
    case '{': ++p_; return skip_object(depth + 1);
    case '[': ++p_; return skip_array(depth + 1);
    default: {
      RawValue ignored;
      return read_number(ignored);
    }
  }
}

bool JsonLexer::skip_object(int depth) {
  if (depth > kMaxDepth) return fail("nested too deep");
  skip_spaces();
  if (at('}')) {
    ++p_;
    return true;
  }
  while (true) {
    if (!at('"')) return fail("expected a name in quotes");
    std::string_view key;
    bool escaped = false;
    if (!read_text(key, escaped)) return false;
    skip_spaces();
    if (!at(':')) return fail("expected a colon behind a name");
    ++p_;
    skip_spaces();
    if (!skip_value(depth)) return false;
    skip_spaces();
    if (at('}')) {
      ++p_;
      return true;
    }
    if (!at(',')) return fail("expected a comma or the end of the object");
    ++p_;
    skip_spaces();
  }
}

bool JsonLexer::skip_array(int depth) {
  if (depth > kMaxDepth) return fail("nested too deep");
  skip_spaces();
  if (at(']')) {
    ++p_;
    return true;
  }
  while (true) {
    if (!skip_value(depth)) return false;
    skip_spaces();
    if (at(']')) {
      ++p_;
      return true;
    }
    if (!at(',')) return fail("expected a comma or the end of the list");
    ++p_;
    skip_spaces();
  }
}

bool JsonLexer::read_text(std::string_view& text, bool& escaped) {
  const char* const begin = ++p_;
  while (true) {
    p_ = find_json_special(p_, end_, readable_);
    if (p_ == end_) return fail("a text does not end");
    if (*p_ == '"') break;
    if (*p_ != '\\') return fail("a control character in a text");
    if (!check_escape()) return false;
    escaped = true;
  }
  text = {begin, static_cast<std::size_t>(p_ - begin)};
  ++p_;
  return true;
}

// p_ stands on the backslash; afterwards behind the escape.
bool JsonLexer::check_escape() {
  ++p_;
  if (p_ == end_) return fail("a text does not end");
  switch (*p_++) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return true;
    case 'u':
      if (end_ - p_ < 4 || !is_hex(p_[0]) || !is_hex(p_[1]) || !is_hex(p_[2]) || !is_hex(p_[3])) return fail("a bad \\u escape in a text");
      p_ += 4;
      return true;
    default: return fail("a bad escape in a text");
  }
}

bool JsonLexer::read_number(RawValue& value) {
  const char* const begin = p_;
  const bool negative = at('-');
  if (negative) ++p_;
  if (p_ == end_ || !is_digit(*p_)) return fail("expected a value");
  const char* const digits_begin = p_;
  std::uint64_t mantissa = 0;
  for (; p_ != end_ && is_digit(*p_); ++p_) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p_ - '0');
  auto digits = p_ - digits_begin;
  if (digits > 1 && *digits_begin == '0') return fail("a number begins with a zero");
  bool integer = true;
  bool exponent = false;
  int fraction = 0;
  if (at('.')) {
    integer = false;
    const char* const point = p_++;
    for (; p_ != end_ && is_digit(*p_); ++p_) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p_ - '0');
    fraction = static_cast<int>(p_ - point) - 1;
    if (fraction == 0) return fail("a number ends with a point");
    digits += fraction;
  }
  if (p_ != end_ && (*p_ | 0x20) == 'e') {
    integer = false;
    exponent = true;
    ++p_;
    if (at('+') || at('-')) ++p_;
    if (p_ == end_ || !is_digit(*p_)) return fail("a number with an empty exponent");
    while (p_ != end_ && is_digit(*p_)) ++p_;
  }
  value.set(RawValue::Kind::kNumber, begin, static_cast<std::size_t>(p_ - begin));
  if (integer) {
    if (digits <= 18) {
      value.i = negative ? -static_cast<std::int64_t>(mantissa) : static_cast<std::int64_t>(mantissa);
      value.kind = RawValue::Kind::kInt;
      return true;
    }
    if (parse_int(value.text(), value.i)) {
      value.kind = RawValue::Kind::kInt;
      return true;
    }
  }
  if ((!exponent && digits <= 18 && exact_float(mantissa, -fraction, negative, value.f)) || parse_float(value.text(), value.f))
    value.kind = RawValue::Kind::kFloat;
  return true;
}

bool JsonLexer::read_word(std::string_view word) {
  if (static_cast<std::size_t>(end_ - p_) < word.size() || std::string_view(p_, word.size()) != word) return fail("expected a value");
  p_ += word.size();
  return true;
}

}  // namespace sequitur
