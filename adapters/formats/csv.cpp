// CSV and TSV: a header names the columns, or the options do.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "adapters/formats/csv_rows.hpp"
#include "adapters/formats/csv_scan.hpp"
#include "adapters/formats/decoders.hpp"
#include "adapters/formats/line_splitter.hpp"
#include "adapters/formats/record_builder.hpp"

namespace sequitur {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Doubled quotes become single ones.
std::string_view undouble(std::string_view text, Arena& arena) {
  char* const begin = static_cast<char*>(arena.allocate(text.size() + 1));
  char* to = begin;
  for (std::size_t i = 0; i < text.size(); ++i) {
    *to++ = text[i];
    if (text[i] == '"') ++i;
  }
  return {begin, static_cast<std::size_t>(to - begin)};
}

class CsvDecoder final : public PlannedDecoder {
 public:
  CsvDecoder(RecordPlan plan, const DecoderOptions& options, char delimiter)
      : PlannedDecoder(std::move(plan)), delimiter_(delimiter), header_(options.header), columns_(options.columns) {}

  void decode(const RawBatch& raw, EventBatch& out) const override {
    RecordBuilder record(plan_, raw, out);
    if (!raw.record_ends.empty()) {
      decode_framed(raw, record);
    } else {
      std::uint32_t first = 0;
      std::size_t begin = 0;
      std::vector<std::string> names = names_of(raw, begin, first);
      decode_text(raw, raw.bytes, begin, first, layout_of(names), record);
    }
    record.add_defects();
  }

 private:
  // The columns of the text.
  struct Layout {
    std::vector<int> targets;  // For each the column of the plan, or -1.
    struct Wanted {
      std::size_t column, target;
    };
    std::vector<Wanted> wanted;  // Those that have one.
    CsvRows rows;
    std::size_t columns() const { return targets.size(); }
  };

  // The names of the columns. The source has cut the header off; a batch that begins the input without one begins with it.
  std::vector<std::string> names_of(const RawBatch& raw, std::size_t& begin, std::uint32_t& first) const {
    if (!header_) return columns_;
    std::string_view header;
    if (raw.header != nullptr) {
      header = *raw.header;
    } else if (raw.first_record == 1 && raw.offset == 0) {
      CsvScanner scanner(raw.bytes, raw.bytes.size(), delimiter_);
      CsvScanner::Field field;
      do field = scanner.read(field.next);
      while (!field.last);
      header = std::string_view(raw.bytes).substr(0, field.next);
      begin = field.next;
      first = 1;
    }
    if (header.starts_with(kByteOrderMark)) header.remove_prefix(kByteOrderMark.size());
    return split_csv_record(header, delimiter_);
  }

  Layout layout_of(const std::vector<std::string>& names) const {
    Layout layout;
    for (const std::string& name : names) {
      const int column = plan_.find_column(name);
      const bool first = std::find(layout.targets.begin(), layout.targets.end(), column) == layout.targets.end();
      if (column >= 0 && first) layout.wanted.push_back({layout.targets.size(), static_cast<std::size_t>(column)});
      layout.targets.push_back(first ? column : -1);
    }
    layout.rows = CsvRows(plan_, layout.targets);
    return layout;
  }

  // Records that the source has framed: each is one record, whatever line ends it holds.
  void decode_framed(const RawBatch& raw, RecordBuilder& record) const {
    std::size_t ignored = 0;
    std::uint32_t first = 0;
    const Layout layout = layout_of(header_ && raw.header == nullptr ? columns_ : names_of(raw, ignored, first));
    LineSplitter records(raw);
    while (records.next()) {
      record.begin(records.begin(), records.end(), records.record());
      CsvScanner scanner(records.line(), records.line().size(), delimiter_);
      std::size_t next = 0;
      read_record(records.line(), scanner, next, layout, record, records.begin());
    }
  }

  void decode_text(const RawBatch& raw, std::string_view text, std::size_t begin, std::uint32_t first, const Layout& layout,
                   RecordBuilder& record) const {
    text.remove_prefix(begin);
    const char* const readable = readable_end(raw);
    CsvScanner scanner(text, static_cast<std::size_t>(readable - text.data()), delimiter_);
    std::size_t next = 0;
    for (std::uint32_t number = first; next < text.size(); ++number) {
      record.begin_uncleared(static_cast<std::uint32_t>(begin + next), 0, number);
      if (read_plain_line(scanner, next, layout, record, begin, readable)) continue;
      record.clear_values();
      read_record(text, scanner, next, layout, record, begin);
    }
  }

