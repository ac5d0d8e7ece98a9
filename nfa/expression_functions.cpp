// The functions that rules may call. Every one is total: outside its domain it gives null.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "event/civil.hpp"
#include "event/decimal.hpp"
#include "nfa/expression_program.hpp"
#include "sequitur/alert.hpp"

namespace sequitur::nfa {
namespace {

using dsl::Function;

double number(const Call& call, const Slot* args, std::size_t i) {
  return call.arg_types[i] == Type::kFloat ? args[i].f : static_cast<double>(args[i].i);  // Of a decimal only the sign is asked.
}

// A whole-valued float as the result's type.
Slot as_result(const Call& call, double value) {
  if (call.type == Type::kFloat) return finite(value);
  if (call.type == Type::kDecimal) return Slot::of_int(static_cast<std::int64_t>(value) * kDecimalOne);
  return value > -9.2e18 && value < 9.2e18 ? Slot::of_int(static_cast<std::int64_t>(value)) : Slot::null(Type::kInt);
}

// Great circle by the haversine formula on a sphere of the Earth's mean radius.
Slot kilometres(double lat1, double lon1, double lat2, double lon2) {
  if (std::abs(lat1) > 90 || std::abs(lat2) > 90 || std::abs(lon1) > 180 || std::abs(lon2) > 180) return Slot::null(Type::kFloat);
  constexpr double kRadian = std::numbers::pi / 180, kEarthRadiusKm = 6371.0088;
  const double north = std::sin((lat2 - lat1) * kRadian / 2), east = std::sin((lon2 - lon1) * kRadian / 2);
  const double h = north * north + std::cos(lat1 * kRadian) * std::cos(lat2 * kRadian) * east * east;
  return finite(2 * kEarthRadiusKm * std::asin(std::min(1.0, std::sqrt(h))));
}

// What a clock on the wall in the zone shows, in microseconds since its 1970; null for an unknown zone.
Slot wall_clock(const Call& call, const Slot* args) {
  if (call.arg_types.size() < 2) return args[0];
  if (call.zone) return Slot::of_int(call.zone->to_local(args[0].i));
  const auto zone = Zone::find(args[1].text());
  return zone.ok() ? Slot::of_int((*zone)->to_local(args[0].i)) : Slot::null(Type::kTime);
}

Slot time_of_day(Slot clock) {
  if (clock.is_null(Type::kTime)) return clock;
  return Slot::of_int(clock.i - floor_divide(clock.i, kMicrosPerDay) * kMicrosPerDay);
}

Slot weekday(Slot clock) {
  if (clock.is_null(Type::kTime)) return clock;
  const std::int64_t since_monday = floor_divide(clock.i, kMicrosPerDay) + 3;  // 1970-01-01 was a Thursday.
  return Slot::of_int(since_monday - floor_divide(since_monday, 7) * 7 + 1);
}

// To so many digits behind the point. Floats are scaled, rounded and scaled back.
Slot rounded(const Call& call, const Slot* args, std::int64_t digits, Rounding rounding) {
  if (digits < -12 || digits > 12) return Slot::null(call.type);
  if (call.type == Type::kDecimal) return Slot::of_int(decimal_round(args[0].i, static_cast<int>(digits), rounding));
  if (rounding == Rounding::kToZero) return finite(std::trunc(args[0].f));
  const double scale = std::pow(10.0, static_cast<double>(std::abs(digits)));
  return finite(digits < 0 ? std::round(args[0].f / scale) * scale : std::round(args[0].f * scale) / scale);
}

// ISO: the week of the year's first Thursday is the first.
std::int64_t week_of(std::int64_t days) {
  const std::int64_t thursday = days + 3 - (days + 3 - floor_divide(days + 3, 7) * 7);
  return (thursday - days_from_civil(civil_from_days(thursday).year, 1, 1)) / 7 + 1;
}

Slot calendar(const Call& call, Slot clock, Arena* arena) {
  if (clock.is_null(Type::kTime)) return Slot::null(call.type);
  const std::int64_t days = floor_divide(clock.i, kMicrosPerDay);
  const std::int64_t seconds = (clock.i - days * kMicrosPerDay) / kMicrosPerSecond;
  const CivilDate date = civil_from_days(days);
  switch (call.function) {
    case Function::kYear: return Slot::of_int(date.year);
    case Function::kMonth: return Slot::of_int(date.month);
    case Function::kDay: return Slot::of_int(date.day);
    case Function::kWeek: return Slot::of_int(week_of(days));
    case Function::kHour: return Slot::of_int(seconds / 3600);
    case Function::kMinute: return Slot::of_int(seconds / 60 % 60);
    default: {
      std::string text;
      append_time(Timestamp{Duration{clock.i}}, text);
      return arena->text(std::string_view(text).substr(0, 10));
    }
  }
}

Slot network(const Call& call, const Slot* args, Arena& arena) {
  const std::string_view address = args[0].text();
  const bool v4 = is_ipv4(address);
  const std::int64_t bits = v4 ? args[1].i : call.arg_types.size() > 2 ? args[2].i : 64;
  if (bits < 0 || bits > (v4 ? 32 : 128)) return Slot::null(Type::kIp);
  return arena.text(bytes_of(network_of(address, static_cast<unsigned>(bits) + (v4 ? 96 : 0))));
}

Slot lowered(std::string_view text, Arena& arena) { return arena.text(folded(text)); }

Slot raised(std::string_view text, Arena& arena) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return arena.text(result);
}

Slot substring(std::string_view text, std::int64_t from, std::int64_t count, Arena& arena) {
  if (from < 0) from = std::max<std::int64_t>(0, from + static_cast<std::int64_t>(text.size()));  // From the end.
  if (count < 0) return Slot::null(Type::kString);
  const auto begin = std::min<std::size_t>(static_cast<std::size_t>(from), text.size());
  return arena.text(text.substr(begin, static_cast<std::size_t>(count)));
}

Slot trimmed(std::string_view text, Arena& arena) {
  constexpr std::string_view kBlanks = " \t\n\r\f\v";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return arena.text("");
  return arena.text(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
}

std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

// Of an int: its 8 bytes, lowest first.
Slot hashed(Slot value, Type type) {
  if (type == Type::kString) return Slot::of_int(static_cast<std::int64_t>(fnv1a(value.text()) >> 1));
  char bytes[8];
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<char>((value.bits >> (8 * i)) & 0xFF);
  return Slot::of_int(static_cast<std::int64_t>(fnv1a({bytes, sizeof bytes}) >> 1));
}

Slot joined(const Call& call, const Slot* args, Arena& arena) {
  std::string text;
  for (std::size_t i = 0; i < call.arg_types.size(); ++i) {
    if (call.arg_types[i] == Type::kString) {
      text += args[i].text();
    } else {
      append_text(args[i], call.arg_types[i], text);
    }
  }
  return arena.text(text);
}

Slot absolute(Slot value, Type type) { return type == Type::kFloat ? Slot::of_float(std::abs(value.f)) : Slot::of_int(std::abs(value.i)); }

Slot lesser(Slot a, Slot b, Type type) { return three_way(b, a, type, false) < 0 ? b : a; }
Slot greater(Slot a, Slot b, Type type) { return three_way(a, b, type, false) < 0 ? b : a; }

}  // namespace

Slot call_function(const Call& call, const Slot* args, Arena* arena) {
  for (std::size_t i = 0; i < call.arg_types.size(); ++i)
    if (args[i].is_null(call.arg_types[i])) return Slot::null(call.type);
  // Whoever makes no text may be called without an arena.
  thread_local Arena unused;
  Arena& texts = arena != nullptr ? *arena : unused;
  switch (call.function) {
    case Function::kAbs: return absolute(args[0], call.type);
    case Function::kSign: {
      const double x = number(call, args, 0);
      return as_result(call, (x > 0) - (x < 0));
    }
    case Function::kRound:
      if (call.type == Type::kDecimal) return rounded(call, args, 0, Rounding::kNearest);
      return as_result(call, std::round(number(call, args, 0)));
    case Function::kFloor:
      if (call.type == Type::kDecimal) return rounded(call, args, 0, Rounding::kDown);
      return as_result(call, std::floor(number(call, args, 0)));
    case Function::kCeil:
      if (call.type == Type::kDecimal) return rounded(call, args, 0, Rounding::kUp);
      return as_result(call, std::ceil(number(call, args, 0)));
    case Function::kSqrt: return finite(std::sqrt(number(call, args, 0)));
    case Function::kPow: return finite(std::pow(number(call, args, 0), number(call, args, 1)));
    case Function::kExp: return finite(std::exp(number(call, args, 0)));
    case Function::kLog: return finite(std::log(number(call, args, 0)));
    case Function::kLog10: return finite(std::log10(number(call, args, 0)));
    case Function::kMin2: return lesser(args[0], args[1], call.type);
    case Function::kMax2: return greater(args[0], args[1], call.type);
    case Function::kKm: return kilometres(number(call, args, 0), number(call, args, 1), number(call, args, 2), number(call, args, 3));
    case Function::kDays: return Slot::of_float(static_cast<double>(args[0].i) / 86'400e6);
    case Function::kHours: return Slot::of_float(static_cast<double>(args[0].i) / 3'600e6);
    case Function::kMinutes: return Slot::of_float(static_cast<double>(args[0].i) / 60e6);
    case Function::kSeconds: return Slot::of_float(static_cast<double>(args[0].i) / 1e6);
    case Function::kTimeOfDay: return time_of_day(wall_clock(call, args));
    case Function::kWeekday: return weekday(wall_clock(call, args));
    case Function::kLower: return lowered(args[0].text(), texts);
    case Function::kUpper: return raised(args[0].text(), texts);
    case Function::kLen: return Slot::of_int(static_cast<std::int64_t>(args[0].text().size()));
    case Function::kSubstr: {
      const std::int64_t count = call.arg_types.size() > 2 ? args[2].i : std::numeric_limits<std::int64_t>::max();
      return substring(args[0].text(), args[1].i, count, texts);
    }
    case Function::kTrim: return trimmed(args[0].text(), texts);
    case Function::kHash: return hashed(args[0], call.arg_types[0]);
    case Function::kToText:
    case Function::kConcat: return joined(call, args, texts);
    case Function::kTrunc: return rounded(call, args, 0, Rounding::kToZero);
    case Function::kRoundTo: return rounded(call, args, args[1].i, Rounding::kNearest);
    case Function::kDiv: {
      if (args[1].i == 0) return Slot::null(Type::kInt);
      return Slot::of_int(args[0].i / args[1].i);  // The smallest int is null, so this does not overflow.
    }
    case Function::kLog2: return finite(std::log2(args[0].f));
    case Function::kSin: return finite(std::sin(args[0].f));
    case Function::kCos: return finite(std::cos(args[0].f));
    case Function::kTan: return finite(std::tan(args[0].f));
    case Function::kAsin: return finite(std::asin(args[0].f));
    case Function::kAcos: return finite(std::acos(args[0].f));
    case Function::kAtan: return finite(std::atan(args[0].f));
    case Function::kAtan2: return finite(std::atan2(args[0].f, args[1].f));
    case Function::kBitAnd: return Slot::of_int(args[0].i & args[1].i);
    case Function::kBitOr: return Slot::of_int(args[0].i | args[1].i);
    case Function::kBitXor: return Slot::of_int(args[0].i ^ args[1].i);
    case Function::kYear:
    case Function::kMonth:
    case Function::kDay:
    case Function::kWeek:
    case Function::kHour:
    case Function::kMinute:
    case Function::kDate: return calendar(call, wall_clock(call, args), arena);
    case Function::kEpoch: return Slot::of_float(static_cast<double>(args[0].i) / 1e6);
    case Function::kIndexOf:
    case Function::kLastIndexOf:
    case Function::kBetween:
    case Function::kReplace:
    case Function::kReverse:
    case Function::kSplit:
    case Function::kEntropy:
    case Function::kBase64Decode:
    case Function::kUrlDecode: return call_text_function(call, args, texts);
    case Function::kToInt:
    case Function::kToFloatOf:
    case Function::kToDecimalOf:
    case Function::kToIp:
    case Function::kToTime:
    case Function::kToDuration: return call_conversion(call, args, texts);
    case Function::kPrivate: return Slot::of_bool(is_private(args[0].text()));
    case Function::kVersion: return Slot::of_int(is_ipv4(args[0].text()) ? 4 : 6);
    case Function::kNetwork: return network(call, args, texts);
    case Function::kJoin:
    case Function::kListLen:
    case Function::kListElement:
    case Function::kListSorted:
    case Function::kListDistinct:
    case Function::kListIndexOf: return call_list_function(call, args, texts);
  }
  return Slot::null(call.type);
}

}  // namespace sequitur::nfa
