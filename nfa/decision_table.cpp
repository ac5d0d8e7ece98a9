#include "nfa/decision_table.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <utility>

namespace sequitur::nfa {
namespace {

constexpr std::size_t kMostCells = 4096;
constexpr std::size_t kMostAnswers = 200'000;  // Cells times predicates, to be worked out.
constexpr std::size_t kMostIds = 65'536;       // Of all classes.

bool is_value_question(const Tree& tree) { return !tree.keys.empty() && tree.key_kind == tree.literal.kind; }

bool is_list_question(const Tree& tree) { return !tree.keys.empty() && tree.literal.kind == LiteralKind::kExpression; }

// The literal asks for certain values, or all but certain ones, of a field that is an int or a text as it is.
bool is_coded(const Tree& tree) {
  const auto is_plain = [](LiteralKind kind) { return kind == LiteralKind::kInt || kind == LiteralKind::kText; };
  if (is_list_question(tree)) return is_plain(tree.key_kind);
  if (is_value_question(tree) && !is_plain(tree.key_kind)) return false;
  const std::uint8_t different = tree.literal.outcomes & (kBelow | kAbove);
  return is_plain(tree.literal.kind) && (different == 0 || different == (kBelow | kAbove));
}

struct Field {
  bool is_text = false;
  std::map<std::string, Slot> values;  // By their bytes.
  std::map<std::string, std::uint32_t> codes;
  std::uint32_t stride = 0;
};
using Fields = std::map<std::uint32_t, Field>;  // By offset.

std::string value_bytes(Slot value, bool is_text) {
  return is_text ? std::string(value.text()) : std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

std::uint32_t field_of(const Tree& tree) { return is_list_question(tree) ? nfa::offset_of(tree.slot) : tree.literal.offset; }

// Adds the fields of the tree and the values that it asks for. False: it asks something else, too.
bool note(const Tree& tree, Fields& fields) {
  switch (tree.kind) {
    case Tree::Kind::kTrue:
    case Tree::Kind::kFalse: return true;
    case Tree::Kind::kAnd:
    case Tree::Kind::kOr:
      return std::all_of(tree.children.begin(), tree.children.end(), [&](const TreePtr& child) { return note(*child, fields); });
    case Tree::Kind::kLiteral: break;
  }
  if (!is_coded(tree)) return false;
  Field& field = fields[field_of(tree)];
  const bool is_list = is_list_question(tree);
  field.is_text = (is_list ? tree.key_kind : tree.literal.kind) == LiteralKind::kText;
  const auto add = [&](Slot value) { field.values.try_emplace(value_bytes(value, field.is_text), value); };
  if (is_list)
    for (const Slot key : tree.keys) add(key);
  else if (tree.literal.outcomes != (kBelow | kSame | kAbove))  // Else it asks whether there is one.
    add(tree.literal.constant);
  return true;
}

constexpr std::uint32_t kOtherCode = 0, kNullCode = 1, kFirstValue = 2;

// Whether the tree holds where each field has one of its codes; `chosen` by offset.
bool fulfils(const Tree& tree, const Fields& fields, const std::map<std::uint32_t, std::uint32_t>& chosen) {
  const auto child_holds = [&](const TreePtr& child) { return fulfils(*child, fields, chosen); };
  switch (tree.kind) {
    case Tree::Kind::kTrue: return true;
    case Tree::Kind::kFalse: return false;
    case Tree::Kind::kAnd: return std::all_of(tree.children.begin(), tree.children.end(), child_holds);
    case Tree::Kind::kOr: return std::any_of(tree.children.begin(), tree.children.end(), child_holds);
    case Tree::Kind::kLiteral: break;
  }
  const Field& field = fields.at(field_of(tree));
  const std::uint32_t code = chosen.at(field_of(tree));
  const auto is = [&](Slot value) { return field.codes.at(value_bytes(value, field.is_text)) == code; };
  if (is_list_question(tree)) return std::any_of(tree.keys.begin(), tree.keys.end(), is);
  const std::uint8_t outcomes = tree.literal.outcomes;
  bool result = false;
  if (code != kNullCode) {
    const bool any_value = outcomes == (kBelow | kSame | kAbove);
    result = any_value || (outcomes & (is(tree.literal.constant) ? kSame : kBelow | kAbove)) != 0;
  }
  return result != tree.literal.negate;
}

std::size_t cells_of(const Fields& fields) {
  std::size_t cells = 1;
  for (const auto& [offset, field] : fields) {
    if (field.values.size() > ValueCodes::kMostValues) return kMostCells + 1;
    cells *= field.values.size() + kFirstValue;
    if (cells > kMostCells) break;
  }
  return cells;
}

}  // namespace

bool ValueCodes::same_middle(const Place& place, std::string_view text) {
  return std::memcmp(place.data + 8, text.data() + 8, text.size() - 16) == 0;
}

// Of any text, or of none.
std::uint32_t ValueCodes::code_of_text(Slot value) const {
  if (value.bits == 0) return null_;
  const std::string_view text = value.text();
  const TextEnds ends = ends_of(text);
  const Place& place = place_of(ends);
  if (place.first != ends.first || place.last != ends.last || place.size != text.size()) return 0;
  return text.size() <= 16 || same_middle(place, text) ? place.code : 0;
}

// The code of the place if nothing is different; without a branch, which would be taken as the values come.
inline std::uint32_t ValueCodes::code_if_same(const Place& place, std::uint64_t different) {
  const std::uint64_t any = (different | (0 - different)) >> 63;
  return place.code & (static_cast<std::uint32_t>(any) - 1);
}

// Event after event the same few instructions, so that the processor is at several of them at once.
void ValueCodes::add_codes(std::span<Event* const> events, std::uint32_t* cells) const {
  const Place* const places = places_.data();
  const std::uint64_t multiplier = multiplier_;
  const std::uint32_t offset = offset_, null = null_;
  const int shift = shift_;
  if (!is_text_) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Slot value = slot_at(events[i], offset);
      const Place& place = places[(value.bits * multiplier) >> shift];
      const std::uint32_t code = code_if_same(place, place.first ^ value.bits);
      cells[i] += value.i == kNullInt ? null : code;
    }
    return;
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Slot value = slot_at(events[i], offset);
    const std::uint64_t size = value.bits >> 48;
    if (size - 2 > 6) [[unlikely]] {
      cells[i] += code_of_text(value);
      continue;
    }
    const std::uint64_t bytes =
        few_bytes(reinterpret_cast<const char*>(static_cast<std::uintptr_t>(value.bits & 0xFFFF'FFFF'FFFFULL)), size);
    const Place& place = places[(bytes * multiplier) >> shift];
    cells[i] += code_if_same(place, (place.first ^ bytes) | (place.size ^ size));
  }
}

