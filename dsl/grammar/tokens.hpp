// The tokens as X3 parsers, and what limits their nesting. None of them moves the iterator when it fails, so an error is
// always found behind the last good token.
#pragma once

#include <string>
#include <string_view>

#include "dsl/grammar/config.hpp"
#include "dsl/grammar/scan.hpp"
#include "dsl/limits.hpp"

namespace sequitur::dsl::grammar {

// A word or a sign; its attribute is its place.
struct Literal : x3::parser<Literal> {
  using attribute_type = x3::unused_type;
  static constexpr bool has_attribute = false;

  constexpr Literal(std::string_view t, bool w) : text(t), word(w) {}

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, Iterator last, const Context& context, RContext&, Attribute&) const {
    Iterator p = state_of(context).skipped(first, last);
    p = word ? scan_word(p, last, text) : scan_sign(p, last, text);
    if (p) first = p;
    return p != nullptr;
  }

  std::string_view text;
  bool word;
};

constexpr Literal word(std::string_view text) { return {text, true}; }
constexpr Literal sign(std::string_view text) { return {text, false}; }

// A word of several kinds with the same use (`==`, `<`): gives which it was, and where.
struct OpToken {
  ast::ExprKind kind = ast::ExprKind::kNull;
  ast::Place span;
};

struct OpParser : x3::parser<OpParser> {
  using attribute_type = OpToken;
  static constexpr bool has_attribute = true;

  constexpr OpParser(Literal l, ast::ExprKind k) : literal(l), kind(k) {}

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, Iterator last, const Context& context, RContext& rcontext, Attribute& attribute) const {
    Iterator from = state_of(context).skipped(first, last);
    if (!literal.parse(first, last, context, rcontext, x3::unused)) return false;
    x3::traits::move_to(OpToken{kind, state_of(context).place(from, first)}, attribute);
    return true;
  }

  Literal literal;
  ast::ExprKind kind;
};

constexpr OpParser op(Literal literal, ast::ExprKind kind) { return {literal, kind}; }

// A token with a value: one of the scan functions, and its name for people.
template <typename Node, typename Scan>
struct Token : x3::parser<Token<Node, Scan>> {
  using attribute_type = Node;
  static constexpr bool has_attribute = true;

  constexpr Token(const char* n, Scan s) : name(n), scan(s) {}

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, Iterator last, const Context& context, RContext&, Attribute& attribute) const {
    State& state = state_of(context);
    Node node;
    Iterator p = scan(state.skipped(first, last), last, state, node);
    if (!p) return false;
    x3::traits::move_to(std::move(node), attribute);
    first = p;
    return true;
  }

  const char* name;
  Scan scan;
};

template <typename Node, typename Scan>
constexpr Token<Node, Scan> token(const char* name, Scan scan) {
  return {name, scan};
}

constexpr auto scan_quantity_of(ast::ExprKind kind) {
  return [kind](Iterator first, Iterator last, State& state, ast::Expr& out) -> Iterator {
    Iterator p = scan_quantity(first, last, state, out);
    return p && out.kind == kind ? p : nullptr;
  };
}

constexpr auto scan_whole_number = [](Iterator first, Iterator last, State& state, ast::Expr& out) -> Iterator {
  Iterator p = scan_quantity(first, last, state, out);
  return p && out.kind == ast::ExprKind::kNumber && out.is_integer ? p : nullptr;
};

constexpr auto scan_percentage = [](Iterator first, Iterator last, State& state, ast::Expr& out) -> Iterator {
  Iterator p = scan_quantity(first, last, state, out);
  return p && out.kind == ast::ExprKind::kNumber && p[-1] == '%' ? p : nullptr;
};

constexpr auto scan_plain_name = [](Iterator first, Iterator last, State& state, ast::Name& out) {
  return scan_name(first, last, state, false, out);
};
constexpr auto scan_any_name = [](Iterator first, Iterator last, State& state, ast::Name& out) {
  return scan_name(first, last, state, true, out);
};

