#include "adapters/formats/json_lexer.hpp"

#include <cstring>

namespace sequitur {
namespace {

bool is_hex(char c) { return is_digit(c) || static_cast<unsigned char>((c | 0x20) - 'a') < 6; }

}  // namespace

std::string_view copy_sealed(std::string_view text, Arena& arena) {
  char* const begin = static_cast<char*>(arena.allocate(text.size() + kReadAhead));
  std::memcpy(begin, text.data(), text.size());
  std::memset(begin + text.size(), 0, kReadAhead);
  return {begin, text.size()};
}

const char* JsonLexer::skip_more_spaces(const char* p) const {
  while (p != end_ && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) ++p;
  return p;
}

const char* JsonLexer::read_word_or_nested(const char* p, RawValue& value, int depth) {
  const char* behind = nullptr;
  switch (*p) {
    case 't':
    case 'f':
      behind = read_word(p, *p == 't' ? "true" : "false");
      if (behind == nullptr) return nullptr;
      value.set(RawValue::Kind::kBool, p, static_cast<std::size_t>(behind - p));
      value.i = *p == 't' ? 1 : 0;
      return behind;
    case 'n':
      behind = read_word(p, "null");
      if (behind != nullptr) value.set(RawValue::Kind::kMissing, p, 4);
      return behind;
    case '{': behind = skip_object(p + 1, depth + 1); break;
    case '[': behind = skip_array(p + 1, depth + 1); break;
    default: return fail("expected a value");
  }
  if (behind != nullptr) value.set(RawValue::Kind::kNested, p, static_cast<std::size_t>(behind - p));
  return behind;
}

const char* JsonLexer::skip_value(const char* p, int depth) {
  RawValue ignored;
  return read_into(p, ignored, depth);
}

const char* JsonLexer::skip_object(const char* p, int depth) {
  if (depth > kMaxDepth) return fail("nested too deep");
  p = skip_spaces(p);
  if (*p == '}') return p + 1;
  while (true) {
    if (*p != '"') return fail("expected a name in quotes");
    std::string_view key;
    bool escaped = false;
    p = read_text(p, key, escaped);
    if (p == nullptr) return nullptr;
    p = skip_spaces(p);
    if (*p != ':') return fail("expected a colon behind a name");
    p = skip_value(skip_spaces(p + 1), depth);
    if (p == nullptr) return nullptr;
    p = skip_spaces(p);
    if (*p == '}') return p + 1;
    if (*p != ',') return fail("expected a comma or the end of the object");
    p = skip_spaces(p + 1);
  }
}

const char* JsonLexer::skip_array(const char* p, int depth) {
  if (depth > kMaxDepth) return fail("nested too deep");
  p = skip_spaces(p);
  if (*p == ']') return p + 1;
  while (true) {
    p = skip_value(p, depth);
    if (p == nullptr) return nullptr;
    p = skip_spaces(p);
    if (*p == ']') return p + 1;
    if (*p != ',') return fail("expected a comma or the end of the list");
    p = skip_spaces(p + 1);
  }
}

const char* JsonLexer::find_end_of_text(const char* p) {
  while (true) {
    if (p == end_) return fail("a text does not end");
    if (*p == '"') return p;
    if (*p != '\\') return fail("a control character in a text");
    p = check_escape(p);
    if (p == nullptr) return nullptr;
    p = find_json_special(p);
  }
}

// p stands on the backslash.
const char* JsonLexer::check_escape(const char* p) {
  ++p;
  if (p == end_) return fail("a text does not end");
  switch (*p++) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return p;
    case 'u':
      if (!is_hex(p[0]) || !is_hex(p[1]) || !is_hex(p[2]) || !is_hex(p[3])) return fail("a bad \\u escape in a text");
      return p + 4;
    default: return fail("a bad escape in a text");
  }
}

// Any number, byte by byte.
const char* JsonLexer::read_number(const char* const begin, RawValue& value) {
  const char* p = begin;
  if (p == end_) return fail("a value is missing");
  const auto skip_digits = [&] {
    const char* const first = p;
    while (is_digit(*p)) ++p;
    return p - first;
  };
  if (*p == '-') ++p;
  const char* const first = p;
  const auto digits = skip_digits();
  if (digits == 0) return fail("expected a value");
  if (digits > 1 && *first == '0') return fail("a number begins with a zero");
  bool integer = true;
  if (*p == '.') {
    integer = false;
    ++p;
    if (skip_digits() == 0) return fail("a number ends with a point");
  }
  if ((*p | 0x20) == 'e') {
    integer = false;
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (skip_digits() == 0) return fail("a number with an empty exponent");
  }
  value.set(RawValue::Kind::kNumber, begin, static_cast<std::size_t>(p - begin));
  if (integer && parse_int(value.text(), value.i))
    value.kind = RawValue::Kind::kInt;
  else if (parse_float(value.text(), value.f))
    value.kind = RawValue::Kind::kFloat;
  return p;
}

}  // namespace sequitur
