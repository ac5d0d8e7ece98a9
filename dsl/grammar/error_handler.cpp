#include "dsl/grammar/error_handler.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "dsl/grammar/scan.hpp"
#include "dsl/grammar/words.hpp"

namespace sequitur::dsl::grammar {

namespace {

struct Hint {
  std::string_view token, code, help;
};

// What people write who know another language.
constexpr std::array<Hint, 37> kHints{{
    {"=", "E011", "write `==` to compare"},
    {"===", "E011", "write `==` to compare"},
    {"=~", "E011", "write `matches /../` for a regular expression"},
    {"!~", "E011", "write `not matches /../` for a regular expression"},
    {":=", "E011", "write `==` to compare"},
    {"<>", "E013", "write `!=`"},
    {"=>", "E013", "write `>=` to compare"},
    {"&&", "E013", "write `and`"},
    {"&", "E013", "write `and`"},
    {"||", "E013", "write `or`; streams are separated by one `|`"},
    {"!", "E013", "write `not`"},
    {"AND", "E013", "write `and`"},
    {"OR", "E013", "write `or`"},
    {"NOT", "E013", "write `not`"},
    {"IN", "E013", "write `in`"},
    {"LIKE", "E013", "write `like`"},
    {"is", "E013", "write `==` to compare, `exists field` to ask whether it is there"},
    {"equals", "E013", "write `==`"},
    {"between", "E013", "write `in 1..5`, both ends included"},
    {"regex", "E013", "write `matches /../`"},
    {"contains_any", "E013", "write `contains [\"a\", \"b\"]`"},
    {"startswith", "E013", "write `starts with`"},
    {"endswith", "E013", "write `ends with`"},
    {"followed", "E029", "the next step is a line of its own: `then NAME: STREAM where ..`"},
    {"->", "E029", "the next step is a line of its own: `then NAME: STREAM where ..`"},
    {"FOLLOWED", "E029", "the next step is a line of its own: `then NAME: STREAM where ..`"},
    {"WHERE", "E013", "write `where`"},
    {"if", "E029", "the condition of a step stands behind `where`"},
    {"as", "E029", "the name stands before the stream: `NAME: STREAM`"},
    {";", "E035", "nothing ends with `;` here: leave it out"},
    {"//", "E033", "comments begin with `#`"},
    {"/*", "E033", "comments begin with `#` and end with the line"},
    {"++", "E013", "numbers are added with one `+`"},
    {"**", "E013", "write `pow(a, b)`"},
    {"::", "E002", "one `:` stands between a name and what it names"},
    {"^", "E013", "write `pow(a, b)`"},
    {"$", "E002", "names and parameters have no `$`"},
}};

const Hint* find_hint(std::string_view token) {
  auto it = std::find_if(kHints.begin(), kHints.end(), [&](const Hint& hint) { return hint.token == token; });
  return it == kHints.end() ? nullptr : &*it;
}

// A word on the same line before `where` says that a condition stands here.
bool stands_in_condition(const State& state, Iterator where) {
  Iterator line = where;
  while (line != state.begin && line[-1] != '\n') --line;
  for (Iterator p = line; p < where;) {
    const std::string_view word = peek_word(p, where);
    if (word == "where" || word == "except" || word == "until" || word == "when" || word == "and" || word == "or" || word == "not")
      return true;
    p += std::max<std::size_t>(word.size(), 1);
  }
  return false;
}

const Hint* applicable_hint(const State& state, std::string_view token, Iterator where) {
  const Hint* hint = find_hint(token);
  return hint && token == "=" && !stands_in_condition(state, where) ? nullptr : hint;
}

bool is_comparison(std::string_view token) {
  constexpr std::array<std::string_view, 6> kSigns{"==", "!=", "<", "<=", ">", ">="};
  return std::find(kSigns.begin(), kSigns.end(), token) != kSigns.end();
}

bool line_break_between(Iterator from, Iterator to) { return std::find(from, to, '\n') != to; }

// The token that stands where another was expected, and where to point.
struct Found {
  std::string_view token;
  std::string name;  // For people.
  Span span;
};

bool starts_something_else(const State& state, Iterator token, Iterator last) {
  return *token == '}' || (state.first_on_line(token) && (is_clause_word(peek_word(token, last)) || is_item_word(peek_word(token, last))));
}

Found find_token(State& state, Iterator where, Iterator last) {
  const Iterator before = state.end_of_token_before(where);
  const Iterator token = state.skipped(where, last);
  if (token == last && last == state.end) return {{}, "the end of the file", state.place(before, before)};
  if (token == last || (line_break_between(before, token) && starts_something_else(state, token, last))) {
    return {{}, "the end of the line", state.place(before, before)};
  }
  std::string_view text = peek_token(token, last);
  return {text, "`" + std::string(text) + "`", state.place(token, token + text.size())};
}

bool asks_for_name(const std::string& what) {
  return what.starts_with("a name") || what.starts_with("a stream") || what == "a field" || what == "a step";
}

constexpr std::string_view kForeignCharacter = "a name with such a character stands in backticks, text in quotes";

bool is_foreign(std::string_view token) { return !token.empty() && static_cast<signed char>(token.front()) < 0; }

std::string help_for(const std::string& what, const Found& found, const Hint* hint) {
  if (hint) return std::string(hint->help);
  if (found.token.empty()) return "";
  if (what.find("a duration") != std::string::npos && is_digit(found.token.front())) { return "a duration has a unit: us ms s m h d or w"; }
  if (what.find("text in quotes") != std::string::npos && is_name_char(found.token.front())) {
    return "write \"" + std::string(found.token) + "\"";
  }
  if (found.token == "'" || found.token == "\"") return "the text is not closed";
  if (asks_for_name(what) && is_digit(found.token.front())) return "a name begins with a letter; any text is a name in backticks";
  if (is_foreign(found.token)) return std::string(kForeignCharacter);
  return "";
}

std::string code_for(const std::string& what, const Hint* hint) {
  if (hint) return std::string(hint->code);
  if (what.find("`)`") != std::string::npos || what.find("`]`") != std::string::npos || what.find("`}`") != std::string::npos)
    return "E014";
  return "E002";
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1), before;
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  std::vector<std::size_t> before_that(b.size() + 1);
  before = row;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_that[j - 2] + 1);
    }
    before_that = before;
    before = row;
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = word.size() <= 4 ? 2 : 3;  // Fewer changes than this.
  if (word.size() > 24) return best;
  for (std::string_view candidate : candidates) {
    std::size_t changes = distance(word, candidate);
    if (changes < best_distance && changes < candidate.size()) {
      best = candidate;
      best_distance = changes;
    }
  }
  return best;
}

