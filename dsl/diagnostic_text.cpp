#include "dsl/diagnostic_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace sequitur::dsl {

namespace {

constexpr std::size_t kMaxColumns = 160;  // Of a line of rule text that is shown; a longer one is cut around the caret.
constexpr std::size_t kTabWidth = 4;

struct Position {
  std::size_t line = 1;
  std::size_t column = 1;  // In characters.
};

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

// Where the lines of a file begin.
class SourceLines {
 public:
  explicit SourceLines(std::string_view text) : text_(text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) starts_.push_back(at + 1);
  }

  Position position(std::size_t offset) const {
    offset = std::min(offset, text_.size());
    std::size_t index = static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin()) - 1;
    return {index + 1, count_characters(text_.substr(starts_[index], offset - starts_[index])) + 1};
  }

  std::string_view line(std::size_t number) const {
    std::size_t begin = starts_[number - 1];
    std::size_t end = number < starts_.size() ? starts_[number] - 1 : text_.size();
    if (end > begin && text_[end - 1] == '\r') --end;
    return text_.substr(begin, end - begin);
  }

  std::size_t size() const { return text_.size(); }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_{0};
};

// A line as a terminal can show it: one entry a column, tabs widened, what would upset a terminal replaced.
struct Shown {
  std::vector<std::string> columns;
  std::vector<std::size_t> column_of;  // Of each character of the line, and one more for its end.
};

Shown show(std::string_view line) {
  Shown shown;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t length = 1;
    while (i + length < line.size() && continues_character(line[i + length])) ++length;
    shown.column_of.push_back(shown.columns.size());
    if (line[i] == '\t') {
      shown.columns.insert(shown.columns.end(), kTabWidth - shown.columns.size() % kTabWidth, " ");
    } else if (static_cast<unsigned char>(line[i]) < 0x20 || line[i] == 0x7F || length > 4 || continues_character(line[i])) {
      shown.columns.push_back("?");
    } else if (line.substr(i).starts_with("\xEF\xBB\xBF")) {
      shown.columns.push_back(" ");
    } else {
      shown.columns.emplace_back(line.substr(i, length));
    }
    i += length;
  }
  shown.column_of.push_back(shown.columns.size());
  return shown;
}

class TextPrinter {
 public:
  TextPrinter(std::span<const SourceFile> files, bool color) : files_(files), color_(color) {}

  void print(const Diagnostic& diagnostic) {
    const bool error = diagnostic.severity == Severity::kError;
    mark_ = !color_ ? "" : error ? "\033[1;31m" : "\033[1;33m";
    if (!out_.empty()) out_ += '\n';
    out_ += fmt::format("{}{}[{}]{}: {}\n", mark_, error ? "error" : "warning", diagnostic.code, reset(), diagnostic.message);
    if (diagnostic.span.file < files_.size()) {
      print_place(diagnostic);
    } else if (!diagnostic.label.empty()) {
      out_ += fmt::format("  {}\n", diagnostic.label);
    }
    if (!diagnostic.help.empty()) out_ += fmt::format("{} = help: {}\n", std::string(gutter_, ' '), diagnostic.help);
  }

  std::string take() { return std::move(out_); }

 private:
  const SourceLines& lines_of(std::uint32_t file) { return lines_.try_emplace(file, files_[file].text).first->second; }

  const char* reset() const { return color_ ? "\033[0m" : ""; }

  void print_place(const Diagnostic& diagnostic) {
    const SourceLines& lines = lines_of(diagnostic.span.file);
    const Position from = lines.position(diagnostic.span.begin);
    const Position to = lines.position(std::max(diagnostic.span.begin, diagnostic.span.end));
    const std::string number = std::to_string(from.line);
    gutter_ = number.size();
    const std::string indent(gutter_, ' ');
    out_ += fmt::format("{}--> {}:{}:{}\n", indent, files_[diagnostic.span.file].name, from.line, from.column);
    if (lines.size() == 0) return;

    const Shown shown = show(lines.line(from.line));
    auto column = [&](std::size_t character) { return shown.column_of[std::min(character, shown.column_of.size()) - 1]; };
    std::size_t begin = column(from.column);
    std::size_t end = std::max(begin + 1, to.line == from.line ? column(to.column) : shown.columns.size());
    std::size_t first = begin + 40 < kMaxColumns || shown.columns.size() <= kMaxColumns ? 0 : begin - 40;
    std::size_t last = std::min(shown.columns.size(), first + kMaxColumns);
    const std::string_view cut_before = first > 0 ? ".." : "", cut_behind = last < shown.columns.size() ? ".." : "";
    end = std::max(begin + 1, std::min(end, last));
    std::string line;
    for (std::size_t i = first; i < last; ++i) line += shown.columns[i];
    while (cut_behind.empty() && line.ends_with(' ')) line.pop_back();
    out_ += line.empty() ? fmt::format("{} |\n", number) : fmt::format("{} | {}{}{}\n", number, cut_before, line, cut_behind);
    out_ += fmt::format("{} | {}{}{}", indent, std::string(begin - first + cut_before.size(), ' '), mark_, std::string(end - begin, '^'));
    out_ += fmt::format("{}{}{}\n", diagnostic.label.empty() ? "" : " ", diagnostic.label, reset());
  }

  std::span<const SourceFile> files_;
  bool color_;
  const char* mark_ = "";
  std::size_t gutter_ = 1;
  std::string out_;
  std::map<std::uint32_t, SourceLines> lines_;
};

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string counted(std::size_t count, std::string_view word) { return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s"); }

}  // namespace

std::string diagnostics_text(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files, bool color) {
  TextPrinter printer(files, color);
  for (const Diagnostic& diagnostic : diagnostics) printer.print(diagnostic);
  return printer.take();
}

std::string diagnostics_json(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files) {
  std::map<std::uint32_t, SourceLines> lines;
  std::string out = "[";
  for (const Diagnostic& diagnostic : diagnostics) {
    out += out.size() > 1 ? ",\n " : "\n ";
    out += fmt::format(R"({{"code": {}, "severity": "{}", "message": {}, "label": {}, "help": {})", json_text(diagnostic.code),
                       diagnostic.severity == Severity::kError ? "error" : "warning", json_text(diagnostic.message),
                       json_text(diagnostic.label), json_text(diagnostic.help));
    if (diagnostic.span.file < files.size()) {
      const SourceFile& file = files[diagnostic.span.file];
      const SourceLines& starts = lines.try_emplace(diagnostic.span.file, file.text).first->second;
      const Position from = starts.position(diagnostic.span.begin),
                     to = starts.position(std::max(diagnostic.span.begin, diagnostic.span.end));
      out += fmt::format(R"(, "file": {}, "line": {}, "column": {}, "end_line": {}, "end_column": {}, "begin": {}, "end": {})",
                         json_text(file.name), from.line, from.column, to.line, to.column, diagnostic.span.begin, diagnostic.span.end);
    }
    out += '}';
  }
  return out + (out.size() > 1 ? "\n]" : "]");
}

std::string diagnostics_total(std::span<const Diagnostic> diagnostics) {
  const std::size_t errors = static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.severity == Severity::kError; }));
  const std::size_t warnings = diagnostics.size() - errors;
  if (errors == 0) return warnings == 0 ? "no errors" : counted(warnings, "warning");
  return counted(errors, "error") + (warnings == 0 ? "" : ", " + counted(warnings, "warning"));
}

}  // namespace sequitur::dsl
