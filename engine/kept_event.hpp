// Events that outlive their batch because a run holds them: one copy per event and shard, shared by all runs, counted.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "engine/derived.hpp"
#include "engine/pool.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

struct KeptHeader {
  std::uint32_t references;
  std::uint32_t size : 31;    // Of header, row and texts together.
  std::uint32_t derived : 1;  // The event has a lineage.
};

inline KeptHeader& kept_header(const Event* event) { return *(reinterpret_cast<KeptHeader*>(const_cast<Event*>(event)) - 1); }

// What copying an event of a stream needs to know of its schema.
struct EventShape {
  std::uint32_t row_bytes = 0;  // Header and slots; a derived event has one slot more.
  std::uint32_t slots = 0;
  std::vector<std::uint32_t> texts;  // Indexes of the slots that refer to bytes.
  std::vector<Type> types;           // Of all fields.

  explicit EventShape(const StreamSchema& schema)
      : row_bytes(static_cast<std::uint32_t>(sizeof(Event) + schema.fields.size() * sizeof(Slot))),
        slots(static_cast<std::uint32_t>(schema.fields.size())) {
    for (const Field& field : schema.fields) {
      if (has_bytes(field.type)) texts.push_back(static_cast<std::uint32_t>(types.size()));
      types.push_back(field.type);
    }
  }
};

// Bytes that a copy of the event's texts takes, long ones with their length in front.
inline std::size_t text_bytes(const Event& event, const EventShape& shape) {
  std::size_t size = 0;
  for (const std::uint32_t i : shape.texts) {
    if (event.slots()[i].bits == 0) continue;
    const std::size_t length = event.slots()[i].text().size();
    size += length < kLongText ? length : ((length + 15) & ~std::size_t{7});
  }
  return size;
}

inline bool is_derived(const Event& event, const EventShape& shape) { return event.slot_count > shape.slots; }
inline std::size_t row_bytes(const Event& event, const EventShape& shape) {
  return shape.row_bytes + (is_derived(event, shape) ? sizeof(Slot) : 0);
}

// Bytes that a copy of the event takes.
inline std::size_t event_bytes(const Event& event, const EventShape& shape) { return row_bytes(event, shape) + text_bytes(event, shape); }

// Copies row and texts to `memory`, which has room for event_bytes(); long texts come first, aligned. The copy of a derived
// event refers to the same lineage, which is not retained.
inline Event* copy_event(const Event& event, const EventShape& shape, void* memory) {
  auto* copy = static_cast<Event*>(memory);
  const std::size_t row = row_bytes(event, shape);
  std::memcpy(static_cast<void*>(copy), &event, row);
  if (shape.texts.empty()) return copy;
  char* next = static_cast<char*>(memory) + row;
  for (const bool long_texts : {true, false}) {
    for (const std::uint32_t i : shape.texts) {
      if (event.slots()[i].bits == 0) continue;
      const std::string_view text = event.slots()[i].text();
      if ((text.size() >= kLongText) != long_texts) continue;
      if (long_texts) {
        const std::uint64_t length = text.size();
        std::memcpy(next, &length, sizeof length);
        next += sizeof length;
      }
      std::memcpy(next, text.data(), text.size());
      copy->slots()[i] = Slot::of_text(next, text.size());
      next += long_texts ? ((text.size() + 7) & ~std::size_t{7}) : text.size();
    }
  }
  return copy;
}

// Rows are short: those of up to five slots are copied in four or eight moves that overlap.
[[gnu::always_inline]] inline void copy_row(void* to, const Event& event, std::size_t bytes) {
  constexpr std::size_t kHalf = 32;
  auto* target = static_cast<char*>(to);
  const char* source = reinterpret_cast<const char*>(&event);
  __asm__("" : "+r"(source));  // To a compiler an Event ends before its slots, and it would warn.
  if (bytes < kHalf || bytes > 2 * kHalf) {
    std::memcpy(target, source, bytes);
  } else {
    std::memcpy(target, source, kHalf);
    std::memcpy(target + bytes - kHalf, source + bytes - kHalf, kHalf);
  }
}

// The same of an event with texts or a lineage.
[[gnu::noinline]] inline Event* keep_with_texts(Pool& pool, const Event& event, const EventShape& shape) {
  const std::size_t size = sizeof(KeptHeader) + event_bytes(event, shape);
  const bool derived = is_derived(event, shape);
  auto* header = static_cast<KeptHeader*>(pool.allocate(size));
  *header = {1, static_cast<std::uint32_t>(size) & 0x7FFF'FFFF, derived};
  if (derived) SharedLineage::of(event)->retain();
  return copy_event(event, shape, header + 1);
}

// A copy with one reference, the caller's.
[[gnu::always_inline]] inline Event* keep(Pool& pool, const Event& event, const EventShape& shape) {
  if (!shape.texts.empty() || is_derived(event, shape)) return keep_with_texts(pool, event, shape);
  const std::uint32_t size = shape.row_bytes + static_cast<std::uint32_t>(sizeof(KeptHeader));
  auto* header = static_cast<KeptHeader*>(pool.allocate(size));
  *header = {1, size & 0x7FFF'FFFF, false};
  copy_row(header + 1, event, shape.row_bytes);
  return reinterpret_cast<Event*>(header + 1);
}

inline void retain(const Event* event) { ++kept_header(event).references; }

// Nobody refers to it any more.
inline void free_kept(Pool& pool, const Event* event) {
  KeptHeader& header = kept_header(event);
  if (header.derived) SharedLineage::of(*event)->release();
  pool.deallocate(&header, header.size);
}

[[gnu::always_inline]] inline void release(Pool& pool, const Event* event) {
  if (--kept_header(event).references == 0) free_kept(pool, event);
}

}  // namespace sequitur
