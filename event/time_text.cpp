#include "event/time_text.hpp"

#include <array>
#include <limits>

#include "event/characters.hpp"
#include "event/civil.hpp"
#include "event/number_text.hpp"

namespace sequitur {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMicrosPerHour = 3600 * kMicrosPerSecond;
constexpr std::int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool in_range(std::int64_t micros) { return micros >= kFirstMicros && micros <= kLastMicros; }

// Two digits at p; anything else gives a number above 99.
unsigned two_digits(const char* p) {
  const auto tens = static_cast<unsigned char>(p[0] - '0');
  const auto ones = static_cast<unsigned char>(p[1] - '0');
  return tens < 10 && ones < 10 ? tens * 10u + ones : 1000u;
}

// ".123456": one digit at least; digits beyond the sixth are passed over.
bool read_fraction_digits(const char*& p, const char* end, std::int64_t& micros) {
  const char* const begin = p;
  std::int64_t value = 0;
  int count = 0;
  for (; p != end && is_digit(*p); ++p) {
    if (count == 6) continue;
    value = value * 10 + (*p - '0');
    ++count;
  }
  if (p == begin) return false;
  for (; count < 6; ++count) value *= 10;
  micros = value;
  return true;
}

// Z, +01:00, +0100 or +01.
bool read_offset(const char*& p, const char* end, std::int64_t& offset) {
  if (p == end) return false;
  if (*p == 'Z' || *p == 'z') {
    ++p;
    offset = 0;
    return true;
  }
  if ((*p != '+' && *p != '-') || end - p < 3) return false;
  const bool negative = *p == '-';
  const unsigned hours = two_digits(p + 1);
  p += 3;
  unsigned minutes = 0;
  if (end - p >= 3 && *p == ':') {
    minutes = two_digits(p + 1);
    p += 3;
  } else if (end - p >= 2 && is_digit(*p)) {
    minutes = two_digits(p);
    p += 2;
  }
  if (hours > 23 || minutes > 59) return false;
  offset = static_cast<std::int64_t>(hours) * kMicrosPerHour + static_cast<std::int64_t>(minutes) * kMicrosPerMinute;
  if (negative) offset = -offset;
  return true;
}

// The 19 characters "2024-01-31T12:00:00" as wall clock microseconds.
bool read_fixed(const char* p, std::int64_t& local) {
  const unsigned century = two_digits(p);
  const unsigned year_of_century = two_digits(p + 2);
  const unsigned month = two_digits(p + 5);
  const unsigned day = two_digits(p + 8);
  const unsigned hour = two_digits(p + 11);
  const unsigned minute = two_digits(p + 14);
  const unsigned second = two_digits(p + 17);
  if (p[4] != '-' || p[7] != '-' || p[13] != ':' || p[16] != ':') return false;
  if (century > 99 || year_of_century > 99 || month - 1 > 11 || hour > 23 || minute > 59 || second > 60) return false;
  const int year = static_cast<int>(century * 100 + year_of_century);
  if (year == 0 || day - 1 >= static_cast<unsigned>(days_in_month(year, static_cast<int>(month)))) return false;
  local = days_from_civil(year, static_cast<int>(month), static_cast<int>(day)) * kMicrosPerDay +
          static_cast<std::int64_t>(hour * 3600 + minute * 60 + second) * kMicrosPerSecond;
  return true;
}

constexpr std::array<std::string_view, 12> kMonths = {"january", "february", "march",     "april",   "may",      "june",
                                                      "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

bool starts_with_folded(const char* p, const char* end, std::string_view word) {
  if (static_cast<std::size_t>(end - p) < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (lower(p[i]) != word[i]) return false;
  return true;
}

// The full name or its first three letters, in any case. Gives the index, or -1.
template <std::size_t n>
int read_name(const char*& p, const char* end, const std::array<std::string_view, n>& names) {
  for (std::size_t i = 0; i < n; ++i) {
    for (const std::string_view name : {names[i], names[i].substr(0, 3)}) {
      if (!starts_with_folded(p, end, name)) continue;
      p += name.size();
      return static_cast<int>(i);
    }
  }
  return -1;
}

// Up to `most` digits; spaces in front stand for leading zeros (%e). Checks the range.
bool read_number(const char*& p, const char* end, int most, int least_value, int greatest_value, int& value) {
  while (p != end && *p == ' ') ++p;
  const char* const begin = p;
  int result = 0;
  for (; p != end && p - begin < most && is_digit(*p); ++p) result = result * 10 + (*p - '0');
  if (p == begin || result < least_value || result > greatest_value) return false;
  value = result;
  return true;
}

// Places to move the decimal point of a number of units to the right, so that it counts microseconds.
int decimal_places(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kSeconds: return 6;
    case TimeUnit::kMilliseconds: return 3;
    case TimeUnit::kMicroseconds: return 0;
    case TimeUnit::kNanoseconds: return -3;
  }
  return 0;
}

// mantissa * 10^exponent, rounded towards the past.
bool scale_to_micros(Wide mantissa, int exponent, std::int64_t& micros) {
  if (mantissa == 0) {
    micros = 0;
    return true;
  }
  for (; exponent > 0; --exponent) {
    mantissa *= 10;
    if (mantissa > kLastMicros || mantissa < kFirstMicros) return false;
  }
  for (; exponent < 0 && mantissa != 0 && mantissa != -1; ++exponent) mantissa = mantissa / 10 - (mantissa % 10 < 0 ? 1 : 0);
  if (mantissa > kLastMicros || mantissa < kFirstMicros) return false;
  micros = static_cast<std::int64_t>(mantissa);
  return true;
}

}  // namespace

bool parse_rfc3339(std::string_view text, const Zone* zone, std::int64_t& micros) {
  if (text.size() < 19) return false;
  const char separator = text[10];
  if (separator != 'T' && separator != ' ' && separator != 't') return false;
  const char* p = text.data() + 19;
  const char* const end = text.data() + text.size();
  std::int64_t local = 0;
  if (!read_fixed(text.data(), local)) return false;
  if (p != end && (*p == '.' || *p == ',')) {
    std::int64_t fraction = 0;
    if (!read_fraction_digits(++p, end, fraction)) return false;
    local += fraction;
  }
  if (p == end) {
    if (zone != nullptr) local = zone->to_utc(local);
  } else {
    std::int64_t offset = 0;
    if (!read_offset(p, end, offset) || p != end) return false;
    local -= offset;
  }
  if (!in_range(local)) return false;
  micros = local;
  return true;
}

bool parse_epoch(std::string_view text, TimeUnit unit, std::int64_t& micros) {
  // Nearly always it is a whole number.
  constexpr std::size_t kMostDigits = 18;
  if (std::uint64_t whole = 0; text.size() <= kMostDigits && parse_digits(text, whole, text.data() + text.size())) {
    const int places = decimal_places(unit);
    if (places < 0) {
      micros = static_cast<std::int64_t>(whole / 1000);
      return true;
    }
    const std::int64_t scale = places == 6 ? 1'000'000 : places == 3 ? 1'000 : 1;
    if (static_cast<std::int64_t>(whole) > kLastMicros / scale) return false;
    micros = static_cast<std::int64_t>(whole) * scale;
    return true;
  }
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (p != end && (*p == '-' || *p == '+')) ++p;
  Wide mantissa = 0;
  int exponent = 0;
  int digits = 0;
  bool point = false;
  bool cut = false;  // Something behind the digits kept is not zero: matters for rounding a time before 1970.
  for (; p != end && (is_digit(*p) || (*p == '.' && !point)); ++p) {
    if (*p == '.') {
      point = true;
      continue;
    }
    ++digits;
    if (mantissa < static_cast<Wide>(std::numeric_limits<std::int64_t>::max()) * 1'000'000'000) {
      mantissa = mantissa * 10 + (*p - '0');
      if (point) --exponent;
    } else {
      if (!point) return false;  // More digits than any time has.
      cut = cut || *p != '0';
    }
  }
  if (digits == 0) return false;
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    const bool down = p != end && *p == '-';
    if (p != end && (*p == '-' || *p == '+')) ++p;
    int value = 0;
    if (p == end) return false;
    for (; p != end && is_digit(*p); ++p)
      if (value < 10'000) value = value * 10 + (*p - '0');
    exponent += down ? -value : value;
  }
  if (p != end) return false;
  if (negative) mantissa = -mantissa - (cut ? 1 : 0);
  return scale_to_micros(mantissa, exponent + decimal_places(unit), micros);
}

struct TimeReader::Parts {
  int year = -1;
  int month = 1;
  int day = 1;
  int day_of_year = -1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int half = -1;  // %p: 0 is am, 1 is pm.
  std::int64_t fraction = 0;
  bool has_offset = false;
  std::int64_t offset = 0;
  bool has_epoch = false;
  std::int64_t epoch_seconds = 0;
};

Result<std::vector<TimeReader::Step>> TimeReader::compile(std::string_view pattern) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_space(pattern[i])) {
      if (steps.empty() || steps.back().kind != Step::Kind::kSpace) steps.push_back({Step::Kind::kSpace, ' '});
      continue;
    }
    if (pattern[i] != '%') {
      steps.push_back({Step::Kind::kLiteral, pattern[i]});
      continue;
    }
    if (++i == pattern.size()) return Error{"the time format \"" + std::string(pattern) + "\" ends with a single %"};
    const char letter = pattern[i];
    std::string_view combined;
    switch (letter) {
      case 'T': combined = "%H:%M:%S"; break;
      case 'F': combined = "%Y-%m-%d"; break;
      case 'D': combined = "%m/%d/%y"; break;
      case 'R': combined = "%H:%M"; break;
      default: break;
    }
    if (!combined.empty()) {
      const auto more = compile(combined);
      steps.insert(steps.end(), more->begin(), more->end());
    } else if (letter == '%') {
      steps.push_back({Step::Kind::kLiteral, '%'});
    } else if (letter == 'n' || letter == 't') {
      steps.push_back({Step::Kind::kSpace, ' '});
    } else if (std::string_view("YmdHMSfbBheajAypIzZsk").find(letter) != std::string_view::npos) {
      steps.push_back({Step::Kind::kLetter, letter});
    } else {
      return Error{"the time format \"" + std::string(pattern) + "\" has an unknown directive %" + letter};
    }
  }
  return steps;
}

