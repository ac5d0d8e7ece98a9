// Rules with a window instead of steps: window, over, trigger, when, and what they report.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_rule_checker.hpp"
#include "dsl/checked_window.hpp"
#include "event/zone.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::uint64_t kMaxOverlap = 10'000;  // Of hopping windows.
constexpr std::uint64_t kMaxWindowEvents = 1'000'000;
constexpr Duration kLongest = std::chrono::hours{24 * 100'000};
constexpr Duration kDay = std::chrono::hours{24};

std::string_view shape_name(ast::WindowKind kind) {
  return kind == ast::WindowKind::kSliding ? "a sliding window" : "a window of last events";
}

}  // namespace

// Whether the clause belongs to a rule with a window.
bool RuleChecker::collect_window_clause(const ast::Clause& clause) {
  switch (clause.kind) {
    case ast::ClauseKind::kWindow:
      window_ = &std::get<ast::Window>(clause.body);
      window_span_ = clause.word;
      return true;
    case ast::ClauseKind::kOver: overs_.push_back({&std::get<ast::Step>(clause.body), clause.word}); return true;
    case ast::ClauseKind::kTrigger:
      for (const ast::Trigger& trigger : std::get<ast::Triggers>(clause.body)) triggers_.emplace_back(&trigger, clause.word);
      return true;
    case ast::ClauseKind::kWhen:
      when_ = &std::get<ast::Expr>(clause.body);
      when_span_ = clause.word;
      return true;
    case ast::ClauseKind::kOnClear:
      on_clear_ = &std::get<ast::Emit>(clause.body);
      on_clear_span_ = clause.word;
      return true;
    default: return false;
  }
}

// What belongs to steps only.
void RuleChecker::refuse_steps() {
  for (const ast::Clause& clause : ast_.clauses) {
    switch (clause.kind) {
      case ast::ClauseKind::kStep:
      case ast::ClauseKind::kNo:
      case ast::ClauseKind::kWithin:
      case ast::ClauseKind::kCancel:
      case ast::ClauseKind::kOnTimeout:
      case ast::ClauseKind::kOnBreak:
      case ast::ClauseKind::kOnMatch:
        reporter_.error("E250", clause.word, "a rule has either steps or a window", "belongs to a rule with steps",
                        "write two rules; events go into a window with `over p: stream where ..`");
        break;
      default: break;
    }
  }
}

void RuleChecker::check_window_rule() {
  refuse_steps();
  if (overs_.empty()) {
    if (!damaged_)
      reporter_.error("E251",
                      window_ != nullptr ? window_span_
                      : when_ != nullptr ? when_span_
                                         : Span(ast_.name.span),
                      "the rule does not say which events go into the window", {}, "add `over p: stream where ..`");
    return;
  }
  steps_ = overs_;
  no_lines_.clear();
  cancels_.clear();
  view_.window = true;
  view_steps();
  for (StepView& line : view_.steps) line.max = kUnbounded;
  collect_streams();
  check_hiding();
  if (key_ != nullptr) check_key(*key_);
  for (std::size_t i = 0; i < steps_.size(); ++i) check_over(i);
  auto window = std::make_shared<Window>();
  check_window_shape(*window);
  check_triggers(*window);
  Scope scope;
  scope.rule = &view_;
  scope.report = true;
  scope.bound = static_cast<int>(rule_.stages.size());
  if (when_ != nullptr) window->when = expressions_.condition(*when_, scope, "`when`").expr;
  window->always = emit_ != nullptr && emit_->always;
  if (when_ == nullptr && emit_ != nullptr && !emit_->always && !damaged_)
    reporter_.error("E252", emit_->stream.span, "when is this reported?", {},
                    "add `when ..`, or write `emit always` to report every result of the window");
  if (when_ == nullptr && on_clear_ != nullptr && !damaged_)
    reporter_.error("E252", on_clear_span_, "without `when` nothing can stop to hold", {}, "add `when ..`, or leave out `on clear`");
  rule_.window = std::move(window);
  check_reports();
}

void RuleChecker::check_over(std::size_t index) {
  const ast::Step& step = *steps_[index].ast;
  const bool more = step.count || step.until || step.gap || !step.limits.empty() || step.modes.optional || step.modes.strict ||
                    step.modes.greedy || step.modes.skipping || step.modes.every_length;
  if (more)
    reporter_.error("E250", step.span, "a line of a window takes every event that fits", {},
                    "leave out counts, modes and time limits: `over p: stream where ..`");
  Stage& stage = rule_.stages[index];
  stage.max = kUnbounded;
  Scope scope = scope_at(0, false, step_streams_[index]);
  scope.previous = {};
  scope.past = nullptr;
  stage.filter = make_filter(step, step_streams_[index], scope);
}

