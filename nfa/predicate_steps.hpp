// What is left to be asked of a predicate: normal forms to guards and steps. Only predicate_*.cpp know it.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "nfa/predicate_plan.hpp"

namespace sequitur::nfa {

// The comparison as a range of ordered() values. Empty (low above high) where there is no such number.
RangeTest range_test(const Literal& literal);

inline bool has_database(const Plan& plan, const Literal& literal) {
  return literal.kind == LiteralKind::kPattern && plan.patterns[literal.index].database != kNowhere;
}

class StepBuilder {
 public:
  explicit StepBuilder(Plan& plan) : plan_(plan) {}

  // The conjunction of `rest` as an entry: its first range, together with all others on the same field, is the guard.
  Entry entry_of(PredicateId id, const std::vector<TreePtr>& rest);

 private:
  std::uint32_t first_step(const std::vector<TreePtr>& rest);
  double cost_of(const Tree& tree) const;
  std::vector<TreePtr> by_cost(std::vector<TreePtr> parts) const;
  std::uint32_t conjunction(const std::vector<TreePtr>& parts, std::uint32_t on_true, std::uint32_t on_false);
  std::uint32_t steps_of(const Tree& tree, std::uint32_t on_true, std::uint32_t on_false);
  std::uint32_t not_equal(Literal literal, std::uint32_t on_true, std::uint32_t on_false);
  std::uint32_t add_step(const PlanTest& test, std::uint32_t on_true, std::uint32_t on_false);
  PlanTest test_of(const Literal& literal) const;

  Plan& plan_;
  std::map<std::vector<const Tree*>, std::uint32_t> compiled_;
  std::vector<TreePtr> kept_;  // So that no tree of `compiled_` is replaced by another at its address.
};

}  // namespace sequitur::nfa
