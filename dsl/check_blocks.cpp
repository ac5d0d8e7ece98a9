// Blocks: `all`, `n of`, `either`, `repeat`. Their steps are stages like any other; the tree says how they go together.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_rule_checker.hpp"

namespace sequitur::dsl {
namespace {

bool mentions(const Expr& expr, int stage) {
  const bool of_step = expr.op == Op::kStepField || expr.op == Op::kAggregate || expr.op == Op::kStepExists;
  if (of_step && expr.step == stage) return true;
  return std::any_of(expr.args.begin(), expr.args.end(), [&](const ExprPtr& arg) { return arg && mentions(*arg, stage); });
}

std::string_view word_of(ast::StepForm form) {
  switch (form) {
    case ast::StepForm::kAll: return "all";
    case ast::StepForm::kSomeOf: return "of";
    case ast::StepForm::kEither: return "either";
    case ast::StepForm::kRepeat: return "repeat";
    case ast::StepForm::kHold: return "hold";
    case ast::StepForm::kEvent: break;
  }
  return "step";
}

}  // namespace

int RuleChecker::add_node(BlockNode::Kind kind, int parent) {
  const int index = static_cast<int>(nodes_.size());
  BlockNode node;
  node.kind = kind;
  node.parent = parent;
  if (parent >= 0) {
    node.place = static_cast<int>(nodes_[static_cast<std::size_t>(parent)].parts.size());
    nodes_[static_cast<std::size_t>(parent)].parts.push_back(index);
  }
  nodes_.push_back(std::move(node));
  return index;
}

// A step or block as a part of the sequence or `all` with this number.
void RuleChecker::collect_body(const ast::Step& step, Span word, int parent) {
  using Form = ast::StepForm;
  if (step.form == Form::kHold) has_blocks_ = true;
  if (step.form == Form::kEvent || step.form == Form::kHold) {
    if (steps_.size() >= kMaxStages) {
      if (!too_many_steps_)
        reporter_.error("E148", word, fmt::format("a rule has at most {} steps", kMaxStages), {}, "use a loop: `then a: stream{5}`");
      too_many_steps_ = true;
      return;
    }
    const int index = add_node(BlockNode::Kind::kStep, parent);
    nodes_[static_cast<std::size_t>(index)].stage = static_cast<int>(steps_.size());
    node_of_.push_back(index);
    steps_.push_back({&step, word});
    return;
  }
  has_blocks_ = true;
  const BlockNode::Kind kind = step.form == Form::kEither   ? BlockNode::Kind::kEither
                               : step.form == Form::kRepeat ? BlockNode::Kind::kRepeat
                                                            : BlockNode::Kind::kAll;
  const int index = add_node(kind, parent);
  block_steps_.emplace_back(index, &step);
  const auto refuse = [&](Span span, std::string_view what) {
    reporter_.error("E173", span, fmt::format("`{}` cannot stand behind the block `{}`", what, word_of(step.form)), {},
                    "put it behind the steps inside");
  };
  if (step.where) refuse(step.where->span, "where");
  if (!step.excepts.empty()) refuse(step.excepts.front().span, "except");
  if (step.until && step.form != Form::kRepeat) refuse(step.until->span, "until");
  if (step.gap && step.form != Form::kRepeat) refuse(step.gap->span, "gap");
  if (step.silence && step.word != ast::StepWord::kNo) refuse(step.silence->span, "for");
  if (step.last) refuse(step.last->span, "last");
  if (step.word == ast::StepWord::kLatest) reporter_.error("E171", word, "`latest` is for a step, not for a block", {}, "write `first`");
  for (const ast::Branch& branch : step.branches) {
    if (kind == BlockNode::Kind::kAll) {
      for (const ast::Step& line : branch.steps) collect_line(line, index);
    } else {
      collect_branch(branch, add_node(BlockNode::Kind::kSequence, index));
    }
  }
  const auto lines = nodes_[static_cast<std::size_t>(index)].parts.size();
  if (kind != BlockNode::Kind::kAll) return;
  const std::uint64_t needed = step.form == Form::kSomeOf ? step.some_of : lines;
  if (needed < 1 || needed > lines)
    reporter_.error("E174", step.span, fmt::format("of {} lines {} cannot come", lines, needed), {}, fmt::format("write 1 to {}", lines));
  nodes_[static_cast<std::size_t>(index)].needed =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(needed, 1, std::max<std::size_t>(lines, 1)));
}

