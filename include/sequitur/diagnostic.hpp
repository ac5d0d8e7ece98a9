// What is wrong with a rule file, as data: tools print it as text (with a caret and help) or as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sequitur {

// A half-open range of bytes in one of the loaded files.
struct Span {
  std::uint32_t file = 0;  // Index into the files given to load().
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

enum class Severity : std::uint8_t { kError, kWarning };

struct Diagnostic {
  std::string code;  // Stable: "E012", "W003". Listed in docs/errors.md.
  Severity severity = Severity::kError;
  Span span;
  std::string message;  // What is wrong, in one sentence without a full stop.
  std::string label;    // Stands under the caret; may be empty.
  std::string help;     // What to write instead; may be empty.
};

struct SourceFile {
  std::string name;  // As shown to people.
  std::string text;
};

}  // namespace sequitur
