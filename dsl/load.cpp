#include "dsl/load.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>

#include "dsl/check.hpp"
#include "dsl/parse.hpp"

namespace sequitur::dsl {
namespace {

bool declares(std::string_view word) {
  return word == "stream" || word == "let" || word == "import" || word == "param" || word == "table" || word == "schedule";
}

std::string_view first_word(std::string_view line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  std::size_t end = begin;
  while (end < line.size() && line[end] >= 'a' && line[end] <= 'z') ++end;
  return line.substr(begin, end - begin);
}

// Whether the item that a mistake at `place` belongs to may have declared names: by the last line that begins an item.
bool in_declaration(std::string_view text, std::size_t place) {
  std::size_t end = std::min(place + 1, text.size());
  while (end > 0) {
    const std::size_t newline = text.rfind('\n', end - 1);
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    const std::string_view word = first_word(text.substr(begin));
    if (declares(word)) return true;
    if (word == "rule" || word == "test" || word == "tune") return false;
    end = begin == 0 ? 0 : begin - 1;
  }
  return true;
}

// A mistake outside of everything that could be read: a declaration may be lost, so unknown names prove nothing.
bool lost_a_declaration(const Parsed& parsed, std::string_view text) {
  return std::any_of(parsed.diagnostics.begin(), parsed.diagnostics.end(), [&](const Diagnostic& diagnostic) {
    const std::uint32_t place = diagnostic.span.begin;
    const bool inside = std::any_of(parsed.file.items.begin(), parsed.file.items.end(),
                                    [&](const ast::Item& item) { return item.span.begin <= place && place < item.span.end; });
    return !inside && (diagnostic.code == "E015" || in_declaration(text, place));
  });
}

}  // namespace

bool Loaded::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(),
                      [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kError; });
}

Loaded load(std::span<const SourceFile> sources, std::span<const std::pair<std::string, std::string>> params) {
  std::vector<ast::File> files;
  std::vector<Diagnostic> diagnostics;
  CheckInput input;
  input.sources = sources;
  input.params = params;
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    Parsed parsed = parse(sources[i].text, i);
    input.incomplete = input.incomplete || lost_a_declaration(parsed, sources[i].text);
    diagnostics.insert(diagnostics.end(), std::make_move_iterator(parsed.diagnostics.begin()),
                       std::make_move_iterator(parsed.diagnostics.end()));
    files.push_back(std::move(parsed.file));
  }
  Checked checked = check(files, input);
  diagnostics.insert(diagnostics.end(), std::make_move_iterator(checked.diagnostics.begin()),
                     std::make_move_iterator(checked.diagnostics.end()));
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.span.file, a.span.begin, a.span.end) < std::tie(b.span.file, b.span.begin, b.span.end);
  });
  return {std::move(checked.files), std::move(diagnostics)};
}

}  // namespace sequitur::dsl
