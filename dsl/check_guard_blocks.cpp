// Blocks behind `no`: `no all { .. } for 5m`, `no either { a: A  then b: B }`. The block is a rule of its own that may come about
// in the gap: its steps are numbered behind those in front of the gap, which its conditions may look at. What it means is in
// docs/semantics.md, 3.8.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_rule_checker.hpp"

namespace sequitur::dsl {

RuleChecker::RuleChecker(RuleChecker& outer, const NoLine& line)
    : RuleChecker(outer.ast_, outer.damaged_, outer.expressions_, outer.emitted_) {
  outer_ = &outer;
  first_stage_ = line.gap;
  rule_.info.name = outer.rule_.info.name;
  rule_.within = outer.rule_.within;
  const auto front = [&](auto& to, const auto& from) { to.assign(from.begin(), from.begin() + line.gap); };
  front(steps_, outer.steps_);
  front(step_streams_, outer.step_streams_);
  front(rule_.stages, outer.rule_.stages);
  front(view_.steps, outer.view_.steps);
  for (const auto& [name, step] : outer.view_.step_by_name)
    if (step < line.gap) view_.step_by_name.emplace(name, step);
  node_of_.assign(steps_.size(), -1);
  add_node(BlockNode::Kind::kSequence, -1);
  refuse_in_guard_block(*line.ast, true);
  collect_body(*line.ast, line.span, 0);
  view_steps();
  view_blocks();
  for (auto i = static_cast<std::size_t>(first_stage_); i < steps_.size(); ++i)
    if (steps_[i].ast->name) outer.view_.absent.push_back(steps_[i].ast->name->text);
  // Steps behind the gap: known by name, so that it can be said that they come later.
  for (auto i = static_cast<std::size_t>(first_stage_); i < outer.steps_.size(); ++i) {
    const StepView& later = outer.view_.steps[i];
    if (!later.named || !view_.step_by_name.emplace(later.name, static_cast<int>(view_.steps.size())).second) continue;
    view_.steps.push_back(later);
  }
  for (const NoLine& no : no_lines_) no_streams_.push_back(resolve_streams(no.ast->streams));
  guard_blocks_.resize(no_lines_.size());
}

// Whether the block has come about is all that is asked, in the gap in which it is; so what says in how many ways it does, or
// what else may come by, has no place in it.
void RuleChecker::refuse_in_guard_block(const ast::Step& step, bool whole) {
  const auto refuse = [&](Span span, std::string_view what, std::string_view help) {
    reporter_.error("E179", span, fmt::format("`{}` cannot stand {}behind `no`", what, whole && step.branches.empty() ? "" : "in a block "),
                    {}, std::string(help));
  };
  const std::string_view once = "leave it out: one way in which the block comes about is enough";
  const std::string_view between = "say which events may not lie between: `no ..` in front of the step";
  const ast::Modes& modes = step.modes;
  if (modes.skipping) refuse(modes.skipping_span, "skipping", once);
  if (modes.every_length) refuse(modes.every_length_span, "every length", once);
  if (modes.strict) refuse(modes.strict_span, "strict", between);
  if (whole && modes.optional) refuse(modes.optional_span, "optional", "leave it out: a block that may be nothing is always there");
  if (step.form == ast::StepForm::kHold) refuse(step.span, "hold", "emit it from a rule of its own, and write `no` of that stream");
  if (step.word == ast::StepWord::kEach) refuse(step.span, "each", "write `then`");
  if (step.word == ast::StepWord::kNext) refuse(step.span, "next", between);
  if (step.word == ast::StepWord::kNoNext && !whole) refuse(step.span, "no next", "write `no`");
  if (step.word == ast::StepWord::kNo && !whole && !step.branches.empty())
    refuse(step.span, "no", "a block of single events only: emit the inner block from a rule of its own, and write `no` of that stream");
  for (const ast::Branch& branch : step.branches)
    for (const ast::Step& inner : branch.steps) refuse_in_guard_block(inner, false);
}

void RuleChecker::open_guard_blocks() {
  guard_blocks_.resize(no_lines_.size());
  const std::string_view help = "emit the block from a rule of its own, `emit both(..) internal`, and name that stream here";
  for (std::size_t i = 0; i < no_lines_.size(); ++i) {
    const NoLine& line = no_lines_[i];
    if (line.ast->form == ast::StepForm::kHold) refuse_in_guard_block(*line.ast, true);
    if (line.ast->branches.empty()) continue;
    if (line.ast->word == ast::StepWord::kNoNext) {
      reporter_.error("E179", line.span, "`no next` looks at one event, which is no block", {}, "write `no`");
    } else if (line.gap < 0) {
      reporter_.error("E179", line.span, "a `no` before the first step looks back at single events, not at blocks", {}, std::string(help));
    } else {
      guard_blocks_[i] = std::unique_ptr<RuleChecker>(new RuleChecker(*this, line));
      has_blocks_ = true;
    }
  }
  for (const ast::Step* cancel : cancels_)
    if (cancel->form != ast::StepForm::kEvent)
      reporter_.error("E179", cancel->span, "`cancel on` is for single events", {}, std::string(help));
}

// The streams of the block's own lines.
void RuleChecker::add_streams_of(const RuleChecker& block, std::vector<StreamId>& to) const {
  const auto add = [&](const Streams& streams) {
    for (const StreamId id : streams.ids)
      if (std::find(to.begin(), to.end(), id) == to.end()) to.push_back(id);
  };
  for (auto i = static_cast<std::size_t>(block.first_stage_); i < block.step_streams_.size(); ++i) add(block.step_streams_[i]);
  for (const Streams& streams : block.no_streams_) add(streams);
}

Guard RuleChecker::block_guard(const NoLine& line) {
  RuleChecker& block = *guard_blocks_[static_cast<std::size_t>(&line - no_lines_.data())];
  Guard guard;
  guard.id = next_guard_id_++;
  add_streams_of(block, view_.break_streams);
  guard.block = std::make_shared<const Rule>(block.check_as_guard());
  return guard;
}

// Behind the checks of the rule's key and steps.
Rule RuleChecker::check_as_guard() {
  way_of_line_ = outer_->way_of_line_;
  view_.key = rule_.key = outer_->rule_.key;
  rule_.key_ways = outer_->rule_.key_ways;
  rule_.streams = outer_->rule_.streams;
  for (std::size_t i = 0; i < static_cast<std::size_t>(first_stage_); ++i) {
    rule_.stages[i] = outer_->rule_.stages[i];
    rule_.stages[i].gap = {};
  }
  check_hiding();
  check_steps();
  check_no_lines();
  check_blocks();
  rule_.past = outer_->rule_.past;
  rule_.within.reset();  // It bounds the run, and with it the gap.
  return std::move(rule_);
}

}  // namespace sequitur::dsl
