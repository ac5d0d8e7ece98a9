// Functions over texts, and from texts to other types. Positions count bytes from 0.
#include <algorithm>
#include <array>
#include <cmath>

#include "event/characters.hpp"
#include "event/civil.hpp"
#include "event/decimal.hpp"
#include "event/duration_text.hpp"
#include "event/json_text.hpp"
#include "event/list.hpp"
#include "event/number_text.hpp"
#include "event/time_text.hpp"
#include "nfa/expression_program.hpp"

namespace sequitur::nfa {
namespace {

using dsl::Function;

constexpr std::size_t kMostText = std::size_t{1} << 24;  // What a function makes is null beyond.

constexpr Slot null_text() { return Slot{.bits = 0}; }
constexpr Slot null_int() { return Slot::of_int(kNullInt); }

Slot place(std::size_t at) { return at == std::string_view::npos ? null_int() : Slot::of_int(static_cast<std::int64_t>(at)); }

Slot index_of(std::string_view text, std::string_view part, std::int64_t from) {
  if (from < 0 || static_cast<std::uint64_t>(from) > text.size()) return null_int();
  return place(text.find(part, static_cast<std::size_t>(from)));
}

Slot between(std::string_view text, std::string_view left, std::string_view right, bool greedy, Arena& arena) {
  const std::size_t at = text.find(left);
  if (at == std::string_view::npos) return null_text();
  text.remove_prefix(at + left.size());
  const std::size_t end = greedy ? text.rfind(right) : text.find(right);
  if (end == std::string_view::npos) return null_text();
  return arena.text(text.substr(0, end));
}

Slot replaced(std::string_view text, std::string_view part, std::string_view other, Arena& arena) {
  if (part.empty()) return arena.text(text);
  std::string result;
  for (;;) {
    const std::size_t at = text.find(part);
    result += text.substr(0, at);
    if (at == std::string_view::npos) return arena.text(result);
    result += other;
    if (result.size() > kMostText) return null_text();
    text.remove_prefix(at + part.size());
  }
}

// Character by character; a byte that is part of none stands for itself.
Slot reversed(std::string_view text, Arena& arena) {
  std::string result(text.size(), '\0');
  std::size_t to = result.size();
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text));
    to -= length;
    text.copy(result.data() + to, length);
    text.remove_prefix(length);
  }
  return arena.text(result);
}

Slot split(std::string_view text, std::string_view separator, Arena& arena) {
  if (separator.empty()) return null_text();
  ListWriter list(Type::kString);
  for (;;) {
    const std::size_t at = text.find(separator);
    list.add(arena.text(text.substr(0, at)));
    if (at == std::string_view::npos || list.too_large()) return list.finish(arena);
    text.remove_prefix(at + separator.size());
  }
}

Slot entropy(std::string_view text) {
  std::array<std::size_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return Slot::of_float(bits);
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

Slot base64_decoded(std::string_view text, Arena& arena) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return null_text();
  std::string result;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return null_text();
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    result += static_cast<char>((bits >> count) & 0xFF);
  }
  return arena.text(result);
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// %41 -> A, + -> space; a % without two digits stands for itself.
Slot url_decoded(std::string_view text, Arena& arena) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return arena.text(result);
}

// "ff" to the base 16; with 0x in front also without a base.
Slot whole_number(std::string_view text, std::int64_t base) {
  std::int64_t value = 0;
  const bool negative = text.starts_with('-');
  std::string_view digits = negative ? text.substr(1) : text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    if (base != 0 && base != 16) return null_int();
    base = 16;
    digits.remove_prefix(2);
  }
  if (base == 0 || base == 10) return parse_int(text, value) ? Slot::of_int(value) : null_int();
  if (base < 2 || base > 36 || digits.empty()) return null_int();
  for (const char c : digits) {
    const char lower = static_cast<char>(c | 0x20);
    const int digit = is_digit(c) ? c - '0' : is_letter(c) ? lower - 'a' + 10 : 36;
    if (digit >= base || __builtin_mul_overflow(value, base, &value) || __builtin_sub_overflow(value, std::int64_t{digit}, &value))
      return null_int();
  }
  // The digits were taken away from zero, so that the smallest number fits; it is null.
  return value == kNullInt ? null_int() : Slot::of_int(negative ? value : -value);
}

