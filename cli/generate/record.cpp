#include "cli/generate/record.hpp"

#include <cassert>
#include <charconv>
#include <chrono>

namespace sequitur::cli {
namespace {

void two_digits(char* to, std::int64_t value) {
  to[0] = static_cast<char>('0' + value / 10);
  to[1] = static_cast<char>('0' + value % 10);
}

void many_digits(char* to, std::int64_t value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

Record& Record::begin(std::string& out, std::string_view stream, Timestamp time) {
  out_ = &out;
  next_column_ = 0;
  if (format_ == RecordFormat::kCsv) {
    out.append(stream).append(1, ',');
    append_timestamp(time);
  } else {
    out.append(R"({"stream":")").append(stream).append(R"(","ts":")");
    append_timestamp(time);
    out.append(1, '"');
  }
  return *this;
}

Record& Record::text(int column, std::string_view value) {
  name(column);
  if (format_ == RecordFormat::kCsv) {
    out_->append(value);
  } else {
    out_->append(1, '"').append(value).append(1, '"');
  }
  return *this;
}

Record& Record::integer(int column, std::int64_t value) {
  name(column);
  char digits[24];
  out_->append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  return *this;
}

Record& Record::decimal(int column, std::int64_t value, int digits) {
  name(column);
  char buffer[24];
  char* end = buffer;
  if (value < 0) *end++ = '-';
  std::int64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  const std::int64_t size = value < 0 ? -value : value;
  end = std::to_chars(end, buffer + sizeof buffer, size / scale).ptr;
  if (digits > 0) {
    *end++ = '.';
    many_digits(end, size % scale, digits);
    end += digits;
  }
  out_->append(buffer, end);
  return *this;
}

void Record::end() {
  if (format_ == RecordFormat::kCsv) {
    for (; next_column_ <= static_cast<int>(columns_.size()) - 1; ++next_column_) out_->append(1, ',');
    out_->append(1, '\n');
  } else {
    out_->append("}\n");
  }
}

std::string Record::header() const {
  if (format_ == RecordFormat::kNdjson) return {};
  std::string line = "stream,ts";
  for (std::string_view column : columns_) line.append(1, ',').append(column);
  return line + '\n';
}

void Record::name(int column) {
  assert(column >= next_column_ && column < static_cast<int>(columns_.size()));
  if (format_ == RecordFormat::kCsv) {
    for (; next_column_ <= column; ++next_column_) out_->append(1, ',');
  } else {
    next_column_ = column + 1;
    out_->append(R"(,")").append(columns_[static_cast<std::size_t>(column)]).append(R"(":)");
  }
}

void Record::append_timestamp(Timestamp time) {
  constexpr std::int64_t kDay = 86'400'000'000;
  const std::int64_t micros = time.time_since_epoch().count();
  const std::int64_t day = micros / kDay;  // The generator's times are all after 1970.
  if (day != day_) {
    day_ = day;
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    many_digits(day_text_, static_cast<int>(date.year()), 4);
    day_text_[4] = day_text_[7] = '-';
    two_digits(day_text_ + 5, static_cast<unsigned>(date.month()));
    two_digits(day_text_ + 8, static_cast<unsigned>(date.day()));
    day_text_[10] = 'T';
  }
  const std::int64_t rest = micros % kDay;
  char clock[16] = "00:00:00.000000";
  two_digits(clock, rest / 3'600'000'000);
  two_digits(clock + 3, rest / 60'000'000 % 60);
  two_digits(clock + 6, rest / 1'000'000 % 60);
  many_digits(clock + 9, rest % 1'000'000, 6);
  out_->append(day_text_, 11).append(clock, microseconds_ ? 15 : 12).append(1, 'Z');
}

}  // namespace sequitur::cli