Result<TimeReader> TimeReader::make(const TimeFormat& format) {
  TimeReader reader;
  reader.kind_ = format.kind;
  reader.unit_ = format.unit;
  if (!format.zone.empty() && format.zone != "UTC") {
    auto zone = Zone::find(format.zone);
    if (!zone) return zone.error();
    reader.zone_ = *zone;
  }
  if (format.kind == TimeFormat::Kind::kEpoch && decimal_places(format.unit) >= 0) {
    reader.micros_a_unit_ = static_cast<std::int64_t>(kPowersOfTen[decimal_places(format.unit)]);
    reader.end_units_ = static_cast<std::uint64_t>(kLastMicros / reader.micros_a_unit_) + 1;
  }
  if (format.kind != TimeFormat::Kind::kPattern) return reader;

  auto steps = compile(format.pattern);
  if (!steps) return steps.error();
  reader.steps_ = std::move(*steps);
  const auto has = [&](std::string_view letters) {
    for (const Step& step : reader.steps_)
      if (step.kind == Step::Kind::kLetter && letters.find(step.letter) != std::string_view::npos) return true;
    return false;
  };
  const bool has_day = has("s") || has("j") || (has("mbBh") && has("de"));
  if (!has_day) return Error{"the time format \"" + format.pattern + "\" gives no month and day"};
  if (!has("sYy")) {
    if (!format.year) return Error{"the time format \"" + format.pattern + "\" has no year, so one must be given"};
    if (*format.year < 1 || *format.year > 9999) return Error{"the year " + std::to_string(*format.year) + " is not one of 1 to 9999"};
    reader.yearless_ = true;
    reader.year_ = *format.year;
  }
  reader.plain_ = format.pattern == "%Y-%m-%d %H:%M:%S" || format.pattern == "%Y-%m-%dT%H:%M:%S" || format.pattern == "%F %T";
  return reader;
}

