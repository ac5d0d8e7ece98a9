// `some` and `every`: conditions on the elements of a list. Inside them the name of a list means its element; several parts
// of one list of records mean the parts of one element.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_expression.hpp"

namespace sequitur::dsl {
namespace {

bool is_field(Op op) { return op == Op::kCandidate || op == Op::kStepField || op == Op::kPrevField || op == Op::kBreakField; }

}  // namespace

// Lists with one owner have one length and go together. What is computed is its own owner.
std::string ExpressionChecker::list_owner(const Expr& list) const {
  if (list.op == Op::kKeyPart) return fmt::format("key {}", list.step);
  if (list.op == Op::kElement || list.places.empty() || !is_field(list.op)) return {};
  const FieldPlace& place = list.places.front();
  const Field& field = world_.schemas[place.stream].fields[static_cast<std::size_t>(place.slot)];
  return fmt::format("{} {} {} {} {}", static_cast<int>(list.op), list.step, list.pick, list.guard,
                     field.record_list.empty() ? field.name : field.record_list);
}

Typed ExpressionChecker::element_of(const Typed& list, const Scope& scope) {
  ElementScope& elements = *scope.elements;
  std::string name = list_owner(*list.expr);
  const std::string owner = name.empty() ? fmt::format("computed {}", elements.lists.size()) : name;
  if (!name.empty()) name += fmt::format(" {}", list.expr->places.empty() ? 0 : list.expr->places.front().slot);
  if (elements.owner.empty()) elements.owner = owner;
  if (elements.owner != owner) {
    if (!elements.broken)
      reporter_.error("E112", list.span(), "this is an element of another list", {},
                      "one `some` or `every` goes through one list: write `some a == .. and some b == ..`");
    elements.broken = true;
    return {};
  }
  std::size_t index = 0;
  while (index < elements.lists.size() && (name.empty() || elements.names[index] != name)) ++index;
  if (index == elements.lists.size()) {
    elements.lists.push_back(list);
    elements.names.push_back(name);
  }
  Expr node;
  node.op = Op::kElement;
  node.type = sequitur::element_of(list.type());
  node.span = list.span();
  node.step = static_cast<int>(index);
  return TypedBuilder::leaf(std::move(node), list.nocase);
}

Typed ExpressionChecker::quantified(const ast::Expr& expr, const Scope& scope) {
  const std::string_view word = expr.kind == ast::ExprKind::kSome ? "some" : "every";
  if (scope.elements != nullptr) {
    reporter_.error("E112", expr.span, fmt::format("`{}` inside another `some` or `every`", word), {},
                    "an element is no list; join the conditions: `some (a.x == 1 and a.y == 2)`");
    return {};
  }
  ElementScope elements;
  Scope inner = scope;
  inner.elements = &elements;
  const Typed condition = check(expr.args[0], inner);
  if (!condition.ok() || elements.broken) return {};
  if (elements.lists.empty()) {
    reporter_.error("E112", expr.args[0].span, fmt::format("`{}` asks the elements of a list, and here is none", word), {},
                    fmt::format("write `{} list == ..`, or leave out `{}`", word, word));
    return {};
  }
  if (!build_.require_bool(condition, fmt::format("what stands behind `{}`", word))) return {};
  Expr node;
  node.op = expr.kind == ast::ExprKind::kSome ? Op::kSome : Op::kEvery;
  node.type = Type::kBool;
  node.span = expr.span;
  std::vector<Typed> args = {condition};
  args.insert(args.end(), elements.lists.begin(), elements.lists.end());
  return build_.node(std::move(node), args);
}

// args[1]: the first; args[-1]: the last.
Typed ExpressionChecker::list_element(const Typed& list, const ast::PathPart& part, const Scope& scope) {
  Scope outer = scope;
  outer.elements = nullptr;
  const Typed number = check(part.index[0], outer);
  if (!list.ok() || !number.ok()) return {};
  if (part.index.size() != 1 || number.null_literal || number.type() != Type::kInt || (number.constant() && number.expr->value.i == 0)) {
    reporter_.error("E090", part.index[0].span, "the number of an element must be a whole number, from 1", {},
                    fmt::format("write `{}[1]` for the first, `{}[-1]` for the last", part.name.text, part.name.text));
    return {};
  }
  Expr node;
  node.op = Op::kCall;
  node.function = Function::kListElement;
  node.type = sequitur::element_of(list.type());
  node.span = list.span();
  return build_.node(std::move(node), std::vector<Typed>{list, number}, list.nocase);
}

}  // namespace sequitur::dsl
