// A hierarchical timing wheel: which keys have something to do when time passes.
//
// Idea: Varghese and Lauck, "Hashed and hierarchical timing wheels" (SOSP 1987). Level l has 64 buckets of 64^l ticks; an
// entry is put into the lowest level whose span covers its distance from now, and moves down when time reaches its
// bucket. Insert O(1), every entry moves at most once a level. Entries are never removed: whoever asked may find at the
// time that there is nothing to do, or put in a later one. The memory of a bucket that was emptied goes to the next one that
// is filled, so that time may go on for ever without an allocation.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/moment.hpp"

namespace sequitur {

class TimingWheel {
 public:
  struct Entry {
    Moment when;
    std::uint32_t key;         // Index of a KeyRuns or of a window's place,
    std::uint32_t generation;  // and which of those that had this index is meant, where that matters.
  };

  void insert(const Entry& entry) {
    ++size_;
    place(entry);
  }

  // Calls due(entry) for every entry with when < limit, in no particular order. `due` may insert entries, but not advance.
  template <typename Due>
  void advance(Moment limit, Due due) {
    while (size_ > 0) {
      const std::int64_t next = next_tick();
      if (next > tick_of(limit)) break;
      now_ = next;
      cascade(limit, due);
      if (!drain(limit, due)) break;
    }
    if (tick_of(limit) > now_) jump(limit, due);
  }

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const {
    std::size_t bytes = sizeof *this;
    for (const auto& level : buckets_)
      for (const auto& bucket : level) bytes += bucket.capacity() * sizeof(Entry);
    for (const auto& spare : spares_) bytes += spare.capacity() * sizeof(Entry);
    return bytes;
  }

 private:
  static constexpr int kBits = 6;
  static constexpr int kBuckets = 1 << kBits;
  static constexpr int kLevels = 9;     // 54 bits of ticks: all of time.
  static constexpr int kTickBits = 12;  // A tick is 2^12 moments, about a millisecond.

  static std::int64_t tick_of(Moment moment) { return (moment >> kTickBits) + (std::int64_t{1} << (62 - kTickBits)); }  // Never negative.

  void place(const Entry& entry) {
    std::int64_t tick = tick_of(entry.when);
    if (tick < now_) tick = now_;
    const std::uint64_t differs = static_cast<std::uint64_t>(tick ^ now_);
    const int level = differs == 0 ? 0 : (63 - std::countl_zero(differs)) / kBits;
    const auto bucket = static_cast<std::size_t>((tick >> (level * kBits)) & (kBuckets - 1));
    std::vector<Entry>& entries = buckets_[static_cast<std::size_t>(level)][bucket];
    if (entries.capacity() == 0 && !spares_.empty()) {
      entries.swap(spares_.back());
      spares_.pop_back();
    }
    entries.push_back(entry);
    occupied_[static_cast<std::size_t>(level)] |= std::uint64_t{1} << bucket;
  }

  // The first tick at or after now at which a bucket must be opened.
  std::int64_t next_tick() const {
    for (int level = 0; level < kLevels; ++level) {
      const int shift = level * kBits;
      const auto position = static_cast<unsigned>((now_ >> shift) & (kBuckets - 1));
      // Level 0 may hold entries of the current tick; on the levels above the current bucket is empty (it was cascaded).
      const std::uint64_t ahead = occupied_[static_cast<std::size_t>(level)] & (~std::uint64_t{0} << position);
      if (ahead == 0) continue;
      const std::int64_t bucket = std::countr_zero(ahead);
      const std::int64_t base = (now_ >> (shift + kBits)) << (shift + kBits);
      return std::max(now_, base + (bucket << shift));
    }
    return std::int64_t{1} << 62;
  }

  // Moves the entries of all buckets that begin at now_ down; those that are due need not go all the way.
  template <typename Due>
  void cascade(Moment limit, Due& due) {
    for (int level = kLevels - 1; level > 0; --level) {
      const int shift = level * kBits;
      const auto bucket = static_cast<std::size_t>((now_ >> shift) & (kBuckets - 1));
      auto& entries = buckets_[static_cast<std::size_t>(level)][bucket];
      if (entries.empty()) continue;
      moving_.swap(entries);
      occupied_[static_cast<std::size_t>(level)] &= ~(std::uint64_t{1} << bucket);
      for (const Entry& entry : moving_) {
        if (entry.when < limit) {
          --size_;
          due(entry);
        } else {
          place(entry);
        }
      }
      recycle(moving_);
    }
  }

  // Returns false when entries of this tick remain that are not due yet.
  template <typename Due>
  bool drain(Moment limit, Due& due) {
    const auto bucket = static_cast<std::size_t>(now_ & (kBuckets - 1));
    bool all_due = true;
    while (!buckets_[0][bucket].empty()) {
      std::vector<Entry> entries;
      entries.swap(buckets_[0][bucket]);
      occupied_[0] &= ~(std::uint64_t{1} << bucket);
      bool any_due = false;
      for (const Entry& entry : entries) {
        if (entry.when < limit) {
          --size_;
          any_due = true;
          due(entry);
        } else {
          all_due = false;
          place(entry);
        }
      }
      recycle(entries);
      if (!any_due) break;
    }
    if (all_due && !buckets_[0][bucket].empty()) all_due = false;
    return all_due;
  }

  template <typename Due>
  void jump(Moment limit, Due& due) {
    now_ = tick_of(limit);
    cascade(limit, due);
  }

  // Keeps small memory for another bucket; a large one is freed. There are at most as many as there were buckets in use.
  void recycle(std::vector<Entry>& from) {
    from.clear();
    if (from.capacity() > 0 && from.capacity() <= 1024) spares_.push_back(std::move(from));
    std::vector<Entry>().swap(from);
  }

  std::array<std::array<std::vector<Entry>, kBuckets>, kLevels> buckets_;
  std::array<std::uint64_t, kLevels> occupied_{};
  std::vector<Entry> moving_;
  std::vector<std::vector<Entry>> spares_;
  std::int64_t now_ = 0;
  std::size_t size_ = 0;
};

}  // namespace sequitur
