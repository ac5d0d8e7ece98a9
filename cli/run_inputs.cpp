#include "cli/run_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "adapters/file/file_source.hpp"

namespace sequitur::cli {
namespace {

// The part before "=" if it looks like names of streams and not like a path.
std::string_view stream_words(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) return {};
  const std::string_view names = word.substr(0, equals);
  return names.find_first_of("/\\ ") == std::string_view::npos ? names : std::string_view{};
}

std::vector<const StreamSchema*> external_streams(const RuleSet& rules, const std::function<bool(const StreamSchema&)>& wanted) {
  std::vector<const StreamSchema*> found;
  for (const StreamSchema& schema : rules.schemas())
    if (schema.external && wanted(schema)) found.push_back(&schema);
  return found;
}

std::string names_of(std::span<const StreamSchema* const> streams) {
  std::string text;
  for (const StreamSchema* stream : streams) text.append(text.empty() ? "" : ", ").append(stream->name);
  return text;
}

std::vector<StreamId> ids_of(std::span<const StreamSchema* const> streams) {
  std::vector<StreamId> ids;
  for (const StreamSchema* stream : streams) ids.push_back(stream->id);
  return ids;
}

Result<std::vector<StreamId>> named_streams(std::string_view names, const RuleSet& rules) {
  std::vector<StreamId> ids;
  while (true) {
    const std::size_t comma = std::min(names.find(','), names.size());
    const std::string_view name = names.substr(0, comma);
    const StreamSchema* schema = rules.find_stream(name);
    if (schema == nullptr || !schema->external) {
      return Error{fmt::format("the rules declare no stream `{}`; they declare {}", name,
                               names_of(external_streams(rules, [](const StreamSchema&) { return true; })))};
    }
    if (std::find(ids.begin(), ids.end(), schema->id) == ids.end()) ids.push_back(schema->id);
    if (comma == names.size()) return ids;
    names.remove_prefix(comma + 1);
  }
}

Result<Format> choose_format(const std::string& path, const InputOptions& options) {
  if (!options.format.empty()) {
    if (const auto format = find_format(options.format)) return *format;
    return Error{fmt::format("`{}` is not a format; there are csv, tsv, ndjson and lines", options.format)};
  }
  if (path == "-") return Format::kNdjson;
  if (const auto format = format_of_file(path)) return *format;
  return Error{fmt::format("{}: the name does not tell the format; say --format csv, tsv, ndjson or lines", path)};
}

// The streams of an input that names none.
Result<std::vector<StreamId>> default_streams(const InputPlan& plan, const RuleSet& rules) {
  const auto all = external_streams(rules, [](const StreamSchema&) { return true; });
  if (!plan.stream_field.empty() || all.size() == 1) return ids_of(all);
  const auto suited = external_streams(rules, [&](const StreamSchema& schema) {
    return plan.format == Format::kLines ? !schema.line_pattern.empty() : !schema.when.empty();
  });
  if (!suited.empty()) return ids_of(suited);
  if (plan.format == Format::kLines)
    return Error{fmt::format("{}: none of the streams {} has a `line` pattern for text lines", plan.path, names_of(all))};
  return Error{fmt::format(
      "{}: which stream is it? The rules declare {}. Say --input STREAM={}, or --stream-field COLUMN if a column names the stream, "
      "or give the streams a `when`",
      plan.path, names_of(all), plan.path)};
}

}  // namespace

Result<InputPlan> plan_input(const std::string& word, const RuleSet& rules, const InputOptions& options) {
  InputPlan plan;
  const std::string_view names = stream_words(word);
  plan.path = names.empty() ? word : word.substr(names.size() + 1);
  if (plan.path.empty()) return Error{fmt::format("--input {}: the path is missing", word)};
  const Result<Format> format = choose_format(plan.path, options);
  if (!format) return format.error();
  plan.format = *format;
  if (names.empty()) plan.stream_field = options.stream_field.empty() && plan.format == Format::kNdjson ? "stream" : options.stream_field;
  Result<std::vector<StreamId>> streams = names.empty() ? default_streams(plan, rules) : named_streams(names, rules);
  if (!streams) return streams.error();
  plan.streams = *std::move(streams);
  return plan;
}

Result<std::vector<Input>> open_inputs(std::span<const InputPlan> plans, const RuleSet& rules, const InputOptions& options) {
  std::vector<Input> inputs;
  for (const InputPlan& plan : plans) {
    FileSourceOptions source_options;
    source_options.format = plan.format;
    source_options.follow = options.follow && plan.path != "-";
    source_options.max_record_bytes = options.max_record_bytes;
    Result<std::unique_ptr<Source>> source = open_file_source(plan.path, source_options);
    if (!source) return source.error();

    std::vector<const StreamSchema*> schemas;
    for (StreamId id : plan.streams) schemas.push_back(&rules.schemas()[id]);
    DecoderOptions decoder_options;
    decoder_options.stream_field = plan.stream_field;
    decoder_options.max_record_bytes = options.max_record_bytes;
    Result<std::unique_ptr<Decoder>> decoder = make_decoder(plan.format, schemas, decoder_options);
    if (!decoder) return Error{fmt::format("{}: {}", plan.path, decoder.error().message)};
    inputs.push_back({plan.path == "-" ? "standard input" : plan.path, *std::move(source), *std::move(decoder), plan.streams,
                      options.follow || plan.path == "-"});
  }
  return inputs;
}

}  // namespace sequitur::cli
