// Rule text to syntax tree.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dsl/ast.hpp"
#include "sequitur/diagnostic.hpp"

namespace sequitur::dsl {

struct Parsed {
  ast::File file;                       // What could be read. Parts with errors are left out.
  std::vector<Diagnostic> diagnostics;  // In the order of the text; syntax has no warnings.
  bool ok() const { return diagnostics.empty(); }
};

// Never throws, whatever the source. After an error it takes up again at the next clause, line or item, so that all errors
// are found. The spans of the result carry `file_index`.
Parsed parse(std::string_view source, std::uint32_t file_index);

}  // namespace sequitur::dsl
