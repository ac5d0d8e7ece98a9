// What leaves because of a rule: emit, message, on timeout, on break, limit.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_rule_checker.hpp"
#include "event/characters.hpp"

namespace sequitur::dsl {
namespace {

constexpr int kMostDecimals = 20;

}  // namespace

void RuleChecker::check_reports() {
  Scope scope;
  scope.rule = &view_;
  scope.report = true;
  scope.bound = static_cast<int>(rule_.stages.size());
  if (emit_ != nullptr) {
    scope.counts = emit_->count;
    rule_.emit = check_emit(*emit_, scope);
    if (emit_->count) check_count_rule();
  } else if (!damaged_) {
    reporter_.error("E133", ast_.name.span, fmt::format("the rule `{}` emits nothing", ast_.name.text), {},
                    "add `emit alert(..)` behind the steps");
  }
  if (severity_ != nullptr) check_severity(*severity_);
  if (score_ != nullptr) check_score(*score_);
  if (message_ != nullptr) check_message(*message_, scope);
  scope.counts = false;
  if (on_timeout_ != nullptr) rule_.on_timeout = check_emit(*on_timeout_, scope);
  if (on_break_ != nullptr) {
    Scope broken = scope;
    broken.breaks = true;
    rule_.on_break = check_emit(*on_break_, broken);
  }
  if (on_clear_ != nullptr) rule_.on_clear = check_emit(*on_clear_, scope);
  for (const auto& [limit, span] : limits_) check_rule_limit(*limit, span, scope);
}

Emit RuleChecker::check_emit(const ast::Emit& emit, const Scope& scope) {
  Emit result;
  result.stream = emit.stream.text;
  result.internal = emit.internal;
  if (emit.always && !rule_.window)
    reporter_.error("E252", emit.stream.span, "a rule with steps reports each match once", {},
                    "`emit always` belongs to a rule with a window");
  if (world_.filters.contains(result.stream)) {
    reporter_.error("E137", emit.stream.span, fmt::format("`{}` is a part of another stream", result.stream), {}, "emit another name");
  }
  std::vector<Typed> values;
  for (const ast::EmitField& field : emit.fields) {
    const bool path = field.value.kind == ast::ExprKind::kPath;
    EmitField checked;
    checked.name = field.name ? field.name->text : path ? dotted(field.value.path) : "";
    if (!field.name) {
      const bool key =
          path && std::any_of(rule_.key.begin(), rule_.key.end(), [&](const KeyPart& part) { return part.name == checked.name; });
      if (!key) {
        if (path && view_.key_poisoned) continue;
        const std::string name = path ? field.value.path.back().name.text : "name";
        reporter_.error("E134", field.span, "only parts of the key can stand alone here", "no name",
                        fmt::format("give it a name: `{} = ..`", name));
        continue;
      }
    }
    const bool twice =
        std::any_of(result.fields.begin(), result.fields.end(), [&](const EmitField& other) { return other.name == checked.name; });
    if (twice) {
      reporter_.error("E135", field.span, fmt::format("two fields are called `{}`", checked.name), "again here",
                      "give each field a name of its own");
      continue;
    }
    Typed value = expressions_.check(field.value, scope);
    if (value.ok() && scope.counts) check_shared(*value.expr);
    if (value.ok() && value.null_literal) {
      reporter_.error("E105", field.value.span, "a field that is always null has no type", {}, "leave the field out");
      value = {};
    }
    checked.value = value.expr;
    result.fields.push_back(std::move(checked));
    values.push_back(std::move(value));
  }
  if (emit.count) {
    // Always there, so that nobody takes a remainder for the number.
    const Span span = emit.stream.span;
    const auto same =
        std::find_if(result.fields.begin(), result.fields.end(), [](const EmitField& other) { return other.name == "modular"; });
    if (same != result.fields.end()) {
      reporter_.error("E135", emit.fields[static_cast<std::size_t>(same - result.fields.begin())].span,
                      "`emit count` has a field `modular` of its own", {}, "choose another name");
    } else {
      values.push_back(ExpressionChecker::match_count(Type::kBool, span));
      result.fields.push_back({"modular", values.back().expr});
    }
    result.count = true;
  }
  note_emitted(result, emit, values);
  return result;
}

// `emit count` speaks for all matches on one event: those must be all that there are, and be found on an event.
void RuleChecker::check_count_rule() {
  const Span span = emit_->stream.span;
  if (rule_.stages.empty()) return;
  const Stage& last = rule_.stages.back();
  if (rule_.window)
    reporter_.error("E123", span, "`emit count` counts matches, and a window has none", {}, "count its events: `n = count(p)`");
  else if (rule_.on_match != OnMatch::kKeep)
    reporter_.error("E123", span, "`emit count` counts every match, but this rule does not keep them all", {}, "add `on match keep`");
  else if (is_hold(static_cast<int>(rule_.stages.size()) - 1) || (last.max != 1 && !last.every_length) || last.optional ||
           !rule_.closing.silences.empty())
    reporter_.error("E123", span, "`emit count` counts the matches on one event, but this rule does not end with one event", {},
                    "end the rule with a step that takes one event");
  rule_.limit_per_event.reset();
  for (const auto& [limit, limit_span] : limits_)
    if (limit->per_event) reporter_.error("E123", limit_span, "`emit count` gives one alert for each event", {}, "leave the limit out");
}

// Under `emit count`: of the steps only the last one's event belongs to every match that is counted.
void RuleChecker::check_shared(const Expr& expr) {
  // Of a loop the matches on one event share that event, but not those before it.
  const int last = rule_.stages.back().max == 1 ? static_cast<int>(rule_.stages.size()) - 1 : -1;
  const bool of_step = expr.op == Op::kStepField || expr.op == Op::kAggregate || expr.op == Op::kStepExists;
  if (of_step && expr.step != last) {
    const std::string_view name = rule_.stages[static_cast<std::size_t>(expr.step)].name;
    reporter_.error("E124", expr.span, fmt::format("the matches that are counted do not share their `{}`", name), {},
                    last < 0 ? "no step can be named here" : "of the steps only the last one can be named here");
    return;
  }
  for (const ExprPtr& arg : expr.args)
    if (arg) check_shared(*arg);
}

// Adds the fields to what is known of the emitted stream.
void RuleChecker::note_emitted(const Emit& emit, const ast::Emit& ast, std::span<const Typed> values) {
  auto [entry, added] = emitted_.by_name.try_emplace(emit.stream);
  if (added) emitted_.names.push_back(emit.stream);
  EmittedStream& stream = entry->second;
  for (const KeyPart& part : rule_.key) stream.key_parts.emplace(part.name, part.type);
  stream.poisoned = stream.poisoned || view_.key_poisoned || damaged_;
  if (stream.emits++ == 0) stream.span = ast.stream.span;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string& name = emit.fields[i].name;
    if (!values[i].ok()) {
      stream.poisoned = true;
      continue;
    }
    Span span = values[i].span();
    for (const ast::EmitField& field : ast.fields) {
      if (field.name && field.name->text == name) span = field.span;
    }
    const auto [place, first] = stream.by_name.emplace(name, stream.fields.size());
    if (first) stream.fields.emplace_back(name, EmittedField{values[i].type(), values[i].nocase, values[i].span()});
    EmittedField& before = stream.fields[place->second].second;
    ++before.emits;
    if (first) {
      compare_with_declaration(emit.stream, name, values[i], span);
      continue;
    }
    if (before.type == values[i].type()) continue;
    reporter_.error("E136", span,
                    fmt::format("`{}` of `{}` is {} here but {} where it is emitted elsewhere", name, emit.stream,
                                to_string(values[i].type()), to_string(before.type)),
                    {}, "emit one type under one name, or choose another name");
  }
}

