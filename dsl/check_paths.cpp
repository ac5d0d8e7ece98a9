// What a name means: the first word of a path is a step of the rule, else a field of the candidate, else a key part, a
// `let`, `prev`, `broken_by` or a guard, where those can be named.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_expression.hpp"

namespace sequitur::dsl {
namespace {

Span span_from(const ast::Expr& path, std::size_t from) {
  Span span = path.span;
  if (from < path.path.size()) span.begin = path.path[from].name.span.begin;
  return span;
}

const ast::PathPart* first_index(const ast::Expr& path, std::size_t from) {
  for (std::size_t i = from; i < path.path.size(); ++i) {
    if (!path.path[i].index.empty()) return &path.path[i];
  }
  return nullptr;
}

}  // namespace

std::string dotted(const std::vector<ast::Name>& path) {
  std::string result;
  for (const ast::Name& name : path) result.append(result.empty() ? "" : ".").append(name.text);
  return result;
}

std::string dotted(const std::vector<ast::PathPart>& path, std::size_t from) {
  std::string result;
  for (std::size_t i = from; i < path.size(); ++i) result.append(i == from ? "" : ".").append(path[i].name.text);
  return result;
}

Span cover(Span first, Span last) { return {first.file, std::min(first.begin, last.begin), std::max(first.end, last.end)}; }

int ExpressionChecker::find_step(const ast::Expr& path, const Scope& scope) const {
  if (scope.rule == nullptr || scope.in_let || scope.key_value || path.kind != ast::ExprKind::kPath || path.path.empty()) return -1;
  const auto found = scope.rule->step_by_name.find(path.path[0].name.text);
  return found == scope.rule->step_by_name.end() ? -1 : found->second;
}

bool ExpressionChecker::candidate_has(const std::string& name, const Scope& scope) const {
  if (!scope.has_candidate) return false;
  return std::any_of(scope.candidate.begin(), scope.candidate.end(), [&](StreamId stream) {
    return world_.find_field(stream, name) != nullptr || world_.streams[stream].records.contains(name);
  });
}

// A field of the candidate, or a part of the key, that is a list.
bool ExpressionChecker::names_list(const std::string& name, const Scope& scope) const {
  if (scope.has_candidate) {
    for (const StreamId stream : scope.candidate) {
      if (const FieldInfo* field = world_.find_field(stream, name); field != nullptr && is_list(field->type)) return true;
    }
  }
  return scope.report && std::any_of(scope.rule->key.begin(), scope.rule->key.end(),
                                     [&](const KeyPart& part) { return part.name == name && is_list(part.type); });
}

Typed ExpressionChecker::path(const ast::Expr& expr, const Scope& scope) {
  const std::string& first = expr.path[0].name.text;
  if (scope.params != nullptr) {
    if (const auto param = scope.params->find(first); param != scope.params->end()) {
      if (expr.path.size() == 1 && expr.path[0].index.empty()) return param->second;
      reporter_.error("E067", expr.span, fmt::format("the parameter `{}` is a value without fields", first), {},
                      "give the field to the function: `f(step.field)`");
      return {};
    }
  }
  if (const int step = find_step(expr, scope); step >= 0) return step_path(expr, scope, step);
  if (const ast::PathPart* last = &expr.path.back(); !last->index.empty() && first_index(expr, 0) == last) {
    ast::Expr whole = expr;
    whole.path.back().index.clear();
    if (const std::string name = dotted(whole.path); names_list(name, scope)) {
      Scope outer = scope;
      outer.elements = nullptr;
      return list_element(check(whole, outer), *last, scope);
    }
  }
  if (const ast::PathPart* indexed = first_index(expr, 0)) {
    if (const auto table = world_.table_by_name.find(indexed->name.text);
        table != world_.table_by_name.end() && indexed == expr.path.data())
      return table_path(expr, scope, table->second);
    if (const auto joined = world_.joined_tables.find(indexed->name.text);
        joined != world_.joined_tables.end() && indexed == expr.path.data())
      return joined_path(expr, scope, joined->second);
    reporter_.error("E090", expr.span, fmt::format("`{}` is not a step, so it has no numbered events", indexed->name.text), {},
                    "only steps can be indexed: `probe[1].amount`");
    return {};
  }
  const std::string name = dotted(expr.path);
  if (candidate_has(name, scope)) return candidate_path(expr, scope);
  if (scope.counts && name == "matches") return match_count(Type::kInt, expr.span);
  if (scope.report) {
    if (Typed part = key_part(expr, scope); part.ok()) return part;
    if (scope.rule->key_poisoned && expr.path.size() == 1) return {};
  }
  if (expr.path.size() == 1) {
    if (const auto let = world_.lets.find(first); let != world_.lets.end()) return let_value(expr, first, let->second);
  }
  if (first == "prev" && expr.path.size() > 1) return previous_path(expr, scope);
  if (scope.rule != nullptr && expr.path.size() > 1 && (first == "broken_by" || scope.rule->guards.contains(first)))
    return break_path(expr, scope);
  return unknown_name(expr, scope);
}

// Looks the field up in all the streams; it must be in each, with one type. `owner` names them in messages.
Typed ExpressionChecker::field_of(Op op, std::span<const StreamId> streams, const std::string& name, Span span, std::string_view owner,
                                  Expr expr) {
  bool nocase = false;
  for (const StreamId stream : streams) {
    const FieldInfo* field = world_.find_field(stream, name);
    const StreamSchema& schema = world_.schemas[stream];
    if (field == nullptr) {
      if (world_.streams[stream].damaged) return {};
      const bool elsewhere =
          std::any_of(streams.begin(), streams.end(), [&](StreamId other) { return world_.find_field(other, name) != nullptr; });
      if (elsewhere) {
        reporter_.error("E081", span, fmt::format("not all streams here have a field `{}`", name),
                        fmt::format("`{}` has none", schema.name),
                        "name a field that all of them have, or give each stream a step of its own");
        return {};
      }
      if (world_.streams[stream].records.contains(name)) {
        reporter_.error("E080", span, fmt::format("`{}` is a record, not a value", name), {},
                        fmt::format("name one of its fields: `{}...`", name));
        return {};
      }
      const std::string whose = owner.empty() ? fmt::format("the stream `{}`", schema.name) : std::string(owner);
      reporter_.error("E080", span, fmt::format("{} has no field `{}`", whose, name), "unknown field",
                      suggest_field(name, stream, span, world_, reporter_));
      return {};
    }
    if (field->poisoned) return {};
    if (!expr.places.empty() && expr.type != field->type) {
      reporter_.error("E081", span, fmt::format("the field `{}` has different types in the streams here", name),
                      fmt::format("{} in `{}`", to_string(field->type), schema.name), "give each stream a step of its own");
      return {};
    }
    expr.type = field->type;
    nocase = nocase || field->nocase;
    expr.places.push_back({stream, field->slot});
  }
  if (streams.empty()) return {};
  expr.op = op;
  expr.span = span;
  return TypedBuilder::leaf(std::move(expr), nocase);
}

Typed ExpressionChecker::candidate_path(const ast::Expr& expr, const Scope& scope) {
  if (scope.candidate_poisoned) return {};
  if (scope.aggregate_argument) {
    reporter_.error(
        "E091", expr.span, fmt::format("whose `{}`? An aggregate is over a step's events", dotted(expr.path)), {},
        fmt::format("write `{}.{}`", scope.rule->steps[static_cast<std::size_t>(scope.aggregate_step)].name, dotted(expr.path)));
    return {};
  }
  return field_of(Op::kCandidate, scope.candidate, dotted(expr.path), expr.span, {}, {});
}

Typed ExpressionChecker::match_count(Type type, Span span) {
  Expr node;
  node.op = Op::kMatchCount;
  node.type = type;
  node.span = span;
  return TypedBuilder::leaf(std::move(node));
}

Typed ExpressionChecker::key_part(const ast::Expr& expr, const Scope& scope) {
  const std::string name = dotted(expr.path);
  const std::vector<KeyPart>& key = scope.rule->key;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i].name != name) continue;
    Expr node;
    node.op = Op::kKeyPart;
    node.type = key[i].type;
    node.span = expr.span;
    node.step = static_cast<int>(i);
    return TypedBuilder::leaf(std::move(node), key[i].fold);
  }
  return {};
}

