// How often each value is there: a hash table from 8 bytes to a count, for exact `count(distinct ..)` and `top`.
// Open addressing with linear probing; an entry with count 0 is empty.
#pragma once

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
    if ((size_ + 1) * 4 > capacity_ * 3) resize(capacity_ == 0 ? 8 : capacity_ * 2, pool);
    Entry& entry = find(value);
    if (entry.count == 0) {
      entry.value = value;
      ++size_;
    }
    entry.count += times;
    return entry.count - times;
  }
  // Of a value that is there. Returns how often it is there now.
  std::uint64_t remove(std::uint64_t value, Pool& pool) {
    Entry& entry = find(value);
    if (--entry.count > 0) return entry.count;
    close_gap(static_cast<std::size_t>(&entry - entries_));
    --size_;
    if (capacity_ > 64 && size_ * 8 < capacity_) resize(capacity_ / 2, pool);
    return 0;
  }
  std::uint64_t count(std::uint64_t value) const { return size_ == 0 ? 0 : const_cast<CountMap*>(this)->find(value).count; }
  std::uint32_t size() const { return size_; }
  void prefetch(std::uint64_t value) const {
    if (capacity_ > 0) fetch_ahead(&entries_[home(value)]);
  }
  template <typename Use>
  void for_each(Use use) const {
    for (std::uint32_t i = 0; i < capacity_; ++i)
      if (entries_[i].count > 0) use(entries_[i].value, entries_[i].count);
  }
  void release(Pool& pool) {
    if (entries_ != nullptr) pool.deallocate(entries_, capacity_ * sizeof(Entry));
    *this = CountMap();
  }

 private:
  struct Entry {
    std::uint64_t value;
    std::uint64_t count;
  };

  std::size_t home(std::uint64_t value) const { return (value * 0x9E37'79B9'7F4A'7C15ULL >> 32) & (capacity_ - 1); }
  Entry& find(std::uint64_t value) {
    std::size_t at = home(value);
    while (entries_[at].count > 0 && entries_[at].value != value) at = (at + 1) & (capacity_ - 1);
    return entries_[at];
  }
  void close_gap(std::size_t at) {
    for (std::size_t next = (at + 1) & (capacity_ - 1); entries_[next].count > 0; next = (next + 1) & (capacity_ - 1)) {
      const std::size_t distance = (next - home(entries_[next].value)) & (capacity_ - 1);
      if (distance < ((next - at) & (capacity_ - 1))) continue;
      entries_[at] = entries_[next];
      at = next;
    }
    entries_[at].count = 0;
  }
  void resize(std::uint32_t capacity, Pool& pool) {
    Entry* old = entries_;
    const std::uint32_t old_capacity = capacity_;
    entries_ = static_cast<Entry*>(pool.allocate(capacity * sizeof(Entry)));
    std::memset(static_cast<void*>(entries_), 0, capacity * sizeof(Entry));
    capacity_ = capacity;
    for (std::uint32_t i = 0; i < old_capacity; ++i)
      if (old[i].count > 0) find(old[i].value) = old[i];
    if (old != nullptr) pool.deallocate(old, old_capacity * sizeof(Entry));
  }

  Entry* entries_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace sequitur
