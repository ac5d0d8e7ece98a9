// Puts nodes together; what the actions of the grammars call.
#pragma once

#include <vector>

#include "dsl/ast.hpp"
#include "dsl/grammar/state.hpp"

namespace sequitur::dsl::grammar {

// Each gives the node its span (from its parts) and its depth; too deep a tree throws Failure.
ast::Expr make_binary(const State& state, ast::ExprKind kind, const Span& op_span, ast::Expr left, ast::Expr right);
ast::Expr make_prefix(const State& state, ast::ExprKind kind, const Span& op_span, ast::Expr arg);
// `tail` is a comparison that still lacks its left side.
ast::Expr complete_comparison(const State& state, ast::Expr left, ast::Expr tail);
// Adds one more operand to `all`, which becomes (or is) an `and` or `or`; `or` with an unbracketed `and` is reported.
void add_operand(State& state, ast::ExprKind kind, const Span& op_span, ast::Expr& all, ast::Expr next);
void update_depth(const State& state, ast::Expr& expr);
// A path of one plain part may be true, false or null.
void resolve_constant(ast::Expr& path);
// Finds the place of a clause's word or words.
void place_words(const State& state, ast::Clause& clause);

}  // namespace sequitur::dsl::grammar
