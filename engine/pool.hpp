// Small pieces of memory of one shard: runs, events kept, keys. Freed pieces are reused by size, so the steady state
// allocates nothing. A pool that has become large goes on in huge pages: what it holds is touched in no order, and of small
// pages the processor would have to look up nearly every one. Used by one task at a time.
#pragma once

#include <sys/mman.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "engine/fetch_ahead.hpp"

namespace sequitur {

class Pool {
 public:
  Pool() = default;
  ~Pool() {
    for (void* slab : slabs_) std::free(slab);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Aligned to 8 bytes.
  [[gnu::always_inline]] void* allocate(std::size_t size) {
    const std::size_t index = class_of(size);
    in_use_ += index < kClasses ? (index + 1) * kStep : size;
    if (index >= kClasses) return ::operator new(size);
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
    in_use_ -= index < kClasses ? (index + 1) * kStep : size;
    if (index >= kClasses) {
      ::operator delete(piece);
      return;
    }
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
  std::vector<void*> slabs_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t in_use_ = 0;
};

}  // namespace sequitur
