#include "dsl/check_rule.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "dsl/check_rule_checker.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::array<std::string_view, 5> kSeverities = {"informational", "low", "medium", "high", "critical"};

std::string text_of(const Constant& value) {
  switch (value.type) {
    case Type::kString: return value.s;
    case Type::kBool: return value.i != 0 ? "true" : "false";
    case Type::kFloat: return fmt::format("{}", value.f);
    default: return fmt::format("{}", value.i);
  }
}

}  // namespace

Rule check_rule(const ast::Rule& rule, bool damaged, ExpressionChecker& checker, Emitted& emitted) {
  return RuleChecker(rule, damaged, checker, emitted).check();
}

Rule RuleChecker::check() {
  rule_.info.name = ast_.name.text;
  rule_.name_span = ast_.name.span;
  if (ast_.title) rule_.info.title = ast_.title->text;
  collect_clauses();
  if (has_window()) {
    check_window_rule();
    return std::move(rule_);
  }
  if (steps_.empty()) {
    if (!damaged_)
      reporter_.error("E111", ast_.name.span, fmt::format("the rule `{}` has no steps", ast_.name.text), {},
                      "begin with `first a: stream where ..`");
    return std::move(rule_);
  }
  view_steps();
  if (has_blocks_) view_blocks();
  open_guard_blocks();
  check_opening();
  collect_streams();
  check_hiding();
  if (key_ != nullptr) check_key(*key_);
  check_cancels();
  check_steps();
  check_no_lines();
  check_ending();
  check_clear();
  check_within();
  check_silences_within();
  check_blocks();
  if (on_match_ != nullptr) check_on_match(*on_match_, on_match_span_);
  check_reports();
  return std::move(rule_);
}

// Sorts the clauses into what they are about.
void RuleChecker::collect_clauses() {
  // The parser has seen to the order of the clauses, and to those that stand twice.
  for (const ast::Clause& clause : ast_.clauses) {
    if (collect_window_clause(clause)) continue;
    switch (clause.kind) {
      case ast::ClauseKind::kKey:
        key_ = &std::get<ast::Key>(clause.body);
        key_span_ = clause.span;
        break;
      case ast::ClauseKind::kWithin:
        has_within_ = true;
        within_span_ = clause.span;
        if (const auto& within = std::get<ast::Within>(clause.body); within.duration) rule_.within = positive(*within.duration, "`within`");
        break;
      case ast::ClauseKind::kCancel: cancels_.push_back(&std::get<ast::Step>(clause.body)); break;
      case ast::ClauseKind::kStep: collect_step(clause); break;
      case ast::ClauseKind::kNo: collect_no(clause); break;
      case ast::ClauseKind::kEmit: emit_ = &std::get<ast::Emit>(clause.body); break;
      case ast::ClauseKind::kMessage: message_ = &std::get<ast::Message>(clause.body); break;
      case ast::ClauseKind::kOnTimeout:
        on_timeout_ = &std::get<ast::Emit>(clause.body);
        on_timeout_span_ = clause.word;
        break;
      case ast::ClauseKind::kOnBreak:
        on_break_ = &std::get<ast::Emit>(clause.body);
        on_break_span_ = clause.word;
        break;
      case ast::ClauseKind::kOnMatch:
        on_match_ = &std::get<ast::OnMatch>(clause.body);
        on_match_span_ = clause.span;
        break;
      case ast::ClauseKind::kLimit: limits_.emplace_back(&std::get<ast::Limit>(clause.body), clause.span); break;
      default: check_metadata(clause);
    }
  }
  // A `no` behind the last step closes the rule.
  for (NoLine& line : no_lines_) {
    if (line.gap == 0) line.gap = -1;
  }
}

void RuleChecker::collect_step(const ast::Clause& clause) {
  const auto& step = std::get<ast::Step>(clause.body);
  if (nodes_.empty()) add_node(BlockNode::Kind::kSequence, -1);
  lines_.push_back({&step, clause.word});
  collect_body(step, clause.word, 0);
}

void RuleChecker::collect_no(const ast::Clause& clause) {
  no_lines_.push_back({&std::get<ast::Step>(clause.body), clause.word, static_cast<int>(steps_.size())});
}

std::optional<Duration> RuleChecker::positive(const ast::Expr& expr, std::string_view what) {
  if (expr.kind == ast::ExprKind::kDuration && expr.integer > 0) return Duration{expr.integer};
  reporter_.error("E146", expr.span, fmt::format("{} needs a duration greater than zero", what), {}, "write it as in `10m`");
  return std::nullopt;
}

void RuleChecker::check_metadata(const ast::Clause& clause) {
  switch (clause.kind) {
    case ast::ClauseKind::kDisabled: rule_.disabled = true; break;
    case ast::ClauseKind::kSeverity: severity_ = &std::get<ast::Expr>(clause.body); break;
    case ast::ClauseKind::kScore: score_ = &std::get<ast::Expr>(clause.body); break;
    case ast::ClauseKind::kTags:
      for (const ast::Name& tag : std::get<ast::Tags>(clause.body).names) rule_.info.tags.push_back(tag.text);
      break;
    case ast::ClauseKind::kMeta: check_meta(std::get<ast::Meta>(clause.body)); break;
    default: break;
  }
}

