// Normal forms of a stream's predicates -> plan: bucket by bucket, each predicate goes the cheapest way (predicate_ways.hpp).
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "nfa/expression_program.hpp"
#include "nfa/predicate_plan.hpp"
#include "nfa/predicate_steps.hpp"
#include "nfa/predicate_ways.hpp"

namespace sequitur::nfa {
namespace {

constexpr std::size_t kSmallestIndex = 3;        // Fewer predicates are tried one by one,
constexpr std::size_t kSmallestRangeIndex = 17;  // which costs little for a bound.
constexpr std::size_t kDeepest = 8;              // Buckets below buckets.

class PlanBuilder {
 public:
  PlanBuilder(const StreamSchema& schema, Atoms atoms) : schema_(schema), atoms_(std::move(atoms)) {}

  Result<BuiltPlan> build(std::vector<PlannedPredicate> predicates) {
    for (const Atom& atom : atoms_.expressions()) {
      plan().expressions.push_back(Expression::compile(*atom.expr));
      plan().shared.push_back(atom.uses > 1 ? 1 : 0);
    }
    if (auto done = build_databases(schema_, atoms_, plan()); !done.ok()) return done.error();
    make_table(predicates);
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

  // A table that leaves others to be asked must be worth its look-up: an index does as well with the values of one field.
  void make_table(std::vector<PlannedPredicate>& predicates) {
    std::vector<PlannedPredicate> others = predicates;
    auto table = DecisionTable::of(others);
    const std::size_t taken = predicates.size() - others.size();
    if (!table || (!others.empty() && (taken < kSmallestIndex || table->offsets().size() < 2))) return;
    std::string fields;
    for (const std::uint32_t offset : table->offsets()) fields += (fields.empty() ? "" : ", ") + field_name(schema_, offset);
    const std::string description = fields.empty() ? "every event of the stream" : "table by the values of " + fields;
    for (std::uint32_t its_class = 0; its_class < table->classes(); ++its_class)
      for (const PredicateId id : table->hits(its_class))
        if (described_.insert(id).second) built_.descriptions.emplace_back(id, description);
    for (const PlannedPredicate& predicate : predicates)
      if (!described_.contains(predicate.id) &&
          std::none_of(others.begin(), others.end(), [&](const auto& other) { return other.id == predicate.id; }))
        built_.descriptions.emplace_back(predicate.id, "never");
    plan().table = std::move(table);
    plan().only_table = others.empty();
    predicates = std::move(others);
  }

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
      options.push_back(ways_.options_of(candidate, at_root));
      WayFinder::add_demand(options.back(), demand);
    }
    Groups groups;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      Candidate& candidate = candidates[i];
      const Way way = WayFinder::best_way(candidate, options[i], demand);
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
      const std::string name = fmt::format("Hyperscan database on field {}", field_name(schema_, plan().patterns[atom].offset));
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
      const std::string step = fmt::format("range index on field {}", field_name(schema_, index.offset));
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
      const std::string step = fmt::format("index on field {}", field_name(schema_, index.offset));
      for (auto& [bytes, key] : group.keys) {
        const std::uint32_t child = new_bucket();
        fill(child, std::move(key.second), joined(path, step), depth + 1);
        index.longest = std::max(index.longest, bytes.size());
        index.keys.add(key.first, is_text(index.kind), direct(child));
        index.buckets.push_back(child);
      }
      indexes.push_back(std::move(index));
    }
    std::vector<EqualityIndex>& all = plan().equalities;
    plan().buckets[bucket].equalities_begin = static_cast<std::uint32_t>(all.size());
    for (EqualityIndex& index : indexes) all.push_back(std::move(index));
    plan().buckets[bucket].equalities_end = static_cast<std::uint32_t>(all.size());
  }

