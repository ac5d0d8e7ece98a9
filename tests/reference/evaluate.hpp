// Evaluates checked expressions by walking their tree: what every operator and function of the language means.
#pragma once

#include <span>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "tests/reference/value.hpp"

namespace sequitur::reference {

// What an expression can see.
struct Scope {
  const Row* candidate = nullptr;                               // The event that is being looked at.
  const std::vector<std::vector<const Row*>>* taken = nullptr;  // By stage: the events taken, oldest first.
  const Row* previous = nullptr;                                // The event that the run took last.
  const std::vector<Value>* key = nullptr;
  const Row* broken_by = nullptr;  // The event that ended the run, and which guard it fitted.
  int broken_guard = -1;
  // The key's past: the rule's list of what is asked of it, all events, and the positions of those of the key so far.
  const std::vector<dsl::Past>* past = nullptr;
  bool past_inclusive = false;  // A mutation.
  std::span<const Row> events{};
  const std::vector<std::size_t>* history = nullptr;
  const std::vector<Value>* elements = nullptr;  // Inside `some` and `every`: of each of its lists.
  std::int64_t match_count = 0;                  // Under `emit count`.
  // For look-ups: the tables, and the events that came before what is being evaluated, in order.
  const std::vector<dsl::Table>* tables = nullptr;
  std::span<const Row> known{};
  std::int64_t now = 0;
  bool window = false;  // What a window's aggregates ask of an event is as of that event.
};

Value evaluate(const dsl::Expr& expr, const Scope& scope);

// The row of a table with this key (where `folds` in lower case), as the events known have left it; null if there is none at `now`.
const Row* row_of(const dsl::Table& table, const std::vector<Value>& key, const std::vector<bool>& folds, std::span<const Row> known,
                  std::int64_t now);
// All rows that are there, the one whose change is the longest ago first.
std::vector<const Row*> rows_of(const dsl::Table& table, const std::vector<bool>& folds, std::span<const Row> known, std::int64_t now);

// No condition holds always; an unknown one does not.
bool holds(const dsl::ExprPtr& condition, const Scope& scope);

// ASCII letters in lower case, everything else as it is.
std::string folded(std::string text);
Value folded_value(const Value& value);  // A text, or each text of a list.

// `*` any run of characters, `?` one character (of UTF-8); the whole text.
bool is_like(std::string_view text, std::string_view pattern);

// Never throws; what lies outside the function's domain, or has no finite result, is null.
Value call(const dsl::Expr& expr, const std::vector<Value>& args);
// Those that take texts apart, convert, round, ask the calendar, or are about addresses and lists. No argument is null.
Value more(const dsl::Expr& expr, const std::vector<Value>& args);

}  // namespace sequitur::reference