// A constant; or it is computed at the match, over what `emit` sees.
void RuleChecker::check_score(const ast::Expr& expr) {
  Scope scope;
  scope.rule = &view_;
  scope.report = true;
  scope.bound = static_cast<int>(rule_.stages.size());
  const Typed score = expressions_.builder().to_float(expressions_.check(expr, scope));
  if (!score.ok()) return;
  if (score.type() != Type::kFloat || (score.constant() && score.expr->value.null)) {
    reporter_.error("E140", expr.span, fmt::format("`score` needs a number, not {}", describe(score)), {}, "write `score 0.8`");
    return;
  }
  if (!score.constant()) {
    rule_.score = score.expr;
    return;
  }
  rule_.info.has_score = true;
  rule_.info.score = score.expr->value.f;
}

// Every text that the expression may have for its value, if that is seen: of `if`, of `??` and of constants.
bool RuleChecker::gives_levels(const Expr& expr) {
  if (expr.op == Op::kIf) return gives_levels(*expr.args[1]) && gives_levels(*expr.args[2]);
  if (expr.op == Op::kCoalesce) return gives_levels(*expr.args[0]) && gives_levels(*expr.args[1]);
  if (expr.op != Op::kConstant || expr.value.null) return true;
  if (std::find(kSeverities.begin(), kSeverities.end(), expr.value.s) != kSeverities.end()) return true;
  std::string help = reporter_.did_you_mean(expr.value.s, kSeverities);
  if (help.empty()) help = "write informational, low, medium, high or critical";
  reporter_.error("E140", expr.span, "this is not a severity", {}, help);
  return false;
}

void RuleChecker::check_severity(const ast::Expr& expr) {
  Typed value;
  if (expr.kind == ast::ExprKind::kPath && expr.path.size() == 1 && !world_.lets.contains(expr.path[0].name.text)) {
    value = TypedBuilder::constant_text(expr.path[0].name.text, expr.span);
  } else {
    Scope scope;
    scope.rule = &view_;
    scope.report = true;
    scope.bound = static_cast<int>(rule_.stages.size());
    value = expressions_.check(expr, scope);
  }
  if (!value.ok()) return;
  if (value.type() != Type::kString || value.null_literal) {
    reporter_.error("E140", expr.span, "this is not a severity", {}, "write informational, low, medium, high or critical");
    return;
  }
  if (!gives_levels(*value.expr)) return;
  if (value.constant())
    rule_.info.severity = value.expr->value.s;
  else
    rule_.severity = value.expr;
}

void RuleChecker::check_meta(const ast::Meta& meta) {
  RuleInfo::Meta result;
  result.name = meta.name.text;
  for (const RuleInfo::Meta& other : rule_.info.meta) {
    if (other.name == result.name)
      return reporter_.error("E143", meta.name.span, fmt::format("`meta {}` stands twice", result.name), {},
                             "make it a list: `meta name = [\"a\", \"b\"]`");
  }
  result.is_list = meta.value.kind == ast::ExprKind::kList;
  const std::span<const ast::Expr> values =
      result.is_list ? std::span<const ast::Expr>(meta.value.args) : std::span<const ast::Expr>(&meta.value, 1);
  for (const ast::Expr& value : values) {
    const Typed constant = expressions_.constant(value);
    if (constant.ok()) result.values.push_back(constant.null_literal ? "null" : text_of(constant.expr->value));
  }
  rule_.info.meta.push_back(std::move(result));
}

void RuleChecker::check_on_match(const ast::OnMatch& on_match, Span span) {
  switch (on_match.kind) {
    case ast::OnMatchKind::kConsume: rule_.on_match = OnMatch::kConsume; return;
    case ast::OnMatchKind::kKeep: rule_.on_match = OnMatch::kKeep; return;
    case ast::OnMatchKind::kSkipPastLast: rule_.on_match = OnMatch::kSkipPastLast; return;
    case ast::OnMatchKind::kSkipToNext: rule_.on_match = OnMatch::kSkipToNext; return;
    case ast::OnMatchKind::kSkipToLast: rule_.on_match = OnMatch::kSkipToLast; break;
    case ast::OnMatchKind::kSkipToFirst:
    case ast::OnMatchKind::kSkipTo: rule_.on_match = OnMatch::kSkipToFirst; break;
  }
  if (!on_match.step) return;
  const auto found = view_.step_by_name.find(on_match.step->text);
  if (found != view_.step_by_name.end()) {
    rule_.skip_stage = found->second;
    return;
  }
  if (damaged_) return;
  reporter_.error("E132", on_match.step->span.end != 0 ? Span(on_match.step->span) : span,
                  fmt::format("there is no step `{}` to skip to", on_match.step->text), {}, suggest_step(on_match.step->text));
}

std::string RuleChecker::suggest_step(std::string_view name) {
  std::vector<std::string> names;
  for (const StepView& step : view_.steps) {
    if (step.named) names.push_back(step.name);
  }
  if (std::string close = reporter_.did_you_mean(name, names); !close.empty()) return close;
  if (names.empty()) return "give the step a name: `first a: ..`";
  return fmt::format("the steps are {}", fmt::join(names, ", "));
}

}  // namespace sequitur::dsl
