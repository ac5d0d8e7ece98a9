#include "cli/infer/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "adapters/file/file_source.hpp"
#include "event/number_text.hpp"

namespace sequitur::cli {
namespace {

constexpr std::uint64_t kMaxSampleBytes = 256u << 20;

// Takes one CSV record off the front of `rest`, quotes removed. An empty cell is nothing, an empty quoted one is text.
std::vector<std::optional<std::string>> take_csv_record(std::string_view& rest, char delimiter) {
  std::vector<std::optional<std::string>> cells;
  std::string cell;
  bool quoted = false, was_quoted = false;
  std::size_t i = 0;
  const auto end_cell = [&] {
    cells.push_back(cell.empty() && !was_quoted ? std::nullopt : std::optional(cell));
    cell.clear();
    was_quoted = false;
  };
  for (; i < rest.size(); ++i) {
    const char c = rest[i];
    if (quoted) {
      if (c != '"') {
        cell += c;
      } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
        cell += rest[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && cell.empty()) {
      quoted = was_quoted = true;
    } else if (c == delimiter) {
      end_cell();
    } else if (c == '\n') {
      break;
    } else if (c != '\r') {
      cell += c;
    }
  }
  end_cell();
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return cells;
}

// "007" is rather an identifier than a number.
bool has_leading_zero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

SampleValue csv_value(const std::string& column, const std::optional<std::string>& cell) {
  SampleValue value{{column}, SampleValue::Kind::kNull};
  if (!cell) return value;
  if (cell->starts_with('[') && flatten_json_list(*cell, value.elements)) {
    value.kind = SampleValue::Kind::kList;
    return value;
  }
  double number = 0;
  value.text = *cell;
  value.kind = *cell == "true" || *cell == "false"                      ? SampleValue::Kind::kBool
               : parse_float(*cell, number) && !has_leading_zero(*cell) ? SampleValue::Kind::kNumber
                                                                        : SampleValue::Kind::kText;
  return value;
}

using Records = std::vector<std::vector<SampleValue>>;

class CsvSamples {
 public:
  explicit CsvSamples(char delimiter) : delimiter_(delimiter) {}

  void add(const RawBatch& batch, Records& records, std::uint64_t most) {
    if (batch.header && columns_.empty()) read_header(*batch.header);
    std::string_view rest = batch.bytes;
    while (!rest.empty() && records.size() < most) {
      const auto cells = take_csv_record(rest, delimiter_);
      if (cells.size() != columns_.size()) continue;
      std::vector<SampleValue> record;
      for (std::size_t i = 0; i < cells.size(); ++i)
        if (!columns_[i].empty()) record.push_back(csv_value(columns_[i], cells[i]));  // Without a name it cannot be declared.
      records.push_back(std::move(record));
    }
  }

 private:
  void read_header(std::string_view line) {
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    for (const auto& cell : take_csv_record(line, delimiter_)) columns_.push_back(cell.value_or(""));
  }

  char delimiter_;
  std::vector<std::string> columns_;
};

void add_ndjson(const RawBatch& batch, Records& records, std::uint64_t most) {
  std::string_view rest = batch.bytes;
  std::vector<SampleValue> values;
  while (!rest.empty() && records.size() < most) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (flatten_json(rest.substr(0, end), values)) records.push_back(values);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

Result<Format> sample_format(const SampleOptions& options) {
  const auto format =
      options.format.empty() ? (options.path == "-" ? Format::kNdjson : format_of_file(options.path)) : find_format(options.format);
  if (!format) return Error{options.path + ": the format is not clear; say --format csv, tsv or ndjson"};
  if (*format == Format::kLines)
    return Error{options.path + ": the fields of text lines are what a stream's `line` pattern says; only csv, tsv and ndjson tell them"};
  return *format;
}

}  // namespace

Result<std::vector<std::vector<SampleValue>>> read_samples(const SampleOptions& options) {
  const Result<Format> format = sample_format(options);
  if (!format) return format.error();
  FileSourceOptions source_options;
  source_options.format = *format;
  Result<std::unique_ptr<Source>> source = open_file_source(options.path, source_options);
  if (!source) return source.error();

  CsvSamples csv(*format == Format::kTsv ? '\t' : ',');
  Records records;
  RawBatch batch;
  for (std::uint64_t bytes = 0; records.size() < options.max_records && bytes < kMaxSampleBytes; bytes += batch.bytes.size()) {
    const Result<ReadStatus> status = (*source)->read(batch);
    if (!status) return status.error();
    if (*status == ReadStatus::kEnd) break;
    if (*status == ReadStatus::kIdle) {
      batch.bytes.clear();
      continue;
    }
    if (*format == Format::kNdjson) {
      add_ndjson(batch, records, options.max_records);
    } else {
      csv.add(batch, records, options.max_records);
    }
  }
  return records;
}

}  // namespace sequitur::cli