bool ExpressionChecker::step_is_visible(const ast::Expr& expr, const Scope& scope, int step) {
  if (step < scope.bound) return true;
  if (std::find(scope.siblings.begin(), scope.siblings.end(), step) != scope.siblings.end()) return true;
  const StepView& view = scope.rule->steps[static_cast<std::size_t>(step)];
  if (step != scope.own) {
    reporter_.error("E088", expr.span, fmt::format("the step `{}` comes later, so nothing is known of it here", view.name), {},
                    fmt::format("put the condition behind the step `{}`", view.name));
    return false;
  }
  if (view.loop()) return true;
  reporter_.error("E088", expr.span, fmt::format("`{}` is this step itself", view.name), {},
                  expr.path.size() > 1 ? fmt::format("write `{}` alone", dotted(expr.path, 1)) : "ask for earlier steps only");
  return false;
}

// probe[1]: the first event; probe[-1]: the latest.
std::optional<std::int64_t> ExpressionChecker::pick(const ast::PathPart& part, const StepView& step, const Scope& scope) {
  const ast::Expr& index = part.index[0];
  const Typed value = check(index, scope);
  if (!value.ok()) return std::nullopt;
  if (part.index.size() != 1 || !value.constant() || value.type() != Type::kInt || value.null_literal) {
    reporter_.error("E090", index.span, "the number of an event must be a whole number", {},
                    fmt::format("write `{}[1]` for the first, `{}[-1]` for the latest", step.name, step.name));
    return std::nullopt;
  }
  const std::int64_t number = value.expr->value.i;
  if (number == 0) {
    reporter_.error("E090", index.span, "events are numbered from 1", {},
                    fmt::format("write `{}[1]` for the first, `{}[-1]` for the latest", step.name, step.name));
    return std::nullopt;
  }
  const std::int64_t most = static_cast<std::int64_t>(step.max);
  if (number > most || number < -most) {
    reporter_.error("E090", index.span, fmt::format("the step `{}` takes at most {} {}", step.name, most, most == 1 ? "event" : "events"),
                    "there is no such event");
    return std::nullopt;
  }
  return number;
}

