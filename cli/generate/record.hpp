// One generated event as text: an NDJSON object or a CSV line. Written for speed: a million of them take about a second.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sequitur/time.hpp"

namespace sequitur::cli {

enum class RecordFormat : std::uint8_t { kNdjson, kCsv };

// The columns that the streams of one kind share, by number. In CSV they stand behind `stream` and `ts`.
using Columns = std::span<const std::string_view>;

// Appends one record to `out`; the fields must come in the order of their columns. The texts must need no escaping:
// the generator writes only letters, digits, spaces and "-_.:/@".
class Record {
 public:
  Record(RecordFormat format, Columns columns, bool microseconds) : format_(format), columns_(columns), microseconds_(microseconds) {}

  Record& begin(std::string& out, std::string_view stream, Timestamp time);
  Record& text(int column, std::string_view value);
  Record& integer(int column, std::int64_t value);
  // value / 10^digits: decimal(c, 1234, 2) writes 12.34.
  Record& decimal(int column, std::int64_t value, int digits);
  Record& flag(int column, bool value) {
    name(column);
    out_->append(value ? "true" : "false");
    return *this;
  }
  void end();

  // The first line of a CSV file; nothing for NDJSON.
  std::string header() const;

 private:
  void name(int column);
  void append_timestamp(Timestamp time);

  RecordFormat format_;
  Columns columns_;
  bool microseconds_;
  std::string* out_ = nullptr;
  int next_column_ = 0;
  std::int64_t day_ = -1;  // Days since 1970, of day_text_.
  char day_text_[12] = {};
};

}  // namespace sequitur::cli
