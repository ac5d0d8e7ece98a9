// A joined table is looked up in its two tables (check_joined.cpp), so nothing has to be kept for that. Where a rule takes its
// changes as events, they are spelled out as rules over the changes of the two tables, for `table t = a join b on a.owner == b.name`:
//
//     key id                                               key owner: a.owner = b.name
//     first c: a where there is a row now, or was one      first r: a except __deleted
//     emit t(.., __deleted = there is none now)            cancel on a where id == r.id
//     on match keep                                        cancel on b where a[r.id].owner != r.owner
//                                                          each c: b where a[r.id].owner == r.owner and
//                                                                          (exists b[name].name or not __deleted)
//                                                          emit t(.., __deleted = c.__deleted)
//                                                          on match keep
//
// The second rule keeps a run for each row of a, filed under what leads to b. A run whose row leads elsewhere by now says nothing.
#include "dsl/check_join_stream.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <map>

#include "dsl/ast_build.hpp"

namespace sequitur::dsl {
namespace {

using ast::Clause;
using ast::ClauseKind;
using ast::Expr;
using ast::ExprKind;

constexpr std::string_view kDeleted = "__deleted";
constexpr const char *kRow = "the row", *kChange = "the change";  // Names that no field has.

// "place.city" as the words of a path.
std::vector<std::string> words_of(const std::string& name, std::vector<std::string> before = {}) {
  std::size_t from = 0;
  for (std::size_t dot = name.find('.'); dot != std::string::npos; from = dot + 1, dot = name.find('.', from))
    before.push_back(name.substr(from, dot - from));
  before.push_back(name.substr(from));
  return before;
}

class JoinStream {
 public:
  JoinStream(const JoinedTable& table, const World& world)
      : table_(table), world_(world), build_(table.ast->name.span), a_(table.ast->left->text), b_(table.ast->right->text) {}

  std::vector<ast::Rule> rules() const { return {of_left(), of_right()}; }

 private:
  const Table& table(const std::string& name) const { return world_.tables[static_cast<std::size_t>(world_.table_by_name.at(name))]; }
  std::vector<std::string> key_of(const std::string& name) const { return world_.key_of_table(name); }
  std::vector<std::string> fields_of(const std::string& name) const {
    const Table& it = table(name);
    std::vector<std::string> fields;
    const std::vector<Field>& all = world_.schemas[it.stream].fields;
    for (std::size_t slot = 0; slot < all.size(); ++slot) {
      const bool hidden = static_cast<SlotIndex>(slot) == it.deleted || static_cast<SlotIndex>(slot) == it.truncated;
      if (!hidden && all[slot].name != "time" && all[slot].record_list.empty()) fields.push_back(all[slot].name);
    }
    return fields;
  }

  Expr field(const std::string& name) const { return build_.path(words_of(name)); }
  Expr of(const std::string& step, const std::string& name) const { return build_.path(words_of(name, {step})); }
  Expr both(ExprKind kind, Expr one, Expr other) const { return build_.node(kind, {std::move(one), std::move(other)}); }
  Expr negated(Expr expr) const { return build_.node(ExprKind::kNot, {std::move(expr)}); }
  Expr deleted(Expr flag) const { return both(ExprKind::kCoalesce, std::move(flag), build_.yes_or_no(false)); }
  Expr row_of(const std::string& name, std::vector<Expr> key, const std::string& wanted) const {
    Expr path = build_.path(words_of(wanted, {name}));
    path.path[0].index = std::move(key);
    return path;
  }
  Expr exists(const std::string& name, std::vector<Expr> key) const {
    return build_.node(ExprKind::kExists, {row_of(name, std::move(key), key_of(name)[0])});
  }
  template <typename Make>
  std::vector<Expr> each(const std::vector<std::string>& names, const Make& make) const {
    std::vector<Expr> all;
    for (const std::string& name : names) all.push_back(make(name));
    return all;
  }

  Clause clause(ClauseKind kind, decltype(Clause::body) body) const {
    Clause result;
    result.kind = kind;
    static_cast<Span&>(result.span) = static_cast<Span&>(result.word) = table_.ast->name.span;
    result.body = std::move(body);
    return result;
  }
  ast::Step step(ast::StepWord word, const std::string& name, const std::string& stream, Expr where) const {
    ast::Step result;
    static_cast<Span&>(result.span) = table_.ast->name.span;
    result.word = word;
    if (!name.empty()) result.name = build_.name(name);
    result.streams = {build_.name(stream)};
    result.where = std::move(where);
    return result;
  }

  // `field` of the row, if there is one.
  Expr if_there(const Expr& there, Expr value) const { return build_.call("if", {there, std::move(value), build_.node(ExprKind::kNull)}); }

