// Steps, the gaps between them, and how they go together: what waits for what, and how the rule ends.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_rule_checker.hpp"

namespace sequitur::dsl {
namespace {

void add_unique(std::vector<StreamId>& to, std::span<const StreamId> from) {
  for (const StreamId id : from) {
    if (std::find(to.begin(), to.end(), id) == to.end()) to.push_back(id);
  }
}

void sort_unique(std::vector<StreamId>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

Typed existing(const ExprPtr& expr) {
  Typed typed;
  typed.expr = expr;
  return typed;
}

// A place named twice says that events of other streams may come by: for them the field is unknown.
void open_to_others(std::vector<FieldPlace>& places) {
  if (places.size() == 1) places.push_back(places[0]);
}

// The same condition, to be asked of events of other streams too.
ExprPtr open_to_others(const ExprPtr& expr) {
  Expr copy = *expr;
  if (copy.op == Op::kCandidate) open_to_others(copy.places);
  for (ExprPtr& arg : copy.args) {
    if (arg) arg = open_to_others(arg);
  }
  return std::make_shared<const Expr>(std::move(copy));
}

}  // namespace

// ---- Streams -----------------------------------------------------------------------------------------------------------

RuleChecker::Streams RuleChecker::resolve_streams(const std::vector<ast::Name>& names) {
  Streams result;
  const auto add = [&](StreamId id, const ExprPtr& filter) {
    const auto found = std::find(result.ids.begin(), result.ids.end(), id);
    if (found == result.ids.end()) {
      result.ids.push_back(id);
      result.filters.push_back(filter);
      return;
    }
    ExprPtr& other = result.filters[static_cast<std::size_t>(found - result.ids.begin())];
    other = other && filter ? expressions_.builder().logical(Op::kOr, {existing(other), existing(filter)}, filter->span).expr : nullptr;
  };
  for (const ast::Name& name : names) {
    if (const auto stream = world_.stream_by_name.find(name.text); stream != world_.stream_by_name.end()) {
      add(stream->second, nullptr);
      continue;
    }
    if (const NamedFilter* filter = expressions_.resolve_filter(name.text)) {
      if (filter->base)
        add(*filter->base, filter->condition);
      else
        result.poisoned = true;
      continue;
    }
    result.poisoned = true;
    if (!world_.joined_tables.contains(name.text) && !world_.incomplete) {  // Of a joined one it was said why it is no stream.
      std::string help = suggest_stream(name.text, name.span, world_, reporter_);
      if (help.empty()) help = fmt::format("declare it: `stream {} {{ .. }}`", name.text);
      reporter_.error("E070", name.span, fmt::format("there is no stream `{}`", name.text), "unknown stream", help);
    }
  }
  return result;
}

// The conditions of the named filters, each for the events of its own stream. Nothing: there are none.
std::optional<Typed> RuleChecker::filters_of(const Streams& streams, Span span) {
  std::vector<Typed> parts;
  for (std::size_t i = 0; i < streams.ids.size(); ++i) {
    if (!streams.filters[i]) continue;
    if (streams.ids.size() == 1) return existing(streams.filters[i]);
    Expr own;  // Has a value for every event of this stream, and for no other.
    own.op = Op::kCandidate;
    own.type = Type::kTime;
    own.span = span;
    own.places = {{streams.ids[i], kTimeSlot}, {streams.ids[i], 0}};
    TypedBuilder& build = expressions_.builder();
    const Typed other_stream = build.logical_not(build.exists(TypedBuilder::leaf(std::move(own)), span), span);
    parts.push_back(build.logical(Op::kOr, {other_stream, existing(open_to_others(streams.filters[i]))}, span));
  }
  if (parts.empty()) return std::nullopt;
  return expressions_.builder().logical(Op::kAnd, std::move(parts), span);
}

Filter RuleChecker::make_filter(const ast::Step& step, const Streams& streams, const Scope& scope) {
  Filter filter;
  filter.streams = streams.ids;
  if (const auto way = way_of_line_.find(&step); way != way_of_line_.end()) filter.key_way = way->second;
  const ExpressionChecker::Joined own = expressions_.filter_condition(step.where, step.excepts, scope);
  const std::optional<Typed> named = filters_of(streams, step.span);
  if (!own.ok) return filter;
  filter.condition = own.expr;
  if (!named) return filter;
  filter.condition = own.expr ? expressions_.builder().logical(Op::kAnd, {*named, existing(own.expr)}, own.expr->span).expr : named->expr;
  return filter;
}

void RuleChecker::collect_streams() {
  for (const NoLine& line : no_lines_) no_streams_.push_back(resolve_streams(line.ast->streams));
  for (const ast::Step* cancel : cancels_) cancel_streams_.push_back(resolve_streams(cancel->streams));
  for (const Streams& streams : step_streams_) add_unique(rule_.step_streams, streams.ids);
  rule_.streams = rule_.step_streams;
  for (const Streams& streams : no_streams_) add_unique(rule_.streams, streams.ids);
  for (const Streams& streams : cancel_streams_) add_unique(rule_.streams, streams.ids);
  for (const auto& block : guard_blocks_)
    if (block) add_streams_of(*block, rule_.streams);
  collect_past_streams();
  sort_unique(rule_.step_streams);
  sort_unique(rule_.streams);
}

// ---- Steps -------------------------------------------------------------------------------------------------------------

std::string RuleChecker::stage_name(const ast::Step& step) const {
  if (step.name) return step.name->text;
  std::string result;
  for (const ast::Name& stream : step.streams) result.append(result.empty() ? "" : "|").append(stream.text);
  return result + "#" + std::to_string(rule_.stages.size() + 1);
}

// Names, streams and counts of all steps: what the conditions of any of them may refer to.
void RuleChecker::view_steps() {
  for (std::size_t i = rule_.stages.size(); i < steps_.size(); ++i) {
    const ast::Step& step = *steps_[i].ast;
    Streams streams = resolve_streams(step.streams);
    Stage stage;
    stage.name = stage_name(step);
    stage.named = step.name.has_value();
    check_count(step, stage);
    StepView view;
    view.name = stage.name;
    view.named = stage.named;
    view.streams = streams.ids;
    view.poisoned = streams.poisoned;
    view.max = step.form == ast::StepForm::kHold ? kUnbounded : stage.max;
    view.optional = stage.optional;
    if (step.name) {
      const auto [first, added] = view_.step_by_name.emplace(step.name->text, static_cast<int>(rule_.stages.size()));
      if (!added)
        reporter_.error("E118", step.name->span, fmt::format("two steps are called `{}`", step.name->text), "again here",
                        "give each step a name of its own");
    }
    view_.steps.push_back(std::move(view));
    step_streams_.push_back(std::move(streams));
    rule_.stages.push_back(std::move(stage));
  }
}

void RuleChecker::check_count(const ast::Step& step, Stage& stage) {
  stage.optional = step.modes.optional;
  stage.greedy = step.modes.greedy;
  stage.strict = step.modes.strict;
  stage.next = step.word == ast::StepWord::kNext;
  stage.latest = step.word == ast::StepWord::kLatest;
  stage.each = step.word == ast::StepWord::kEach;
  stage.skipping = step.modes.skipping;
  stage.every_length = step.modes.every_length;
  if (step.form == ast::StepForm::kHold) return;  // See check_hold().
  if (step.count) {
    const ast::Count& count = *step.count;
    if (count.min == 0)
      reporter_.error("E130", count.span, "a step cannot be taken zero times", {},
                      count.max && *count.max == 0 ? "for an absence write `no ..`" : "write `optional` behind a count from 1");
    else if (count.max && *count.max < count.min)
      reporter_.error("E130", count.span, "the greatest count is below the least", {},
                      fmt::format("write `{{{}..{}}}`", *count.max, count.min));
    else if (count.min > kMaxCount || (count.max && *count.max > kMaxCount))
      reporter_.error("E130", count.span, fmt::format("a count of more than {}", kMaxCount), {},
                      "use a smaller count, or leave the upper end open: `{100..}`");
    stage.min = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(count.min, 1, kMaxCount));
    stage.max = count.max ? static_cast<std::uint32_t>(std::clamp<std::uint64_t>(*count.max, stage.min, kMaxCount)) : kUnbounded;
  }
  if (step.gap) stage.gap_limit = positive(*step.gap, "`gap`");
  check_loop_modes(step, stage);
}

void RuleChecker::check_loop_modes(const ast::Step& step, const Stage& stage) {
  const ast::Modes& modes = step.modes;
  if (modes.strict && modes.skipping)
    reporter_.error("E170", modes.skipping_span, "`strict` and `skipping` contradict each other", {}, "leave one of them out");
  if (modes.greedy && modes.every_length)
    reporter_.error("E170", modes.every_length_span, "`greedy` and `every length` contradict each other", {}, "leave one of them out");
  if (stage.max > 1) return;
  const auto report = [&](Span span, std::string_view word) {
    reporter_.error("E131", span, fmt::format("`{}` is for steps that repeat", word), {}, "give the step a count, like `{3..}`");
  };
  if (modes.strict) report(modes.strict_span, "strict");
  if (modes.skipping) report(modes.skipping_span, "skipping");
  if (modes.greedy) report(modes.greedy_span, "greedy");
  if (modes.every_length && !modes.optional) report(modes.every_length_span, "every length");
  if (step.gap) report(step.gap->span, "gap");
  if (step.until) report(step.until->span, "until");
}

void RuleChecker::check_opening() {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const ast::StepWord word = lines_[i].ast->word;
    if (word == ast::StepWord::kLatest && i > 0) {
      reporter_.error("E121", lines_[i].word, "`latest` can only open a rule", {}, "write `then`, or begin the rule with this step");
    } else if (word == ast::StepWord::kFirst && i > 0) {
      reporter_.error("E122", lines_[i].word, "a rule has one `first` step", {}, "write `then` or `next`");
    } else if (lines_[i].ast->form == ast::StepForm::kHold && word == ast::StepWord::kNone) {
      continue;  // It is a word itself.
    } else if (word != ast::StepWord::kFirst && word != ast::StepWord::kLatest && i == 0 && !damaged_) {
      reporter_.error("E122", lines_[i].word, "a rule begins with `first` or `latest`", {}, "write `first`");
    }
  }
}