// A stream block of the emitted name says which fields there are.
void RuleChecker::compare_with_declaration(const std::string& stream, const std::string& name, const Typed& value, Span span) {
  const auto declared = world_.stream_by_name.find(stream);
  if (declared == world_.stream_by_name.end() || world_.streams[declared->second].inferred) return;
  const StreamSchema& schema = world_.schemas[declared->second];
  const std::optional<SlotIndex> slot = schema.find(name);
  if (!slot) {
    if (world_.streams[schema.id].damaged) return;
    std::vector<std::string_view> known;
    for (const Field& field : schema.fields) known.push_back(field.name);
    std::string help = reporter_.did_you_mean(name, known);
    if (help.empty()) help = fmt::format("add it to the declaration: `{}: {}?`", name, to_string(value.type()));
    reporter_.error("E137", span, fmt::format("the stream `{}` is declared without a field `{}`", stream, name), "not declared", help);
    return;
  }
  const Type type = schema.fields[static_cast<std::size_t>(*slot)].type;
  if (type == value.type()) return;
  reporter_.error("E136", span,
                  fmt::format("`{}` of `{}` is {} here but declared as {}", name, stream, to_string(value.type()), to_string(type)), {},
                  "emit the declared type, or change the declaration");
}

// `.2` digits behind the point, `,` groups of three, `,.2` both.
NumberFormat RuleChecker::check_format(const ast::Name& format, const Typed& value) {
  NumberFormat result;
  std::string_view text = format.text;
  if (text.starts_with(',')) {
    result.grouped = true;
    text.remove_prefix(1);
  }
  if (text.size() >= 2 && text.size() <= 3 && text[0] == '.' && is_digit(text[1]) && is_digit(text.back())) {
    result.decimals = std::stoi(std::string(text.substr(1)));
    text = {};
  }
  if (!text.empty() || result.plain() || result.decimals > kMostDecimals) {
    reporter_.error("E141", format.span, fmt::format("`{}` is not a format", format.text), {},
                    fmt::format("write `{{x:.2}}` for two digits behind the point (at most {}), `{{x:,}}` for groups of three, `{{x:,.2}}`",
                                kMostDecimals));
  } else if (value.ok() && !value.null_literal && !is_number(value.type())) {
    reporter_.error("E141", format.span, fmt::format("a format is for numbers, but this is {}", describe(value)), {}, "leave it out");
  }
  return result;
}

