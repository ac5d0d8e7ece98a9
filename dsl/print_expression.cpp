#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "dsl/grammar/scan.hpp"
#include "dsl/print.hpp"
#include "dsl/print_layout.hpp"

namespace sequitur::dsl {

namespace {

using ast::Expr;
using ast::ExprKind;

// How strongly a kind binds; what binds weaker than its place asks for stands in brackets.
enum Level : int {
  kOrLevel = 1,
  kAndLevel,
  kNotLevel,
  kTestLevel,
  kRangeLevel,
  kSumLevel,
  kProductLevel,
  kCoalesceLevel,
  kNegateLevel,
  kAtomLevel
};

Level level_of(ExprKind kind) {
  switch (kind) {
    case ExprKind::kDistinct:
    case ExprKind::kWhere:
    case ExprKind::kOver:
    case ExprKind::kOr: return kOrLevel;
    case ExprKind::kAnd: return kAndLevel;
    case ExprKind::kNot: return kNotLevel;
    case ExprKind::kExists:
    case ExprKind::kSome:
    case ExprKind::kEvery:
    case ExprKind::kEqual:
    case ExprKind::kNotEqual:
    case ExprKind::kLess:
    case ExprKind::kLessEqual:
    case ExprKind::kGreater:
    case ExprKind::kGreaterEqual:
    case ExprKind::kIn:
    case ExprKind::kContains:
    case ExprKind::kStartsWith:
    case ExprKind::kEndsWith:
    case ExprKind::kLike:
    case ExprKind::kMatches: return kTestLevel;
    case ExprKind::kRange: return kRangeLevel;
    case ExprKind::kAdd:
    case ExprKind::kSubtract: return kSumLevel;
    case ExprKind::kMultiply:
    case ExprKind::kDivide:
    case ExprKind::kModulo: return kProductLevel;
    case ExprKind::kCoalesce: return kCoalesceLevel;
    case ExprKind::kNegate: return kNegateLevel;
    default: return kAtomLevel;
  }
}

std::string_view sign_of(ExprKind kind) {
  switch (kind) {
    case ExprKind::kAnd: return "and";
    case ExprKind::kOr: return "or";
    case ExprKind::kEqual: return "==";
    case ExprKind::kNotEqual: return "!=";
    case ExprKind::kLess: return "<";
    case ExprKind::kLessEqual: return "<=";
    case ExprKind::kGreater: return ">";
    case ExprKind::kGreaterEqual: return ">=";
    case ExprKind::kIn: return "in";
    case ExprKind::kContains: return "contains";
    case ExprKind::kStartsWith: return "starts with";
    case ExprKind::kEndsWith: return "ends with";
    case ExprKind::kLike: return "like";
    case ExprKind::kMatches: return "matches";
    case ExprKind::kAdd: return "+";
    case ExprKind::kSubtract: return "-";
    case ExprKind::kMultiply: return "*";
    case ExprKind::kDivide: return "/";
    case ExprKind::kModulo: return "%";
    case ExprKind::kCoalesce: return "??";
    case ExprKind::kWhere: return "where";
    case ExprKind::kOver: return "over";
    default: return "";
  }
}

// Appends to one string; a tree is at most kMaxExprDepth deep.
class ExprPrinter {
 public:
  std::string print_all(const Expr& expr, Level at_least = kOrLevel) {
    print(expr, at_least);
    return std::move(out_);
  }

 private:
  void print(const Expr& expr, Level at_least) {
    const bool brackets = expr.bracketed || level_of(expr.kind) < at_least;
    if (brackets) out_ += '(';
    print_bare(expr);
    if (brackets) out_ += ')';
  }

  void print_bare(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::kNumber:
      case ExprKind::kDuration:
      case ExprKind::kTimeOfDay: out_ += expr.text; return;
      case ExprKind::kText: out_ += text_literal(expr); return;
      case ExprKind::kRegex: out_ += "/" + expr.text + (expr.fold ? "/i" : "/"); return;
      case ExprKind::kBool: out_ += expr.integer != 0 ? "true" : "false"; return;
      case ExprKind::kNull: out_ += "null"; return;
      case ExprKind::kPath: print_path(expr); return;
      case ExprKind::kList: print_listed("[", expr.args, "]"); return;
      case ExprKind::kCall: print_listed(expr.text + "(", expr.args, ")"); return;
      case ExprKind::kRange: print_binary(expr, "..", kSumLevel, kSumLevel); return;
      case ExprKind::kDistinct: print_prefix(expr, "distinct ", kOrLevel); return;
      case ExprKind::kWhere:
      case ExprKind::kOver: print_binary(expr, spaced(expr.kind), kOrLevel, kOrLevel); return;
      case ExprKind::kNot: print_prefix(expr, "not ", kNotLevel); return;
      case ExprKind::kExists: print_prefix(expr, "exists ", kAtomLevel); return;
      case ExprKind::kSome: print_prefix(expr, "some ", kTestLevel); return;
      case ExprKind::kEvery: print_prefix(expr, "every ", kTestLevel); return;
      case ExprKind::kNegate: print_prefix(expr, "-", kNegateLevel); return;
      case ExprKind::kAnd:
      case ExprKind::kOr: print_joined(expr.args, spaced(expr.kind), kNotLevel); return;
      case ExprKind::kAdd:
      case ExprKind::kSubtract: print_binary(expr, spaced(expr.kind), kSumLevel, kProductLevel); return;
      case ExprKind::kMultiply:
      case ExprKind::kDivide:
      case ExprKind::kModulo: print_binary(expr, spaced(expr.kind), kProductLevel, kCoalesceLevel); return;
      case ExprKind::kCoalesce: print_binary(expr, spaced(expr.kind), kCoalesceLevel, kNegateLevel); return;
      case ExprKind::kIn: print_binary(expr, spaced_test(expr), kSumLevel, kRangeLevel); return;
      default: print_binary(expr, spaced_test(expr), kSumLevel, kSumLevel); return;
    }
  }