bool TimeReader::read_any(std::int64_t number, std::int64_t& micros) const {
  return kind_ == TimeFormat::Kind::kEpoch && scale_to_micros(number, decimal_places(unit_), micros);
}

bool TimeReader::read_any(std::string_view text, std::int64_t& micros) const {
  switch (kind_) {
    case TimeFormat::Kind::kRfc3339: return parse_rfc3339(text, zone_.get(), micros);
    case TimeFormat::Kind::kEpoch: return parse_epoch(text, unit_, micros);
    case TimeFormat::Kind::kPattern: break;
  }
  if (plain_ && text.size() == 19) {
    std::int64_t local = 0;
    if (read_fixed(text.data(), local) && (text[10] == ' ' || text[10] == 'T')) {
      if (zone_ != nullptr) local = zone_->to_utc(local);
      micros = local;
      return true;
    }
  }
  return read_pattern(text, micros);
}

// One dispatch over the directives.
bool TimeReader::read_step(const Step& step, const char*& p, const char* end, Parts& parts) {
  if (step.kind == Step::Kind::kSpace) {
    if (p == end || !is_space(*p)) return false;
    while (p != end && is_space(*p)) ++p;
    return true;
  }
  if (step.kind == Step::Kind::kLiteral) {
    if (p == end || *p != step.letter) return false;
    ++p;
    return true;
  }
  switch (step.letter) {
    case 'Y': return read_number(p, end, 4, 1, 9999, parts.year);
    case 'y': {
      if (!read_number(p, end, 2, 0, 99, parts.year)) return false;
      parts.year += parts.year < 69 ? 2000 : 1900;
      return true;
    }
    case 'm': return read_number(p, end, 2, 1, 12, parts.month);
    case 'd':
    case 'e': return read_number(p, end, 2, 1, 31, parts.day);
    case 'j': return read_number(p, end, 3, 1, 366, parts.day_of_year);
    case 'H':
    case 'k': return read_number(p, end, 2, 0, 23, parts.hour);
    case 'I': return read_number(p, end, 2, 1, 12, parts.hour);
    case 'M': return read_number(p, end, 2, 0, 59, parts.minute);
    case 'S': return read_number(p, end, 2, 0, 60, parts.second);
    case 'f': return read_fraction_digits(p, end, parts.fraction);
    case 'b':
    case 'B':
    case 'h': return (parts.month = read_name(p, end, kMonths) + 1) != 0;
    case 'a':
    case 'A': return read_name(p, end, kWeekdays) >= 0;
    case 'p': {
      if (end - p < 2 || lower(p[1]) != 'm' || (lower(p[0]) != 'a' && lower(p[0]) != 'p')) return false;
      parts.half = lower(p[0]) == 'p' ? 1 : 0;
      p += 2;
      return true;
    }
    case 'z': return parts.has_offset = read_offset(p, end, parts.offset);
    case 'Z': {  // Only names that mean one thing everywhere.
      for (const std::string_view name : {"utc", "gmt", "z"}) {
        if (!starts_with_folded(p, end, name)) continue;
        p += name.size();
        return parts.has_offset = true;
      }
      return false;
    }
    case 's': {
      const char* const begin = p;
      if (p != end && *p == '-') ++p;
      while (p != end && is_digit(*p)) ++p;
      std::int64_t micros = 0;
      if (!parse_epoch(std::string_view(begin, static_cast<std::size_t>(p - begin)), TimeUnit::kSeconds, micros)) return false;
      parts.epoch_seconds = micros / kMicrosPerSecond;
      return parts.has_epoch = true;
    }
    default: return false;
  }
}

