// Calls: functions of the language, `let`s with brackets, aggregates over what a step has taken.
#include <fmt/core.h>
#include <algorithm>
#include <array>
#include <unordered_map>

#include "dsl/check_expression.hpp"

namespace sequitur::dsl {
namespace {

constexpr int kMaxLetDepth = 32;

const std::unordered_map<std::string_view, Aggregate>& aggregates() {
  static const std::unordered_map<std::string_view, Aggregate> table = {{"count", Aggregate::kCount},
                                                                        {"sum", Aggregate::kSum},
                                                                        {"avg", Aggregate::kAvg},
                                                                        {"min", Aggregate::kMin},
                                                                        {"max", Aggregate::kMax},
                                                                        {"first", Aggregate::kFirst},
                                                                        {"last", Aggregate::kLast},
                                                                        {"median", Aggregate::kMedian},
                                                                        {"percentile", Aggregate::kPercentile},
                                                                        {"stddev", Aggregate::kStddev},
                                                                        {"approx_distinct", Aggregate::kApproxDistinct},
                                                                        {"rate", Aggregate::kRate},
                                                                        {"top", Aggregate::kTop},
                                                                        {"top_count", Aggregate::kTopCount},
                                                                        {"values", Aggregate::kValues},
                                                                        {"slope", Aggregate::kSlope}};
  return table;
}

bool aggregates_type(Aggregate aggregate, Type type) {
  switch (aggregate) {
    case Aggregate::kCount:
    case Aggregate::kValues: return !is_list(type);
    case Aggregate::kFirst:
    case Aggregate::kLast:
    case Aggregate::kApproxDistinct:
    case Aggregate::kTop:
    case Aggregate::kTopCount: return true;
    case Aggregate::kSum:
    case Aggregate::kMedian:
    case Aggregate::kPercentile: return is_number(type) || type == Type::kDuration;
    case Aggregate::kSlope:
    case Aggregate::kRate:
    case Aggregate::kStddev: return is_number(type);
    case Aggregate::kAvg:
    case Aggregate::kMin:
    case Aggregate::kMax: return is_number(type) || type == Type::kDuration || type == Type::kTime;
  }
  return false;
}

// Calls `visit` for every path below.
template <typename Visit>
void for_each_path(const ast::Expr& expr, const Visit& visit) {
  if (expr.kind == ast::ExprKind::kPath) visit(expr);
  for (const ast::Expr& arg : expr.args) for_each_path(arg, visit);
}

}  // namespace

bool ExpressionChecker::is_aggregate(const ast::Expr& expr) const {
  if (!aggregates().contains(expr.text)) return false;
  return !((expr.text == "min" || expr.text == "max") && expr.args.size() >= 2);
}

Typed ExpressionChecker::call(const ast::Expr& expr, const Scope& scope) {
  if (const auto let = world_.lets.find(expr.text); let != world_.lets.end()) return let_call(expr, scope, expr.text, let->second);
  if (is_aggregate(expr)) return aggregate(expr, scope);
  if (expr.text == "sorted") return sorted(expr, scope);
  if (is_builder(expr)) {
    reporter_.error("E104", expr.span, fmt::format("`{}` makes patterns, and they are no value", expr.text), {},
                    fmt::format("it stands behind text operators: `field contains {}(\"..\")`", expr.text));
    return {};
  }
  for (const ast::Expr& arg : expr.args) {
    if (arg.kind != ast::ExprKind::kDistinct && arg.kind != ast::ExprKind::kWhere && arg.kind != ast::ExprKind::kOver) continue;
    if (!TypedBuilder::is_function(expr.text)) break;
    reporter_.error("E091", expr.span, fmt::format("`{}` is not an aggregate", expr.text), {},
                    "aggregates are count, sum, avg, min, max, first, last, median, percentile, stddev, values, slope, rate, top, "
                    "top_count and approx_distinct");
    return {};
  }
  std::vector<Typed> args;
  const bool known = TypedBuilder::is_function(expr.text);
  for (const ast::Expr& arg : expr.args) args.push_back(known ? check(arg, scope) : Typed{});
  if (!known) {
    std::vector<std::string> names;
    for (const auto& [name, let] : world_.lets) {
      if (let.ast->function && reporter_.suggests(expr.op_span)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    if (!world_.incomplete)
      reporter_.error("E085", expr.op_span, fmt::format("there is no function `{}`", expr.text), "unknown function",
                      build_.suggest_function(expr.text, names));
    return {};
  }
  return build_.call(expr.text, expr.op_span, args, expr.span);
}

// The body is checked anew for every call: what it means depends on the types of the arguments.
Typed ExpressionChecker::let_call(const ast::Expr& expr, const Scope& scope, const std::string& name, LetInfo& let) {
  std::vector<Typed> args;
  for (const ast::Expr& arg : expr.args) args.push_back(check(arg, scope));
  if (!let.ast->function) {
    reporter_.error("E069", expr.span, fmt::format("`{}` is a constant, not a function", name), {},
                    fmt::format("write `{}` without brackets", name));
    return {};
  }
  if (args.size() != let.ast->params.size()) {
    std::string usage = name + "(";
    for (const ast::Name& param : let.ast->params) usage.append(usage.back() == '(' ? "" : ", ").append(param.text);
    reporter_.error("E068", expr.span,
                    fmt::format("`{}` takes {} {}, not {}", name, let.ast->params.size(),
                                let.ast->params.size() == 1 ? "argument" : "arguments", args.size()),
                    {}, fmt::format("write `{})`", usage));
    return {};
  }
  if (let.progress == Progress::kActive || let.broken) {
    if (!let.broken)
      reporter_.error("E066", let.ast->name.span, fmt::format("`{}` is defined by itself", name), {},
                      "a `let` is written out where it is used; it cannot refer to itself");
    let.broken = true;
    return {};
  }
  if (let_depth_ >= kMaxLetDepth) {
    reporter_.error("E072", expr.span, fmt::format("more than {} `let`s inside each other", kMaxLetDepth));
    return {};
  }
  std::unordered_map<std::string, Typed> params;
  for (std::size_t i = 0; i < args.size(); ++i) params[let.ast->params[i].text] = args[i];
  Scope body;
  body.params = &params;
  body.in_let = true;
  const Progress before = let.progress;
  let.progress = Progress::kActive;
  ++let_depth_;
  Typed result = check(let.ast->value, body);
  --let_depth_;
  let.progress = before;
  return result;
}

Typed ExpressionChecker::let_value(const ast::Expr& expr, const std::string& name, LetInfo& let) {
  if (let.broken) return {};
  if (let.ast->function) {
    reporter_.error("E069", expr.span, fmt::format("`{}` is a function", name), {}, fmt::format("write `{}(..)`", name));
    return {};
  }
  const ast::Expr& written = let.ast->value;
  if (let.ast->file || written.kind == ast::ExprKind::kList || written.kind == ast::ExprKind::kRange ||
      written.kind == ast::ExprKind::kRegex) {
    const bool regex = written.kind == ast::ExprKind::kRegex;
    reporter_.error("E069", expr.span,
                    fmt::format("`{}` is a {}, not a value", name,
                                regex                                                   ? "pattern"
                                : let.ast->file || written.kind == ast::ExprKind::kList ? "list"
                                                                                        : "range"),
                    {}, fmt::format("write `field {} {}`", regex ? "matches" : "in", name));
    return {};
  }
  if (!let.value) {
    if (let.progress == Progress::kActive || let_depth_ >= kMaxLetDepth) {
      reporter_.error("E066", let.ast->name.span, fmt::format("`{}` is defined by itself", name), {},
                      "a `let` is written out where it is used; it cannot refer to itself");
      let.broken = true;
      return {};
    }
    let.progress = Progress::kActive;
    Scope body;
    body.in_let = true;
    ++let_depth_;
    let.value = check(written, body);
    --let_depth_;
    let.progress = Progress::kDone;
  }
  if (!let.value->ok()) return {};
  Typed result = *let.value;
  Expr here = *result.expr;
  here.span = expr.span;
  result.expr = std::make_shared<const Expr>(std::move(here));
  return result;
}

// let b = a, where a is a list or a pattern: b is one too.
bool ExpressionChecker::names_no_value(const ast::Expr& expr, const Scope& scope) {
  const Operand operand = resolve_operand(expr, scope, true);
  if (operand.file != nullptr) return true;
  const ast::ExprKind kind = operand.expr->kind;
  return kind == ast::ExprKind::kList || kind == ast::ExprKind::kRange || kind == ast::ExprKind::kRegex || is_builder(*operand.expr);
}

void ExpressionChecker::check_lets() {
  for (auto& [name, let] : world_.lets) {
    if (let.ast->file) continue;
    std::unordered_map<std::string, Typed> params;
    for (const ast::Name& param : let.ast->params) params[param.text] = Typed{};  // Poisoned: only names are checked.
    Scope body;
    body.in_let = true;
    if (let.ast->function) body.params = &params;
    const ast::Expr& value = let.ast->value;
    let_work_ = 0;
    if (let.progress == Progress::kActive || let.broken) continue;
    if (is_builder(value)) {
      build_patterns(value, body);
    } else if (value.kind == ast::ExprKind::kRegex) {
      check_text_pattern(value, TextOp::kMatches, nullptr);
    } else if (value.kind == ast::ExprKind::kList || value.kind == ast::ExprKind::kRange) {
      for (const ast::Expr& item : value.args) {
        if (item.kind == ast::ExprKind::kRegex)
          check_text_pattern(item, TextOp::kMatches, nullptr);
        else if (is_builder(item))
          build_patterns(item, body);
        else
          check(item, body);
      }
    } else if (let.ast->function) {
      const Progress before = let.progress;
      let.progress = Progress::kActive;
      check(value, body);
      let.progress = before;
    } else if (!let.value && !names_no_value(value, body)) {
      let.progress = Progress::kActive;
      let.value = check(value, body);
      let.progress = Progress::kDone;
    }
  }
}

// sorted(a, b): the list of both, the lesser first; sorted(list) likewise. As a part of the key it is one value.
Typed ExpressionChecker::sorted(const ast::Expr& expr, const Scope& scope) {
  std::vector<Typed> args;
  for (const ast::Expr& arg : expr.args) args.push_back(check(arg, scope));
  if (args.empty()) {
    reporter_.error("E086", expr.span, "`sorted` takes a list, or several values", {}, "write `sorted(a, b)`");
    return {};
  }
  if (std::any_of(args.begin(), args.end(), [](const Typed& arg) { return !arg.ok(); })) return {};
  Typed list = args.size() == 1 && is_list(args[0].type()) ? args[0] : build_.make_list(std::move(args), expr.span);
  if (!list.ok()) return {};
  Expr node;
  node.op = Op::kCall;
  node.function = Function::kListSorted;
  node.type = list.type();
  node.span = expr.span;
  return build_.node(std::move(node), std::vector<Typed>{list}, list.nocase);
}

// The step whose events are aggregated: the one that the argument names; if several, the one that is a loop.
int ExpressionChecker::aggregated_step(const ast::Expr& call, const ast::Expr& argument, const Scope& scope) {
  std::vector<int> steps;
  const auto add = [&](const auto& self, const ast::Expr& path) -> void {
    const int step = find_step(path, scope);
    if (step >= 0 && path.path[0].index.empty() && std::find(steps.begin(), steps.end(), step) == steps.end()) steps.push_back(step);
    // `rates[p.currency].eur`: the key of what is looked up.
    if (step < 0)
      for (const ast::Expr& key : path.path[0].index) for_each_path(key, [&](const ast::Expr& inner) { self(self, inner); });
  };
  for_each_path(argument, [&](const ast::Expr& path) { add(add, path); });
  if (steps.size() > 1) {
    std::erase_if(steps, [&](int step) { return !scope.rule->steps[static_cast<std::size_t>(step)].loop(); });
    if (steps.size() != 1) {
      reporter_.error("E091", argument.span, fmt::format("`{}` is over the events of one step; several are named here", call.text), {},
                      "aggregate each step by itself");
      return -1;
    }
  }
  if (!steps.empty()) return steps.front();
  const bool stream = argument.kind == ast::ExprKind::kPath && world_.stream_by_name.contains(argument.path[0].name.text);
  if (world_.incomplete && !stream) return -1;
  if (argument.kind == ast::ExprKind::kPath && scope.rule != nullptr) {
    std::vector<std::string> names;
    for (const StepView& step : scope.rule->steps) {
      if (step.named) names.push_back(step.name);
    }
    const std::string help = reporter_.did_you_mean(argument.path[0].name.text, names);
    if (!help.empty()) {
      reporter_.error("E091", argument.span, fmt::format("there is no step `{}`", argument.path[0].name.text), {}, help);
      return -1;
    }
  }
  reporter_.error(
      "E091", argument.span, fmt::format("`{}` needs the events of a step", call.text), {},
      stream ? "name a step over this stream: `a: stream{3..}`, and aggregate `a`" : fmt::format("write `{}(step.field)`", call.text));
  return -1;
}

Typed ExpressionChecker::aggregate(const ast::Expr& expr, const Scope& scope) {
  const Aggregate aggregate = aggregates().at(expr.text);
  const bool ranked = aggregate == Aggregate::kPercentile || aggregate == Aggregate::kTop || aggregate == Aggregate::kTopCount;
  if (expr.args.size() != (ranked ? 2U : 1U)) {
    reporter_.error("E086", expr.span,
                    fmt::format("`{}` takes {}, not {}", expr.text, ranked ? "2 arguments" : "1 argument", expr.args.size()), {},
                    fmt::format("write `{}(step.field{})`", expr.text,
                                !ranked                               ? ""
                                : aggregate == Aggregate::kPercentile ? ", 95"
                                                                      : ", 1"));
    return {};
  }
  if (scope.aggregate_step >= 0) {
    reporter_.error("E091", expr.span, "an aggregate cannot stand inside another", {}, "compare the two results instead");
    return {};
  }
  AggregateParts parts;
  parts.argument = &expr.args[0];
  for (bool unwrapping = true; unwrapping;) {
    switch (parts.argument->kind) {
      case ast::ExprKind::kOver:
        parts.over = &parts.argument->args[1];
        parts.argument = &parts.argument->args[0];
        break;
      case ast::ExprKind::kWhere:
        parts.where = &parts.argument->args[1];
        parts.argument = &parts.argument->args[0];
        break;
      case ast::ExprKind::kDistinct:
        parts.distinct = true;
        parts.argument = &parts.argument->args[0];
        break;
      default: unwrapping = false;
    }
  }
  if (parts.distinct && aggregate != Aggregate::kCount && aggregate != Aggregate::kValues) {
    reporter_.error("E091", expr.span, fmt::format("`distinct` stands in `count` and `values` only, not in `{}`", expr.text), {},
                    "write `count(distinct step.field)`");
    return {};
  }
  Expr node;
  node.op = parts.over != nullptr ? Op::kPast : Op::kAggregate;
  node.span = expr.span;
  node.aggregate = aggregate;
  node.distinct = parts.distinct;
  node.args.resize(2);
  if (ranked && !aggregate_rank(expr, node, scope)) return {};
  if (aggregate == Aggregate::kMedian) node.percentile = 50;
  return parts.over != nullptr ? aggregate_of_past(expr, parts, std::move(node), scope)
                               : aggregate_of_step(expr, parts, std::move(node), scope);
}

// The second argument of percentile, top, top_count.
bool ExpressionChecker::aggregate_rank(const ast::Expr& expr, Expr& node, const Scope& scope) {
  if (node.aggregate == Aggregate::kPercentile) {
    const Typed rank = build_.to_float(check(expr.args[1], scope));
    if (!rank.ok()) return false;
    if (!rank.constant() || rank.type() != Type::kFloat || rank.expr->value.null ||
        !(rank.expr->value.f >= 0 && rank.expr->value.f <= 100)) {
      reporter_.error("E109", expr.args[1].span, "the rank of a percentile must be a number from 0 to 100", {},
                      "write `percentile(step.field, 95)`");
      return false;
    }
    node.percentile = rank.expr->value.f;
    return true;
  }
  constexpr std::int64_t kMaxRank = 1000;
  const Typed rank = check(expr.args[1], scope);
  if (!rank.ok()) return false;
  if (!rank.constant() || rank.type() != Type::kInt || rank.expr->value.null || rank.expr->value.i < 1 || rank.expr->value.i > kMaxRank) {
    reporter_.error("E109", expr.args[1].span, fmt::format("`{}` needs a place from 1 to {}", expr.text, kMaxRank), {},
                    fmt::format("write `{}(step.field, 1)` for the most frequent value", expr.text));
    return false;
  }
  node.pick = rank.expr->value.i;
  return true;
}

Typed ExpressionChecker::aggregate_of_step(const ast::Expr& expr, const AggregateParts& parts, Expr node, const Scope& scope) {
  const ast::Expr& argument = *parts.argument;
  const int step = aggregated_step(expr, argument, scope);
  if (step < 0) return {};
  const StepView& view = scope.rule->steps[static_cast<std::size_t>(step)];
  ast::Expr of_step;
  of_step.path = {ast::PathPart{ast::Name{argument.span, view.name, false}, {}}};
  of_step.span = argument.span;
  if (!step_is_visible(of_step, scope, step)) return {};
  node.step = step;
  Scope inner = scope;
  inner.has_candidate = true;
  inner.candidate = view.streams;
  inner.candidate_poisoned = view.poisoned;
  inner.aggregate_step = step;
  inner.own = -1;
  inner.past = nullptr;
  const bool events = argument.kind == ast::ExprKind::kPath && argument.path.size() == 1 && find_step(argument, scope) == step;
  if (events && (node.distinct || (node.aggregate != Aggregate::kCount && node.aggregate != Aggregate::kRate))) {
    reporter_.error("E092", expr.span, fmt::format("`{}` of what? `{}` is a step, not a value", expr.text, view.name), {},
                    fmt::format("name one of its fields: `{}({}{}.time)`", expr.text, node.distinct ? "distinct " : "", view.name));
    return {};
  }
  Scope of_value = inner;
  of_value.aggregate_argument = true;
  of_value.bound = std::max(scope.bound, step + 1);
  Typed result = aggregate_value(expr, argument, events, std::move(node), of_value);
  if (!result.ok() || parts.where == nullptr) return result;
  const Typed filter = condition(*parts.where, inner, "`where`");
  if (!filter.ok()) return {};
  Expr filtered = *result.expr;
  filtered.args[1] = filter.expr;
  result.expr = std::make_shared<const Expr>(std::move(filtered));
  result.nodes += filter.nodes;
  result.depth = std::max(result.depth, filter.depth + 1);
  return result;
}

Typed ExpressionChecker::aggregate_value(const ast::Expr& expr, const ast::Expr& argument, bool events, Expr node, const Scope& inner) {
  const Aggregate aggregate = node.aggregate;
  const bool window = node.op == Op::kPast || (inner.rule != nullptr && inner.rule->window);
  if (window && (aggregate == Aggregate::kValues || aggregate == Aggregate::kSlope)) {
    reporter_.error("E255", expr.span, fmt::format("`{}` is over the events of a step, not of a window", expr.text), {},
                    "windows have count, sum, avg, min, max, first, last, median, percentile, stddev, rate, top and approx_distinct");
    return {};
  }
  node.type = aggregate == Aggregate::kRate ? Type::kFloat : Type::kInt;
  if (events) return TypedBuilder::leaf(std::move(node));
  Typed value = check(argument, inner);
  if (!value.ok()) return {};
  if (value.null_literal || !aggregates_type(aggregate, value.type())) {
    reporter_.error("E087", argument.span, fmt::format("`{}` cannot be taken of {}", expr.text, describe(value)), {}, "it needs numbers");
    return {};
  }
  if (is_list(value.type()) &&
      (window || (aggregate != Aggregate::kFirst && aggregate != Aggregate::kLast && (aggregate != Aggregate::kCount || node.distinct)))) {
    reporter_.error("E087", argument.span, fmt::format("`{}` cannot be taken of a list here", expr.text), {},
                    "name one of its elements: `step.list[1]`");
    return {};
  }
  const bool measure = aggregate == Aggregate::kStddev || aggregate == Aggregate::kSlope || aggregate == Aggregate::kRate;
  if (is_number(value.type()) && (measure || (aggregate == Aggregate::kAvg && value.type() != Type::kDecimal)))
    value = build_.to_float(value);
  const bool counts = aggregate == Aggregate::kCount || aggregate == Aggregate::kApproxDistinct || aggregate == Aggregate::kTopCount;
  if (!counts) node.type = aggregate == Aggregate::kValues ? list_of(value.type()) : value.type();
  const bool chooses =
      aggregate == Aggregate::kFirst || aggregate == Aggregate::kLast || aggregate == Aggregate::kTop || aggregate == Aggregate::kValues;
  const bool compares =
      node.distinct || aggregate == Aggregate::kApproxDistinct || aggregate == Aggregate::kTop || aggregate == Aggregate::kTopCount;
  node.fold = compares && value.nocase;
  node.args[0] = value.expr;
  Typed result = TypedBuilder::leaf(std::move(node), chooses && value.nocase);
  result.nodes = value.nodes + 1;
  result.depth = value.depth + 1;
  return result;
}

}  // namespace sequitur::dsl
