// Rule text to checked rules in one call.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dsl/checked_rule.hpp"

namespace sequitur::dsl {

struct Loaded {
  CheckedFiles files;                   // Meaningful only when ok().
  std::vector<Diagnostic> diagnostics;  // Of all files, in source order; warnings too.
  bool ok() const;                      // No diagnostic is an error.
};

// Parses and checks all files together: streams, lets and rules of one are visible in the others. Never throws.
// `params`: values by name that take the place of those of `param`.
Loaded load(std::span<const SourceFile> sources, std::span<const std::pair<std::string, std::string>> params = {});

}  // namespace sequitur::dsl
