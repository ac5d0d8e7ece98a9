#include "engine/aggregates.hpp"

#include <algorithm>
#include <cstring>

#include "engine/count_map.hpp"
#include "engine/ordered_values.hpp"
#include "engine/state_bytes.hpp"
#include "nfa/aggregate_values.hpp"
#include "nfa/hyper_log_log.hpp"
#include "nfa/text_operators.hpp"

namespace sequitur {
namespace {

using nfa::Accumulator;

// All of these are empty when all their bytes are zero.
struct IntSum {
  std::uint64_t low, high;
  nfa::SumInt get() const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<nfa::SumInt>(static_cast<Wide>(high) << 64 | low);
  }
  void set(nfa::SumInt value) {
    low = static_cast<std::uint64_t>(value);
    high = static_cast<std::uint64_t>(value >> 64);
  }
};

// The least (or greatest) value of a window whose oldest values go: those that a later one beats are not kept. What is
// left gets worse from the front, which is the answer.
struct MonotonicQueue {
  struct Entry {
    Slot value;
    std::uint64_t number;
  };
  Entry* entries;
  std::uint32_t capacity, begin, size, unused;
  Slot best;  // Where nothing goes, this is all there is; size is 1.

  Entry& at(std::uint32_t i) const { return entries[(begin + i) & (capacity - 1)]; }
  void prefetch_front() const {
    if (size > 0) fetch_ahead(&at(0));
  }
  void prefetch_back() const {
    if (size > 0) fetch_ahead(&at(size - 1));
  }
  void push(Entry entry, Pool& pool) {
    if (size == capacity) {
      const std::uint32_t larger = capacity == 0 ? 4 : capacity * 2;
      auto* moved = static_cast<Entry*>(pool.allocate(larger * sizeof(Entry)));
      for (std::uint32_t i = 0; i < size; ++i) moved[i] = at(i);
      if (entries != nullptr) pool.deallocate(entries, capacity * sizeof(Entry));
      entries = moved;
      capacity = larger;
      begin = 0;
    }
    ++size;
    at(size - 1) = entry;
  }
};

struct First {
  Slot value;
  std::int64_t time;
  std::uint64_t any;
};

struct Last {
  Slot value;
  std::int64_t time;
  std::uint64_t any;
};

struct Top {
  CountMap counts;  // First: see prefetch_add().
  OrderedValues order;
};

// HyperLogLog over a window whose oldest values go (Chabchoub and Hebrail, 2010): each register keeps the ranks that may
// yet become its greatest, that is those that no later value reaches. The registers are kept in groups, as short lists in
// the order of register and row.
struct SlidingRegisters {
  static constexpr std::uint32_t kGroups = 64;
  struct Entry {
    std::uint64_t number;
    std::uint16_t index;
    std::uint8_t rank;
  };
  struct Group {
    Entry* entries;
    std::uint32_t capacity, size;
  };
  Group groups[kGroups];
  nfa::HyperLogLog::Histogram histogram;  // Of the registers' greatest ranks.

  static Entry* first_of(const Group& group, std::uint32_t index) {
    return std::lower_bound(group.entries, group.entries + group.size, index,
                            [](const Entry& e, std::uint32_t wanted) { return e.index < wanted; });
  }

  void add(std::uint64_t hash, std::uint64_t number, Pool& pool) {
    const std::uint32_t index = nfa::HyperLogLog::register_of(hash);
    const std::uint8_t rank = nfa::HyperLogLog::rank_of(hash);
    Group& group = groups[index % kGroups];
    Entry* first = first_of(group, index);
    Entry* end = group.entries + group.size;
    Entry* last = first;
    while (last != end && last->index == index) ++last;
    const std::uint8_t before = first != last ? first->rank : std::uint8_t{0};
    Entry* kept = last;  // Entries up to here stay.
    while (kept != first && (kept - 1)->rank <= rank) --kept;
    if (kept != last) {  // The first of those beaten makes place.
      *kept = {number, static_cast<std::uint16_t>(index), rank};
      std::move(last, end, kept + 1);
      group.size -= static_cast<std::uint32_t>(last - kept) - 1;
    } else {
      const auto place = static_cast<std::size_t>(kept - group.entries);
      if (group.size == group.capacity) grow(group, pool);
      std::move_backward(group.entries + place, group.entries + group.size, group.entries + group.size + 1);
      group.entries[place] = {number, static_cast<std::uint16_t>(index), rank};
      ++group.size;
    }
    if (rank > before) {
      --histogram[before];
      ++histogram[rank];
    }
  }

