// `in` with lists and ranges, and the text operators, which take one value or a list.
#include <fmt/core.h>
#include <algorithm>
#include <array>
#include <unordered_set>

#include "dsl/check_expression.hpp"
#include "dsl/check_pattern.hpp"
#include "event/file_list.hpp"
#include "event/ip.hpp"

namespace sequitur::dsl {
namespace {

constexpr int kMaxNamesInARow = 32;  // let a = b, let b = c, ..

Expr make(Op op, Span span) {
  Expr expr;
  expr.op = op;
  expr.type = Type::kBool;
  expr.span = span;
  return expr;
}

std::string constant_identity(const Constant& value) {
  if (has_bytes(value.type)) return "s" + value.s;
  if (value.type == Type::kFloat) return fmt::format("f{}", value.f);
  return fmt::format("i{}", value.i);
}

TextOp text_op(ast::ExprKind kind) {
  switch (kind) {
    case ast::ExprKind::kContains: return TextOp::kContains;
    case ast::ExprKind::kStartsWith: return TextOp::kStartsWith;
    case ast::ExprKind::kEndsWith: return TextOp::kEndsWith;
    case ast::ExprKind::kLike: return TextOp::kLike;
    default: return TextOp::kMatches;
  }
}

std::string_view words(TextOp op) {
  switch (op) {
    case TextOp::kContains: return "contains";
    case TextOp::kStartsWith: return "starts with";
    case TextOp::kEndsWith: return "ends with";
    case TextOp::kLike: return "like";
    case TextOp::kMatches: return "matches";
  }
  return "";
}

// The byte of a pattern in the file. The text of a regex stands there as written; that of a text only if nothing was escaped.
Span place_in(const ast::Expr& item, std::size_t offset) {
  const Span whole = item.span;
  const bool plain = item.kind == ast::ExprKind::kRegex || whole.end - whole.begin == item.text.size() + (item.fold ? 3 : 2);
  if (!plain) return whole;
  const auto begin = static_cast<std::uint32_t>(whole.begin + 1 + offset);
  return begin < whole.end ? Span{whole.file, begin, begin + 1} : whole;
}

}  // namespace

Typed ExpressionChecker::negate_if(bool negated, Typed condition, Span span) {
  return negated ? build_.logical_not(condition, span) : condition;
}

// What a `let` without brackets stands for, where a list, a range or a pattern may be named. Anything else is itself.
// `whole_file`: a list from a file is not read here; Operand::file tells of it.
ExpressionChecker::Operand ExpressionChecker::resolve_operand(const ast::Expr& expr, const Scope& scope, bool whole_file) {
  Operand operand{&expr, scope};
  for (int i = 0; i < kMaxNamesInARow; ++i) {
    const ast::Expr& at = *operand.expr;
    if (at.kind != ast::ExprKind::kPath || at.path.size() != 1 || !at.path[0].index.empty()) break;
    const std::string& name = at.path[0].name.text;
    if (operand.scope.params != nullptr && operand.scope.params->contains(name)) break;
    if (find_step(at, operand.scope) >= 0 || candidate_has(name, operand.scope)) break;
    const auto let = world_.lets.find(name);
    if (let == world_.lets.end() || let->second.ast->function || let->second.broken) break;
    if (let->second.ast->file && whole_file) {
      operand.file = &let->second;
      operand.expr = &let->second.ast->value;
      break;
    }
    operand.expr = let->second.ast->file ? &file_texts(let->second) : &let->second.ast->value;
    operand.scope = Scope{};
    operand.scope.in_let = true;
  }
  return operand;
}

// The lines of the file as a list, for operators that are compiled from it: they are read once.
const ast::Expr& ExpressionChecker::file_texts(LetInfo& let) {
  if (let.file_list) return *let.file_list;
  ast::Expr& list = let.file_list.emplace();
  list.kind = ast::ExprKind::kList;
  list.span = let.ast->value.span;
  const Result<std::vector<std::string>> lines = read_list_lines(let.path);
  if (!lines) {
    reporter_.error("E075", let.ast->value.span, fmt::format("the file \"{}\" {}", let.ast->value.text, lines.error().message), {},
                    "one value a line; the path counts from the rule file");
    return list;
  }
  for (const std::string& line : *lines) {
    ast::Expr item;
    item.kind = ast::ExprKind::kText;
    item.text = line;
    item.span = list.span;
    list.args.push_back(std::move(item));
  }
  return list;
}

// x in NAME, where NAME is a list from a file: its lines are values of the type of x.
Typed ExpressionChecker::in_file(const ast::Expr& expr, const Typed& value, LetInfo& let) {
  if (!value.ok()) return {};
  const bool fold = value.nocase;
  const auto same = [&](const std::shared_ptr<FileList>& list) {
    return list->name() == let.ast->name.text && list->type() == value.type() && list->fold() == fold;
  };
  auto known = std::find_if(world_.file_lists.begin(), world_.file_lists.end(), same);
  if (known == world_.file_lists.end()) {
    auto list = std::make_shared<FileList>(let.ast->name.text, let.path, value.type(), fold);
    if (const Result<std::size_t> loaded = list->load(); !loaded) {
      reporter_.error("E075", let.ast->value.span, loaded.error().message, {}, "one value a line, of the type of what stands before `in`");
      return {};
    }
    known = world_.file_lists.insert(world_.file_lists.end(), std::move(list));
  }
  Expr node = make(Op::kInList, expr.span);
  node.fold = fold;
  node.file_list = *known;
  return build_.node(std::move(node), std::array{value});
}

Typed ExpressionChecker::in(const ast::Expr& expr, const Scope& scope) {
  const Typed value = check(expr.args[0], scope);
  if (Operand whole = resolve_operand(expr.args[1], scope, true);
      whole.file != nullptr && (!value.ok() || (FileList::has_type(value.type()) && !value.null_literal)))
    return negate_if(expr.negated, in_file(expr, value, *whole.file), expr.span);
  const Operand operand = resolve_operand(expr.args[1], scope);
  switch (operand.expr->kind) {
    case ast::ExprKind::kRange: return negate_if(expr.negated, in_range(expr, value, operand), expr.span);
    case ast::ExprKind::kList: return negate_if(expr.negated, in_list(expr, value, operand), expr.span);
    case ast::ExprKind::kPath:
    case ast::ExprKind::kCall: {
      const Typed other = check(*operand.expr, operand.scope);
      if (!other.ok()) return {};
      break;
    }
    default: break;
  }
  reporter_.error("E098", expr.args[1].span, "`in` needs a list or a range", {}, "write `in [a, b]` or `in 1..9`; for one value `==`");
  return {};
}

Typed ExpressionChecker::in_range(const ast::Expr& expr, const Typed& value, const Operand& range) {
  const Typed low = check(range.expr->args[0], range.scope);
  const Typed high = check(range.expr->args[1], range.scope);
  if (!value.ok() || !low.ok() || !high.ok()) return {};
  const bool clock = range.expr->args[0].kind == ast::ExprKind::kTimeOfDay && range.expr->args[1].kind == ast::ExprKind::kTimeOfDay;
  Typed operand = value;
  if (clock && value.type() == Type::kTime && !value.null_literal) {  // The time of day, UTC; time_of_day() takes a zone.
    operand = build_.call("time_of_day", expr.args[0].span, std::array{value}, value.span());
  }
  const Typed above = build_.compare(Op::kGreaterEqual, operand, low, expr.span);
  const Typed below = build_.compare(Op::kLessEqual, operand, high, expr.span);
  if (!above.ok() || !below.ok()) return {};
  bool empty = false;
  if (low.constant() && high.constant() && low.type() == high.type()) {
    const Constant& a = low.expr->value;
    const Constant& b = high.expr->value;
    empty = low.type() == Type::kFloat ? a.f > b.f : low.type() == Type::kString ? a.s > b.s : a.i > b.i;
  } else if (low.constant() && high.constant() && is_number(low.type()) && is_number(high.type())) {
    empty = build_.to_float(low).expr->value.f > build_.to_float(high).expr->value.f;
  }
  if (empty && !clock) {
    reporter_.error("E099", range.expr->span, "this range is empty: its lower end is above its upper end", {}, "swap the two ends");
    return {};
  }
  return build_.logical(empty ? Op::kOr : Op::kAnd, {above, below}, expr.span);  // 22:00..06:00 goes over midnight.
}

// An address in a list of addresses and networks, written as texts. Addresses of other events are compared.
Typed ExpressionChecker::in_networks(const ast::Expr& expr, const Typed& value, const Operand& list) {
  Expr node = make(Op::kInNetworks, expr.span);
  std::vector<Typed> parts;
  bool good = true;
  bool networks = false;
  for (const ast::Expr& item_expr : list.expr->args) {
    const Typed item = check(item_expr, list.scope);
    if (!item.ok()) {
      good = false;
    } else if (item.null_literal) {
      node.list_has_null = true;
    } else if (item.type() == Type::kIp && !item.constant()) {
      parts.push_back(build_.compare(Op::kEqual, value, item, expr.span));
    } else if (IpNetwork network; item.type() == Type::kString && item.constant() && parse_network(item.expr->value.s, network)) {
      networks = networks || network.prefix < 128;
      Constant constant;
      constant.type = Type::kIp;
      constant.s = bytes_of(network.address);
      constant.i = network.prefix;
      node.list.push_back(std::move(constant));
    } else {
      reporter_.error("E098", item.span(), fmt::format("{} is not an address or a network", item.constant() ? "this" : describe(item)), {},
                      "write `in [\"10.0.0.0/8\", \"fc00::/7\", \"192.0.2.1\"]`");
      good = false;
    }
  }
  if (!good) return {};
  if (!networks) {
    node.op = Op::kInList;
    for (Constant& constant : node.list) constant.i = 0;
  }
  if (!node.list.empty() || node.list_has_null) parts.insert(parts.begin(), build_.node(std::move(node), std::array{value}));
  return build_.logical(Op::kOr, std::move(parts), expr.span);
}

Typed ExpressionChecker::in_list(const ast::Expr& expr, const Typed& value, const Operand& list) {
  if (list.expr->args.empty()) {
    reporter_.error("E098", expr.args[1].span, "nothing is in an empty list", {}, "name at least one value");
    return {};
  }
  if (value.ok() && value.type() == Type::kIp) return in_networks(expr, value, list);
  if (value.ok() && is_list(value.type())) {
    reporter_.error("E098", value.span(), "`in` looks for one value, but this is a list", {}, "ask its elements: `some list in [..]`");
    return {};
  }
  bool good = value.ok();
  Typed operand = value;
  std::vector<Typed> constants, others;
  bool has_null = false;
  bool has_float = false;
  bool has_decimal = false;
  for (const ast::Expr& item_expr : list.expr->args) {
    Typed item = check(item_expr, list.scope);
    if (!item.ok() || !value.ok()) {
      good = false;
      continue;
    }
    if (item.null_literal) {
      has_null = true;
      continue;
    }
    const bool numbers = is_number(item.type()) && is_number(value.type());
    if (item.type() != value.type() && !numbers) {
      reporter_.error("E098", item.span(), fmt::format("{} in the list, but the value before `in` is {}", describe(item), describe(value)),
                      {}, "all values of the list must have its type");
      good = false;
      continue;
    }
    has_decimal = has_decimal || item.type() == Type::kDecimal;
    if (operand.type() == Type::kDecimal && item.type() == Type::kFloat) {
      if (const Typed exact = build_.to_decimal(item); exact.ok()) item = exact;
    }
    has_float = has_float || item.type() == Type::kFloat;
    (item.constant() ? constants : others).push_back(std::move(item));
  }
  if (!good) return {};
  if (has_float || operand.type() == Type::kFloat) {
    operand = build_.to_float(operand);
    for (Typed& item : constants) item = build_.to_float(item);
  } else if (has_decimal || operand.type() == Type::kDecimal) {
    operand = build_.to_decimal(operand);
    for (Typed& item : constants) item = build_.to_decimal(item);
    if (!operand.ok()) return {};
  }
  if (constants.empty() && others.empty())
    reporter_.warning("W003", expr.span, "nothing is ever in a list of nothing but `null`", {}, "write `not exists ..`");

  std::vector<Typed> parts;
  for (const bool fold : {false, true}) {
    Expr node = make(Op::kInList, expr.span);
    std::unordered_set<std::string> seen;
    for (const Typed& item : constants) {
      if ((operand.nocase || item.nocase) != fold || !seen.insert(constant_identity(item.expr->value)).second) continue;
      node.list.push_back(item.expr->value);
    }
    const bool nulls_only = constants.empty() && others.empty() && has_null && !fold;
    if (node.list.empty() && !nulls_only) continue;
    node.fold = fold && operand.type() == Type::kString;
    node.list_has_null = has_null;
    parts.push_back(build_.node(std::move(node), std::array{operand}));
  }
  for (const Typed& item : others) parts.push_back(build_.compare(Op::kEqual, operand, item, expr.span));
  if (has_null && constants.empty() && !others.empty()) {  // x in [a.y, null]: unknown unless equal.
    Expr null = make(Op::kConstant, expr.span);
    null.value.null = true;
    parts.push_back(TypedBuilder::leaf(std::move(null)));
  }
  return build_.logical(Op::kOr, std::move(parts), expr.span);
}

// One value behind a text operator. Reports what is wrong with it.
bool ExpressionChecker::check_text_pattern(const ast::Expr& item, TextOp op, const Typed* text) {
  const std::string_view pattern = text != nullptr ? std::string_view(text->expr->value.s) : std::string_view(item.text);
  if (pattern.size() > kMaxPatternBytes) {
    reporter_.error("E103", item.span, fmt::format("the pattern has {} bytes", pattern.size()), {},
                    fmt::format("at most {} are allowed", kMaxPatternBytes));
    return false;
  }
  if (pattern.empty() && op != TextOp::kLike) {
    reporter_.error("E101", item.span,
                    fmt::format("every text {} the empty text", op == TextOp::kMatches    ? "matches"
                                                                : op == TextOp::kContains ? "contains"
                                                                                          : "begins and ends with"),
                    {}, "name what to look for, or leave the condition out");
    return false;
  }
  if (op != TextOp::kMatches) return true;
  const std::optional<PatternProblem> problem = check_regex(pattern);
  if (!problem) return true;
  const std::string_view code = problem->kind == PatternProblem::Kind::kMalformed     ? "E101"
                                : problem->kind == PatternProblem::Kind::kUnsupported ? "E102"
                                                                                      : "E103";
  reporter_.error(code, place_in(item, problem->offset), problem->message, {}, problem->help);
  return false;
}

Typed ExpressionChecker::text_operator(const ast::Expr& expr, const Scope& scope) {
  const TextOp op = text_op(expr.kind);
  const Typed value = check(expr.args[0], scope);
  bool good = value.ok();
  if (value.ok() && (value.type() != Type::kString || value.null_literal)) {
    reporter_.error("E100", value.span(), fmt::format("`{}` looks into texts, but this is {}", words(op), describe(value)), {},
                    is_list(value.type()) ? fmt::format("ask its elements: `some list {} ..`", words(op)) : "make it a text: `text(..)`");
    good = false;
  }
  const Operand operand = resolve_operand(expr.args[1], scope);
  const bool list = operand.expr->kind == ast::ExprKind::kList;
  const std::span<const ast::Expr> items =
      list ? std::span<const ast::Expr>(operand.expr->args) : std::span<const ast::Expr>(operand.expr, 1);
  if (items.empty()) {
    reporter_.error("E098", expr.args[1].span, fmt::format("`{}` with an empty list never holds", words(op)), {}, "name at least one text");
    return {};
  }
  const bool all = expr.quantity == ast::Quantity::kAllOf;
  std::vector<std::string> patterns[2];  // As they are, and folded.
  std::vector<Typed> parts;
  for (const ast::Expr& written : items) {
    const Operand item = resolve_operand(written, operand.scope);
    if (item.expr->kind == ast::ExprKind::kRegex) {
      if (op != TextOp::kMatches) {
        reporter_.error("E104", item.expr->span, fmt::format("`{}` takes a text, not a pattern", words(op)), {},
                        "write `matches /../`, or a text in quotes");
        good = false;
      } else if (check_text_pattern(*item.expr, op, nullptr)) {
        patterns[(item.expr->fold || value.nocase) ? 1 : 0].push_back(item.expr->text);
      } else {
        good = false;
      }
      continue;
    }
    if (is_builder(*item.expr)) {
      if (op == TextOp::kMatches) {
        reporter_.error("E104", item.expr->span, fmt::format("`{}` makes texts, and `matches` takes a pattern", item.expr->text), {},
                        "write `contains`, `starts with`, `ends with` or `like`");
        good = false;
        continue;
      }
      const std::optional<std::vector<Built>> built = build_patterns(*item.expr, item.scope);
      if (!built) {
        good = false;
        continue;
      }
      Expr alternatives[2] = {make(Op::kText, expr.span), make(Op::kText, expr.span)};
      for (const Built& one : *built) {
        const bool fold = !one.exact && (one.fold || value.nocase);
        (all ? alternatives[fold ? 1 : 0].patterns : patterns[fold ? 1 : 0]).push_back(one.text);
      }
      std::vector<Typed> any;
      for (const bool fold : {true, false}) {
        Expr& node = alternatives[fold ? 1 : 0];
        if (node.patterns.empty() || !value.ok()) continue;
        node.text_op = op;
        node.fold = fold;
        any.push_back(build_.node(std::move(node), std::array{value}));
      }
      if (!any.empty()) parts.push_back(build_.logical(Op::kOr, std::move(any), expr.span));
      continue;
    }
    const Typed text = check(*item.expr, item.scope);
    if (!text.ok()) {
      good = false;
      continue;
    }
    if (text.type() != Type::kString || text.null_literal) {
      reporter_.error("E100", text.span(), fmt::format("`{}` needs a text here, not {}", words(op), describe(text)), {},
                      op == TextOp::kMatches ? "write a pattern: `matches /../`" : "write it in quotes");
      good = false;
    } else if (text.constant()) {
      const bool fold = text.nocase || value.nocase;
      if (check_text_pattern(*item.expr, op, &text))
        patterns[fold ? 1 : 0].push_back(text.expr->value.s);
      else
        good = false;
    } else if (op == TextOp::kMatches) {
      reporter_.error("E104", text.span(), "the pattern of `matches` must be a constant", {},
                      "use `contains` or `like` for a text from another event");
      good = false;
    } else if (value.ok()) {
      Expr node = make(Op::kTextDynamic, expr.span);
      node.text_op = op;
      node.fold = text.nocase || value.nocase;
      parts.push_back(build_.node(std::move(node), std::array{value, text}));
    }
  }
  if (!good) return {};
  for (const bool fold : {true, false}) {
    if (patterns[fold ? 1 : 0].empty()) continue;
    Expr node = make(Op::kText, expr.span);
    node.text_op = op;
    node.fold = fold;
    node.all_patterns = all;
    node.patterns = std::move(patterns[fold ? 1 : 0]);
    parts.insert(parts.begin(), build_.node(std::move(node), std::array{value}));
  }
  return negate_if(expr.negated, build_.logical(all ? Op::kAnd : Op::kOr, std::move(parts), expr.span), expr.span);
}

}  // namespace sequitur::dsl
