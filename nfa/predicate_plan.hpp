// How the predicates of one stream are found: a tree of buckets, at each of which indexes lead on. Only predicate_*.cpp
// know it.
//
// What asks only for values of few fields is answered by a table (decision_table.hpp). Of the rest:
//
// The root bucket concerns every event. In a bucket, an equality index takes the event to the bucket of the predicates that
// want this value of a field; a range index is a sorted list of bounds of which those that the event passes are a prefix; a
// pattern database (at the root) takes it to the buckets of the patterns found. What is left of a predicate there is an
// entry: a guard, and a list of steps, tests that say where to go on. So an event costs what it passes, not what is loaded.
// tests/unit/nfa/predicate_set_test.cpp compares all of it with evaluating each predicate for itself.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nfa/decision_table.hpp"
#include "nfa/first_bytes.hpp"
#include "nfa/predicate_set.hpp"
#include "nfa/predicate_tree.hpp"
#include "nfa/text_database.hpp"

namespace sequitur::nfa {

inline constexpr std::uint32_t kNowhere = 0xFFFF'FFFF;
// Of where a key leads: not a bucket but a predicate, its id in the other bits, that asks nothing more.
inline constexpr std::uint32_t kDirect = 0x8000'0000;

// A number as it is tested: ints as they are, floats mapped to ints of the same order, so that every comparison with
// constants is one range, decided without a branch. Null lies outside of every range: the smallest int is below any, NaNs
// are beyond the infinities.
struct RangeTest {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();  // As it stands it accepts everything, null too.
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

constexpr std::int64_t ordered(std::int64_t bits, bool is_float) {
  const std::int64_t flip = is_float ? std::numeric_limits<std::int64_t>::max() : 0;
  return bits ^ ((bits >> 63) & flip);
}

inline bool passes(const void* event, std::uint32_t offset, bool is_float, RangeTest range) {
  std::int64_t bits = 0;
  std::memcpy(&bits, static_cast<const char*>(event) + offset, sizeof bits);
  const std::int64_t value = ordered(bits, is_float);
  return static_cast<bool>(static_cast<int>(value >= range.low) & static_cast<int>(value <= range.high));
}

struct EqualityTest {
  Slot text;
  std::uint64_t first = 0;  // first_bytes()
};

// A literal, ready to be asked.
struct PlanTest {
  enum class Kind : std::uint8_t { kInt, kFloat, kText, kTextFolded, kExists, kExpression, kPattern };
  Kind kind = Kind::kInt;
  std::uint8_t wanted = 1;
  bool negate = false;
  std::uint32_t offset = 0;
  union {
    RangeTest range;      // kInt, kFloat
    EqualityTest equal;   // kText, kTextFolded; kExists is of texts.
    std::uint32_t index;  // kExpression, kPattern
  };
  PlanTest() : range{} {}
};
static_assert(sizeof(PlanTest) == 24);

struct Step {
  PlanTest test;
  std::uint32_t on_true = 0;  // The next step, or kAccept or kReject.
  std::uint32_t on_false = 0;
};
inline constexpr std::uint32_t kAccept = 0xFFFF'FFFE, kReject = 0xFFFF'FFFF;

// A predicate in a bucket: the first question in place, what is left of it as steps.
struct Entry {
  RangeTest guard;
  std::uint32_t offset = 0;
  PredicateId id = 0;
  std::uint32_t first_step = kAccept;
  bool is_float = false;
};
static_assert(sizeof(Entry) == 32);

// Where the values of a field lead: ints by themselves, floats by their bits, texts by their bytes. Of a long text the hash
// looks at the ends and the middle only: the keys come from the rules, events cannot choose what collides.
// A byte of the hash stands apart for each cell, and those of eight cells are compared at once: a value that nobody wants, as most
// are, costs one word of memory, and where it would have to stand in a row of collisions is no branch.
class KeyTable {
 public:
  explicit KeyTable(std::size_t keys = 0);
  void add(Slot key, bool is_text, std::uint32_t bucket);
  std::uint32_t find(std::int64_t value) const {
    const auto word = static_cast<std::uint64_t>(value);
    return find(spread(word), [&](const Cell& cell) { return cell.first == word; });
  }
  std::uint32_t find(std::string_view text) const {
    const TextEnds ends = ends_of(text);
    return find(spread(hash(text, ends)), [&](const Cell& cell) {
      return cell.first == ends.first && cell.last == ends.last && cell.size == text.size() && same_middle(cell, text);
    });
  }
  std::size_t memory_bytes() const { return cells_.capacity() * (sizeof(Cell) + 1); }

 private:
  static constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15ULL;

  struct Cell {
    std::uint64_t first = 0;  // The int, or the first bytes of the text,
    std::uint64_t last = 0;   // and its last 8, if it has more than 8.
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t bucket = kNowhere;
  };
  static std::uint64_t hash(std::string_view text, TextEnds ends) {
    std::uint64_t bytes = (ends.first * kOdd) ^ (ends.last + text.size());
    if (text.size() > 16) bytes = (bytes * kOdd) ^ first_bytes(text.data() + text.size() / 2 - 4, 8);
    return bytes ^ (bytes >> 32);
  }
  static constexpr std::size_t kGroup = 8;
  static constexpr std::uint64_t kLowBits = 0x0101'0101'0101'0101ULL, kHighBits = 0x8080'8080'8080'8080ULL;