  void remove(std::uint64_t hash, std::uint64_t number) {
    const std::uint32_t index = nfa::HyperLogLog::register_of(hash);
    Group& group = groups[index % kGroups];
    Entry* first = first_of(group, index);
    Entry* end = group.entries + group.size;
    if (first == end || first->index != index || first->number != number) return;  // Beaten long ago.
    const std::uint8_t after = first + 1 != end && (first + 1)->index == index ? (first + 1)->rank : std::uint8_t{0};
    --histogram[first->rank];
    ++histogram[after];
    std::move(first + 1, end, first);
    --group.size;
  }

  static void grow(Group& group, Pool& pool) {
    const std::uint32_t capacity = group.capacity == 0 ? 4 : group.capacity * 2;
    auto* larger = static_cast<Entry*>(pool.allocate(capacity * sizeof(Entry)));
    std::copy_n(group.entries, group.size, larger);
    if (group.entries != nullptr) pool.deallocate(group.entries, group.capacity * sizeof(Entry));
    group.entries = larger;
    group.capacity = capacity;
  }
  void release(Pool& pool) {
    for (Group& group : groups)
      if (group.entries != nullptr) pool.deallocate(group.entries, group.capacity * sizeof(Entry));
  }
};

std::size_t size_of(Accumulator kind) {
  switch (kind) {
    case Accumulator::kCount: return sizeof(std::uint64_t);
    case Accumulator::kSumInt: return sizeof(IntSum);
    case Accumulator::kSumFloat: return sizeof(nfa::ExactSum);
    case Accumulator::kMoments: return sizeof(nfa::ExactMoments);
    case Accumulator::kMin:
    case Accumulator::kMax: return sizeof(MonotonicQueue);
    case Accumulator::kFirst: return sizeof(First);
    case Accumulator::kLast: return sizeof(Last);
    case Accumulator::kDistinct: return sizeof(CountMap);
    case Accumulator::kApproxDistinct: return sizeof(SlidingRegisters*);
    case Accumulator::kOrder: return sizeof(OrderedValues);
    case Accumulator::kTop: return sizeof(Top);
  }
  return 0;
}

template <typename State>
State& as(std::byte* state) {
  return *reinterpret_cast<State*>(state);
}
template <typename State>
const State& as(const std::byte* state) {
  return *reinterpret_cast<const State*>(state);
}

int three_way(Slot a, Slot b, Type type) {
  if (type == Type::kFloat) return (a.f > b.f) - (a.f < b.f);
  return (a.i > b.i) - (a.i < b.i);
}

// Both zeros are one value.
Slot canonical(Slot value, Type type) { return type == Type::kFloat ? Slot::of_float(value.f + 0.0) : value; }

void add_extreme(MonotonicQueue& queue, Slot value, std::uint64_t number, Type type, bool least, bool evicts, Pool& pool) {
  const auto beats = [&](Slot other) { return least ? three_way(value, other, type) < 0 : three_way(value, other, type) > 0; };
  if (!evicts) {
    if (queue.size == 0 || beats(queue.best)) queue.best = value;
    queue.size = 1;
    return;
  }
  while (queue.size > 0 && beats(queue.at(queue.size - 1).value)) --queue.size;
  queue.push({value, number}, pool);
}

SlidingRegisters*& registers(std::byte* state) { return as<SlidingRegisters*>(state); }

void add_approximately(SlidingRegisters*& registers, std::uint64_t hash, std::uint64_t number, Pool& pool) {
  if (registers == nullptr) {
    registers = static_cast<SlidingRegisters*>(pool.allocate(sizeof(SlidingRegisters)));
    std::memset(static_cast<void*>(registers), 0, sizeof(SlidingRegisters));
    registers->histogram[0] = nfa::HyperLogLog::kRegisters;
  }
  registers->add(hash, number, pool);
}

}  // namespace

// ---- Rows --------------------------------------------------------------------------------------------------------------