// A step's name must not be the first word of a field that conditions of the rule may mean.
void RuleChecker::check_hiding() {
  for (const StepLine& line : std::span(steps_).subspan(static_cast<std::size_t>(first_stage_))) {
    if (!line.ast->name) continue;
    const std::string& name = line.ast->name->text;
    if (name == "prev" || name == "broken_by") {
      reporter_.error("E117", line.ast->name->span, fmt::format("the step `{}` hides what `{}` means", name, name), {},
                      "give the step another name");
      continue;
    }
    for (const StreamId stream : rule_.streams) {
      const StreamInfo& info = world_.streams[stream];
      if (!info.fields.contains(name) && !info.records.contains(name)) continue;
      reporter_.error("E117", line.ast->name->span,
                      fmt::format("the step `{}` hides the field `{}` of the stream `{}`", name, name, world_.schemas[stream].name), {},
                      "give the step another name");
      break;
    }
  }
}

std::vector<StreamId> RuleChecker::previous_streams(int stage, bool own) const {
  std::vector<StreamId> result;
  if (outer_ != nullptr) {  // What a block behind `no` took last is one of its own events.
    add_streams_of(*this, result);
    return result;
  }
  if (own && view_.steps[static_cast<std::size_t>(stage)].loop()) add_unique(result, view_.steps[static_cast<std::size_t>(stage)].streams);
  if (has_blocks_)  // Any step of the blocks may have come before.
    for (const StepView& step : view_.steps) add_unique(result, step.streams);
  for (int i = stage - 1; i >= 0; --i) {
    const StepView& step = view_.steps[static_cast<std::size_t>(i)];
    add_unique(result, step.streams);
    if (!step.optional) break;
  }
  return result;
}

