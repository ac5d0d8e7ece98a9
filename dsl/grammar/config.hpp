// The one place that says over what all grammars run: the iterator, the skipper and with it the context.
#pragma once

#include <boost/spirit/home/x3.hpp>

#include "dsl/grammar/state.hpp"

namespace sequitur::dsl::grammar {

namespace x3 = boost::spirit::x3;

// Skips blanks and comments. It knows the state of the parse, and since every context holds the skipper, every parser does.
struct Skipper : x3::parser<Skipper> {
  using attribute_type = x3::unused_type;
  static constexpr bool has_attribute = false;

  explicit Skipper(State& s) : state(&s) {}

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, Iterator last, const Context&, RContext&, Attribute&) const {
    state->skip(first, last);
    return false;  // All was skipped at once; x3 need not ask again.
  }

  State* state;
};

using ContextType = x3::phrase_parse_context<Skipper>::type;

template <typename Context>
State& state_of(const Context& context) {
  return *x3::get<x3::skipper_tag>(context).state;
}

// placed[p], as the whole right side of a rule with actions: gives the rule's node its place. (X3 calls on_success without
// the node where a rule has actions.) Finish may do more.
template <typename Subject, typename Finish>
struct NodeDirective : x3::unary_parser<Subject, NodeDirective<Subject, Finish>> {
  static constexpr bool is_pass_through_unary = true;

  constexpr explicit NodeDirective(const Subject& inner) : x3::unary_parser<Subject, NodeDirective<Subject, Finish>>(inner) {}

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, Iterator last, const Context& context, RContext& node, Attribute& attribute) const {
    Iterator from = state_of(context).skipped(first, last);
    if (!this->subject.parse(first, last, context, node, attribute)) return false;
    if constexpr (requires { node.span; }) {
      node.span = state_of(context).place(from, first);
      Finish{}(state_of(context), node);
    }
    return true;
  }
};

template <typename Finish>
struct NodeGen {
  template <typename Subject>
  constexpr auto operator[](const Subject& subject) const {
    using Parser = typename x3::extension::as_parser<Subject>::value_type;
    return NodeDirective<Parser, Finish>(x3::as_parser(subject));
  }
};

struct OnlyPlace {
  template <typename Node>
  void operator()(const State&, Node&) const {}
};
inline constexpr NodeGen<OnlyPlace> placed{};

// Actions that fill one member of the rule's node.
template <auto Member>
inline constexpr auto set = [](auto& context) { x3::_val(context).*Member = std::move(x3::_attr(context)); };
template <auto Member>
inline constexpr auto push = [](auto& context) { (x3::_val(context).*Member).push_back(std::move(x3::_attr(context))); };
template <auto Member>
inline constexpr auto flag = [](auto& context) { x3::_val(context).*Member = true; };
inline constexpr auto take = [](auto& context) { x3::_val(context) = std::move(x3::_attr(context)); };

}  // namespace sequitur::dsl::grammar
