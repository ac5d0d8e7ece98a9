// Aggregates over the events of a step: one pass, in the order of the events, so that sums of floats are the same bits
// however the engine gets at the events. Values that are null do not count.
#include <algorithm>
#include <cmath>

#include <boost/container/small_vector.hpp>

#include "event/decimal.hpp"
#include "nfa/aggregate_values.hpp"
#include "nfa/expression_program.hpp"
#include "nfa/hyper_log_log.hpp"

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

// Sums are exact and rounded once, as over windows: see exact_sum.hpp and docs/decisions/0005-windows.md.
__extension__ using WideInt = __int128;

struct Total {
  std::int64_t count = 0;
  WideInt ints = 0;
  ExactSum floats;
  Total(const AggregateCall& call, const EvaluationContext& context) {
    for_each_value(call, context, [&](Slot value) {
      ++count;
      if (call.arg_type == Type::kFloat)
        floats.add(value.f);
      else
        ints += value.i;
    });
  }
  ~Total() { floats.release(); }
  Total(const Total&) = delete;
  Total& operator=(const Total&) = delete;
};

Slot sum(const AggregateCall& call, const EvaluationContext& context) {
  const Total total(call, context);
  if (call.arg_type == Type::kFloat) return total_value(total.count, total.floats.rounded());
  return total_value(total.count, total.ints, call.arg_type);
}

// The times are those of the events, in seconds since the first of them.
template <typename Use>
void for_each_timed_value(const AggregateCall& call, const EvaluationContext& context, Use use) {
  if (call.step >= context.stage_count) return;
  EvaluationContext inner = context;
  const StageEvents& events = context.stages[call.step];
  for (std::uint32_t i = 0; i < events.count; ++i) {
    inner.candidate = events.data[i];
    if (call.filter != nullptr && run(*call.filter, inner).i != 1) continue;
    const Slot value = call.argument == nullptr ? Slot::of_float(0) : run(*call.argument, inner);
    if (!value.is_null(call.argument == nullptr ? Type::kFloat : call.arg_type)) use(inner.candidate->time, value.f);
  }
}

// Least squares; two passes, so that times far from zero lose nothing.
Slot slope(const AggregateCall& call, const EvaluationContext& context) {
  std::int64_t first = 0;
  double count = 0, times = 0, values = 0;
  for_each_timed_value(call, context, [&](std::int64_t time, double value) {
    if (count == 0) first = time;
    times += static_cast<double>(time - first) / 1e6;
    values += value;
    ++count;
  });
  if (count < 2) return Slot::null(Type::kFloat);
  const double mean_time = times / count, mean = values / count;
  double product = 0, square = 0;
  for_each_timed_value(call, context, [&](std::int64_t time, double value) {
    const double distance = static_cast<double>(time - first) / 1e6 - mean_time;
    product += distance * (value - mean);
    square += distance * distance;
  });
  return square == 0 ? Slot::null(Type::kFloat) : finite(product / square);
}

// The first kMostValues; `distinct`: each once. Found by going through those before it: there are few.
Slot collected(const AggregateCall& call, const EvaluationContext& context) {
  Values values;
  for_each_value(call, context, [&](Slot value) {
    if (values.size() >= dsl::kMostValues) return;
    const auto same = [&](Slot other) { return three_way(value, other, call.arg_type, call.fold) == 0; };
    if (!call.distinct || std::none_of(values.begin(), values.end(), same)) values.push_back(value);
  });
  return make_list(call.arg_type, values.data(), values.size(), *context.arena);
}

Slot average(const AggregateCall& call, const EvaluationContext& context) {
  const Total total(call, context);
  if (call.type == Type::kFloat && call.arg_type != Type::kFloat && total.count > 0)
    return finite(static_cast<double>(total.ints) / static_cast<double>(total.count));
  if (call.arg_type == Type::kFloat) return average_value(total.count, total.floats.rounded());
  return average_value(total.count, total.ints, call.arg_type);
}

Slot deviation(const AggregateCall& call, const EvaluationContext& context) {
  ExactMoments moments;
  std::uint64_t count = 0;
  for_each_value(call, context, [&](Slot value) {
    moments.add(value.f);
    ++count;
  });
  const Slot result = deviation_value(count, moments);
  moments.release();
  return result;
}

// See dsl::Aggregate.
Slot rate(const AggregateCall& call, const EvaluationContext& context) {
  if (call.step >= context.stage_count) return Slot::null(Type::kFloat);
  const StageEvents& events = context.stages[call.step];
  EvaluationContext inner = context;
  std::int64_t count = 0, first_time = 0, last_time = 0;
  double first = 0, last = 0;
  for (std::uint32_t i = 0; i < events.count; ++i) {
    inner.candidate = events.data[i];
    if (call.filter != nullptr && run(*call.filter, inner).i != 1) continue;
    const Slot value = call.argument == nullptr ? Slot::of_float(0) : run(*call.argument, inner);
    if (value.is_null(Type::kFloat)) continue;
    if (count++ == 0) {
      first = value.f;
      first_time = inner.candidate->time;
    }
    last = value.f;
    last_time = inner.candidate->time;
  }
  if (count == 0) return Slot::null(Type::kFloat);
  return rate_value(call.argument == nullptr ? static_cast<double>(count - 1) : last - first, last_time - first_time);
}

std::int64_t approx_distinct(const AggregateCall& call, const EvaluationContext& context) {
  std::vector<std::uint8_t> registers(HyperLogLog::kRegisters);
  Arena folded_texts;
  for_each_value(call, context, [&](Slot value) {
    if (call.fold && call.arg_type == Type::kString) value = folded_texts.text(folded(value.text()));
    const std::uint64_t hash = HyperLogLog::hash_of(value, call.arg_type);
    std::uint8_t& rank = registers[HyperLogLog::register_of(hash)];
    rank = std::max(rank, HyperLogLog::rank_of(hash));
  });
  HyperLogLog::Histogram histogram{};
  for (const std::uint8_t rank : registers) ++histogram[rank];
  return HyperLogLog::estimate(histogram);
}

// The k-th most frequent value and how often it is; of those equally frequent the lesser comes first.
std::pair<Slot, std::int64_t> top(const AggregateCall& call, const EvaluationContext& context) {
  Values values = all_values(call, context);
  std::stable_sort(values.begin(), values.end(), [&](Slot a, Slot b) { return three_way(a, b, call.arg_type, call.fold) < 0; });
  std::vector<std::pair<Slot, std::int64_t>> groups;
  for (const Slot value : values) {
    if (groups.empty() || three_way(groups.back().first, value, call.arg_type, call.fold) != 0) groups.emplace_back(value, 0);
    ++groups.back().second;
  }
  std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  const auto place = static_cast<std::size_t>(call.rank - 1);
  return place < groups.size() ? groups[place] : std::pair(Slot::null(call.arg_type), std::int64_t{0});
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
  if (call.aggregate == Aggregate::kRate) return rate(call, context);
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
    case Aggregate::kApproxDistinct: return Slot::of_int(approx_distinct(call, context));
    case Aggregate::kTop: return top(call, context).first;
    case Aggregate::kTopCount: return Slot::of_int(top(call, context).second);
    case Aggregate::kValues: return collected(call, context);
    case Aggregate::kSlope: return slope(call, context);
    default: break;
  }
  return Slot::null(call.type);
}

}  // namespace sequitur::nfa
