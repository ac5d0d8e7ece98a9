#include "event/duration_text.hpp"

#include <array>
#include <cstdint>
#include <string>

#include "event/characters.hpp"
#include "event/json_text.hpp"
#include "sequitur/alert.hpp"

namespace sequitur {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t micros;
};
constexpr std::array<Unit, 7> kUnits = {
    {{"w", 604'800'000'000}, {"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}, {"us", 1}}};

}  // namespace

bool parse_duration(std::string_view text, Duration& duration) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  if (text.empty()) return false;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::size_t digits = 0;
    std::int64_t count = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits)
      if (__builtin_mul_overflow(count, 10, &count) || __builtin_add_overflow(count, text[digits] - '0', &count)) return false;
    if (digits == 0) return false;
    std::size_t end = digits;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string_view name = text.substr(digits, end - digits);
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits)
      if (candidate.name == name) unit = &candidate;
    if (unit == nullptr) return false;
    std::int64_t part = 0;
    if (__builtin_mul_overflow(count, unit->micros, &part) || __builtin_add_overflow(total, part, &total)) return false;
    text.remove_prefix(end);
  }
  duration = Duration{negative ? -total : total};
  return true;
}

// Weeks are not written: 7d reads better than 1w beside 6d and 8d.
void append_duration(Duration duration, std::string& out) {
  const std::int64_t micros = duration.count();
  std::uint64_t rest = static_cast<std::uint64_t>(micros);
  if (micros < 0) {
    out += '-';
    rest = 0 - rest;
  }
  if (rest == 0) {
    out += "0s";
    return;
  }
  for (const Unit& unit : kUnits) {
    if (unit.name == "w") continue;
    const std::uint64_t count = rest / static_cast<std::uint64_t>(unit.micros);
    if (count == 0) continue;
    rest -= count * static_cast<std::uint64_t>(unit.micros);
    append_json_number(count, out);
    out += unit.name;
  }
}

}  // namespace sequitur
