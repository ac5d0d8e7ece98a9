// What the engine needs to keep a rule's window, or the key's past that its conditions look at: of each line the values of
// its events that something is asked of (columns), how they are summed up (accumulators), and how the aggregates of the
// rule's expressions are read off them (values: what Op::kValue numbers).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dsl/checked_window.hpp"
#include "event/zone.hpp"
#include "nfa/automaton.hpp"

namespace sequitur::nfa {

struct ColumnCode {
  Expression value;          // Of the event; empty: 1 for every event that the filter lets through.
  SlotIndex slot = kNoSlot;  // Where `value` is a plain field.
  Expression filter;         // Empty: none. An event that it does not let through has a null here.
  Type type = Type::kInt;
  bool fold = false;  // Texts in lower case.
};

enum class Accumulator : std::uint8_t {
  kCount,  // Of the values that are there.
  kSumInt,
  kSumFloat,
  kMoments,
  kMin,
  kMax,
  kFirst,
  kLast,
  kDistinct,
  kApproxDistinct,
  kOrder,  // Percentiles.
  kTop,
};

struct AccumulatorCode {
  Accumulator kind = Accumulator::kCount;
  std::uint32_t column = 0;
};

struct LineCode {
  Bits bit = 0;           // An event that may be of the line. Lines may share it.
  Bits own = 0;           // The line's alone, where conditions of lines look rows up in tables; else `bit`.
  Expression where;       // What such a condition asks besides the event.
  std::int64_t span = 0;  // kSliding.
  std::vector<ColumnCode> columns;
  std::vector<AccumulatorCode> accumulators;  // Each column has a kCount.
};

struct ValueCode {
  dsl::Aggregate aggregate = dsl::Aggregate::kCount;
  Type type = Type::kInt;      // Of the result,
  Type arg_type = Type::kInt;  // and of the column.
  std::uint32_t line = 0;
  int count = -1;  // Index into the line's accumulators: the column's kCount; -1: the events themselves.
  int from = -1;   // The accumulator it is read from; -1: none but the count.
  int last = -1;   // kRate: its kLast, beside the kFirst.
  double percentile = 50;
  std::int64_t rank = 1;
};

struct WindowCode {
  dsl::WindowKind kind = dsl::WindowKind::kSliding;
  std::int64_t size = 0;
  std::int64_t every = 0;
  std::uint64_t events = 0;
  std::uint64_t every_events = 1;
  std::int64_t ttl = 0;              // kLastEvents.
  std::shared_ptr<const Zone> zone;  // Null pointer: UTC.
  bool at_end = true;
  std::int64_t period = 0;  // 0: none.
  std::uint64_t period_events = 0;
  bool discarding = false;
  // Whether events leave the window one by one, so that they must be remembered. Else windows only grow, and end.
  bool evicts = true;

  std::vector<LineCode> lines;
  std::vector<ValueCode> values;
  Bits bits = 0;               // Of all lines.
  bool looks_up = false;       // Something looks a row up in a table,
  bool lines_look_up = false;  // a condition of a line: an event has the `own` bits of the lines that it is of.
  Expression when;
  dsl::ExprPtr when_tree;                  // The same, not compiled: `explain` asks for its parts.
  std::vector<std::uint32_t> when_values;  // Those that `when` looks at.
  bool always = false;
};

// Takes the aggregates over the lines out of the expressions of a rule.
class WindowBuilder {
 public:
  // kAggregate of a window rule, or kPast.
  explicit WindowBuilder(dsl::Op op) : op_(op) { code_ = std::make_shared<WindowCode>(); }

  WindowCode& code() { return *code_; }
  std::shared_ptr<const WindowCode> finish();

  // The same expression with a kValue for each aggregate.
  dsl::ExprPtr with_values(const dsl::ExprPtr& expr);

 private:
  struct Column {
    dsl::ExprPtr value, filter;
    bool fold;
  };

  dsl::ExprPtr value_of(const dsl::Expr& aggregate);
  dsl::ExprPtr some(const dsl::Expr& exists);  // `exists p`
  std::uint32_t column_of(std::uint32_t line, const dsl::ExprPtr& value, const dsl::ExprPtr& filter, bool fold);
  int accumulator_of(std::uint32_t line, Accumulator kind, std::uint32_t column);

  dsl::Op op_;
  std::shared_ptr<WindowCode> code_;
  std::vector<dsl::ExprPtr> aggregates_;      // Parallel to the values.
  std::vector<std::vector<Column>> columns_;  // By line.
};

// For people; of a rule with a window.
std::string window_listing(const Automaton& automaton);
std::string window_dot(const Automaton& automaton);

// Whether the expression looks a row up in a table.
bool looks_up(const dsl::Expr& expr);

// Which values the expression looks at.
void collect_values(const dsl::Expr& expr, std::vector<std::uint32_t>& values);

}  // namespace sequitur::nfa
