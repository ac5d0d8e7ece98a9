// The grammar of expressions, from the weakest binding to the strongest. One level is one rule; operators of a level are
// folded to the left by the actions, so that no level recurses but through brackets.
#pragma once

#include <utility>
#include <vector>

#include "dsl/grammar/build.hpp"
#include "dsl/grammar/expression.hpp"

namespace sequitur::dsl::grammar {

using ast::Expr;
using ast::ExprKind;

template <int N, typename Context>
decltype(auto) part(Context& context) {
  return boost::fusion::at_c<N>(x3::_attr(context));
}

// ---- Actions -----------------------------------------------------------------------------------------------------------

inline constexpr auto fold_binary = [](auto& context) {
  const OpToken& token = part<0>(context);
  x3::_val(context) = make_binary(state_of(context), token.kind, token.span, std::move(x3::_val(context)), std::move(part<1>(context)));
};

inline constexpr auto fold_logic = [](auto& context) {
  const OpToken& token = part<0>(context);
  add_operand(state_of(context), token.kind, token.span, x3::_val(context), std::move(part<1>(context)));
};

inline constexpr auto apply_prefixes = [](auto& context) {
  const std::vector<OpToken>& prefixes = part<0>(context);
  Expr expr = std::move(part<1>(context));
  for (auto it = prefixes.rbegin(); it != prefixes.rend(); ++it) expr = make_prefix(state_of(context), it->kind, it->span, std::move(expr));
  x3::_val(context) = std::move(expr);
};

inline constexpr auto apply_prefix = [](auto& context) {
  x3::_val(context) = make_prefix(state_of(context), part<0>(context).kind, part<0>(context).span, std::move(part<1>(context)));
};

inline constexpr auto complete = [](auto& context) {
  x3::_val(context) = complete_comparison(state_of(context), std::move(x3::_val(context)), std::move(x3::_attr(context)));
};

inline constexpr auto quantify = [](auto& context) {
  const OpToken& token = part<0>(context);
  // Without a comparison: a bracket, `some (a.x == 1 and a.y == 2)`, or a list of conditions.
  auto& tail = part<2>(context);
  Expr condition =
      tail ? complete_comparison(state_of(context), std::move(part<1>(context)), std::move(*tail)) : std::move(part<1>(context));
  x3::_val(context) = make_prefix(state_of(context), token.kind, token.span, std::move(condition));
};

inline constexpr auto take_op = [](auto& context) {
  x3::_val(context).kind = x3::_attr(context).kind;
  x3::_val(context).op_span = x3::_attr(context).span;
};

template <ast::Quantity Q>
inline constexpr auto set_quantity = [](auto& context) { x3::_val(context).quantity = Q; };

inline constexpr auto take_argument = [](auto& context) {
  Expr& argument = x3::_val(context);
  if (argument.kind == ExprKind::kDistinct) {
    argument = make_prefix(state_of(context), ExprKind::kDistinct, argument.op_span, std::move(x3::_attr(context)));
  } else {
    argument = std::move(x3::_attr(context));
  }
};

inline constexpr auto take_called_name = [](auto& context) {
  x3::_val(context).text = std::move(x3::_attr(context).text);
  x3::_val(context).op_span = x3::_attr(context).span;
};

inline constexpr auto take_constant_or_path = [](auto& context) {
  x3::_val(context) = std::move(x3::_attr(context));
  resolve_constant(x3::_val(context));
};

// ---- Nodes that say what they are ----------------------------------------------------------------------------------------

template <ExprKind Kind>
struct FinishExpr {
  void operator()(const State& state, Expr& expr) const {
    expr.kind = Kind;
    update_depth(state, expr);
  }
};
template <ExprKind Kind>
inline constexpr NodeGen<FinishExpr<Kind>> node{};

struct FinishBracket {
  void operator()(const State&, Expr& expr) const { expr.bracketed = true; }
};
inline constexpr NodeGen<FinishBracket> bracket_node{};

// ---- Leaves ------------------------------------------------------------------------------------------------------------

const auto list_end = x3::rule<struct ListEndId>{"`,` or `]`"} = sign("]");
const auto arguments_end = x3::rule<struct ArgumentsEndId>{"`,` or `)`"} = sign(")");

const auto index_value = x3::rule<struct IndexValueId, std::vector<Expr>>{"a place or a key"} = nested[expression] % sign(",");
const auto path_index = sign("[") > index_value[set<&ast::PathPart::index>] > list_end;
const auto first_part = x3::rule<struct FirstPartId, ast::PathPart>{"a name"} = name[set<&ast::PathPart::name>] >> -path_index;
const auto next_part = x3::rule<struct NextPartId, ast::PathPart>{"a name"} = any_name[set<&ast::PathPart::name>] >> -path_index;
const auto path_def = node<ExprKind::kPath>[first_part[push<&Expr::path>] >> *(sign(".") > next_part[push<&Expr::path>])];

const auto list = x3::rule<struct ListId, Expr>{"a list"} =
    node<ExprKind::kList>[sign("[") > -(nested[expression][push<&Expr::args>] % sign(",")) > -sign(",") > list_end];

const auto distinct_mark = op(word("distinct"), ExprKind::kDistinct) >> &(name - word("where") - word("over") - word("in"));
const auto argument = x3::rule<struct ArgumentId, Expr>{"an argument"} = -distinct_mark[take_op] >> expression[take_argument] >>
                                                                         -(op(word("where"), ExprKind::kWhere) > expression)[fold_binary] >>
                                                                         -(op(word("over"), ExprKind::kOver) > duration)[fold_binary];

const auto call_head = x3::rule<struct CallHeadId, ast::Name>{"a call"} = name[take] >> sign("(");
const auto first_argument = -nested[argument][push<&Expr::args>];
const auto call = x3::rule<struct CallId, Expr>{"a call"} =
    node<ExprKind::kCall>[call_head[take_called_name] > first_argument > *(sign(",") > nested[argument][push<&Expr::args>]) >
                          arguments_end];

const auto bracket_end = x3::rule<struct BracketEndId>{"`)`"} = sign(")");
const auto bracketed = x3::rule<struct BracketedId, Expr>{"a bracket"} = bracket_node[sign("(") > nested[expression][take] > bracket_end];

const auto atom = x3::rule<struct AtomId, Expr>{"a value"} =
    quantity[take] | text[take] | bracketed[take] | list[take] | call[take] | path[take_constant_or_path] | regex[take];

// ---- Arithmetic --------------------------------------------------------------------------------------------------------

const auto minus = op(sign("-"), ExprKind::kNegate);
const auto unary = x3::rule<struct UnaryId, Expr>{"a value"} = (+minus > atom)[apply_prefixes] | atom[take];

const auto coalesce = x3::rule<struct CoalesceId, Expr>{"a value"} = unary[take] >>
                                                                     *(op(sign("??"), ExprKind::kCoalesce) > unary)[fold_binary];

const auto product_op = x3::rule<struct ProductOpId, OpToken>{"an operator"} =
    op(sign("*"), ExprKind::kMultiply) | op(sign("/"), ExprKind::kDivide) | op(sign("%"), ExprKind::kModulo);
const auto product = x3::rule<struct ProductId, Expr>{"a value"} = coalesce[take] >> *(product_op > coalesce)[fold_binary];

const auto sum_op = x3::rule<struct SumOpId, OpToken>{"an operator"} = op(sign("+"), ExprKind::kAdd) | op(sign("-"), ExprKind::kSubtract);
const auto sum = x3::rule<struct SumId, Expr>{"a value"} = product[take] >> *(sum_op > product)[fold_binary];

// ---- Comparisons -------------------------------------------------------------------------------------------------------

const auto compare_op = x3::rule<struct CompareOpId, OpToken>{"an operator"} =
    op(sign("=="), ExprKind::kEqual) | op(sign("!="), ExprKind::kNotEqual) | op(sign("<="), ExprKind::kLessEqual) |
    op(sign(">="), ExprKind::kGreaterEqual) | op(sign("<"), ExprKind::kLess) | op(sign(">"), ExprKind::kGreater);
const auto text_op = x3::rule<struct TextOpId, OpToken>{"an operator"} =
    op(word("contains"), ExprKind::kContains) | op(word("like"), ExprKind::kLike) | op(word("matches"), ExprKind::kMatches) |
    (op(word("starts"), ExprKind::kStartsWith) > word("with")) | (op(word("ends"), ExprKind::kEndsWith) > word("with"));

const auto range = x3::rule<struct RangeId, Expr>{
    "a list or a range such as `[1, 2]` or `1..5`"} = sum[take] >> -(op(sign(".."), ExprKind::kRange) > sum)[fold_binary];
const auto any_or_all =
    (word("any") >> word("of"))[set_quantity<ast::Quantity::kAnyOf>] | (word("all") >> word("of"))[set_quantity<ast::Quantity::kAllOf>];
const auto negation = -word("not")[flag<&Expr::negated>];

const auto order_tail = x3::rule<struct OrderTailId, Expr>{"a comparison"} = compare_op[take_op] > sum[push<&Expr::args>];
const auto in_tail = x3::rule<struct InTailId, Expr>{"a comparison"} =
    (negation >> op(word("in"), ExprKind::kIn)[take_op]) > range[push<&Expr::args>];
const auto text_tail = x3::rule<struct TextTailId, Expr>{"a comparison"} =
    (negation >> text_op[take_op]) > -any_or_all > sum[push<&Expr::args>];
const auto comparison_tail = x3::rule<struct ComparisonTailId, Expr>{"a comparison such as `== 5` or `like \"a*\"`"} =
    order_tail[take] | in_tail[take] | text_tail[take];

// ---- Logic -------------------------------------------------------------------------------------------------------------

const auto comparison = x3::rule<struct ComparisonId, Expr>{"a condition"} = sum[take] >> -comparison_tail[complete];
const auto existing = x3::rule<struct ExistingId, Expr>{"a field"} = call[take] | path[take];  // `check` refuses the call.
const auto existence = x3::rule<struct ExistenceId, Expr>{"a condition"} = (op(word("exists"), ExprKind::kExists) > existing)[apply_prefix];
const auto quantifier = x3::rule<struct QuantifierId, OpToken>{"an operator"} =
    op(word("some"), ExprKind::kSome) | op(word("every"), ExprKind::kEvery);
const auto quantified = x3::rule<struct QuantifiedId, Expr>{"a condition"} = (quantifier > sum > -comparison_tail)[quantify];
const auto test = x3::rule<struct TestId, Expr>{"a condition"} = existence[take] | quantified[take] | comparison[take];

const auto not_op = op(word("not"), ExprKind::kNot);
const auto inversion = x3::rule<struct InversionId, Expr>{"a condition"} = (+not_op > test)[apply_prefixes] | test[take];
const auto conjunction = x3::rule<struct ConjunctionId, Expr>{"a condition"} = inversion[take] >>
                                                                               *(op(word("and"), ExprKind::kAnd) > inversion)[fold_logic];
const auto expression_def = conjunction[take] >> *(op(word("or"), ExprKind::kOr) > conjunction)[fold_logic];

struct ExpressionId {};
struct PathId {};

BOOST_SPIRIT_DEFINE(expression, path)

}  // namespace sequitur::dsl::grammar
