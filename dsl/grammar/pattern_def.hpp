// The grammar of steps. What may follow the stream of a step may stand in any order; the printer has one.
#pragma once

#include <utility>

#include "dsl/grammar/pattern.hpp"

namespace sequitur::dsl::grammar {

using ast::Step;
using ast::StepForm;
using ast::StepWord;

// ---- Actions -----------------------------------------------------------------------------------------------------------

// For what a step may have once: where, until, gap, for, a count.
template <auto Member>
inline constexpr auto set_once = [](auto& context) {
  auto& member = x3::_val(context).*Member;
  if (member) { state_of(context).report("E017", x3::_attr(context).span, "a step has this once", "join two conditions with `and`"); }
  member = std::move(x3::_attr(context));
};

template <bool ast::Modes::*Flag, ast::Place ast::Modes::*Span>
inline constexpr auto set_mode = [](auto& context) {
  x3::_val(context).*Flag = true;
  x3::_val(context).*Span = x3::_attr(context).span;
};

template <StepWord Word>
inline constexpr auto set_word = [](auto& context) { x3::_val(context).word = Word; };
template <StepForm Form>
inline constexpr auto set_form = [](auto& context) { x3::_val(context).form = Form; };

// A body parsed by a rule of its own; the word is known already.
inline constexpr auto take_body = [](auto& context) {
  const StepWord step_word = x3::_val(context).word;
  x3::_val(context) = std::move(x3::_attr(context));
  x3::_val(context).word = step_word;
};

inline constexpr auto set_min = [](auto& context) {
  x3::_val(context).min = static_cast<std::uint64_t>(x3::_attr(context).integer);
  x3::_val(context).max = x3::_val(context).min;
};
inline constexpr auto open_range = [](auto& context) {
  x3::_val(context).range = true;
  x3::_val(context).max.reset();
};
inline constexpr auto set_max = [](auto& context) { x3::_val(context).max = static_cast<std::uint64_t>(x3::_attr(context).integer); };
inline constexpr auto set_some_of = [](auto& context) {
  x3::_val(context).some_of = static_cast<std::uint64_t>(x3::_attr(context).integer);
};
template <bool AtMost>
inline constexpr auto set_at_most = [](auto& context) { x3::_val(context).at_most = AtMost; };

// ---- Parts -------------------------------------------------------------------------------------------------------------

// A word behind a step, unless it is the name of the next step of a block.
constexpr auto tail_word(std::string_view w) { return word(w) >> !sign(":"); }
constexpr auto tail_op(std::string_view w) { return op(word(w), ast::ExprKind::kNull) >> !sign(":"); }

const auto first_of = word("first") >> sign("(");
const auto anchor = x3::rule<struct AnchorId, ast::Anchor>{"a step"} =
    placed[(first_of[flag<&ast::Anchor::first>] > name[set<&ast::Anchor::step>] > sign(")")) | name[set<&ast::Anchor::step>]];

const auto bound = x3::rule<struct BoundId, ast::TimeLimit>{"`most` or `least`"} =
    word("most")[set_at_most<true>] | word("least")[set_at_most<false>];
const auto time_limit = x3::rule<struct TimeLimitId, ast::TimeLimit>{"a time limit"} =
    placed[tail_word("at") > bound[take] > duration[set<&ast::TimeLimit::duration>] >
           -(word("after") > anchor[set<&ast::TimeLimit::anchor>])];
const auto silence = x3::rule<struct SilenceId, ast::Silence>{"a silence"} =
    placed[tail_word("for") > duration[set<&ast::Silence::duration>] > -(word("after") > anchor[set<&ast::Silence::anchor>])];

const auto count_end = x3::rule<struct CountEndId>{"`..` or `}`"} = sign("}");
const auto count = x3::rule<struct CountId, ast::Count>{"a count such as `{3..}`"} =
    placed[(sign("{") >> whole_number[set_min]) > -(sign("..")[open_range] > -whole_number[set_max]) > count_end];

const auto every_length = tail_op("every") > word("length");
const auto mode = x3::rule<struct ModeId, ast::Modes>{"a mode"} =
    tail_op("strict")[set_mode<&ast::Modes::strict, &ast::Modes::strict_span>] |
    tail_op("skipping")[set_mode<&ast::Modes::skipping, &ast::Modes::skipping_span>] |
    tail_op("greedy")[set_mode<&ast::Modes::greedy, &ast::Modes::greedy_span>] |
    every_length[set_mode<&ast::Modes::every_length, &ast::Modes::every_length_span>] |
    tail_op("optional")[set_mode<&ast::Modes::optional, &ast::Modes::optional_span>];
inline constexpr auto merge_mode = [](auto& context) {
  ast::Modes& all = x3::_val(context).modes;
  const ast::Modes& one = x3::_attr(context);
  if (one.strict) all.strict = true, all.strict_span = one.strict_span;
  if (one.skipping) all.skipping = true, all.skipping_span = one.skipping_span;
  if (one.greedy) all.greedy = true, all.greedy_span = one.greedy_span;
  if (one.every_length) all.every_length = true, all.every_length_span = one.every_length_span;
  if (one.optional) all.optional = true, all.optional_span = one.optional_span;
};

const auto step_tail =
    (tail_word("where") > expression[set_once<&Step::where>]) | (tail_word("except") > expression[push<&Step::excepts>]) |
    (tail_word("until") > expression[set_once<&Step::until>]) | (tail_word("gap") > duration[set_once<&Step::gap>]) |
    silence[set_once<&Step::silence>] | time_limit[push<&Step::limits>] | (tail_word("last") > duration[set_once<&Step::last>]);

const auto step_name = x3::rule<struct StepNameId, ast::Name>{"a name"} = name[take] >> sign(":");
const auto stream_name = x3::rule<struct StreamNameId, ast::Name>{"a stream"} = name[take];
const auto streams = stream_name[push<&Step::streams>] > *(sign("|") > stream_name[push<&Step::streams>]);

// ---- Bodies ------------------------------------------------------------------------------------------------------------

const auto event_step_def = placed[(-step_name[set<&Step::name>] >> streams) > -count[set<&Step::count>] > *mode[merge_mode] > *step_tail];

const auto hold_word = word("hold") >> !(sign(":") | sign("|") | sign("{") | word("where")) >> &name;
const auto hold = x3::rule<struct HoldId, Step>{"a step"} = placed[hold_word > event_step[take] > x3::eps[set_form<StepForm::kHold>]];

const auto line = x3::rule<struct LineId, Step>{"a step such as `a: STREAM where ..`"} = hold[take] | event_step[take];
const auto lines = x3::rule<struct LinesId, ast::Branch>{"steps in braces"} =
    placed[sign("{") > nested[line][push<&ast::Branch::steps>] > *(nested[line][push<&ast::Branch::steps>]) > sign("}")];

struct BodyId;
const auto body = x3::rule<BodyId, Step>{"a stream"};

const auto branch = x3::rule<struct BranchId, ast::Branch>{"steps in braces"} =
    placed[sign("{") > nested[body][push<&ast::Branch::steps>] > *(nested[step][push<&ast::Branch::steps>]) > sign("}")];

const auto braces = &sign("{");
const auto all_head = word("all") >> braces;
const auto some_of_head = whole_number[set_some_of] >> word("of");
const auto either_head = word("either") >> braces;
const auto repeat_head = word("repeat") >> braces;
const auto all_block = all_head > lines[push<&Step::branches>] > *step_tail > x3::eps[set_form<StepForm::kAll>];
const auto some_of_block = some_of_head > lines[push<&Step::branches>] > *step_tail > x3::eps[set_form<StepForm::kSomeOf>];
const auto either_block = either_head > branch[push<&Step::branches>] > *(word("or") > branch[push<&Step::branches>]) > *step_tail
                          > x3::eps[set_form<StepForm::kEither>];
const auto repeat_block = repeat_head > count[set<&Step::count>] > *mode[merge_mode] > branch[push<&Step::branches>] > *step_tail >
                          x3::eps[set_form<StepForm::kRepeat>];
const auto body_def = placed[all_block | some_of_block | either_block | repeat_block | hold[take_body] | event_step[take_body]];

// So that the checker can say what to write instead.
const auto guarded_hold = x3::rule<struct GuardedHoldId, Step>{"a step"} =
    placed[(word("hold") >> &step_name) > event_step[take] > x3::eps[set_form<StepForm::kHold>]];
const auto guard_body_def =
    placed[all_block | some_of_block | either_block | repeat_block | guarded_hold[take_body] | event_step[take_body]];
const auto no_next_head = word("next") >> (&name | &whole_number) >> !(word("where") | word("for") | word("except"));
const auto guard = x3::rule<struct GuardId, Step>{"a stream"} = -no_next_head[set_word<StepWord::kNoNext>] >> guard_body[take_body];

inline constexpr auto take_guard = [](auto& context) {
  x3::_val(context) = std::move(x3::_attr(context));
  if (x3::_val(context).word == StepWord::kNone) x3::_val(context).word = StepWord::kNo;
};

const auto step_def =
    placed[(word("first")[set_word<StepWord::kFirst>] > body[take_body]) | (word("latest")[set_word<StepWord::kLatest>] > body[take_body]) |
           (word("then")[set_word<StepWord::kThen>] > body[take_body]) | (word("next")[set_word<StepWord::kNext>] > body[take_body]) |
           (word("each")[set_word<StepWord::kEach>] > body[take_body]) |  //
           (word("no") > guard[take_guard]) | hold[take_body]];

struct StepId {};
struct EventStepId {};
struct GuardBodyId {};
struct BodyId {};

BOOST_SPIRIT_DEFINE(step, event_step, guard_body, body)

}  // namespace sequitur::dsl::grammar
