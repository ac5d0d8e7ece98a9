// The formats of records, and the decoders that make events of them.
//
//     auto decoder = make_decoder(Format::kNdjson, {{&schemas[0], &schemas[1]}}, DecoderOptions{});
//     if (!decoder) return decoder.error();
//     (*decoder)->decode(batch, events);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/result.hpp"
#include "sequitur/schema.hpp"
#include "sequitur/source.hpp"

namespace sequitur {

enum class Format : std::uint8_t {
  kNdjson,  // One JSON object a line.
  kCsv,     // RFC 4180, the first line names the columns.
  kTsv,     // The same with tabs between.
  kLines,   // Text lines, read by each stream's line pattern.
};
std::string_view to_string(Format format);  // "ndjson", "csv", "tsv", "lines"
std::optional<Format> find_format(std::string_view name);
// From the ending of a file's name, before .gz or .zst: .csv .tsv .ndjson .jsonl .json; .log and .txt are lines.
std::optional<Format> format_of_file(std::string_view path);

// A record longer than this is set aside as kTooLong and never held in memory whole.
inline constexpr std::size_t kMaxRecordBytes = 16 * 1024 * 1024;
// Of a record that is too long or cut off, this much of its beginning is kept for the dead letter.
inline constexpr std::size_t kDefectRawBytes = 1024;
std::string too_long_detail(std::size_t max_record_bytes);

struct DecoderOptions {
  char delimiter = 0;                // CSV: what stands between columns. 0: a comma, or a tab for TSV.
  bool header = true;                // CSV: the first record names the columns.
  char list_separator = ';';         // CSV, lines: what stands between the elements of a list, unless it is written as JSON.
  std::vector<std::string> columns;  // CSV without a header: the names of the columns, in order.
  // Instead of feeding every stream given, a record names its stream in this field ("stream"). A record without the field
  // goes to the streams that have `when` filters, or to the one stream if there is but one. Empty: every record is offered to
  // all streams given.
  std::string stream_field;
  std::size_t max_record_bytes = kMaxRecordBytes;  // NDJSON, lines, CSV: for batches that no framing source has cut.
};

// A decoder that makes events of `streams`. It copies of them what it needs. An Error for time formats, line patterns
// or options that cannot work.
Result<std::unique_ptr<Decoder>> make_decoder(Format format, std::span<const StreamSchema* const> streams, const DecoderOptions& options);

}  // namespace sequitur
