#include "dsl/grammar/recovery.hpp"

#include <algorithm>

#include "dsl/grammar/scan.hpp"
#include "dsl/grammar/words.hpp"

namespace sequitur::dsl::grammar {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

Iterator find_on_line(Iterator from, Iterator end, char c) {
  Iterator p = std::find_if(from, end, [c](char x) { return x == c || x == '\n'; });
  return p != end && *p == c ? p : end;
}

// A slash that begins a regex: behind a sign or a word that wants one, and closed on its line.
bool begins_regex(const State& state, Iterator slash) {
  Iterator p = slash;
  while (p != state.begin && (p[-1] == ' ' || p[-1] == '\t')) --p;
  if (p == state.begin || find_on_line(slash + 1, state.end, '/') == state.end) return false;
  if (!is_name_char(p[-1])) return p[-1] != ')' && p[-1] != ']';
  Iterator word_begin = p;
  while (word_begin != state.begin && is_name_char(word_begin[-1])) --word_begin;
  std::string_view word(word_begin, static_cast<std::size_t>(p - word_begin));
  return word == "matches" || word == "of" || word == "line" || word == "in" || word == "and" || word == "or" || word == "not";
}

Iterator skip_regex(Iterator slash, Iterator end) {
  Iterator p = slash + 1;
  while (p < end && *p != '/' && *p != '\n') p += *p == '\\' ? 2 : 1;
  return std::min(p, end);
}

Iterator skip_text(Iterator quote, Iterator end) {
  Iterator p = quote + 1;
  while (p < end && *p != *quote && *p != '\n') p += *p == '\\' && *quote == '"' ? 2 : 1;
  return std::min(p, end);
}

// Goes over a text roughly, by its tokens: comments, texts and expressions in slashes are passed over, braces are counted.
class Walk {
 public:
  Walk(const State& state, Iterator from) : state_(state), position_(from) {}

  Iterator position() const { return position_; }
  bool at_end() const { return position_ == state_.end; }
  int depth() const { return depth_; }

  // To the next token.
  void advance() {
    step();
    while (!at_end() && (is_space(*position_) || *position_ == '#'))
      position_ = is_space(*position_) ? position_ + 1 : std::find(position_, state_.end, '\n');
  }

 private:
  void step() {
    const char c = *position_;
    if (is_name_char(c)) {
      while (!at_end() && is_name_char(*position_)) ++position_;
      return;
    }
    if (c == '"' || c == '\'' || c == '`') {
      position_ = closed(skip_text(position_, state_.end));
    } else if (c == '/' && begins_regex(state_, position_)) {
      position_ = closed(skip_regex(position_, state_.end));
    } else if (c == '{') {
      open_brace();
    } else {
      if (c == '}') --depth_;
      ++position_;
    }
  }

  Iterator closed(Iterator p) const { return p == state_.end || *p == '\n' ? p : p + 1; }

  // A count such as {3..} is no body: it ends on its line, or is not closed.
  void open_brace() {
    if (++position_ == state_.end) return;
    if (!is_digit(*position_)) {
      ++depth_;
      return;
    }
    Iterator end_of_count = position_;
    while (end_of_count != state_.end && (is_name_char(*end_of_count) || *end_of_count == '.' || *end_of_count == ' ')) ++end_of_count;
    if (end_of_count != state_.end && *end_of_count == '}') position_ = end_of_count + 1;
  }

  const State& state_;
  Iterator position_;
  int depth_ = 0;
};

constexpr std::ptrdiff_t kFar = 64 * 1024;

std::ptrdiff_t column(const State& state, Iterator position) {
  Iterator line = position;
  while (line != state.begin && line[-1] != '\n') --line;
  return position - line;
}

bool continues_line(std::string_view word) {
  return is_reserved(word) || word == "where" || word == "until" || word == "gap" || word == "for" || word == "at";
}

// What stands as far to the left as the line with the error is meant as a line, whatever its word.
bool stands_like(const State& state, Iterator line, Iterator position) {
  const std::string_view word = peek_word(position, state.end);
  return !word.empty() && !continues_line(word) && state.first_on_line(line) && column(state, line) == column(state, position);
}

struct Stops {
  const State& state;
  Iterator line;  // Where the line with the error begins.
  Lines lines;
  bool any_depth;

  bool at(const Walk& walk) const {
    const Iterator p = walk.position();
    const bool outside = walk.depth() <= 0 || any_depth;
    if (*p == '}') return outside;
    if (lines == Lines::kFields && *p == ',' && walk.depth() <= 0) return true;
    if (!state.first_on_line(p)) return false;
    return begins_item(state, p) || (outside && (begins_line(p, state.end, lines) || stands_like(state, line, p)));
  }
};

}  // namespace

bool begins_item(const State& state, Iterator position) {
  std::string_view word = peek_word(position, state.end);
  if (!is_item_word(word) || !state.first_on_line(position)) return false;
  Iterator p = position + word.size();
  while (p != state.end && (*p == ' ' || *p == '\t')) ++p;
  if (p == state.end) return false;
  return word == "test" || word == "import" ? *p == '"' || *p == '\'' : is_name_start(*p) || *p == '`';
}

bool begins_line(Iterator position, Iterator last, Lines lines) {
  if (position == last) return false;
  std::string_view word = peek_word(position, last);
  switch (lines) {
    case Lines::kClauses: return is_clause_word(word);
    case Lines::kTuneClauses: return is_clause_word(word) || word == "except";
    case Lines::kFields: return !word.empty() || *position == '`';
    case Lines::kTestLines: return word == "expect" || is_digit(*position);
  }
  return false;
}

Iterator next_line(const State& state, Iterator from, Lines lines) {
  if (from == state.end) return from;
  for (bool any_depth : {false, true}) {
    // A line with its blocks is not that long; so many errors in a long text do not take long.
    const Iterator far = any_depth || state.end - from <= kFar ? state.end : from + kFar;
    const Stops stops{state, from, lines, any_depth};
    Walk walk(state, from);
    for (walk.advance(); walk.position() < far; walk.advance()) {
      if (!stops.at(walk)) continue;
      // An item at a depth means that a brace was left open: then every line counts.
      if (!any_depth && walk.depth() > 0) break;
      return walk.position();
    }
  }
  return state.end;
}

Iterator next_item(const State& state, Iterator from, Items items) {
  if (from == state.end) return from;
  Walk walk(state, from);
  for (walk.advance(); !walk.at_end(); walk.advance()) {
    const Iterator p = walk.position();
    if (begins_item(state, p)) return p;
    const std::string_view word = peek_word(p, state.end);
    const bool at_margin = p == state.begin || p[-1] == '\n';
    if (items == Items::kAnyWord && at_margin && walk.depth() <= 0 && !word.empty() && !continues_line(word)) return p;
  }
  return state.end;
}

}  // namespace sequitur::dsl::grammar
