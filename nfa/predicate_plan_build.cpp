// Normal forms of a stream's predicates -> plan.
//
// Each predicate picks the cheapest way to it: by the value of a field, by a bound, by a pattern, or none. A way's cost is
// how many evaluations of a predicate it is worth per event: the chance to be led there, and the predicate's share of what
// the index or the scan costs.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "nfa/expression_program.hpp"
#include "nfa/predicate_plan.hpp"

namespace sequitur::nfa {
namespace {

// In evaluations of a simple predicate, about 2 ns.
constexpr double kScanCost = 40, kLookUpCost = 2, kContainsCost = 7, kWildcardCost = 20, kPrefixCost = 1.5;
constexpr std::size_t kSmallestIndex = 3;         // Fewer predicates are tried one by one,
constexpr std::size_t kSmallestRangeIndex = 17;   // which costs little for a bound.
constexpr std::size_t kDeepest = 8;               // Buckets below buckets.
constexpr std::size_t kManyLeads = 16;            // More leads of one predicate only while there are
constexpr std::size_t kMostPlacements = 100'000;  // fewer places than this.

bool is_text(LiteralKind kind) { return kind == LiteralKind::kText || kind == LiteralKind::kTextFolded; }

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

std::string key_bytes(const Lead& lead) {
  if (is_text(lead.kind)) return std::string(lead.key.text());
  return {reinterpret_cast<const char*>(&lead.key), sizeof lead.key};
}

struct Way {
  enum class Kind : std::uint8_t { kNone, kLeads, kRange };
  Kind kind = Kind::kNone;
  std::size_t part = 0;  // Of the rest.
  double cost = 1;
};

class PlanBuilder {
 public:
  PlanBuilder(const StreamSchema& schema, Atoms atoms) : schema_(schema), atoms_(std::move(atoms)) {}

  Result<BuiltPlan> build(std::vector<PlannedPredicate> predicates) {
    for (const Atom& atom : atoms_.expressions()) {
      plan().expressions.push_back(Expression::compile(*atom.expr));
      plan().shared.push_back(atom.uses > 1 ? 1 : 0);
    }
    if (auto done = build_databases(); !done.ok()) return done.error();
    std::vector<Candidate> candidates;
    for (PlannedPredicate& predicate : predicates) {
      Candidate candidate{.id = predicate.id, .rest = {}, .spent = {}};
      if (predicate.tree->kind == Tree::Kind::kFalse) {
        built_.descriptions.emplace_back(predicate.id, "never");
        continue;
      }
      if (predicate.tree->kind == Tree::Kind::kAnd) {
        candidate.rest = predicate.tree->children;
      } else if (predicate.tree->kind != Tree::Kind::kTrue) {
        candidate.rest = {predicate.tree};
      }
      candidates.push_back(std::move(candidate));
    }
    plan().buckets.emplace_back();
    fill(0, std::move(candidates), "", 0);
    finish();
    return std::move(built_);
  }

 private:
  Plan& plan() { return built_.plan; }

  std::string field_name(std::uint32_t offset) const {
    for (std::size_t i = 0; i < schema_.fields.size(); ++i)
      if (offset_of(static_cast<SlotIndex>(i)) == offset) return schema_.fields[i].name;
    return "time";
  }

  // --- Pattern databases: one for each field with patterns, unless plain searches cost less than a scan.

  Result<void> build_databases() {
    std::map<std::uint32_t, std::vector<std::uint32_t>> by_field;
    for (std::uint32_t i = 0; i < atoms_.patterns().size(); ++i) {
      const Atom& atom = atoms_.patterns()[i];
      plan().patterns.push_back({.offset = offset_of(atom.slot)});
      by_field[offset_of(atom.slot)].push_back(i);
    }
    for (const auto& [offset, atoms] : by_field) {
      if (search_cost(atoms) <= kScanCost) {
        for (const std::uint32_t atom : atoms) as_expression(atom);
      } else if (auto done = build_database(offset, atoms); !done.ok()) {
        return done;
      }
    }
    return {};
  }

