#include "adapters/formats.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/formats/decoders.hpp"
#include "adapters/formats/record_plan.hpp"

namespace sequitur {
namespace {

bool remove_ending(std::string_view& path, std::string_view ending) {
  if (!path.ends_with(ending)) return false;
  path.remove_suffix(ending.size());
  return true;
}

}  // namespace

std::string_view to_string(Format format) {
  switch (format) {
    case Format::kNdjson: return "ndjson";
    case Format::kCsv: return "csv";
    case Format::kTsv: return "tsv";
    case Format::kLines: return "lines";
  }
  return "unknown";
}

std::optional<Format> find_format(std::string_view name) {
  for (const Format format : {Format::kNdjson, Format::kCsv, Format::kTsv, Format::kLines})
    if (to_string(format) == name) return format;
  return std::nullopt;
}

std::optional<Format> format_of_file(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, Format>, 7> kEndings = {{{".csv", Format::kCsv},
                                                                            {".tsv", Format::kTsv},
                                                                            {".ndjson", Format::kNdjson},
                                                                            {".jsonl", Format::kNdjson},
                                                                            {".json", Format::kNdjson},
                                                                            {".log", Format::kLines},
                                                                            {".txt", Format::kLines}}};
  if (!remove_ending(path, ".gz")) remove_ending(path, ".zst");
  for (const auto& [ending, format] : kEndings)
    if (path.ends_with(ending)) return format;
  return std::nullopt;
}

std::string too_long_detail(std::size_t max_record_bytes) { return "longer than " + std::to_string(max_record_bytes) + " bytes"; }

Result<std::unique_ptr<Decoder>> make_decoder(Format format, std::span<const StreamSchema* const> streams, const DecoderOptions& options) {
  auto plan = RecordPlan::make(streams, options);
  if (!plan) return plan.error();
  const auto is_change_stream = [](const StreamSchema* schema) { return schema->change_stream; };
  const auto changes = std::find_if(streams.begin(), streams.end(), is_change_stream);
  if (changes != streams.end()) {
    const std::string what = "the table " + (*changes)->name + " is read from a change stream, ";
    if (format != Format::kNdjson) return Error{what + "which is written as ndjson, not as " + std::string(to_string(format))};
    if (!std::all_of(streams.begin(), streams.end(), is_change_stream)) return Error{what + "so it needs an input without other streams"};
    return make_debezium_decoder(std::move(*plan));
  }
  switch (format) {
    case Format::kNdjson: return make_ndjson_decoder(std::move(*plan));
    case Format::kCsv: return make_csv_decoder(std::move(*plan), options, ',');
    case Format::kTsv: return make_csv_decoder(std::move(*plan), options, '\t');
    case Format::kLines: return make_lines_decoder(std::move(*plan));
  }
  return Error{"unknown format"};
}

}  // namespace sequitur
