#include <date/tz.h>

#include <cmath>
#include <numbers>
#include <optional>

#include "tests/reference/evaluate.hpp"

namespace sequitur::reference {
namespace {

using dsl::Function;

Value finite(double value) { return std::isfinite(value) ? Value{value} : kNull; }
double number(const Value& value) { return value.index() == 2 ? std::get<2>(value) : static_cast<double>(std::get<1>(value)); }

// Great circle by the haversine formula on a sphere of the Earth's mean radius.
Value kilometres(double lat1, double lon1, double lat2, double lon2) {
  if (std::abs(lat1) > 90 || std::abs(lat2) > 90 || std::abs(lon1) > 180 || std::abs(lon2) > 180) return kNull;
  const double radian = std::numbers::pi / 180;
  const double north = std::sin((lat2 - lat1) * radian / 2), east = std::sin((lon2 - lon1) * radian / 2);
  const double h = north * north + std::cos(lat1 * radian) * std::cos(lat2 * radian) * east * east;
  return finite(2 * 6371.0088 * std::asin(std::min(1.0, std::sqrt(h))));
}

// What a clock on the wall in that zone shows; unknown zones show nothing.
std::optional<std::chrono::microseconds> wall_clock(const std::vector<Value>& args) {
  const std::chrono::microseconds since_epoch{std::get<1>(args[0])};
  if (args.size() < 2) return since_epoch;
  try {
    const auto* zone = date::locate_zone(std::get<3>(args[1]));
    return zone->to_local(date::sys_time<std::chrono::microseconds>{since_epoch}).time_since_epoch();
  } catch (const std::exception&) { return std::nullopt; }
}

Value time_of_day(const std::vector<Value>& args) {
  const auto clock = wall_clock(args);
  if (!clock) return kNull;
  return (*clock - std::chrono::floor<date::days>(*clock)).count();
}

Value weekday(const std::vector<Value>& args) {
  const auto clock = wall_clock(args);
  if (!clock) return kNull;
  const date::local_days day{std::chrono::floor<date::days>(*clock)};
  return std::int64_t{date::weekday{day}.iso_encoding()};
}

std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

Value hash_of(const Value& value) {
  std::string bytes;
  if (value.index() == 3) {
    bytes = std::get<3>(value);
  } else {
    const auto number_bits = static_cast<std::uint64_t>(std::get<1>(value));
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>((number_bits >> (8 * i)) & 0xFF);
  }
  return static_cast<std::int64_t>(fnv1a(bytes) >> 1);
}

Value substring(const std::string& text, std::int64_t from, std::int64_t count) {
  if (from < 0) from = std::max<std::int64_t>(0, from + static_cast<std::int64_t>(text.size()));
  if (count < 0) return kNull;
  if (from >= static_cast<std::int64_t>(text.size())) return std::string{};
  return text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(count));
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string trimmed(const std::string& text) {
  const char* blanks = " \t\n\r\f\v";
  const auto begin = text.find_first_not_of(blanks);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

Value to_whole(const dsl::Expr& expr, double value) {
  if (expr.type == Type::kFloat) return finite(value);
  if (expr.type == Type::kDecimal) return static_cast<std::int64_t>(value) * 1'000'000;
  if (!(value > -9.2e18 && value < 9.2e18)) return kNull;
  return static_cast<std::int64_t>(value);
}

Value sign(const dsl::Expr& expr, double x) { return to_whole(expr, x > 0 ? 1 : x < 0 ? -1 : 0); }

Value absolute(const Value& value) {
  if (value.index() == 2) return std::abs(std::get<2>(value));
  return std::abs(std::get<1>(value));  // The smallest integer is null and never comes here.
}

}  // namespace

Value call(const dsl::Expr& expr, const std::vector<Value>& args) {
  for (const auto& arg : args)
    if (is_null(arg)) return kNull;
  switch (expr.function) {
    case Function::kAbs: return absolute(args[0]);
    case Function::kSign: return sign(expr, number(args[0]));
    case Function::kSqrt: return finite(std::sqrt(number(args[0])));
    case Function::kPow: return finite(std::pow(number(args[0]), number(args[1])));
    case Function::kExp: return finite(std::exp(number(args[0])));
    case Function::kLog: return finite(std::log(number(args[0])));
    case Function::kLog10: return finite(std::log10(number(args[0])));
    case Function::kMin2: return args[1] < args[0] ? args[1] : args[0];
    case Function::kMax2: return args[0] < args[1] ? args[1] : args[0];
    case Function::kKm: return kilometres(number(args[0]), number(args[1]), number(args[2]), number(args[3]));
    case Function::kDays: return number(args[0]) / 86'400e6;
    case Function::kHours: return number(args[0]) / 3'600e6;
    case Function::kMinutes: return number(args[0]) / 60e6;
    case Function::kSeconds: return number(args[0]) / 1e6;
    case Function::kTimeOfDay: return time_of_day(args);
    case Function::kWeekday: return weekday(args);
    case Function::kLower: return folded(std::get<3>(args[0]));
    case Function::kUpper: return upper(std::get<3>(args[0]));
    case Function::kLen: return static_cast<std::int64_t>(std::get<3>(args[0]).size());
    case Function::kSubstr:
      return substring(std::get<3>(args[0]), std::get<1>(args[1]), args.size() > 2 ? std::get<1>(args[2]) : INT64_MAX);
    case Function::kTrim: return trimmed(std::get<3>(args[0]));
    case Function::kHash: return hash_of(args[0]);
    case Function::kToText: return to_text(args[0], expr.args[0]->type);
    case Function::kConcat: {
      std::string all;
      for (std::size_t i = 0; i < args.size(); ++i) all += to_text(args[i], expr.args[i]->type);
      return all;
    }
    default: return more(expr, args);
  }
}

}  // namespace sequitur::reference
