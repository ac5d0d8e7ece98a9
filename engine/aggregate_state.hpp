// What the accumulators of a window keep, one after the other in the memory of its key (LineAggregates::bytes()), and what adds to
// them. Cost: constant for an event, but for distinct, percentiles and top (O(log n) or a hash). Tests:
// tests/unit/engine/aggregates_test.cpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/count_map.hpp"
#include "engine/fetch_ahead.hpp"
#include "engine/ordered_values.hpp"
#include "engine/pool.hpp"
#include "nfa/aggregate_values.hpp"
#include "nfa/hyper_log_log.hpp"
#include "nfa/window_code.hpp"

namespace sequitur::aggregate_state {

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

inline std::size_t size_of(Accumulator kind) {
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

inline int three_way(Slot a, Slot b, Type type) {
  if (type == Type::kFloat) return (a.f > b.f) - (a.f < b.f);
  return (a.i > b.i) - (a.i < b.i);
}

// Both zeros are one value.
inline Slot canonical(Slot value, Type type) { return type == Type::kFloat ? Slot::of_float(value.f + 0.0) : value; }

inline void add_extreme(MonotonicQueue& queue, Slot value, std::uint64_t number, Type type, bool least, bool evicts, Pool& pool) {
  const auto beats = [&](Slot other) { return least ? three_way(value, other, type) < 0 : three_way(value, other, type) > 0; };
  if (!evicts) {
    if (queue.size == 0 || beats(queue.best)) queue.best = value;
    queue.size = 1;
    return;
  }
  while (queue.size > 0 && beats(queue.at(queue.size - 1).value)) --queue.size;
  queue.push({value, number}, pool);
}

inline SlidingRegisters*& registers(std::byte* state) { return as<SlidingRegisters*>(state); }

inline void add_approximately(SlidingRegisters*& registers, std::uint64_t hash, std::uint64_t number, Pool& pool) {
  if (registers == nullptr) {
    registers = static_cast<SlidingRegisters*>(pool.allocate(sizeof(SlidingRegisters)));
    std::memset(static_cast<void*>(registers), 0, sizeof(SlidingRegisters));
    registers->histogram[0] = nfa::HyperLogLog::kRegisters;
  }
  registers->add(hash, number, pool);
}

}  // namespace sequitur::aggregate_state
