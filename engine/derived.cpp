#include "engine/derived.hpp"

#include <new>

#include "engine/kept_event.hpp"

namespace sequitur {
namespace {

// What a lineage keeps of one event of the evidence.
struct Kept {
  const Event* event;
  bool with_lineage;  // The event's own lineage comes along.
  std::size_t bytes;
};

std::size_t in_words(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

}  // namespace

SharedLineage* SharedLineage::make(const Alert& alert, std::span<const EventShape> shapes) {
  auto* lineage = new SharedLineage;
  lineage->alert_id = alert.id;
  lineage->rule = alert.rule;
  lineage->schemas = alert.schemas;
  lineage->kind = alert.kind;

  // As many events as there is room for, in their order; an event's own lineage goes before the event does.
  std::vector<Kept> kept;
  std::vector<std::size_t> ends;  // By step.
  std::size_t bytes = alert.evidence.size() * sizeof(EvidenceStep), names = 0;
  for (const EvidenceStep& step : alert.evidence) {
    names += step.name.size();
    for (const Event* event : step.events) {
      const Lineage* own = lineage_of(*event, (*alert.schemas)[event->stream]);
      const std::uint32_t nested = own != nullptr ? own->events : 0;
      const std::uint32_t room = kMaxLineageEvents - lineage->events;
      const bool with_lineage = own != nullptr && nested < room;
      if (own != nullptr) lineage->left_out += with_lineage ? own->left_out : own->left_out + nested;
      if (room == 0) {
        ++lineage->left_out;
        continue;
      }
      lineage->events += 1 + (with_lineage ? nested : 0);
      kept.push_back({event, with_lineage, in_words(event_bytes(*event, shapes[event->stream]))});
      bytes += kept.back().bytes + sizeof(const Event*);
    }
    ends.push_back(kept.size());
  }

  lineage->memory_.resize(in_words(bytes + names) / 8);
  auto* steps = reinterpret_cast<EvidenceStep*>(lineage->memory_.data());
  auto* list = reinterpret_cast<const Event**>(steps + alert.evidence.size());
  auto* memory = reinterpret_cast<char*>(list + kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    Event* copy = copy_event(*kept[i].event, shapes[kept[i].event->stream], memory);
    memory += kept[i].bytes;
    list[i] = copy;
    if (kept[i].with_lineage) {
      lineage->nested_.push_back(of(*copy));
      lineage->nested_.back()->retain();
    } else {
      copy->slot_count = shapes[copy->stream].slots;
    }
  }
  std::size_t used = 0;
  for (std::size_t step = 0, begin = 0; step < ends.size(); begin = ends[step++]) {
    if (ends[step] == begin) continue;
    const std::string_view name = alert.evidence[step].name;
    std::memcpy(memory, name.data(), name.size());
    new (&steps[used++]) EvidenceStep{{memory, name.size()}, {list + begin, ends[step] - begin}};
    memory += name.size();
  }
  lineage->evidence = {steps, used};
  return lineage;
}

SharedLineage::~SharedLineage() {
  for (SharedLineage* lineage : nested_) lineage->release();
}

Event& DerivedEvents::add(const Alert& alert, const StreamSchema& schema, std::span<const SlotIndex> slots,
                          std::span<const EventShape> shapes) {
  const std::size_t count = schema.fields.size();
  auto* event = static_cast<Event*>(arena_.allocate(sizeof(Event) + (count + 1) * sizeof(Slot)));
  event->time = alert.time.time_since_epoch().count();
  event->sequence = 0;
  event->stream = schema.id;
  event->slot_count = static_cast<std::uint32_t>(count + 1);
  for (std::size_t i = 0; i < count; ++i) event->slots()[i] = Slot::null(schema.fields[i].type);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i] == kTimeSlot) continue;
    const NamedValue& field = alert.fields[i];
    const bool bytes = has_bytes(field.type) && !field.value.is_null(field.type);
    event->slot(slots[i]) = bytes ? arena_.text(field.value.text()) : field.value;
  }
  if (schema.time_slot != kTimeSlot) event->slot(schema.time_slot) = Slot::of_int(event->time);
  SharedLineage* lineage = SharedLineage::make(alert, shapes);
  lineages_.push_back(lineage);
  event->slots()[count].bits = SharedLineage::bits_of(*lineage);
  return *event;
}

Event& DerivedEvents::copy(const Event& event, const EventShape& shape) {
  Event* copy = copy_event(event, shape, arena_.allocate(event_bytes(event, shape)));
  if (!is_derived(event, shape)) return *copy;
  lineages_.push_back(SharedLineage::of(event));
  lineages_.back()->retain();
  return *copy;
}

void DerivedEvents::clear() {
  for (SharedLineage* lineage : lineages_) lineage->release();
  lineages_.clear();
  arena_.clear();
}

}  // namespace sequitur
