#include "engine/key_hash.hpp"

#include "event/list.hpp"

namespace sequitur {
namespace {

void fold_in_place(std::string_view text) {
  for (char& c : std::span(const_cast<char*>(text.data()), text.size()))
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
}

// A text, or the texts of a list.
Slot folded(Slot value, Type type, Arena& arena) {
  const std::string_view bytes = value.text();
  bool upper = false;
  for (const char c : bytes) upper = upper || (c >= 'A' && c <= 'Z');
  if (!upper) return value;
  const Slot copy = arena.text(bytes);
  if (is_list(type)) {
    for (const Slot element : ListView(copy, Type::kString))
      if (!element.is_null(Type::kString)) fold_in_place(element.text());
  } else {
    fold_in_place(copy.text());
  }
  return copy;
}

// -0.0 and 0.0 are one key.
Slot normalized(Slot value, Type type) { return type == Type::kFloat && value.f == 0 ? Slot::of_float(0) : value; }

}  // namespace

bool read_key(std::span<const nfa::KeyCode> key, const Event& event, Arena& arena, Slot* values) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    const nfa::KeyCode& part = key[i];
    const SlotIndex slot = part.slots[event.stream];
    if (slot != nfa::kNoSlot) {
      values[i] = event.get(slot);
    } else {
      nfa::EvaluationContext context;
      context.candidate = &event;
      context.arena = &arena;
      values[i] = part.expressions[event.stream].evaluate(context);
    }
    if (values[i].is_null(part.type)) return false;
    values[i] = part.fold ? folded(values[i], part.type, arena) : normalized(values[i], part.type);
  }
  return true;
}

std::uint32_t hash_key(std::span<const nfa::KeyCode> key, const Slot* values) {
  if (is_plain(key)) return hash_plain(values[0]);
  if (key.size() == 1 && has_bytes(key[0].type)) {
    const std::string_view text = values[0].text();
    return murmur2(text.data(), text.size());
  }
  std::uint32_t hash = kMurmurSeed;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (has_bytes(key[i].type)) {
      const std::string_view text = values[i].text();
      hash = murmur2(text.data(), text.size(), hash);
    } else {
      hash = murmur2(reinterpret_cast<const char*>(&values[i].bits), sizeof(Slot), hash);
    }
  }
  return hash;
}

std::uint32_t hash_value(Slot value, Type type) {
  std::uint32_t hash = 1;
  if (!value.is_null(type)) {
    if (has_bytes(type)) {
      hash = murmur2(value.text().data(), value.text().size());
    } else {
      const Slot plain = normalized(value, type);
      hash = murmur2(reinterpret_cast<const char*>(&plain.bits), sizeof plain);
    }
  }
  return hash == 0 ? 1 : hash;
}

bool same_keys(std::span<const nfa::KeyCode> key, const Slot* a, const Slot* b) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    const bool same = has_bytes(key[i].type) ? a[i].text() == b[i].text() : a[i].bits == b[i].bits;
    if (!same) return false;
  }
  return true;
}

}  // namespace sequitur
