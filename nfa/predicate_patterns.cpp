// The pattern databases of a plan: one for each field with patterns, unless plain searches cost less than a scan.
#include <map>
#include <set>
#include <string>
#include <tuple>

#include <fmt/core.h>

#include "nfa/expression_program.hpp"
#include "nfa/predicate_plan.hpp"
#include "nfa/predicate_ways.hpp"

namespace sequitur::nfa {
namespace {

constexpr double kContainsCost = 7, kWildcardCost = 20, kPrefixCost = 1.5;

class DatabaseBuilder {
 public:
  DatabaseBuilder(const StreamSchema& schema, const Atoms& atoms, Plan& plan) : schema_(schema), atoms_(atoms), plan_(plan) {}

  Result<void> build() {
    std::map<std::uint32_t, std::vector<std::uint32_t>> by_field;
    for (std::uint32_t i = 0; i < atoms_.patterns().size(); ++i) {
      const Atom& atom = atoms_.patterns()[i];
      plan_.patterns.push_back({.offset = offset_of(atom.slot)});
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

 private:
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
    plan_.patterns[atom].bucket = static_cast<std::uint32_t>(plan_.expressions.size());
    plan_.expressions.push_back(Expression::compile(*atoms_.patterns()[atom].expr));
    plan_.shared.push_back(atoms_.patterns()[atom].uses > 1 ? 1 : 0);
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
      plan_.patterns[atom].database = static_cast<std::uint32_t>(plan_.databases.size());
      plan_.patterns[atom].needed = expr.all_patterns ? static_cast<std::uint32_t>(own.size()) : 1;
    }
    auto database = TextDatabase::compile(std::move(patterns));
    if (!database.ok())
      return Error{fmt::format("stream {}, field {}: {}", schema_.name, field_name(schema_, offset), database.error().message)};
    FieldDatabase field;
    field.offset = offset;
    field.database = std::move(*database);
    for (const auto& of_pattern : users) {
      field.atoms_begin.push_back(static_cast<std::uint32_t>(field.atoms.size()));
      field.atoms.insert(field.atoms.end(), of_pattern.begin(), of_pattern.end());
    }
    field.atoms_begin.push_back(static_cast<std::uint32_t>(field.atoms.size()));
    plan_.databases.push_back(std::move(field));
    return {};
  }

  const StreamSchema& schema_;
  const Atoms& atoms_;
  Plan& plan_;
};

}  // namespace

Result<void> build_databases(const StreamSchema& schema, const Atoms& atoms, Plan& plan) {
  return DatabaseBuilder(schema, atoms, plan).build();
}

}  // namespace sequitur::nfa
