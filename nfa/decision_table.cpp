#include "nfa/decision_table.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace sequitur::nfa {
namespace {

constexpr std::size_t kMostCells = 4096;
constexpr std::size_t kMostAnswers = 200'000;  // Cells times predicates, to be worked out.
constexpr std::uint32_t kNullCode = 1, kFirstValue = 2;
constexpr std::size_t kMostIds = 65'536;  // Of all classes.

bool is_list_question(const Tree& tree) { return !tree.keys.empty() && tree.literal.kind == LiteralKind::kExpression; }

// The literal asks for certain values, or all but certain ones, of a field that is an int or a text as it is.
bool is_coded(const Tree& tree) {
  const auto is_plain = [](LiteralKind kind) { return kind == LiteralKind::kInt || kind == LiteralKind::kText; };
  if (is_list_question(tree)) return is_plain(tree.key_kind);
  const std::uint8_t different = tree.literal.outcomes & (kBelow | kAbove);
  return is_plain(tree.literal.kind) && (different == 0 || different == (kBelow | kAbove));
}

struct Field {
  bool is_text = false;
  std::map<std::string, Slot> values;  // By their bytes.
  std::map<std::string, std::uint32_t> codes;
  std::uint32_t width() const { return static_cast<std::uint32_t>(values.size()) + kFirstValue; }
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

// Of any text, or of none.
std::uint32_t ValueCodes::code_of_text(Slot value) const {
  if (value.bits == 0) return kNullCode;
  const std::string_view text = value.text();
  const Place sought = place_for(text, 0);
  const Place& place = places_[(mixed({sought.first, sought.last}) * multiplier_) >> shift_];
  return place.code != 0 && std::string_view(place.data, place.size) == text ? place.code : 0;
}

ValueCodes::Place ValueCodes::place_for(std::string_view text, std::uint32_t code) const {
  Place place{0, 0, text.data(), static_cast<std::uint32_t>(text.size()), code};
  if (reading_ == Reading::kBrief) {
    place.first =
        text.size() < 2 ? first_bytes(text.data(), text.size()) | text.size() << 48 : brief(text.data(), std::min(text.size(), kLongText));
  } else {
    const TextEnds ends = ends_of(text);
    place.first = ends.first;
    place.last = ends.last;
  }
  return place;
}

// The code of the place if nothing is different; without a branch, which would be taken as the values come.
inline std::uint32_t ValueCodes::code_if_same(const Place& place, std::uint64_t different) {
  const std::uint64_t any = (different | (0 - different)) >> 63;
  return place.code & (static_cast<std::uint32_t>(any) - 1);
}

// Event after event the same few instructions, so that the processor is at several of them at once.
template <typename Sifted, typename EventOf, typename NextOf>
inline Sifted* ValueCodes::pass(std::size_t count, const EventOf& event_of, const NextOf& next_of, Sifted* out) const {
  const Place* const places = places_.data();
  const std::uint64_t multiplier = multiplier_;
  const std::uint32_t offset = offset_;
  const int shift = shift_;
  const auto address_of = [](Slot text) {
    return reinterpret_cast<const char*>(static_cast<std::uintptr_t>(text.bits & 0xFFFF'FFFF'FFFFULL));
  };
  const auto each = [&](const auto& code_of) __attribute__((always_inline)) {
    for (std::size_t i = 0; i < count; ++i) {
      Event* const event = event_of(i);
      const std::uint32_t state = next_of(i)[code_of(slot_at(event, offset))];
      *out = {event, state};
      out += state == 0 ? 0 : 1;
    }
  };
  switch (reading_) {
    case Reading::kNumber:
      each([&](Slot value) {
        const Place& place = places[(value.bits * multiplier) >> shift];
        const std::uint32_t code = code_if_same(place, place.first ^ value.bits);
        return value.i == kNullInt ? kNullCode : code;
      });
      break;
    case Reading::kBrief:
      each([&](Slot value) {
        const std::uint64_t size = value.bits >> 48;
        if (size < 2) [[unlikely]]
          return code_of_text(value);
        const std::uint64_t key = brief(address_of(value), size);
        const Place& place = places[(key * multiplier) >> shift];
        const std::uint32_t code = code_if_same(place, place.first ^ key);
        return size > 4 && code != 0 ? code_of_text(value) : code;
      });
      break;
    case Reading::kEnds:
      each([&](Slot value) {
        const std::uint64_t size = value.bits >> 48;
        if (size - 2 > 6) [[unlikely]]
          return code_of_text(value);
        const std::uint64_t bytes = few_bytes(address_of(value), size);
        const Place& place = places[(bytes * multiplier) >> shift];
        return code_if_same(place, (place.first ^ bytes) | (place.size ^ size));
      });
      break;
  }
  return out;
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

bool ValueCodes::find_places(std::span<const Place> values) {
  constexpr int kMostTries = 200;
  std::uint64_t multiplier = 0x9E37'79B9'7F4A'7C15ULL;
  for (std::size_t room = std::bit_ceil(std::max<std::size_t>(4, 2 * values.size())); room <= 64 * kMostValues; room *= 2) {
    places_.assign(room, Place{});
    shift_ = 64 - std::countr_zero(room);
    for (int tries = 0; tries < kMostTries; ++tries) {
      if (try_multiplier(values, multiplier)) return true;
      multiplier = (multiplier * 6364136223846793005ULL + 1442695040888963407ULL) | 1;
    }
  }
  return false;
}

std::optional<ValueCodes> ValueCodes::of(bool is_text, std::uint32_t offset, std::span<const Slot> values) {
  if (values.size() > kMostValues) return std::nullopt;
  ValueCodes codes;
  codes.offset_ = offset;
  for (const Reading reading : {Reading::kNumber, Reading::kBrief, Reading::kEnds}) {
    if (is_text == (reading == Reading::kNumber)) continue;
    codes.reading_ = reading;
    std::vector<Place> places;
    std::set<std::pair<std::uint64_t, std::uint64_t>> distinct;
    std::uint32_t code = kFirstValue;
    for (const Slot value : values) {
      places.push_back(is_text ? codes.place_for(value.text(), code) : Place{value.bits, 0, nullptr, 0, code});
      distinct.emplace(places.back().first, places.back().last);
      ++code;
    }
    if (distinct.size() == values.size() && codes.find_places(places)) return codes;
  }
  return std::nullopt;
}

std::optional<DecisionTable> DecisionTable::of(std::vector<Predicate>& predicates) {
  std::vector<Predicate> own, others;
  Fields fields;
  for (const Predicate& predicate : predicates) {
    Fields its;
    (note(*predicate.tree, its) ? own : others).push_back(predicate);
  }
  const auto note_all = [&] {
    fields.clear();
    for (const Predicate& predicate : own) note(*predicate.tree, fields);
  };
  // As long as there is too much to be worked out, the predicates of the field with the most values are left to others.
  for (note_all(); cells_of(fields) > kMostCells || cells_of(fields) * own.size() > kMostAnswers; note_all()) {
    if (fields.empty()) return std::nullopt;
    const auto widest = std::max_element(fields.begin(), fields.end(),
                                         [](const auto& a, const auto& b) { return a.second.values.size() < b.second.values.size(); });
    const auto asks_widest = [&](const Predicate& predicate) {
      Fields its;
      note(*predicate.tree, its);
      return its.contains(widest->first);
    };
    const auto theirs = std::stable_partition(own.begin(), own.end(), std::not_fn(asks_widest));
    others.insert(others.end(), theirs, own.end());
    own.erase(theirs, own.end());
  }
  if (own.empty()) return std::nullopt;

  DecisionTable table;
  // First the field with the most values: there most events are out.
  std::vector<std::pair<std::uint32_t, Field*>> order;
  for (auto& [offset, field] : fields) order.emplace_back(offset, &field);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second->values.size() > b.second->values.size(); });
  std::uint32_t cells = 1;
  for (auto& [offset, field] : order) {
    std::vector<Slot> values;
    for (const auto& [bytes, value] : field->values) {
      field->codes[bytes] = kFirstValue + static_cast<std::uint32_t>(values.size());
      values.push_back(value);
    }
    auto codes = ValueCodes::of(field->is_text, offset, values);
    if (!codes) return std::nullopt;
    table.levels_.push_back({*std::move(codes), field->width(), {}});
    table.offsets_.push_back(offset);
    cells *= field->width();
  }
  std::sort(own.begin(), own.end(), [](const Predicate& a, const Predicate& b) { return a.id < b.id; });
  std::map<std::vector<PredicateId>, std::uint32_t> classes{{{}, 0}};
  std::vector<std::uint32_t> class_of_cell;  // The code of the last field counts fastest.
  table.begin_ = {0, 0};
  std::map<std::uint32_t, std::uint32_t> chosen;
  for (std::uint32_t cell = 0; cell < cells; ++cell) {
    std::uint32_t rest = cell;
    for (auto field = order.rbegin(); field != order.rend(); ++field) {
      chosen[field->first] = rest % field->second->width();
      rest /= field->second->width();
    }
    std::vector<PredicateId> hits;
    for (const Predicate& predicate : own)
      if (fulfils(*predicate.tree, fields, chosen)) hits.push_back(predicate.id);
    const auto [known, is_new] = classes.try_emplace(hits, static_cast<std::uint32_t>(classes.size()));
    class_of_cell.push_back(known->second);
    if (!is_new) continue;
    table.ids_.insert(table.ids_.end(), hits.begin(), hits.end());
    table.begin_.push_back(static_cast<std::uint32_t>(table.ids_.size()));
    if (table.ids_.size() > kMostIds) return std::nullopt;
  }
  table.make_levels(std::move(class_of_cell));
  predicates = std::move(others);
  return table;
}

// From the last field to the first: what the codes of a field lead to, from all states before it; of states that lead to the same there
// is but one. A row of nothing but 0 is state 0.
void DecisionTable::make_levels(std::vector<std::uint32_t> classes) {
  for (std::size_t i = levels_.size(); i-- > 0;) {
    Level& level = levels_[i];
    std::map<std::vector<std::uint32_t>, std::uint32_t> rows{{std::vector<std::uint32_t>(level.width, 0), 0}};
    std::vector<std::uint32_t> states;
    for (std::size_t at = 0; at < classes.size(); at += level.width) {
      const auto begin = classes.begin() + static_cast<std::ptrdiff_t>(at);
      const std::vector<std::uint32_t> row(begin, begin + level.width);
      const auto [known, is_new] = rows.try_emplace(row, static_cast<std::uint32_t>(level.next.size() + 1));
      if (is_new) level.next.insert(level.next.end(), row.begin(), row.end());
      states.push_back(known->second);
    }
    if (i == 0 && level.next.empty()) level.next.assign(level.width, 0);  // No predicate can ever hold.
    classes = std::move(states);
  }
  only_class_ = levels_.empty() ? classes.front() : 0;
}

std::size_t DecisionTable::sift(std::span<Event* const> events, Sifted* out) const {
  if (levels_.empty()) {
    if (only_class_ == 0) return 0;
    for (Event* event : events) *out++ = {event, only_class_};
    return events.size();
  }
  const std::uint32_t* next = levels_.front().next.data();
  const Sifted* end = levels_.front().codes.pass(
      events.size(), [&](std::size_t i) { return events[i]; }, [&](std::size_t) { return next; }, out);
  for (const Level& level : std::span(levels_).subspan(1)) {
    next = level.next.data() - 1;
    end = level.codes.pass(
        static_cast<std::size_t>(end - out), [&](std::size_t i) { return out[i].event; },
        [&](std::size_t i) { return next + out[i].state; }, out);
  }
  return static_cast<std::size_t>(end - out);
}

std::size_t DecisionTable::most_hits() const {
  std::size_t most = 0;
  for (std::uint32_t its_class = 0; its_class < classes(); ++its_class) most = std::max(most, hits(its_class).size());
  return most;
}

std::size_t DecisionTable::memory_bytes() const {
  std::size_t bytes = (begin_.capacity() + ids_.capacity() + offsets_.capacity()) * sizeof(std::uint32_t);
  for (const Level& level : levels_) bytes += sizeof level + level.codes.memory_bytes() + level.next.capacity() * sizeof(std::uint32_t);
  return bytes;
}

}  // namespace sequitur::nfa