  static std::string spaced(ExprKind kind) { return fmt::format(" {} ", sign_of(kind)); }

  static std::string spaced_test(const Expr& expr) {
    const char* quantity = expr.quantity == ast::Quantity::kAnyOf ? "any of " : expr.quantity == ast::Quantity::kAllOf ? "all of " : "";
    return fmt::format(" {}{} {}", expr.negated ? "not " : "", sign_of(expr.kind), quantity);
  }

  void print_prefix(const Expr& expr, std::string_view prefix, Level level) {
    out_ += prefix;
    print(expr.args[0], level);
  }

  void print_binary(const Expr& expr, std::string_view sign, Level left, Level right) {
    print(expr.args[0], left);
    out_ += sign;
    print(expr.args[1], right);
  }

  void print_joined(const std::vector<Expr>& args, std::string_view separator, Level level) {
    for (const Expr& arg : args) {
      if (&arg != &args.front()) out_ += separator;
      print(arg, level);
    }
  }

  void print_listed(std::string_view open, const std::vector<Expr>& args, std::string_view close) {
    out_ += open;
    print_joined(args, ", ", kOrLevel);
    out_ += close;
  }

  void print_path(const Expr& expr) {
    for (const ast::PathPart& part : expr.path) {
      const bool first = &part == &expr.path.front();
      if (!first) out_ += '.';
      out_ += first ? dsl::print(part.name) : any_name_text(part.name);
      if (!part.index.empty()) print_listed("[", part.index, "]");
    }
  }

  std::string out_;
};

bool is_plain(std::string_view name) {
  return !name.empty() && grammar::is_name_start(name[0]) && std::all_of(name.begin(), name.end(), grammar::is_name_char);
}

// Bytes at `i` that must not stand in rule text as they are; 0: none. See check_source.
std::size_t unprintable(std::string_view text, std::size_t i) {
  const auto c = static_cast<unsigned char>(text[i]);
  if (c < 0x20 || c == 0x7F) return 1;
  if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return 2;
  const std::string_view three = text.substr(i, 3);
  return (three >= "\u202A" && three <= "\u202E") || (three >= "\u2066" && three <= "\u2069") ? 3 : 0;
}

unsigned code_point(std::string_view bytes) {
  auto low = [&](std::size_t i, unsigned mask) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) & mask; };
  if (bytes.size() == 1) return low(0, 0x7F);
  if (bytes.size() == 2) return low(0, 0x1F) << 6 | low(1, 0x3F);
  return low(0, 0x0F) << 12 | low(1, 0x3F) << 6 | low(2, 0x3F);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = unprintable(text, i);
    switch (text[i]) {
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      default: out += length == 0 ? std::string(1, text[i]) : fmt::format("\\u{:04x}", code_point(text.substr(i, length)));
    }
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::string doubled(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out;
}

}  // namespace

std::string text_literal(const ast::Expr& text) {
  bool raw = text.raw;
  for (std::size_t i = 0; raw && i < text.text.size(); ++i) raw = unprintable(text.text, i) == 0 || text.text[i] == '\t';
  return (raw ? "'" + doubled(text.text) + "'" : "\"" + escaped(text.text) + "\"") + (text.fold ? "i" : "");
}

std::string any_name_text(const ast::Name& name) { return name.quoted || !is_plain(name.text) ? "`" + name.text + "`" : name.text; }

std::string print(const ast::Name& name) { return grammar::is_reserved(name.text) ? "`" + name.text + "`" : any_name_text(name); }

std::string name_text(const ast::Name& name) { return print(name); }

std::string operand_text(const ast::Expr& operand) { return ExprPrinter().print_all(operand, kNotLevel); }

std::string print(const ast::Expr& expr) { return ExprPrinter().print_all(expr); }

}  // namespace sequitur::dsl
