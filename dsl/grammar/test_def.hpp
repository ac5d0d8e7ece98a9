// The grammar of tests: events with their offsets, and what is expected.
#pragma once

#include <utility>

#include "dsl/grammar/build.hpp"
#include "dsl/grammar/declaration.hpp"

namespace sequitur::dsl::grammar {

using ast::Expectation;
using ast::TestEvent;
using ast::TestLine;
using ast::TestValue;

inline constexpr auto become_line = [](auto& context) { x3::_val(context).body = std::move(x3::_attr(context)); };

inline constexpr auto take_bare_word = [](auto& context) {
  ast::Expr& value = x3::_val(context).value = std::move(x3::_attr(context));
  const std::string& word_text = value.text;
  if (word_text == "true" || word_text == "false") {
    value.kind = ast::ExprKind::kBool;
    value.integer = word_text == "true";
    value.text.clear();
  } else if (word_text == "null") {
    value.kind = ast::ExprKind::kNull;
    value.text.clear();
  } else {
    x3::_val(context).bare = true;
  }
};

inline constexpr auto negate_value = [](auto& context) {
  const OpToken& token = boost::fusion::at_c<0>(x3::_attr(context));
  x3::_val(context).value = make_prefix(state_of(context), token.kind, token.span, std::move(boost::fusion::at_c<1>(x3::_attr(context))));
};

const auto set_value = set<&TestValue::value>;
const auto negative = op(sign("-"), ast::ExprKind::kNegate) > quantity;
const auto value_word = x3::rule<struct ValueWordId, TestValue>{"a value"} =
    quantity[set_value] | text[set_value] | negative[negate_value] | (&sign("[") > expression[set_value]) | bare_word[take_bare_word];
inline constexpr auto merge_value = [](auto& context) {
  x3::_val(context).value = std::move(x3::_attr(context).value);
  x3::_val(context).bare = x3::_attr(context).bare;
};
const auto value_field = any_name[push<&TestValue::path>] >> *(sign(".") > any_name[push<&TestValue::path>]);
const auto test_value = x3::rule<struct TestValueId, TestValue>{"a field and its value, such as `user=ann`"} =
    placed[value_field > sign("=") > value_word[merge_value]];

const auto repetition = sign("{") > whole_number[set<&TestEvent::repeat>] > word("every") > duration[set<&TestEvent::every>] > sign("}");
const auto event_stream = x3::rule<struct EventStreamId, ast::Name>{"a stream"} = name[take];
// A clause of the next line begins with `expect` or a digit, so what begins with a letter is a field of this event.
const auto next_field = !(word("expect") >> !sign("=") >> !sign(".")) >> test_value;
// `arrives 20s` is no field: those have a `=`.
const auto arrival = word("arrives") >> !sign("=") >> !sign(".");
const auto test_event = x3::rule<struct TestEventId, TestEvent>{"an event"} = duration[set<&TestEvent::at>] >
                                                                              event_stream[set<&TestEvent::stream>] >
                                                                              *(!arrival >> next_field[push<&TestEvent::values>]) >
                                                                              -repetition > -(arrival > duration[set<&TestEvent::arrives>]);

const auto kind_word = word("match") | word("timeout") | word("break") | word("clear") | word("withdrawal");
const auto alert_kind = x3::rule<struct AlertKindId, ast::Name>{"a kind"} = &kind_word >> name[take] >> &(name >> !sign("=")) >>
                                                                            !word("at") >> !word("expect");
const auto nothing = word("none") >> !sign("=");
const auto alert_name = x3::rule<struct AlertNameId, ast::Name>{"the name of an alert, or `none`"} = name[take];
const auto alert_time = (word("at") >> !sign("=")) > duration[set<&Expectation::at>];
const auto one_alert =
    (-alert_kind[set<&Expectation::kind>] >> alert_name[set<&Expectation::stream>]) > -alert_time > *next_field[push<&Expectation::values>];
const auto expectation = x3::rule<struct ExpectationId, Expectation>{"the name of an alert, or `none`"} =
    nothing[flag<&Expectation::none>] | one_alert;

const auto test_line_def = placed[test_event[become_line] | (word("expect") > expectation[become_line])];
const auto test_head_def = word("test") > text[set<&ast::Test::title>] > sign("{");

struct TestLineId {};
struct TestHeadId {};

BOOST_SPIRIT_DEFINE(test_head, test_line)

}  // namespace sequitur::dsl::grammar
