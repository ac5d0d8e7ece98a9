// Conversions, rounding, calendar, texts, addresses and lists. The plainest way to each.
#include <date/iso_week.h>
#include <date/tz.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "event/decimal.hpp"
#include "event/duration_text.hpp"
#include "event/ip.hpp"
#include "event/json_text.hpp"
#include "event/number_text.hpp"
#include "event/time_text.hpp"
#include "tests/reference/evaluate.hpp"

namespace sequitur::reference {
namespace {

using dsl::Function;

Value finite(double value) { return std::isfinite(value) ? Value{value} : kNull; }
Value integer(std::int64_t value) { return value == kNullInt ? kNull : Value{value}; }
Value position(std::size_t at) { return at == std::string::npos ? kNull : Value{static_cast<std::int64_t>(at)}; }

Value rounded(Type type, const Value& value, std::int64_t digits, Function function) {
  if (digits < -12 || digits > 12) return kNull;
  if (type == Type::kDecimal) {
    const Rounding rounding = function == Function::kFloor   ? Rounding::kDown
                              : function == Function::kCeil  ? Rounding::kUp
                              : function == Function::kTrunc ? Rounding::kToZero
                                                             : Rounding::kNearest;
    return integer(decimal_round(std::get<1>(value), static_cast<int>(digits), rounding));
  }
  const double x = std::get<2>(value);
  switch (function) {
    case Function::kFloor: return finite(std::floor(x));
    case Function::kCeil: return finite(std::ceil(x));
    case Function::kTrunc: return finite(std::trunc(x));
    default: break;
  }
  const double scale = std::pow(10.0, static_cast<double>(std::abs(digits)));
  return finite(digits < 0 ? std::round(x / scale) * scale : std::round(x * scale) / scale);
}

Value calendar(Function function, const std::vector<Value>& args) {
  std::chrono::microseconds clock{std::get<1>(args[0])};
  if (args.size() > 1) {
    try {
      clock = date::locate_zone(std::get<3>(args[1]))->to_local(date::sys_time<std::chrono::microseconds>{clock}).time_since_epoch();
    } catch (const std::exception&) { return kNull; }
  }
  const auto days = std::chrono::floor<date::days>(clock);
  const date::year_month_day day{date::local_days{days}};
  const auto rest = clock - days;
  switch (function) {
    case Function::kYear: return std::int64_t{static_cast<int>(day.year())};
    case Function::kMonth: return std::int64_t{static_cast<unsigned>(day.month())};
    case Function::kDay: return std::int64_t{static_cast<unsigned>(day.day())};
    case Function::kWeek: {
      const iso_week::year_weeknum_weekday week{date::sys_days{days}};
      return std::int64_t{static_cast<unsigned>(week.weeknum())};
    }
    case Function::kHour: return std::int64_t{rest / std::chrono::hours{1}};
    case Function::kMinute: return std::int64_t{rest / std::chrono::minutes{1} % 60};
    default: return date::format("%Y-%m-%d", date::sys_days{days});
  }
}

Value between(const std::string& text, const std::string& left, const std::string& right, bool greedy) {
  const std::size_t begin = text.find(left);
  if (begin == std::string::npos) return kNull;
  const std::string rest = text.substr(begin + left.size());
  const std::size_t end = greedy ? rest.rfind(right) : rest.find(right);
  return end == std::string::npos ? kNull : Value{rest.substr(0, end)};
}

Value replaced(const std::string& text, const std::string& part, const std::string& other) {
  if (part.empty()) return text;
  std::string result = text;
  for (std::size_t at = result.find(part); at != std::string::npos; at = result.find(part, at + other.size()))
    result.replace(at, part.size(), other);
  return result;
}

Value reversed(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(std::string_view{text}.substr(i)));
    result = text.substr(i, length) + result;
    i += length;
  }
  return result;
}

Value split(std::string text, const std::string& separator) {
  if (separator.empty()) return kNull;
  List list;
  for (std::size_t at = text.find(separator); at != std::string::npos; at = text.find(separator)) {
    list.items.push_back(text.substr(0, at));
    text = text.substr(at + separator.size());
  }
  list.items.push_back(text);
  return list;
}

Value joined(const List& list, Type element, const std::string& separator) {
  std::string text;
  bool first = true;
  for (const auto& item : list.items) {
    if (is_null(item)) continue;
    text += (first ? "" : separator) + to_text(item, element);
    first = false;
  }
  return text;
}

Value entropy(const std::string& text) {
  std::map<unsigned char, double> counts;
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const auto& [byte, count] : counts)
    bits -= count / static_cast<double>(text.size()) * std::log2(count / static_cast<double>(text.size()));
  return bits;
}