void RuleChecker::collect_branch(const ast::Branch& branch, int sequence) {
  bool behind_step = false;
  for (const ast::Step& step : branch.steps) {
    const bool no = step.word == ast::StepWord::kNo || step.word == ast::StepWord::kNoNext;
    if (no) {
      no_lines_.push_back({&step, step.span, static_cast<int>(steps_.size())});
    } else {
      if (behind_step && step.word == ast::StepWord::kNone && step.form != ast::StepForm::kHold)
        reporter_.error("E122", step.span, "a step behind another one begins with a word", {}, "write `then`, `next` or `each`");
      collect_body(step, step.span, sequence);
      behind_step = true;
    }
    if (step.word == ast::StepWord::kFirst || step.word == ast::StepWord::kLatest)
      reporter_.error("E122", step.span, "`first` and `latest` begin a rule, not a block", {}, "write `then`, or leave it out");
  }
  if (branch.steps.empty()) return;
  const ast::Step& last = branch.steps.back();
  if (last.word != ast::StepWord::kNo && last.word != ast::StepWord::kNoNext) return;
  no_lines_.pop_back();
  reporter_.error("E172", last.span, "a `no` cannot be the last line of a block's branch", {},
                  "put it behind the block, or a step behind it");
}

void RuleChecker::collect_line(const ast::Step& line, int all) {
  if (line.form == ast::StepForm::kHold) return collect_body(line, line.span, all);  // See check_hold().
  const ast::Modes& modes = line.modes;
  const auto refuse = [&](Span span, std::string_view what) {
    reporter_.error("E173", span, fmt::format("`{}` cannot stand on a line of `all` or `of`", what), {},
                    "its events come in any order: give it a count only");
  };
  if (modes.strict) refuse(modes.strict_span, "strict");
  if (modes.skipping) refuse(modes.skipping_span, "skipping");
  if (modes.greedy) refuse(modes.greedy_span, "greedy");
  if (modes.every_length) refuse(modes.every_length_span, "every length");
  if (line.gap) refuse(line.gap->span, "gap");
  if (line.until) refuse(line.until->span, "until");
  collect_body(line, line.span, all);
}

// Whether a step may be left out although the rule matches, and whether it may be taken in several rounds.
void RuleChecker::view_blocks() {
  for (std::size_t stage = 0; stage < node_of_.size(); ++stage) {
    StepView& view = view_.steps[stage];
    for (int at = node_of_[stage]; at > 0; at = node(at).parent) {
      const BlockNode& above = node(node(at).parent);
      if (above.kind == BlockNode::Kind::kEither && above.parts.size() > 1) view.optional = true;
      if (above.kind == BlockNode::Kind::kAll && above.needed < above.parts.size()) view.optional = true;
    }
    for (const auto& [index, step] : block_steps_) {
      bool inside = false;
      for (int at = node_of_[stage]; at > 0; at = node(at).parent) inside = inside || at == index;
      if (!inside || step->form != ast::StepForm::kRepeat) continue;
      if (step->modes.optional) view.optional = true;
      view.rounds = view.max == 1;  // Not a `hold`: it has several events even in one round.
      view.max = kUnbounded;
    }
  }
}

// Behind the checks of steps and gaps: what the tree has to know of them.
void RuleChecker::check_blocks() {
  if (!has_blocks_) return;
  for (const auto& [index, step] : block_steps_) check_block(index, *step);
  for (auto stage = static_cast<std::size_t>(first_stage_); stage < node_of_.size(); ++stage) {
    BlockNode& leaf = nodes_[static_cast<std::size_t>(node_of_[stage])];
    Stage& code = rule_.stages[stage];
    leaf.next = code.next;
    leaf.each = code.each;
    leaf.min = code.min;
    leaf.max = code.max;
    leaf.optional = code.optional;
    leaf.greedy = code.greedy;
    leaf.strict = code.strict;
    leaf.skipping = code.skipping;
    leaf.every_length = code.every_length;
    if (code.until) leaf.until = {{code.filter.streams, code.until, code.filter.key_way}};
    leaf.gap_limit = code.gap_limit;
    leaf.limits = code.limits;
    if (is_hold(static_cast<int>(stage))) check_hold(static_cast<int>(stage), leaf);
    // The gap in front of a block was noted at its first step.
    int owner = node_of_[stage];
    while (owner > 0 && node(owner).place == 0) owner = node(owner).parent;
    if (owner > 0) std::swap(nodes_[static_cast<std::size_t>(owner)].gap, code.gap);
    check_first(leaf, steps_[stage].word);
  }
  auto blocks = std::make_shared<Blocks>();
  blocks->nodes = std::move(nodes_);
  blocks->node_of = std::move(node_of_);
  blocks->first_stage = first_stage_;
  rule_.blocks = std::move(blocks);
}

// `until` of a block: the condition, of the events of all its lines. Each of them is of the key as its line reads it.
std::vector<Filter> RuleChecker::until_of_lines(std::span<const int> stages, const ExprPtr& condition) const {
  std::vector<Filter> filters;
  for (const int stage : stages) {
    const Filter& line = rule_.stages[static_cast<std::size_t>(stage)].filter;
    auto own = std::find_if(filters.begin(), filters.end(), [&](const Filter& other) { return other.key_way == line.key_way; });
    if (own == filters.end()) own = filters.insert(own, {{}, condition, line.key_way});
    for (const StreamId id : line.streams)
      if (std::find(own->streams.begin(), own->streams.end(), id) == own->streams.end()) own->streams.push_back(id);
  }
  return filters;
}

