#include "dsl/grammar/state.hpp"

#include <algorithm>

namespace sequitur::dsl::grammar {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool same(const Diagnostic& a, const std::string& code, const Span& span) {
  return a.span.begin == span.begin && a.span.end == span.end && a.code == code;
}

// An empty line follows the line that ends at `position`.
bool empty_line_follows(Iterator position, Iterator end) {
  int lines = 0;
  for (; position != end && (is_blank(*position) || *position == '\n'); ++position) lines += *position == '\n';
  return lines > 1;
}

}  // namespace

void State::report(std::string code, const Span& span, std::string message, std::string help, std::string label) {
  for (auto it = diagnostics.rbegin(); it != diagnostics.rend() && it - diagnostics.rbegin() < 8; ++it) {
    if (same(*it, code, span)) return;
  }
  diagnostics.push_back({std::move(code), Severity::kError, span, std::move(message), std::move(label), std::move(help)});
}

void State::fail(std::string code, Iterator from, Iterator to, std::string message, std::string help) const {
  throw Failure{{std::move(code), Severity::kError, place(from, to), std::move(message), "", std::move(help)}};
}

void State::skip(Iterator& first, Iterator last) {
  while (first != last) {
    if (is_blank(*first) || *first == '\n') {
      ++first;
    } else if (*first == '#') {
      Iterator to = std::find(first, last, '\n');
      note_comment(first, to);
      first = to;
    } else {
      return;
    }
  }
}

void State::note_comment(Iterator from, Iterator to) {
  if (!comments.empty() && at(comments.back().span.begin) >= from) return;
  bool blank_after = empty_line_follows(to, end);
  while (is_blank(to[-1])) --to;
  comments.push_back({place(from, to), std::string(from, to), first_on_line(from), blank_after});
}

bool State::first_on_line(Iterator position) const {
  while (position != begin && is_blank(position[-1])) --position;
  return position == begin || position[-1] == '\n' || (position - begin == 3 && begin[0] == '\xEF');
}

Iterator State::end_of_token_before(Iterator position) const {
  auto comment = comments.rbegin();
  for (;;) {
    while (position != begin && (is_blank(position[-1]) || position[-1] == '\n')) --position;
    while (comment != comments.rend() && at(comment->span.begin) >= position) ++comment;
    if (comment == comments.rend() || at(comment->span.end) < position) return position;
    position = at(comment->span.begin);
  }
}

}  // namespace sequitur::dsl::grammar