  // The upper bits of a product depend on all bits of its factors: the first say which group, the next ones are the cell's tag.
  static std::uint64_t spread(std::uint64_t value) { return value * kOdd; }
  std::size_t group_of(std::uint64_t spread) const { return static_cast<std::size_t>(spread >> shift_); }
  std::uint8_t tag(std::uint64_t spread) const { return static_cast<std::uint8_t>((spread >> (shift_ - 8)) | 1); }
  std::uint64_t tags_of(std::size_t group) const {
    std::uint64_t tags = 0;
    std::memcpy(&tags, tags_.data() + group * kGroup, sizeof tags);
    return std::endian::native == std::endian::little ? tags : __builtin_bswap64(tags);
  }
  // The high bit of each byte that is zero; above the first of them perhaps of others too.
  static std::uint64_t zeros(std::uint64_t bytes) { return (bytes - kLowBits) & ~bytes & kHighBits; }
  static std::size_t first_byte(std::uint64_t high_bits) { return static_cast<std::size_t>(std::countr_zero(high_bits)) / 8; }
  template <typename Same>
  std::uint32_t find(std::uint64_t spread, Same same) const {
    const std::uint64_t wanted = tag(spread) * kLowBits;
    for (std::size_t group = group_of(spread);; group = (group + 1) & mask_) {
      const std::uint64_t tags = tags_of(group);
      for (std::uint64_t found = zeros(tags ^ wanted); found != 0; found &= found - 1) {
        const Cell& cell = cells_[group * kGroup + first_byte(found)];
        if (same(cell)) return cell.bucket;
      }
      if (zeros(tags) != 0) return kNowhere;
    }
  }
  static bool same_middle(const Cell& cell, std::string_view text) {
    return text.size() <= 16 || std::memcmp(cell.data + 8, text.data() + 8, text.size() - 16) == 0;
  }

  std::vector<std::uint8_t> tags_;  // 0: free. A power of two of groups, at most half of them taken.
  std::vector<Cell> cells_;
  std::size_t mask_ = 0;  // Of groups.
  int shift_ = 0;
};

struct EqualityIndex {
  LiteralKind kind = LiteralKind::kInt;
  std::uint32_t offset = 0;
  std::size_t longest = 0;  // Text key.
  KeyTable keys;
  std::vector<std::uint32_t> buckets;  // All that the keys lead to.
};

// Bounds that include their end, loosest first: an event passes a prefix of them.
struct RangeIndex {
  bool is_float = false;
  bool at_least = false;  // value >= bound; else value <= bound.
  std::uint32_t offset = 0;
  std::vector<std::int64_t> bounds;  // ordered()
  std::vector<Entry> entries;        // By bound.
};

// Parts of the plan's arrays.
struct Bucket {
  RangeTest guard;  // Of a number: what does not pass it has no hit in the bucket.
  std::uint32_t offset = 0;
  bool is_float = false;
  std::uint32_t entries_begin = 0, entries_end = 0;
  std::uint32_t equalities_begin = 0, equalities_end = 0;
  std::uint32_t ranges_begin = 0, ranges_end = 0;
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
  std::optional<DecisionTable> table;  // Of its predicates the buckets know nothing.
  bool only_table = false;             // They have none.
  std::vector<Bucket> buckets;         // The first is the root.
  std::vector<Entry> entries;
  std::vector<EqualityIndex> equalities;
  std::vector<RangeIndex> ranges;
  std::vector<Step> steps;
  std::vector<Expression> expressions;
  std::vector<std::uint8_t> shared;  // By expression: worth remembering within an event.
  std::vector<PatternAtom> patterns;
  std::vector<FieldDatabase> databases;
  Arena texts;                // What constants refer to.
  std::size_t most_hits = 0;  // Of one event, counted with repetitions.
  bool ascending = true;      // Hits come out in order and once.
  bool guards_only = true;    // The root's entries are all there is, and their guards are all they ask.
  bool remembers = false;     // Something about the event is remembered from one question to the next.
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

// Write the ids of the predicates that hold to `out`, at most plan.most_hits, in any order and perhaps repeated.
// Return their end. There must be room for one id more.
inline PredicateId* find_guarded(const Plan& plan, const Event& event, PredicateId* out) {
  for (const Entry& entry : plan.entries) {
    *out = entry.id;
    out += passes(&event, entry.offset, entry.is_float, entry.guard);
  }
  return out;
}
inline PredicateId* find_tabled(const DecisionTable& table, const Event& event, PredicateId* out) {
  const std::span<const PredicateId> hits = table.hits(table.class_of(event));
  return std::copy(hits.begin(), hits.end(), out);
}
PredicateId* find_hits(const Plan& plan, const Event& event, PlanState& state, TextDatabase::Scratch& scratch, PredicateId* out);

std::string field_name(const StreamSchema& schema, std::uint32_t offset);

// Fills plan.patterns and plan.databases; what needs no database becomes an expression of the plan.
Result<void> build_databases(const StreamSchema& schema, const Atoms& atoms, Plan& plan);

using PlannedPredicate = DecisionTable::Predicate;

struct BuiltPlan {
  Plan plan;
  std::vector<std::pair<PredicateId, std::string>> descriptions;
};

Result<BuiltPlan> build_plan(const StreamSchema& schema, Atoms atoms, std::vector<PlannedPredicate> predicates);

std::size_t memory_bytes(const Plan& plan);

}  // namespace sequitur::nfa