  double search_cost(const std::vector<std::uint32_t>& atoms) const {
    double cost = 0;
    for (const std::uint32_t i : atoms) {
      const dsl::Expr& expr = *atoms_.patterns()[i].expr;
      if (expr.text_op == dsl::TextOp::kMatches) return kScanCost + 1;
      for (const std::string& pattern : expr.patterns) {
        const auto kind = TextSearch(expr.text_op, pattern, expr.fold).kind();
        cost += kind == TextSearch::Kind::kContains ? kContainsCost : (kind == TextSearch::Kind::kWildcard ? kWildcardCost : kPrefixCost);
      }
    }
    return cost;
  }

  void as_expression(std::uint32_t atom) {
    plan().patterns[atom].bucket = static_cast<std::uint32_t>(plan().expressions.size());
    plan().expressions.push_back(Expression::compile(*atoms_.patterns()[atom].expr));
    plan().shared.push_back(atoms_.patterns()[atom].uses > 1 ? 1 : 0);
  }

  Result<void> build_database(std::uint32_t offset, const std::vector<std::uint32_t>& atoms) {
    std::map<std::tuple<dsl::TextOp, bool, std::string>, std::uint32_t> ids;
    std::vector<TextPattern> patterns;
    std::vector<std::set<std::uint32_t>> users;  // By pattern.
    for (const std::uint32_t atom : atoms) {
      const dsl::Expr& expr = *atoms_.patterns()[atom].expr;
      std::set<std::uint32_t> own;
      for (const std::string& pattern : expr.patterns) {
        const auto [it, added] = ids.try_emplace({expr.text_op, expr.fold, pattern}, static_cast<std::uint32_t>(patterns.size()));
        if (added) {
          patterns.push_back({expr.text_op, expr.fold, pattern});
          users.emplace_back();
        }
        users[it->second].insert(atom);
        own.insert(it->second);
      }
      plan().patterns[atom].database = static_cast<std::uint32_t>(plan().databases.size());
      plan().patterns[atom].needed = expr.all_patterns ? static_cast<std::uint32_t>(own.size()) : 1;
    }
    auto database = TextDatabase::compile(std::move(patterns));
    if (!database.ok()) return Error{fmt::format("stream {}, field {}: {}", schema_.name, field_name(offset), database.error().message)};
    FieldDatabase field;
    field.offset = offset;
    field.database = std::move(*database);
    for (const auto& of_pattern : users) {
      field.atoms_begin.push_back(static_cast<std::uint32_t>(field.atoms.size()));
      field.atoms.insert(field.atoms.end(), of_pattern.begin(), of_pattern.end());
    }
    field.atoms_begin.push_back(static_cast<std::uint32_t>(field.atoms.size()));
    plan().databases.push_back(std::move(field));
    return {};
  }

  bool has_database(const Literal& literal) {
    return literal.kind == LiteralKind::kPattern && plan().patterns[literal.index].database != kNowhere;
  }

  // --- Ways

  // How the part can be found by values and patterns; none: it cannot.
  std::optional<Leads> leads_of(const Tree& tree, bool at_root) {
    Leads result;
    switch (tree.kind) {
      case Tree::Kind::kLiteral:
        if (!tree.keys.empty()) {
          for (const Slot key : tree.keys) result.leads.push_back({tree.key_kind, offset_of(tree.slot), key, 0});
          return result;
        }
        if (at_root && has_database(tree.literal) && tree.literal.wanted == 1 && !tree.literal.negate) {
          result.leads.push_back({LiteralKind::kPattern, tree.literal.offset, {}, tree.literal.index});
          return result;
        }
        return std::nullopt;
      case Tree::Kind::kOr:
        for (const TreePtr& child : tree.children) {
          auto leads = leads_of(*child, at_root);
          if (!leads) return std::nullopt;
          result.exact &= leads->exact;
          result.leads.insert(result.leads.end(), leads->leads.begin(), leads->leads.end());
        }
        return result;
      case Tree::Kind::kAnd: {
        std::optional<Leads> best;
        for (const TreePtr& child : tree.children) {
          auto leads = leads_of(*child, at_root);
          if (leads && (!best || leads->leads.size() < best->leads.size())) best = std::move(leads);
        }
        if (best) best->exact = false;
        return best;
      }
      default: return std::nullopt;
    }
  }