void report_expected(State& state, Iterator where, Iterator last, const std::string& what) {
  const Found found = find_token(state, where, last);
  if (asks_for_name(what) && is_reserved(found.token)) {
    std::string word(found.token);
    state.report("E027", found.span, "`" + word + "` is a reserved word and cannot be a name here",
                 "put it in backticks: `` `" + word + "` ``");
    return;
  }
  const Hint* hint = applicable_hint(state, found.token, where);
  state.report(code_for(what, hint), found.span, "expected " + what + ", found " + found.name, help_for(what, found, hint));
}

void report_unexpected(State& state, Iterator where, Iterator last) {
  const Found found = find_token(state, where, last);
  const bool compares = stands_in_condition(state, where);
  const Hint* hint = applicable_hint(state, found.token, where);
  std::string code = hint ? std::string(hint->code) : "E001";
  std::string help = hint ? std::string(hint->help) : "";
  if (!hint && compares && is_comparison(found.token)) {
    code = "E019";
    help = "a comparison has two sides; join two of them with `and`";
  } else if (!hint && !found.token.empty() && (found.token.front() == ')' || found.token.front() == ']')) {
    code = "E014";
    help = "it closes nothing";
  } else if (!hint && found.token == "=") {
    help = "the name of a step or of a part of the key is followed by `:`";
  } else if (!hint && is_foreign(found.token)) {
    help = kForeignCharacter;
  } else if (!hint && !found.token.empty() &&
             (is_name_char(found.token.front()) || found.token.front() == '"' || found.token.front() == '\'')) {
    help = "is something missing before it, such as `:`, `where`, `and` or a comma?";
  }
  state.report(std::move(code), found.span, "unexpected " + found.name, std::move(help));
}

}  // namespace sequitur::dsl::grammar