Typed ExpressionChecker::step_path(const ast::Expr& expr, const Scope& scope, int step) {
  const StepView& view = scope.rule->steps[static_cast<std::size_t>(step)];
  // In `all` a step may name itself: `b.x > a.x` says which is which.
  if (step == scope.own && !scope.siblings.empty() && !view.loop() && expr.path.size() > 1 && expr.path[0].index.empty())
    return field_of(Op::kCandidate, view.streams, dotted(expr.path, 1), span_from(expr, 1), fmt::format("the step `{}`", view.name), {});
  if (!step_is_visible(expr, scope, step)) return {};
  const bool indexed = !expr.path[0].index.empty();
  if (scope.rule->window && (indexed || scope.aggregate_step != step)) {
    reporter_.error(
        "E255", expr.span, fmt::format("`{}` are all the events of the window", view.name), "not one event",
        fmt::format("aggregate them: `count({0})`, `last({0}.{1})`", view.name, expr.path.size() > 1 ? dotted(expr.path, 1) : "time"));
    return {};
  }
  if (expr.path.size() == 1) {
    reporter_.error("E094", expr.span, fmt::format("`{}` is a step, not a value", view.name), {},
                    fmt::format("name one of its fields, `{}.time`, or count its events: `count({})`", view.name, view.name));
    return {};
  }
  if (const ast::PathPart* last = &expr.path.back(); !last->index.empty() && first_index(expr, 1) == last && !view.streams.empty()) {
    const FieldInfo* field = world_.find_field(view.streams[0], dotted(expr.path, 1));
    if (field != nullptr && is_list(field->type)) {
      ast::Expr whole = expr;
      whole.path.back().index.clear();
      Scope outer = scope;
      outer.elements = nullptr;
      return list_element(check(whole, outer), *last, scope);
    }
  }
  if (const ast::PathPart* other = first_index(expr, 1)) {
    reporter_.error("E090", expr.span, fmt::format("`{}` has no numbered parts", other->name.text), {},
                    "only steps can be indexed: `probe[1].amount`");
    return {};
  }
  if (view.poisoned) return {};
  const std::string name = dotted(expr.path, 1);
  const std::string owner = fmt::format("the step `{}`", view.name);
  if (scope.aggregate_step == step && !indexed) return field_of(Op::kCandidate, view.streams, name, span_from(expr, 1), owner, {});

  Expr node;
  node.step = step;
  node.pick = -1;
  if (indexed) {
    const std::optional<std::int64_t> place = pick(expr.path[0], view, scope);
    if (!place) return {};
    node.pick = *place;
  } else if (view.loop() && !view.rounds && !scope.look_back) {
    const FieldInfo* field = view.streams.empty() ? nullptr : world_.find_field(view.streams[0], name);
    const bool text = field == nullptr || field->type == Type::kString || field->type == Type::kBool;
    reporter_.error("E089", expr.span, fmt::format("the step `{}` takes several events: which one's `{}`?", view.name, name), {},
                    fmt::format("write `{0}[1].{1}` (first), `{0}[-1].{1}` (latest), or an aggregate like `{2}{0}.{1})`", view.name, name,
                                text ? "count(distinct " : "max("));
    return {};
  }
  Typed result = field_of(Op::kStepField, view.streams, name, span_from(expr, 1), owner, std::move(node));
  if (!result.ok()) return {};
  Expr whole = *result.expr;
  whole.span = expr.span;
  return TypedBuilder::leaf(std::move(whole), result.nocase);
}

