// How many chains of events, one for each step in order, lie within the latest `within`: without knowing a single one of them.
//
// The number of chains that have come to each step is a row of numbers, and an event that fits step j adds the number at j to
// that at j + 1: a matrix that is the identity but for a few ones beside the diagonal. What all events of a window do is the
// product of their matrices. A product can grow at its end by cheap column additions but cannot lose its beginning, so it is
// kept as two stacks (a queue of two stacks, as for any sliding aggregate): `front` holds for each older event the first row
// of the product from it to the end of the front, `back` one product of all younger ones. When the front is used up the back
// becomes the front. There is no subtraction, so numbers that no longer fit stay right (tally.hpp).
//
// An event costs a few additions for each step that it fits, whatever the window holds; a count one row times one column.
// tests/unit/engine/chain_counter_test.cpp compares it with counting one by one.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/tally.hpp"

namespace sequitur {

class StateReader;
class StateWriter;

class ChainCounter {
 public:
  // Chains of up to `steps` events: those that the last step of a rule may complete. At most 63.
  explicit ChainCounter(std::uint32_t steps);

  // `fits`: bit j: it may be the event of step j. Events come in order; none may follow itself.
  // `windowed`: false when events never leave; they need not be remembered then.
  void add(std::int64_t time, std::uint64_t sequence, std::uint64_t fits, bool windowed);
  // Events before `time` leave.
  void drop_before(std::int64_t time);
  void clear();

  // Of `steps` events.
  Tally complete() const;
  bool empty() const { return !started_; }
  // Of the oldest event that may begin a chain, if there is one.
  std::int64_t first_time() const { return oldest().time; }
  std::uint64_t first_sequence() const { return oldest().sequence; }
  std::size_t size() const { return front_.size() + back_.size(); }
  std::size_t memory_bytes() const;
  // `windowed` as for add().
  void save(StateWriter& out, bool windowed) const;
  void load(StateReader& in, bool windowed);

 private:
  struct Item {
    std::int64_t time;
    std::uint64_t sequence;
    std::uint64_t fits;
  };
  const Item& oldest() const { return front_.empty() ? back_.front() : front_.back(); }
  Tally& back_product(std::uint32_t row, std::uint32_t column) { return product_[row * states_ + column]; }
  void drop_oldest();
  void turn_over();
  void reset_product();

  std::uint32_t states_;        // Of a chain: how many events it has.
  bool started_ = false;        // There is an event that may begin a chain.
  std::vector<Item> back_;      // Oldest first.
  std::vector<Tally> product_;  // Of back_: states_ x states_, by rows.
  std::vector<Item> front_;     // Oldest last.
  std::vector<Tally> rows_;     // For each of front_: states_ numbers.
  std::vector<Tally> work_;     // Of turn_over().
};

}  // namespace sequitur