double as_number(Slot value, Type type) {
  if (type == Type::kFloat) return value.f;
  if (type == Type::kDecimal) return decimal_to_float(value.i);
  return static_cast<double>(value.i);
}

Slot to_int(const Call& call, const Slot* args) {
  const Type type = call.arg_types[0];
  if (type == Type::kString) return whole_number(args[0].text(), call.arg_types.size() > 1 ? args[1].i : 0);
  if (type == Type::kDecimal) return Slot::of_int(args[0].i / kDecimalOne);
  if (type != Type::kFloat) return args[0];
  const double whole = std::trunc(args[0].f);
  return whole > -9.2e18 && whole < 9.2e18 ? Slot::of_int(static_cast<std::int64_t>(whole)) : null_int();
}

Slot to_decimal(const Call& call, const Slot* args) {
  const Type type = call.arg_types[0];
  if (type == Type::kDecimal) return args[0];
  if (type == Type::kFloat) return Slot::of_int(decimal_of_float(args[0].f));
  if (type != Type::kString) return Slot::of_int(decimal_of_int(args[0].i));
  std::int64_t exact = 0;
  double value = 0;
  if (parse_decimal(args[0].text(), exact)) return Slot::of_int(exact);
  return parse_float(args[0].text(), value) ? Slot::of_int(decimal_of_float(value)) : null_int();
}

Slot to_time(const Call& call, const Slot* args) {
  std::int64_t micros = 0;
  if (call.arg_types[0] == Type::kString) return parse_rfc3339(args[0].text(), nullptr, micros) ? Slot::of_int(micros) : null_int();
  if (call.arg_types[0] == Type::kDecimal) {
    micros = args[0].i;
  } else if (call.arg_types[0] == Type::kInt) {
    if (__builtin_mul_overflow(args[0].i, kMicrosPerSecond, &micros)) return null_int();
  } else {
    const double rounded = std::round(args[0].f * 1e6);
    if (!(std::abs(rounded) < 9.2e18)) return null_int();
    micros = static_cast<std::int64_t>(rounded);
  }
  return micros >= kFirstMicros && micros <= kLastMicros ? Slot::of_int(micros) : null_int();
}

}  // namespace

Slot call_text_function(const Call& call, const Slot* args, Arena& arena) {
  const std::string_view text = args[0].text();
  switch (call.function) {
    case Function::kIndexOf: return index_of(text, args[1].text(), call.arg_types.size() > 2 ? args[2].i : 0);
    case Function::kLastIndexOf: return place(text.rfind(args[1].text()));
    case Function::kBetween: return between(text, args[1].text(), args[2].text(), call.arg_types.size() > 3 && args[3].i == 1, arena);
    case Function::kReplace: return replaced(text, args[1].text(), args[2].text(), arena);
    case Function::kReverse: return reversed(text, arena);
    case Function::kSplit: return split(text, args[1].text(), arena);
    case Function::kEntropy: return entropy(text);
    case Function::kBase64Decode: return base64_decoded(text, arena);
    default: return url_decoded(text, arena);
  }
}

Slot call_conversion(const Call& call, const Slot* args, Arena& arena) {
  switch (call.function) {
    case Function::kToInt: return to_int(call, args);
    case Function::kToFloatOf: {
      if (call.arg_types[0] != Type::kString) return Slot::of_float(as_number(args[0], call.arg_types[0]));
      double value = 0;
      return parse_float(args[0].text(), value) ? Slot::of_float(value) : Slot::null(Type::kFloat);
    }
    case Function::kToDecimalOf: return to_decimal(call, args);
    case Function::kToIp: {
      IpBytes address;
      return parse_ip(args[0].text(), address) ? arena.text(bytes_of(address)) : null_text();
    }
    case Function::kToTime: return to_time(call, args);
    default: {
      Duration duration{};
      return parse_duration(args[0].text(), duration) ? Slot::of_int(duration.count()) : null_int();
    }
  }
}

}  // namespace sequitur::nfa