Value base64_decoded(std::string text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.pop_back();
  if (text.size() % 4 == 1) return kNull;
  std::string bits, result;
  for (char c : text) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    const std::size_t value = alphabet.find(c);
    if (value == std::string::npos) return kNull;
    for (int bit = 5; bit >= 0; --bit) bits += (value >> bit) & 1 ? '1' : '0';
  }
  for (std::size_t i = 0; i + 8 <= bits.size(); i += 8) result += static_cast<char>(std::stoi(bits.substr(i, 8), nullptr, 2));
  return result;
}

Value url_decoded(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int value = 0;
    const bool hex =
        text[i] == '%' && i + 2 < text.size() && std::from_chars(&text[i + 1], &text[i + 1] + 2, value, 16).ptr == &text[i + 1] + 2;
    result += hex ? static_cast<char>(value) : text[i] == '+' ? ' ' : text[i];
    if (hex) i += 2;
  }
  return result;
}

Value whole_number(const std::string& text, std::int64_t base) {
  std::int64_t value = 0;
  const bool negative = text.starts_with('-');
  std::string digits = text.substr(negative ? 1 : 0);
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    if (base != 0 && base != 16) return kNull;
    base = 16;
    digits = digits.substr(2);
  }
  if (base == 0 || base == 10) return parse_int(text, value) ? Value{value} : kNull;
  if (base < 2 || base > 36 || digits.empty() || digits[0] == '-') return kNull;
  const std::string all = (negative ? "-" : "") + digits;
  const auto read = std::from_chars(all.data(), all.data() + all.size(), value, static_cast<int>(base));
  return read.ec == std::errc{} && read.ptr == all.data() + all.size() ? integer(value) : kNull;
}

