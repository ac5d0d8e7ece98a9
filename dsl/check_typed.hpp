// Typed expressions: the rules of the language about which types go together, as functions that build checked nodes from
// checked operands. Names and AST are not known here. A mistake is reported once; its result is poisoned, and whatever is
// built on a poisoned operand is poisoned in silence.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/check_report.hpp"
#include "dsl/checked_rule.hpp"

namespace sequitur::dsl {

// With all `let`s written out. Behind the checker expressions are walked as trees.
inline constexpr std::uint32_t kMaxExpressionNodes = 20'000;
inline constexpr std::uint32_t kMaxExpressionDepth = 1'000;

struct Typed {
  ExprPtr expr;  // Null pointer: poisoned.
  bool nocase = false;
  bool null_literal = false;  // `null`, which takes the type of what stands beside it.
  std::uint32_t nodes = 1;
  std::uint32_t depth = 1;

  bool ok() const { return expr != nullptr; }
  Type type() const { return expr->type; }
  Span span() const { return expr->span; }
  bool constant() const { return expr->op == Op::kConstant; }
};

bool is_number(Type type);
std::string describe(const Typed& typed);  // "a text", "a number (int)", "null"

class TypedBuilder {
 public:
  explicit TypedBuilder(Reporter& reporter) : reporter_(reporter) {}

  static Typed leaf(Expr expr, bool nocase = false);
  static Typed constant_bool(bool value, Span span);
  static Typed constant_int(std::int64_t value, Span span);
  static Typed constant_float(double value, Span span);
  static Typed constant_text(std::string value, Span span, bool nocase = false);
  static Typed constant_duration(std::int64_t microseconds, Span span);
  static Typed constant_decimal(std::int64_t millionths, Span span);
  static Typed constant_ip(std::string bytes, Span span);
  static Typed constant_null(Span span);

  // Null pointers and poison in, poison out. `expr` has its op, type and span; args are added here.
  Typed node(Expr expr, std::span<const Typed> args, bool nocase = false);

  Typed negate(const Typed& operand, Span span);
  Typed arithmetic(Op op, const Typed& left, const Typed& right, Span span);
  // `op_text` as written.
  Typed compare(Op op, const Typed& left, const Typed& right, Span span);
  Typed logical_not(const Typed& operand, Span span);
  Typed logical(Op op, std::vector<Typed> operands, Span span);
  Typed coalesce(const Typed& value, const Typed& fallback, Span span);
  Typed choose(const Typed& condition, const Typed& then, const Typed& otherwise, Span span);
  Typed exists(const Typed& operand, Span span);
  // A call of a function of the language. `name_span` is the name alone.
  Typed call(std::string_view name, Span name_span, std::span<const Typed> args, Span span);

  // int, decimal -> float; floats and poison pass through.
  Typed to_float(const Typed& operand);
  // int -> decimal; so is a constant float that is one. Poisoned for a float that is none.
  Typed to_decimal(const Typed& operand);
  // [a, b, ..] as a value; all of one type.
  Typed make_list(std::vector<Typed> items, Span span);
  // Makes both of one type (int meets float or decimal, a constant float or a text becomes the decimal or address that it
  // spells, null meets anything), or tells that this cannot be.
  bool unify(Typed& a, Typed& b);
  // Reports unless it is a condition.
  bool require_bool(const Typed& operand, std::string_view what);

  static bool is_function(std::string_view name);
  static const std::vector<std::string_view>& function_names();
  // "did you mean `len`?", or nothing. `more`: names of functions defined by `let`.
  std::string suggest_function(std::string_view name, std::span<const std::string> more);

 private:
  Typed fold_arithmetic(Op op, const Typed& left, const Typed& right, Span span);
  Typed type_error(Op op, const Typed& left, const Typed& right, Span span);
  bool sorted_texts(std::span<const Typed> args);

  Reporter& reporter_;
};

std::string_view symbol(Op op);

}  // namespace sequitur::dsl
