// Lines, comments, and which of two layouts.
#include <algorithm>

#include "dsl/print_layout.hpp"

namespace sequitur::dsl {

std::size_t printed_width(std::string_view line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void Writer::line(std::string_view text) {
  out_.append(static_cast<std::size_t>(indent_) * 2, ' ');
  out_ += text;
  out_ += '\n';
}

void Writer::blank_line() {
  if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
}

void Writer::comments_before(std::uint32_t offset, bool keep_blank_lines, std::size_t margin) {
  for (; next_ < comments_.size() && comments_[next_].span.begin < offset; ++next_) {
    line(std::string(margin, ' ') + comments_[next_].text);
    if (keep_blank_lines && comments_[next_].blank_after) blank_line();
  }
}

void Writer::comment_behind(std::uint32_t from, std::uint32_t to) {
  if (next_ >= comments_.size()) return;
  const ast::Comment& comment = comments_[next_];
  if (comment.own_line || comment.span.begin < from || comment.span.begin >= to || out_.empty()) return;
  out_.pop_back();
  out_ += "  " + comment.text + "\n";
  ++next_;
}

bool Writer::comment_between(std::uint32_t from, std::uint32_t to) const {
  return std::any_of(comments_.begin(), comments_.end(), [&](const ast::Comment& c) { return c.span.begin >= from && c.span.begin < to; });
}

bool Writer::fits(std::string_view text) const { return printed_width(text) + static_cast<std::size_t>(indent_) * 2 <= kMaxPrintedColumns; }

void Writer::layout(const Layout& layout, const Span& span, std::uint32_t next) {
  std::uint32_t end = layout.excepts.empty() ? span.end : span.begin;
  for (const Part& part : layout.parts) end = std::max(end, part.end);
  const bool broken = layout.parts.size() > 1 && (!fits(layout.line) || comment_between(layout.parts[0].end, end));
  Parts all = broken ? layout.parts : Parts{{layout.line, span.begin, end}};
  all.insert(all.end(), layout.excepts.begin(), layout.excepts.end());
  parts(all, next);
}

void Writer::parts(const Parts& parts, std::uint32_t next) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    comments_before(parts[i].end, false, i == 0 ? 0 : parts[i].text.find_first_not_of(' '));
    line(parts[i].text);
    comment_behind(parts[i].end, i + 1 < parts.size() ? parts[i + 1].begin : next);
  }
}

}  // namespace sequitur::dsl
