// `key job from jobs`: the rule is over the keys of a table. Most of that can be said in the language itself, and is spelled out
// here, before anything is checked:
//
//     key    job from jobs                 key       job: jobs.id
//                                          cancel on jobs where (__deleted ?? false) or not exists jobs[id].id
//     no     beat where fits for 30s       first     since: <jobs where not exists jobs[id].id except __deleted> | <beat where fits>
//                                          no        beat where fits for 30s
//
// So a row that goes, and one that comes, end the runs of their key; and a rule of silences alone begins with the row, and again
// with each event that broke a silence. What is left is Rule::watched: runs begin, and report, only while the row is there.
#include "dsl/check_watch.hpp"

#include <fmt/core.h>
#include <algorithm>

#include "dsl/ast_build.hpp"

namespace sequitur::dsl {
namespace {

using ast::Clause;
using ast::ClauseKind;

class Watcher {
 public:
  Watcher(ast::Rule& rule, World& world, Reporter& reporter) : rule_(rule), world_(world), reporter_(reporter) {}

  // False after a report: nothing more can be said of the rule.
  bool apply() {
    const auto clause =
        std::find_if(rule_.clauses.begin(), rule_.clauses.end(), [](const Clause& each) { return each.kind == ClauseKind::kKey; });
    if (clause == rule_.clauses.end()) return true;
    auto& key = std::get<ast::Key>(clause->body);
    const auto from = std::find_if(key.begin(), key.end(), [](const ast::KeyPart& part) { return part.table.has_value(); });
    if (from == key.end()) return true;
    table_name_ = *from->table;
    if (!check(key)) {
      for (ast::KeyPart& part : key) part.table.reset();
      return false;
    }
    for (std::size_t i = 0; i < key.size(); ++i) name_field(key[i], fields_[i]);
    add_first();
    add_cancel();
    return true;
  }

 private:
  const Table& table() const { return world_.tables[static_cast<std::size_t>(world_.table_by_name.at(table_name_.text))]; }
  bool wrong(Span span, const std::string& message, const std::string& help) {
    reporter_.error("E236", span, message, {}, help);
    return false;
  }

  bool check(const ast::Key& key) {
    const std::string& name = table_name_.text;
    if (!world_.table_by_name.contains(name)) {
      if (world_.joined_tables.contains(name))
        return wrong(table_name_.span, fmt::format("`{}` is a joined table, which has no rows of its own", name),
                     "name one of the tables it joins");
      std::vector<std::string_view> known;
      for (const Table& each : world_.tables) known.push_back(each.name);
      return world_.incomplete ? false
                               : wrong(table_name_.span, fmt::format("there is no table `{}`", name), reporter_.did_you_mean(name, known));
    }
    if (world_.streams[table().stream].damaged) return false;
    for (const SlotIndex slot : table().key) fields_.push_back(world_.schemas[table().stream].fields[static_cast<std::size_t>(slot)].name);
    for (const ast::KeyPart& part : key) {
      if (!part.table || part.table->text != name)
        return wrong(part.span, fmt::format("this part of the key is not from the table `{}`", name),
                     "all parts of the key are from one table, or none is");
      const bool fields = std::all_of(part.values.begin(), part.values.end(), [&](const ast::Expr& value) {
        return value.kind == ast::ExprKind::kPath && (!part.name || value.path.size() > 1);
      });
      if (!fields || (!part.name && part.values.size() != 1))
        return wrong(part.span, "a key from a table is a field of each stream, not computed",
                     "write `key job from jobs`, or `key job: done.name from jobs`");
    }
    if (key.size() != fields_.size())
      return wrong(table_name_.span,
                   fmt::format("the key of the table `{}` has {} {}, this one has {}", name, fields_.size(),
                               fields_.size() == 1 ? "part" : "parts", key.size()),
                   "name all of them, in their order");
    if (std::any_of(rule_.clauses.begin(), rule_.clauses.end(), [](const Clause& each) { return each.kind == ClauseKind::kWindow; }))
      return wrong(table_name_.span, "a window has no keys from a table",
                   "emit what is wanted in a rule with steps, and put the window over that");
    return true;
  }

  void name_field(ast::KeyPart& part, const std::string& field) const {
    const AstBuilder build(part.span);
    if (!part.name) {
      std::string name;
      for (const ast::PathPart& word : part.values[0].path) name += (name.empty() ? "" : ".") + word.name.text;
      part.name = build.name(name);
      part.values.clear();
    }
    part.values.push_back(build.path({table_name_.text, field}));
  }

