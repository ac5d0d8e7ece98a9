// The key's past in conditions: `avg(purchase.amount over 90d)`, `count(login where not ok over 1h)`.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_rule_checker.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::size_t kMaxPasts = 16;

// The name of the stream whose events an aggregate `.. over d` is over: the first word of its first path.
const ast::Name* stream_of(const ast::Expr& argument) {
  if (argument.kind == ast::ExprKind::kPath) return &argument.path[0].name;
  for (const ast::Expr& arg : argument.args) {
    if (const ast::Name* name = stream_of(arg)) return name;
  }
  return nullptr;
}

// `purchase.amount` becomes `amount`, a field of the event at hand.
ast::Expr without_stream(const ast::Expr& expr, const std::string& stream) {
  ast::Expr result = expr;
  const bool named = expr.kind == ast::ExprKind::kPath && expr.path.size() > 1 && expr.path[0].name.text == stream;
  if (named) result.path.erase(result.path.begin());
  for (ast::Expr& arg : result.args) arg = without_stream(arg, stream);
  return result;
}

template <typename Visit>
void for_each_over(const ast::Expr& expr, const Visit& visit) {
  if (expr.kind == ast::ExprKind::kOver) visit(expr);
  for (const ast::Expr& arg : expr.args) for_each_over(arg, visit);
}

template <typename Visit>
void for_each_over(const ast::Step& step, const Visit& visit) {
  if (step.where) for_each_over(*step.where, visit);
  for (const ast::Expr& except : step.excepts) for_each_over(except, visit);
  if (step.until) for_each_over(*step.until, visit);
  for (const ast::Branch& branch : step.branches) {
    for (const ast::Step& inner : branch.steps) for_each_over(inner, visit);
  }
}

}  // namespace

// The streams that conditions look back at belong to the rule: its key must be known of their events.
void RuleChecker::collect_past_streams() {
  const auto add = [&](const ast::Expr& over) {
    const ast::Name* name = stream_of(over.args[0]);
    if (name == nullptr) return;
    std::optional<StreamId> stream;
    if (const auto found = world_.stream_by_name.find(name->text); found != world_.stream_by_name.end())
      stream = found->second;
    else if (const NamedFilter* filter = expressions_.resolve_filter(name->text))
      stream = filter->base;
    if (stream && std::find(rule_.streams.begin(), rule_.streams.end(), *stream) == rule_.streams.end()) rule_.streams.push_back(*stream);
  };
  for (const StepLine& line : steps_) for_each_over(*line.ast, add);
  for (const NoLine& line : no_lines_) for_each_over(*line.ast, add);
  for (const ast::Step* cancel : cancels_) for_each_over(*cancel, add);
}

Typed ExpressionChecker::aggregate_of_past(const ast::Expr& expr, const AggregateParts& parts, Expr node, const Scope& scope) {
  if (scope.past == nullptr) {
    reporter_.error("E257", expr.span, "the key's past can be asked for in the conditions of steps and guards only", {},
                    "put it behind a step: `first a: stream where amount > 3 * avg(stream.amount over 90d)`");
    return {};
  }
  if (parts.over->kind != ast::ExprKind::kDuration || parts.over->integer <= 0) {
    reporter_.error("E146", parts.over->span, "`over` needs a duration greater than zero", {}, "write it as in `over 90d`");
    return {};
  }
  const ast::Name* name = stream_of(*parts.argument);
  std::optional<StreamId> stream;
  ExprPtr named;
  if (name != nullptr) {
    if (const auto found = world_.stream_by_name.find(name->text); found != world_.stream_by_name.end()) {
      stream = found->second;
    } else if (const NamedFilter* filter = resolve_filter(name->text)) {
      if (!filter->base) return {};
      stream = filter->base;
      named = filter->condition;
    }
  }
  if (!stream) {
    if (world_.incomplete) return {};
    const std::string what = name != nullptr ? name->text : "";
    std::string help = name != nullptr ? suggest_stream(what, name->span, world_, reporter_) : "";
    if (help.empty()) help = fmt::format("begin with the stream: `{}(stream.field over 90d)`", expr.text);
    reporter_.error("E257", parts.argument->span, fmt::format("the past of which stream? `{}` is none", what), {}, help);
    return {};
  }
  if (scope.past->size() >= kMaxPasts) {
    reporter_.error("E257", expr.span, fmt::format("a rule asks for the key's past at most {} times", kMaxPasts), {}, "split the rule");
    return {};
  }
  const StreamId id = *stream;
  Scope inner;
  inner.has_candidate = true;
  inner.candidate = std::span(&id, 1);
  inner.aggregate_step = 0;
  const ast::Expr argument = without_stream(*parts.argument, name->text);
  const bool events = parts.argument->kind == ast::ExprKind::kPath && parts.argument->path.size() == 1;
  if (events && (node.distinct || (node.aggregate != Aggregate::kCount && node.aggregate != Aggregate::kRate))) {
    reporter_.error("E092", expr.span, fmt::format("`{}` of what? `{}` is a stream, not a value", expr.text, name->text), {},
                    fmt::format("name one of its fields: `{}({}.time over ..)`", expr.text, name->text));
    return {};
  }
  const Typed result = aggregate_value(expr, argument, events, std::move(node), inner);
  if (!result.ok()) return {};
  Past past;
  past.filter.streams = {id};
  past.filter.condition = named;
  past.span = Duration{parts.over->integer};
  if (parts.where != nullptr) {
    const Typed where = condition(without_stream(*parts.where, name->text), inner, "`where`");
    if (!where.ok()) return {};
    Typed both = where;
    if (named) {
      Typed first;
      first.expr = named;
      both = build_.logical(Op::kAnd, {first, where}, where.span());
    }
    past.filter.condition = both.expr;
  }
  Expr placed = *result.expr;
  placed.step = static_cast<int>(scope.past->size());
  scope.past->push_back(std::move(past));
  Typed typed = TypedBuilder::leaf(std::move(placed), result.nocase);
  typed.nodes = result.nodes;
  typed.depth = result.depth;
  return typed;
}

}  // namespace sequitur::dsl