void RuleChecker::check_block(int index, const ast::Step& step) {
  BlockNode& block = nodes_[static_cast<std::size_t>(index)];
  block.next = step.word == ast::StepWord::kNext;
  block.each = step.word == ast::StepWord::kEach;
  std::vector<StreamId> streams;
  std::vector<int> stages;
  for (std::size_t stage = 0; stage < node_of_.size(); ++stage) {
    bool inside = false;
    for (int at = node_of_[stage]; at > 0; at = node(at).parent) inside = inside || at == index;
    if (!inside) continue;
    stages.push_back(static_cast<int>(stage));
    for (const StreamId id : step_streams_[stage].ids)
      if (std::find(streams.begin(), streams.end(), id) == streams.end()) streams.push_back(id);
  }
  if (stages.empty()) return;
  Stage like;  // Counts and modes are those of a step.
  like.name = std::string(word_of(step.form));
  if (step.form == ast::StepForm::kRepeat) {
    check_count(step, like);
    if (step.until) {
      Streams all;
      all.ids = streams;
      block.until = until_of_lines(stages, expressions_.condition(*step.until, scope_at(stages.front(), false, all), "`until`").expr);
    }
  }
  check_limits(step, like, stages.front());
  block.min = like.min;
  block.max = like.max;
  block.optional = like.optional;
  block.greedy = like.greedy;
  block.strict = like.strict;
  block.skipping = like.skipping;
  block.every_length = like.every_length;
  block.gap_limit = like.gap_limit;
  block.limits = like.limits;
  check_first(block, step.span);
}

// What may be left out by a fork must have something in front of it where the branch can wait.
void RuleChecker::check_first(const BlockNode& part, Span span) {
  if (part.place > 0 || node(part.parent).kind != BlockNode::Kind::kSequence || !part.optional || !part.every_length) return;
  reporter_.error("E175", span, "the first step of a rule with blocks, or of a branch, cannot be optional with `every length`", {},
                  "leave out `every length`");
}

// Moves the parts of the condition that name siblings from the filter to the node.
void RuleChecker::split_sibling_conditions(int stage) {
  BlockNode& leaf = nodes_[static_cast<std::size_t>(node_of_[static_cast<std::size_t>(stage)])];
  ExprPtr& condition = rule_.stages[static_cast<std::size_t>(stage)].filter.condition;
  if (!condition) return;
  const std::vector<ExprPtr> parts = condition->op == Op::kAnd ? condition->args : std::vector<ExprPtr>{condition};
  std::vector<ExprPtr> own;
  for (const ExprPtr& part : parts) {
    SiblingCondition later{part, {}};
    for (const int sibling : node(leaf.parent).parts)
      if (node(sibling).stage != stage && mentions(*part, node(sibling).stage)) later.siblings.push_back(sibling);
    if (later.siblings.empty())
      own.push_back(part);
    else
      leaf.conditions.push_back(std::move(later));
  }
  if (own.empty()) {
    condition = nullptr;
  } else if (own.size() == 1) {
    condition = own.front();
  } else if (own.size() < parts.size()) {
    Expr joined = *condition;
    joined.args = own;
    condition = std::make_shared<const Expr>(std::move(joined));
  }
}

// Whether the part of the rule comes to an end with one of its events, or is closed.
bool RuleChecker::ends_by_itself(const BlockNode& part) const {
  const auto closes = [&](const auto& modes) { return modes.min == modes.max || modes.every_length || modes.strict || modes.gap_limit; };
  switch (part.kind) {
    case BlockNode::Kind::kStep: {
      const Stage& stage = rule_.stages[static_cast<std::size_t>(part.stage)];
      return stage.every_length || (!stage.optional && (closes(stage) || stage.until != nullptr));
    }
    case BlockNode::Kind::kSequence: return !part.parts.empty() && ends_by_itself(node(part.parts.back()));
    case BlockNode::Kind::kRepeat:
      return (part.every_length || (!part.optional && (closes(part) || !part.until.empty()))) && ends_by_itself(node(part.parts.front()));
    case BlockNode::Kind::kEither:
      return std::all_of(part.parts.begin(), part.parts.end(), [&](int branch) { return ends_by_itself(node(branch)); });
    case BlockNode::Kind::kAll:
      return std::all_of(part.parts.begin(), part.parts.end(), [&](int line) {
        const Stage& stage = rule_.stages[static_cast<std::size_t>(node(line).stage)];
        return stage.min == stage.max && (!stage.optional || part.needed < part.parts.size());
      });
  }
  return true;
}

}  // namespace sequitur::dsl