void RuleChecker::check_message(const ast::Message& message, const Scope& scope) {
  for (const ast::MessagePart& part : message.parts) {
    MessagePart result;
    result.text = part.text;
    if (part.value) {
      const Typed value = expressions_.check(*part.value, scope);
      if (value.ok() && value.null_literal) reporter_.error("E105", part.value->span, "`null` says nothing", {}, "leave it out");
      if (value.ok() && scope.counts) check_shared(*value.expr);
      result.value = value.expr;
      if (part.format) result.format = check_format(*part.format, value);
    }
    rule_.message.push_back(std::move(result));
  }
}

void RuleChecker::check_rule_limit(const ast::Limit& limit, Span span, const Scope& scope) {
  if (limit.none) {
    rule_.limit_per_event.reset();
    return;
  }
  if (limit.count == 0)
    reporter_.error("E138", span, "a limit of 0 lets nothing through", {}, "write `limit 1 per 1h`; to silence a rule write `disabled`");
  if (limit.per_event) {
    rule_.limit_per_event = limit.count;
    return;
  }
  Limit result;
  result.count = limit.count;
  if (limit.duration) result.span = positive(*limit.duration, "`limit`").value_or(Duration{0});
  for (const ast::Expr& by : limit.by) {
    const std::string name = by.kind == ast::ExprKind::kPath ? dotted(by.path) : "";
    const auto field =
        std::find_if(rule_.emit.fields.begin(), rule_.emit.fields.end(), [&](const EmitField& other) { return other.name == name; });
    if (field != rule_.emit.fields.end()) {
      result.by.push_back(field->value);
      continue;
    }
    const bool step = by.kind == ast::ExprKind::kPath && by.path.size() > 1 && view_.step_by_name.contains(by.path[0].name.text);
    const bool key = std::any_of(rule_.key.begin(), rule_.key.end(), [&](const KeyPart& part) { return part.name == name; });
    if (step || key) {
      const Typed value = expressions_.check(by, scope);
      if (value.ok() && rule_.emit.count) check_shared(*value.expr);
      result.by.push_back(value.expr);
      continue;
    }
    if (view_.key_poisoned || damaged_) continue;
    std::vector<std::string> known;
    for (const EmitField& other : rule_.emit.fields) known.push_back(other.name);
    for (const KeyPart& part : rule_.key) known.push_back(part.name);
    std::string help = reporter_.did_you_mean(name, known);
    if (help.empty()) help = "name a field of `emit`, a part of the key, or `step.field`";
    reporter_.error("E139", by.span, fmt::format("`{}` is neither a field of the alert nor a part of the key", name), {}, help);
  }
  rule_.limits.push_back(std::move(result));
}

}  // namespace sequitur::dsl