  static std::optional<RangeName> range_of(const Tree& tree) {
    const Literal& literal = tree.literal;
    if (tree.kind != Tree::Kind::kLiteral || literal.negate) return std::nullopt;
    if (literal.kind != LiteralKind::kInt && literal.kind != LiteralKind::kFloat) return std::nullopt;
    if (literal.kind == LiteralKind::kFloat && std::isinf(literal.constant.f)) return std::nullopt;
    const bool below = (literal.outcomes & kBelow) != 0, above = (literal.outcomes & kAbove) != 0;
    if (below == above) return std::nullopt;
    if (const RangeTest range = range_test(literal); range.low > range.high) return std::nullopt;
    return RangeName{literal.kind, literal.offset, above};
  }

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

  void note_patterns(const Tree& tree, std::set<std::uint32_t>& fields) {
    if (tree.kind == Tree::Kind::kLiteral && has_database(tree.literal)) fields.insert(tree.literal.offset);
    for (const TreePtr& child : tree.children) note_patterns(*child, fields);
  }

  static std::size_t literals_in(const Tree& tree) {
    std::size_t count = tree.kind == Tree::Kind::kLiteral ? 1 : 0;
    for (const TreePtr& child : tree.children) count += literals_in(*child);
    return count;
  }

  Options options_of(const Candidate& candidate, bool at_root) {
    Options options;
    for (std::size_t i = 0; i < candidate.rest.size(); ++i) {
      const Tree& part = *candidate.rest[i];
      note_patterns(part, options.scanned);
      options.tests += 0.5 * static_cast<double>(literals_in(part));  // Some decide early.
      if (const auto range = range_of(part)) options.ranges.emplace_back(i, *range);
      if (std::find(candidate.spent.begin(), candidate.spent.end(), &part) != candidate.spent.end()) continue;
      auto leads = leads_of(part, at_root);
      if (!leads) continue;
      if (leads->leads.size() > kManyLeads) {
        if (planned_ + leads->leads.size() > kMostPlacements) continue;
        planned_ += leads->leads.size();
      }
      options.leads.emplace_back(i, std::move(*leads));
    }
    options.tests = std::max(options.tests, 1.0);
    return options;
  }

  static void add_demand(const Options& options, Demand& demand) {
    std::set<IndexName> fields;
    for (const auto& [part, leads] : options.leads) {
      for (const Lead& lead : leads.leads) {
        if (lead.kind != LiteralKind::kPattern) {
          demand.values[{lead.kind, lead.offset}].insert(key_bytes(lead));
          fields.insert({lead.kind, lead.offset});
        }
      }
    }
    for (const std::uint32_t offset : options.scanned) fields.insert({LiteralKind::kPattern, offset});
    for (const IndexName& field : fields) ++demand.users[field];
    std::set<RangeName> ranges;
    for (const auto& [part, range] : options.ranges) ranges.insert(range);
    for (const RangeName& range : ranges) ++demand.ranges[range];
  }

  static double cost_of(const Leads& leads, const Demand& demand, double tests) {
    double cost = 0;
    std::set<IndexName> fields;
    for (const Lead& lead : leads.leads) {
      constexpr double kPatternChance = 0.005;
      cost += lead.kind == LiteralKind::kPattern ? kPatternChance
                                                 : 1.0 / (static_cast<double>(demand.values.at({lead.kind, lead.offset}).size()) + 1);
      fields.insert({lead.kind, lead.offset});
    }
    cost = std::min(cost, 1.0) * tests;
    for (const IndexName& field : fields)
      cost += (field.first == LiteralKind::kPattern ? kScanCost : kLookUpCost) / static_cast<double>(demand.users.at(field));
    return cost;
  }

