// How the predicates of one stream are found: a tree of buckets, at each of which indexes lead on. Only predicate_*.cpp
// know it.
//
// The root bucket concerns every event. In a bucket, an equality index takes the event to the bucket of the predicates that
// want this value of a field; a range index is a sorted list of bounds of which those that the event passes are a prefix; a
// pattern database (at the root) takes it to the buckets of the patterns found. What is left of a predicate there is a list
// of steps, literals that say where to go on. So an event costs what it passes, not what is loaded.
// tests/unit/nfa/predicate_set_test.cpp compares all of it with evaluating each predicate for itself.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "nfa/predicate_set.hpp"
#include "nfa/predicate_tree.hpp"
#include "nfa/text_database.hpp"

namespace sequitur::nfa {

inline constexpr std::uint32_t kNowhere = 0xFFFF'FFFF;

struct Step {
  Literal literal;
  std::uint32_t on_true = 0;  // The next step, or kAccept or kReject.
  std::uint32_t on_false = 0;
};
inline constexpr std::uint32_t kAccept = 0xFFFF'FFFE, kReject = 0xFFFF'FFFF;

struct Entry {
  PredicateId id = 0;
  std::uint32_t first_step = kAccept;  // kAccept: nothing is left to ask.
};

// Looks at the ends and the middle of a text only: the keys come from the rules, events cannot choose what collides.
struct KeyHash {
  using is_transparent = void;
  using is_avalanching = void;
  std::size_t operator()(std::string_view text) const;
};

struct EqualityIndex {
  LiteralKind kind = LiteralKind::kInt;
  std::uint32_t offset = 0;
  std::vector<std::pair<Slot, std::uint32_t>> few;              // Key -> bucket, when they are few. Then the maps are empty.
  boost::unordered_flat_map<std::int64_t, std::uint32_t> ints;  // Floats by their bits; -0.0 is 0.0.
  boost::unordered_flat_map<std::string_view, std::uint32_t, KeyHash, std::equal_to<>> texts;
  std::size_t longest = 0;  // Text key.
};

// Bounds that include their end, loosest first: an event passes a prefix of them.
struct RangeIndex {
  bool is_float = false;
  bool at_least = false;  // value >= bound; else value <= bound.
  std::uint32_t offset = 0;
  std::vector<Slot> bounds;
  std::vector<Entry> entries;  // By bound.
};

struct Bucket {
  std::vector<Entry> entries;
  std::vector<EqualityIndex> equalities;
  std::vector<RangeIndex> ranges;
};

struct PatternAtom {
  std::uint32_t database = kNowhere;  // kNowhere: evaluated as expression `index` instead.
  std::uint32_t needed = 1;           // How many of its patterns must be found.
  std::uint32_t bucket = kNowhere;    // Where an event goes that has it.
  std::uint32_t offset = 0;
};

struct FieldDatabase {
  std::uint32_t offset = 0;
  bool always = false;  // Some pattern leads to a bucket, so it is scanned for every event; else when a step asks.
  std::unique_ptr<const TextDatabase> database;
  std::vector<std::uint32_t> atoms_begin;  // Of pattern p: atoms[atoms_begin[p]] .. atoms[atoms_begin[p + 1] - 1]
  std::vector<std::uint32_t> atoms;
};

struct Plan {
  std::vector<Bucket> buckets;  // The first is the root.
  std::vector<Step> steps;
  std::vector<Expression> expressions;
  std::vector<std::uint8_t> shared;  // By expression: worth remembering within an event.
  std::vector<PatternAtom> patterns;
  std::vector<FieldDatabase> databases;
  Arena texts;                // What constants refer to.
  std::size_t most_hits = 0;  // Of one event, counted with repetitions.
  bool ascending = true;      // Hits come out in order and once.
  bool simple = true;         // The root's entries are all there is, and no step needs anything remembered.
};

// What evaluating remembers about the current event. Values of other events are told by their epoch.
struct PlanState {
  struct Count {
    std::uint64_t epoch = 0;
    std::uint32_t count = 0;
  };
  std::vector<std::uint64_t> values;                // By expression: epoch * 4 + value (2: unknown).
  std::vector<Count> found;                         // By pattern atom.
  std::vector<std::uint64_t> scanned;               // By database: epoch.
  std::vector<std::vector<std::uint32_t>> reached;  // By database: atoms that have what they need.
  std::vector<std::uint32_t> patterns;              // Of the latest scan.
  std::string folded;
  std::uint64_t epoch = 0;
};

PlanState make_state(const Plan& plan);

// Writes the ids of the predicates that hold to `out`, at most plan.most_hits, in any order and perhaps repeated.
// Returns their end.
PredicateId* find_hits(const Plan& plan, const Event& event, PlanState& state, TextDatabase::Scratch& scratch, PredicateId* out);

struct PlannedPredicate {
  PredicateId id = 0;
  TreePtr tree;
};

struct BuiltPlan {
  Plan plan;
  std::vector<std::pair<PredicateId, std::string>> descriptions;
};

Result<BuiltPlan> build_plan(const StreamSchema& schema, Atoms atoms, std::vector<PlannedPredicate> predicates);

std::size_t memory_bytes(const Plan& plan);

}  // namespace sequitur::nfa
