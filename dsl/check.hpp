// From syntax trees to checked rules: names, types, and everything the language forbids. All mistakes are reported.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dsl/ast.hpp"
#include "dsl/checked_rule.hpp"

namespace sequitur::dsl {

struct Checked {
  CheckedFiles files;                   // Meaningful only when no diagnostic is an error.
  std::vector<Diagnostic> diagnostics;  // In source order.
};

// What the checker cannot see in the trees.
struct CheckInput {
  std::span<const SourceFile> sources;  // Index = ast::File::index: names that imports and `file "..."` refer to. May be empty.
  std::span<const std::pair<std::string, std::string>> params;  // Names and values that take the place of those of `param`.
  bool incomplete = false;                                      // The parser left a whole declaration out: unknown names are not reported.
};

// Checks all files together. Never throws; recursion and size are bounded.
Checked check(std::span<const ast::File> files, const CheckInput& input = {});

}  // namespace sequitur::dsl
