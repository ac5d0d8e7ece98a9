// The text operators of the language on one text and one pattern, by plain search. Many patterns on one field go through
// text_database.hpp instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dsl/checked_rule.hpp"

namespace sequitur::nfa {

constexpr unsigned char fold_byte(unsigned char byte) {
  return static_cast<unsigned char>(byte - 'A') < 26 ? static_cast<unsigned char>(byte + 32) : byte;
}
std::string folded(std::string_view text);  // ASCII letters in lower case, all other bytes as they are.

bool equal_folded(std::string_view a, std::string_view b);
// Below, at or above zero, by bytes; `fold` compares ASCII letters as lower case.
int compare_texts(std::string_view a, std::string_view b, bool fold);

// A pattern of contains, starts with, ends with or like, ready for searching. A `like` that is one of the others in disguise
// (`*abc*`) is treated as such.
class TextSearch {
 public:
  TextSearch(dsl::TextOp op, std::string_view pattern, bool fold);
  bool fits(std::string_view text) const;

  enum class Kind : std::uint8_t { kContains, kStarts, kEnds, kEquals, kWildcard };
  Kind kind() const { return kind_; }
  bool fold() const { return fold_; }
  const std::string& pattern() const { return pattern_; }  // Folded; without the outer `*` unless it is a wildcard.

 private:
  Kind kind_ = Kind::kContains;
  bool fold_ = false;
  std::string pattern_;
};

// The same for patterns that are only known at run time (never kMatches).
bool fits(dsl::TextOp op, std::string_view text, std::string_view pattern, bool fold);

// `*` any run of characters, `?` one character, over the whole text. A character is a valid UTF-8 sequence; a byte that is
// not part of one counts as a character of its own. Takes at most size of text times size of pattern steps.
bool is_like(std::string_view text, std::string_view pattern, bool fold);

}  // namespace sequitur::nfa