void RowRing::resize(std::uint32_t capacity, std::uint32_t stride, Pool& pool) {
  auto* moved = static_cast<std::uint64_t*>(pool.allocate(std::size_t{capacity} * stride * sizeof(std::uint64_t)));
  const std::uint32_t before_end = std::min(size_, capacity_ - begin_ / stride);
  if (size_ > 0) {
    std::memcpy(moved, rows_ + begin_, std::size_t{before_end} * stride * sizeof(std::uint64_t));
    std::memcpy(moved + std::size_t{before_end} * stride, rows_, std::size_t{size_ - before_end} * stride * sizeof(std::uint64_t));
  }
  if (rows_ != nullptr) pool.deallocate(rows_, std::size_t{capacity_} * stride * sizeof(std::uint64_t));
  rows_ = moved;
  capacity_ = capacity;
  begin_ = 0;
}

std::uint64_t* RowRing::push(std::uint64_t word, std::uint32_t stride, Pool& pool) {
  if (size_ == capacity_) resize(capacity_ == 0 ? 2 : capacity_ * 2, stride, pool);
  if (size_++ == 0) front_word_ = word;
  std::uint64_t* result = row(first_number_ + size_ - 1, stride);
  result[0] = word;
  return result;
}

void RowRing::pop(std::uint32_t stride, Pool& pool) {
  begin_ += stride;
  if (begin_ == capacity_ * stride) begin_ = 0;
  --size_;
  ++first_number_;
  if (capacity_ > 16 && size_ * 8 < capacity_) resize(capacity_ / 2, stride, pool);
  if (size_ > 0) front_word_ = *front();
}

void RowRing::release(std::uint32_t stride, Pool& pool) {
  if (rows_ != nullptr) pool.deallocate(rows_, std::size_t{capacity_} * stride * sizeof(std::uint64_t));
  *this = RowRing();
}

// ---- Accumulators ------------------------------------------------------------------------------------------------------