Scope RuleChecker::scope_at(int stage, bool own, const Streams& streams) {
  Scope scope;
  scope.rule = &view_;
  scope.has_candidate = true;
  scope.candidate = streams.ids;
  scope.candidate_poisoned = streams.poisoned || streams.ids.empty();
  scope.bound = stage;
  scope.own = own ? stage : -1;
  scope.past = outer_ != nullptr ? &outer_->rule_.past : &rule_.past;
  previous_ = previous_streams(stage, own);
  scope.previous = previous_;
  return scope;
}

void RuleChecker::check_steps() {
  for (auto i = static_cast<std::size_t>(first_stage_); i < steps_.size(); ++i) check_step(i);
}

void RuleChecker::check_step(std::size_t index) {
  const ast::Step& step = *steps_[index].ast;
  Stage& stage = rule_.stages[index];
  // A stretch knows its samples only by `prev`: how long it may be has no bound.
  const bool hold = is_hold(static_cast<int>(index));
  Scope scope = scope_at(static_cast<int>(index), !hold, step_streams_[index]);
  const BlockNode& parent = node(node(node_of_[index]).parent);
  siblings_.clear();
  if (parent.kind == BlockNode::Kind::kAll && !hold)
    for (const int line : parent.parts)
      if (node(line).stage != static_cast<int>(index) && !is_hold(node(line).stage)) siblings_.push_back(node(line).stage);
  scope.siblings = siblings_;
  stage.filter = make_filter(step, step_streams_[index], scope);
  if (!siblings_.empty()) split_sibling_conditions(static_cast<int>(index));
  if (step.until && !hold) stage.until = expressions_.condition(*step.until, scope, "`until`").expr;
  check_limits(step, stage, static_cast<int>(index));
}