  Way best_way(const Candidate& candidate, const Options& options, const Demand& demand) {
    // Scans that the rest of the predicate asks for, half of them behind something that does not hold.
    double scans = 0;
    for (const std::uint32_t offset : options.scanned)
      scans += kScanCost / static_cast<double>(demand.users.at({LiteralKind::kPattern, offset}));
    if (candidate.rest.size() > options.scanned.size()) scans /= 2;
    Way best{.kind = Way::Kind::kNone, .part = 0, .cost = options.tests + scans};
    for (const auto& [part, range] : options.ranges) {
      const double cost = options.tests / 2 + 1 / static_cast<double>(demand.ranges.at(range)) + scans / 2;
      if (cost < best.cost) best = {Way::Kind::kRange, part, cost};
    }
    for (const auto& [part, leads] : options.leads) {
      const double cost = cost_of(
          leads, demand, leads.exact ? std::max(1.0, options.tests - 0.5 * static_cast<double>(leads.leads.size())) : options.tests);
      if (cost < best.cost) best = {Way::Kind::kLeads, part, cost};
    }
    return best;
  }

  // --- Buckets

  struct Group {  // Of an equality index: by key.
    std::map<std::string, std::pair<Slot, std::vector<Candidate>>> keys;
    std::set<PredicateId> predicates;
  };
  struct Groups {
    std::map<IndexName, Group> values;
    std::map<std::uint32_t, std::vector<Candidate>> patterns;                    // By atom.
    std::map<RangeName, std::vector<std::pair<std::size_t, Candidate>>> ranges;  // With the part that has the bound.
    std::vector<Candidate> plain;
  };

  static Candidate without(const Candidate& candidate, std::size_t part, bool decided) {
    Candidate result = candidate;
    if (decided) {
      result.rest.erase(result.rest.begin() + static_cast<std::ptrdiff_t>(part));
    } else {
      result.spent.push_back(candidate.rest[part].get());
    }
    return result;
  }

  Groups group(std::vector<Candidate> candidates, bool at_root) {
    std::vector<Options> options;
    Demand demand;
    for (const Candidate& candidate : candidates) {
      options.push_back(options_of(candidate, at_root));
      add_demand(options.back(), demand);
    }
    Groups groups;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      Candidate& candidate = candidates[i];
      const Way way = best_way(candidate, options[i], demand);
      if (way.kind == Way::Kind::kRange) {
        groups.ranges[*range_of(*candidate.rest[way.part])].emplace_back(way.part, candidate);
      } else if (way.kind == Way::Kind::kLeads) {
        const auto leads =
            std::find_if(options[i].leads.begin(), options[i].leads.end(), [&](const auto& l) { return l.first == way.part; });
        place_leads(candidate, way.part, leads->second, groups);
      } else {
        groups.plain.push_back(std::move(candidate));
      }
    }
    return groups;
  }

  void place_leads(const Candidate& candidate, std::size_t part, const Leads& leads, Groups& groups) {
    const Candidate rest = without(candidate, part, leads.exact);
    std::set<std::tuple<LiteralKind, std::uint32_t, std::string>> seen;
    for (const Lead& lead : leads.leads) {
      const bool pattern = lead.kind == LiteralKind::kPattern;
      if (!seen.emplace(lead.kind, pattern ? lead.atom : lead.offset, pattern ? "" : key_bytes(lead)).second) continue;
      if (pattern) {
        groups.patterns[lead.atom].push_back(rest);
        continue;
      }
      Group& group = groups.values[{lead.kind, lead.offset}];
      auto& [slot, candidates] = group.keys[key_bytes(lead)];
      slot = lead.key;
      candidates.push_back(rest);
      group.predicates.insert(candidate.id);
    }
  }

  // An index for too few predicates is none: they are tried one by one, with everything they ask. A predicate that an `or`
  // leads to by several indexes stays with the others.
  void dissolve_small(const std::map<PredicateId, const Candidate*>& whole, Groups& groups) {
    std::set<PredicateId> dissolved;
    for (auto it = groups.values.begin(); it != groups.values.end();) {
      const Group& group = it->second;
      const bool small = group.predicates.size() < kSmallestIndex && group.keys.size() <= kManyLeads;
      if (small && only_in(group, it->first, groups)) {
        dissolved.insert(group.predicates.begin(), group.predicates.end());
        it = groups.values.erase(it);
      } else {
        ++it;
      }
    }
    for (auto it = groups.ranges.begin(); it != groups.ranges.end();) {
      if (it->second.size() < kSmallestRangeIndex) {
        for (const auto& [part, candidate] : it->second) dissolved.insert(candidate.id);
        it = groups.ranges.erase(it);
      } else {
        ++it;
      }
    }
    for (const PredicateId id : dissolved) groups.plain.push_back(*whole.at(id));
    std::sort(groups.plain.begin(), groups.plain.end(), [](const Candidate& a, const Candidate& b) { return a.id < b.id; });
  }

