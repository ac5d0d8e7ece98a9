#include "engine/key_hash.hpp"

#include <algorithm>

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

void read_keys(std::span<const nfa::KeyCode> key, const Event& event, Arena& arena, std::vector<Slot*>& keys) {
  keys.clear();
  keys.push_back(static_cast<Slot*>(arena.allocate(key.size() * sizeof(Slot))));
  std::vector<Slot> values;
  std::vector<Slot*> longer;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const nfa::KeyCode& part = key[i];
    const SlotIndex slot = part.slots[event.stream];
    const bool each = part.each[event.stream];
    nfa::EvaluationContext context;
    context.candidate = &event;
    context.arena = &arena;
    const Slot value = slot != nfa::kNoSlot ? event.get(slot) : part.expressions[event.stream].evaluate(context);
    const auto normal = [&](Slot one) { return part.fold ? folded(one, part.type, arena) : normalized(one, part.type); };
    values.clear();
    if (value.is_null(each ? list_of(part.type) : part.type)) return keys.clear();
    if (!each) values.push_back(normal(value));
    if (each) {
      for (const Slot element : ListView(value, part.type))
        if (!element.is_null(part.type)) values.push_back(normal(element));
      std::sort(values.begin(), values.end(), [&](Slot a, Slot b) { return compare_values(a, b, part.type) < 0; });
      const auto same = [&](Slot a, Slot b) { return compare_values(a, b, part.type) == 0; };
      values.erase(std::unique(values.begin(), values.end(), same), values.end());
    }
    if (values.empty() || values.size() * keys.size() > kMostKeys) return keys.clear();
    longer.clear();
    for (Slot* shorter : keys) {
      for (std::size_t v = 0; v < values.size(); ++v) {
        Slot* one = shorter;
        if (v + 1 < values.size()) {
          one = static_cast<Slot*>(arena.allocate(key.size() * sizeof(Slot)));
          std::copy_n(shorter, i, one);
        }
        one[i] = values[v];
        longer.push_back(one);
      }
    }
    keys.swap(longer);
  }
}

int compare_values(Slot a, Slot b, Type type) {
  if (is_list(type)) {
    const Type element = element_of(type);
    const ListView left(a, element), right(b, element);
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      const bool left_null = left[i].is_null(element), right_null = right[i].is_null(element);
      const int order =
          left_null || right_null ? static_cast<int>(right_null) - static_cast<int>(left_null) : compare_values(left[i], right[i], element);
      if (order != 0) return order;
    }
    return left.size() < right.size() ? -1 : static_cast<int>(left.size() > right.size());
  }
  if (has_bytes(type)) return a.text().compare(b.text());
  if (type == Type::kFloat) return (a.f > b.f) - (a.f < b.f);
  return (a.i > b.i) - (a.i < b.i);
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
