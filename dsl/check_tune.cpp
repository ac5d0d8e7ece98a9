// `tune NAME { .. }`: a rule as if it had been written otherwise. It is the syntax tree that is changed, so everything that is
// checked of rules is checked of tuned ones, and what is wrong is shown in the `tune`.
#include <fmt/format.h>
#include <algorithm>
#include <unordered_set>

#include "dsl/check_reuse.hpp"

namespace sequitur::dsl {
namespace {

using ast::Clause;
using ast::ClauseKind;

// Aggregates are over the events of a step, so a step's name in them stays.
bool is_aggregate(const ast::Expr& expr) {
  static const std::unordered_set<std::string_view> names = {"count",  "sum",        "avg",    "min",   "max",  "first", "last",
                                                             "median", "percentile", "stddev", "slope", "rate", "values"};
  return expr.kind == ast::ExprKind::kCall && names.contains(expr.text);
}

template <typename Visit>
void for_each_path(ast::Expr& expr, bool aggregates, const Visit& visit) {
  if (expr.kind == ast::ExprKind::kPath) visit(expr);
  if (!aggregates && is_aggregate(expr)) return;
  for (ast::PathPart& part : expr.path)
    for (ast::Expr& index : part.index) for_each_path(index, aggregates, visit);
  for (ast::Expr& arg : expr.args) for_each_path(arg, aggregates, visit);
}

class Tuner {
 public:
  Tuner(ast::Rule& rule, Reporter& reporter) : rule_(rule), reporter_(reporter) {}

  void apply(const ast::Tune& tune) {
    bool limits_gone = false, event_limit_gone = false;
    for (const Clause& clause : tune.clauses) {
      switch (clause.kind) {
        case ClauseKind::kExcept: add_except(std::get<ast::Expr>(clause.body)); break;
        case ClauseKind::kSeverity:
        case ClauseKind::kScore:
        case ClauseKind::kMessage:
          erase([&](const Clause& other) { return other.kind == clause.kind; });
          rule_.clauses.push_back(clause);
          break;
        case ClauseKind::kTags:
        case ClauseKind::kDisabled: rule_.clauses.push_back(clause); break;
        case ClauseKind::kMeta: {
          const std::string& name = std::get<ast::Meta>(clause.body).name.text;
          erase([&](const Clause& other) { return other.kind == ClauseKind::kMeta && std::get<ast::Meta>(other.body).name.text == name; });
          rule_.clauses.push_back(clause);
          break;
        }
        case ClauseKind::kLimit: {
          // The first of a tune replaces those of the rule; several stand beside each other.
          const bool per_event = is_event_limit(clause);
          if (!std::exchange(per_event ? event_limit_gone : limits_gone, true))
            erase([&](const Clause& other) { return other.kind == ClauseKind::kLimit && is_event_limit(other) == per_event; });
          rule_.clauses.push_back(clause);
          break;
        }
        default:
          reporter_.error("E163", clause.word, "this cannot be tuned", {},
                          "`tune` takes except, severity, score, tags, message, meta, limit and disabled");
      }
    }
  }

 private:
  static bool is_event_limit(const Clause& clause) {
    const auto& limit = std::get<ast::Limit>(clause.body);
    return limit.none || limit.per_event;
  }

  template <typename Test>
  void erase(const Test& test) {
    std::erase_if(rule_.clauses, test);
  }

  // All lines with a filter of their own, in the order of the text; those of blocks included.
  std::vector<ast::Step*> lines() {
    std::vector<ast::Step*> found;
    for (Clause& clause : rule_.clauses)
      if (auto* step = std::get_if<ast::Step>(&clause.body)) collect(*step, found);
    return found;
  }
  static void collect(ast::Step& step, std::vector<ast::Step*>& found) {
    found.push_back(&step);
    for (ast::Branch& branch : step.branches)
      for (ast::Step& inner : branch.steps) collect(inner, found);
  }

  // It belongs to the last of the steps that it names, whose fields may be written with its name; without a name to the
  // step that begins the rule.
  void add_except(const ast::Expr& condition) {
    ast::Expr changed = condition;
    const std::vector<ast::Step*> all = lines();
    ast::Step* target = nullptr;
    std::size_t best = 0;
    for_each_path(changed, true, [&](ast::Expr& path) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i]->name || all[i]->name->text != path.path[0].name.text || (target != nullptr && i < best)) continue;
        target = all[i];
        best = i;
      }
    });
    if (target != nullptr) {
      if (target->form != ast::StepForm::kEvent && target->form != ast::StepForm::kHold) return needs_step(condition);
      const std::string name = target->name->text;
      for_each_path(changed, false, [&](ast::Expr& path) {
        if (path.path.size() > 1 && path.path[0].name.text == name && path.path[0].index.empty()) path.path.erase(path.path.begin());
      });
      target->excepts.push_back(std::move(changed));
      return;
    }
    bool any = false;
    for (Clause& clause : rule_.clauses) {
      if (clause.kind != ClauseKind::kStep && clause.kind != ClauseKind::kOver) continue;
      auto& step = std::get<ast::Step>(clause.body);
      if (step.form != ast::StepForm::kEvent && step.form != ast::StepForm::kHold) break;
      step.excepts.push_back(changed);
      any = true;
      if (clause.kind == ClauseKind::kStep && !step.modes.optional) break;
    }
    if (!any) needs_step(condition);
  }

  void needs_step(const ast::Expr& condition) {
    reporter_.error("E163", condition.span, "which step is this exception of?", {}, "name it: `except step.field == ..`");
  }

  ast::Rule& rule_;
  Reporter& reporter_;
};

}  // namespace

std::vector<TuneItem> tunes_of(std::span<const ast::File> files) {
  std::vector<TuneItem> tunes;
  for (const ast::File& file : files)
    for (const ast::Item& item : file.items)
      if (const auto* tune = std::get_if<ast::Tune>(&item.body)) tunes.push_back({tune});
  return tunes;
}

std::optional<ast::Rule> tuned(const ast::Rule& rule, std::span<const TuneItem> tunes, Reporter& reporter) {
  std::optional<ast::Rule> result;
  for (const TuneItem& tune : tunes) {
    if (tune.ast->rule.text != rule.name.text) continue;
    if (!result) result = rule;
    Tuner(*result, reporter).apply(*tune.ast);
  }
  return result;
}

void check_unused(std::span<const TuneItem> tunes, std::span<const ast::File> files, const World& world, Reporter& reporter) {
  std::vector<std::string_view> rules;
  for (const ast::File& file : files)
    for (const ast::Item& item : file.items)
      if (const auto* rule = std::get_if<ast::Rule>(&item.body)) rules.push_back(rule->name.text);
  for (const TuneItem& tune : tunes) {
    const ast::Name& name = tune.ast->rule;
    if (world.incomplete || std::find(rules.begin(), rules.end(), name.text) != rules.end()) continue;
    reporter.error("E162", name.span, fmt::format("there is no rule `{}` to tune", name.text), "unknown rule",
                   reporter.did_you_mean(name.text, rules));
  }
}

}  // namespace sequitur::dsl
