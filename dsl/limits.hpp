// Bounds on what rule files may hold. Whatever exceeds one is an error in the file, never a crash or a long wait.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sequitur::dsl {

inline constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;
inline constexpr int kMaxNesting = 64;                // Brackets of all kinds inside each other.
inline constexpr std::uint16_t kMaxExprDepth = 256;   // Of an expression's tree: also a + b + c + .. without brackets.
inline constexpr std::size_t kMaxRules = 100'000;     // In one file.
inline constexpr std::size_t kMaxClauses = 1'000;     // In one rule.
inline constexpr std::size_t kMaxFields = 4'000;      // Of one stream.
inline constexpr std::size_t kMaxTestLines = 10'000;  // In one test.
inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr std::size_t kMaxTextBytes = 64 * 1024;  // One text or regex.
inline constexpr std::size_t kMaxDiagnostics = 200;      // In one file; one more says that there are others.

}  // namespace sequitur::dsl
