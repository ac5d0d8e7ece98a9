// What one parse carries along: the text, the comments and errors found so far, how deep the brackets are.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/ast.hpp"
#include "sequitur/diagnostic.hpp"

namespace sequitur::dsl::grammar {

using Iterator = const char*;

// Thrown by a token that began and is broken (an open text, an unknown unit): no other reading can help.
// It never leaves `parse`.
struct Failure {
  Diagnostic diagnostic;
};

struct State {
  State(std::string_view text, std::uint32_t file_index) : begin(text.data()), end(text.data() + text.size()), file(file_index) {}

  Iterator begin;
  Iterator end;
  std::uint32_t file;
  int nesting = 0;
  std::vector<ast::Comment> comments;  // By place; recorded when skipped for the first time.
  std::vector<Diagnostic> diagnostics;

  ast::Place place(Iterator from, Iterator to) const {
    return {{file, static_cast<std::uint32_t>(from - begin), static_cast<std::uint32_t>(to - begin)}};
  }
  Iterator at(std::uint32_t offset) const { return begin + offset; }
  std::string_view text(const Span& span) const { return {begin + span.begin, span.end - span.begin}; }

  // An error that does not stop the parse. Backtracking may find it twice; it is kept once.
  void report(std::string code, const Span& span, std::string message, std::string help = "", std::string label = "");
  [[noreturn]] void fail(std::string code, Iterator from, Iterator to, std::string message, std::string help = "") const;

  // Moves over blanks and comments; notes the comments.
  void skip(Iterator& first, Iterator last);
  Iterator skipped(Iterator from, Iterator last) {
    skip(from, last);
    return from;
  }

  bool first_on_line(Iterator position) const;
  // Back from `position` over blanks and comments already noted, to behind the token before.
  Iterator end_of_token_before(Iterator position) const;

 private:
  void note_comment(Iterator from, Iterator to);
};

}  // namespace sequitur::dsl::grammar
