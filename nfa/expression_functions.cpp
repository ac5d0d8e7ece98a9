// The functions that rules may call. Every one is total: outside its domain it gives null.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "event/civil.hpp"
#include "nfa/expression_program.hpp"
#include "sequitur/alert.hpp"

namespace sequitur::nfa {
namespace {

using dsl::Function;

double number(const Call& call, const Slot* args, std::size_t i) {
  return call.arg_types[i] == Type::kFloat ? args[i].f : static_cast<double>(args[i].i);
}

// A whole-valued float as the result's type.
Slot as_result(const Call& call, double value) {
  if (call.type == Type::kFloat) return finite(value);
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

Slot lowered(std::string_view text, Arena& arena) { return arena.text(folded(text)); }

Slot raised(std::string_view text, Arena& arena) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return arena.text(result);
}

Slot substring(std::string_view text, std::int64_t from, std::int64_t count, Arena& arena) {
  if (from < 0 || count < 0) return Slot::null(Type::kString);
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
  switch (call.function) {
    case Function::kAbs: return absolute(args[0], call.type);
    case Function::kSign: {
      const double x = number(call, args, 0);
      return as_result(call, (x > 0) - (x < 0));
    }
    case Function::kRound: return as_result(call, std::round(number(call, args, 0)));
    case Function::kFloor: return as_result(call, std::floor(number(call, args, 0)));
    case Function::kCeil: return as_result(call, std::ceil(number(call, args, 0)));
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
    case Function::kLower: return lowered(args[0].text(), *arena);
    case Function::kUpper: return raised(args[0].text(), *arena);
    case Function::kLen: return Slot::of_int(static_cast<std::int64_t>(args[0].text().size()));
    case Function::kSubstr: {
      const std::int64_t count = call.arg_types.size() > 2 ? args[2].i : std::numeric_limits<std::int64_t>::max();
      return substring(args[0].text(), args[1].i, count, *arena);
    }
    case Function::kTrim: return trimmed(args[0].text(), *arena);
    case Function::kHash: return hashed(args[0], call.arg_types[0]);
    case Function::kToText:
    case Function::kConcat: return joined(call, args, *arena);
    default: break;
  }
  return Slot::null(call.type);
}

}  // namespace sequitur::nfa
