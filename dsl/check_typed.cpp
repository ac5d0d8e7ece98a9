#include "dsl/check_typed.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <unordered_map>

#include "event/decimal.hpp"
#include "event/ip.hpp"

namespace sequitur::dsl {
namespace {

Expr make(Op op, Type type, Span span) {
  Expr expr;
  expr.op = op;
  expr.type = type;
  expr.span = span;
  return expr;
}

Expr make_constant(Type type, Span span) {
  Expr expr = make(Op::kConstant, type, span);
  expr.value.type = type;
  return expr;
}

bool is_signed(Type type) { return is_number(type) || type == Type::kDuration; }
bool is_ordered(Type type) { return type != Type::kBool && !is_list(type); }

template <typename Value>
bool holds(Op op, const Value& a, const Value& b) {
  switch (op) {
    case Op::kEqual: return a == b;
    case Op::kNotEqual: return a != b;
    case Op::kLess: return a < b;
    case Op::kLessEqual: return a <= b;
    case Op::kGreater: return a > b;
    default: return a >= b;
  }
}

// Both of one type. Nothing if one is null.
std::optional<bool> compare_constants(Op op, const Constant& a, const Constant& b) {
  if (a.null || b.null) return std::nullopt;
  if (a.type == Type::kFloat) return holds(op, a.f, b.f);
  if (has_bytes(a.type)) return holds(op, a.s, b.s);
  return holds(op, a.i, b.i);
}

std::string_view article_name(Type type) {
  if (is_list(type)) return "a list";
  switch (type) {
    case Type::kBool: return "a condition";
    case Type::kInt: return "a whole number";
    case Type::kFloat: return "a number";
    case Type::kString: return "a text";
    case Type::kTime: return "a point in time";
    case Type::kDuration: return "a duration";
    case Type::kDecimal: return "a decimal";
    case Type::kIp: return "an address";
  }
  return "";
}

std::string_view verb(Op op) {
  switch (op) {
    case Op::kAdd: return "added";
    case Op::kSubtract: return "subtracted";
    case Op::kMultiply: return "multiplied";
    case Op::kDivide: return "divided";
    default: return "divided with remainder";
  }
}

}  // namespace

bool is_number(Type type) { return type == Type::kInt || type == Type::kFloat || type == Type::kDecimal; }

std::string describe(const Typed& typed) {
  if (typed.null_literal) return "null";
  return std::string(article_name(typed.type()));
}

std::string_view symbol(Op op) {
  switch (op) {
    case Op::kEqual: return "==";
    case Op::kNotEqual: return "!=";
    case Op::kLess: return "<";
    case Op::kLessEqual: return "<=";
    case Op::kGreater: return ">";
    case Op::kGreaterEqual: return ">=";
    case Op::kAdd: return "+";
    case Op::kSubtract:
    case Op::kNegate: return "-";
    case Op::kMultiply: return "*";
    case Op::kDivide: return "/";
    case Op::kModulo: return "%";
    case Op::kAnd: return "and";
    case Op::kOr: return "or";
    case Op::kNot: return "not";
    case Op::kCoalesce: return "??";
    default: return "";
  }
}

Typed TypedBuilder::leaf(Expr expr, bool nocase) {
  Typed result;
  result.expr = std::make_shared<const Expr>(std::move(expr));
  result.nocase = nocase;
  return result;
}

Typed TypedBuilder::constant_bool(bool value, Span span) {
  Expr expr = make_constant(Type::kBool, span);
  expr.value.i = value ? 1 : 0;
  return leaf(std::move(expr));
}

Typed TypedBuilder::constant_int(std::int64_t value, Span span) {
  Expr expr = make_constant(Type::kInt, span);
  expr.value.i = value;
  return leaf(std::move(expr));
}

Typed TypedBuilder::constant_float(double value, Span span) {
  Expr expr = make_constant(Type::kFloat, span);
  expr.value.f = value;
  return leaf(std::move(expr));
}

Typed TypedBuilder::constant_text(std::string value, Span span, bool nocase) {
  Expr expr = make_constant(Type::kString, span);
  expr.value.s = std::move(value);
  return leaf(std::move(expr), nocase);
}

Typed TypedBuilder::constant_duration(std::int64_t microseconds, Span span) {
  Expr expr = make_constant(Type::kDuration, span);
  expr.value.i = microseconds;
  return leaf(std::move(expr));
}

Typed TypedBuilder::constant_decimal(std::int64_t millionths, Span span) {
  Expr expr = make_constant(Type::kDecimal, span);
  expr.value.i = millionths;
  return leaf(std::move(expr));
}

Typed TypedBuilder::constant_ip(std::string bytes, Span span) {
  Expr expr = make_constant(Type::kIp, span);
  expr.value.s = std::move(bytes);
  return leaf(std::move(expr));
}

Typed TypedBuilder::constant_null(Span span) {
  Expr expr = make_constant(Type::kBool, span);
  expr.value.null = true;
  Typed result = leaf(std::move(expr));
  result.null_literal = true;
  return result;
}

Typed TypedBuilder::node(Expr expr, std::span<const Typed> args, bool nocase) {
  std::uint64_t nodes = 1;
  std::uint32_t depth = 0;
  for (const Typed& arg : args) {
    if (!arg.ok()) return {};
    nodes += arg.nodes;
    depth = std::max(depth, arg.depth);
    expr.args.push_back(arg.expr);
  }
  if (nodes > kMaxExpressionNodes || depth >= kMaxExpressionDepth) {
    reporter_.error("E072", expr.span, "this expression is too large with its `let`s written out", {},
                    fmt::format("at most {} parts in at most {} levels", kMaxExpressionNodes, kMaxExpressionDepth));
    return {};
  }
  Typed result = leaf(std::move(expr), nocase);
  result.nodes = static_cast<std::uint32_t>(nodes);
  result.depth = depth + 1;
  return result;
}

Typed TypedBuilder::to_float(const Typed& operand) {
  if (!operand.ok() || operand.type() == Type::kFloat) return operand;
  if (operand.null_literal || (operand.constant() && operand.expr->value.null)) {
    Expr expr = make_constant(Type::kFloat, operand.span());
    expr.value.null = true;
    return leaf(std::move(expr));
  }
  if (operand.constant() && operand.type() == Type::kDecimal)
    return constant_float(decimal_to_float(operand.expr->value.i), operand.span());
  if (operand.constant()) return constant_float(static_cast<double>(operand.expr->value.i), operand.span());
  return node(make(Op::kToFloat, Type::kFloat, operand.span()), std::array{operand});
}

Typed TypedBuilder::to_decimal(const Typed& operand) {
  if (!operand.ok() || operand.type() == Type::kDecimal) return operand;
  if (operand.null_literal || (operand.constant() && operand.expr->value.null)) {
    Expr expr = make_constant(Type::kDecimal, operand.span());
    expr.value.null = true;
    return leaf(std::move(expr));
  }
  if (operand.type() == Type::kFloat) {
    std::int64_t value = 0;
    if (!operand.constant() || !parse_decimal(fmt::format("{}", operand.expr->value.f), value)) return {};
    return constant_decimal(value, operand.span());
  }
  if (operand.constant() && decimal_of_int(operand.expr->value.i) != kNullInt)
    return constant_decimal(decimal_of_int(operand.expr->value.i), operand.span());
  return node(make(Op::kToDecimal, Type::kDecimal, operand.span()), std::array{operand});
}

Typed TypedBuilder::make_list(std::vector<Typed> items, Span span) {
  if (items.empty()) {
    reporter_.error("E104", span, "an empty list has no type", {}, "name at least one value");
    return {};
  }
  for (int round = 0; round < 2; ++round) {  // What the last item turns the first into, the others become the second time.
    for (std::size_t i = 1; i < items.size(); ++i) {
      if (!items[0].ok() || !items[i].ok()) return {};
      if (!unify(items[0], items[i])) {
        reporter_.error("E082", items[i].span(), fmt::format("{} and {} in one list", describe(items[0]), describe(items[i])), {},
                        "all values of a list have one type");
        return {};
      }
    }
  }
  bool nocase = false;
  for (const Typed& item : items) {
    if (!item.ok()) return {};
    nocase = nocase || item.nocase;
  }
  if (items[0].null_literal || is_list(items[0].type())) {
    reporter_.error("E104", span, items[0].null_literal ? "a list of nothing but `null` has no type" : "there are no lists of lists", {},
                    "name values");
    return {};
  }
  return node(make(Op::kMakeList, list_of(items[0].type()), span), items, nocase);
}

bool TypedBuilder::unify(Typed& a, Typed& b) {
  if (!a.ok() || !b.ok()) return true;
  const auto adopt = [](Typed& null, const Typed& other) {
    Expr expr = make_constant(other.type(), null.span());
    expr.value.null = true;
    null = leaf(std::move(expr));
  };
  if (a.null_literal && b.null_literal) return true;
  if (a.null_literal) adopt(a, b);
  if (b.null_literal) adopt(b, a);
  if (a.type() == Type::kInt && b.type() == Type::kFloat) a = to_float(a);
  if (a.type() == Type::kFloat && b.type() == Type::kInt) b = to_float(b);
  const auto meet = [this](Typed& decimal, Typed& other) {
    if (other.type() == Type::kInt) {
      other = to_decimal(other);
    } else if (other.type() == Type::kFloat) {
      if (const Typed exact = to_decimal(other); exact.ok())
        other = exact;
      else
        decimal = to_float(decimal);
    }
  };
  if (a.ok() && b.ok() && a.type() == Type::kDecimal)
    meet(a, b);
  else if (a.ok() && b.ok() && b.type() == Type::kDecimal)
    meet(b, a);
  const auto spelled = [](const Typed& ip, Typed& text) {
    IpBytes address;
    if (ip.type() == Type::kIp && text.type() == Type::kString && text.constant() && !text.expr->value.null &&
        parse_ip(text.expr->value.s, address))
      text = constant_ip(std::string(bytes_of(address)), text.span());
  };
  if (a.ok() && b.ok()) {
    spelled(a, b);
    spelled(b, a);
  }
  return !a.ok() || !b.ok() || a.type() == b.type();
}

bool TypedBuilder::require_bool(const Typed& operand, std::string_view what) {
  if (!operand.ok()) return false;
  if (operand.type() == Type::kBool && !operand.null_literal) return true;
  reporter_.error("E084", operand.span(), fmt::format("{} must be a condition, but this is {}", what, describe(operand)),
                  "not true or false", "compare it with something: `.. == ..`");
  return false;
}

Typed TypedBuilder::negate(const Typed& operand, Span span) {
  if (!operand.ok()) return {};
  if (operand.null_literal || !is_signed(operand.type())) {
    reporter_.error("E083", span, fmt::format("`-` needs a number or a duration, not {}", describe(operand)));
    return {};
  }
  if (operand.constant() && !operand.expr->value.null) {
    Expr expr = *operand.expr;
    expr.span = span;
    expr.value.i = -expr.value.i;
    expr.value.f = -expr.value.f;
    return leaf(std::move(expr));
  }
  return node(make(Op::kNegate, operand.type(), span), std::array{operand});
}

Typed TypedBuilder::type_error(Op op, const Typed& left, const Typed& right, Span span) {
  std::string help;
  if (left.type() == Type::kString && right.type() == Type::kString && op == Op::kAdd) help = "join texts with `concat(a, b)`";
  if (left.type() == Type::kTime && right.type() == Type::kTime && op == Op::kAdd) help = "subtract them to get the time between";
  if (is_number(left.type()) != is_number(right.type()) && (left.type() == Type::kDuration || right.type() == Type::kDuration)) {
    help = "give the number a unit (`30s`), or take the duration as a number: `seconds(..)`, `hours(..)`";
  }
  if (left.type() == Type::kTime && is_number(right.type())) help = "write the number with its unit: `5m`";
  reporter_.error("E083", span, fmt::format("{} and {} cannot be {}", describe(left), describe(right), verb(op)),
                  fmt::format("{} {} {}", to_string(left.type()), symbol(op), to_string(right.type())), help);
  return {};
}

// Both operands are constants of one type. Nothing where the result is not a value: it is left to be null when evaluated.
Typed TypedBuilder::fold_arithmetic(Op op, const Typed& left, const Typed& right, Span span) {
  const Constant& a = left.expr->value;
  const Constant& b = right.expr->value;
  if (a.null || b.null) return {};
  if (left.type() == Type::kFloat) {
    double value = 0;
    switch (op) {
      case Op::kAdd: value = a.f + b.f; break;
      case Op::kSubtract: value = a.f - b.f; break;
      case Op::kMultiply: value = a.f * b.f; break;
      case Op::kDivide: value = a.f / b.f; break;
      default: return {};
    }
    return std::isfinite(value) ? constant_float(value, span) : Typed{};
  }
  std::int64_t value = 0;
  const bool overflow = op == Op::kAdd        ? __builtin_add_overflow(a.i, b.i, &value)
                        : op == Op::kSubtract ? __builtin_sub_overflow(a.i, b.i, &value)
                        : op == Op::kMultiply ? __builtin_mul_overflow(a.i, b.i, &value)
                                              : true;
  if (overflow || value == kNullInt) return {};
  if (left.type() == Type::kDecimal) return op == Op::kMultiply ? Typed{} : constant_decimal(value, span);
  return left.type() == Type::kDuration ? constant_duration(value, span) : constant_int(value, span);
}

Typed TypedBuilder::arithmetic(Op op, const Typed& left_operand, const Typed& right_operand, Span span) {
  Typed left = left_operand;
  Typed right = right_operand;
  if (!left.ok() || !right.ok()) return {};
  if (left.null_literal || right.null_literal) {
    reporter_.error("E105", span, "arithmetic with `null` is always null", {}, "leave it out, or use `x ?? 0` where x may be missing");
    return {};
  }
  const Type a = left.type();
  const Type b = right.type();
  Type type = a;
  bool foldable = true;
  if (is_number(a) && is_number(b)) {
    unify(left, right);
    if (op == Op::kDivide && left.ok() && right.ok() && left.type() != Type::kDecimal) {
      left = to_float(left);
      right = to_float(right);
    }
    if (!left.ok() || !right.ok()) return {};
    type = left.type();
  } else if (a == Type::kDuration && b == Type::kDuration && op != Op::kMultiply) {
    if (op == Op::kDivide) type = Type::kFloat;
    foldable = op == Op::kAdd || op == Op::kSubtract;
  } else if (a == Type::kDuration && is_number(b) && (op == Op::kMultiply || op == Op::kDivide)) {
    right = to_float(right);
    foldable = false;
  } else if (is_number(a) && b == Type::kDuration && op == Op::kMultiply) {
    std::swap(left, right);
    right = to_float(right);
    type = Type::kDuration;
    foldable = false;
  } else if (a == Type::kTime && b == Type::kDuration && (op == Op::kAdd || op == Op::kSubtract)) {
    foldable = false;
  } else if (a == Type::kDuration && b == Type::kTime && op == Op::kAdd) {
    std::swap(left, right);
    type = Type::kTime;
    foldable = false;
  } else if (a == Type::kTime && b == Type::kTime && op == Op::kSubtract) {
    type = Type::kDuration;
    foldable = false;
  } else {
    return type_error(op, left, right, span);
  }
  if (foldable && left.ok() && right.ok() && left.constant() && right.constant()) {
    if (Typed folded = fold_arithmetic(op, left, right, span); folded.ok()) return folded;
  }
  return node(make(op, type, span), std::array{left, right});
}

Typed TypedBuilder::compare(Op op, const Typed& left_operand, const Typed& right_operand, Span span) {
  Typed left = left_operand;
  Typed right = right_operand;
  if (!left.ok() || !right.ok()) return {};
  if (left.null_literal || right.null_literal) {
    reporter_.warning("W003", span, "a comparison with `null` is never true", "unknown, so it does not hold",
                      op == Op::kNotEqual ? "write `exists ..`" : "write `not exists ..`");
    if (left.null_literal && right.null_literal) return constant_bool(false, span);
  }
  const bool nocase = left.nocase || right.nocase;
  if (!unify(left, right)) {
    std::string help;
    if (right.type() == Type::kString && right.constant() && is_number(left.type())) help = "leave out the quotes";
    if (left.type() == Type::kString && is_number(right.type()) && right.constant()) help = "put it in quotes";
    if (left.type() == Type::kBool) help = "a yes/no field stands alone: `where ok`, `where not ok`";
    if (left.type() == Type::kTime && right.type() == Type::kDuration)
      help = "compare the time of day: `time_of_day(time) >= 22:00`, or a difference: `time - a.time`";
    if (left.type() == Type::kDuration && is_number(right.type())) help = "write the number with its unit: `30s`";
    if (left.type() == Type::kIp && right.type() == Type::kString)
      help = right.constant() ? "write an address, `\"192.0.2.1\"`; networks stand in a list: `in [\"10.0.0.0/8\"]`"
                              : "make it an address: `ip(..)`";
    if (is_list(left.type())) help = "ask its elements: `some list == ..`, `every list != ..`";
    reporter_.error("E082", span, fmt::format("{} cannot be compared with {}", describe(left), describe(right)),
                    fmt::format("{} {} {}", to_string(left.type()), symbol(op), to_string(right.type())), help);
    return {};
  }
  if (!left.ok() || !right.ok()) return {};
  if (is_list(left.type())) {
    reporter_.error("E082", span, "lists cannot be compared", {}, "ask their elements: `some list == ..`, `every list != ..`");
    return {};
  }
  if (op != Op::kEqual && op != Op::kNotEqual && !is_ordered(left.type())) {
    reporter_.error("E082", span, fmt::format("conditions have no order: `{}` cannot compare them", symbol(op)), {}, "use `==` or `!=`");
    return {};
  }
  Expr expr = make(op, Type::kBool, span);
  expr.fold = nocase && left.type() == Type::kString;
  if (left.constant() && right.constant() && !expr.fold) {
    if (const std::optional<bool> known = compare_constants(op, left.expr->value, right.expr->value)) return constant_bool(*known, span);
  }
  return node(std::move(expr), std::array{left, right});
}

Typed TypedBuilder::logical_not(const Typed& operand, Span span) {
  if (!require_bool(operand, "what `not` stands before")) return {};
  if (operand.constant() && !operand.expr->value.null) return constant_bool(operand.expr->value.i == 0, span);
  return node(make(Op::kNot, Type::kBool, span), std::array{operand});
}

// Constants that decide nothing are left out; nested nodes of the same operator are joined.
Typed TypedBuilder::logical(Op op, std::vector<Typed> operands, Span span) {
  const std::int64_t neutral = op == Op::kAnd ? 1 : 0;
  std::vector<Typed> kept;
  bool ok = true;
  bool decided = false;
  for (Typed& operand : operands) {
    if (!require_bool(operand, op == Op::kAnd ? "each side of `and`" : "each side of `or`")) {
      ok = false;
      continue;
    }
    if (operand.constant() && !operand.expr->value.null) {
      decided = decided || operand.expr->value.i != neutral;
      continue;
    }
    kept.push_back(std::move(operand));
  }
  if (!ok) return {};
  if (decided) return constant_bool(neutral == 0, span);
  if (kept.empty()) return constant_bool(neutral == 1, span);
  if (kept.size() == 1) return kept.front();
  std::vector<Typed> flat;
  for (Typed& operand : kept) {
    if (operand.expr->op != op) {
      flat.push_back(operand);
      continue;
    }
    for (const ExprPtr& part : operand.expr->args) {
      Typed typed;
      typed.expr = part;
      typed.depth = operand.depth - 1;
      typed.nodes = 0;
      flat.push_back(typed);
    }
    flat.back().nodes = operand.nodes - 1;
  }
  return node(make(op, Type::kBool, span), flat);
}

Typed TypedBuilder::coalesce(const Typed& value_operand, const Typed& fallback_operand, Span span) {
  Typed value = value_operand;
  Typed fallback = fallback_operand;
  if (!value.ok() || !fallback.ok()) return {};
  if (value.null_literal) return fallback;
  if (!unify(value, fallback)) {
    reporter_.error("E082", span, fmt::format("the default is {}, but the value is {}", describe(fallback), describe(value)),
                    fmt::format("{} ?? {}", to_string(value.type()), to_string(fallback.type())),
                    "both sides of `??` must have the same type");
    return {};
  }
  if (!value.ok() || !fallback.ok()) return {};
  return node(make(Op::kCoalesce, value.type(), span), std::array{value, fallback}, value.nocase || fallback.nocase);
}

Typed TypedBuilder::choose(const Typed& condition, const Typed& then_operand, const Typed& else_operand, Span span) {
  Typed then = then_operand;
  Typed otherwise = else_operand;
  const bool good = require_bool(condition, "the first argument of `if`");
  if (!good || !then.ok() || !otherwise.ok()) return {};
  if (then.null_literal && otherwise.null_literal) {
    reporter_.error("E105", span, "`if` with two `null`s is always null");
    return {};
  }
  if (!unify(then, otherwise)) {
    reporter_.error("E082", span, fmt::format("one result of `if` is {}, the other {}", describe(then), describe(otherwise)), {},
                    "both results must have the same type");
    return {};
  }
  if (!then.ok() || !otherwise.ok()) return {};
  return node(make(Op::kIf, then.type(), span), std::array{condition, then, otherwise}, then.nocase || otherwise.nocase);
}

Typed TypedBuilder::exists(const Typed& operand, Span span) { return node(make(Op::kExists, Type::kBool, span), std::array{operand}); }

}  // namespace sequitur::dsl