// account[from].tier: the row as of the event that is looked at; null where there is none.
Typed ExpressionChecker::table_path(const ast::Expr& expr, const Scope& scope, int index) {
  const Table& table = world_.tables[static_cast<std::size_t>(index)];
  const ast::PathPart& first = expr.path[0];
  if (scope.key_value) {
    reporter_.error("E232", expr.span, "a key cannot be looked up in a table", {}, "look it up in the condition or behind `emit`");
    return {};
  }
  if (expr.path.size() == 1 || first_index(expr, 1) != nullptr) {
    reporter_.error("E231", expr.span, fmt::format("`{}[..]` is a row, not a value", table.name), {},
                    fmt::format("name one of its fields: `{}[..].field`", table.name));
    return {};
  }
  if (first.index.size() != table.key.size()) {
    if (!world_.streams[table.stream].damaged)
      reporter_.error("E231", expr.span,
                      fmt::format("the key of the table `{}` has {} {}, not {}", table.name, table.key.size(),
                                  table.key.size() == 1 ? "part" : "parts", first.index.size()));
    return {};
  }
  Expr node;
  node.step = index;
  std::vector<Typed> args;
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    Typed value = check(first.index[i], scope);
    if (!value.ok()) return {};
    const Field& field = world_.schemas[table.stream].fields[static_cast<std::size_t>(table.key[i])];
    if (value.null_literal || value.type() != field.type) {
      reporter_.error("E231", first.index[i].span,
                      fmt::format("the key `{}` of the table `{}` is {}, but this is {}", field.name, table.name, to_string(field.type),
                                  describe(value)),
                      {}, value.null_literal ? "" : "convert it, or declare both with one type");
      return {};
    }
    if (field.nocase) {
      Expr lower;
      lower.op = Op::kCall;
      lower.function = Function::kLower;
      lower.type = Type::kString;
      lower.span = value.span();
      value = build_.node(std::move(lower), std::span(&value, 1), true);
    }
    args.push_back(std::move(value));
  }
  const Typed field = field_of(Op::kTableField, std::span(&table.stream, 1), dotted(expr.path, 1), span_from(expr, 1),
                               fmt::format("the table `{}`", table.name), std::move(node));
  if (!field.ok()) return {};
  Expr whole = *field.expr;
  whole.span = expr.span;
  return build_.node(std::move(whole), args, field.nocase);
}