std::optional<int> RuleChecker::anchor(const ast::Anchor& anchor, int before, int self) {
  const auto found = view_.step_by_name.find(anchor.step.text);
  if (found == view_.step_by_name.end()) {
    if (damaged_) return std::nullopt;
    reporter_.error("E127", anchor.step.span, fmt::format("there is no step `{}`", anchor.step.text), {}, suggest_step(anchor.step.text));
    return std::nullopt;
  }
  const int step = found->second;
  if (step == self) return step;
  if (step >= before) {
    reporter_.error("E128", anchor.step.span, fmt::format("the step `{}` does not come before this", anchor.step.text), {},
                    "count from an earlier step");
    return std::nullopt;
  }
  if (view_.steps[static_cast<std::size_t>(step)].optional) {
    reporter_.error("E115", anchor.step.span,
                    fmt::format("the step `{}` may be left out, so nothing can be counted from it", anchor.step.text), {},
                    "count from a step that is not optional");
    return std::nullopt;
  }
  return step;
}

void RuleChecker::check_limits(const ast::Step& step, Stage& stage, int index) {
  std::vector<Span> spans;  // Of the limits kept.
  for (const ast::TimeLimit& limit : step.limits) {
    TimeLimit result;
    result.at_most = limit.at_most;
    const std::optional<Duration> duration = positive(limit.duration, limit.at_most ? "`at most`" : "`at least`");
    if (!duration) continue;
    result.duration = *duration;
    if (limit.anchor) {
      const std::optional<int> step_index = anchor(*limit.anchor, index, stage.max > 1 ? index : -1);
      if (!step_index) continue;
      result.anchor = *step_index;
      result.anchor_first = limit.anchor->first;
    } else if (index == 0) {
      reporter_.error(
          "E145", limit.span, "there is no step before the first one to count from", {},
          stage.max > 1 ? fmt::format("write `after first({})`", stage.name) : "put the limit on a later step, or use `within`");
      continue;
    }
    if (result.at_most && rule_.within && result.duration >= *rule_.within) {
      reporter_.warning("W010", limit.span, "this limit is not shorter than the rule's `within`", "it never matters", "leave it out");
    }
    if (!result.at_most && rule_.within && result.duration > *rule_.within) {
      reporter_.error("E129", limit.span, "this can never be: the rule's `within` is shorter", {}, "make `within` longer");
    }
    stage.limits.push_back(result);
    spans.push_back(limit.span);
  }
  check_limit_pairs(stage, spans);
}

void RuleChecker::check_limit_pairs(const Stage& stage, std::span<const Span> spans) {
  for (std::size_t i = 0; i < stage.limits.size(); ++i) {
    const TimeLimit& most = stage.limits[i];
    const bool contradicted =
        most.at_most && std::any_of(stage.limits.begin(), stage.limits.end(), [&](const TimeLimit& least) {
          return !least.at_most && least.anchor == most.anchor && least.anchor_first == most.anchor_first && least.duration > most.duration;
        });
    if (!contradicted) continue;
    reporter_.error("E129", spans[i], "these limits can never both hold: `at least` is longer than `at most`", {}, "swap them");
  }
}

