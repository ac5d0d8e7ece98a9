#include "dsl/grammar/scan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "dsl/limits.hpp"

namespace sequitur::dsl::grammar {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t scale;
};

constexpr std::array<Unit, 7> kDurationUnits{
    {{"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}, {"w", 604'800'000'000}}};

constexpr std::array<Unit, 10> kNumberUnits{{{"k", 1'000},
                                             {"M", 1'000'000},
                                             {"KB", 1'000},
                                             {"MB", 1'000'000},
                                             {"GB", 1'000'000'000},
                                             {"TB", 1'000'000'000'000},
                                             {"KiB", 1LL << 10},
                                             {"MiB", 1LL << 20},
                                             {"GiB", 1LL << 30},
                                             {"TiB", 1LL << 40}}};

struct Alias {
  std::string_view wrong, right;
};

constexpr std::array<Alias, 21> kUnitAliases{
    {{"min", "m"},     {"mins", "m"},  {"minute", "m"}, {"minutes", "m"}, {"sec", "s"},   {"secs", "s"}, {"second", "s"},
     {"seconds", "s"}, {"hr", "h"},    {"hrs", "h"},    {"hour", "h"},    {"hours", "h"}, {"day", "d"},  {"days", "d"},
     {"week", "w"},    {"weeks", "w"}, {"msec", "ms"},  {"millis", "ms"}, {"K", "k"},     {"H", "h"},    {"usec", "us"}}};

template <typename Table>
const Unit* find_unit(const Table& table, std::string_view name) {
  auto it = std::find_if(table.begin(), table.end(), [&](const Unit& unit) { return unit.name == name; });
  return it == table.end() ? nullptr : &*it;
}

Iterator skip_digits(Iterator p, Iterator last) {
  while (p != last && (is_digit(*p) || (*p == '_' && p + 1 != last && is_digit(p[1])))) ++p;
  return p;
}

Iterator skip_letters(Iterator p, Iterator last) {
  while (p != last && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))) ++p;
  return p;
}

std::string without_underscores(Iterator from, Iterator to) {
  std::string digits(from, to);
  std::erase(digits, '_');
  return digits;
}

bool to_integer(Iterator from, Iterator to, std::int64_t scale, std::int64_t& out) {
  std::string digits = without_underscores(from, to);
  std::int64_t value = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{}) return false;
  return !__builtin_mul_overflow(value, scale, &out);
}

[[noreturn]] void fail_number_too_large(Iterator from, Iterator to, const State& state) {
  state.fail("E007", from, to, "this number is too large", "whole numbers end at 9223372036854775807");
}

[[noreturn]] void fail_unit(Iterator from, Iterator unit, Iterator to, const State& state) {
  std::string_view name(unit, to - unit);
  auto alias = std::find_if(kUnitAliases.begin(), kUnitAliases.end(), [&](const Alias& a) { return a.wrong == name; });
  std::string help = alias != kUnitAliases.end()
                         ? "write `" + std::string(from, unit) + std::string(alias->right) + "`"
                         : "durations end in us ms s m h d or w, numbers in k M % KB MB GB TB KiB MiB GiB or TiB; text stands in quotes";
  state.fail("E008", from, to, "`" + std::string(from, to) + "` is neither a number nor a duration", std::move(help));
}

void finish(ast::Expr& out, ast::ExprKind kind, Iterator from, Iterator to, const State& state) {
  out.kind = kind;
  out.span = state.place(from, to);
  out.text.assign(from, to);
}

Iterator end_of_word(Iterator p, Iterator last) {
  while (p != last && is_name_char(*p)) ++p;
  return p;
}

Iterator scan_time_of_day(Iterator first, Iterator colon, Iterator last, const State& state, ast::Expr& out) {
  std::array<int, 3> parts{0, 0, 0};
  Iterator p = first;
  std::size_t count = 0;
  bool well_formed = colon - first <= 2;
  for (; count < 3; ++count) {
    Iterator from = p;
    while (p != last && is_digit(*p)) ++p;
    if (count > 0) well_formed = well_formed && p - from == 2;
    if (well_formed) std::from_chars(from, p, parts[count]);
    if (p == last || *p != ':' || p + 1 == last || !is_digit(p[1]) || count == 2) break;
    ++p;
  }
  int seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (!well_formed || parts[1] > 59 || parts[2] > 59 || seconds > 24 * 3600 || (p != last && is_name_char(*p))) {
    state.fail("E009", first, end_of_word(p, last), "`" + std::string(first, end_of_word(p, last)) + "` is not a time of day",
               "write hours and minutes, such as `06:30` or `23:59:30`");
  }
  finish(out, ast::ExprKind::kTimeOfDay, first, p, state);
  out.integer = seconds * 1'000'000LL;
  return p;
}

Iterator scan_duration(Iterator first, Iterator last, const State& state, ast::Expr& out) {
  std::int64_t total = 0;
  Iterator p = first;
  while (p != last && is_digit(*p)) {
    Iterator digits = p;
    Iterator unit_begin = skip_digits(p, last);
    p = skip_letters(unit_begin, last);
    const Unit* unit = find_unit(kDurationUnits, {unit_begin, static_cast<std::size_t>(p - unit_begin)});
    if (!unit) fail_unit(first, unit_begin == p ? first : unit_begin, end_of_word(p, last), state);
    std::int64_t part = 0;
    if (!to_integer(digits, unit_begin, unit->scale, part) || __builtin_add_overflow(total, part, &total)) {
      state.fail("E008", first, end_of_word(p, last), "this duration is too long");
    }
  }
  if (p != last && is_name_char(*p)) fail_unit(first, first, end_of_word(p, last), state);
  finish(out, ast::ExprKind::kDuration, first, p, state);
  out.integer = total;
  return p;
}

bool percent_follows(Iterator p, Iterator last) {  // `5%`, but not the remainder in `5%x`
  return p != last && *p == '%' && (p + 1 == last || !(is_name_char(p[1]) || p[1] == '(' || p[1] == '`'));
}

Iterator skip_exponent(Iterator p, Iterator last) {
  if (p == last || (*p != 'e' && *p != 'E')) return p;
  Iterator q = p + 1;
  if (q != last && (*q == '+' || *q == '-')) ++q;
  return q != last && is_digit(*q) ? skip_digits(q, last) : p;
}

// ---- Texts -------------------------------------------------------------------------------------------------------------

void append_utf8(std::string& out, std::uint32_t code) {
  auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// Behind `\u`: four hexadecimal digits, or up to six in braces.
Iterator scan_code_point(Iterator escape, Iterator p, Iterator last, State& state, std::string& out) {
  bool braces = p != last && *p == '{';
  Iterator from = braces ? p + 1 : p;
  std::uint32_t code = 0;
  auto [to, error] = std::from_chars(from, from + std::min<std::ptrdiff_t>(braces ? 6 : 4, last - from), code, 16);
  bool closed = braces ? to != last && *to == '}' : to - from == 4;
  if (error != std::errc{} || !closed || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    state.report("E004", state.place(escape, to), "this is no character", "write `\\u00e9` or `\\u{1F600}`");
    return to;
  }
  append_utf8(out, code);
  return braces ? to + 1 : to;
}

Iterator scan_escape(Iterator escape, Iterator last, State& state, std::string& out) {
  Iterator p = escape + 1;
  if (p == last || *p == '\n') return p;
  switch (char c = *p++) {
    case 'n': out.push_back('\n'); return p;
    case 't': out.push_back('\t'); return p;
    case 'r': out.push_back('\r'); return p;
    case '\\':
    case '"': out.push_back(c); return p;
    case 'u': return scan_code_point(escape, p, last, state, out);
    default:
      while (p != last && (static_cast<unsigned char>(*p) & 0xC0) == 0x80) ++p;
      state.report("E004", state.place(escape, p), "`" + std::string(escape, p) + "` is not an escape",
                   "write `\\\\` for a backslash, or use single quotes, where nothing is escaped: 'C:\\Users'");
      return p;
  }
}

Iterator end_of_line(Iterator p, Iterator last) {
  p = std::find(p, last, '\n');
  return p != last && p[-1] == '\r' ? p - 1 : p;
}

Iterator scan_fold(Iterator p, Iterator last, ast::Expr& out) {
  if (p != last && *p == 'i' && (p + 1 == last || !is_name_char(p[1]))) {
    out.fold = true;
    ++p;
  }
  return p;
}

void check_length(Iterator from, Iterator to, const State& state) {
  if (static_cast<std::size_t>(to - from) > kMaxTextBytes) {
    state.fail("E024", from, from + 1, "this text is longer than " + std::to_string(kMaxTextBytes) + " bytes");
  }
}

bool is_bare_char(char c) {
  return is_name_char(c) || c == '-' || c == '.' || c == ':' || c == '/' || c == '@' || c == '+' || c == '*' ||
         static_cast<signed char>(c) < 0;
}

}  // namespace

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) { return is_name_start(c) || is_digit(c); }

bool is_reserved(std::string_view word) {
  constexpr std::array<std::string_view, 7> kReserved{"not", "and", "or", "exists", "some", "every", "except"};
  return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

std::string_view peek_word(Iterator first, Iterator last) {
  if (first == last || !is_name_start(*first)) return {};
  return {first, static_cast<std::size_t>(end_of_word(first, last) - first)};
}

std::string_view peek_token(Iterator first, Iterator last) {
  if (first == last) return {};
  Iterator p = first + 1;
  if (is_name_char(*first)) {
    p = end_of_word(first, last);
    if (is_digit(*first) && p != last && *p == '.' && p + 1 != last && is_digit(p[1])) p = end_of_word(p + 1, last);
  } else if (*first == '"' || *first == '\'' || *first == '`') {
    while (p != last && *p != *first && *p != '\n' && p - first < 40) ++p;
    if (p != last && *p == *first) ++p;
  } else {
    constexpr std::array<std::string_view, 20> kSigns{"===", "==", "!=", "<=", ">=", "<>", "..", "??", "||", "&&",
                                                      "->",  "=>", ":=", "//", "/*", "=~", "::", "!~", "++", "**"};
    for (std::string_view sign : kSigns) {
      if (std::string_view(first, std::min<std::size_t>(3, last - first)).starts_with(sign)) {
        p = first + sign.size();
        break;
      }
    }
  }
  while (p != last && (static_cast<unsigned char>(*p) & 0xC0) == 0x80) ++p;  // Never half a character.
  return {first, static_cast<std::size_t>(p - first)};
}

Iterator scan_word(Iterator first, Iterator last, std::string_view word) {
  if (static_cast<std::size_t>(last - first) < word.size() || !std::equal(word.begin(), word.end(), first)) return nullptr;
  Iterator p = first + word.size();
  return p != last && is_name_char(*p) ? nullptr : p;
}

Iterator scan_sign(Iterator first, Iterator last, std::string_view sign) {
  if (static_cast<std::size_t>(last - first) < sign.size() || !std::equal(sign.begin(), sign.end(), first)) return nullptr;
  Iterator p = first + sign.size();
  if (sign.size() != 1 || p == last) return p;
  switch (*first) {
    case '=': return *p == '=' || *p == '>' || *p == '~' ? nullptr : p;
    case '<': return *p == '=' || *p == '>' ? nullptr : p;
    case '>': return *p == '=' ? nullptr : p;
    case '.':
    case '?':
    case '|': return *p == *first ? nullptr : p;
    case '*': return *p == '*' ? nullptr : p;
    case '/': return *p == '/' || *p == '*' ? nullptr : p;
    default: return p;
  }
}

Iterator scan_name(Iterator first, Iterator last, const State& state, bool any, ast::Name& out) {
  if (first == last) return nullptr;
  Iterator p = first;
  if (*first == '`') {
    p = std::find_if(first + 1, last, [](char c) { return c == '`' || c == '\n'; });
    if (p == last || *p == '\n') {
      state.fail("E006", first, end_of_line(first, last), "this name is not closed",
                 "a name in backticks ends with a backtick on the same line");
    }
    if (p == first + 1) state.fail("E006", first, p + 1, "a name cannot be empty");
    out.text.assign(first + 1, p);
    out.quoted = true;
    ++p;
  } else {
    std::string_view word = peek_word(first, last);
    if (word.empty() || (!any && is_reserved(word))) return nullptr;
    p = first + word.size();
    out.text = word;
  }
  if (out.text.size() > kMaxNameBytes) {
    state.fail("E024", first, p, "this name is longer than " + std::to_string(kMaxNameBytes) + " bytes");
  }
  out.span = state.place(first, p);
  return p;
}

Iterator scan_quantity(Iterator first, Iterator last, State& state, ast::Expr& out) {
  if (first == last || !is_digit(*first)) return nullptr;
  Iterator p = skip_digits(first, last);
  if (p != last && *p == ':' && p + 1 != last && is_digit(p[1])) return scan_time_of_day(first, p, last, state, out);
  Iterator digits_end = p;
  bool fraction = p != last && *p == '.' && p + 1 != last && is_digit(p[1]);
  if (fraction) p = skip_digits(p + 1, last);
  Iterator exponent = skip_exponent(p, last);
  bool whole = !fraction && exponent == p;
  Iterator number_end = p = exponent;
  if (number_end - first > 400) fail_number_too_large(first, number_end, state);

  p = skip_letters(p, last);
  std::string_view suffix(number_end, static_cast<std::size_t>(p - number_end));
  if (find_unit(kDurationUnits, suffix)) {
    if (whole) return scan_duration(first, last, state, out);
    state.fail("E008", first, p, "a duration is made of whole numbers", "write a sum, such as `1h30m` for one and a half hours");
  }
  const Unit* unit = find_unit(kNumberUnits, suffix);
  bool percent = suffix.empty() && percent_follows(p, last);
  if (percent) ++p;
  if ((!suffix.empty() && !unit) || (p != last && is_name_char(*p))) fail_unit(first, number_end, end_of_word(p, last), state);

  finish(out, ast::ExprKind::kNumber, first, p, state);
  std::string plain = without_underscores(first, number_end);
  if (std::from_chars(plain.data(), plain.data() + plain.size(), out.number).ec != std::errc{}) fail_number_too_large(first, p, state);
  if (unit) out.number *= static_cast<double>(unit->scale);
  if (percent) out.number /= 100;
  out.is_integer = whole && !percent;
  if (out.is_integer && !to_integer(first, digits_end, unit ? unit->scale : 1, out.integer)) fail_number_too_large(first, p, state);
  return p;
}

Iterator scan_text(Iterator first, Iterator last, State& state, ast::Expr& out) {
  if (first == last || (*first != '"' && *first != '\'')) return nullptr;
  const char quote = *first;
  std::string value;
  Iterator p = first + 1;
  for (; p != last && *p != '\n';) {
    if (*p == quote) {
      if (quote == '"' || p + 1 == last || p[1] != quote) break;
      value.push_back(quote);
      p += 2;
    } else if (*p == '\\' && quote == '"') {
      p = scan_escape(p, last, state, value);
    } else {
      value.push_back(*p++);
    }
  }
  if (p == last || *p == '\n') {
    state.fail("E003", first, std::max(first + 1, end_of_line(first, last)), "this text is not closed",
               std::string("it needs a closing `") + quote + "` on the same line");
  }
  check_length(first, p, state);
  p = scan_fold(p + 1, last, out);
  finish(out, ast::ExprKind::kText, first, p, state);
  out.raw = quote == '\'';
  out.text = std::move(value);
  return p;
}

Iterator scan_regex(Iterator first, Iterator last, State& state, ast::Expr& out) {
  if (first == last || *first != '/') return nullptr;
  if (first + 1 != last && (first[1] == '/' || first[1] == '*')) return nullptr;
  Iterator p = first + 1;
  while (p != last && *p != '\n' && *p != '/') p += *p == '\\' && p + 1 != last && p[1] != '\n' ? 2 : 1;
  if (p == last || *p == '\n') {
    state.fail("E005", first, std::max(first + 1, end_of_line(first, last)), "this regular expression is not closed",
               "it ends with `/` on the same line; a slash inside is written `\\/`");
  }
  check_length(first, p, state);
  Iterator body_end = p;
  p = scan_fold(p + 1, last, out);
  if (p != last && is_name_char(*p)) {
    state.fail("E005", body_end + 1, end_of_word(p, last), "the only flag of a regular expression is `i`",
               "write other options inside, such as `(?s)`");
  }
  finish(out, ast::ExprKind::kRegex, first, p, state);
  out.text.assign(first + 1, body_end);
  return p;
}

Iterator scan_tag(Iterator first, Iterator last, State& state, ast::Name& out) {
  if (first == last || !is_name_char(*first)) return nullptr;
  Iterator p = first;
  while (p != last && (is_name_char(*p) || ((*p == '.' || *p == '-' || *p == ':') && p + 1 != last && is_name_char(p[1])))) ++p;
  if (static_cast<std::size_t>(p - first) > kMaxNameBytes) {
    state.fail("E024", first, p, "this name is longer than " + std::to_string(kMaxNameBytes) + " bytes");
  }
  out.text.assign(first, p);
  out.span = state.place(first, p);
  return p;
}

Iterator scan_bare_word(Iterator first, Iterator last, State& state, ast::Expr& out) {
  if (first == last || !(is_name_start(*first) || static_cast<signed char>(*first) < 0)) return nullptr;
  Iterator p = first;
  while (p != last && is_bare_char(*p)) ++p;
  check_length(first, p, state);
  finish(out, ast::ExprKind::kText, first, p, state);
  return p;
}

}  // namespace sequitur::dsl::grammar
