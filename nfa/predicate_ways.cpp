#include "nfa/predicate_ways.hpp"

#include <algorithm>
#include <cmath>

#include "nfa/expression_program.hpp"
#include "nfa/predicate_steps.hpp"

namespace sequitur::nfa {
namespace {

constexpr double kLookUpCost = 2;
constexpr std::size_t kMostPlacements = 100'000;  // Of predicates with many leads: others are tried.

std::size_t literals_in(const Tree& tree) {
  std::size_t count = tree.kind == Tree::Kind::kLiteral ? 1 : 0;
  for (const TreePtr& child : tree.children) count += literals_in(*child);
  return count;
}

double cost_of(const Leads& leads, const Demand& demand, double tests) {
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

}  // namespace

std::string key_bytes(const Lead& lead) {
  if (is_text(lead.kind)) return std::string(lead.key.text());
  return {reinterpret_cast<const char*>(&lead.key), sizeof lead.key};
}

// How the part can be found by values and patterns; none: it cannot.
std::optional<Leads> WayFinder::leads_of(const Tree& tree, bool at_root) const {
  Leads result;
  switch (tree.kind) {
    case Tree::Kind::kLiteral:
      if (!tree.keys.empty()) {
        for (const Slot key : tree.keys) result.leads.push_back({tree.key_kind, offset_of(tree.slot), key, 0});
        return result;
      }
      if (at_root && has_database(plan_, tree.literal) && tree.literal.wanted == 1 && !tree.literal.negate) {
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

std::optional<RangeName> range_of(const Tree& tree) {
  const Literal& literal = tree.literal;
  if (tree.kind != Tree::Kind::kLiteral || literal.negate) return std::nullopt;
  if (literal.kind != LiteralKind::kInt && literal.kind != LiteralKind::kFloat) return std::nullopt;
  if (literal.kind == LiteralKind::kFloat && std::isinf(literal.constant.f)) return std::nullopt;
  const bool below = (literal.outcomes & kBelow) != 0, above = (literal.outcomes & kAbove) != 0;
  if (below == above) return std::nullopt;
  if (const RangeTest range = range_test(literal); range.low > range.high) return std::nullopt;
  return RangeName{literal.kind, literal.offset, above};
}

void WayFinder::note_patterns(const Tree& tree, std::set<std::uint32_t>& fields) const {
  if (tree.kind == Tree::Kind::kLiteral && has_database(plan_, tree.literal)) fields.insert(tree.literal.offset);
  for (const TreePtr& child : tree.children) note_patterns(*child, fields);
}

Options WayFinder::options_of(const Candidate& candidate, bool at_root) {
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

void WayFinder::add_demand(const Options& options, Demand& demand) {
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

Way WayFinder::best_way(const Candidate& candidate, const Options& options, const Demand& demand) {
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
    const double cost =
        cost_of(leads, demand, leads.exact ? std::max(1.0, options.tests - 0.5 * static_cast<double>(leads.leads.size())) : options.tests);
    if (cost < best.cost) best = {Way::Kind::kLeads, part, cost};
  }
  return best;
}

}  // namespace sequitur::nfa
