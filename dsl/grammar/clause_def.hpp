// The grammar of clauses. Each begins with a word of its own, so the first word decides.
#pragma once

#include <utility>

#include "dsl/grammar/build.hpp"
#include "dsl/grammar/clause.hpp"
#include "dsl/grammar/message.hpp"

namespace sequitur::dsl::grammar {

using ast::Clause;
using ast::ClauseKind;

// ---- Actions -----------------------------------------------------------------------------------------------------------

template <ClauseKind Kind>
inline constexpr auto become = [](auto& context) {
  x3::_val(context).kind = Kind;
  x3::_val(context).body = std::move(x3::_attr(context));
};

inline constexpr auto become_disabled = [](auto& context) { x3::_val(context).kind = ClauseKind::kDisabled; };

inline constexpr auto become_step = [](auto& context) {
  const ast::StepWord first_word = x3::_attr(context).word;
  const bool absence = first_word == ast::StepWord::kNo || first_word == ast::StepWord::kNoNext;
  x3::_val(context).kind = absence ? ClauseKind::kNo : ClauseKind::kStep;
  x3::_val(context).body = std::move(x3::_attr(context));
};

template <ClauseKind Kind, ast::StepWord Word>
inline constexpr auto become_stream = [](auto& context) {
  x3::_attr(context).word = Word;
  x3::_val(context).kind = Kind;
  x3::_val(context).body = std::move(x3::_attr(context));
};

inline constexpr auto become_message = [](auto& context) {
  ast::Message message;
  message.text = std::move(x3::_attr(context));
  message.parts = parse_message(state_of(context), message.text);
  x3::_val(context).kind = ClauseKind::kMessage;
  x3::_val(context).body = std::move(message);
};

template <auto Member, auto Value>
inline constexpr auto set_to = [](auto& context) { x3::_val(context).*Member = Value; };

// A field of emit: what stood alone becomes the name when `=` follows.
inline constexpr auto name_field = [](auto& context) {
  ast::EmitField& field = x3::_val(context);
  ast::Expr& left = field.value;
  if (left.kind == ast::ExprKind::kPath && left.path.size() == 1 && left.path[0].index.empty() && !left.bracketed) {
    field.name = left.path[0].name;
  } else {
    state_of(context).report("E018", left.span, "a field of `emit` has a plain name", "write `name = expression`");
    field.name = ast::Name{left.span, "?", false};
  }
  field.value = std::move(x3::_attr(context));
};

inline constexpr auto set_limit_count = [](auto& context) {
  x3::_val(context).count = static_cast<std::uint64_t>(x3::_attr(context).integer);
};

inline constexpr auto quoted_tag = [](auto& context) {
  x3::_val(context) = ast::Name{x3::_attr(context).span, x3::_attr(context).text, true};
};

// ---- Metadata ----------------------------------------------------------------------------------------------------------

const auto tag_or_text = x3::rule<struct TagOrTextId, ast::Name>{"a tag such as `fraud` or `attack.t1110`"} = tag[take] | text[quoted_tag];
const auto tags = x3::rule<struct TagsId, ast::Tags>{"tags"} = tag_or_text[push<&ast::Tags::names>] >
                                                               *(sign(",") > tag_or_text[push<&ast::Tags::names>]);
const auto meta = x3::rule<struct MetaId, ast::Meta>{"a name and its value"} = name[set<&ast::Meta::name>] >
                                                                               sign("=") > expression[set<&ast::Meta::value>];

// ---- Key and time ------------------------------------------------------------------------------------------------------

const auto key_name = x3::rule<struct KeyNameId, ast::Name>{"a name"} = name[take] >> sign(":");
const auto key_part = x3::rule<struct KeyPartId, ast::KeyPart>{"a field"} =
    placed[(-key_name[set<&ast::KeyPart::name>] >> expression[push<&ast::KeyPart::values>]) >
           *(sign("=") > expression[push<&ast::KeyPart::values>]) > -(word("from") > name[set<&ast::KeyPart::table>])];
const auto key = x3::rule<struct KeyId, ast::Key>{"a field"} = key_part % sign(",");

const auto forever = x3::rule<struct ForeverId, ast::Within>{"`forever`"} = word("forever") >> x3::attr(ast::Within{});
const auto within = x3::rule<struct WithinId, ast::Within>{"a duration such as `10m`, or `forever`"} =
    forever[take] | duration[set<&ast::Within::duration>];

// ---- Windows -----------------------------------------------------------------------------------------------------------

using ast::Window;
using ast::WindowKind;
const auto tumbling = word("tumbling")[set_to<&Window::kind, WindowKind::kTumbling>] > -(word("zone") > text[set<&Window::zone>]);
const auto hopping = word("every")[set_to<&Window::kind, WindowKind::kHopping>] > duration[set<&Window::every>];
const auto window_shape = x3::rule<struct WindowShapeId, Window>{"`sliding`, `tumbling` or `every 5m`"} =
    word("sliding")[set_to<&Window::kind, WindowKind::kSliding>] | tumbling | hopping;
inline constexpr auto set_shape = [](auto& context) {
  std::optional<ast::Expr> size = std::move(x3::_val(context).size);
  x3::_val(context) = std::move(x3::_attr(context));
  x3::_val(context).size = std::move(size);
};
const auto timed_window = duration[set<&Window::size>] > window_shape[set_shape];
const auto session = word("session")[set_to<&Window::kind, WindowKind::kSession>] > word("gap") > duration[set<&Window::size>];
const auto last_events = word("last")[set_to<&Window::kind, WindowKind::kLastEvents>] > whole_number[set<&Window::size>] > -word("events") >
                         -(word("every") > whole_number[set<&Window::every>] > word("events")) >
                         -(word("ttl") > duration[set<&Window::ttl>]);
const auto window = x3::rule<struct WindowId, Window>{"a window such as `1h sliding` or `session gap 30m`"} =
    timed_window | session | last_events;

using ast::Trigger;
using ast::TriggerKind;
const auto every_events = x3::rule<struct EveryEventsId, ast::Expr>{"a number of events"} = whole_number[take] >> word("events");
const auto trigger_period = x3::rule<struct TriggerPeriodId, Trigger>{"`100 events` or `10s`"} =
    every_events[set<&Trigger::amount>] >> x3::eps[set_to<&Trigger::kind, TriggerKind::kEveryEvents>] |
    duration[set<&Trigger::amount>] >> x3::eps[set_to<&Trigger::kind, TriggerKind::kEveryDuration>];
const auto trigger = x3::rule<struct TriggerId, Trigger>{"`watermark`, `every ..`, `early ..`, `late ..`, `accumulating` or `discarding`"} =
    word("watermark")[set_to<&Trigger::kind, TriggerKind::kWatermark>] | (word("every") > trigger_period[take]) |
    (word("early")[set_to<&Trigger::kind, TriggerKind::kEarly>] > duration[set<&Trigger::amount>]) |
    (word("late")[set_to<&Trigger::kind, TriggerKind::kLate>] > duration[set<&Trigger::amount>]) |
    word("accumulating")[set_to<&Trigger::kind, TriggerKind::kAccumulating>] |
    word("discarding")[set_to<&Trigger::kind, TriggerKind::kDiscarding>];
const auto triggers = x3::rule<struct TriggersId, ast::Triggers>{"a trigger"} = trigger % sign(",");

// ---- Results -----------------------------------------------------------------------------------------------------------

using ast::Emit;
const auto emit_field = x3::rule<struct EmitFieldId, ast::EmitField>{"a key part, or `name = expression`"} =
    placed[expression[set<&ast::EmitField::value>] > -(sign("=") > expression[name_field])];
const auto emit_end = x3::rule<struct EmitEndId>{"`,` or `)`"} = sign(")");
const auto emitted_name = x3::rule<struct EmittedNameId, ast::Name>{"the name of what is emitted"} = name[take];
const auto emit_call = emitted_name[set<&Emit::stream>] > sign("(") > -emit_field[push<&Emit::fields>] >
                       *(sign(",") > emit_field[push<&Emit::fields>]) > emit_end > -word("internal")[flag<&Emit::internal>];
const auto always = word("always") >> !sign("(");
const auto counted = word("count") >> !sign("(");
const auto emit = x3::rule<struct EmitId, Emit>{"the name of what is emitted"} =
    -(always[flag<&Emit::always>] | counted[flag<&Emit::count>]) > emit_call;
const auto on_emit = x3::rule<struct OnEmitId, Emit>{"`emit`"} = word("emit") > emit_call;

using ast::OnMatch;
using ast::OnMatchKind;
const auto skip_to_step = [](auto kind) { return name[set<&OnMatch::step>] >> x3::eps[kind]; };
const auto skip_target = x3::rule<struct SkipTargetId, OnMatch>{"`next`, `first STEP`, `last STEP` or a step"} =
    (word("first") >> skip_to_step(set_to<&OnMatch::kind, OnMatchKind::kSkipToFirst>)) |
    (word("last") >> skip_to_step(set_to<&OnMatch::kind, OnMatchKind::kSkipToLast>)) |
    word("next")[set_to<&OnMatch::kind, OnMatchKind::kSkipToNext>] | skip_to_step(set_to<&OnMatch::kind, OnMatchKind::kSkipTo>);
const auto skip_policy = x3::rule<struct SkipPolicyId, OnMatch>{"`past last` or `to ..`"} =
    ((word("past") > word("last"))[set_to<&OnMatch::kind, OnMatchKind::kSkipPastLast>]) | (word("to") > skip_target[take]);
const auto policy = x3::rule<struct PolicyId, OnMatch>{"`consume`, `keep`, `skip past last` or `skip to ..`"} =
    word("consume")[set_to<&OnMatch::kind, OnMatchKind::kConsume>] | word("keep")[set_to<&OnMatch::kind, OnMatchKind::kKeep>] |
    (word("skip") > skip_policy[take]);

using ast::Limit;
const auto limit_field = x3::rule<struct LimitFieldId, ast::Expr>{"a field"} = path[take];
const auto limit_by = word("by") > limit_field[push<&Limit::by>] > *(sign(",") > limit_field[push<&Limit::by>]);
const auto limit_span = x3::rule<struct LimitSpanId, Limit>{"`event` or a duration such as `1h`"} =
    word("event")[flag<&Limit::per_event>] | (duration[set<&Limit::duration>] > -limit_by);
inline constexpr auto set_limit_span = [](auto& context) {
  std::uint64_t count = x3::_val(context).count;
  x3::_val(context) = std::move(x3::_attr(context));
  x3::_val(context).count = count;
};
const auto limit = x3::rule<struct LimitId, Limit>{"a limit such as `1 per 1h`, or `none`"} =
    word("none")[flag<&Limit::none>] | (whole_number[set_limit_count] > word("per") > limit_span[set_limit_span]);

// ---- The clause --------------------------------------------------------------------------------------------------------

const auto on_clause = x3::rule<struct OnClauseId, Clause>{"`match`, `timeout`, `break` or `clear`"} =
    (word("match") > policy[become<ClauseKind::kOnMatch>]) | (word("timeout") > on_emit[become<ClauseKind::kOnTimeout>]) |
    (word("break") > on_emit[become<ClauseKind::kOnBreak>]) | (word("clear") > on_emit[become<ClauseKind::kOnClear>]);

const auto any_clause = step[become_step] | (word("key") > key[become<ClauseKind::kKey>]) |
                        (word("within") > within[become<ClauseKind::kWithin>]) | (word("emit") > emit[become<ClauseKind::kEmit>]) |
                        (word("on") > on_clause[take]) | (word("limit") > limit[become<ClauseKind::kLimit>]) |
                        (word("cancel") > word("on") > guard_body[become_stream<ClauseKind::kCancel, ast::StepWord::kCancel>]) |
                        (word("severity") > expression[become<ClauseKind::kSeverity>]) |
                        (word("score") > expression[become<ClauseKind::kScore>]) | (word("tags") > tags[become<ClauseKind::kTags>]) |
                        (word("meta") > meta[become<ClauseKind::kMeta>]) | (word("message") > text[become_message]) |
                        word("disabled")[become_disabled] | (word("window") > window[become<ClauseKind::kWindow>]) |
                        (word("over") > event_step[become_stream<ClauseKind::kOver, ast::StepWord::kOver>]) |
                        (word("trigger") > triggers[become<ClauseKind::kTrigger>]) | (word("when") > expression[become<ClauseKind::kWhen>]);

struct FinishClause {
  void operator()(const State& state, Clause& node) const { place_words(state, node); }
};
inline constexpr NodeGen<FinishClause> clause_node{};

const auto clause_def = clause_node[any_clause];
const auto tune_clause_def = clause_node[(word("except") > expression[become<ClauseKind::kExcept>]) | clause[take]];

struct ClauseId {};
struct TuneClauseId {};

BOOST_SPIRIT_DEFINE(clause, tune_clause)

}  // namespace sequitur::dsl::grammar