bool TimeReader::combine(const Parts& parts, std::int64_t& micros) const {
  if (parts.has_epoch) {
    const std::int64_t result = parts.epoch_seconds * kMicrosPerSecond + parts.fraction;
    if (!in_range(result)) return false;
    micros = result;
    return true;
  }
  int year = parts.year;
  if (year < 0) {
    year = year_;
    if (parts.month == 2 && parts.day == 29 && parts.day_of_year < 0)
      while (!is_leap_year(year)) ++year;
  }
  int hour = parts.hour;
  if (parts.half >= 0) {
    if (hour > 12) return false;
    hour = hour % 12 + 12 * parts.half;
  }
  std::int64_t days = 0;
  if (parts.day_of_year >= 0) {
    if (parts.day_of_year > (is_leap_year(year) ? 366 : 365)) return false;
    days = days_from_civil(year, 1, 1) + parts.day_of_year - 1;
  } else {
    if (parts.day > days_in_month(year, parts.month)) return false;
    days = days_from_civil(year, parts.month, parts.day);
  }
  std::int64_t result =
      days * kMicrosPerDay + hour * kMicrosPerHour + parts.minute * kMicrosPerMinute + parts.second * kMicrosPerSecond + parts.fraction;
  if (parts.has_offset)
    result -= parts.offset;
  else if (zone_ != nullptr)
    result = zone_->to_utc(result);
  if (!in_range(result)) return false;
  micros = result;
  return true;
}

