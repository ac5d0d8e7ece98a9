#include "dsl/grammar/build.hpp"

#include <algorithm>
#include <utility>

#include "dsl/grammar/scan.hpp"
#include "dsl/limits.hpp"

namespace sequitur::dsl::grammar {

namespace {

void place_between(ast::Expr& expr, const Span& from, const Span& to) {
  expr.span = ast::Place{{from.file, std::min(from.begin, to.begin), std::max(from.end, to.end)}};
}

void report_mix(State& state, const ast::Expr& conjunction, const Span& op_span) {
  std::string inner(state.text(conjunction.span));
  std::replace(inner.begin(), inner.end(), '\n', ' ');
  std::string help =
      inner.size() <= 60 ? "write `(" + inner + ")` if that is what is meant" : "put brackets around the part that belongs together";
  state.report("E010", op_span, "`and` and `or` are mixed without brackets", std::move(help), "which of them comes first?");
}

}  // namespace

void update_depth(const State& state, ast::Expr& expr) {
  std::uint16_t deepest = 0;
  for (const ast::Expr& arg : expr.args) deepest = std::max(deepest, arg.depth);
  for (const ast::PathPart& part : expr.path) {
    for (const ast::Expr& index : part.index) deepest = std::max(deepest, index.depth);
  }
  expr.depth = static_cast<std::uint16_t>(deepest + 1);
  if (expr.depth > kMaxExprDepth) {
    state.fail("E032", state.at(expr.span.begin), state.at(expr.span.end),
               "this expression has more than " + std::to_string(kMaxExprDepth) + " levels", "name a part of it with `let`");
  }
}

ast::Expr make_binary(const State& state, ast::ExprKind kind, const Span& op_span, ast::Expr left, ast::Expr right) {
  ast::Expr expr;
  expr.kind = kind;
  expr.op_span = ast::Place{op_span};
  place_between(expr, left.span, right.span);
  expr.args.reserve(2);
  expr.args.push_back(std::move(left));
  expr.args.push_back(std::move(right));
  update_depth(state, expr);
  return expr;
}

ast::Expr make_prefix(const State& state, ast::ExprKind kind, const Span& op_span, ast::Expr arg) {
  ast::Expr expr;
  expr.kind = kind;
  expr.op_span = ast::Place{op_span};
  place_between(expr, op_span, arg.span);
  expr.args.push_back(std::move(arg));
  update_depth(state, expr);
  return expr;
}

ast::Expr complete_comparison(const State& state, ast::Expr left, ast::Expr tail) {
  place_between(tail, left.span, tail.args.empty() ? tail.op_span : tail.args.front().span);
  tail.args.insert(tail.args.begin(), std::move(left));
  update_depth(state, tail);
  return tail;
}

void add_operand(State& state, ast::ExprKind kind, const Span& op_span, ast::Expr& all, ast::Expr next) {
  auto is_bare_and = [](const ast::Expr& expr) { return expr.kind == ast::ExprKind::kAnd && !expr.bracketed; };
  const bool grows = all.kind == kind && !all.bracketed;
  if (kind == ast::ExprKind::kOr) {
    if (is_bare_and(next)) {
      report_mix(state, next, op_span);
    } else if (is_bare_and(all)) {
      report_mix(state, all, op_span);
    }
  }
  if (!grows) {
    all = make_binary(state, kind, op_span, std::move(all), std::move(next));
    return;
  }
  place_between(all, all.span, next.span);
  all.args.push_back(std::move(next));
  all.depth = std::max<std::uint16_t>(all.depth, static_cast<std::uint16_t>(all.args.back().depth + 1));
  if (all.depth > kMaxExprDepth) update_depth(state, all);
}

void resolve_constant(ast::Expr& path) {
  if (path.path.size() != 1 || path.path[0].name.quoted || !path.path[0].index.empty()) return;
  const std::string& word = path.path[0].name.text;
  if (word == "null") {
    path.kind = ast::ExprKind::kNull;
  } else if (word == "true" || word == "false") {
    path.kind = ast::ExprKind::kBool;
    path.integer = word == "true";
  } else {
    return;
  }
  path.path.clear();
}

void place_words(const State& state, ast::Clause& clause) {
  const Iterator begin = state.at(clause.span.begin);
  const Iterator clause_end = state.at(clause.span.end);
  Iterator end = begin + peek_word(begin, clause_end).size();
  const ast::Step* step = std::get_if<ast::Step>(&clause.body);
  const bool two_words = clause.kind == ast::ClauseKind::kCancel || clause.kind == ast::ClauseKind::kOnMatch ||
                         clause.kind == ast::ClauseKind::kOnTimeout || clause.kind == ast::ClauseKind::kOnBreak ||
                         clause.kind == ast::ClauseKind::kOnClear || (step && step->word == ast::StepWord::kNoNext);
  if (two_words) {
    Iterator second = end;
    while (second != clause_end && !is_name_start(*second)) ++second;  // A comment between the two may make this longer.
    end = second + peek_word(second, clause_end).size();
  }
  clause.word = state.place(begin, end);
}

}  // namespace sequitur::dsl::grammar
