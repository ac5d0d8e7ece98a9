#include "nfa/predicate_tree.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "nfa/expression_program.hpp"
#include "nfa/text_operators.hpp"

namespace sequitur::nfa {
namespace {

using dsl::Constant;
using dsl::Expr;
using dsl::ExprPtr;
using dsl::Op;

constexpr std::uint8_t kAnyOutcome = kBelow | kSame | kAbove;

TreePtr made(Tree tree) { return std::make_shared<const Tree>(std::move(tree)); }

TreePtr fixed(bool value) {
  Tree tree;
  tree.kind = value ? Tree::Kind::kTrue : Tree::Kind::kFalse;
  return made(std::move(tree));
}

// `and` or `or`, flattened, without parts that are true or false.
TreePtr joined(Tree::Kind kind, const std::vector<TreePtr>& parts) {
  const bool conjunction = kind == Tree::Kind::kAnd;
  const Tree::Kind neutral = conjunction ? Tree::Kind::kTrue : Tree::Kind::kFalse;
  const Tree::Kind deciding = conjunction ? Tree::Kind::kFalse : Tree::Kind::kTrue;
  Tree tree;
  tree.kind = kind;
  for (const TreePtr& part : parts) {
    if (part->kind == deciding) return part;
    if (part->kind == neutral) continue;
    if (part->kind == kind) {
      tree.children.insert(tree.children.end(), part->children.begin(), part->children.end());
    } else {
      tree.children.push_back(part);
    }
  }
  if (tree.children.empty()) return fixed(conjunction);
  if (tree.children.size() == 1) return tree.children[0];
  return made(std::move(tree));
}

std::uint8_t outcomes_of(Op op) {
  switch (op) {
    case Op::kEqual: return kSame;
    case Op::kNotEqual: return kBelow | kAbove;
    case Op::kLess: return kBelow;
    case Op::kLessEqual: return kBelow | kSame;
    case Op::kGreater: return kAbove;
    default: return kAbove | kSame;
  }
}

std::uint8_t mirrored(std::uint8_t outcomes) {
  const int mirror = (outcomes & kSame) | ((outcomes & kBelow) != 0 ? kAbove : 0) | ((outcomes & kAbove) != 0 ? kBelow : 0);
  return static_cast<std::uint8_t>(mirror);
}

std::optional<Constant> constant_of(const Expr& expr) {
  if (expr.op == Op::kConstant) return expr.value;
  if (expr.op != Op::kToFloat || expr.args[0]->op != Op::kConstant) return std::nullopt;
  Constant value = expr.args[0]->value;
  if (value.type != Type::kFloat && !value.null) value.f = static_cast<double>(value.i);
  value.type = Type::kFloat;
  return value;
}

// `to_float(int field) op c` as a comparison of ints. The doubles up to 2^53 are exact; beyond, ints compare with a smaller c
// as their rounded doubles do. False: there is no such int.
bool as_int_comparison(double c, std::uint8_t& outcomes, Constant& constant) {
  if (!(std::abs(c) < 0x1p53)) return false;
  const double whole = std::floor(c);
  if (whole != c) {
    // Between two ints: below or same as the lower one, or above it.
    if (outcomes == kSame || outcomes == (kBelow | kAbove)) return false;
    outcomes = (outcomes & kBelow) != 0 ? (kBelow | kSame) : kAbove;
  }
  constant.type = Type::kInt;
  constant.i = static_cast<std::int64_t>(whole);
  return true;
}

}  // namespace

Atoms::Ask Atoms::inverse(Ask ask) {
  switch (ask) {
    case Ask::kTrue: return Ask::kFalse;
    case Ask::kFalse: return Ask::kTrue;
    case Ask::kNotTrue: return Ask::kNotFalse;
    case Ask::kNotFalse: return Ask::kNotTrue;
  }
  return ask;
}

bool Atoms::accepts(Ask ask, const Constant& constant) {
  const bool is_true = !constant.null && constant.i == 1, is_false = !constant.null && constant.i == 0;
  switch (ask) {
    case Ask::kTrue: return is_true;
    case Ask::kFalse: return is_false;
    case Ask::kNotTrue: return !is_true;
    case Ask::kNotFalse: return !is_false;
  }
  return false;
}

TreePtr Atoms::normalize(const ExprPtr& condition) { return condition == nullptr ? fixed(true) : tree(condition, Ask::kTrue); }

TreePtr Atoms::tree(const ExprPtr& expr, Ask ask) {
  switch (expr->op) {
    case Op::kConstant: return fixed(accepts(ask, expr->value));
    case Op::kNot: return tree(expr->args[0], inverse(ask));
    case Op::kCoalesce: return coalesce(expr, ask);
    case Op::kAnd:
    case Op::kOr: {
      // "The conjunction is true" and "is not false" ask all its parts, the other two ask for any; a disjunction mirrors it.
      const bool all = (ask == Ask::kTrue || ask == Ask::kNotFalse) == (expr->op == Op::kAnd);
      std::vector<TreePtr> parts;
      for (const ExprPtr& arg : expr->args) parts.push_back(tree(arg, ask));
      return joined(all ? Tree::Kind::kAnd : Tree::Kind::kOr, parts);
    }
    default: return leaf(expr, ask);
  }
}

// `c ?? true` is true exactly if c is not false, and never unknown.
TreePtr Atoms::coalesce(const ExprPtr& expr, Ask ask) {
  const Expr& fallback = *expr->args[1];
  if (fallback.op != Op::kConstant || fallback.value.null) return leaf(expr, ask);
  const bool wants_true = ask == Ask::kTrue || ask == Ask::kNotFalse;
  const bool unknown_is_true = fallback.value.i == 1;
  if (wants_true) return tree(expr->args[0], unknown_is_true ? Ask::kNotFalse : Ask::kTrue);
  return tree(expr->args[0], unknown_is_true ? Ask::kFalse : Ask::kNotTrue);
}

std::optional<SlotIndex> Atoms::slot_of(const Expr& expr) const {
  if (expr.op != Op::kCandidate) return std::nullopt;
  for (const dsl::FieldPlace& place : expr.places)
    if (place.stream == stream_) return place.slot;
  return std::nullopt;
}

TreePtr Atoms::leaf(const ExprPtr& expr, Ask ask) {
  TreePtr result;
  switch (expr->op) {
    case Op::kCandidate:
      if (const auto slot = slot_of(*expr)) {
        Constant yes;
        yes.i = 1;
        result = compare(Type::kBool, *slot, false, kSame, yes, ask);
      }
      break;
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual: result = comparison(expr, ask); break;
    case Op::kExists: result = exists(expr, ask); break;
    case Op::kInList:
      if (!expr->file_list) result = member(expr, ask);
      break;
    case Op::kText: result = pattern(expr, ask); break;
    default: break;
  }
  if (result != nullptr) return result;
  Tree tree;
  tree.kind = Tree::Kind::kLiteral;
  tree.literal.kind = LiteralKind::kExpression;
  tree.literal.index = intern(expressions_, expression_index_, expr, kTimeSlot);
  tree.literal.wanted = ask == Ask::kTrue || ask == Ask::kNotTrue ? 1 : 0;
  tree.literal.negate = ask == Ask::kNotTrue || ask == Ask::kNotFalse;
  return made(std::move(tree));
}

Slot Atoms::key_of(Type type, bool fold, const Constant& constant) {
  if (has_bytes(type)) return texts_.text(fold ? folded(constant.s) : constant.s);
  if (type == Type::kFloat) return Slot::of_float((constant.type == Type::kFloat ? constant.f : static_cast<double>(constant.i)) + 0.0);
  return Slot::of_int(constant.i);
}

TreePtr Atoms::compare(Type type, SlotIndex slot, bool fold, std::uint8_t outcomes, const Constant& constant, Ask ask) {
  const bool wants_true = ask == Ask::kTrue || ask == Ask::kNotTrue;
  Tree tree;
  tree.kind = Tree::Kind::kLiteral;
  tree.slot = slot;
  tree.literal.kind = has_bytes(type) ? (fold ? LiteralKind::kTextFolded : LiteralKind::kText)
                                      : (type == Type::kFloat ? LiteralKind::kFloat : LiteralKind::kInt);
  tree.literal.offset = offset_of(slot);
  tree.literal.constant = key_of(type, fold, constant);
  tree.literal.outcomes = wants_true ? outcomes : static_cast<std::uint8_t>(kAnyOutcome ^ outcomes);
  tree.literal.negate = ask == Ask::kNotTrue || ask == Ask::kNotFalse;
  if (tree.literal.outcomes == kSame && !tree.literal.negate) {
    tree.keys = {tree.literal.constant};
    tree.key_kind = tree.literal.kind;
  }
  return made(std::move(tree));
}

// Null pointer: not a comparison of a field with a constant.
TreePtr Atoms::comparison(const ExprPtr& expr, Ask ask) {
  const Expr* field = expr->args[0].get();
  const Expr* other = expr->args[1].get();
  std::uint8_t outcomes = outcomes_of(expr->op);
  if (constant_of(*field)) {
    std::swap(field, other);
    outcomes = mirrored(outcomes);
  }
  auto constant = constant_of(*other);
  if (!constant) return nullptr;
  const bool widened = field->op == Op::kToFloat && field->args[0]->type == Type::kInt;
  const Expr& inner = widened ? *field->args[0] : *field;
  const auto slot = slot_of(inner);
  if (!slot) return nullptr;
  if (constant->null) return fixed(ask == Ask::kNotTrue || ask == Ask::kNotFalse);
  if (has_bytes(inner.type) && outcomes != kSame && outcomes != (kBelow | kAbove)) return nullptr;
  if (inner.type == Type::kFloat && constant->type == Type::kFloat && std::isnan(constant->f)) return nullptr;
  if (widened && !as_int_comparison(constant->f, outcomes, *constant)) return nullptr;
  return compare(inner.type, *slot, expr->fold, outcomes, *constant, ask);
}

TreePtr Atoms::exists(const ExprPtr& expr, Ask ask) {
  const auto slot = slot_of(*expr->args[0]);
  if (!slot) return nullptr;
  const bool wants_true = ask == Ask::kTrue || ask == Ask::kNotFalse;  // It is never unknown.
  return compare(expr->args[0]->type, *slot, false, kAnyOutcome, Constant{}, wants_true ? Ask::kTrue : Ask::kNotTrue);
}

TreePtr Atoms::member(const ExprPtr& expr, Ask ask) {
  const Expr& field = *expr->args[0];
  const auto slot = slot_of(field);
  if (!slot) return nullptr;
  if (expr->list.size() == 1 && !expr->list_has_null) return compare(field.type, *slot, expr->fold, kSame, expr->list[0], ask);
  Tree tree;
  tree.kind = Tree::Kind::kLiteral;
  tree.slot = *slot;
  tree.literal.kind = LiteralKind::kExpression;
  tree.literal.index = intern(expressions_, expression_index_, expr, kTimeSlot);
  tree.literal.wanted = ask == Ask::kTrue || ask == Ask::kNotTrue ? 1 : 0;
  tree.literal.negate = ask == Ask::kNotTrue || ask == Ask::kNotFalse;
  if (ask == Ask::kTrue) {
    if (expr->list.empty()) return fixed(false);
    for (const Constant& constant : expr->list) tree.keys.push_back(key_of(field.type, expr->fold, constant));
    tree.key_kind = has_bytes(field.type) ? (expr->fold ? LiteralKind::kTextFolded : LiteralKind::kText)
                                          : (field.type == Type::kFloat ? LiteralKind::kFloat : LiteralKind::kInt);
  }
  return made(std::move(tree));
}

TreePtr Atoms::pattern(const ExprPtr& expr, Ask ask) {
  const auto slot = slot_of(*expr->args[0]);
  if (!slot || expr->patterns.empty()) return nullptr;
  Tree tree;
  tree.kind = Tree::Kind::kLiteral;
  tree.slot = *slot;
  tree.literal.kind = LiteralKind::kPattern;
  tree.literal.offset = offset_of(*slot);
  tree.literal.index = intern(patterns_, pattern_index_, expr, *slot);
  tree.literal.wanted = ask == Ask::kTrue || ask == Ask::kNotTrue ? 1 : 0;
  tree.literal.negate = ask == Ask::kNotTrue || ask == Ask::kNotFalse;
  return made(std::move(tree));
}

std::uint32_t Atoms::intern(std::vector<Atom>& atoms, Index& index, const ExprPtr& expr, SlotIndex slot) {
  const std::uint64_t key = hash(*expr);
  const auto [begin, end] = index.equal_range(key);
  for (auto it = begin; it != end; ++it) {
    if (!equal(*atoms[it->second].expr, *expr)) continue;
    ++atoms[it->second].uses;
    return it->second;
  }
  const auto id = static_cast<std::uint32_t>(atoms.size());
  atoms.push_back({expr, 1, slot});
  index.emplace(key, id);
  return id;
}

}  // namespace sequitur::nfa
