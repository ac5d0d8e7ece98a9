// `hold h: S where c for d`: a step that is taken when a condition has stayed true for a time.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_rule_checker.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::size_t kMaxHolds = 16;

}  // namespace

void RuleChecker::check_hold(int stage, BlockNode& leaf) {
  const ast::Step& step = *steps_[static_cast<std::size_t>(stage)].ast;
  const Streams& streams = step_streams_[static_cast<std::size_t>(stage)];
  Hold hold;
  hold.samples.streams = streams.ids;
  hold.samples.key_way = rule_.stages[static_cast<std::size_t>(stage)].filter.key_way;
  if (const std::optional<Typed> named = filters_of(streams, step.span)) hold.samples.condition = named->expr;
  if (step.silence) {
    hold.duration = positive(step.silence->duration, "`for`").value_or(Duration{1});
    if (step.silence->anchor)
      reporter_.error("E177", step.silence->anchor->span, "a `hold` counts from the first sample of its stretch", {}, "leave out `after`");
    if (rule_.within && hold.duration > *rule_.within)
      reporter_.error("E116", step.silence->duration.span, "this is longer than the rule's `within`, so it can never come to that", {},
                      "make `within` longer than the hold");
  } else if (!damaged_) {
    reporter_.error("E177", step.span, "how long must this hold?", {}, "say it at the end of the line: `for 5m`");
  }
  if (step.gap) hold.gap = positive(*step.gap, "`gap`");
  if (!step.where && step.excepts.empty() && !step.gap && !damaged_)
    reporter_.error("E178", step.span, "nothing ends a stretch of this, because every sample fits", {},
                    "say what must stay true: `where ..`; or how long samples may be missing: `gap 1m`");
  if (static_cast<std::size_t>(std::count_if(steps_.begin(), steps_.begin() + stage,
                                             [](const StepLine& line) { return line.ast->form == ast::StepForm::kHold; })) >= kMaxHolds)
    reporter_.error("E148", step.span, fmt::format("a rule has at most {} of `hold`", kMaxHolds), {}, "make two rules of it");
  leaf.hold = std::move(hold);
  check_hold_modes(step, node_of_[static_cast<std::size_t>(stage)]);
}

void RuleChecker::check_hold_modes(const ast::Step& step, int node_index) {
  const auto refuse = [&](Span span, std::string_view what, std::string_view help) {
    reporter_.error("E176", span, fmt::format("`{}` cannot stand with `hold`", what), {}, std::string(help));
  };
  const ast::Modes& modes = step.modes;
  const std::string_view once = "a stretch is taken once, when it has lasted";
  if (step.count) refuse(step.count->span, "{..}", once);
  if (modes.strict) refuse(modes.strict_span, "strict", once);
  if (modes.skipping) refuse(modes.skipping_span, "skipping", once);
  if (modes.greedy) refuse(modes.greedy_span, "greedy", once);
  if (modes.every_length) refuse(modes.every_length_span, "every length", once);
  if (modes.optional) refuse(modes.optional_span, "optional", "write two branches: `either { hold ..  then b: .. } or { b: .. }`");
  if (step.until) refuse(step.until->span, "until", "a stretch ends with the first sample that does not fit");
  if (step.word == ast::StepWord::kLatest) refuse(step.span, "latest", "one stretch begins one run: write `hold` alone");
  // A branch that leaves a loop does so on an event, and a stretch is complete between events.
  for (int at = node_index; at > 0; at = node(at).parent) {
    for (const auto& [index, block] : block_steps_) {
      if (index != at) continue;
      const std::string_view inside = "take `hold` out of the block, or leave the mode out";
      if (block->modes.skipping) refuse(block->modes.skipping_span, "skipping", inside);
      if (block->modes.every_length) refuse(block->modes.every_length_span, "every length", inside);
    }
  }
}

// `on clear` is for what can stop: the stretch that a rule ends with.
void RuleChecker::check_clear() {
  if (on_clear_ == nullptr || damaged_) return;
  const bool holds = lines_.back().ast->form == ast::StepForm::kHold && rule_.closing.silences.empty();
  if (!holds)
    reporter_.error("E252", on_clear_span_, "a rule clears when what it reports stops, and this one reports what has happened", {},
                    "end the rule with `hold ..`, or take `window` and `when`");
}

}  // namespace sequitur::dsl
