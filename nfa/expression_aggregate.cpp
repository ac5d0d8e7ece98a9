// Aggregates over the events of a step: one pass, in the order of the events, so that sums of floats are the same bits
// however the engine gets at the events. Values that are null do not count.
#include <algorithm>
#include <cmath>

#include <boost/container/small_vector.hpp>

#include "nfa/expression_program.hpp"

namespace sequitur::nfa {
namespace {

using dsl::Aggregate;
using Values = boost::container::small_vector<Slot, 32>;

// Calls use(value) for each value that is not null, of the events that pass the filter.
template <typename Use>
void for_each_value(const AggregateCall& call, const EvaluationContext& context, Use use) {
  if (call.step >= context.stage_count) return;
  EvaluationContext inner = context;
  const StageEvents& events = context.stages[call.step];
  const Instruction& first = call.argument->instructions[0];
  const bool plain = first.operation == Operation::kReturn && first.left_base == Base::kCandidate;  // avg(probe.amount)
  for (std::uint32_t i = 0; i < events.count; ++i) {
    inner.candidate = events.data[i];
    if (call.filter != nullptr && run(*call.filter, inner).i != 1) continue;
    const bool in_place =
        plain && (call.argument->candidate_stream == kAnyStream || call.argument->candidate_stream == inner.candidate->stream);
    const Slot value = in_place ? slot_at(inner.candidate, first.left) : run(*call.argument, inner);
    if (!value.is_null(call.arg_type)) use(value);
  }
}

std::int64_t count_events(const AggregateCall& call, const EvaluationContext& context) {
  if (call.step >= context.stage_count) return 0;
  const StageEvents& events = context.stages[call.step];
  if (call.filter == nullptr) return events.count;
  EvaluationContext inner = context;
  std::int64_t count = 0;
  for (std::uint32_t i = 0; i < events.count; ++i) {
    inner.candidate = events.data[i];
    if (run(*call.filter, inner).i == 1) ++count;
  }
  return count;
}

Values all_values(const AggregateCall& call, const EvaluationContext& context) {
  Values values;
  for_each_value(call, context, [&](Slot value) { values.push_back(value); });
  return values;
}

std::int64_t count_values(const AggregateCall& call, const EvaluationContext& context) {
  if (!call.distinct) {
    std::int64_t count = 0;
    for_each_value(call, context, [&](Slot) { ++count; });
    return count;
  }
  Values values = all_values(call, context);
  std::sort(values.begin(), values.end(), [&](Slot a, Slot b) { return three_way(a, b, call.arg_type, call.fold) < 0; });
  const auto end =
      std::unique(values.begin(), values.end(), [&](Slot a, Slot b) { return three_way(a, b, call.arg_type, call.fold) == 0; });
  return end - values.begin();
}

Slot sum(const AggregateCall& call, const EvaluationContext& context) {
  bool any = false;
  if (call.arg_type == Type::kFloat) {
    double total = 0;
    for_each_value(call, context, [&](Slot value) {
      total += value.f;
      any = true;
    });
    return any ? finite(total) : Slot::null(Type::kFloat);
  }
  std::int64_t total = 0;
  bool overflow = false;
  for_each_value(call, context, [&](Slot value) {
    overflow |= __builtin_add_overflow(total, value.i, &total);
    any = true;
  });
  return any && !overflow ? Slot::of_int(total) : Slot::null(Type::kInt);
}

double as_float(Slot value, Type type) { return type == Type::kFloat ? value.f : static_cast<double>(value.i); }

// Of durations and times: cut to whole microseconds.
Slot average(const AggregateCall& call, const EvaluationContext& context) {
  double total = 0;
  std::int64_t count = 0;
  for_each_value(call, context, [&](Slot value) {
    total += as_float(value, call.arg_type);
    ++count;
  });
  if (count == 0) return Slot::null(call.type);
  const double result = total / static_cast<double>(count);
  if (call.type == Type::kFloat) return finite(result);
  return std::abs(result) < 9.2e18 ? Slot::of_int(static_cast<std::int64_t>(result)) : Slot::null(call.type);
}

// Of a sample: the sum of squares is divided by n - 1. Unknown for fewer than two values.
Slot deviation(const AggregateCall& call, const EvaluationContext& context) {
  const Values values = all_values(call, context);
  if (values.size() < 2) return Slot::null(Type::kFloat);
  double mean = 0, squares = 0;
  for (const Slot value : values) mean += as_float(value, call.arg_type);
  mean /= static_cast<double>(values.size());
  for (const Slot value : values) squares += (as_float(value, call.arg_type) - mean) * (as_float(value, call.arg_type) - mean);
  return finite(std::sqrt(squares / static_cast<double>(values.size() - 1)));
}

// The first of the least, or of the greatest.
Slot extreme(const AggregateCall& call, const EvaluationContext& context, bool least) {
  Slot best = Slot::null(call.arg_type);
  for_each_value(call, context, [&](Slot value) {
    if (best.is_null(call.arg_type)) {
      best = value;
    } else {
      const int order = three_way(value, best, call.arg_type, call.fold);
      if (least ? order < 0 : order > 0) best = value;
    }
  });
  return best;
}

// Nearest rank: the value at ceil(p / 100 * n) of the sorted ones, at least the first.
Slot percentile(const AggregateCall& call, const EvaluationContext& context) {
  Values values = all_values(call, context);
  if (values.empty()) return Slot::null(call.arg_type);
  const double rank = std::ceil(call.percentile / 100 * static_cast<double>(values.size()));
  const auto index = std::clamp<std::size_t>(rank > 1 ? static_cast<std::size_t>(rank) : 1, 1, values.size()) - 1;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(index);
  std::nth_element(values.begin(), place, values.end(), [&](Slot a, Slot b) { return three_way(a, b, call.arg_type, false) < 0; });
  return *place;
}

Slot first_or_last(const AggregateCall& call, const EvaluationContext& context, bool first) {
  Slot found = Slot::null(call.arg_type);
  for_each_value(call, context, [&](Slot value) {
    if (!first || found.is_null(call.arg_type)) found = value;
  });
  return found;
}

}  // namespace

Slot evaluate_aggregate(const AggregateCall& call, const EvaluationContext& context) {
  if (call.aggregate == Aggregate::kCount)
    return Slot::of_int(call.argument == nullptr ? count_events(call, context) : count_values(call, context));
  if (call.argument == nullptr) return Slot::null(call.type);
  switch (call.aggregate) {
    case Aggregate::kSum: return sum(call, context);
    case Aggregate::kAvg: return average(call, context);
    case Aggregate::kMin: return extreme(call, context, true);
    case Aggregate::kMax: return extreme(call, context, false);
    case Aggregate::kFirst: return first_or_last(call, context, true);
    case Aggregate::kLast: return first_or_last(call, context, false);
    case Aggregate::kMedian:
    case Aggregate::kPercentile: return percentile(call, context);
    case Aggregate::kStddev: return deviation(call, context);
    default: break;
  }
  return Slot::null(call.type);
}

}  // namespace sequitur::nfa
