#include <algorithm>

#include "nfa/window_code.hpp"

namespace sequitur::nfa {
namespace {

using dsl::Aggregate;
using dsl::Expr;
using dsl::ExprPtr;
using dsl::Op;

bool same(const ExprPtr& a, const ExprPtr& b) { return a == b || (a && b && equal(*a, *b)); }

// What an aggregate is read from, besides the number of values.
std::optional<Accumulator> accumulator_for(const Expr& aggregate, Type type) {
  const bool floats = type == Type::kFloat;
  switch (aggregate.aggregate) {
    case Aggregate::kCount: return aggregate.distinct ? std::optional(Accumulator::kDistinct) : std::nullopt;
    case Aggregate::kSum:
    case Aggregate::kAvg: return floats ? Accumulator::kSumFloat : Accumulator::kSumInt;
    case Aggregate::kMin: return Accumulator::kMin;
    case Aggregate::kMax: return Accumulator::kMax;
    case Aggregate::kRate:
    case Aggregate::kFirst: return Accumulator::kFirst;
    case Aggregate::kLast: return Accumulator::kLast;
    case Aggregate::kMedian:
    case Aggregate::kPercentile: return Accumulator::kOrder;
    case Aggregate::kStddev: return Accumulator::kMoments;
    case Aggregate::kApproxDistinct: return Accumulator::kApproxDistinct;
    case Aggregate::kTop:
    case Aggregate::kTopCount: return Accumulator::kTop;
    case Aggregate::kValues:
    case Aggregate::kSlope: break;  // The checker lets them stand over steps only.
  }
  return std::nullopt;
}

SlotIndex plain_slot(const Expr& value) { return value.op == Op::kCandidate && value.places.size() == 1 ? value.places[0].slot : kNoSlot; }

}  // namespace

std::uint32_t WindowBuilder::column_of(std::uint32_t line, const ExprPtr& value, const ExprPtr& filter, bool fold) {
  std::vector<Column>& known = columns_[line];
  for (std::size_t i = 0; i < known.size(); ++i)
    if (same(known[i].value, value) && same(known[i].filter, filter) && known[i].fold == fold) return static_cast<std::uint32_t>(i);
  known.push_back({value, filter, fold});
  code_->looks_up = code_->looks_up || (value && looks_up(*value)) || (filter && looks_up(*filter));
  ColumnCode code;
  if (value) {
    code.value = Expression::compile(*value);
    code.slot = plain_slot(*value);
    code.type = value->type;
  }
  if (filter) code.filter = Expression::compile(*filter);
  code.fold = fold;
  code_->lines[line].columns.push_back(std::move(code));
  return static_cast<std::uint32_t>(known.size() - 1);
}

int WindowBuilder::accumulator_of(std::uint32_t line, Accumulator kind, std::uint32_t column) {
  std::vector<AccumulatorCode>& known = code_->lines[line].accumulators;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i].kind == kind && known[i].column == column) return static_cast<int>(i);
  known.push_back({kind, column});
  return static_cast<int>(known.size() - 1);
}

ExprPtr WindowBuilder::value_of(const Expr& aggregate) {
  Expr value;
  value.op = Op::kValue;
  value.type = aggregate.type;
  value.span = aggregate.span;
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    if (!equal(*aggregates_[i], aggregate)) continue;
    value.step = static_cast<int>(i);
    return std::make_shared<const Expr>(std::move(value));
  }
  columns_.resize(code_->lines.size());
  const auto line = static_cast<std::uint32_t>(aggregate.step);
  ValueCode code;
  code.aggregate = aggregate.aggregate;
  code.type = aggregate.type;
  code.line = line;
  code.percentile = aggregate.percentile;
  code.rank = aggregate.pick;
  const ExprPtr& argument = aggregate.args[0];
  const ExprPtr& filter = aggregate.args[1];
  if (argument || filter) {
    const std::uint32_t column = column_of(line, argument, filter, aggregate.fold);
    code.arg_type = argument ? argument->type : Type::kInt;
    code.count = accumulator_of(line, Accumulator::kCount, column);
    const bool rate = aggregate.aggregate == Aggregate::kRate;
    if (const auto kind = argument || rate ? accumulator_for(aggregate, code.arg_type) : std::nullopt)
      code.from = accumulator_of(line, *kind, column);
    if (rate) code.last = accumulator_of(line, Accumulator::kLast, column);
  }
  value.step = static_cast<int>(code_->values.size());
  code_->values.push_back(code);
  aggregates_.push_back(std::make_shared<const Expr>(aggregate));
  return std::make_shared<const Expr>(std::move(value));
}

// count(p) > 0
ExprPtr WindowBuilder::some(const Expr& exists) {
  Expr count;
  count.op = Op::kAggregate;
  count.type = Type::kInt;
  count.span = exists.span;
  count.step = exists.step;
  count.args.resize(2);
  Expr zero;
  zero.type = Type::kInt;
  zero.value.type = Type::kInt;
  zero.span = exists.span;
  Expr result;
  result.op = Op::kGreater;
  result.span = exists.span;
  result.args = {value_of(count), std::make_shared<const Expr>(std::move(zero))};
  return std::make_shared<const Expr>(std::move(result));
}

ExprPtr WindowBuilder::with_values(const ExprPtr& expr) {
  if (!expr) return expr;
  code_->looks_up = code_->looks_up || expr->op == Op::kTableField;
  if (expr->op == op_) return value_of(*expr);
  if (expr->op == Op::kStepExists && op_ == Op::kAggregate) return some(*expr);
  Expr copy = *expr;
  bool changed = false;
  for (ExprPtr& arg : copy.args) {
    ExprPtr made = with_values(arg);
    changed = changed || made != arg;
    arg = std::move(made);
  }
  return changed ? std::make_shared<const Expr>(std::move(copy)) : expr;
}

std::shared_ptr<const WindowCode> WindowBuilder::finish() {
  for (std::size_t i = 0; i < code_->lines.size(); ++i) {
    LineCode& line = code_->lines[i];
    code_->bits |= line.bit;
    line.own = code_->lines_look_up ? Bits{1} << i : line.bit;
  }
  return code_;
}

bool looks_up(const Expr& expr) {
  return expr.op == Op::kTableField ||
         std::any_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) { return arg && looks_up(*arg); });
}

void collect_values(const Expr& expr, std::vector<std::uint32_t>& values) {
  const auto index = static_cast<std::uint32_t>(expr.step);
  if (expr.op == Op::kValue && std::find(values.begin(), values.end(), index) == values.end()) values.push_back(index);
  for (const ExprPtr& arg : expr.args)
    if (arg) collect_values(*arg, values);
}

}  // namespace sequitur::nfa
