// What the parts of the printer share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/ast.hpp"

namespace sequitur::dsl {

inline constexpr std::size_t kMaxPrintedColumns = 100;  // What fits is printed on one line where there is a choice.

std::string text_literal(const ast::Expr& text);   // With quotes and escapes.
std::string any_name_text(const ast::Name& name);  // Where reserved words are names too.
std::string name_text(const ast::Name& name);      // Reserved words in backticks.
std::size_t printed_width(std::string_view line);  // In characters.

// One line, without its indentation and without comments.
std::string step_text(const ast::Step& step);        // With its word; blocks on one line, `except` as well.
std::string step_line_text(const ast::Step& step);   // The same with its word padded and without `except`.
std::string clause_text(const ast::Clause& clause);  // The word padded; without the `except` of a step.
std::string field_text(const ast::Field& field);
std::string stream_option_text(const ast::StreamOption& option);
std::string tick_text(const ast::Tick& tick);
std::string test_event_text(const ast::TestEvent& event, std::size_t offset_width);
std::string expectation_text(const ast::Expectation& expectation);
std::string padded_word(std::string_view word);         // `key    `
std::string step_head_text(const ast::Step& step);      // All before the first brace of a block, else to the end of the streams and modes.
std::string step_tail_text(const ast::Step& step);      // All behind its streams or braces, but `except`.
std::string emit_head_text(const ast::Clause& clause);  // To the opening bracket.
std::string emit_field_text(const ast::EmitField& field);
std::string operand_text(const ast::Expr& operand);  // Of `and` and `or`.

template <typename Items, typename ToText>
std::string joined(const Items& items, std::string_view separator, ToText to_text) {
  std::string out;
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += separator;
    first = false;
    out += to_text(item);
  }
  return out;
}

// A line of something that is printed on several, with the place of what it holds, for the comments around it.
struct Part {
  std::string text;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};
using Parts = std::vector<Part>;

// The two layouts of what need not fit on one line.
struct Layout {
  std::string line;
  Parts parts;    // Empty: there is only one layout.
  Parts excepts;  // Lines of their own in both layouts.
};

// `word` first, then each operand of a top-level `and` or `or` on a line of its own, all aligned behind `margin` blanks.
void add_condition(Parts& parts, std::size_t margin, std::string_view word, const ast::Expr& condition);
Layout step_layout(const ast::Step& step);
Layout clause_layout(const ast::Clause& clause);
void add_excepts(Parts& parts, std::size_t margin, const std::vector<ast::Expr>& conditions);

// Writes lines and puts the comments where they belong.
class Writer {
 public:
  explicit Writer(const std::vector<ast::Comment>& comments) : comments_(comments) {}

  void indent(int change) { indent_ += change; }
  void line(std::string_view text);
  bool fits(std::string_view text) const;
  void blank_line();

  // The comments that stand before `offset`, each on a line of its own.
  void comments_before(std::uint32_t offset, bool keep_blank_lines = false, std::size_t margin = 0);
  // The comment behind the line that ends at `from`, if one does before `to`.
  void comment_behind(std::uint32_t from, std::uint32_t to);
  bool comment_between(std::uint32_t from, std::uint32_t to) const;
  // On one line if it fits and no comment stands inside.
  void layout(const Layout& layout, const Span& span, std::uint32_t next);

  std::string take() { return std::move(out_); }

 private:
  void parts(const Parts& parts, std::uint32_t next);

  const std::vector<ast::Comment>& comments_;
  std::size_t next_ = 0;  // The first comment that was not written.
  int indent_ = 0;
  std::string out_;
};

}  // namespace sequitur::dsl
