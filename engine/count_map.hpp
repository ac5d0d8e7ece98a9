// How often each value is there: a hash table from 8 bytes to a count, for exact `count(distinct ..)` and `top`.
// Open addressing with linear probing. A value that is no longer there keeps its place until the table is full: what a key
// does it mostly does again, and leaving a gap would mean to close it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "engine/fetch_ahead.hpp"
#include "engine/pool.hpp"

namespace sequitur {

// All zero is empty, so that it may live in memory that was only cleared.
class CountMap {
 public:
  // Returns how often the value was there before.
  std::uint64_t add(std::uint64_t value, Pool& pool, std::uint64_t times = 1) {
    if (capacity_ == 0) resize(pool);
    Entry* entry = &find(value);
    if (entry->mark == kFree) {
      if ((used_ + 1) * 4 > capacity_ * 3) {
        resize(pool);
        entry = &find(value);
      }
      *entry = {value, kGone};
      ++used_;
    }
    const std::uint64_t before = entry->mark - kGone;
    if (before == 0) ++size_;
    entry->mark += times;
    return before;
  }
  // Of a value that is there. Returns how often it is there now.
  std::uint64_t remove(std::uint64_t value, Pool& pool) {
    Entry& entry = find(value);
    const std::uint64_t left = --entry.mark - kGone;
    if (left > 0) return left;
    --size_;
    if (capacity_ > 64 && size_ * 8 < capacity_) resize(pool);
    return 0;
  }
  std::uint64_t count(std::uint64_t value) const {
    if (size_ == 0) return 0;
    const std::uint64_t mark = const_cast<CountMap*>(this)->find(value).mark;
    return mark == kFree ? 0 : mark - kGone;
  }
  std::uint32_t size() const { return size_; }
  void prefetch(std::uint64_t value) const {
    if (capacity_ > 0) fetch_ahead(&entries_[home(value)]);
  }
  template <typename Use>
  void for_each(Use use) const {
    for (std::uint32_t i = 0; i < capacity_; ++i)
      if (entries_[i].mark > kGone) use(entries_[i].value, entries_[i].mark - kGone);
  }
  void release(Pool& pool) {
    if (entries_ != nullptr) pool.deallocate(entries_, capacity_ * sizeof(Entry));
    *this = CountMap();
  }

 private:
  static constexpr std::uint64_t kFree = 0, kGone = 1;  // Marks; of a value that is there its count and kGone.
  struct Entry {
    std::uint64_t value;
    std::uint64_t mark;
  };

  std::size_t home(std::uint64_t value) const { return (value * 0x9E37'79B9'7F4A'7C15ULL >> 32) & (capacity_ - 1); }
  Entry& find(std::uint64_t value) {
    std::size_t at = home(value);
    while (entries_[at].mark != kFree && entries_[at].value != value) at = (at + 1) & (capacity_ - 1);
    return entries_[at];
  }
  // To twice the room that the values which are there need, and one more.
  void resize(Pool& pool) {
    const CountMap old = *this;
    capacity_ = std::max(8U, std::bit_ceil((size_ + 1) * 2));
    entries_ = static_cast<Entry*>(pool.allocate(capacity_ * sizeof(Entry)));
    std::memset(static_cast<void*>(entries_), 0, capacity_ * sizeof(Entry));
    used_ = size_;
    old.for_each([&](std::uint64_t value, std::uint64_t count) { find(value) = {value, kGone + count}; });
    if (old.entries_ != nullptr) pool.deallocate(old.entries_, old.capacity_ * sizeof(Entry));
  }

  Entry* entries_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t size_ = 0;  // Values that are there,
  std::uint32_t used_ = 0;  // and those that were.
};

}  // namespace sequitur
