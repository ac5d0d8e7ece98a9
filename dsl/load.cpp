#include "dsl/load.hpp"

#include <algorithm>
#include <tuple>

#include "dsl/check.hpp"
#include "dsl/parse.hpp"

namespace sequitur::dsl {
namespace {

// A mistake outside of everything that could be read: a declaration may be lost, so unknown names prove nothing.
bool lost_a_declaration(const Parsed& parsed) {
  return std::any_of(parsed.diagnostics.begin(), parsed.diagnostics.end(), [&](const Diagnostic& diagnostic) {
    return std::none_of(parsed.file.items.begin(), parsed.file.items.end(), [&](const ast::Item& item) {
      return item.span.begin <= diagnostic.span.begin && diagnostic.span.begin < std::max(item.span.end, item.span.begin + 1);
    });
  });
}

}  // namespace

bool Loaded::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kError; });
}

Loaded load(std::span<const SourceFile> sources) {
  std::vector<ast::File> files;
  std::vector<Diagnostic> diagnostics;
  CheckInput input;
  input.sources = sources;
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    Parsed parsed = parse(sources[i].text, i);
    input.incomplete = input.incomplete || lost_a_declaration(parsed);
    diagnostics.insert(diagnostics.end(), std::make_move_iterator(parsed.diagnostics.begin()), std::make_move_iterator(parsed.diagnostics.end()));
    files.push_back(std::move(parsed.file));
  }
  Checked checked = check(files, input);
  diagnostics.insert(diagnostics.end(), std::make_move_iterator(checked.diagnostics.begin()), std::make_move_iterator(checked.diagnostics.end()));
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.span.file, a.span.begin, a.span.end) < std::tie(b.span.file, b.span.begin, b.span.end);
  });
  return {std::move(checked.files), std::move(diagnostics)};
}

}  // namespace sequitur::dsl
