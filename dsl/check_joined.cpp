// Joined tables: `table t = a join b on a.owner == b.id`. A row of t is a row of a, found by the key of a, together with the row of
// b that its fields lead to; where there is none there is no row of t. So a look-up in t is one in a and one in b, as of the same
// place, and nothing has to be kept in step. It is spelled out as syntax:
//
//     t[k].x   x of a:   if(exists b[a[k].owner].id, a[k].x, null)        x of b:   b[a[k].owner].x
//
// Of a `left join` there is a row of t for each row of a: x of a is a[k].x.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/ast_build.hpp"
#include "dsl/check_expression.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::size_t kMaxJoins = 16;  // Of joined tables in each other.

std::string words_of(const ast::Expr& expr, std::size_t from) {
  std::string result;
  for (std::size_t i = from; i < expr.path.size(); ++i) result += (i == from ? "" : ".") + expr.path[i].name.text;
  return result;
}

// The comparisons that `and` joins.
void equalities(const ast::Expr& on, std::vector<const ast::Expr*>& out) {
  if (on.kind != ast::ExprKind::kAnd) {
    out.push_back(&on);
    return;
  }
  for (const ast::Expr& part : on.args) equalities(part, out);
}

class JoinChecker {
 public:
  JoinChecker(World& world, Reporter& reporter) : world_(world), reporter_(reporter) {}

  void check(JoinedTable& table) {
    table_ = &table;
    if (!is_table(*ast().left) || !is_table(*ast().right)) return;
    if (ast().left->text == ast().right->text)
      return wrong(ast().right->span, "a table cannot be joined with itself", "look it up twice: `t[t[k].other].field`");
    if (goes_round(table.ast->name.text, 0))
      return wrong(ast().name.span, fmt::format("the table `{}` is joined with itself", ast().name.text),
                   "begin with tables that have rows");
    const std::vector<std::string> key = world_.key_of_table(ast().right->text);
    std::vector<const ast::Expr*> parts;
    equalities(*ast().on, parts);
    table.left_fields.assign(key.size(), "");
    for (const ast::Expr* part : parts)
      if (!take(*part, key)) return;
    for (std::size_t i = 0; i < key.size(); ++i)
      if (table.left_fields[i].empty())
        return wrong(ast().on->span, fmt::format("nothing says what `{}.{}` is", ast().right->text, key[i]),
                     fmt::format("compare the whole key of `{}` with fields of `{}`", ast().right->text, ast().left->text));
    table.good = !key.empty();
  }

 private:
  const ast::Table& ast() const { return *table_->ast; }
  void wrong(Span span, const std::string& message, const std::string& help) { reporter_.error("E237", span, message, {}, help); }

  bool is_table(const ast::Name& name) {
    if (world_.table_by_name.contains(name.text) || world_.joined_tables.contains(name.text)) return true;
    if (world_.incomplete) return false;
    std::vector<std::string_view> known;
    for (const Table& table : world_.tables) known.push_back(table.name);
    wrong(name.span, fmt::format("there is no table `{}`", name.text), reporter_.did_you_mean(name.text, known));
    return false;
  }

  bool goes_round(const std::string& name, std::size_t depth) const {
    const auto found = world_.joined_tables.find(name);
    if (found == world_.joined_tables.end()) return false;
    return depth > kMaxJoins || goes_round(found->second.ast->left->text, depth + 1) ||
           goes_round(found->second.ast->right->text, depth + 1);
  }