  static bool only_in(const Group& group, const IndexName& name, const Groups& groups) {
    for (const auto& [other_name, other] : groups.values) {
      if (other_name == name) continue;
      for (const PredicateId id : group.predicates)
        if (other.predicates.contains(id)) return false;
    }
    for (const auto& [atom, candidates] : groups.patterns)
      for (const Candidate& candidate : candidates)
        if (group.predicates.contains(candidate.id)) return false;
    return true;
  }

  void fill(std::uint32_t bucket, std::vector<Candidate> candidates, const std::string& path, std::size_t depth) {
    if (candidates.size() < kSmallestIndex && depth > 0) {
      place(bucket, candidates, path);
      return;
    }
    if (depth >= kDeepest) {
      place(bucket, candidates, path);
      return;
    }
    const std::vector<Candidate> kept = candidates;
    std::map<PredicateId, const Candidate*> whole;
    for (const Candidate& candidate : kept) whole[candidate.id] = &candidate;
    Groups groups = group(std::move(candidates), depth == 0);
    dissolve_small(whole, groups);
    place(bucket, groups.plain, path);
    add_ranges(bucket, groups, path);
    add_equalities(bucket, groups, path, depth);
    for (auto& [atom, list] : groups.patterns) {
      const std::string name = fmt::format("Hyperscan database on field {}", field_name(plan().patterns[atom].offset));
      const std::uint32_t child = new_bucket();
      plan().patterns[atom].bucket = child;
      plan().databases[plan().patterns[atom].database].always = true;
      fill(child, std::move(list), joined(path, name), depth + 1);
    }
  }

  std::uint32_t new_bucket() {
    plan().buckets.emplace_back();
    return static_cast<std::uint32_t>(plan().buckets.size() - 1);
  }

  static std::string joined(const std::string& path, const std::string& next) { return path.empty() ? next : path + ", then " + next; }

  void place(std::uint32_t bucket, const std::vector<Candidate>& candidates, const std::string& path) {
    std::vector<Entry>& entries = plan().entries;
    plan().buckets[bucket].entries_begin = static_cast<std::uint32_t>(entries.size());
    for (const Candidate& candidate : candidates) entries.push_back(entry_of(candidate, path));
    plan().buckets[bucket].entries_end = static_cast<std::uint32_t>(entries.size());
  }

  void add_ranges(std::uint32_t bucket, Groups& groups, const std::string& path) {
    plan().buckets[bucket].ranges_begin = static_cast<std::uint32_t>(plan().ranges.size());
    for (auto& [name, list] : groups.ranges) {
      RangeIndex index;
      index.is_float = std::get<0>(name) == LiteralKind::kFloat;
      index.offset = std::get<1>(name);
      index.at_least = std::get<2>(name);
      const auto bound = [&](const std::pair<std::size_t, Candidate>& member) {
        const RangeTest range = range_test(member.second.rest[member.first]->literal);
        return index.at_least ? range.low : range.high;
      };
      std::stable_sort(list.begin(), list.end(),
                       [&](const auto& a, const auto& b) { return index.at_least ? bound(a) < bound(b) : bound(a) > bound(b); });
      const std::string step = fmt::format("range index on field {}", field_name(index.offset));
      for (const auto& member : list) {
        index.bounds.push_back(bound(member));
        index.entries.push_back(entry_of(without(member.second, member.first, true), joined(path, step)));
      }
      plan().ranges.push_back(std::move(index));
    }
    plan().buckets[bucket].ranges_end = static_cast<std::uint32_t>(plan().ranges.size());
  }

