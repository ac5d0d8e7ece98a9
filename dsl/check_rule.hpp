// One rule: its clauses in order, what each of them may say, and what must not be missing.
#pragma once

#include <string>
#include <unordered_map>

#include "dsl/check_expression.hpp"

namespace sequitur::dsl {

// Fields of the streams that rules emit. Several rules may emit one name: its fields are their union.
struct EmittedField {
  Type type = Type::kString;
  bool nocase = false;
  Span span;
  std::size_t emits = 0;  // How many `emit`s give it.
};
struct EmittedStream {
  std::vector<std::pair<std::string, EmittedField>> fields;  // In the order of their first mention.
  std::unordered_map<std::string, std::size_t> by_name;
  std::unordered_map<std::string, Type> key_parts;  // Of the rules that emit it; for tests.
  bool poisoned = false;
  std::size_t emits = 0;  // How many `emit`s name the stream.
  Span span;              // Of the first of these names.
};

struct Emitted {
  std::vector<std::string> names;  // In the order of their first mention.
  std::unordered_map<std::string, EmittedStream> by_name;
};

inline constexpr std::size_t kMaxStages = 100;
inline constexpr std::uint64_t kMaxCount = 1'000'000;  // Of a loop {n..m}.

// `damaged`: the parser left clauses out, so what is missing may well be there. The result means something only if nothing
// was reported.
Rule check_rule(const ast::Rule& rule, bool damaged, ExpressionChecker& checker, Emitted& emitted);

}  // namespace sequitur::dsl