// ---- Guards and silences -----------------------------------------------------------------------------------------------

Gap& RuleChecker::gap_of(int index) {
  return index >= static_cast<int>(rule_.stages.size()) ? rule_.closing : rule_.stages[static_cast<std::size_t>(index)].gap;
}

Guard RuleChecker::make_guard(const ast::Step& step, const Streams& streams, const Scope& scope) {
  Guard guard;
  guard.id = next_guard_id_++;
  guard.filter = make_filter(step, streams, scope);
  add_unique(view_.break_streams, streams.ids);
  if (!step.name) return guard;
  guard.name = step.name->text;
  const bool taken = view_.step_by_name.contains(guard.name) || !view_.guards.emplace(guard.name, GuardView{guard.id, streams.ids}).second;
  if (taken)
    reporter_.error("E118", step.name->span, fmt::format("`{}` is already the name of another step or guard", guard.name), "again here",
                    "give each a name of its own");
  return guard;
}

void RuleChecker::check_cancels() {
  for (std::size_t i = 0; i < cancels_.size(); ++i) {
    if (!cancels_[i]->branches.empty()) continue;  // See open_guard_blocks().
    Scope scope = scope_at(static_cast<int>(rule_.stages.size()), false, cancel_streams_[i]);
    previous_.clear();
    for (const StepView& step : view_.steps) add_unique(previous_, step.streams);
    scope.previous = previous_;
    rule_.cancels.push_back(make_guard(*cancels_[i], cancel_streams_[i], scope));
  }
}

void RuleChecker::check_no_lines() {
  for (const NoLine& line : no_lines_) {
    const bool block = !line.ast->branches.empty();
    if (block && !guard_blocks_[static_cast<std::size_t>(&line - no_lines_.data())]) continue;  // Refused.
    if (line.gap < 0)
      check_look_back(line);
    else
      check_gap_line(line);
  }
}

void RuleChecker::check_look_back(const NoLine& line) {
  const ast::Step& step = *line.ast;
  const Streams& streams = no_streams_[static_cast<std::size_t>(&line - no_lines_.data())];
  if (step.word == ast::StepWord::kNoNext) {
    reporter_.error("E126", line.span, "`no next` cannot stand before the first step", {}, "put it between two steps");
    return;
  }
  if (!step.silence) {
    if (!damaged_)
      reporter_.error("E125", line.span, "this `no` stands before the first step, where there is no run to guard", {},
                      "look back in time: `no .. for 1h`; or guard the whole rule: `cancel on ..`");
    return;
  }
  if (step.silence->anchor)
    reporter_.error("E127", step.silence->anchor->span, "a `no` before the first step looks back from the first event", {},
                    "leave out `after`");
  Scope scope = scope_at(0, false, streams);
  scope.bound = 1;
  scope.look_back = true;
  scope.past = nullptr;
  LookBack result;
  result.filter = make_filter(step, streams, scope);
  if (const std::optional<Duration> duration = positive(step.silence->duration, "`for`")) result.duration = *duration;
  rule_.look_back.push_back(std::move(result));
}

void RuleChecker::check_gap_line(const NoLine& line) {
  const ast::Step& step = *line.ast;
  const Streams& streams = no_streams_[static_cast<std::size_t>(&line - no_lines_.data())];
  const bool closing = line.gap == static_cast<int>(rule_.stages.size());
  Guard guard = step.branches.empty() ? make_guard(step, streams, scope_at(line.gap, false, streams)) : block_guard(line);
  Gap& gap = gap_of(line.gap);
  if (step.word == ast::StepWord::kNoNext) {
    if (closing && !damaged_)
      reporter_.error("E126", line.span, "`no next` cannot be the last line: the very next event may never come", {},
                      "write `no .. for 5m`, or put a step behind it");
    gap.no_next.push_back(std::move(guard));
    return;
  }
  if (!step.silence) {
    const bool bounded =
        std::any_of(no_lines_.begin(), no_lines_.end(), [&](const NoLine& other) { return other.gap == line.gap && other.ast->silence; });
    if (closing && !bounded && !damaged_) {
      const std::string name = step.streams.empty() ? "{ .. }" : step.streams[0].text;
      reporter_.error("E012", step.streams.empty() ? line.span : Span(step.streams[0].span),
                      "an absence at the end of a rule needs a time bound", fmt::format("say how long to wait: `no {} ... for 15m`", name));
    }
    gap.guards.push_back(std::move(guard));
    return;
  }
  Silence silence;
  silence.guard = std::move(guard);
  if (const std::optional<Duration> duration = positive(step.silence->duration, "`for`")) silence.duration = *duration;
  if (step.silence->anchor) {
    if (const std::optional<int> from = anchor(*step.silence->anchor, line.gap, -1)) silence.anchor = *from;
    silence.anchor_first = step.silence->anchor->first;
  }
  if (!closing && rule_.within && silence.duration > *rule_.within) {
    reporter_.error("E116", step.silence->duration.span, "this silence is longer than the rule's `within`, so nothing can come behind it",
                    {}, "make `within` longer than the silence");
  }
  gap.silences.push_back(std::move(silence));
}