Typed ExpressionChecker::previous_path(const ast::Expr& expr, const Scope& scope) {
  if (scope.previous.empty() || scope.report || scope.aggregate_step >= 0) {
    reporter_.error(
        "E096", expr.span, scope.aggregate_step >= 0 ? "`prev` cannot stand inside an aggregate" : "there is no event before this one", {},
        scope.report ? "name the step: `step.field`" : "`prev` is the event that the run took last; it needs a step before, or a loop");
    return {};
  }
  return field_of(Op::kPrevField, scope.previous, dotted(expr.path, 1), expr.span, "the event before (`prev`)", {});
}

Typed ExpressionChecker::break_path(const ast::Expr& expr, const Scope& scope) {
  const std::string& first = expr.path[0].name.text;
  if (!scope.breaks) {
    reporter_.error("E095", expr.span, fmt::format("`{}` can be named in `on break emit` only", first), "no event has broken the run here");
    return {};
  }
  Expr node;
  const std::string name = dotted(expr.path, 1);
  const auto guard = scope.rule->guards.find(first);
  if (guard != scope.rule->guards.end()) {
    node.guard = guard->second.id;
    return field_of(Op::kBreakField, guard->second.streams, name, expr.span, fmt::format("the guard `{}`", first), std::move(node));
  }
  // Without a guard there is no such event. (A guard over unknown streams has been reported.)
  if (scope.rule->break_streams.empty() && reporter_.errors() == 0) {
    reporter_.error("E095", expr.span, "nothing can break a run of this rule", "there is no such event",
                    "add a guard, `no ..`, or `cancel on ..`");
    return {};
  }
  // Whichever event it was: streams without the field give null, but one must have it.
  std::vector<StreamId> having;
  for (const StreamId stream : scope.rule->break_streams) {
    if (world_.find_field(stream, name) != nullptr) having.push_back(stream);
  }
  return field_of(Op::kBreakField, having.empty() ? scope.rule->break_streams : having, name, expr.span, "the event that breaks the run",
                  std::move(node));
}

