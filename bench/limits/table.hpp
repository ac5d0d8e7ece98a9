// Open addressing with linear probing, at most half full, on huge pages where the system has them. Keys are never removed.
#pragma once

#include <sys/mman.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace sequitur::limits {

template <typename State>
class Table {
 public:
  // For at most `keys` keys other than kNoKey.
  explicit Table(std::size_t keys) : size_(std::bit_ceil(keys * 2 + 2)), shift_(64 - std::countr_zero(size_)) {
    const std::size_t bytes = (size_ * sizeof(Slot) + kPage - 1) / kPage * kPage;
    void* memory = ::operator new(bytes, std::align_val_t{kPage});
    ::madvise(memory, bytes, MADV_HUGEPAGE);
    slots_.reset(static_cast<Slot*>(memory));
    for (std::size_t i = 0; i < size_; ++i) new (slots_.get() + i) Slot{kNoKey, State{}};
  }

  State& operator[](std::uint64_t key) { return at(slot_of(key)); }
  State& at(std::uint32_t slot) { return slots_.get()[slot].state; }
  std::uint32_t slot_of(std::uint64_t key) {
    Slot* const slots = slots_.get();
    for (std::size_t i = home(key);; i = (i + 1) & (size_ - 1)) {
      if (slots[i].key == key) return static_cast<std::uint32_t>(i);
      if (slots[i].key != kNoKey) continue;
      slots[i].key = key;
      return static_cast<std::uint32_t>(i);
    }
  }
  // Null if the key is not there.
  const State* find(std::uint64_t key) const {
    const Slot* const slots = slots_.get();
    for (std::size_t i = home(key);; i = (i + 1) & (size_ - 1)) {
      if (slots[i].key == key) return &slots[i].state;
      if (slots[i].key == kNoKey) return nullptr;
    }
  }
  void prefetch(std::uint64_t key) const { __builtin_prefetch(slots_.get() + home(key), 1); }
  // Whether the second-level cache holds it; if not, slots are worth fetching ahead.
  bool is_small() const { return size_ * sizeof(Slot) <= 512 * 1024; }

 private:
  static constexpr std::uint64_t kNoKey = ~std::uint64_t{0};
  static constexpr std::size_t kPage = 2 * 1024 * 1024;
  struct Slot {
    std::uint64_t key;
    State state;
  };
  struct Free {
    void operator()(Slot* slots) const { ::operator delete(slots, std::align_val_t{kPage}); }
  };
  std::size_t home(std::uint64_t key) const { return static_cast<std::size_t>((key * 0x9E37'79B9'7F4A'7C15ULL) >> shift_); }

  std::size_t size_;
  int shift_;
  std::unique_ptr<Slot, Free> slots_;
};

}  // namespace sequitur::limits
