// Predicates that ask of a few fields only which of a few values they have: `event_type == "SELL" and name in ("INTC", "RIMM")`.
// Together they see of an event no more than, for each such field, which of the values it has, another one, or none. So all
// answers are worked out beforehand: each field is turned into a code, the codes lead to a cell of a table, and the cell says
// of which class the event is. Events of one class fulfil the same predicates.
//
// The values of a field stand in a table in which none is in the place of another (perfect hashing by trying multipliers,
// as Fredman, Komlos and Szemeredi, JACM 1984), so that a look-up has no branch that depends on the value.
// Only predicate_*.cpp and PredicateSet know it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "nfa/expression_program.hpp"
#include "nfa/first_bytes.hpp"
#include "nfa/predicate_tree.hpp"
#include "sequitur/event.hpp"

namespace sequitur::nfa {

using PredicateId = std::uint32_t;

// The codes of a field's values: 0 for one that nobody asks for, 1 for null, from 2 on the values; times `stride`.
class ValueCodes {
 public:
  // Nothing where the values are too many, or cannot be told apart by their ends and length. Texts must outlive the codes.
  static std::optional<ValueCodes> of(bool is_text, std::uint32_t offset, std::span<const Slot> values, std::uint32_t stride);

  // Adds its code to `cell`.
  void add_codes(std::span<Event* const> events, std::uint32_t* cells) const;
  std::uint32_t of(const Event& event) const {
    Event* const one = const_cast<Event*>(&event);
    std::uint32_t code = 0;
    add_codes({&one, 1}, &code);
    return code;
  }
  std::size_t memory_bytes() const { return places_.capacity() * sizeof(Place); }

  static constexpr std::size_t kMostValues = 128;

 private:
  struct Place {
    std::uint64_t first = 0, last = 0;  // TextEnds
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t code = 0;
  };

  static std::uint64_t mixed(TextEnds ends) { return ends.first ^ (ends.last * 0x9E37'79B9'7F4A'7C15ULL); }
  const Place& place_of(TextEnds ends) const { return places_[(mixed(ends) * multiplier_) >> shift_]; }
  std::uint32_t code_of_text(Slot value) const;
  static std::uint32_t code_if_same(const Place& place, std::uint64_t different);
  static bool same_middle(const Place& place, std::string_view text);
  bool try_multiplier(std::span<const Place> values, std::uint64_t multiplier);

  bool is_text_ = false;
  std::uint32_t offset_ = 0;
  std::uint32_t null_ = 0;
  int shift_ = 0;
  std::uint64_t multiplier_ = 0;
  std::vector<Place> places_;  // A power of two of them.
};

class DecisionTable {
 public:
  struct Predicate {
    PredicateId id = 0;
    TreePtr tree;
  };
  // For as many of the predicates as it can, which are taken out of the list; nothing if there are none.
  static std::optional<DecisionTable> of(std::vector<Predicate>& predicates);

  // Class 0 fulfils no predicate.
  void classify(std::span<Event* const> events, std::uint32_t* classes) const;
  std::uint32_t class_of(const Event& event) const {
    std::uint32_t cell = 0;
    for (const ValueCodes& field : fields_) cell += field.of(event);
    return cells_[cell];
  }
  std::size_t classes() const { return begin_.size() - 1; }
  // Ascending.
  std::span<const PredicateId> hits(std::uint32_t of_class) const {
    return {ids_.data() + begin_[of_class], ids_.data() + begin_[of_class + 1]};
  }
  std::span<const std::uint32_t> offsets() const { return offsets_; }  // Of the fields.
  std::size_t most_hits() const;
  std::size_t memory_bytes() const;

 private:
  std::vector<ValueCodes> fields_;
  std::vector<std::uint32_t> offsets_;
  std::vector<std::uint32_t> cells_;  // -> class
  std::vector<std::uint32_t> begin_;  // By class, and one more.
  std::vector<PredicateId> ids_;
};

}  // namespace sequitur::nfa