// All that could be named at this place.
std::vector<std::string_view> ExpressionChecker::names_in(const Scope& scope) const {
  std::vector<std::string_view> names;
  for (const auto& [let, info] : world_.lets) names.push_back(let);
  if (scope.params != nullptr) {
    for (const auto& [param, value] : *scope.params) names.push_back(param);
  }
  if (scope.rule != nullptr && !scope.in_let) {
    for (const StepView& step : scope.rule->steps) {
      if (step.named) names.push_back(step.name);
    }
  }
  if (scope.report) {
    for (const KeyPart& part : scope.rule->key) names.push_back(part.name);
  }
  if (scope.has_candidate) {
    for (const StreamId stream : scope.candidate) {
      for (const auto& [field, info] : world_.streams[stream].fields) names.push_back(field);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Typed ExpressionChecker::unknown_in_let(const ast::Expr& expr, const Scope& scope) {
  if (world_.incomplete) return {};
  const std::string& first = expr.path[0].name.text;
  std::string help = reporter_.suggests(expr.span) ? reporter_.did_you_mean(first, names_in(scope)) : "";
  if (help.empty()) help = fmt::format("make it a parameter: `let f({}) = ..`", first);
  reporter_.error("E067", expr.span, fmt::format("`{}` is neither a parameter nor another `let`", dotted(expr.path)), "unknown name", help);
  return {};
}

// In emit and message: a field that a step has, but without saying which step.
bool ExpressionChecker::field_without_step(const ast::Expr& expr, const Scope& scope) {
  const std::string name = dotted(expr.path);
  for (const StepView& step : scope.rule->steps) {
    const bool has =
        std::any_of(step.streams.begin(), step.streams.end(), [&](StreamId stream) { return world_.find_field(stream, name) != nullptr; });
    if (!has) continue;
    std::string help = fmt::format("write `{}.{}`", step.name, name);
    if (!step.named) help = fmt::format("give the step a name: `a: {}`, and write `a.{}`", world_.schemas[step.streams[0]].name, name);
    if (step.named && step.loop()) help = fmt::format("write `{0}[-1].{1}` or an aggregate like `max({0}.{1})`", step.name, name);
    reporter_.error("E106", expr.span, fmt::format("whose `{}`? Several events are known here", name), {}, help);
    return true;
  }
  return false;
}

Typed ExpressionChecker::unknown_name(const ast::Expr& expr, const Scope& scope) {
  const std::string& first = expr.path[0].name.text;
  const std::string name = dotted(expr.path);
  if (scope.candidate_poisoned) return {};
  if (scope.in_let) return unknown_in_let(expr, scope);
  if (scope.report && field_without_step(expr, scope)) return {};
  const bool damaged = scope.has_candidate && std::any_of(scope.candidate.begin(), scope.candidate.end(),
                                                          [&](StreamId stream) { return world_.streams[stream].damaged; });
  if (damaged || (world_.incomplete && expr.path.size() == 1)) return {};

  std::string help;
  const bool absent =
      scope.rule != nullptr && std::find(scope.rule->absent.begin(), scope.rule->absent.end(), first) != scope.rule->absent.end();
  if (absent) {
    help = fmt::format("`{}` is a step of a block behind `no`: nothing of that is there outside the block", first);
  } else if (reporter_.suggests(expr.span)) {
    const std::vector<std::string_view> names = names_in(scope);
    help = reporter_.did_you_mean(name, names);
    if (help.empty() && expr.path.size() > 1) help = reporter_.did_you_mean(first, names);
  }
  if (help.empty() && world_.stream_by_name.contains(first)) {
    help = fmt::format("`{}` is a stream; name a step over it: `a: {}`", first, first);
  }
  std::string message = fmt::format("unknown name `{}`", name);
  if (scope.has_candidate && scope.candidate.size() == 1) {
    message = fmt::format("the stream `{}` has no field `{}`", world_.schemas[scope.candidate[0]].name, name);
  }
  reporter_.error("E080", expr.span, std::move(message), scope.has_candidate ? "unknown field" : "unknown name", std::move(help));
  return {};
}

// "did you mean `user`?" for a field of the stream.
std::string suggest_field(const std::string& name, StreamId stream, Span span, const World& world, Reporter& reporter) {
  if (!reporter.suggests(span)) return {};
  std::vector<std::string_view> known;
  for (const auto& [field, info] : world.streams[stream].fields) known.push_back(field);
  std::sort(known.begin(), known.end());
  return reporter.did_you_mean(name, known);
}

std::string suggest_stream(const std::string& name, Span span, const World& world, Reporter& reporter) {
  if (!reporter.suggests(span)) return {};
  std::vector<std::string_view> known;
  for (const auto& [stream, id] : world.stream_by_name) known.push_back(stream);
  for (const auto& [filter, info] : world.filters) known.push_back(filter);
  std::sort(known.begin(), known.end());
  return reporter.did_you_mean(name, known);
}

}  // namespace sequitur::dsl
