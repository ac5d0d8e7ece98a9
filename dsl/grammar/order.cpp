#include "dsl/grammar/order.hpp"

#include <map>
#include <string>
#include <string_view>

namespace sequitur::dsl::grammar {

namespace {

using ast::ClauseKind;

int rank(ClauseKind kind) {
  switch (kind) {
    case ClauseKind::kSeverity:
    case ClauseKind::kScore:
    case ClauseKind::kTags:
    case ClauseKind::kMeta:
    case ClauseKind::kDisabled: return 0;
    case ClauseKind::kKey: return 1;
    case ClauseKind::kWithin:
    case ClauseKind::kWindow: return 2;
    case ClauseKind::kCancel: return 3;
    case ClauseKind::kStep:
    case ClauseKind::kNo:
    case ClauseKind::kOver:
    case ClauseKind::kTrigger:
    case ClauseKind::kExcept: return 4;
    case ClauseKind::kWhen: return 5;
    case ClauseKind::kEmit: return 6;
    case ClauseKind::kMessage: return 7;
    case ClauseKind::kOnTimeout:
    case ClauseKind::kOnBreak:
    case ClauseKind::kOnClear:
    case ClauseKind::kOnMatch: return 8;
    case ClauseKind::kLimit: return 9;
  }
  return 9;
}

bool at_most_one(ClauseKind kind) {
  switch (kind) {
    case ClauseKind::kMeta:
    case ClauseKind::kCancel:
    case ClauseKind::kStep:
    case ClauseKind::kNo:
    case ClauseKind::kOver:
    case ClauseKind::kTrigger:
    case ClauseKind::kLimit:
    case ClauseKind::kExcept: return false;
    default: return true;
  }
}

// Parts that the grammar takes behind any step, but that mean something behind some only.
void check_parts(State& state, const ast::Step& step) {
  const bool absence = step.word == ast::StepWord::kNo || step.word == ast::StepWord::kNoNext || step.form == ast::StepForm::kHold;
  if (step.silence && !absence) {
    const std::string_view duration = state.text(step.silence->duration.span);
    state.report("E028", step.silence->span, "`for` belongs to `no` and `hold`",
                 "a time limit is written `at most " + std::string(duration) + " after STEP`");
  }
  if (step.last && step.word != ast::StepWord::kOver) {
    state.report("E028", step.last->span, "`last` belongs to `over`", "the span of a sequence is its `within`");
  }
  for (const ast::Branch& branch : step.branches) {
    for (const ast::Step& inner : branch.steps) check_parts(state, inner);
  }
}

}  // namespace

void check_order(State& state, const std::vector<ast::Clause>& clauses) {
  std::map<ClauseKind, const ast::Clause*> seen;
  const ast::Clause* furthest = nullptr;
  for (const ast::Clause& clause : clauses) {
    std::string word(state.text(clause.word));
    if (const auto* step = std::get_if<ast::Step>(&clause.body)) check_parts(state, *step);
    if (auto [it, fresh] = seen.try_emplace(clause.kind, &clause); !fresh && at_most_one(clause.kind)) {
      state.report("E017", clause.word, "a rule has one `" + word + "`", "leave one of them out");
    }
    if (furthest && rank(clause.kind) < rank(furthest->kind)) {
      std::string help = clause.kind == ClauseKind::kWithin
                             ? "move it up, behind `key`; a time limit of one step is written `at most 5m after STEP`"
                             : "the order is: metadata, key, within, cancel on, steps, emit, message, on .., limit";
      state.report("E016", clause.word, "`" + word + "` belongs before `" + std::string(state.text(furthest->word)) + "`", std::move(help));
    } else {
      furthest = &clause;
    }
  }
}

}  // namespace sequitur::dsl::grammar
