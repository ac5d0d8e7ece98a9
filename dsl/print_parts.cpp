// What is too long for one line, or has comments inside, in several.
#include <fmt/format.h>

#include <algorithm>

#include "dsl/print.hpp"
#include "dsl/print_layout.hpp"

namespace sequitur::dsl {

namespace {

using ast::ExprKind;

// Where the streams and modes of a step end.
std::uint32_t head_end(const ast::Step& step) {
  std::uint32_t end = step.span.begin;
  auto reach = [&end](const Span& span) { end = std::max(end, span.end); };
  for (const ast::Name& stream : step.streams) reach(stream.span);
  if (step.count) reach(step.count->span);
  const ast::Modes& modes = step.modes;
  for (const Span& span : {modes.strict_span, modes.skipping_span, modes.greedy_span, modes.every_length_span, modes.optional_span})
    reach(span);
  return end;
}

// The parts of a step that stand behind its streams, but the conditions, each as it is printed.
void add_tail(Parts& parts, std::size_t margin, const ast::Step& step) {
  auto add = [&](auto member, const Span& span) {
    ast::Step one;
    member(one);
    parts.push_back({std::string(margin - 1, ' ') + step_tail_text(one), span.begin, span.end});
  };
  if (step.until) add_condition(parts, margin, "until", *step.until);
  if (step.gap) add([&](ast::Step& one) { one.gap = step.gap; }, step.gap->span);
  if (step.silence) add([&](ast::Step& one) { one.silence = step.silence; }, step.silence->span);
  for (const ast::TimeLimit& limit : step.limits) add([&](ast::Step& one) { one.limits = {limit}; }, limit.span);
}

Layout emit_layout(const ast::Clause& clause) {
  const auto& emit = std::get<ast::Emit>(clause.body);
  Layout layout{clause_text(clause), {}, {}};
  if (emit.fields.empty()) return layout;
  const std::string margin(padded_word("").size() + 2, ' ');
  layout.parts.push_back({emit_head_text(clause), clause.span.begin, emit.stream.span.end});
  for (const ast::EmitField& field : emit.fields) {
    const bool last = &field == &emit.fields.back();
    layout.parts.push_back({margin + emit_field_text(field) + (last ? "" : ","), field.span.begin, field.span.end});
  }
  layout.parts.push_back({padded_word("") + (emit.internal ? ") internal" : ")"), clause.span.end, clause.span.end});
  return layout;
}

}  // namespace

void add_condition(Parts& parts, std::size_t margin, std::string_view word, const ast::Expr& condition) {
  const bool logic = !condition.bracketed && (condition.kind == ExprKind::kAnd || condition.kind == ExprKind::kOr);
  if (!logic) {
    parts.push_back({fmt::format("{:{}}{} {}", "", margin, word, print(condition)), condition.span.begin, condition.span.end});
    return;
  }
  const std::string_view op = condition.kind == ExprKind::kAnd ? "and" : "or";
  for (const ast::Expr& operand : condition.args) {
    const bool first = &operand == &condition.args.front();
    parts.push_back({fmt::format("{:{}}{:>{}} {}", "", margin, first ? word : op, word.size(), operand_text(operand)), operand.span.begin,
                     operand.span.end});
  }
}

void add_excepts(Parts& parts, std::size_t margin, const std::vector<ast::Expr>& conditions) {
  for (const ast::Expr& condition : conditions) {
    parts.push_back({fmt::format("{:{}}except {}", "", margin, print(condition)), condition.span.begin, condition.span.end});
  }
}

Layout step_layout(const ast::Step& step) {
  const bool bare = step.word == ast::StepWord::kNone && step.form != ast::StepForm::kHold;
  const std::size_t margin = bare ? 4 : padded_word("").size();
  Layout layout{step_line_text(step), {}, {}};
  if (step.branches.empty()) {
    ast::Step head = step;
    head.where = std::nullopt;
    head.until = std::nullopt;
    head.gap = std::nullopt;
    head.silence = std::nullopt;
    head.limits.clear();
    layout.parts.push_back({step_line_text(head), step.span.begin, head_end(step)});
    if (step.where) add_condition(layout.parts, margin, "where", *step.where);
    add_tail(layout.parts, margin, step);
  }
  add_excepts(layout.excepts, margin, step.excepts);
  return layout;
}

Layout clause_layout(const ast::Clause& clause) {
  switch (clause.kind) {
    case ast::ClauseKind::kEmit:
    case ast::ClauseKind::kOnTimeout:
    case ast::ClauseKind::kOnBreak:
    case ast::ClauseKind::kOnClear: return emit_layout(clause);
    case ast::ClauseKind::kWhen:
    case ast::ClauseKind::kExcept: {
      Layout layout{clause_text(clause), {}, {}};
      add_condition(layout.parts, 0, clause.kind == ast::ClauseKind::kWhen ? "when  " : "except", std::get<ast::Expr>(clause.body));
      return layout;
    }
    default: return {clause_text(clause), {}, {}};
  }
}

}  // namespace sequitur::dsl