inline constexpr auto name = token<ast::Name>("a name", scan_plain_name);
inline constexpr auto any_name = token<ast::Name>("a name", scan_any_name);
inline constexpr auto tag = token<ast::Name>("a tag such as `fraud` or `attack.t1110`", scan_tag);
inline constexpr auto quantity = token<ast::Expr>("a number or a duration", scan_quantity);
inline constexpr auto number = token<ast::Expr>("a number", scan_quantity_of(ast::ExprKind::kNumber));
inline constexpr auto whole_number = token<ast::Expr>("a whole number", scan_whole_number);
inline constexpr auto percentage = token<ast::Expr>("a share such as `99%`", scan_percentage);
inline constexpr auto duration = token<ast::Expr>("a duration such as `10m`", scan_quantity_of(ast::ExprKind::kDuration));
inline constexpr auto time_of_day = token<ast::Expr>("a time of day such as `06:30`", scan_quantity_of(ast::ExprKind::kTimeOfDay));
inline constexpr auto text = token<ast::Expr>("text in quotes", scan_text);
inline constexpr auto regex = token<ast::Expr>("a regular expression such as `/^a.*z$/`", scan_regex);
inline constexpr auto bare_word = token<ast::Expr>("a value", scan_bare_word);

// nested[p]: p inside one more pair of brackets. Recursion of the grammar goes through here only, so that no text, however
// deep its brackets, can exhaust the stack.
template <typename Subject>
struct Nested : x3::unary_parser<Subject, Nested<Subject>> {
  static constexpr bool is_pass_through_unary = true;

  constexpr explicit Nested(const Subject& inner) : x3::unary_parser<Subject, Nested<Subject>>(inner) {}

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, Iterator last, const Context& context, RContext& rcontext, Attribute& attribute) const {
    struct Level {
      State& state;
      ~Level() { --state.nesting; }
    } level{state_of(context)};
    if (++level.state.nesting > kMaxNesting) {
      const Iterator bracket_end = level.state.end_of_token_before(first);
      level.state.fail("E020", bracket_end - 1, bracket_end, "brackets are nested more than " + std::to_string(kMaxNesting) + " deep",
                       "name a part of it with `let`");
    }
    return this->subject.parse(first, last, context, rcontext, attribute);
  }
};

struct NestedGen {
  template <typename Subject>
  constexpr auto operator[](const Subject& subject) const {
    using Parser = typename x3::extension::as_parser<Subject>::value_type;
    return Nested<Parser>(x3::as_parser(subject));
  }
};
inline constexpr NestedGen nested{};

}  // namespace sequitur::dsl::grammar

namespace boost::spirit::x3 {

template <>
struct get_info<sequitur::dsl::grammar::Literal> {
  using result_type = std::string;
  std::string operator()(const sequitur::dsl::grammar::Literal& l) const { return "`" + std::string(l.text) + "`"; }
};

template <typename Node, typename Scan>
struct get_info<sequitur::dsl::grammar::Token<Node, Scan>> {
  using result_type = std::string;
  std::string operator()(const sequitur::dsl::grammar::Token<Node, Scan>& t) const { return t.name; }
};

// What has no name of its own is called by what it begins with.
template <typename Subject, typename Action>
struct get_info<action<Subject, Action>> {
  using result_type = std::string;
  std::string operator()(const action<Subject, Action>& a) const { return what(a.subject); }
};

template <typename Subject, typename Finish>
struct get_info<sequitur::dsl::grammar::NodeDirective<Subject, Finish>> {
  using result_type = std::string;
  std::string operator()(const sequitur::dsl::grammar::NodeDirective<Subject, Finish>& n) const { return what(n.subject); }
};

template <typename Subject>
struct get_info<sequitur::dsl::grammar::Nested<Subject>> {
  using result_type = std::string;
  std::string operator()(const sequitur::dsl::grammar::Nested<Subject>& n) const { return what(n.subject); }
};

template <typename Subject>
struct get_info<expect_directive<Subject>> {
  using result_type = std::string;
  std::string operator()(const expect_directive<Subject>& e) const { return what(e.subject); }
};

template <typename Left, typename Right>
struct get_info<sequence<Left, Right>> {
  using result_type = std::string;
  std::string operator()(const sequence<Left, Right>& s) const { return what(s.left); }
};

template <typename Left, typename Right>
struct get_info<alternative<Left, Right>> {
  using result_type = std::string;
  std::string operator()(const alternative<Left, Right>& a) const { return what(a.left) + " or " + what(a.right); }
};

}  // namespace boost::spirit::x3