  // The key always, the rest only of a row that is there; `left` and `right` give the fields of the two.
  template <typename Left, typename Right>
  ast::Emit emit(const Expr& there, const Expr& right_there, const Left& left, const Right& right) const {
    ast::Emit result;
    result.stream = build_.name(table_.ast->name.text);
    result.internal = true;
    const auto add = [&](const std::string& name, Expr value) {
      ast::EmitField& field = result.fields.emplace_back();
      static_cast<Span&>(field.span) = table_.ast->name.span;
      field.name = build_.name(name);
      field.value = std::move(value);
    };
    const std::vector<std::string> key = key_of(a_), of_left = fields_of(a_), of_right = fields_of(b_);
    const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const std::string& name : of_left)
      add(is_in(of_right, name) ? a_ + "." + name : name, is_in(key, name) ? left(name) : if_there(there, left(name)));
    for (const std::string& name : of_right) add(is_in(of_left, name) ? b_ + "." + name : name, if_there(right_there, right(name)));
    add(std::string(kDeleted), negated(there));
    return result;
  }

  ast::Rule rule(const std::string& of, ast::Key key) const {
    ast::Rule result;
    result.name = build_.name(fmt::format("{} of {}", table_.ast->name.text, of));
    for (ast::KeyPart& part : key) static_cast<Span&>(part.span) = table_.ast->name.span;
    result.clauses.push_back(clause(ClauseKind::kKey, std::move(key)));
    return result;
  }
  void end(ast::Rule& rule, ast::Emit emit) const {
    rule.clauses.push_back(clause(ClauseKind::kEmit, std::move(emit)));
    ast::OnMatch keep;
    keep.kind = ast::OnMatchKind::kKeep;
    rule.clauses.push_back(clause(ClauseKind::kOnMatch, keep));
    ast::Limit none;
    none.none = true;
    rule.clauses.push_back(clause(ClauseKind::kLimit, none));
  }

  // A change of a.
  ast::Rule of_left() const {
    ast::Key key;
    for (const std::string& name : key_of(a_)) key.emplace_back().values.push_back(field(name));
    ast::Rule result = rule(a_, std::move(key));
    const auto leads = [&](const auto& left) { return exists(b_, each(table_.left_fields, left)); };
    const std::vector<Expr> own = each(key_of(a_), [&](const std::string& name) { return field(name); });
    Expr after = negated(deleted(field(std::string(kDeleted))));
    Expr before = exists(a_, own);
    if (!table_.ast->outer) {
      after = both(ExprKind::kAnd, after, leads([&](const std::string& name) { return field(name); }));
      before = leads([&](const std::string& name) { return row_of(a_, own, name); });
    }
    result.clauses.push_back(clause(ClauseKind::kStep, step(ast::StepWord::kFirst, kChange, a_, both(ExprKind::kOr, after, before))));
    const auto of_change = [&](const std::string& name) { return of(kChange, name); };
    Expr there = negated(deleted(of(kChange, std::string(kDeleted))));
    if (!table_.ast->outer) there = both(ExprKind::kAnd, there, leads(of_change));
    end(result,
        emit(there, there, of_change, [&](const std::string& name) { return row_of(b_, each(table_.left_fields, of_change), name); }));
    return result;
  }

  // A change of b, for each row of a that leads there.
  ast::Rule of_right() const {
    ast::Key key;
    const std::vector<std::string> right_key = key_of(b_);
    for (std::size_t i = 0; i < right_key.size(); ++i) {
      ast::KeyPart& part = key.emplace_back();
      part.name = build_.name(fmt::format("part {}", i + 1));
      part.values = {build_.path(words_of(table_.left_fields[i], {a_})), build_.path(words_of(right_key[i], {b_}))};
    }
    ast::Rule result = rule(b_, std::move(key));
    ast::Within within;  // Forever; but no row is there for longer than its ttl.
    if (table(a_).ttl) {
      within.duration = build_.node(ExprKind::kDuration);
      within.duration->integer = table(a_).ttl->count();
    }
    result.clauses.push_back(clause(ClauseKind::kWithin, std::move(within)));
    const std::vector<std::string> left_key = key_of(a_);
    const std::vector<Expr> row = each(left_key, [&](const std::string& name) { return of(kRow, name); });
    const auto conjunction = [&](std::vector<Expr> parts) {
      Expr all = parts[0];
      for (std::size_t i = 1; i < parts.size(); ++i) all = both(ExprKind::kAnd, all, parts[i]);
      return all;
    };
    const Expr same_row =
        conjunction(each(left_key, [&](const std::string& name) { return both(ExprKind::kEqual, field(name), of(kRow, name)); }));
    const Expr leads_here = conjunction(
        each(table_.left_fields, [&](const std::string& name) { return both(ExprKind::kEqual, row_of(a_, row, name), of(kRow, name)); }));
    const Expr came_or_was = both(ExprKind::kOr, negated(deleted(field(std::string(kDeleted)))),
                                  exists(b_, each(right_key, [&](const std::string& name) { return field(name); })));
    const Expr elsewhere = negated(both(ExprKind::kCoalesce, leads_here, build_.yes_or_no(false)));
    result.clauses.push_back(clause(ClauseKind::kCancel, step(ast::StepWord::kCancel, "", a_, same_row)));
    result.clauses.push_back(clause(ClauseKind::kCancel, step(ast::StepWord::kCancel, "", b_, elsewhere)));
    result.clauses.push_back(
        clause(ClauseKind::kStep, step(ast::StepWord::kFirst, kRow, a_, negated(deleted(field(std::string(kDeleted)))))));
    result.clauses.push_back(
        clause(ClauseKind::kStep, step(ast::StepWord::kEach, kChange, b_, both(ExprKind::kAnd, leads_here, came_or_was))));
    const Expr right_there = negated(deleted(of(kChange, std::string(kDeleted))));
    end(result, emit(
                    table_.ast->outer ? build_.yes_or_no(true) : right_there, right_there,
                    [&](const std::string& name) { return of(kRow, name); }, [&](const std::string& name) { return of(kChange, name); }));
    return result;
  }

