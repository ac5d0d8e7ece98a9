// Pattern builders: windash, wide, base64, base64offset. Behind a text operator they stand for the texts that they make of
// theirs, any of which is looked for. What they make is what Sigma's modifiers of these names make (pySigma).
#include <fmt/core.h>
#include <algorithm>
#include <array>

#include "dsl/check_expression.hpp"
#include "event/json_text.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::size_t kMostBuilt = 625;  // Four dashes in one text.

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// A dash or slash that begins a flag: a word follows it, and none stands before it. Every such place takes any of the five.
std::vector<std::string> windash(const std::string& text) {
  static constexpr std::array<std::string_view, 5> kDashes = {"-", "/", "\u2013", "\u2014", "\u2015"};
  std::vector<std::string> made = {""};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool flag =
        (text[i] == '-' || text[i] == '/') && i + 1 < text.size() && is_word(text[i + 1]) && (i == 0 || !is_word(text[i - 1]));
    if (!flag) {
      for (std::string& one : made) one += text[i];
      continue;
    }
    std::vector<std::string> more;
    for (const std::string& one : made)
      for (const std::string_view dash : kDashes) more.push_back(one + std::string(dash));
    made = std::move(more);
    if (made.size() > kMostBuilt) return made;
  }
  return made;
}

// UTF-16, the lower byte first.
std::string wide(const std::string& text) {
  std::string result;
  const auto add = [&](unsigned unit) {
    result += static_cast<char>(unit & 0xFF);
    result += static_cast<char>(unit >> 8);
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(std::string_view(text).substr(i)));
    const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(text[i + at])); };
    unsigned code = byte(0);
    if (length == 2) code = ((code & 0x1F) << 6) | (byte(1) & 0x3F);
    if (length == 3) code = ((code & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
    if (length == 4) code = ((code & 0x07) << 18) | ((byte(1) & 0x3F) << 12) | ((byte(2) & 0x3F) << 6) | (byte(3) & 0x3F);
    if (code >= 0x10000) {
      add(0xD800 + ((code - 0x10000) >> 10));
      add(0xDC00 + ((code - 0x10000) & 0x3FF));
    } else {
      add(code);
    }
    i += length;
  }
  return result;
}

// The text inside a longer encoded one can begin at each of three places; what depends on its neighbours is cut off.
std::vector<std::string> base64offset(const std::string& text) {
  constexpr std::array<std::size_t, 3> kFront = {0, 2, 3}, kBack = {0, 3, 2};
  std::vector<std::string> made;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    std::string encoded;
    append_base64(std::string(shift, ' ') + text, encoded);
    const std::size_t end = encoded.size() - kBack[(text.size() + shift) % 3];
    made.push_back(encoded.substr(kFront[shift], end > kFront[shift] ? end - kFront[shift] : 0));
  }
  return made;
}

}  // namespace

bool ExpressionChecker::is_builder(const ast::Expr& expr) const {
  return expr.kind == ast::ExprKind::kCall && !world_.lets.contains(expr.text) &&
         (expr.text == "windash" || expr.text == "wide" || expr.text == "base64" || expr.text == "base64offset");
}

std::optional<std::vector<ExpressionChecker::Built>> ExpressionChecker::build_patterns(const ast::Expr& expr, const Scope& scope) {
  if (expr.args.empty()) {
    reporter_.error("E086", expr.span, fmt::format("`{}` takes texts", expr.text), {},
                    fmt::format("write `contains {}(\"..\")`", expr.text));
    return std::nullopt;
  }
  std::vector<Built> result;
  for (const ast::Expr& arg : expr.args) {
    std::vector<Built> texts;
    if (is_builder(arg)) {
      std::optional<std::vector<Built>> inner = build_patterns(arg, scope);
      if (!inner) return std::nullopt;
      texts = std::move(*inner);
    } else {
      const Typed text = check(arg, scope);
      if (!text.ok()) return std::nullopt;
      if (text.null_literal || text.type() != Type::kString || !text.constant()) {
        reporter_.error("E087", arg.span, fmt::format("`{}` makes patterns of texts in quotes, not of {}", expr.text, describe(text)), {},
                        fmt::format("write `contains {}(\"..\")`", expr.text));
        return std::nullopt;
      }
      texts.push_back({text.expr->value.s, text.nocase, false});
    }
    for (const Built& text : texts) {
      if (expr.text == "windash") {
        for (std::string& made : windash(text.text)) result.push_back({std::move(made), text.fold, text.exact});
      } else if (expr.text == "wide") {
        result.push_back({wide(text.text), text.fold, text.exact});
      } else if (expr.text == "base64") {
        std::string encoded;
        append_base64(text.text, encoded);
        result.push_back({std::move(encoded), false, true});
      } else {
        for (std::string& made : base64offset(text.text)) result.push_back({std::move(made), false, true});
      }
    }
    if (result.size() > kMostBuilt) {
      reporter_.error("E103", arg.span, fmt::format("`{}` makes more than {} patterns of this", expr.text, kMostBuilt), {},
                      "use fewer dashes in one text");
      return std::nullopt;
    }
  }
  if (std::any_of(result.begin(), result.end(), [](const Built& built) { return built.text.empty(); })) {
    reporter_.error("E101", expr.span, fmt::format("`{}` makes an empty text of this, which every text contains", expr.text), {},
                    "use a longer text");
    return std::nullopt;
  }
  return result;
}

}  // namespace sequitur::dsl
