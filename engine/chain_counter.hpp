// How many chains of events, one for each step in order, lie within the latest `within`: without knowing a single one of them.
//
// The number of chains that have come to each step is a row of numbers, and an event that fits step j adds the number at j to
// that at j + 1: a matrix that is the identity but for a few ones beside the diagonal. What all events of a window do is the
// product of their matrices. A product can grow at its end by cheap column additions but cannot lose its beginning, so it is
// kept in two parts (a queue of two stacks, as for any sliding aggregate): of the older events, the front, there is for each that
// may begin a chain the first row of the product from it to the end of the front; of all younger ones, the back, one product. When the
// front is used up the back becomes the front. There is no subtraction, so numbers that no longer fit stay right (tally.hpp). As
// long as they are small they are plain machine words, of which processors add several at once.
//
// An event costs a few additions for each step that it fits, whatever the window holds; a count one row times one column.
// tests/unit/engine/stacks_test.cpp compares it with counting one by one.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "engine/chain_products.hpp"
#include "engine/tally.hpp"

namespace sequitur {

class StateReader;
class StateWriter;

class ChainCounter {
 public:
  // Chains of up to `steps` events: those that the last step of a rule may complete. At most 63.
  explicit ChainCounter(std::uint32_t steps);

  // Bit j: an event of step j has a chain to follow, or is the first of one. Others need not be added; of no step behind the last
  // comes anything.
  std::uint64_t useful() const { return useful_; }
  // `fits`: bit j: it may be the event of step j, all of them useful and at least one. Events come in order; none may follow itself.
  // `windowed`: false when events never leave; they need not be remembered then.
  void add(std::int64_t time, std::uint64_t sequence, std::uint64_t fits, bool windowed) {
    useful_ |= fits << 1;
    append(time, sequence, fits, windowed);
  }
  // Events before `time` leave.
  void drop_before(std::int64_t time) {
    if (oldest_time_ < time) drop_oldest_before(time);
  }
  void clear();

  // Of `steps` events.
  Tally complete() const;
  bool empty() const { return count_ == 0; }
  // Of the oldest event that may begin a chain, if there is one.
  std::int64_t first_time() const { return oldest_time_; }
  std::uint64_t first_sequence() const { return oldest().sequence; }
  std::size_t size() const { return count_; }
  std::size_t memory_bytes() const;
  // `windowed` as for add().
  void save(StateWriter& out, bool windowed) const;
  void load(StateReader& in, bool windowed);

 private:
  void load_reached(StateReader& in);
  struct Item {
    std::int64_t time;
    std::uint64_t sequence;
    std::uint64_t fits;
  };
  const Item& oldest() const { return items_[oldest_]; }
  static bool may_begin(const Item& item) { return (item.fits & 1) != 0; }
  void append(std::int64_t time, std::uint64_t sequence, std::uint64_t fits, bool windowed) {
    if (empty()) oldest_time_ = time;
    if (windowed || empty()) {
      items_.push_back({time, sequence, fits});
      ++count_;
    }
    if (is_large_)
      large_.add(fits);
    else if (small_.add(fits) >= kSmall)
      outgrow();
  }
  void drop_oldest_before(std::int64_t time);
  void turn_over();
  void forget_dropped();
  void outgrow();

  // Two numbers below it are below the modulus together.
  static constexpr std::uint64_t kSmall = std::uint64_t{1} << 60;

  std::uint32_t states_;     // Of a chain: how many events it has.
  bool is_large_ = false;    // Numbers have come to kSmall.
  std::vector<Item> items_;  // In order. Those before oldest_ have left; the oldest may begin a chain.
  std::size_t oldest_ = 0;
  std::size_t count_ = 0;  // Of those that have not left.
  std::int64_t oldest_time_ = std::numeric_limits<std::int64_t>::max();
  std::size_t back_ = 0;  // Where the back begins.
  std::uint64_t useful_ = 1;
  ChainProducts<std::uint64_t> small_;
  ChainProducts<Tally> large_;  // In its place once is_large_.
};

}  // namespace sequitur
