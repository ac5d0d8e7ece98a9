// Reading event times out of records, as a stream's TimeFormat says.
//
//     auto reader = TimeReader::make(schema.time_format);
//     std::int64_t micros;
//     if (!reader->read("2024-01-31T12:00:00Z", micros)) ... it is not a time ...
//
// A reader is immutable and may be used by all threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/number_text.hpp"
#include "event/zone.hpp"
#include "sequitur/result.hpp"
#include "sequitur/schema.hpp"

namespace sequitur {

class TimeReader {
 public:
  // An Error for an unknown zone, an unknown letter in a pattern, or a pattern that cannot give a date.
  static Result<TimeReader> make(const TimeFormat& format);

  // The whole text. False, and `micros` untouched, if it is not such a time or lies outside the years 1 to 9999.
  bool read(std::string_view text, std::int64_t& micros) const { return read(text, micros, text.data() + text.size()); }
  // The same; bytes behind the text may be read up to `readable`.
  bool read(std::string_view text, std::int64_t& micros, const char* readable) const {
    std::uint64_t units = 0;
    return (is_epoch() && parse_digits(text, units, readable) && scale(units, micros)) || read_any(text, micros);
  }
  // Microseconds from a number of the format's unit; false if the format is not kEpoch or the number is too large.
  bool read(std::int64_t number, std::int64_t& micros) const {
    return scale(static_cast<std::uint64_t>(number), micros) || read_any(number, micros);
  }

  bool is_epoch() const { return kind_ == TimeFormat::Kind::kEpoch; }
  // The pattern names no year: read() gives times of the year given (29 February of a year that has none: of the next
  // year that has one), and YearOfRecords must be asked, record by record, which year it is.
  bool yearless() const { return yearless_; }
  int year() const { return year_; }
  const Zone* zone() const { return zone_.get(); }

 private:
  friend class YearOfRecords;

  // One step of a pattern, compiled.
  struct Step {
    enum class Kind : std::uint8_t { kLetter, kLiteral, kSpace };
    Kind kind = Kind::kLiteral;
    char letter = 0;  // The directive, or the character to be found.
  };
  struct Parts;  // What a pattern has found so far.

  static Result<std::vector<Step>> compile(std::string_view pattern);
  // What nearly all numbers of an epoch are: whole, behind 1970, and of a unit that is no less than a microsecond.
  bool scale(std::uint64_t units, std::int64_t& micros) const {
    if (units >= end_units_) return false;
    micros = static_cast<std::int64_t>(units) * micros_a_unit_;
    return true;
  }
  bool read_any(std::string_view text, std::int64_t& micros) const;
  bool read_any(std::int64_t number, std::int64_t& micros) const;
  bool read_pattern(std::string_view text, std::int64_t& micros) const;
  static bool read_step(const Step& step, const char*& p, const char* end, Parts& parts);
  bool combine(const Parts& parts, std::int64_t& micros) const;

  TimeFormat::Kind kind_ = TimeFormat::Kind::kRfc3339;
  TimeUnit unit_ = TimeUnit::kMilliseconds;
  std::int64_t micros_a_unit_ = 0;
  std::uint64_t end_units_ = 0;  // So many units are no time any more; 0 where scale() can do nothing.
  bool plain_ = false;           // The pattern is "%Y-%m-%d %H:%M:%S", with or without a fraction, or with a 'T': read without steps.
  bool yearless_ = false;
  int year_ = 1970;
  std::vector<Step> steps_;
  std::shared_ptr<const Zone> zone_;
};

// "2024-01-31T12:00:00.123456+01:00": fixed places, a fraction of any length (what is beyond microseconds is cut off), 'T',
// 't' or a space between, 'Z', an offset or nothing behind (then `zone`, or UTC). A leap second is the second after it.
bool parse_rfc3339(std::string_view text, const Zone* zone, std::int64_t& micros);

// A decimal number of units since 1970, with sign, fraction and exponent, converted without rounding through a double;
// what is beyond microseconds is rounded towards the past.
bool parse_epoch(std::string_view text, TimeUnit unit, std::int64_t& micros);

// Finds the year of times that do not say it, for one input: record after record, in the order of the input. The year
// given holds until the time steps back by more than half a year: then it is the next one. A time that seems more than half
// a year ahead, but read in the year before is less than a month behind, is a straggler of that year.
class YearOfRecords {
 public:
  // `micros` as TimeReader::read gave it. False: this date does not exist in its year (29 February).
  bool settle(const TimeReader& reader, std::int64_t& micros);

 private:
  bool seen_ = false;
  int years_passed_ = 0;
  std::int64_t last_ = 0;  // The time before, settled.
};

}  // namespace sequitur