bool TimeReader::read_pattern(std::string_view text, std::int64_t& micros) const {
  Parts parts;
  const char* p = text.data();
  const char* const end = p + text.size();
  for (const Step& step : steps_)
    if (!read_step(step, p, end, parts)) return false;
  return p == end && combine(parts, micros);
}

bool YearOfRecords::settle(const TimeReader& reader, std::int64_t& micros) {
  constexpr std::int64_t kHalfYear = 183 * kMicrosPerDay;
  constexpr std::int64_t kMonth = 31 * kMicrosPerDay;
  const Zone* zone = reader.zone();
  const std::int64_t local = zone != nullptr ? zone->to_local(micros) : micros;
  const std::int64_t day = floor_divide(local, kMicrosPerDay);
  const CivilDate date = civil_from_days(day);
  // The date of the record in the year given plus `passed`.
  const auto in_year = [&](int passed, std::int64_t& result) {
    const int year = reader.year() + passed;
    if (year < 1 || year > 9999 || date.day > days_in_month(year, date.month)) return false;
    const std::int64_t moved = days_from_civil(year, date.month, date.day) * kMicrosPerDay + (local - day * kMicrosPerDay);
    result = zone != nullptr ? zone->to_utc(moved) : moved;
    return true;
  };
  std::int64_t settled = 0;
  bool exists = in_year(years_passed_, settled);
  if (seen_ && (!exists || settled < last_ - kHalfYear)) {
    std::int64_t next = 0;
    if (in_year(years_passed_ + 1, next) && next - last_ < kHalfYear) {
      ++years_passed_;
      settled = next;
      exists = true;
    }
  } else if (seen_ && years_passed_ > 0 && settled > last_ + kHalfYear) {
    std::int64_t before = 0;
    if (in_year(years_passed_ - 1, before) && last_ - before < kMonth) {
      micros = before;  // The record after it is compared with the one before it.
      return true;
    }
  }
  if (!exists) return false;
  seen_ = true;
  last_ = settled;
  micros = settled;
  return true;
}

}  // namespace sequitur