  void add_equalities(std::uint32_t bucket, Groups& groups, const std::string& path, std::size_t depth) {
    std::vector<EqualityIndex> indexes;  // The buckets below have theirs first.
    for (auto& [name, group] : groups.values) {
      EqualityIndex index;
      index.kind = name.first;
      index.offset = name.second;
      index.keys = KeyTable(group.keys.size());
      const std::string step = fmt::format("index on field {}", field_name(index.offset));
      for (auto& [bytes, key] : group.keys) {
        const std::uint32_t child = new_bucket();
        fill(child, std::move(key.second), joined(path, step), depth + 1);
        index.longest = std::max(index.longest, bytes.size());
        index.keys.add(key.first, is_text(index.kind), child);
        index.buckets.push_back(child);
      }
      indexes.push_back(std::move(index));
    }
    std::vector<EqualityIndex>& all = plan().equalities;
    plan().buckets[bucket].equalities_begin = static_cast<std::uint32_t>(all.size());
    for (EqualityIndex& index : indexes) all.push_back(std::move(index));
    plan().buckets[bucket].equalities_end = static_cast<std::uint32_t>(all.size());
  }

  // --- Steps

  // The comparison as a range of ordered() values. Empty (low above high) where there is no such number.
  static RangeTest range_test(const Literal& literal) {
    constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(), kGreatest = std::numeric_limits<std::int64_t>::max();
    constexpr RangeTest kEmpty{kGreatest, kLeast};
    const bool is_float = literal.kind == LiteralKind::kFloat;
    const std::int64_t infinity = Slot::of_float(std::numeric_limits<double>::infinity()).i;
    RangeTest all{is_float ? ordered(Slot::of_float(-std::numeric_limits<double>::infinity()).i, true) : kLeast + 1,
                  is_float ? infinity : kGreatest};
    const bool below = (literal.outcomes & kBelow) != 0, same = (literal.outcomes & kSame) != 0, above = (literal.outcomes & kAbove) != 0;
    if (below && above) return all;                         // `!=` is the opposite of `==`: see not_equal().
    const bool zero = is_float && literal.constant.f == 0;  // -0.0 comes right before 0.0, and is equal to it.
    const std::int64_t first = zero ? -1 : ordered(literal.constant.i, is_float);
    const std::int64_t last = zero ? 0 : first;
    if (above) {
      if (!same && last == kGreatest) return kEmpty;
      all.low = same ? first : last + 1;
    } else if (below) {
      if (!same && first == kLeast) return kEmpty;
      all.high = same ? last : first - 1;
    } else if (same) {
      all = {first, last};
    } else {
      return kEmpty;
    }
    return all;
  }

  // A literal that one range decides: not `!=`, not negated.
  static bool is_guard(const Tree& tree) {
    const Literal& literal = tree.literal;
    if (tree.kind != Tree::Kind::kLiteral || literal.negate) return false;
    if (literal.kind != LiteralKind::kInt && literal.kind != LiteralKind::kFloat) return false;
    return literal.outcomes != (kBelow | kAbove);
  }

  // The first range becomes the guard, together with all others on the same field.
  Entry entry_of(const Candidate& candidate, const std::string& path) {
    describe(candidate, path);
    Entry entry;
    entry.id = candidate.id;
    std::vector<TreePtr> rest;
    bool guarded = false;
    for (const TreePtr& part : candidate.rest) {
      const bool is_float = part->literal.kind == LiteralKind::kFloat;
      const bool fits = is_guard(*part) && (!guarded || (part->literal.offset == entry.offset && is_float == entry.is_float));
      if (!fits) {
        rest.push_back(part);
        continue;
      }
      const RangeTest range = range_test(part->literal);
      entry.guard = {std::max(entry.guard.low, range.low), std::min(entry.guard.high, range.high)};
      entry.offset = part->literal.offset;
      entry.is_float = is_float;
      guarded = true;
    }
    entry.first_step = first_step(rest);
    return entry;
  }

  std::uint32_t first_step(const std::vector<TreePtr>& rest) {
    if (rest.empty()) return kAccept;
    std::vector<const Tree*> key;
    for (const TreePtr& part : rest) key.push_back(part.get());
    const auto [it, added] = compiled_.try_emplace(key, kAccept);
    if (added) {
      it->second = conjunction(rest, kAccept, kReject);
      kept_.insert(kept_.end(), rest.begin(), rest.end());
    }
    return it->second;
  }

