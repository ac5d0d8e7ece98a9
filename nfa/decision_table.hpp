// Predicates that ask of a few fields only which of a few values they have: `event_type == "SELL" and name in ("INTC", "RIMM")`.
// Together they see of an event no more than, for each such field, which of the values it has, another one, or none. So all
// answers are worked out beforehand, as a graph that an event goes through field by field (a multi-valued decision diagram:
// Kam, Villa, Brayton and Sangiovanni-Vincentelli, Multiple-Valued Logic 4, 1998): the code of the first field's value leads to a
// state, from there the code of the second to another, and that behind the last field is the event's class. Events of one class
// fulfil the same predicates. Where nothing can come of an event any more it is out.
//
// The values of a field stand in a table in which none is in the place of another (perfect hashing by trying multipliers,
// as Fredman, Komlos and Szemeredi, JACM 1984), so that a look-up has no branch that depends on the value.
// Only predicate_*.cpp and who routes events know it.
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

// The codes of a field's values: 0 for one that nobody asks for, 1 for null, from 2 on the values.
class ValueCodes {
 public:
  // Nothing where the values are too many, or cannot be told apart by their ends and length. Texts must outlive the codes.
  static std::optional<ValueCodes> of(bool is_text, std::uint32_t offset, std::span<const Slot> values);

  // For each i below `count`: event_of(i) goes on to the state next_of(i)[its code], unless that is 0. Returns where `out` ends.
  template <typename Sifted, typename EventOf, typename NextOf>
  Sifted* pass(std::size_t count, const EventOf& event_of, const NextOf& next_of, Sifted* out) const;
  std::size_t memory_bytes() const { return places_.capacity() * sizeof(Place); }

  static constexpr std::size_t kMostValues = 128;

 private:
  // What of a value leads to its place: all of a number; of a text its length with its two first and two last bytes (whether it
  // is the text is asked where the place has one), or, where these do not tell the values apart, as many bytes as are read at once.
  enum class Reading : std::uint8_t { kNumber, kBrief, kEnds };
  struct Place {
    std::uint64_t first = 0, last = 0;  // kEnds: TextEnds; else all there is stands in `first`.
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t code = 0;
  };

  static std::uint64_t mixed(TextEnds ends) { return ends.first ^ (ends.last * 0x9E37'79B9'7F4A'7C15ULL); }
  // Of texts of at least two bytes.
  static std::uint64_t brief(const char* data, std::uint64_t size) {
    return two_bytes(data) | two_bytes(data + size - 2) << 16 | size << 48;
  }
  Place place_for(std::string_view text, std::uint32_t code) const;
  std::uint32_t code_of_text(Slot value) const;
  static std::uint32_t code_if_same(const Place& place, std::uint64_t different);
  bool find_places(std::span<const Place> values);
  bool try_multiplier(std::span<const Place> values, std::uint64_t multiplier);

  Reading reading_ = Reading::kNumber;
  std::uint32_t offset_ = 0;
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

  // An event on its way through the fields. Behind the last one `state` is its class; class 0, which fulfils no predicate, is out.
  struct Sifted {
    Event* event;
    std::uint32_t state;
  };
  // Writes those of the events that fulfil a predicate, in order; returns how many. There must be room for all.
  std::size_t sift(std::span<Event* const> events, Sifted* out) const;
  std::uint32_t class_of(const Event& event) const {
    Event* const one = const_cast<Event*>(&event);  // Nothing of it is written.
    Sifted sifted;
    return sift({&one, 1}, &sifted) == 0 ? 0 : sifted.state;
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
  struct Level {
    ValueCodes codes;
    std::uint32_t width;  // How many codes there are.
    // By state and code. A state is 1 more than where its row begins here; 0 has none. Before the first field there is but one.
    std::vector<std::uint32_t> next;
  };
  void make_levels(std::vector<std::uint32_t> classes);

  std::vector<Level> levels_;
  std::uint32_t only_class_ = 0;  // Without fields.
  std::vector<std::uint32_t> offsets_;
  std::vector<std::uint32_t> begin_;  // By class, and one more.
  std::vector<PredicateId> ids_;
};

}  // namespace sequitur::nfa
