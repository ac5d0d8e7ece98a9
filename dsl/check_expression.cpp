// The dispatch over expressions. Names are in check_paths.cpp, lists and text operators in check_lists.cpp, calls and
// aggregates in check_calls.cpp.
#include "dsl/check_expression.hpp"

#include <fmt/core.h>
#include <array>

namespace sequitur::dsl {
namespace {

// Expressions are bounded by the parser, but `let`s put one into another.
constexpr int kMaxCheckDepth = 600;
constexpr std::uint64_t kMaxLetWork = 200'000;
constexpr std::uint64_t kMaxLetWorkTotal = 5'000'000;

Op comparison_op(ast::ExprKind kind) {
  switch (kind) {
    case ast::ExprKind::kEqual: return Op::kEqual;
    case ast::ExprKind::kNotEqual: return Op::kNotEqual;
    case ast::ExprKind::kLess: return Op::kLess;
    case ast::ExprKind::kLessEqual: return Op::kLessEqual;
    case ast::ExprKind::kGreater: return Op::kGreater;
    default: return Op::kGreaterEqual;
  }
}

Op arithmetic_op(ast::ExprKind kind) {
  switch (kind) {
    case ast::ExprKind::kAdd: return Op::kAdd;
    case ast::ExprKind::kSubtract: return Op::kSubtract;
    case ast::ExprKind::kMultiply: return Op::kMultiply;
    case ast::ExprKind::kDivide: return Op::kDivide;
    default: return Op::kModulo;
  }
}

}  // namespace

Typed ExpressionChecker::check(const ast::Expr& expr, const Scope& scope) {
  if (!scope.in_let) let_work_ = 0;
  if (scope.in_let && (++let_work_ > kMaxLetWork || ++let_work_total_ > kMaxLetWorkTotal)) {
    if (let_work_ == kMaxLetWork + 1 || let_work_total_ == kMaxLetWorkTotal + 1) {
      reporter_.error("E072", expr.span, "this expression is too large with its `let`s written out", {},
                      "use fewer `let`s inside each other");
    }
    return {};
  }
  if (depth_ >= kMaxCheckDepth) {
    reporter_.error("E072", expr.span, "this expression is nested too deeply with its `let`s written out", {},
                    "use fewer `let`s inside each other");
    return {};
  }
  ++depth_;
  Typed result = dispatch(expr, scope);
  if (scope.elements != nullptr && result.ok() && is_list(result.type())) result = element_of(result, scope);
  --depth_;
  return result;
}

Typed ExpressionChecker::dispatch(const ast::Expr& expr, const Scope& scope) {
  using Kind = ast::ExprKind;
  switch (expr.kind) {
    case Kind::kNumber: return number(expr);
    case Kind::kDuration:
    case Kind::kTimeOfDay: return TypedBuilder::constant_duration(expr.integer, expr.span);
    case Kind::kText: return TypedBuilder::constant_text(expr.text, expr.span, expr.fold);
    case Kind::kBool: return TypedBuilder::constant_bool(expr.integer != 0, expr.span);
    case Kind::kNull: return TypedBuilder::constant_null(expr.span);
    case Kind::kPath: return path(expr, scope);
    case Kind::kCall: return call(expr, scope);
    case Kind::kNot: return build_.logical_not(check(expr.args[0], scope), expr.span);
    case Kind::kAnd:
    case Kind::kOr: return logical(expr, scope);
    case Kind::kExists: return exists(expr, scope);
    case Kind::kEqual:
    case Kind::kNotEqual:
    case Kind::kLess:
    case Kind::kLessEqual:
    case Kind::kGreater:
    case Kind::kGreaterEqual:
    case Kind::kAdd:
    case Kind::kSubtract:
    case Kind::kMultiply:
    case Kind::kDivide:
    case Kind::kModulo:
    case Kind::kCoalesce: return binary(expr, scope);
    case Kind::kNegate: return build_.negate(check(expr.args[0], scope), expr.span);
    case Kind::kIn: return in(expr, scope);
    case Kind::kContains:
    case Kind::kStartsWith:
    case Kind::kEndsWith:
    case Kind::kLike:
    case Kind::kMatches: return text_operator(expr, scope);
    case Kind::kSome:
    case Kind::kEvery: return quantified(expr, scope);
    case Kind::kRegex:
      reporter_.error("E104", expr.span, "a pattern is not a value", "only `matches` takes a pattern", "write `field matches /../`");
      return {};
    case Kind::kList: {
      std::vector<Typed> items;
      for (const ast::Expr& arg : expr.args) items.push_back(check(arg, scope));
      return build_.make_list(std::move(items), expr.span);
    }
    case Kind::kRange:
      reporter_.error("E104", expr.span, "a range is not a value", "only `in` takes a range", "write `field in 1..9`");
      return {};
    case Kind::kDistinct:
    case Kind::kWhere:
    case Kind::kOver:
      reporter_.error("E091", expr.span, "`distinct`, `where` and `over` stand inside `count(..)` and its like only", {},
                      "write `count(distinct step.field)`");
      return {};
  }
  return {};
}

Typed ExpressionChecker::number(const ast::Expr& expr) {
  if (expr.is_integer) return TypedBuilder::constant_int(expr.integer, expr.span);
  return TypedBuilder::constant_float(expr.number, expr.span);
}

Typed ExpressionChecker::binary(const ast::Expr& expr, const Scope& scope) {
  using Kind = ast::ExprKind;
  const Typed left = check(expr.args[0], scope);
  const Typed right = check(expr.args[1], scope);
  switch (expr.kind) {
    case Kind::kCoalesce: return build_.coalesce(left, right, expr.span);
    case Kind::kAdd:
    case Kind::kSubtract:
    case Kind::kMultiply:
    case Kind::kDivide:
    case Kind::kModulo: return build_.arithmetic(arithmetic_op(expr.kind), left, right, expr.span);
    default: return build_.compare(comparison_op(expr.kind), left, right, expr.span);
  }
}

Typed ExpressionChecker::logical(const ast::Expr& expr, const Scope& scope) {
  std::vector<Typed> operands;
  for (const ast::Expr& arg : expr.args) operands.push_back(check(arg, scope));
  return build_.logical(expr.kind == ast::ExprKind::kAnd ? Op::kAnd : Op::kOr, std::move(operands), expr.span);
}

Typed ExpressionChecker::exists(const ast::Expr& expr, const Scope& scope) {
  const ast::Expr& what = expr.args[0];
  const int step = find_step(what, scope);
  if (step < 0 || what.path.size() > 1) return build_.exists(check(what, scope), expr.span);
  if (!step_is_visible(what, scope, step)) return {};
  Expr node;
  node.type = Type::kBool;
  node.span = expr.span;
  node.step = step;
  node.op = Op::kStepExists;
  if (what.path[0].index.empty()) return build_.node(std::move(node), {});

  const StepView& view = scope.rule->steps[static_cast<std::size_t>(step)];
  const std::optional<std::int64_t> place = pick(what.path[0], view, scope);
  if (!place) return {};
  Expr time;
  time.op = Op::kStepField;
  time.type = Type::kTime;
  time.span = what.span;
  time.step = step;
  time.pick = *place;
  for (const StreamId stream : view.streams) time.places.push_back({stream, kTimeSlot});
  return build_.exists(build_.node(std::move(time), {}), expr.span);
}

Typed ExpressionChecker::condition(const ast::Expr& expr, const Scope& scope, std::string_view what) {
  Typed result = check(expr, scope);
  if (!build_.require_bool(result, what)) return {};
  return result;
}

ExpressionChecker::Joined ExpressionChecker::join(const Typed* where, std::span<const Typed> excepts, Span span) {
  std::vector<Typed> parts;
  if (where != nullptr) parts.push_back(*where);
  for (const Typed& except : excepts) {
    // The event is left out only if the exception holds; unknown keeps it.
    const Typed known =
        build_.coalesce(except, TypedBuilder::constant_bool(false, except.ok() ? except.span() : span), except.ok() ? except.span() : span);
    parts.push_back(known.ok() ? build_.logical_not(known, known.span()) : Typed{});
  }
  if (parts.empty()) return {};
  for (const Typed& part : parts) {
    if (!part.ok()) return {nullptr, false};
  }
  const Typed joined = build_.logical(Op::kAnd, std::move(parts), span);
  return {joined.expr, joined.ok()};
}

ExpressionChecker::Joined ExpressionChecker::filter_condition(const std::optional<ast::Expr>& where, const std::vector<ast::Expr>& excepts,
                                                              const Scope& scope) {
  Typed condition_where;
  if (where) condition_where = condition(*where, scope, "`where`");
  std::vector<Typed> exceptions;
  Span span = where ? Span(where->span) : Span{};
  for (const ast::Expr& except : excepts) {
    exceptions.push_back(condition(except, scope, "`except`"));
    span = span.end == 0 ? Span(except.span) : cover(span, except.span);
  }
  Joined joined = join(where ? &condition_where : nullptr, exceptions, span);
  if (joined.ok && joined.expr) {
    lint_condition(joined.expr, world_, scope.rule, reporter_);
    if (joined.expr->op == Op::kConstant && joined.expr->value.i == 0) {
      reporter_.warning("W004", span, "this condition never holds", {}, "nothing can ever come of it");
    }
  }
  return joined;
}

Typed ExpressionChecker::constant(const ast::Expr& expr) {
  Typed result = check(expr, Scope{});
  if (!result.ok()) return {};
  if (result.constant()) return result;
  reporter_.error("E149", expr.span, "this must be a constant", {}, "write the value itself");
  return {};
}

NamedFilter* ExpressionChecker::resolve_filter(const std::string& name) {
  const auto found = world_.filters.find(name);
  if (found == world_.filters.end()) return nullptr;
  NamedFilter& filter = found->second;
  if (filter.progress == Progress::kDone) return &filter;
  const ast::Name& base = *filter.ast->base;
  if (filter.progress == Progress::kActive || depth_ >= kMaxCheckDepth) {
    reporter_.error("E066", filter.ast->name.span, fmt::format("the stream `{}` is defined by itself", name), {},
                    "begin with a stream that has fields");
    return &filter;
  }
  filter.progress = Progress::kActive;
  ++depth_;
  ExprPtr base_condition;
  if (const auto stream = world_.stream_by_name.find(base.text); stream != world_.stream_by_name.end()) {
    filter.base = stream->second;
  } else if (const NamedFilter* outer = resolve_filter(base.text)) {
    filter.base = outer->base;
    base_condition = outer->condition;
  } else if (!world_.incomplete) {
    reporter_.error("E070", base.span, fmt::format("there is no stream `{}`", base.text), "unknown stream",
                    suggest_stream(base.text, base.span, world_, reporter_));
  }
  --depth_;
  filter.progress = Progress::kDone;
  if (!filter.base) return &filter;

  const StreamId stream = *filter.base;
  Scope scope;
  scope.has_candidate = true;
  scope.candidate = std::span(&stream, 1);
  const Joined joined = filter_condition(filter.ast->where, filter.ast->excepts, scope);
  if (!joined.ok) {
    filter.base.reset();
    return &filter;
  }
  filter.condition = joined.expr;
  if (base_condition && joined.expr) {
    Typed outer, inner;
    outer.expr = base_condition;
    inner.expr = joined.expr;
    filter.condition = build_.logical(Op::kAnd, {outer, inner}, joined.expr->span).expr;
  } else if (base_condition) {
    filter.condition = base_condition;
  }
  return &filter;
}

}  // namespace sequitur::dsl
