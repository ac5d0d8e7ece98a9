// Diagnostics for people (the line, a caret, a hint) and for tools (JSON).
//
//     error[E002]: expected a duration such as `10m`, found `soon`
//      --> rules/card.seq:3:10
//     3 |   within soon
//       |          ^^^^
//       = help: a duration has a unit: us ms s m h d or w
#pragma once

#include <span>
#include <string>

#include "sequitur/diagnostic.hpp"

namespace sequitur::dsl {

// One after the other, an empty line between them; ends with a line feed, or is empty. Colors are ANSI escapes.
std::string diagnostics_text(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files, bool color = false);

// A JSON list of objects: code, severity, message, label, help, file, line, column, end_line, end_column (from 1, in
// characters), begin, end (bytes, from 0). One object a line.
std::string diagnostics_json(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files);

// "2 errors, 1 warning"; "no errors".
std::string diagnostics_total(std::span<const Diagnostic> diagnostics);

}  // namespace sequitur::dsl
