#include "adapters/registry.hpp"

#include <array>
#include <string>

#include "adapters/file/alert_sinks.hpp"
#include "adapters/file/file_source.hpp"
#include "adapters/formats.hpp"

namespace sequitur {
namespace {

using Type = ConfigField::Type;
using Kind = AdapterSpec::Kind;

constexpr ConfigField kPathToRead = {
    .name = "path",
    .example = "payments.csv.zst",
    .meaning = "The file to read, or - for standard input; .gz and .zst are recognised by their first bytes.",
    .required = true};
constexpr ConfigField kPathToWrite = {
    .name = "path", .default_value = "-", .example = "alerts.ndjson", .meaning = "The file to write, or - for standard output."};
constexpr ConfigField kAppend = {.name = "append",
                                 .type = Type::kBool,
                                 .default_value = "false",
                                 .example = "true",
                                 .meaning = "Write behind what the file holds instead of emptying it first."};

constexpr std::array kFileSource = {
    kPathToRead,
    ConfigField{.name = "format",
                .type = Type::kChoice,
                .default_value = "auto",
                .example = "csv",
                .meaning = "How records are written; auto goes by the file's name and takes NDJSON when that says nothing.",
                .choices = "auto|ndjson|csv|tsv|lines"},
    ConfigField{
        .name = "delimiter", .example = ";", .meaning = "CSV: the one character between columns; a comma (TSV: a tab) when not given."},
    ConfigField{.name = "header",
                .type = Type::kBool,
                .default_value = "true",
                .example = "false",
                .meaning = "CSV: the first line names the columns."},
    ConfigField{.name = "follow",
                .type = Type::kBool,
                .default_value = "false",
                .example = "true",
                .meaning = "Wait for more at the end, also when the file is replaced or cut off. Not for archives."},
    ConfigField{.name = "chunk",
                .type = Type::kBytes,
                .default_value = "256KiB",
                .unit = "bytes",
                .example = "1MiB",
                .meaning = "Read at once. Larger: more throughput, more latency."},
    ConfigField{.name = "max_record",
                .type = Type::kBytes,
                .default_value = "16MiB",
                .unit = "bytes",
                .example = "1MiB",
                .meaning = "A longer record is set aside as too long."},
};
constexpr std::array kNdjsonSink = {kPathToWrite, kAppend};
constexpr std::array kTableSink = {
    kPathToWrite,
    ConfigField{.name = "colours",
                .type = Type::kChoice,
                .default_value = "auto",
                .example = "never",
                .meaning = "Colour severities; auto: on a terminal, unless NO_COLOR is set.",
                .choices = "auto|always|never"},
    ConfigField{.name = "header",
                .type = Type::kBool,
                .default_value = "true",
                .example = "false",
                .meaning = "Begin with the names of the columns."},
};

constexpr std::array kAdapters = {
    AdapterSpec{"file", Kind::kSource, "Files, pipes and standard input: NDJSON, CSV, TSV, text lines; plain, gzip or Zstandard.",
                kFileSource},
    AdapterSpec{"ndjson", Kind::kSink, "One alert a line, as JSON.", kNdjsonSink},
    AdapterSpec{"table", Kind::kSink, "One alert a line, for people.", kTableSink},
    AdapterSpec{"ndjson", Kind::kDeadLetterSink, "One bad or late record a line, as JSON, with reason, position and bytes.", kNdjsonSink},
};

Result<AdapterConfig> configure(Kind kind, std::string_view adapter, const ConfigValues& values) {
  const AdapterSpec* spec = find_adapter(kind, adapter);
  if (spec == nullptr) return Error{"there is no " + std::string(to_string(kind)) + " called " + std::string(adapter)};
  return AdapterConfig::parse(*spec, values);
}

Result<std::unique_ptr<Source>> open_file(const AdapterConfig& config) {
  FileSourceOptions options;
  const std::string& path = config.text("path");
  options.format = find_format(config.text("format")).value_or(format_of_file(path).value_or(Format::kNdjson));
  const std::string& delimiter = config.text("delimiter");
  if (delimiter.size() > 1) return Error{"source file: delimiter must be one character, not \"" + delimiter + "\""};
  if (!delimiter.empty()) options.delimiter = delimiter[0];
  options.header = config.flag("header");
  options.follow = config.flag("follow");
  options.chunk_bytes = config.bytes("chunk");
  options.max_record_bytes = config.bytes("max_record");
  return open_file_source(path, options);
}

}  // namespace

std::span<const AdapterSpec> adapter_specs() { return kAdapters; }

const AdapterSpec* find_adapter(AdapterSpec::Kind kind, std::string_view name) {
  for (const AdapterSpec& spec : kAdapters)
    if (spec.kind == kind && spec.name == name) return &spec;
  return nullptr;
}

Result<std::unique_ptr<Source>> open_source(std::string_view adapter, const ConfigValues& values) {
  auto config = configure(Kind::kSource, adapter, values);
  if (!config) return config.error();
  return open_file(*config);
}

Result<std::unique_ptr<Sink>> open_sink(std::string_view adapter, const ConfigValues& values) {
  auto config = configure(Kind::kSink, adapter, values);
  if (!config) return config.error();
  if (adapter == "ndjson") return open_ndjson_sink(config->text("path"), {.append = config->flag("append")});
  TableOptions options;
  if (config->text("colours") == "always") options.colours = TableOptions::Colours::kAlways;
  if (config->text("colours") == "never") options.colours = TableOptions::Colours::kNever;
  options.header = config->flag("header");
  return open_table_sink(config->text("path"), options);
}

Result<std::unique_ptr<DeadLetterSink>> open_dead_letters(std::string_view adapter, const ConfigValues& values) {
  auto config = configure(Kind::kDeadLetterSink, adapter, values);
  if (!config) return config.error();
  return open_dead_letter_sink(config->text("path"), {.append = config->flag("append")});
}

}  // namespace sequitur
