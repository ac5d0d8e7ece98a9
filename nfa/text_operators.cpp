#include "nfa/text_operators.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace sequitur::nfa {
namespace {

constexpr std::array<unsigned char, 256> kFolded = [] {
  std::array<unsigned char, 256> table{};
  for (unsigned i = 0; i < 256; ++i) table[i] = fold_byte(static_cast<unsigned char>(i));
  return table;
}();

unsigned char folded_byte(char byte) { return kFolded[static_cast<unsigned char>(byte)]; }

bool contains_exactly(std::string_view text, std::string_view needle) {
  return needle.empty() || (needle.size() <= text.size() && ::memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr);
}

// Folding the whole text first keeps the search linear, whatever the text repeats.
bool contains_folded(std::string_view text, std::string_view folded_needle) {
  if (folded_needle.size() > text.size()) return false;
  constexpr std::size_t kSmall = 512;
  if (text.size() <= kSmall) {
    char buffer[kSmall];
    for (std::size_t i = 0; i < text.size(); ++i) buffer[i] = static_cast<char>(fold_byte(static_cast<unsigned char>(text[i])));
    return contains_exactly({buffer, text.size()}, folded_needle);
  }
  thread_local std::string buffer;
  buffer.resize(text.size());
  std::transform(text.begin(), text.end(), buffer.begin(),
                 [](char c) { return static_cast<char>(fold_byte(static_cast<unsigned char>(c))); });
  return contains_exactly(buffer, folded_needle);
}

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Bytes of the character at `at`: the length of the valid UTF-8 sequence there, else 1.
std::size_t character_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : static_cast<unsigned char>(0);
  };
  const unsigned char lead = byte(0);
  if (lead < 0xC2 || lead > 0xF4) return 1;
  if (!is_continuation(byte(1))) return 1;
  if (lead < 0xE0) return 2;
  if (!is_continuation(byte(2))) return 1;
  if (lead < 0xF0) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    return overlong || surrogate ? 1 : 3;
  }
  if (!is_continuation(byte(3))) return 1;
  const bool overlong = lead == 0xF0 && byte(1) < 0x90;
  const bool too_large = lead == 0xF4 && byte(1) > 0x8F;
  return overlong || too_large ? 1 : 4;
}

TextSearch::Kind kind_of(dsl::TextOp op) {
  switch (op) {
    case dsl::TextOp::kStartsWith: return TextSearch::Kind::kStarts;
    case dsl::TextOp::kEndsWith: return TextSearch::Kind::kEnds;
    case dsl::TextOp::kLike: return TextSearch::Kind::kWildcard;
    default: return TextSearch::Kind::kContains;
  }
}

bool starts(std::string_view text, std::string_view pattern, bool fold) {
  return fold ? text.size() >= pattern.size() && equal_folded(text.substr(0, pattern.size()), pattern) : text.starts_with(pattern);
}

bool ends(std::string_view text, std::string_view pattern, bool fold) {
  return fold ? text.size() >= pattern.size() && equal_folded(text.substr(text.size() - pattern.size()), pattern) : text.ends_with(pattern);
}

}  // namespace

std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(fold_byte(static_cast<unsigned char>(c)));
  return result;
}

bool equal_folded(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (folded_byte(a[i]) != folded_byte(b[i])) return false;
  return true;
}

int compare_texts(std::string_view a, std::string_view b, bool fold) {
  if (!fold) return a.compare(b);
  const std::size_t shared = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < shared; ++i) {
    const int difference = folded_byte(a[i]) - folded_byte(b[i]);
    if (difference != 0) return difference;
  }
  return a.size() < b.size() ? -1 : (a.size() > b.size() ? 1 : 0);
}

bool is_like(std::string_view text, std::string_view pattern, bool fold) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t at = 0, next = 0;             // Places in the text and in the pattern.
  std::size_t star = kNone, star_text = 0;  // Behind the latest `*`, and where the text goes on behind what it covers.
  while (at < text.size()) {
    if (next < pattern.size() && pattern[next] == '*') {
      star = ++next;
      star_text = at;
    } else if (next < pattern.size() && pattern[next] == '?') {
      at += character_length(text, at);
      ++next;
    } else if (next < pattern.size() && (fold ? folded_byte(pattern[next]) == folded_byte(text[at]) : pattern[next] == text[at])) {
      ++at;
      ++next;
    } else if (star != kNone) {
      star_text += character_length(text, star_text);  // The latest `*` covers one more character; earlier ones need not.
      at = star_text;
      next = star;
    } else {
      return false;
    }
  }
  while (next < pattern.size() && pattern[next] == '*') ++next;
  return next == pattern.size();
}

TextSearch::TextSearch(dsl::TextOp op, std::string_view pattern, bool fold) : kind_(kind_of(op)), fold_(fold) {
  if (kind_ == Kind::kWildcard && pattern.find('?') == std::string_view::npos) {
    const std::size_t first = pattern.find_first_not_of('*');
    const std::size_t last = pattern.find_last_not_of('*');
    const std::string_view inner = first == std::string_view::npos ? std::string_view{} : pattern.substr(first, last - first + 1);
    if (inner.find('*') == std::string_view::npos) {
      const bool open_front = pattern.starts_with('*');
      const bool open_back = pattern.ends_with('*');
      kind_ = open_front ? (open_back ? Kind::kContains : Kind::kEnds) : (open_back ? Kind::kStarts : Kind::kEquals);
      pattern = inner;
    }
  }
  pattern_ = fold ? folded(pattern) : std::string(pattern);
}

bool TextSearch::fits(std::string_view text) const {
  switch (kind_) {
    case Kind::kContains: return fold_ ? contains_folded(text, pattern_) : contains_exactly(text, pattern_);
    case Kind::kStarts: return starts(text, pattern_, fold_);
    case Kind::kEnds: return ends(text, pattern_, fold_);
    case Kind::kEquals: return fold_ ? equal_folded(text, pattern_) : text == pattern_;
    case Kind::kWildcard: return is_like(text, pattern_, fold_);
  }
  return false;
}

bool fits(dsl::TextOp op, std::string_view text, std::string_view pattern, bool fold) {
  switch (op) {
    case dsl::TextOp::kContains: return fold ? contains_folded(text, folded(pattern)) : contains_exactly(text, pattern);
    case dsl::TextOp::kStartsWith: return starts(text, pattern, fold);
    case dsl::TextOp::kEndsWith: return ends(text, pattern, fold);
    case dsl::TextOp::kLike: return is_like(text, pattern, fold);
    case dsl::TextOp::kMatches: break;  // The checker lets only constants be regular expressions.
  }
  return false;
}

}  // namespace sequitur::nfa
