// Rule text to checked rules in one call.
#pragma once

#include <span>
#include <vector>

#include "dsl/checked_rule.hpp"

namespace sequitur::dsl {

struct Loaded {
  CheckedFiles files;                   // Meaningful only when ok().
  std::vector<Diagnostic> diagnostics;  // Of all files, in source order; warnings too.
  bool ok() const;                      // No diagnostic is an error.
};

// Parses and checks all files together: streams, lets and rules of one are visible in the others. Never throws.
Loaded load(std::span<const SourceFile> sources);

}  // namespace sequitur::dsl