LineAggregates::LineAggregates(const nfa::LineCode& code, bool evicts) : code_(&code), evicts_(evicts) {
  for (const nfa::AccumulatorCode& accumulator : code.accumulators) {
    offsets_.push_back(static_cast<std::uint32_t>(bytes_));
    bytes_ += size_of(accumulator.kind);
    const bool extreme = accumulator.kind == Accumulator::kMin || accumulator.kind == Accumulator::kMax;
    if ((extreme && evicts) || accumulator.kind == Accumulator::kDistinct || accumulator.kind == Accumulator::kTop)
      apart_.push_back(static_cast<std::uint32_t>(offsets_.size() - 1));
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
  for (std::uint32_t column = 0; column < columns(); ++column)
    if (is_text(column) && values[column].bits != 0) texts.release(values[column]);
}

void LineAggregates::add(std::byte* state, const Slot* values, std::int64_t time, std::uint64_t number, Pool& pool,
                         TextStore& texts) const {
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    const nfa::AccumulatorCode& code = code_->accumulators[i];
    const Type type = code_->columns[code.column].type;
    const Slot value = values[code.column];
    if (value.is_null(type)) continue;
    std::byte* at = state + offsets_[i];
    // Where rows are kept they hold the texts.
    const auto hold = [&] {
      if (!evicts_ && has_bytes(type)) texts.retain(value);
    };
    switch (code.kind) {
      case Accumulator::kCount: ++as<std::uint64_t>(at); break;
      case Accumulator::kSumInt: as<IntSum>(at).set(as<IntSum>(at).get() + value.i); break;
      case Accumulator::kSumFloat: as<nfa::ExactSum>(at).add(value.f); break;
      case Accumulator::kMoments: as<nfa::ExactMoments>(at).add(value.f); break;
      case Accumulator::kMin:
      case Accumulator::kMax:
        add_extreme(as<MonotonicQueue>(at), value, number, type, code.kind == Accumulator::kMin, evicts_, pool);
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
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    const nfa::AccumulatorCode& code = code_->accumulators[i];
    const Type type = code_->columns[code.column].type;
    const Slot value = values[code.column];
    if (value.is_null(type)) continue;
    std::byte* at = state + offsets_[i];
    switch (code.kind) {
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
          const Slot other = Slot{.bits = rows.row(next, stride())[1 + code.column]};
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
  for (const std::uint32_t i : apart_) {
    const nfa::AccumulatorCode& code = code_->accumulators[i];
    const nfa::ColumnCode& column = code_->columns[code.column];
    const std::byte* at = state + offsets_[i];
    if (code.kind == Accumulator::kMin || code.kind == Accumulator::kMax)
      as<MonotonicQueue>(at).prefetch_back();
    else if (column.slot != nfa::kNoSlot && !has_bytes(column.type))
      as<CountMap>(at).prefetch(canonical(event.get(column.slot), column.type).bits);
  }
}

void LineAggregates::prefetch_remove(const std::byte* state, const RowRing& rows) const {
  for (const std::uint32_t i : apart_) {
    const nfa::AccumulatorCode& code = code_->accumulators[i];
    const std::byte* at = state + offsets_[i];
    if (code.kind == Accumulator::kMin || code.kind == Accumulator::kMax)
      as<MonotonicQueue>(at).prefetch_front();
    else
      as<CountMap>(at).prefetch(canonical(Slot{.bits = rows.front()[1 + code.column]}, code_->columns[code.column].type).bits);
  }
}

void LineAggregates::save(const std::byte* state, StateWriter& out) const {
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    const nfa::AccumulatorCode& code = code_->accumulators[i];
    const Type type = code_->columns[code.column].type;
    const std::byte* at = state + offsets_[i];
    const auto counted = [&](std::uint64_t bits, std::uint64_t count) {
      out.slot(Slot{.bits = bits}, type);
      out.number(count);
    };
    switch (code.kind) {
      case Accumulator::kCount: out.number(as<std::uint64_t>(at)); break;
      case Accumulator::kSumInt:
        out.fixed(as<IntSum>(at).low);
        out.fixed(as<IntSum>(at).high);
        break;
      case Accumulator::kSumFloat:
      case Accumulator::kMoments:
        numbers.clear();
        if (code.kind == Accumulator::kSumFloat)
          as<nfa::ExactSum>(at).append_to(numbers);
        else
          as<nfa::ExactMoments>(at).append_to(numbers);
        out.number(numbers.size());
        for (const std::uint64_t number : numbers) out.fixed(number);
        break;
      case Accumulator::kMin:
      case Accumulator::kMax: out.slot(as<MonotonicQueue>(at).size == 0 ? Slot::null(type) : as<MonotonicQueue>(at).best, type); break;
      case Accumulator::kFirst:
      case Accumulator::kLast:
        static_assert(sizeof(First) == sizeof(Last));
        out.slot(as<First>(at).any == 0 ? Slot::null(type) : as<First>(at).value, type);
        out.signed_number(as<First>(at).time);
        break;
      case Accumulator::kDistinct:
        out.number(as<CountMap>(at).size());
        as<CountMap>(at).for_each(counted);
        break;
      case Accumulator::kTop:
        out.number(as<Top>(at).counts.size());
        as<Top>(at).counts.for_each(counted);
        break;
      case Accumulator::kOrder: {
        std::uint64_t entries = 0;
        as<OrderedValues>(at).for_each([&](Slot, std::uint64_t) { ++entries; });
        out.number(entries);
        as<OrderedValues>(at).for_each([&](Slot value, std::uint64_t count) { counted(value.bits, count); });
        break;
      }
      case Accumulator::kApproxDistinct: {
        const SlidingRegisters* kept = as<SlidingRegisters*>(at);
        out.number(kept == nullptr ? 0 : nfa::HyperLogLog::kRegisters - kept->histogram[0]);
        if (kept == nullptr) break;
        for (const SlidingRegisters::Group& group : kept->groups)
          for (std::uint32_t entry = 0; entry < group.size; ++entry) {
            out.number(group.entries[entry].index);
            out.number(group.entries[entry].rank);
          }
        break;
      }
    }
  }
}

void LineAggregates::load(std::byte* state, StateReader& in, Pool& pool, TextStore& texts) const {
  Arena arena;
  for (std::size_t i = 0; i < offsets_.size() && !in.failed(); ++i) {
    const nfa::AccumulatorCode& code = code_->accumulators[i];
    const Type type = code_->columns[code.column].type;
    std::byte* at = state + offsets_[i];
    // The value with a reference of its own.
    const auto slot = [&] {
      const Slot value = in.slot(type, arena);
      return has_bytes(type) && value.bits != 0 ? texts.intern(value.text()) : value;
    };
    const auto each_counted = [&](auto use) {
      for (std::uint64_t left = in.count(2); left > 0 && !in.failed(); --left) {
        const Slot value = in.slot(type, arena);
        const std::uint64_t count = in.number_below(std::uint64_t{1} << 32);
        if (in.failed() || value.is_null(type) || count == 0) return in.fail();
        use(has_bytes(type) ? texts.intern(value.text()) : value, count);
      }
    };
    switch (code.kind) {
      case Accumulator::kCount: as<std::uint64_t>(at) = in.number(); break;
      case Accumulator::kSumInt:
        as<IntSum>(at).low = in.fixed();
        as<IntSum>(at).high = in.fixed();
        break;
      case Accumulator::kSumFloat:
      case Accumulator::kMoments: {
        std::vector<std::uint64_t> numbers(in.count(8));
        for (std::uint64_t& number : numbers) number = in.fixed();
        std::span<const std::uint64_t> rest(numbers);
        const bool taken =
            code.kind == Accumulator::kSumFloat ? as<nfa::ExactSum>(at).take_from(rest) : as<nfa::ExactMoments>(at).take_from(rest);
        if (!taken || !rest.empty()) in.fail();
        break;
      }
      case Accumulator::kMin:
      case Accumulator::kMax:
        as<MonotonicQueue>(at).best = slot();
        as<MonotonicQueue>(at).size = as<MonotonicQueue>(at).best.is_null(type) ? 0 : 1;
        break;
      case Accumulator::kFirst:
      case Accumulator::kLast: {
        First& first = as<First>(at);
        first.value = slot();
        first.time = in.signed_number();
        first.any = first.value.is_null(type) ? 0 : 1;
        break;
      }
      case Accumulator::kDistinct:
        each_counted([&](Slot value, std::uint64_t count) {
          if (as<CountMap>(at).add(value.bits, pool, count) > 0) in.fail();
        });
        break;
      case Accumulator::kTop:
        each_counted([&](Slot value, std::uint64_t count) {
          if (as<Top>(at).counts.add(value.bits, pool, count) > 0) return in.fail();
          as<Top>(at).order.insert({value, count}, type, pool);
        });
        break;
      case Accumulator::kOrder:
        each_counted([&](Slot value, std::uint64_t count) {
          as<OrderedValues>(at).insert({value, 0}, type, pool, static_cast<std::uint32_t>(count));
        });
        break;
      case Accumulator::kApproxDistinct:
        for (std::uint64_t left = in.count(2); left > 0 && !in.failed(); --left) {
          const std::uint64_t index = in.number_below(nfa::HyperLogLog::kRegisters);
          const std::uint64_t rank = in.number_below(nfa::HyperLogLog::kMaxRank + 1);
          if (rank == 0) return in.fail();
          // A hash with this register and rank.
          const std::uint64_t hash = index << (64 - nfa::HyperLogLog::kRegisterBits) |
                                     (rank == nfa::HyperLogLog::kMaxRank ? 0 : std::uint64_t{1} << (nfa::HyperLogLog::kMaxRank - 1 - rank));
          add_approximately(registers(at), hash, 0, pool);
        }
        break;
    }
  }
}

void LineAggregates::release(std::byte* state, Pool& pool, TextStore& texts) const {
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    const nfa::AccumulatorCode& code = code_->accumulators[i];
    std::byte* at = state + offsets_[i];
    const bool holds = !evicts_ && is_text(code.column);
    const auto drop = [&](std::uint64_t bits, std::uint64_t) { texts.release(Slot{.bits = bits}); };
    switch (code.kind) {
      case Accumulator::kSumFloat: as<nfa::ExactSum>(at).release(); break;
      case Accumulator::kMoments: as<nfa::ExactMoments>(at).release(); break;
      case Accumulator::kMin:
      case Accumulator::kMax:
        if (MonotonicQueue& queue = as<MonotonicQueue>(at); queue.entries != nullptr)
          pool.deallocate(queue.entries, queue.capacity * sizeof(MonotonicQueue::Entry));
        break;
      case Accumulator::kFirst:
        if (holds && as<First>(at).any != 0) texts.release(as<First>(at).value);
        break;
      case Accumulator::kLast:
        if (holds && as<Last>(at).any != 0) texts.release(as<Last>(at).value);
        break;
      case Accumulator::kDistinct:
        if (holds) as<CountMap>(at).for_each(drop);
        as<CountMap>(at).release(pool);
        break;
      case Accumulator::kApproxDistinct:
        if (registers(at) != nullptr) {
          registers(at)->release(pool);
          pool.deallocate(registers(at), sizeof(SlidingRegisters));
        }
        break;
      case Accumulator::kOrder: as<OrderedValues>(at).release(pool); break;
      case Accumulator::kTop:
        as<Top>(at).order.release(pool);
        if (holds) as<Top>(at).counts.for_each(drop);
        as<Top>(at).counts.release(pool);
        break;
      case Accumulator::kCount:
      case Accumulator::kSumInt: break;
    }
  }
  std::memset(static_cast<void*>(state), 0, bytes_);
}

Slot LineAggregates::value(const nfa::ValueCode& value, const std::byte* state, std::uint64_t events, std::int64_t microseconds) const {
  const auto at = [&](int accumulator) { return state + offsets_[static_cast<std::size_t>(accumulator)]; };
  const std::uint64_t count = value.count < 0 ? events : as<std::uint64_t>(at(value.count));
  const auto signed_count = static_cast<std::int64_t>(count);
  const bool floats = value.arg_type == Type::kFloat;
  static const nfa::ExactSum kNoFloats;
  const auto ints = [&] { return floats ? nfa::SumInt{0} : as<IntSum>(at(value.from)).get(); };
  const auto sum = [&]() -> const nfa::ExactSum& { return floats ? as<nfa::ExactSum>(at(value.from)) : kNoFloats; };
  switch (value.aggregate) {
    case dsl::Aggregate::kCount: return Slot::of_int(value.from < 0 ? signed_count : as<CountMap>(at(value.from)).size());
    case dsl::Aggregate::kSum: return nfa::total_value(signed_count, ints(), sum(), value.arg_type);
    case dsl::Aggregate::kAvg: return nfa::average_value(signed_count, ints(), sum(), value.arg_type);
    case dsl::Aggregate::kRate: {
      if (count == 0) return Slot::null(Type::kFloat);
      if (value.from < 0) return nfa::rate_value(static_cast<double>(count - 1), microseconds);
      const First& first = as<First>(at(value.from));
      const Last& last = as<Last>(at(value.last));
      const bool events_only = value.arg_type != Type::kFloat;
      return nfa::rate_value(events_only ? static_cast<double>(count - 1) : last.value.f - first.value.f, last.time - first.time);
    }
    default: break;
  }
  if (value.aggregate == dsl::Aggregate::kApproxDistinct) {
    const SlidingRegisters* kept = as<SlidingRegisters*>(at(value.from));
    return Slot::of_int(kept == nullptr ? 0 : nfa::HyperLogLog::estimate(kept->histogram));
  }
  if (value.aggregate == dsl::Aggregate::kTop || value.aggregate == dsl::Aggregate::kTopCount) {
    const Top& top = as<Top>(at(value.from));
    const auto place = static_cast<std::uint64_t>(value.rank - 1);
    const bool counts = value.aggregate == dsl::Aggregate::kTopCount;
    if (place >= top.order.size()) return counts ? Slot::of_int(0) : Slot::null(value.arg_type);
    const Slot found = top.order.at(place);
    return counts ? Slot::of_int(static_cast<std::int64_t>(top.counts.count(found.bits))) : found;
  }
  if (count == 0) return Slot::null(value.type);
  switch (value.aggregate) {
    case dsl::Aggregate::kMin:
    case dsl::Aggregate::kMax: {
      const MonotonicQueue& queue = as<MonotonicQueue>(at(value.from));
      return evicts_ ? queue.at(0).value : queue.best;
    }
    case dsl::Aggregate::kFirst: return as<First>(at(value.from)).value;
    case dsl::Aggregate::kLast: return as<Last>(at(value.from)).value;
    case dsl::Aggregate::kStddev: return nfa::deviation_value(count, as<nfa::ExactMoments>(at(value.from)));
    default: return as<OrderedValues>(at(value.from)).at(nfa::rank_of_percentile(value.percentile, count));
  }
}

}  // namespace sequitur
