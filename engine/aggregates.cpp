#include "engine/aggregates.hpp"

#include <algorithm>
#include <cstring>

#include "engine/aggregate_state.hpp"
#include "nfa/text_operators.hpp"

namespace sequitur {

using namespace aggregate_state;  // NOLINT(google-build-using-namespace): this file is about them.

// ---- Accumulators ------------------------------------------------------------------------------------------------------

LineAggregates::LineAggregates(const nfa::LineCode& code, bool evicts) : code_(&code), evicts_(evicts) {
  for (const nfa::ColumnCode& column : code.columns) has_texts_ = has_texts_ || has_bytes(column.type);
  for (const nfa::AccumulatorCode& accumulator : code.accumulators) {
    parts_.push_back({accumulator.kind, code.columns[accumulator.column].type, accumulator.column, static_cast<std::uint32_t>(bytes_)});
    bytes_ += size_of(accumulator.kind);
    const bool extreme = accumulator.kind == Accumulator::kMin || accumulator.kind == Accumulator::kMax;
    if ((extreme && evicts) || accumulator.kind == Accumulator::kDistinct || accumulator.kind == Accumulator::kTop)
      apart_.push_back(parts_.back());
    grows_ = grows_ || accumulator.kind == Accumulator::kDistinct || accumulator.kind == Accumulator::kOrder ||
             accumulator.kind == Accumulator::kTop;
  }
}

void LineAggregates::read(const Event& event, nfa::EvaluationContext& context, TextStore& texts, Slot* values) const {
  context.candidate = &event;
  for (const nfa::ColumnCode& column : code_->columns) {
    Slot value = Slot::of_int(1);
    if (column.filter && !column.filter.holds(context)) {
      value = Slot::null(column.type);
    } else if (column.slot != nfa::kNoSlot) {
      value = event.get(column.slot);
    } else if (column.value) {
      value = column.value.evaluate(context);
    }
    if (has_bytes(column.type) && value.bits != 0)
      value = column.fold ? texts.intern(nfa::folded(value.text())) : texts.intern(value.text());
    *values++ = value;
  }
}

void LineAggregates::forget(const Slot* values, TextStore& texts) const {
  if (!has_texts_) return;
  for (std::uint32_t column = 0; column < columns(); ++column)
    if (has_bytes(code_->columns[column].type) && values[column].bits != 0) texts.release(values[column]);
}

void LineAggregates::add(std::byte* state, const Slot* values, std::int64_t time, std::uint64_t number, Pool& pool,
                         TextStore& texts) const {
  for (const Part& part : parts_) {
    const Type type = part.type;
    const Slot value = values[part.column];
    if (value.is_null(type)) continue;
    std::byte* at = state + part.offset;
    // Where rows are kept they hold the texts.
    const auto hold = [&] {
      if (!evicts_ && has_bytes(type)) texts.retain(value);
    };
    switch (part.kind) {
      case Accumulator::kCount: ++as<std::uint64_t>(at); break;
      case Accumulator::kSumInt: as<IntSum>(at).set(as<IntSum>(at).get() + value.i); break;
      case Accumulator::kSumFloat: as<nfa::ExactSum>(at).add(value.f); break;
      case Accumulator::kMoments: as<nfa::ExactMoments>(at).add(value.f); break;
      case Accumulator::kMin:
      case Accumulator::kMax:
        add_extreme(as<MonotonicQueue>(at), value, number, type, part.kind == Accumulator::kMin, evicts_, pool);
        break;
      case Accumulator::kFirst:
        if (as<First>(at).any == 0) {
          as<First>(at) = {value, time, 1};
          hold();
        }
        break;
      case Accumulator::kLast: {
        Last& last = as<Last>(at);
        if (!evicts_ && has_bytes(type) && last.any != 0) texts.release(last.value);
        last = {value, time, 1};
        hold();
        break;
      }
      case Accumulator::kDistinct:
        if (as<CountMap>(at).add(canonical(value, type).bits, pool) == 0) hold();
        break;
      case Accumulator::kApproxDistinct: add_approximately(registers(at), nfa::HyperLogLog::hash_of(value, type), number, pool); break;
      case Accumulator::kOrder: as<OrderedValues>(at).insert({canonical(value, type), 0}, type, pool); break;
      case Accumulator::kTop: {
        Top& top = as<Top>(at);
        const Slot key = canonical(value, type);
        const std::uint64_t before = top.counts.add(key.bits, pool);
        if (before > 0)
          top.order.erase({key, before}, type);
        else
          hold();
        top.order.insert({key, before + 1}, type, pool);
        break;
      }
    }
  }
}

void LineAggregates::remove(std::byte* state, const Slot* values, const RowRing& rows, Pool& pool, TextStore&) const {
  const std::uint64_t number = rows.first_number();
  for (const Part& part : parts_) {
    const Type type = part.type;
    const Slot value = values[part.column];
    if (value.is_null(type)) continue;
    std::byte* at = state + part.offset;
    switch (part.kind) {
      case Accumulator::kCount: --as<std::uint64_t>(at); break;
      case Accumulator::kSumInt: as<IntSum>(at).set(as<IntSum>(at).get() - value.i); break;
      case Accumulator::kSumFloat: as<nfa::ExactSum>(at).remove(value.f); break;
      case Accumulator::kMoments: as<nfa::ExactMoments>(at).remove(value.f); break;
      case Accumulator::kMin:
      case Accumulator::kMax: {
        MonotonicQueue& queue = as<MonotonicQueue>(at);
        if (queue.size > 0 && queue.at(0).number == number) {
          queue.begin = (queue.begin + 1) & (queue.capacity - 1);
          --queue.size;
        }
        break;
      }
      case Accumulator::kFirst: {  // It was this one. The next that is there takes its place; each row is passed once.
        First& first = as<First>(at);
        first.any = 0;
        for (std::uint64_t next = number + 1; next < number + rows.size() && first.any == 0; ++next) {
          const Slot other = Slot{.bits = rows.row(next, stride())[1 + part.column]};
          if (!other.is_null(type)) first = {other, static_cast<std::int64_t>(rows.row(next, stride())[0]), 1};
        }
        break;
      }
      case Accumulator::kLast: break;  // As long as any value is left the last one is.
      case Accumulator::kDistinct: as<CountMap>(at).remove(canonical(value, type).bits, pool); break;
      case Accumulator::kApproxDistinct: registers(at)->remove(nfa::HyperLogLog::hash_of(value, type), number); break;
      case Accumulator::kOrder: as<OrderedValues>(at).erase({canonical(value, type), 0}, type); break;
      case Accumulator::kTop: {
        Top& top = as<Top>(at);
        const Slot key = canonical(value, type);
        const std::uint64_t left = top.counts.remove(key.bits, pool);
        top.order.erase({key, left + 1}, type);
        if (left > 0) top.order.insert({key, left}, type, pool);
        break;
      }
    }
  }
}

void LineAggregates::prefetch_add(const std::byte* state, const Event& event) const {
  for (const Part& part : apart_) {
    const nfa::ColumnCode& column = code_->columns[part.column];
    const std::byte* at = state + part.offset;
    if (part.kind == Accumulator::kMin || part.kind == Accumulator::kMax)
      as<MonotonicQueue>(at).prefetch_back();
    else if (column.slot != nfa::kNoSlot && !has_bytes(part.type))
      as<CountMap>(at).prefetch(canonical(event.get(column.slot), part.type).bits);
  }
}

void LineAggregates::prefetch_remove(const std::byte* state, const RowRing& rows) const {
  for (const Part& part : apart_) {
    const std::byte* at = state + part.offset;
    if (part.kind == Accumulator::kMin || part.kind == Accumulator::kMax)
      as<MonotonicQueue>(at).prefetch_front();
    else
      as<CountMap>(at).prefetch(canonical(Slot{.bits = rows.front()[1 + part.column]}, part.type).bits);
  }
}

// ---- Values ------------------------------------------------------------------------------------------------------------

LineAggregates::Reading LineAggregates::reading(const nfa::ValueCode& value, std::size_t offset) const {
  using How = Reading::How;
  const auto at = [&](int accumulator) {
    return accumulator < 0 ? 0 : static_cast<std::uint32_t>(offset) + parts_[static_cast<std::size_t>(accumulator)].offset;
  };
  Reading result{How::kOther, value.type, value.line, at(value.count), at(value.from), at(value.last), &value};
  const bool floats = value.arg_type == Type::kFloat;
  switch (value.aggregate) {
    case dsl::Aggregate::kCount: result.how = value.from >= 0 ? How::kDistinct : (value.count < 0 ? How::kEvents : How::kCount); break;
    case dsl::Aggregate::kSum: result.how = floats ? How::kSumFloat : How::kOther; break;
    case dsl::Aggregate::kAvg: result.how = floats ? How::kAverageFloat : How::kOther; break;
    case dsl::Aggregate::kMin:
    case dsl::Aggregate::kMax: result.how = evicts_ ? How::kOldest : How::kBest; break;
    case dsl::Aggregate::kRate: result.how = value.from < 0 ? How::kRateOfEvents : How::kOther; break;
    default: break;
  }
  return result;
}

namespace {

// What is asked for more rarely, or takes longer.
Slot other_value(const LineAggregates::Reading& reading, const std::byte* base, std::int64_t count) {
  const nfa::ValueCode& value = *reading.value;
  const std::byte* at = base + reading.at;
  switch (value.aggregate) {
    case dsl::Aggregate::kSum: return nfa::total_value(count, as<IntSum>(at).get(), value.arg_type);
    case dsl::Aggregate::kAvg: return nfa::average_value(count, as<IntSum>(at).get(), value.arg_type);
    case dsl::Aggregate::kApproxDistinct: {
      const SlidingRegisters* kept = as<SlidingRegisters*>(at);
      return Slot::of_int(kept == nullptr ? 0 : nfa::HyperLogLog::estimate(kept->histogram));
    }
    case dsl::Aggregate::kTop:
    case dsl::Aggregate::kTopCount: {
      const Top& top = as<Top>(at);
      const auto place = static_cast<std::uint64_t>(value.rank - 1);
      const bool counts = value.aggregate == dsl::Aggregate::kTopCount;
      if (place >= top.order.size()) return counts ? Slot::of_int(0) : Slot::null(value.arg_type);
      const Slot found = top.order.at(place);
      return counts ? Slot::of_int(static_cast<std::int64_t>(top.counts.count(found.bits))) : found;
    }
    default: break;
  }
  if (count == 0) return Slot::null(value.type);
  switch (value.aggregate) {
    case dsl::Aggregate::kRate: {
      const First& first = as<First>(at);
      const Last& last = as<Last>(base + reading.last);
      const bool events_only = value.arg_type != Type::kFloat;
      return nfa::rate_value(events_only ? static_cast<double>(count - 1) : last.value.f - first.value.f, last.time - first.time);
    }
    case dsl::Aggregate::kFirst: return as<First>(at).value;
    case dsl::Aggregate::kLast: return as<Last>(at).value;
    case dsl::Aggregate::kStddev: return nfa::deviation_value(static_cast<std::uint64_t>(count), as<nfa::ExactMoments>(at));
    default: return as<OrderedValues>(at).at(nfa::rank_of_percentile(value.percentile, static_cast<std::uint64_t>(count)));
  }
}

}  // namespace

Slot LineAggregates::value(const Reading& reading, const std::byte* base, LastSum& last) {
  using How = Reading::How;
  const auto sum = [&] {
    if (last.at != reading.at) last = {reading.at, as<nfa::ExactSum>(base + reading.at).rounded()};
    return last.sum;
  };
  const std::byte* at = base + reading.at;
  const std::int64_t count = as<std::int64_t>(base + reading.count);
  switch (reading.how) {
    case How::kCount: return Slot::of_int(count);
    case How::kDistinct: return Slot::of_int(as<CountMap>(at).size());
    case How::kSumFloat: return nfa::total_value(count, sum());
    case How::kAverageFloat: return nfa::average_value(count, sum());
    case How::kOldest: return count == 0 ? Slot::null(reading.type) : as<MonotonicQueue>(at).at(0).value;
    case How::kBest: return count == 0 ? Slot::null(reading.type) : as<MonotonicQueue>(at).best;
    default: return other_value(reading, base, count);
  }
}

}  // namespace sequitur
