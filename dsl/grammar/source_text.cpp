#include "dsl/grammar/source_text.hpp"

#include <string>

#include "dsl/limits.hpp"

namespace sequitur::dsl::grammar {

namespace {

// The length of the UTF-8 character at `p`; 0 if there is none. RFC 3629: no overlong forms, no surrogates.
std::size_t character_length(const unsigned char* p, const unsigned char* end) {
  auto follows = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xBF) {
    return p + i < end && p[i] >= low && p[i] <= high;
  };
  const unsigned char c = *p;
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return follows(1) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF) {
    const unsigned char low = c == 0xE0 ? 0xA0 : 0x80, high = c == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (c >= 0xF0 && c <= 0xF4) {
    const unsigned char low = c == 0xF0 ? 0x90 : 0x80, high = c == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

// Control characters, and those that turn the direction of writing: what is shown would not be what is read.
bool is_control(std::string_view character) {
  const unsigned char c = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7F;
  if (character.size() == 2) return c == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
  return (character >= "\u202A" && character <= "\u202E") || (character >= "\u2066" && character <= "\u2069");
}

}  // namespace

bool check_source(std::string_view text, std::uint32_t file_index, std::vector<Diagnostic>& diagnostics) {
  auto report = [&](std::string code, std::size_t from, std::size_t to, std::string message, std::string help) {
    Span span{file_index, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)};
    diagnostics.push_back({std::move(code), Severity::kError, span, std::move(message), "", std::move(help)});
    return false;
  };
  if (text.size() > kMaxFileBytes) {
    return report("E021", 0, 0, "this file has more than " + std::to_string(kMaxFileBytes >> 20) + " MiB",
                  "divide it: all files of one call see each other");
  }
  const unsigned char* begin = reinterpret_cast<const unsigned char*>(text.data());
  const unsigned char* end = begin + text.size();
  for (const unsigned char* p = begin; p != end;) {
    const std::size_t at = static_cast<std::size_t>(p - begin);
    const std::size_t length = character_length(p, end);
    if (length == 0) return report("E026", at, at + 1, "this file is not UTF-8", "convert it, for instance with `iconv -t utf-8`");
    if (is_control(text.substr(at, length))) {
      return report("E026", at, at + length, "this file has a control character",
                    "in a text such a character is written `\\u0007` or `\\u{202E}`");
    }
    p += length;
  }
  return true;
}

bool blank_line_before(const State& state, Iterator position) {
  Iterator p = position;
  for (auto comment = state.comments.rbegin(); comment != state.comments.rend() && comment->own_line; ++comment) {
    Iterator q = state.at(comment->span.end);
    while (q != p && (*q == ' ' || *q == '\t' || *q == '\r' || *q == '\n')) ++q;
    if (q != p) break;
    p = state.at(comment->span.begin);
  }
  int lines = 0;
  for (; p != state.begin && (p[-1] == ' ' || p[-1] == '\t' || p[-1] == '\r' || p[-1] == '\n'); --p) lines += p[-1] == '\n';
  return lines > 1;
}

}  // namespace sequitur::dsl::grammar