  const JoinedTable& table_;
  const World& world_;
  const AstBuilder build_;
  const std::string &a_, &b_;
};

// Where streams are named.
class Names {
 public:
  Names(const World& world) : world_(world) {}

  void add(const ast::File& file) {
    for (const ast::Item& item : file.items) {
      if (const auto* stream = std::get_if<ast::Stream>(&item.body); stream != nullptr && stream->base) add(*stream->base);
      const auto* rule = std::get_if<ast::Rule>(&item.body);
      if (rule == nullptr) continue;
      for (const Clause& clause : rule->clauses) {
        if (const auto* step = std::get_if<ast::Step>(&clause.body)) add(*step);
        if (const auto* expr = std::get_if<Expr>(&clause.body)) add(*expr);
        if (const auto* emit = std::get_if<ast::Emit>(&clause.body); emit != nullptr && world_.joined_tables.contains(emit->stream.text))
          written.push_back(emit->stream);
      }
    }
  }

  std::map<std::string, Span> named;  // Joined tables, and where first.
  std::vector<ast::Name> written;     // Those behind `emit`.

 private:
  void add(const ast::Name& name) {
    if (world_.joined_tables.contains(name.text)) named.try_emplace(name.text, name.span);
  }
  void add(const ast::Step& step) {
    for (const ast::Name& name : step.streams) add(name);
    if (step.where) add(*step.where);
    for (const Expr& except : step.excepts) add(except);
    for (const ast::Branch& branch : step.branches)
      for (const ast::Step& inner : branch.steps) add(inner);
  }
  // The key's past: `count(held where .. over 1d)`.
  void add(const Expr& expr) {
    const Expr* over = expr.kind == ExprKind::kOver ? &expr.args[0] : nullptr;
    while (over != nullptr && (over->kind == ExprKind::kWhere || over->kind == ExprKind::kDistinct)) over = &over->args[0];
    if (over != nullptr && over->kind == ExprKind::kPath && !over->path.empty()) add(over->path[0].name);
    for (const Expr& arg : expr.args) add(arg);
  }

  const World& world_;
};

}  // namespace

std::vector<ast::File> with_join_streams(std::span<const ast::File> files, World& world, Reporter& reporter) {
  if (world.joined_tables.empty() || files.empty()) return {};
  Names names(world);
  for (const ast::File& file : files) names.add(file);
  for (const ast::Name& name : names.written)
    reporter.error("E237", name.span, fmt::format("`{}` is a joined table, which no rule writes", name.text), {},
                   "write one of the tables it joins");
  std::vector<ast::File> result;
  for (const auto& [name, span] : names.named) {
    const JoinedTable& table = world.joined_tables.at(name);
    if (!table.good) continue;
    const std::string &left = table.ast->left->text, &right = table.ast->right->text;
    if (!world.table_by_name.contains(left) || !world.table_by_name.contains(right)) {
      reporter.error("E237", span, fmt::format("`{}` joins a joined table, so its changes are no stream", name), {},
                     "name the stream of the inner one, and look up the other table");
      continue;
    }
    const auto field_of = [&](const std::string& of, const std::string& field) {
      return world.find_field(world.tables[static_cast<std::size_t>(world.table_by_name.at(of))].stream, field);
    };
    const std::vector<std::string> key = world.key_of_table(right);
    bool alike = true;
    for (std::size_t i = 0; i < key.size(); ++i) {
      const FieldInfo *one = field_of(left, table.left_fields[i]), *other = field_of(right, key[i]);
      alike = alike && one != nullptr && other != nullptr && (other->nocase || !one->nocase);
    }
    if (!alike) {
      reporter.error("E237", span, fmt::format("the fields that `{}` compares differ in `nocase`, so its changes are no stream", name), {},
                     fmt::format("declare the key of `{}` as `nocase`", right));
      continue;
    }
    if (result.empty()) result.assign(files.begin(), files.end());
    for (ast::Rule& rule : JoinStream(table, world).rules()) {
      ast::Item& item = result.back().items.emplace_back();
      static_cast<Span&>(item.span) = static_cast<Span&>(item.head) = table.ast->name.span;
      item.body = std::move(rule);
    }
  }
  return result;
}

}  // namespace sequitur::dsl
