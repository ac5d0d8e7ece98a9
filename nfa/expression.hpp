// Compiled expressions: typed, without variants, names or virtual calls. See expression.cpp for the idea.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "sequitur/event.hpp"

namespace sequitur::nfa {

// The events that one stage of a run has taken, oldest first.
struct StageEvents {
  const Event* const* data = nullptr;
  std::uint32_t count = 0;
};

// A place in the order of events; see Evaluator for what `place` is.
struct AsOf {
  std::int64_t time = 0;
  std::uint64_t place = 0;
  friend bool operator<(const AsOf& a, const AsOf& b) { return a.time != b.time ? a.time < b.time : a.place < b.place; }
};

// Tables, as those see them that look rows up.
struct TableView {
  const void* tables = nullptr;
  // The row with the key as it was at the place; null if there is none. `key` has no nulls.
  const Event* (*find)(const void* tables, std::uint32_t table, const Slot* key, AsOf as_of) = nullptr;
};

// What an expression can see. Only the parts that the expression uses need to be set.
struct EvaluationContext {
  const Event* candidate = nullptr;
  const StageEvents* stages = nullptr;  // Index = stage of the rule.
  std::uint32_t stage_count = 0;
  const Event* previous = nullptr;    // The event that the run took last.
  const Slot* key = nullptr;          // Values of the key parts.
  std::array<Slot, 2> match_count{};  // Under `emit count`: the number, and whether it is a remainder.
  const Event* break_event = nullptr;
  int break_guard = -1;
  const Slot* values = nullptr;    // Of aggregates that the engine keeps (Op::kValue).
  const Slot* elements = nullptr;  // Of the lists that the enclosing `some` or `every` goes through.
  TableView tables;
  AsOf as_of;              // For look-ups.
  Arena* arena = nullptr;  // Where new texts (lower, concat, ..) are laid out.
};

// Immutable; evaluate() may be called by many threads at once, each with its own context.
class Expression {
 public:
  Expression() = default;
  static Expression compile(const dsl::Expr& expr);

  explicit operator bool() const { return code_ != nullptr; }
  Type type() const { return type_; }

  // A text may be one of the events', of the arena, or a constant of the expression itself: it is valid as long as all of
  // them. Without an arena, a new text is valid until the thread's next evaluate(). Conditions never need an arena.
  Slot evaluate(const EvaluationContext& context) const;
  // A bool expression that is unknown does not hold.
  bool holds(const EvaluationContext& context) const { return evaluate(context).i == 1; }

 private:
  struct Code;
  std::shared_ptr<const Code> code_;
  Type type_ = Type::kBool;
};

// Structural equality and hash of checked expressions (spans do not count): the base of sharing.
bool equal(const dsl::Expr& a, const dsl::Expr& b);
std::uint64_t hash(const dsl::Expr& expr);

// Whether the expression looks at nothing but the candidate event.
bool event_only(const dsl::Expr& expr);

// The last of the first `steps` steps whose events the expression looks at; -1: none of them.
int last_step(const dsl::Expr& expr, int steps);

// Whether it asks a list from a file, which may change while runs wait.
bool mentions_file(const dsl::Expr& expr);

// condition = (event part) and (rest); either may be null. The event part looks at the candidate only.
struct SplitCondition {
  dsl::ExprPtr event_part;
  dsl::ExprPtr run_part;
};
SplitCondition split(const dsl::ExprPtr& condition);

}  // namespace sequitur::nfa