void RuleChecker::check_window_shape(Window& window) {
  static const ast::Window kSpansOfLines{};
  const bool own_spans = std::all_of(overs_.begin(), overs_.end(), [](const StepLine& line) { return line.ast->last.has_value(); });
  if (window_ == nullptr && !own_spans) {
    if (!damaged_)
      reporter_.error("E251", ast_.name.span, "the rule does not say how long its window is", {},
                      "add `window 1h sliding`, or end each line with a span: `last 1h`");
    return;
  }
  const ast::Window& ast = window_ != nullptr ? *window_ : kSpansOfLines;
  switch (ast.kind) {
    case ast::WindowKind::kSliding: window.kind = WindowKind::kSliding; break;
    case ast::WindowKind::kTumbling: window.kind = WindowKind::kTumbling; break;
    case ast::WindowKind::kHopping: window.kind = WindowKind::kHopping; break;
    case ast::WindowKind::kSession: window.kind = WindowKind::kSession; break;
    case ast::WindowKind::kLastEvents: window.kind = WindowKind::kLastEvents; break;
  }
  if (window.kind == WindowKind::kLastEvents) {
    const auto count = [&](const ast::Expr& expr) -> std::uint64_t {
      if (expr.integer >= 1 && static_cast<std::uint64_t>(expr.integer) <= kMaxWindowEvents)
        return static_cast<std::uint64_t>(expr.integer);
      reporter_.error("E256", expr.span, fmt::format("a window of last events has 1 to {} events", kMaxWindowEvents), {},
                      "write `window last 100 events`");
      return 1;
    };
    window.events = ast.size ? count(*ast.size) : 1;
    window.every_events = ast.every ? count(*ast.every) : 1;
    if (ast.ttl) window.ttl = positive(*ast.ttl, "`ttl`").value_or(Duration{1});
  } else if (ast.size) {
    for (const auto* size : {&ast.size, &ast.every})
      if (*size && (*size)->kind == ast::ExprKind::kDuration && (*size)->integer > kLongest.count())
        reporter_.error("E256", (*size)->span, "a window of more than a hundred thousand days", {}, "make it shorter");
    window.size = positive(*ast.size, "`window`").value_or(Duration{1});
    if (ast.every) window.every = positive(*ast.every, "`every`").value_or(Duration{1});
  }
  if (window.kind == WindowKind::kHopping && window.every.count() > 0 &&
      static_cast<std::uint64_t>(window.size / window.every) > kMaxOverlap)
    reporter_.error("E256", ast.every->span, fmt::format("each event would be in more than {} windows", kMaxOverlap), {},
                    "make `every` longer, or use a sliding window");
  if (ast.zone) check_window_zone(*ast.zone, window);
  for (const StepLine& line : overs_) {
    if (line.ast->last && window.kind != WindowKind::kSliding)
      reporter_.error("E254", line.ast->last->span, "lines with a span of their own need a sliding window", {},
                      "write `window .. sliding`, or leave out `last`");
    window.spans.push_back(line.ast->last ? positive(*line.ast->last, "`last`").value_or(Duration{1}) : window.size);
  }
}

void RuleChecker::check_window_zone(const ast::Expr& zone, Window& window) {
  window.zone = zone.text;
  if (window.size != kDay && window.size != 7 * kDay)
    reporter_.error("E256", zone.span, "with a zone a window is a calendar day or week", {},
                    "write `window 1d tumbling zone ..` or `window 7d tumbling zone ..`");
  if (!Zone::find(zone.text))
    reporter_.error("E107", zone.span, "this is not the name of a time zone", {}, "write it as in `zone \"Europe/Berlin\"`");
}

void RuleChecker::check_triggers(Window& window) {
  bool at_end = false, between = false, early = false;
  for (const auto& [trigger, word] : triggers_) {
    const Span span = trigger->amount ? Span(trigger->amount->span) : word;
    if (window_ != nullptr && (window.kind == WindowKind::kSliding || window.kind == WindowKind::kLastEvents)) {
      reporter_.error("E253", word, fmt::format("{} reports at every event, so nothing triggers it", shape_name(window_->kind)), {},
                      "leave out `trigger`, or take a tumbling, hopping or session window");
      return;
    }
    const auto twice = [&](bool already) {
      if (already) reporter_.error("E253", span, "two triggers of one kind", "again here", "leave one of them out");
    };
    switch (trigger->kind) {
      case ast::TriggerKind::kWatermark: at_end = true; break;
      case ast::TriggerKind::kEveryEvents:
        twice(window.period_events > 0);
        between = true;
        if (trigger->amount->integer < 1)
          reporter_.error("E253", span, "a trigger needs at least one event", {}, "write `trigger every 100 events`");
        window.period_events = static_cast<std::uint64_t>(std::max<std::int64_t>(1, trigger->amount->integer));
        break;
      case ast::TriggerKind::kEveryDuration:
      case ast::TriggerKind::kEarly:
        twice(window.period.has_value());
        (trigger->kind == ast::TriggerKind::kEarly ? early : between) = true;
        window.period = positive(*trigger->amount, "`trigger`").value_or(Duration{1});
        break;
      case ast::TriggerKind::kLate:
        reporter_.error("E258", span, "events that come late do not reach a window again", {},
                        "say it where the stream is declared: `late revise` issues the alerts they change anew");
        break;
      case ast::TriggerKind::kAccumulating: break;
      case ast::TriggerKind::kDiscarding: window.discarding = true; break;
    }
  }
  window.at_end = at_end || early || !between;
}

}  // namespace sequitur::dsl