  double cost_of(const Tree& tree) {
    double cost = 0;
    for (const TreePtr& child : tree.children) cost += cost_of(*child);
    if (tree.kind != Tree::Kind::kLiteral) return cost;
    switch (tree.literal.kind) {
      case LiteralKind::kInt:
      case LiteralKind::kFloat: return 1;
      case LiteralKind::kText: return 2;
      case LiteralKind::kTextFolded: return 4;
      case LiteralKind::kExpression: return 8;
      case LiteralKind::kPattern: return has_database(tree.literal) ? kScanCost : 8;
    }
    return cost;
  }

  // Cheap questions first. Steps are laid out back to front, so that each knows where to go on.
  std::vector<TreePtr> by_cost(std::vector<TreePtr> parts) {
    std::stable_sort(parts.begin(), parts.end(), [&](const TreePtr& a, const TreePtr& b) { return cost_of(*a) < cost_of(*b); });
    return parts;
  }
  std::uint32_t conjunction(const std::vector<TreePtr>& parts, std::uint32_t on_true, std::uint32_t on_false) {
    const auto sorted = by_cost(parts);
    for (auto part = sorted.rbegin(); part != sorted.rend(); ++part) on_true = steps_of(**part, on_true, on_false);
    return on_true;
  }
  std::uint32_t steps_of(const Tree& tree, std::uint32_t on_true, std::uint32_t on_false) {
    if (tree.kind == Tree::Kind::kAnd) return conjunction(tree.children, on_true, on_false);
    if (tree.kind == Tree::Kind::kOr) {
      const auto sorted = by_cost(tree.children);
      for (auto part = sorted.rbegin(); part != sorted.rend(); ++part) on_false = steps_of(**part, on_true, on_false);
      return on_false;
    }
    const Literal& literal = tree.literal;
    const bool compares = literal.kind != LiteralKind::kExpression && literal.kind != LiteralKind::kPattern;
    if (compares && literal.outcomes == (kBelow | kAbove)) return not_equal(literal, on_true, on_false);
    return add_step(test_of(literal), on_true, on_false);
  }

  std::uint32_t add_step(const Test& test, std::uint32_t on_true, std::uint32_t on_false) {
    Step step;
    step.test = test;
    step.on_true = on_true;
    step.on_false = on_false;
    plan().steps.push_back(step);
    return static_cast<std::uint32_t>(plan().steps.size() - 1);
  }

  // Not null, and not the constant.
  std::uint32_t not_equal(Literal literal, std::uint32_t on_true, std::uint32_t on_false) {
    if (std::exchange(literal.negate, false)) std::swap(on_true, on_false);
    literal.outcomes = kSame;
    const std::uint32_t different = add_step(test_of(literal), on_false, on_true);
    literal.outcomes = kBelow | kSame | kAbove;
    return add_step(test_of(literal), different, on_false);
  }

  Test test_of(const Literal& literal) {
    Test test;
    test.offset = literal.offset;
    test.wanted = literal.wanted;
    test.negate = literal.negate;
    switch (literal.kind) {
      case LiteralKind::kInt:
      case LiteralKind::kFloat:
        test.kind = literal.kind == LiteralKind::kInt ? Test::Kind::kInt : Test::Kind::kFloat;
        test.range = range_test(literal);
        break;
      case LiteralKind::kText:
      case LiteralKind::kTextFolded:
        test.kind = literal.kind == LiteralKind::kText ? Test::Kind::kText : Test::Kind::kTextFolded;
        if (literal.outcomes == (kBelow | kSame | kAbove)) test.kind = Test::Kind::kExists;
        test.equal = {literal.constant, first_bytes(literal.constant.text().data(), literal.constant.text().size())};
        break;
      case LiteralKind::kExpression:
        test.kind = Test::Kind::kExpression;
        test.index = literal.index;
        break;
      case LiteralKind::kPattern:
        test.kind = has_database(literal) ? Test::Kind::kPattern : Test::Kind::kExpression;
        test.index = has_database(literal) ? literal.index : plan().patterns[literal.index].bucket;
        break;
    }
    return test;
  }

