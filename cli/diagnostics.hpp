// Diagnostics for people and for tools.
#pragma once

#include <span>
#include <string>

#include "sequitur/diagnostic.hpp"

namespace sequitur::cli {

// One after the other with the line, a caret and the help; an empty line between them.
std::string diagnostics_text(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files);
// A JSON list: code, severity, message, label, help, file, line, column, end_line, end_column (from 1, in characters), begin, end (bytes).
std::string diagnostics_json(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files);
// "2 errors, 1 warning".
std::string diagnostics_total(std::span<const Diagnostic> diagnostics);

}  // namespace sequitur::cli