  // The same as read_record(), for a line without quotes that is as it should be. False, and nothing done, for all others.
  bool read_plain_line(CsvScanner& scanner, std::size_t& next, const Layout& layout, RecordBuilder& record, std::size_t base,
                       const char* readable) const {
    const CsvScanner::PlainLine line = scanner.plain_line(next, layout.columns());
    if (!line) return false;
    const auto size = static_cast<std::size_t>(line.end() - line.begin());
    if (size == 0 || size > plan_.max_record_bytes) return false;
    record.set_end(static_cast<std::uint32_t>(base + next + size));
    next = scanner.pass(line);
    if (layout.rows.build(line, record, readable)) return true;
    record.clear_values();
    for (const Layout::Wanted& wanted : layout.wanted) {
      const std::string_view text = line.field(wanted.column);
      if (!text.empty()) record.value(wanted.target).set(RawValue::Kind::kUntyped, text.data(), text.size());
    }
    record.finish();
    return true;
  }

  // Reads one record at `next` and leaves `next` behind it. `base`: where `text` begins in the batch.
  void read_record(std::string_view text, CsvScanner& scanner, std::size_t& next, const Layout& layout, RecordBuilder& record,
                   std::size_t base) const {
    const std::size_t begin = next;
    std::size_t count = 0;
    CsvScanner::Field field;
    do {
      field = scanner.read(next);
      next = field.next;
      const int target = count < layout.columns() ? layout.targets[count] : -1;
      ++count;
      if (target < 0 || (field.begin == field.end && !field.quoted)) continue;
      std::string_view value = text.substr(field.begin, field.end - field.begin);
      if (field.doubled) value = undouble(value, record.arena());
      record.value(static_cast<std::size_t>(target)).set(RawValue::Kind::kUntyped, value.data(), value.size());
    } while (!field.last);

    const CsvScanner::RecordEnd found = scanner.end_of_record(begin, field, plan_.max_record_bytes);
    next = std::min(found.at, text.size());
    std::size_t end = next;
    if (end > begin && text[end - 1] == '\n') --end;
    if (end > begin && text[end - 1] == '\r') --end;
    record.set_end(static_cast<std::uint32_t>(base + end));
    if (end == begin) return record.forget();
    finish(field, found.too_long, count, layout.columns(), record);
  }

  void finish(const CsvScanner::Field& last, bool too_long, std::size_t count, std::size_t expected, RecordBuilder& record) const {
    if (too_long) {
      record.reject_long();
    } else if (last.problem == CsvScanner::Problem::kOpenQuote) {
      record.reject(BadReason::kTruncated, "a quoted field does not end");
    } else if (last.problem == CsvScanner::Problem::kBehindQuote) {
      record.reject(BadReason::kUndecodable, "text behind a closing quote");
    } else if (count != expected) {
      record.reject(BadReason::kUndecodable, std::to_string(count) + " columns instead of " + std::to_string(expected));
    } else {
      record.finish();
    }
  }

  const char delimiter_;
  const bool header_;
  const std::vector<std::string> columns_;
};

}  // namespace

CsvCut cut_csv_records(std::string_view text, char delimiter, std::size_t max_record_bytes) {
  CsvCut cut;
  CsvScanner scanner(text, text.size(), delimiter);
  for (std::size_t next = 0; next < text.size();) {
    CsvScanner::Field field;
    do {
      field = scanner.read(next);
      next = field.next;
    } while (!field.last);
    next = scanner.end_of_record(cut.end, field, max_record_bytes).at;
    if (next == std::string_view::npos) break;
    cut.end = next;
    ++cut.records;
  }
  return cut;
}

std::size_t end_of_csv_record(std::string_view text, char delimiter) {
  if (text.empty()) return 0;
  CsvScanner scanner(text, text.size(), delimiter);
  CsvScanner::Field field;
  do field = scanner.read(field.next);
  while (!field.last);
  return field.terminated ? field.next : 0;
}

std::vector<std::string> split_csv_record(std::string_view line, char delimiter) {
  std::vector<std::string> fields;
  if (line.empty()) return fields;
  CsvScanner scanner(line, line.size(), delimiter);
  CsvScanner::Field field;
  do {
    field = scanner.read(field.next);
    std::string& text = fields.emplace_back(line.substr(field.begin, field.end - field.begin));
    if (!field.doubled) continue;
    for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at + 1)) text.erase(at, 1);
  } while (!field.last);
  return fields;
}

Result<std::unique_ptr<Decoder>> make_csv_decoder(RecordPlan plan, const DecoderOptions& options, char default_delimiter) {
  const char delimiter = options.delimiter != 0 ? options.delimiter : default_delimiter;
  if (delimiter == '"' || delimiter == '\n' || delimiter == '\r') return Error{"a quote or a line end cannot stand between columns"};
  if (!options.header && options.columns.empty()) return Error{"CSV without a header needs the names of its columns"};
  return std::unique_ptr<Decoder>(std::make_unique<CsvDecoder>(std::move(plan), options, delimiter));
}

}  // namespace sequitur