bool ValueCodes::try_multiplier(std::span<const Place> values, std::uint64_t multiplier) {
  multiplier_ = multiplier;
  std::fill(places_.begin(), places_.end(), Place{});
  for (const Place& value : values) {
    Place& place = places_[(mixed({value.first, value.last}) * multiplier_) >> shift_];
    if (place.code != 0) return false;
    place = value;
  }
  return true;
}

std::optional<ValueCodes> ValueCodes::of(bool is_text, std::uint32_t offset, std::span<const Slot> values, std::uint32_t stride) {
  if (values.size() > kMostValues) return std::nullopt;
  ValueCodes codes;
  codes.is_text_ = is_text;
  codes.offset_ = offset;
  codes.null_ = kNullCode * stride;
  std::vector<Place> wanted;
  std::uint32_t code = kFirstValue * stride;
  for (const Slot value : values) {
    Place place;
    if (is_text) {
      const std::string_view text = value.text();
      const TextEnds ends = ends_of(text);
      place = {ends.first, ends.last, text.data(), static_cast<std::uint32_t>(text.size()), code};
    } else {
      place.first = value.bits;
      place.code = code;
    }
    wanted.push_back(place);
    code += stride;
  }
  constexpr int kMostTries = 200;
  std::uint64_t multiplier = 0x9E37'79B9'7F4A'7C15ULL;
  for (std::size_t room = std::bit_ceil(std::max<std::size_t>(4, 2 * values.size())); room <= 64 * kMostValues; room *= 2) {
    codes.places_.assign(room, Place{});
    codes.shift_ = 64 - std::countr_zero(room);
    for (int tries = 0; tries < kMostTries; ++tries) {
      if (codes.try_multiplier(wanted, multiplier)) return codes;
      multiplier = multiplier * 6364136223846793005ULL + 1442695040888963407ULL;
      multiplier |= 1;
    }
  }
  return std::nullopt;
}

