// Bounds on regular expressions, before any pattern compiler sees them: what the compilers reject (back-references,
// look-around), and what would take them seconds (x.{32767}y). Looks at the text only; knows no pattern library.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sequitur::dsl {

inline constexpr std::size_t kMaxPatternBytes = 4096;
inline constexpr std::size_t kMaxPatternRepeat = 1000;  // Of one counted repeat: x{1000}.
inline constexpr std::size_t kMaxPatternSize = 10'000;  // Characters and classes with all counted repeats written out.
inline constexpr std::size_t kMaxPatternNesting = 100;

struct PatternProblem {
  enum class Kind { kMalformed, kUnsupported, kTooLarge };
  Kind kind = Kind::kMalformed;
  std::size_t offset = 0;  // Of the offending byte in the pattern.
  std::string message;
  std::string help;
};

// The first problem of the regular expression, if it has one.
std::optional<PatternProblem> check_regex(std::string_view regex);

// The names of the named captures (`(?P<name>..)`, also `(?<name>..)`) in order. `regex` has no problem.
std::vector<std::string> capture_names(std::string_view regex);

// `(?<name>` spelled as `(?P<name>`, which every compiler understands.
std::string with_portable_captures(std::string_view regex);

}  // namespace sequitur::dsl
