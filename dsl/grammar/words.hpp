// The words that begin something: where a parse can take up again after an error.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace sequitur::dsl::grammar {

inline constexpr std::array<std::string_view, 23> kClauseWords{
    "first", "latest", "then",     "next",  "each", "no",   "hold",     "key",    "within", "cancel",  "emit", "message",
    "on",    "limit",  "severity", "score", "tags", "meta", "disabled", "window", "over",   "trigger", "when"};
inline constexpr std::array<std::string_view, 9> kItemWords{"import", "stream", "let",   "table", "schedule",
                                                            "rule",   "tune",   "param", "test"};

inline bool is_clause_word(std::string_view word) {
  return !word.empty() && std::find(kClauseWords.begin(), kClauseWords.end(), word) != kClauseWords.end();
}
inline bool is_item_word(std::string_view word) {
  return !word.empty() && std::find(kItemWords.begin(), kItemWords.end(), word) != kItemWords.end();
}

}  // namespace sequitur::dsl::grammar