  // Where a key leads whose bucket is this one: to its one predicate, if that asks nothing more.
  std::uint32_t direct(std::uint32_t child) {
    const Bucket& bucket = plan().buckets[child];
    const bool one = bucket.entries_end - bucket.entries_begin == 1 && bucket.ranges_begin == bucket.ranges_end &&
                     bucket.equalities_begin == bucket.equalities_end;
    if (!one) return child;
    const Entry& entry = plan().entries[bucket.entries_begin];
    return is_open(entry) && entry.first_step == kAccept && entry.id < (kNowhere & ~kDirect) ? entry.id | kDirect : child;
  }

  // Whether its guard lets every event pass.
  static bool is_open(const Entry& entry) {
    return entry.guard.low == std::numeric_limits<std::int64_t>::min() && entry.guard.high == std::numeric_limits<std::int64_t>::max();
  }

  Entry entry_of(const Candidate& candidate, const std::string& path) {
    describe(candidate, path);
    return steps_.entry_of(candidate.id, candidate.rest);
  }

  // --- Descriptions

  void note_kinds(const Tree& tree, std::set<std::string>& kinds) {
    for (const TreePtr& child : tree.children) note_kinds(*child, kinds);
    if (tree.kind != Tree::Kind::kLiteral) return;
    if (has_database(plan(), tree.literal)) {
      kinds.insert(fmt::format("Hyperscan database on field {} when needed", field_name(schema_, tree.literal.offset)));
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

  // The hull of what its entries and ranges ask of one number, if all ask of the same one. A range index asks for its loosest bound.
  void add_guard(Bucket& bucket) {
    if (bucket.equalities_begin < bucket.equalities_end) return;
    bool first = true, same = true;
    const auto widen = [&](std::uint32_t offset, bool is_float, RangeTest range) {
      if (first) {
        bucket.guard = range;
        bucket.offset = offset;
        bucket.is_float = is_float;
      }
      same = same && bucket.offset == offset && bucket.is_float == is_float;
      bucket.guard.low = std::min(bucket.guard.low, range.low);
      bucket.guard.high = std::max(bucket.guard.high, range.high);
      first = false;
    };
    for (std::uint32_t i = bucket.entries_begin; i < bucket.entries_end; ++i) {
      const Entry& entry = plan().entries[i];
      widen(entry.offset, entry.is_float, entry.guard);
    }
    for (std::uint32_t i = bucket.ranges_begin; i < bucket.ranges_end; ++i) {
      const RangeIndex& index = plan().ranges[i];
      RangeTest range;
      (index.at_least ? range.low : range.high) = index.bounds.front();
      widen(index.offset, index.is_float, range);
    }
    if (!same) bucket.guard = RangeTest{};
  }

  void finish() {
    Plan& plan = this->plan();
    for (Bucket& bucket : plan.buckets) add_guard(bucket);
    const Bucket& root = plan.buckets[0];
    plan.most_hits = most_hits(root);
    plan.ascending = ascending(root);
    plan.guards_only =
        plan.buckets.size() == 1 && plan.ranges.empty() &&
        std::all_of(plan.entries.begin(), plan.entries.end(), [](const Entry& entry) { return entry.first_step == kAccept; });
    if (plan.table) {
      plan.guards_only = false;
      plan.ascending = plan.only_table;
      plan.most_hits += plan.table->most_hits();
    }
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
  WayFinder ways_{built_.plan};
  StepBuilder steps_{built_.plan};
  std::set<PredicateId> described_;
};

}  // namespace

std::string field_name(const StreamSchema& schema, std::uint32_t offset) {
  for (std::size_t i = 0; i < schema.fields.size(); ++i)
    if (offset_of(static_cast<SlotIndex>(i)) == offset) return schema.fields[i].name;
  return "time";
}

Result<BuiltPlan> build_plan(const StreamSchema& schema, Atoms atoms, std::vector<PlannedPredicate> predicates) {
  return PlanBuilder(schema, std::move(atoms)).build(std::move(predicates));
}

}  // namespace sequitur::nfa