  // left.field == right.key, either way round.
  bool take(const ast::Expr& part, const std::vector<std::string>& key) {
    const auto side = [&](const ast::Expr& expr, const ast::Name& name) {
      return expr.kind == ast::ExprKind::kPath && expr.path.size() > 1 && expr.path[0].index.empty() && expr.path[0].name.text == name.text;
    };
    const bool equal = part.kind == ast::ExprKind::kEqual;
    const bool straight = equal && side(part.args[0], *ast().left) && side(part.args[1], *ast().right);
    const bool turned = equal && side(part.args[1], *ast().left) && side(part.args[0], *ast().right);
    if (!straight && !turned) {
      wrong(part.span, "a join compares fields of the one table with the key of the other",
            fmt::format("write `on {}.field == {}.key`, several joined by `and`", ast().left->text, ast().right->text));
      return false;
    }
    const ast::Expr &left = part.args[straight ? 0 : 1], &right = part.args[straight ? 1 : 0];
    const std::string field = words_of(left, 1), wanted = words_of(right, 1);
    const auto at = std::find(key.begin(), key.end(), wanted);
    if (at == key.end()) {
      wrong(right.span, fmt::format("`{}` is not part of the key of `{}`", wanted, ast().right->text),
            "the second table is looked up by its key: change their order");
      return false;
    }
    if (!world_.table_has_field(ast().left->text, field)) {
      wrong(left.span, fmt::format("the table `{}` has no field `{}`", ast().left->text, field), "");
      return false;
    }
    table_->left_fields[static_cast<std::size_t>(at - key.begin())] = field;
    return true;
  }

  World& world_;
  Reporter& reporter_;
  JoinedTable* table_ = nullptr;
};

}  // namespace

std::vector<std::string> World::key_of_table(const std::string& name) const {
  std::vector<std::string> key;
  if (const auto joined = joined_tables.find(name); joined != joined_tables.end()) return key_of_table(joined->second.ast->left->text);
  const auto found = table_by_name.find(name);
  if (found == table_by_name.end()) return key;
  const Table& table = tables[static_cast<std::size_t>(found->second)];
  for (const SlotIndex slot : table.key) key.push_back(schemas[table.stream].fields[static_cast<std::size_t>(slot)].name);
  return key;
}

bool World::table_has_field(const std::string& name, const std::string& field) const {
  if (const auto joined = joined_tables.find(name); joined != joined_tables.end())
    return table_has_field(joined->second.ast->left->text, field) || table_has_field(joined->second.ast->right->text, field);
  const auto found = table_by_name.find(name);
  return found != table_by_name.end() && find_field(tables[static_cast<std::size_t>(found->second)].stream, field) != nullptr;
}

void check_joined_tables(World& world, Reporter& reporter) {
  for (auto& [name, table] : world.joined_tables) JoinChecker(world, reporter).check(table);
}

Typed ExpressionChecker::joined_path(const ast::Expr& expr, const Scope& scope, const JoinedTable& table) {
  if (!table.good) return {};
  const std::string &name = table.ast->name.text, &left = table.ast->left->text, &right = table.ast->right->text;
  if (expr.path.size() == 1) {
    reporter_.error("E231", expr.span, fmt::format("`{}[..]` is a row, not a value", name), {},
                    fmt::format("name one of its fields: `{}[..].field`", name));
    return {};
  }
  // `both[k].owner.name` says which of the two is meant.
  const std::string& first = expr.path[1].name.text;
  const bool said = expr.path.size() > 2 && (first == left || first == right);
  const std::string field = words_of(expr, said ? 2 : 1);
  const bool in_left = said ? first == left : world_.table_has_field(left, field);
  const bool in_right = said ? first == right : world_.table_has_field(right, field);
  if (in_left && in_right) {
    reporter_.error("E237", expr.span, fmt::format("both `{}` and `{}` have a field `{}`", left, right, field), {},
                    fmt::format("say which: `{}[..].{}.{}`", name, left, field));
    return {};
  }
  if (!in_left && !in_right) {
    reporter_.error("E237", expr.span, fmt::format("neither `{}` nor `{}` has a field `{}`", left, right, field), {}, "");
    return {};
  }
  const AstBuilder build(expr.span);
  const std::vector<ast::Expr>& key = expr.path[0].index;
  std::vector<ast::Expr> inner;
  for (const std::string& part : table.left_fields) inner.push_back(build.look_up(left, key, part));
  if (in_right) return check(build.look_up(right, std::move(inner), field), scope);
  if (table.ast->outer) return check(build.look_up(left, key, field), scope);
  const ast::Expr there = build.node(ast::ExprKind::kExists, {build.look_up(right, std::move(inner), world_.key_of_table(right)[0])});
  return check(build.call("if", {there, build.look_up(left, key, field), build.node(ast::ExprKind::kNull)}), scope);
}

}  // namespace sequitur::dsl