// ---- How the rule ends -------------------------------------------------------------------------------------------------

void RuleChecker::check_ending() {
  if (damaged_) return;
  const bool all_optional = std::all_of(lines_.begin(), lines_.end(), [](const StepLine& line) { return line.ast->modes.optional; });
  if (all_optional) {
    reporter_.error("E114", ast_.name.span, "all steps of this rule are optional, so nothing would match it", {},
                    "leave out one `optional`");
    return;
  }
  const Stage& last = rule_.stages.back();
  const bool silence = std::any_of(no_lines_.begin(), no_lines_.end(),
                                   [&](const NoLine& line) { return line.gap == static_cast<int>(rule_.stages.size()); });
  if (silence) return;  // Or a guard, of which was spoken already.
  const ast::Step& step = *steps_.back().ast;
  if (has_blocks_) {
    if (!ends_by_itself(node(0)))
      reporter_.error("E113", lines_.back().word,
                      "the block at the end can always take one more event, so the rule does not know when to report", {},
                      "give its last step an exact count, or end with a silence: `no .. for 5m`");
    return;
  }
  if (last.every_length) return;
  if (last.optional) {
    reporter_.error(
        "E113", step.modes.optional_span, "the last step is optional, so the rule does not know when to report", {},
        "report with and without it: `every length`; or close the rule with a silence, `no .. for 5m`; or leave out `optional`");
    return;
  }
  const bool closes = last.min == last.max || last.until || step.until || last.strict || last.gap_limit || step.gap;
  if (closes) return;
  reporter_.error("E113", step.count ? Span(step.count->span) : steps_.back().word,
                  "the last step can always take one more event, so the rule does not know when to report", {},
                  fmt::format("give it an exact count, `{{{}}}`; or close it: `gap 30s`, `until ..`, `strict`; or report at each event: "
                              "`every length`; or end with a silence: `no .. for 5m`",
                              last.min));
}

void RuleChecker::check_within() {
  if (has_within_ || damaged_) return;
  const bool silence = !rule_.closing.silences.empty();
  const bool sequence = rule_.stages.size() > 1 || (rule_.stages[0].max > 1 && !silence);
  if (!sequence) return;
  reporter_.error("E110", ast_.name.span, fmt::format("the rule `{}` does not say how long a match may take", ast_.name.text), {},
                  "write `within 10m`, or `within forever`");
}

void RuleChecker::check_silences_within() {
  if (on_timeout_ != nullptr && !rule_.within && has_within_) {
    const bool limited = std::any_of(rule_.stages.begin(), rule_.stages.end(), [](const Stage& stage) {
      return std::any_of(stage.limits.begin(), stage.limits.end(), [](const TimeLimit& limit) { return limit.at_most; });
    });
    if (!limited) reporter_.warning("W005", on_timeout_span_, "this rule never runs out of time", "never reported", "give it `within 10m`");
  }
  const bool breakable =
      !rule_.cancels.empty() || std::any_of(no_lines_.begin(), no_lines_.end(), [](const NoLine& line) { return line.gap >= 0; });
  if (on_break_ != nullptr && !breakable && !damaged_)
    reporter_.warning("W006", on_break_span_, "nothing can break a run of this rule", "never reported",
                      "add a guard, `no ..`, or `cancel on ..`");
}

}  // namespace sequitur::dsl
