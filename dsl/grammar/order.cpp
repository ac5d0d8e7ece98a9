#include "dsl/grammar/order.hpp"

#include <map>
#include <string>

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

}  // namespace

void check_order(State& state, const std::vector<ast::Clause>& clauses) {
  std::map<ClauseKind, const ast::Clause*> seen;
  const ast::Clause* furthest = nullptr;
  for (const ast::Clause& clause : clauses) {
    std::string word(state.text(clause.word));
    if (auto [it, fresh] = seen.try_emplace(clause.kind, &clause); !fresh && at_most_one(clause.kind)) {
      state.report("E017", clause.word, "a rule has one `" + word + "`", "leave one of them out");
    }
    if (furthest && rank(clause.kind) < rank(furthest->kind)) {
      std::string help = clause.kind == ClauseKind::kWithin
                             ? "move it up, behind `key`; a time limit of one step is written `at most 5m after STEP`"
                             : "the order is: metadata, key, within, cancel on, steps, emit, message, on .., limit";
      state.report("E016", clause.word, "`" + word + "` stands before `" + std::string(state.text(furthest->word)) + "`", std::move(help));
    } else {
      furthest = &clause;
    }
  }
}

}  // namespace sequitur::dsl::grammar
