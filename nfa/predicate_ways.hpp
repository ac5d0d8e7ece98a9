// Which ways there are to a predicate, and which is the cheapest. Only predicate_*.cpp know it.
//
// A predicate can be found by the value of a field, by a bound, by a pattern, or not at all: then it is tried. A way's cost
// is how many evaluations of a simple comparison it is worth per event: the chance to be led to the predicate times what is
// left to be asked there, and the predicate's share of what the index or the scan costs.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "nfa/predicate_plan.hpp"

namespace sequitur::nfa {

inline constexpr double kScanCost = 40;  // In evaluations of a simple comparison, about 2 ns.

// A predicate with more leads than this is led to only while there are few of its kind.
inline constexpr std::size_t kManyLeads = 16;

inline bool is_text(LiteralKind kind) { return kind == LiteralKind::kText || kind == LiteralKind::kTextFolded; }

// A predicate that is to be placed in a bucket: what is left of it, as a conjunction.
struct Candidate {
  PredicateId id = 0;
  std::vector<TreePtr> rest;
  std::vector<const Tree*> spent;  // Parts of the rest that have led here without being decided by it.
};

// One value of a field, or one pattern atom, that leads to a predicate.
struct Lead {
  LiteralKind kind = LiteralKind::kInt;
  std::uint32_t offset = 0;
  Slot key{.i = 0};
  std::uint32_t atom = 0;  // kPattern
};

struct Leads {
  std::vector<Lead> leads;
  bool exact = true;  // Being led there means that this part holds.
};

using IndexName = std::pair<LiteralKind, std::uint32_t>;         // Kind and offset of a field.
using RangeName = std::tuple<LiteralKind, std::uint32_t, bool>;  // .. and whether it is a lower bound.

std::string key_bytes(const Lead& lead);  // What tells the leads of one field apart.

struct Way {
  enum class Kind : std::uint8_t { kNone, kLeads, kRange };
  Kind kind = Kind::kNone;
  std::size_t part = 0;  // Of the rest.
  double cost = 1;
};

// What all predicates of a bucket together want.
struct Demand {
  std::map<IndexName, std::set<std::string>> values;  // Distinct keys by field.
  std::map<IndexName, std::size_t> users;             // Predicates by field; kPattern: that have patterns on it.
  std::map<RangeName, std::size_t> ranges;
};

struct Options {
  std::vector<std::pair<std::size_t, Leads>> leads;  // Part of the rest, how it can be found.
  std::vector<std::pair<std::size_t, RangeName>> ranges;
  std::set<std::uint32_t> scanned;  // Fields that a pattern of the rest is about.
  double tests = 0;                 // What trying the rest costs without the scans.
};

std::optional<RangeName> range_of(const Tree& tree);

class WayFinder {
 public:
  explicit WayFinder(const Plan& plan) : plan_(plan) {}

  Options options_of(const Candidate& candidate, bool at_root);
  static void add_demand(const Options& options, Demand& demand);
  static Way best_way(const Candidate& candidate, const Options& options, const Demand& demand);

 private:
  std::optional<Leads> leads_of(const Tree& tree, bool at_root) const;
  void note_patterns(const Tree& tree, std::set<std::uint32_t>& fields) const;

  const Plan& plan_;
  std::size_t planned_ = 0;  // Leads of predicates with many.
};

}  // namespace sequitur::nfa
