// `param limit = 5`: a `let` whose value may come from outside (`--set limit=10`), as long as it has the type of the one written.
#include <fmt/format.h>
#include <algorithm>

#include "dsl/check_reuse.hpp"
#include "dsl/parse.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::size_t kMaxParamBytes = 64 * 1024;

// What is said of the value is said where the parameter is declared.
void place_at(ast::Expr& expr, Span span) {
  static_cast<Span&>(expr.span) = span;
  static_cast<Span&>(expr.op_span) = span;
  for (ast::PathPart& part : expr.path) static_cast<Span&>(part.name.span) = span;
  for (ast::Expr& arg : expr.args) place_at(arg, span);
}

// 5 is 5.0 where a float is wanted.
void make_float(ast::Expr& expr) {
  if (expr.kind == ast::ExprKind::kNumber) expr.is_integer = false;
  for (ast::Expr& arg : expr.args) make_float(arg);
}

bool is_literal(const ast::Expr& expr) {
  switch (expr.kind) {
    case ast::ExprKind::kNumber:
    case ast::ExprKind::kDuration:
    case ast::ExprKind::kText:
    case ast::ExprKind::kRegex:
    case ast::ExprKind::kTimeOfDay:
    case ast::ExprKind::kBool: return true;
    case ast::ExprKind::kNegate: return expr.args[0].kind == ast::ExprKind::kNumber || expr.args[0].kind == ast::ExprKind::kDuration;
    default: return false;
  }
}

class ParamChecker {
 public:
  explicit ParamChecker(Reporter& reporter) : reporter_(reporter) {}

  void check_default(const ParamInfo& param) {
    const ast::Expr& value = param.ast->value;
    const std::span<const ast::Expr> parts = parts_of(value);
    const bool good = (is_literal(value) || !parts.empty()) && std::all_of(parts.begin(), parts.end(), is_literal);
    if (!good)
      reporter_.error("E161", value.span, "a parameter is a value, a list of values or a pattern", {},
                      "write it out, as in `param limit = 5`; `let` can compute with it");
  }

  // Nothing, after a report, if the text is no such value.
  std::optional<ast::Expr> override_of(const ParamInfo& param, const std::string& text) {
    const ast::Expr& written = param.ast->value;
    ast::Expr value;
    if (written.kind == ast::ExprKind::kText && !text.starts_with('"')) {
      value = written;
      value.text = text;
      if (text.size() > kMaxParamBytes) return wrong(param, text, "it is too long");
      return value;
    }
    const Parsed parsed = parse("param value = " + text + "\n", 0);
    const auto* read = parsed.file.items.size() == 1 ? std::get_if<ast::Param>(&parsed.file.items[0].body) : nullptr;
    if (text.size() > kMaxParamBytes || !parsed.ok() || read == nullptr) return wrong(param, text, "it cannot be read");
    value = read->value;
    place_at(value, param.ast->name.span);
    const std::span<const ast::Expr> parts = parts_of(value);
    if (value.kind != written.kind && !(is_literal(value) && is_literal(written))) return wrong(param, text, "it is of another kind");
    if (!is_literal(value) && (parts.empty() || !std::all_of(parts.begin(), parts.end(), is_literal)))
      return wrong(param, text, "it is no value");
    const std::optional<Type> wanted = type_of(written), given = type_of(value);
    if (!wanted) return std::nullopt;  // The declaration is wrong already.
    if (wanted == Type::kFloat && given == Type::kInt)
      make_float(value);
    else if (given != wanted)
      return wrong(param, text, given ? fmt::format("it is {}", to_string(*given)) : "its values differ in type");
    return value;
  }

 private:
  static std::span<const ast::Expr> parts_of(const ast::Expr& value) {
    return value.kind == ast::ExprKind::kList ? std::span<const ast::Expr>(value.args) : std::span<const ast::Expr>();
  }

  static std::optional<Type> literal_type(const ast::Expr& expr) {
    switch (expr.kind) {
      case ast::ExprKind::kNumber: return expr.is_integer ? Type::kInt : Type::kFloat;
      case ast::ExprKind::kDuration:
      case ast::ExprKind::kTimeOfDay: return Type::kDuration;
      case ast::ExprKind::kText:
      case ast::ExprKind::kRegex: return Type::kString;
      case ast::ExprKind::kBool: return Type::kBool;
      case ast::ExprKind::kNegate: return literal_type(expr.args[0]);
      default: return std::nullopt;
    }
  }

  // Of the value, or of all values of the list: ints beside floats are floats.
  static std::optional<Type> type_of(const ast::Expr& value) {
    const std::span<const ast::Expr> parts = parts_of(value);
    if (parts.empty()) return literal_type(value);
    std::optional<Type> type = literal_type(parts[0]);
    for (const ast::Expr& part : parts) {
      const std::optional<Type> other = literal_type(part);
      const bool numbers = (type == Type::kInt || type == Type::kFloat) && (other == Type::kInt || other == Type::kFloat);
      if (numbers)
        type = type == Type::kFloat ? type : other;
      else if (other != type)
        return std::nullopt;
    }
    return type;
  }

  std::optional<ast::Expr> wrong(const ParamInfo& param, const std::string& text, std::string_view why) {
    constexpr std::size_t kShown = 40;
    const std::string shown = text.size() > kShown ? text.substr(0, kShown) + ".." : text;
    const std::optional<Type> type = type_of(param.ast->value);
    const bool list = param.ast->value.kind == ast::ExprKind::kList;
    reporter_.error("E161", param.ast->name.span,
                    fmt::format("the value `{}` given for the parameter `{}` does not fit: {}", shown, param.ast->name.text, why), {},
                    !type  ? ""
                    : list ? fmt::format("it is a list of {}: --set '{}=[a, b]'", to_string(*type), param.ast->name.text)
                           : fmt::format("it is {}", to_string(*type)));
    return std::nullopt;
  }

  Reporter& reporter_;
};

}  // namespace

void check_params(const CheckInput& input, ExpressionChecker& expressions) {
  World& world = expressions.world();
  ParamChecker checker(expressions.reporter());
  std::vector<std::string_view> names;
  for (ParamInfo& param : world.params) {
    names.push_back(param.ast->name.text);
    checker.check_default(param);
  }
  constexpr Span kNowhere{0xFFFF'FFFF, 0, 0};
  std::uint32_t unknown = 0;
  for (const auto& [name, text] : input.params) {
    const auto param =
        std::find_if(world.params.begin(), world.params.end(), [&](const ParamInfo& info) { return info.ast->name.text == name; });
    if (param == world.params.end()) {
      if (world.incomplete) continue;
      std::string help = expressions.reporter().did_you_mean(name, names);
      if (help.empty()) help = names.empty() ? "declare it: `param name = value`" : fmt::format("there is {}", fmt::join(names, ", "));
      expressions.reporter().error("E160", {kNowhere.file, unknown, unknown}, fmt::format("no file declares the parameter `{}`", name),
                                   "a value is given for it", help);
      ++unknown;
      continue;
    }
    if (std::optional<ast::Expr> value = checker.override_of(*param, text)) param->let.value = *std::move(value);
  }
}

}  // namespace sequitur::dsl
