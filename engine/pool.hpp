// Small pieces of memory of one shard: runs, events kept, keys. Freed pieces are reused by size, so the steady state
// allocates nothing. A pool that has become large goes on in huge pages: what it holds is touched in no order, and of small
// pages the processor would have to look up nearly every one. Used by one task at a time.
#pragma once

#include <sys/mman.h>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

#include "engine/fetch_ahead.hpp"

namespace sequitur {

class Pool {
 public:
  Pool() = default;
  ~Pool() {
    for (void* slab : slabs_) std::free(slab);
    for (Free* piece : large_)
      while (piece != nullptr) ::operator delete(std::exchange(piece, piece->next));
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Aligned to 8 bytes.
  [[gnu::always_inline]] void* allocate(std::size_t size) {
    const std::size_t index = class_of(size);
    if (index >= kClasses) return allocate_large(size);
    in_use_ += (index + 1) * kStep;
    if (Free* piece = free_[index]) {
      free_[index] = piece->next;
      fetch_ahead(piece->next);  // Whoever comes next will write there.
      return piece;
    }
    return carve((index + 1) * kStep);
  }

  // `size` as it was given to allocate().
  [[gnu::always_inline]] void deallocate(void* piece, std::size_t size) {
    const std::size_t index = class_of(size);
    if (index >= kClasses) return deallocate_large(piece, size);
    in_use_ -= (index + 1) * kStep;
    free_[index] = new (piece) Free{free_[index]};
  }

  std::size_t bytes_in_use() const { return in_use_; }

 private:
  struct Free {
    Free* next;
  };
  static constexpr std::size_t kStep = 8;
  static constexpr std::size_t kClasses = 128;  // Up to 1 KiB.
  static constexpr std::size_t kSlab = 64 * 1024;
  static constexpr std::size_t kHugeSlab = 2 * 1024 * 1024;
  static constexpr std::size_t kSmallSlabs = 32;  // Then come the huge ones.

  // Larger pieces come in four sizes to each power of two. Freed ones are kept up to a bound.
  static constexpr std::size_t kLargeClasses = 44;  // Up to 2 MiB.
  static constexpr std::size_t kMostLargeKept = 4 * 1024 * 1024;
  struct Large {
    std::size_t index, bytes;
  };
  static Large large_of(std::size_t size) {
    const auto shift = static_cast<std::size_t>(std::bit_width(size - 1)) - 3;
    const std::size_t steps = ((size - 1) >> shift) + 1;  // 5 to 8.
    return {(shift - 8) * 4 + steps - 5, steps << shift};
  }
  [[gnu::noinline]] void* allocate_large(std::size_t size) {
    const Large large = large_of(size);
    in_use_ += large.bytes;
    if (large.index >= kLargeClasses || large_[large.index] == nullptr) return ::operator new(large.bytes);
    large_kept_ -= large.bytes;
    return std::exchange(large_[large.index], large_[large.index]->next);
  }
  [[gnu::noinline]] void deallocate_large(void* piece, std::size_t size) {
    const Large large = large_of(size);
    in_use_ -= large.bytes;
    if (large.index >= kLargeClasses || large_kept_ + large.bytes > kMostLargeKept) return ::operator delete(piece);
    large_kept_ += large.bytes;
    large_[large.index] = new (piece) Free{large_[large.index]};
  }

  static std::size_t class_of(std::size_t size) { return size == 0 ? 0 : (size - 1) / kStep; }

  void* carve(std::size_t size) {
    if (static_cast<std::size_t>(end_ - next_) < size) {
      const bool huge = slabs_.size() >= kSmallSlabs;
      const std::size_t bytes = huge ? kHugeSlab : kSlab;
      slabs_.push_back(nullptr);
      void* slab = huge ? std::aligned_alloc(kHugeSlab, kHugeSlab) : std::malloc(kSlab);
      if (slab == nullptr) throw std::bad_alloc();
      if (huge) (void)madvise(slab, kHugeSlab, MADV_HUGEPAGE);  // A wish: without it everything works as well.
      slabs_.back() = slab;
      next_ = static_cast<std::byte*>(slab);
      end_ = next_ + bytes;
    }
    void* piece = next_;
    next_ += size;
    return piece;
  }

  std::array<Free*, kClasses> free_{};
  std::array<Free*, kLargeClasses> large_{};
  std::size_t large_kept_ = 0;
  std::vector<void*> slabs_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t in_use_ = 0;
};

}  // namespace sequitur
