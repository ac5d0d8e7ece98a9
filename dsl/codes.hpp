// Every diagnostic code with its explanation: what `sequitur explain E012` shows and docs/errors.md is made of.
#pragma once

#include <span>
#include <string_view>

namespace sequitur::dsl {

struct CodeInfo {
  std::string_view code;         // Stable.
  std::string_view title;        // A few words.
  std::string_view explanation;  // Some sentences: what is meant, why it is an error, what to do.
  std::string_view bad;          // A small file that gives this code, empty where it would have to be huge.
  std::string_view good;         // The same, right.
};

std::span<const CodeInfo> syntax_codes();  // E001..E049: codes_syntax.cpp
std::span<const CodeInfo> check_codes();   // E050..E199 and W001..W099: codes_check.cpp

}  // namespace sequitur::dsl
