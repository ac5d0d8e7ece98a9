// Events that rules emit and other rules take: made of an alert, with the alert's evidence as their lineage.
//
// Only alerts on streams that some rule names come here. A lineage is made once and shared by all copies of its event, in
// whatever shard they are kept, so its count of references is the one thing that tasks change at the same time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sequitur/lineage.hpp"

namespace sequitur {

struct EventShape;

// A lineage in memory: copies of the evidence, in one piece.
class SharedLineage : public Lineage {
 public:
  // With one reference, the caller's. `shapes` by StreamId.
  static SharedLineage* make(const Alert& alert, std::span<const EventShape> shapes);
  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  // What stands in the slot behind the fields.
  static std::uint64_t bits_of(const Lineage& lineage) { return reinterpret_cast<std::uint64_t>(&lineage); }
  // Of an event with a lineage (see lineage_of()).
  static SharedLineage* of(const Event& event) {
    return static_cast<SharedLineage*>(reinterpret_cast<Lineage*>(event.slots()[event.slot_count - 1].bits));
  }

 private:
  SharedLineage() = default;
  ~SharedLineage();

  std::atomic<std::uint32_t> references_{1};
  std::vector<std::uint64_t> memory_;   // Events and what names them.
  std::vector<SharedLineage*> nested_;  // Of the events in it.
};

// Derived events that live and die together.
class DerivedEvents {
 public:
  DerivedEvents() = default;
  DerivedEvents(const DerivedEvents&) = delete;
  DerivedEvents& operator=(const DerivedEvents&) = delete;
  ~DerivedEvents() { clear(); }

  // The event that the alert puts on the stream; slots[i]: the place of the alert's field i, kTimeSlot if it has none.
  Event& add(const Alert& alert, const StreamSchema& schema, std::span<const SlotIndex> slots, std::span<const EventShape> shapes);
  // Takes over an event, which has a lineage, from elsewhere.
  Event& copy(const Event& event, const EventShape& shape);
  void clear();
  void swap(DerivedEvents& other) noexcept {
    std::swap(arena_, other.arena_);
    lineages_.swap(other.lineages_);
  }

 private:
  Arena arena_;
  std::vector<SharedLineage*> lineages_;
};

}  // namespace sequitur
