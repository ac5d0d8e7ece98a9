// Aggregates that are kept while events come and, where the window forgets its events one by one, go.
//
// A line's accumulators stand one behind the other in a piece of memory of the key. Time for an event: constant for counts,
// sums, averages, deviations, first, last, distinct (a hash table) and, amortized, for least and greatest (monotonic
// queues); O(log n) for percentiles and top; approx_distinct inserts into short sorted lists. Nothing depends on how long
// the window is. tests/differential compares each with a recomputation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/pool.hpp"
#include "engine/row_ring.hpp"
#include "engine/text_store.hpp"
#include "nfa/window_code.hpp"

namespace sequitur {

class StateReader;
class StateWriter;

// What the accumulators of one line are, where each stands, and how to work them. Immutable.
class LineAggregates {
 public:
  LineAggregates(const nfa::LineCode& code, bool evicts);

  std::uint32_t columns() const { return static_cast<std::uint32_t>(code_->columns.size()); }
  std::uint32_t stride() const { return 1 + columns(); }  // Of a row, in words.
  std::size_t bytes() const { return bytes_; }            // Of the accumulators.
  bool grows() const { return grows_; }                   // Even without rows their memory has no bound.

  // The values of an event's columns, texts interned (the caller's reference).
  void read(const Event& event, nfa::EvaluationContext& context, TextStore& texts, Slot* values) const;
  // A row that has come; `number` is its number.
  void add(std::byte* state, const Slot* values, std::int64_t time, std::uint64_t number, Pool& pool, TextStore& texts) const;
  // The oldest row, which is still the front of `rows`, goes.
  void remove(std::byte* state, const Slot* values, const RowRing& rows, Pool& pool, TextStore& texts) const;
  // Drops the references of a row's values.
  void forget(const Slot* values, TextStore& texts) const;
  // Of lines that keep no rows.
  void save(const std::byte* state, StateWriter& out) const;
  void load(std::byte* state, StateReader& in, Pool& pool, TextStore& texts) const;
  // Everything goes; the memory itself stays and is cleared.
  void release(std::byte* state, Pool& pool, TextStore& texts) const;

  // Fetches what add() will touch for the event, and what remove() will for the row, into the cache.
  void prefetch_add(const std::byte* state, const Event& event) const;
  void prefetch_remove(const std::byte* state, const RowRing& rows) const;

  // How a value of this line is read: decided once, so that doing it takes a few instructions.
  struct Reading {
    enum class How : std::uint8_t { kEvents, kRateOfEvents, kCount, kDistinct, kSumFloat, kAverageFloat, kOldest, kBest, kOther };
    How how;
    Type type;
    std::uint32_t line;
    std::uint32_t count, at, last;  // Of the accumulators: offsets from where the memory that holds the state begins.
    const nfa::ValueCode* value;
  };
  // `value` stays where it is; `offset`: of this line's state.
  Reading reading(const nfa::ValueCode& value, std::size_t offset) const;
  // The sum of floats that was rounded last: an average of them often comes next.
  struct LastSum {
    std::uint32_t at = 0;
    double sum = 0;
  };
  // Not of kEvents and kRateOfEvents, which the caller knows. `base` + offset is the state.
  static Slot value(const Reading& reading, const std::byte* base, LastSum& last);

 private:
  struct Part {
    nfa::Accumulator kind;
    Type type;
    std::uint32_t column;
    std::uint32_t offset;
  };

  const nfa::LineCode* code_;
  bool evicts_;
  bool grows_ = false;
  bool has_texts_ = false;
  std::vector<Part> parts_;  // The accumulators.
  std::vector<Part> apart_;  // Those that have memory of their own where values are looked up.
  std::size_t bytes_ = 0;
};

}  // namespace sequitur