Value converted(const dsl::Expr& expr, const std::vector<Value>& args) {
  const Type type = expr.args[0]->type;
  const Value& value = args[0];
  const std::string text = value.index() == 3 ? std::get<3>(value) : "";
  switch (expr.function) {
    case Function::kToInt:
      if (type == Type::kString) return whole_number(text, args.size() > 1 ? std::get<1>(args[1]) : 0);
      if (type == Type::kDecimal) return std::get<1>(value) / 1'000'000;
      if (type != Type::kFloat) return value;
      return std::abs(std::trunc(std::get<2>(value))) < 9.2e18 ? Value{static_cast<std::int64_t>(std::get<2>(value))} : kNull;
    case Function::kToFloatOf: {
      double number = 0;
      if (type == Type::kString) return parse_float(text, number) ? Value{number} : kNull;
      if (type == Type::kFloat) return value;
      return type == Type::kDecimal ? static_cast<double>(std::get<1>(value)) / 1e6 : static_cast<double>(std::get<1>(value));
    }
    case Function::kToDecimalOf: {
      std::int64_t exact = 0;
      double number = 0;
      if (type == Type::kDecimal) return value;
      if (type == Type::kFloat) return integer(decimal_of_float(std::get<2>(value)));
      if (type != Type::kString) return integer(decimal_of_int(std::get<1>(value)));
      if (parse_decimal(text, exact)) return exact;
      return parse_float(text, number) ? integer(decimal_of_float(number)) : kNull;
    }
    case Function::kToIp: {
      IpBytes address;
      return parse_ip(text, address) ? Value{std::string{bytes_of(address)}} : kNull;
    }
    case Function::kToTime: {
      std::int64_t micros = 0;
      if (type == Type::kString) return parse_rfc3339(text, nullptr, micros) ? Value{micros} : kNull;
      if (type == Type::kDecimal) micros = std::get<1>(value);
      if (type == Type::kInt && __builtin_mul_overflow(std::get<1>(value), 1'000'000, &micros)) return kNull;
      if (type == Type::kFloat) {
        if (!(std::abs(std::round(std::get<2>(value) * 1e6)) < 9.2e18)) return kNull;
        micros = static_cast<std::int64_t>(std::round(std::get<2>(value) * 1e6));
      }
      const auto first = date::sys_days{date::year{1} / 1 / 1}.time_since_epoch() / std::chrono::microseconds{1};
      const auto end = date::sys_days{date::year{10'000} / 1 / 1}.time_since_epoch() / std::chrono::microseconds{1};
      return micros >= first && micros < end ? Value{micros} : kNull;
    }
    default: {
      Duration duration{};
      return parse_duration(text, duration) ? Value{std::int64_t{duration.count()}} : kNull;
    }
  }
}

std::string bits_of(const std::string& address) {
  std::string bits;
  for (const char c : address)
    for (int bit = 7; bit >= 0; --bit) bits += (static_cast<unsigned char>(c) >> bit) & 1 ? '1' : '0';
  return bits;
}

bool is_v4(const std::string& address) { return bits_of(address).substr(0, 96) == std::string(80, '0') + std::string(16, '1'); }

Value network(const std::vector<Value>& args) {
  const std::string address = std::get<3>(args[0]);
  const bool v4 = is_v4(address);
  const std::int64_t bits = v4 ? std::get<1>(args[1]) : args.size() > 2 ? std::get<1>(args[2]) : 64;
  if (bits < 0 || bits > (v4 ? 32 : 128)) return kNull;
  std::string all = bits_of(address);
  for (std::size_t i = static_cast<std::size_t>(v4 ? bits + 96 : bits); i < all.size(); ++i) all[i] = '0';
  std::string result;
  for (std::size_t i = 0; i < all.size(); i += 8) result += static_cast<char>(std::stoi(all.substr(i, 8), nullptr, 2));
  return result;
}

Value of_list(const dsl::Expr& expr, const std::vector<Value>& args) {
  const std::vector<Value>& items = std::get<4>(args[0]).items;
  const auto count = static_cast<std::int64_t>(items.size());
  List result;
  switch (expr.function) {
    case Function::kListLen: return count;
    case Function::kListElement: {
      const std::int64_t n = std::get<1>(args[1]);
      const std::int64_t index = n > 0 ? n - 1 : count + n;
      return n != 0 && index >= 0 && index < count ? items[static_cast<std::size_t>(index)] : kNull;
    }
    case Function::kListSorted:
      for (const auto& item : items)
        if (!is_null(item)) result.items.push_back(item);
      std::stable_sort(result.items.begin(), result.items.end());
      return result;
    case Function::kListDistinct:
      for (const auto& item : items)
        if (!is_null(item) && std::find(result.items.begin(), result.items.end(), item) == result.items.end()) result.items.push_back(item);
      return result;
    case Function::kListIndexOf:
      for (std::int64_t i = 0; i < count; ++i)
        if (items[static_cast<std::size_t>(i)] == args[1]) return i + 1;
      return kNull;
    default: return joined(std::get<4>(args[0]), element_of(expr.args[0]->type), std::get<3>(args[1]));
  }
}

}  // namespace

Value more(const dsl::Expr& expr, const std::vector<Value>& args) {
  const auto text = [&](std::size_t i) { return std::get<3>(args[i]); };
  const auto whole = [&](std::size_t i) { return std::get<1>(args[i]); };
  const auto number = [&](std::size_t i) { return std::get<2>(args[i]); };
  switch (expr.function) {
    case Function::kRound:
    case Function::kFloor:
    case Function::kCeil:
    case Function::kTrunc: return rounded(expr.type, args[0], 0, expr.function);
    case Function::kRoundTo: return rounded(expr.type, args[0], whole(1), expr.function);
    case Function::kDiv: return whole(1) == 0 ? kNull : Value{whole(0) / whole(1)};
    case Function::kLog2: return finite(std::log2(number(0)));
    case Function::kSin: return finite(std::sin(number(0)));
    case Function::kCos: return finite(std::cos(number(0)));
    case Function::kTan: return finite(std::tan(number(0)));
    case Function::kAsin: return finite(std::asin(number(0)));
    case Function::kAcos: return finite(std::acos(number(0)));
    case Function::kAtan: return finite(std::atan(number(0)));
    case Function::kAtan2: return finite(std::atan2(number(0), number(1)));
    case Function::kBitAnd: return integer(whole(0) & whole(1));
    case Function::kBitOr: return integer(whole(0) | whole(1));
    case Function::kBitXor: return integer(whole(0) ^ whole(1));
    case Function::kToInt:
    case Function::kToFloatOf:
    case Function::kToDecimalOf:
    case Function::kToIp:
    case Function::kToTime:
    case Function::kToDuration: return converted(expr, args);
    case Function::kYear:
    case Function::kMonth:
    case Function::kDay:
    case Function::kWeek:
    case Function::kHour:
    case Function::kMinute:
    case Function::kDate: return calendar(expr.function, args);
    case Function::kEpoch: return static_cast<double>(whole(0)) / 1e6;
    case Function::kIndexOf: {
      const std::int64_t from = args.size() > 2 ? whole(2) : 0;
      return from < 0 || from > static_cast<std::int64_t>(text(0).size()) ? kNull
                                                                          : position(text(0).find(text(1), static_cast<std::size_t>(from)));
    }
    case Function::kLastIndexOf: return position(text(0).rfind(text(1)));
    case Function::kBetween: return between(text(0), text(1), text(2), args.size() > 3 && is_true(args[3]));
    case Function::kReplace: return replaced(text(0), text(1), text(2));
    case Function::kReverse: return reversed(text(0));
    case Function::kSplit: return split(text(0), text(1));
    case Function::kEntropy: return entropy(text(0));
    case Function::kBase64Decode: return base64_decoded(text(0));
    case Function::kUrlDecode: return url_decoded(text(0));
    case Function::kPrivate: return of_bool(is_private(text(0)));
    case Function::kVersion: return std::int64_t{is_v4(text(0)) ? 4 : 6};
    case Function::kNetwork: return network(args);
    default: return of_list(expr, args);
  }
}

}  // namespace sequitur::reference
