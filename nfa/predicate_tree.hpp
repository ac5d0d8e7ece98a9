// A condition on the event alone in normal form: `and` and `or` over literals, without `not` and without unknown.
// Only predicate_*.cpp know it.
//
// A literal asks one atom (a comparison of a field with a constant, a set of text patterns, any other expression) for one of
// its three values: is it true, is it false, is it not true, is it not false. Pushed down to the literals, `not` and
// `c ?? true` disappear, and what is left is monotone: the condition holds exactly if the tree of literals does.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "nfa/expression.hpp"
#include "sequitur/event.hpp"

namespace sequitur::nfa {

enum class LiteralKind : std::uint8_t {
  kInt,  // The field at `offset` (not float, not text) against `constant`: one of `outcomes`.
  kFloat,
  kText,        // Outcome kSame: equal; kBelow | kAbove: not equal; all three: not null.
  kTextFolded,  // The constant is folded.
  kExpression,  // Atom `index` has the value `wanted`.
  kPattern,     // Pattern atom `index` has the value `wanted`.
};

struct Literal {
  LiteralKind kind = LiteralKind::kInt;
  std::uint8_t outcomes = 0;  // kBelow, kSame, kAbove of expression_program.hpp.
  std::uint8_t wanted = 1;
  bool negate = false;  // Holds exactly if the rest does not; so also for null.
  std::uint32_t offset = 0;
  union {
    Slot constant;
    std::uint32_t index;
  };
  Literal() : constant{.i = 0} {}
};
static_assert(sizeof(Literal) == 16);

struct Tree;
using TreePtr = std::shared_ptr<const Tree>;

struct Tree {
  enum class Kind : std::uint8_t { kTrue, kFalse, kLiteral, kAnd, kOr };
  Kind kind = Kind::kTrue;
  Literal literal;
  std::vector<TreePtr> children;  // Of kAnd and kOr: two or more, none of the same kind, none of them true or false.

  // How an index can find the literal: if it holds, the field has one of the keys.
  SlotIndex slot = kTimeSlot;
  std::vector<Slot> keys;  // Empty: not by equality. Texts are folded for kTextFolded.
  LiteralKind key_kind = LiteralKind::kInt;
};

// The distinct atoms of a stream that are not plain comparisons.
struct Atom {
  dsl::ExprPtr expr;
  std::uint32_t uses = 0;
  SlotIndex slot = kTimeSlot;  // Of a pattern atom.
};

class Atoms {
 public:
  explicit Atoms(StreamId stream) : stream_(stream) {}

  // The normal form of `condition`, a bool expression over the candidate only.
  TreePtr normalize(const dsl::ExprPtr& condition);

  const std::vector<Atom>& expressions() const { return expressions_; }
  const std::vector<Atom>& patterns() const { return patterns_; }
  Arena& texts() { return texts_; }  // What the constants refer to; must outlive the trees.

 private:
  // Which values of the expression are asked for.
  enum class Ask : std::uint8_t { kTrue, kFalse, kNotTrue, kNotFalse };
  static Ask inverse(Ask ask);
  static bool accepts(Ask ask, const dsl::Constant& constant);

  TreePtr tree(const dsl::ExprPtr& expr, Ask ask);
  TreePtr leaf(const dsl::ExprPtr& expr, Ask ask);
  TreePtr comparison(const dsl::ExprPtr& expr, Ask ask);
  TreePtr exists(const dsl::ExprPtr& expr, Ask ask);
  TreePtr member(const dsl::ExprPtr& expr, Ask ask);
  TreePtr pattern(const dsl::ExprPtr& expr, Ask ask);
  TreePtr coalesce(const dsl::ExprPtr& expr, Ask ask);
  TreePtr compare(Type type, SlotIndex slot, bool fold, std::uint8_t outcomes, const dsl::Constant& constant, Ask ask);
  Slot key_of(Type type, bool fold, const dsl::Constant& constant);
  std::optional<SlotIndex> slot_of(const dsl::Expr& expr) const;

  using Index = std::unordered_multimap<std::uint64_t, std::uint32_t>;
  static std::uint32_t intern(std::vector<Atom>& atoms, Index& index, const dsl::ExprPtr& expr, SlotIndex slot);

  StreamId stream_;
  std::vector<Atom> expressions_, patterns_;
  Index expression_index_, pattern_index_;
  Arena texts_;
};

}  // namespace sequitur::nfa