  // --- Descriptions

  void note_kinds(const Tree& tree, std::set<std::string>& kinds) {
    for (const TreePtr& child : tree.children) note_kinds(*child, kinds);
    if (tree.kind != Tree::Kind::kLiteral) return;
    if (has_database(tree.literal)) {
      kinds.insert(fmt::format("Hyperscan database on field {} when needed", field_name(tree.literal.offset)));
    } else if (tree.literal.kind == LiteralKind::kPattern) {
      kinds.insert("text search");
    } else {
      kinds.insert(tree.literal.kind == LiteralKind::kExpression ? "expression" : "comparison");
    }
  }

  void describe(const Candidate& candidate, const std::string& path) {
    if (!described_.insert(candidate.id).second) return;
    std::set<std::string> kinds;
    for (const TreePtr& part : candidate.rest) note_kinds(*part, kinds);
    std::string text;
    for (const std::string& kind : kinds) text += (text.empty() ? "" : " and ") + kind;
    if (text.empty())
      text = path.empty() ? "every event of the stream" : path;
    else
      text = joined(path, text);
    built_.descriptions.emplace_back(candidate.id, text);
  }

  // --- What evaluation wants to know about the whole

  std::size_t most_hits(const Bucket& bucket) {
    std::size_t hits = bucket.entries_end - bucket.entries_begin;
    for (std::uint32_t i = bucket.ranges_begin; i < bucket.ranges_end; ++i) hits += plan().ranges[i].entries.size();
    for (std::uint32_t i = bucket.equalities_begin; i < bucket.equalities_end; ++i) {
      std::size_t most = 0;
      for (const std::uint32_t child : plan().equalities[i].buckets) most = std::max(most, most_hits(plan().buckets[child]));
      hits += most;
    }
    return hits;
  }

  // At most one thing to look at, that gives its hits in order.
  bool ascending(const Bucket& bucket) {
    const std::uint32_t equalities = bucket.equalities_end - bucket.equalities_begin;
    const std::uint32_t parts = (bucket.entries_begin < bucket.entries_end ? 1 : 0) + equalities;
    if (bucket.ranges_begin < bucket.ranges_end || parts > 1) return false;
    if (equalities == 0) return true;
    const std::vector<std::uint32_t>& buckets = plan().equalities[bucket.equalities_begin].buckets;
    return std::all_of(buckets.begin(), buckets.end(), [&](std::uint32_t child) { return ascending(plan().buckets[child]); });
  }

  void finish() {
    Plan& plan = this->plan();
    const Bucket& root = plan.buckets[0];
    plan.most_hits = most_hits(root);
    plan.ascending = ascending(root);
    plan.guards_only =
        plan.buckets.size() == 1 && plan.ranges.empty() &&
        std::all_of(plan.entries.begin(), plan.entries.end(), [](const Entry& entry) { return entry.first_step == kAccept; });
    plan.remembers = !plan.databases.empty() || std::find(plan.shared.begin(), plan.shared.end(), 1) != plan.shared.end();
    for (const PatternAtom& atom : plan.patterns) {
      if (atom.database == kNowhere || atom.bucket == kNowhere) continue;
      plan.ascending = false;
      plan.most_hits += most_hits(plan.buckets[atom.bucket]);
    }
    plan.texts = std::move(atoms_.texts());
  }

  const StreamSchema& schema_;
  Atoms atoms_;
  BuiltPlan built_;
  std::map<std::vector<const Tree*>, std::uint32_t> compiled_;
  std::vector<TreePtr> kept_;  // So that no tree of `compiled_` is replaced by another at its address.
  std::set<PredicateId> described_;
  std::size_t planned_ = 0;  // Leads of predicates with many.
};

}  // namespace

Result<BuiltPlan> build_plan(const StreamSchema& schema, Atoms atoms, std::vector<PlannedPredicate> predicates) {
  return PlanBuilder(schema, std::move(atoms)).build(std::move(predicates));
}

}  // namespace sequitur::nfa