  ast::Expr not_there(const AstBuilder& build) const {
    std::vector<ast::Expr> key;
    for (const std::string& field : fields_) key.push_back(build.path({field}));
    const ast::Expr there = build.node(ast::ExprKind::kExists, {build.look_up(table_name_.text, std::move(key), fields_[0])});
    return build.node(ast::ExprKind::kNot, {there});
  }

  void add_cancel() {
    const AstBuilder build(table_name_.span);
    ast::Step step;
    step.span = table_name_.span;
    step.word = ast::StepWord::kCancel;
    step.streams = {table_name_};
    const ast::Expr deleted = build.node(ast::ExprKind::kCoalesce, {build.path({"__deleted"}), build.yes_or_no(false)});
    step.where = build.node(ast::ExprKind::kOr, {deleted, not_there(build)});
    add_clause(rule_.clauses.begin(), ClauseKind::kCancel, std::move(step));
  }

  // A rule of silences alone begins with the row, and with whatever broke a silence.
  void add_first() {
    const auto is_no = [](const Clause& clause) { return clause.kind == ClauseKind::kNo; };
    if (std::any_of(rule_.clauses.begin(), rule_.clauses.end(), [](const Clause& each) { return each.kind == ClauseKind::kStep; })) return;
    const auto first_no = std::find_if(rule_.clauses.begin(), rule_.clauses.end(), is_no);
    if (first_no == rule_.clauses.end()) return;
    const AstBuilder build(table_name_.span);
    ast::Step step;
    step.span = table_name_.span;
    step.word = ast::StepWord::kFirst;
    ast::Stream came;
    came.base = table_name_;
    came.where = not_there(build);
    came.excepts.push_back(build.path({"__deleted"}));
    step.streams.push_back(add_filter(std::move(came), build));
    bool hidden = world_.streams[table().stream].fields.contains(std::string(kSince));
    for (const Clause& clause : rule_.clauses) {
      if (!is_no(clause)) continue;
      const auto& no = std::get<ast::Step>(clause.body);
      for (const ast::Name& name : no.streams) {
        ast::Stream broke;
        broke.base = name;
        broke.where = no.where;
        broke.excepts = no.excepts;
        step.streams.push_back(no.where || !no.excepts.empty() ? add_filter(std::move(broke), build) : name);
        const auto stream = world_.stream_by_name.find(name.text);
        hidden = hidden || (stream != world_.stream_by_name.end() && world_.streams[stream->second].fields.contains(std::string(kSince)));
      }
    }
    if (!hidden) step.name = build.name(std::string(kSince));
    add_clause(first_no, ClauseKind::kStep, std::move(step));
  }

  // A named filter that no file can name.
  ast::Name add_filter(ast::Stream filter, const AstBuilder& build) {
    ast::Name name = build.name(fmt::format("{} #{}", filter.base->text, world_.made_filters.size() + 1));
    filter.name = name;
    world_.made_filters.push_back(std::move(filter));
    world_.filters[name.text].ast = &world_.made_filters.back();
    return name;
  }

  void add_clause(std::vector<Clause>::iterator before, ClauseKind kind, ast::Step step) {
    Clause clause;
    clause.kind = kind;
    clause.span = clause.word = table_name_.span;
    clause.body = std::move(step);
    rule_.clauses.insert(before, std::move(clause));
  }

  static constexpr std::string_view kSince = "since";

  ast::Rule& rule_;
  World& world_;
  Reporter& reporter_;
  ast::Name table_name_;
  std::vector<std::string> fields_;  // The table's key.
};

bool has_key_from(const ast::Item& item) {
  const auto* rule = std::get_if<ast::Rule>(&item.body);
  return rule != nullptr && std::any_of(rule->clauses.begin(), rule->clauses.end(), [](const Clause& clause) {
           const auto* key = std::get_if<ast::Key>(&clause.body);
           return key != nullptr && std::any_of(key->begin(), key->end(), [](const ast::KeyPart& part) { return part.table.has_value(); });
         });
}

}  // namespace

std::vector<ast::File> with_watches(std::span<const ast::File> files, World& world, Reporter& reporter) {
  const bool any = std::any_of(files.begin(), files.end(),
                               [](const ast::File& file) { return std::any_of(file.items.begin(), file.items.end(), has_key_from); });
  if (!any) return {};
  std::vector<ast::File> result(files.begin(), files.end());
  for (ast::File& file : result)
    for (ast::Item& item : file.items)
      if (has_key_from(item) && !Watcher(std::get<ast::Rule>(item.body), world, reporter).apply()) item.damaged = true;
  return result;
}

}  // namespace sequitur::dsl
