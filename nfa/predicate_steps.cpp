#include "nfa/predicate_steps.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "nfa/expression_program.hpp"
#include "nfa/predicate_ways.hpp"

namespace sequitur::nfa {
namespace {

// A literal that one range decides: not `!=`, not negated.
static bool is_guard(const Tree& tree) {
  const Literal& literal = tree.literal;
  if (tree.kind != Tree::Kind::kLiteral || literal.negate) return false;
  if (literal.kind != LiteralKind::kInt && literal.kind != LiteralKind::kFloat) return false;
  return literal.outcomes != (kBelow | kAbove);
}

}  // namespace

RangeTest range_test(const Literal& literal) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(), kGreatest = std::numeric_limits<std::int64_t>::max();
  constexpr RangeTest kEmpty{kGreatest, kLeast};
  const bool is_float = literal.kind == LiteralKind::kFloat;
  const std::int64_t infinity = Slot::of_float(std::numeric_limits<double>::infinity()).i;
  RangeTest all{is_float ? ordered(Slot::of_float(-std::numeric_limits<double>::infinity()).i, true) : kLeast + 1,
                is_float ? infinity : kGreatest};
  const bool below = (literal.outcomes & kBelow) != 0, same = (literal.outcomes & kSame) != 0, above = (literal.outcomes & kAbove) != 0;
  if (below && above) return all;                         // `!=` is the opposite of `==`: see not_equal().
  const bool zero = is_float && literal.constant.f == 0;  // -0.0 comes right before 0.0, and is equal to it.
  const std::int64_t first = zero ? -1 : ordered(literal.constant.i, is_float);
  const std::int64_t last = zero ? 0 : first;
  if (above) {
    if (!same && last == kGreatest) return kEmpty;
    all.low = same ? first : last + 1;
  } else if (below) {
    if (!same && first == kLeast) return kEmpty;
    all.high = same ? last : first - 1;
  } else if (same) {
    all = {first, last};
  } else {
    return kEmpty;
  }
  return all;
}

Entry StepBuilder::entry_of(PredicateId id, const std::vector<TreePtr>& rest) {
  Entry entry;
  entry.id = id;
  std::vector<TreePtr> others;
  bool guarded = false;
  for (const TreePtr& part : rest) {
    const bool is_float = part->literal.kind == LiteralKind::kFloat;
    const bool fits = is_guard(*part) && (!guarded || (part->literal.offset == entry.offset && is_float == entry.is_float));
    if (!fits) {
      others.push_back(part);
      continue;
    }
    const RangeTest range = range_test(part->literal);
    entry.guard = {std::max(entry.guard.low, range.low), std::min(entry.guard.high, range.high)};
    entry.offset = part->literal.offset;
    entry.is_float = is_float;
    guarded = true;
  }
  entry.first_step = first_step(others);
  return entry;
}

std::uint32_t StepBuilder::first_step(const std::vector<TreePtr>& rest) {
  if (rest.empty()) return kAccept;
  std::vector<const Tree*> key;
  for (const TreePtr& part : rest) key.push_back(part.get());
  const auto [it, added] = compiled_.try_emplace(key, kAccept);
  if (added) {
    it->second = conjunction(rest, kAccept, kReject);
    kept_.insert(kept_.end(), rest.begin(), rest.end());
  }
  return it->second;
}

double StepBuilder::cost_of(const Tree& tree) const {
  double cost = 0;
  for (const TreePtr& child : tree.children) cost += cost_of(*child);
  if (tree.kind != Tree::Kind::kLiteral) return cost;
  switch (tree.literal.kind) {
    case LiteralKind::kInt:
    case LiteralKind::kFloat: return 1;
    case LiteralKind::kText: return 2;
    case LiteralKind::kTextFolded: return 4;
    case LiteralKind::kExpression: return 8;
    case LiteralKind::kPattern: return has_database(plan_, tree.literal) ? kScanCost : 8;
  }
  return cost;
}

// Cheap questions first. Steps are laid out back to front, so that each knows where to go on.
std::vector<TreePtr> StepBuilder::by_cost(std::vector<TreePtr> parts) const {
  std::stable_sort(parts.begin(), parts.end(), [&](const TreePtr& a, const TreePtr& b) { return cost_of(*a) < cost_of(*b); });
  return parts;
}
std::uint32_t StepBuilder::conjunction(const std::vector<TreePtr>& parts, std::uint32_t on_true, std::uint32_t on_false) {
  const auto sorted = by_cost(parts);
  for (auto part = sorted.rbegin(); part != sorted.rend(); ++part) on_true = steps_of(**part, on_true, on_false);
  return on_true;
}
std::uint32_t StepBuilder::steps_of(const Tree& tree, std::uint32_t on_true, std::uint32_t on_false) {
  if (tree.kind == Tree::Kind::kAnd) return conjunction(tree.children, on_true, on_false);
  if (tree.kind == Tree::Kind::kOr) {
    const auto sorted = by_cost(tree.children);
    for (auto part = sorted.rbegin(); part != sorted.rend(); ++part) on_false = steps_of(**part, on_true, on_false);
    return on_false;
  }
  const Literal& literal = tree.literal;
  const bool compares = literal.kind != LiteralKind::kExpression && literal.kind != LiteralKind::kPattern;
  if (compares && literal.outcomes == (kBelow | kAbove)) return not_equal(literal, on_true, on_false);
  return add_step(test_of(literal), on_true, on_false);
}

std::uint32_t StepBuilder::add_step(const PlanTest& test, std::uint32_t on_true, std::uint32_t on_false) {
  Step step;
  step.test = test;
  step.on_true = on_true;
  step.on_false = on_false;
  plan_.steps.push_back(step);
  return static_cast<std::uint32_t>(plan_.steps.size() - 1);
}

// Not null, and not the constant.
std::uint32_t StepBuilder::not_equal(Literal literal, std::uint32_t on_true, std::uint32_t on_false) {
  if (std::exchange(literal.negate, false)) std::swap(on_true, on_false);
  literal.outcomes = kSame;
  const std::uint32_t different = add_step(test_of(literal), on_false, on_true);
  literal.outcomes = kBelow | kSame | kAbove;
  return add_step(test_of(literal), different, on_false);
}

PlanTest StepBuilder::test_of(const Literal& literal) const {
  PlanTest test;
  test.offset = literal.offset;
  test.wanted = literal.wanted;
  test.negate = literal.negate;
  switch (literal.kind) {
    case LiteralKind::kInt:
    case LiteralKind::kFloat:
      test.kind = literal.kind == LiteralKind::kInt ? PlanTest::Kind::kInt : PlanTest::Kind::kFloat;
      test.range = range_test(literal);
      break;
    case LiteralKind::kText:
    case LiteralKind::kTextFolded:
      test.kind = literal.kind == LiteralKind::kText ? PlanTest::Kind::kText : PlanTest::Kind::kTextFolded;
      if (literal.outcomes == (kBelow | kSame | kAbove)) test.kind = PlanTest::Kind::kExists;
      test.equal = {literal.constant, first_bytes(literal.constant.text().data(), literal.constant.text().size())};
      break;
    case LiteralKind::kExpression:
      test.kind = PlanTest::Kind::kExpression;
      test.index = literal.index;
      break;
    case LiteralKind::kPattern:
      test.kind = has_database(plan_, literal) ? PlanTest::Kind::kPattern : PlanTest::Kind::kExpression;
      test.index = has_database(plan_, literal) ? literal.index : plan_.patterns[literal.index].bucket;
      break;
  }
  return test;
}

}  // namespace sequitur::nfa
