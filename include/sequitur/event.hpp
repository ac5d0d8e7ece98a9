// An event: one timestamped row of slots. Rows are laid out as this header followed by the slots, in one piece of memory
// that somebody else owns (an Arena, or the run that keeps a copy). So events are always passed by reference.
//
//     Arena arena;
//     Event& login = make_event(arena, schema, time);
//     login.slot(0) = arena.text("ann");
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "sequitur/export.h"
#include "sequitur/schema.hpp"
#include "sequitur/value.hpp"

namespace sequitur {

struct Event {
  std::int64_t time;       // Microseconds since the epoch (Timestamp::time_since_epoch().count()).
  std::uint64_t sequence;  // Place in the order of evaluation; given by ingest, 0 before.
  StreamId stream;
  std::uint32_t slot_count;

  Slot* slots() { return reinterpret_cast<Slot*>(this + 1); }
  const Slot* slots() const { return reinterpret_cast<const Slot*>(this + 1); }
  Slot& slot(SlotIndex index) { return slots()[index]; }
  // The value at `index`; kTimeSlot gives the event time.
  Slot get(SlotIndex index) const { return index == kTimeSlot ? Slot::of_int(time) : slots()[index]; }
};
static_assert(sizeof(Event) == 24 && alignof(Event) == 8);

// Memory that is released all at once. Not thread-safe; pointers stay valid until clear() or destruction.
class SEQUITUR_API Arena {
 public:
  Arena() = default;
  // The arena moved from is empty and may be used again.
  Arena(Arena&& other) noexcept { swap(other); }
  Arena& operator=(Arena&& other) noexcept {
    Arena taken(std::move(other));
    swap(taken);
    return *this;
  }

  // Aligned to 8 bytes.
  void* allocate(std::size_t size) {
    size = (size + 7) & ~std::size_t{7};
    if (size > static_cast<std::size_t>(end_ - next_)) return allocate_slow(size);
    void* result = next_;
    next_ += size;
    return result;
  }
  // Copies the bytes; any length.
  Slot text(std::string_view bytes);
  std::string_view copy(std::string_view bytes) { return text(bytes).text(); }

  // Forgets all contents, keeps up to one block for reuse.
  void clear();
  std::size_t bytes() const { return bytes_; }

 private:
  void* allocate_slow(std::size_t size);
  void swap(Arena& other) noexcept {
    std::swap(blocks_, other.blocks_);
    std::swap(next_, other.next_);
    std::swap(end_, other.end_);
    std::swap(bytes_, other.bytes_);
  }

  struct Block {
    struct Free {
      std::size_t alignment;
      void operator()(char* memory) const;
    };
    std::unique_ptr<char, Free> data;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  char* next_ = nullptr;
  char* end_ = nullptr;
  std::size_t bytes_ = 0;
};

// A row with every slot null. Valid as long as the arena's contents.
SEQUITUR_API Event& make_event(Arena& arena, const StreamSchema& schema, Timestamp time);

}  // namespace sequitur