std::optional<DecisionTable> DecisionTable::of(std::vector<Predicate>& predicates) {
  // As long as there are too many cells, the predicates of the field with the most values are left to others.
  std::vector<Predicate> own, others;
  Fields fields;
  const auto sort_out = [&](std::uint32_t without, bool all) {
    std::vector<Predicate> candidates;
    candidates.swap(own);
    fields.clear();
    for (Predicate& predicate : candidates) {
      Fields its;
      const bool coded = note(*predicate.tree, its) && (all || !its.contains(without));
      (coded ? own : others).push_back(predicate);
      if (coded) note(*predicate.tree, fields);
    }
  };
  own = predicates;
  sort_out(0, true);
  while (!own.empty() && (cells_of(fields) > kMostCells || cells_of(fields) * own.size() > kMostAnswers)) {
    const auto widest = std::max_element(fields.begin(), fields.end(),
                                         [](const auto& a, const auto& b) { return a.second.values.size() < b.second.values.size(); });
    if (widest == fields.end()) return std::nullopt;
    sort_out(widest->first, false);
  }
  if (own.empty()) return std::nullopt;

  DecisionTable table;
  std::uint32_t stride = 1;
  for (auto& [offset, field] : fields) {
    field.stride = stride;
    std::vector<Slot> values;
    for (const auto& [bytes, value] : field.values) {
      field.codes[bytes] = kFirstValue + static_cast<std::uint32_t>(values.size());
      values.push_back(value);
    }
    auto codes = ValueCodes::of(field.is_text, offset, values, stride);
    if (!codes) return std::nullopt;
    table.fields_.push_back(*std::move(codes));
    table.offsets_.push_back(offset);
    stride *= static_cast<std::uint32_t>(values.size()) + kFirstValue;
  }
  std::sort(own.begin(), own.end(), [](const Predicate& a, const Predicate& b) { return a.id < b.id; });
  std::map<std::vector<PredicateId>, std::uint32_t> classes{{{}, 0}};
  table.begin_ = {0, 0};
  std::map<std::uint32_t, std::uint32_t> chosen;
  for (std::uint32_t cell = 0; cell < stride; ++cell) {
    for (const auto& [offset, field] : fields)
      chosen[offset] = cell / field.stride % (static_cast<std::uint32_t>(field.values.size()) + kFirstValue);
    std::vector<PredicateId> hits;
    for (const Predicate& predicate : own)
      if (fulfils(*predicate.tree, fields, chosen)) hits.push_back(predicate.id);
    const auto [known, is_new] = classes.try_emplace(hits, static_cast<std::uint32_t>(classes.size()));
    table.cells_.push_back(known->second);
    if (!is_new) continue;
    table.ids_.insert(table.ids_.end(), hits.begin(), hits.end());
    table.begin_.push_back(static_cast<std::uint32_t>(table.ids_.size()));
    if (table.ids_.size() > kMostIds) return std::nullopt;
  }
  predicates = std::move(others);
  return table;
}

void DecisionTable::classify(std::span<Event* const> events, std::uint32_t* classes) const {
  std::fill_n(classes, events.size(), 0);
  for (const ValueCodes& field : fields_) field.add_codes(events, classes);
  for (std::size_t i = 0; i < events.size(); ++i) classes[i] = cells_[classes[i]];
}

std::size_t DecisionTable::most_hits() const {
  std::size_t most = 0;
  for (std::uint32_t its_class = 0; its_class < classes(); ++its_class) most = std::max(most, hits(its_class).size());
  return most;
}

std::size_t DecisionTable::memory_bytes() const {
  std::size_t bytes = (cells_.capacity() + begin_.capacity() + ids_.capacity() + offsets_.capacity()) * sizeof(std::uint32_t);
  for (const ValueCodes& field : fields_) bytes += field.memory_bytes();
  return bytes;
}

}  // namespace sequitur::nfa
