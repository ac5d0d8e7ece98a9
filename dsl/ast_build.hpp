// Pieces of syntax for what the checker spells out before it checks it. All of them stand at one place of the source.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dsl/ast.hpp"

namespace sequitur::dsl {

class AstBuilder {
 public:
  explicit AstBuilder(Span span) { place_.file = span.file, place_.begin = span.begin, place_.end = span.end; }

  ast::Name name(std::string text) const {
    ast::Name result;
    result.span = place_;
    result.text = std::move(text);
    return result;
  }
  ast::Expr node(ast::ExprKind kind, std::vector<ast::Expr> args = {}) const {
    ast::Expr result;
    result.kind = kind;
    result.span = result.op_span = place_;
    result.args = std::move(args);
    return result;
  }
  ast::Expr yes_or_no(bool value) const {
    ast::Expr result = node(ast::ExprKind::kBool);
    result.integer = value ? 1 : 0;
    return result;
  }
  // first.second..
  ast::Expr path(const std::vector<std::string>& words) const {
    ast::Expr result = node(ast::ExprKind::kPath);
    for (const std::string& word : words) result.path.emplace_back().name = name(word);
    return result;
  }
  // table[key].field
  ast::Expr look_up(const std::string& table, std::vector<ast::Expr> key, const std::string& field) const {
    ast::Expr result = path({table, field});
    result.path[0].index = std::move(key);
    return result;
  }
  ast::Expr call(std::string function, std::vector<ast::Expr> args) const {
    ast::Expr result = node(ast::ExprKind::kCall, std::move(args));
    result.text = std::move(function);
    return result;
  }

 private:
  ast::Place place_;
};

}  // namespace sequitur::dsl
