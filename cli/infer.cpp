// `sequitur infer`: a stream declaration from sample data.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>

#include "cli/exit_code.hpp"
#include "cli/infer/guess.hpp"
#include "cli/infer/samples.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"
#include "dsl/parse.hpp"
#include "dsl/print.hpp"

namespace sequitur::cli {
namespace {

struct Options {
  SampleOptions samples;
  std::string stream, time, stream_field = "stream";
};

constexpr std::size_t kMaxStreams = 64;

// "payments.ndjson.zst" -> "payments"; what cannot stand in a name becomes "_".
std::string stream_name(const std::string& path) {
  std::string name = path == "-" ? "events" : std::filesystem::path(path).filename().string();
  name = name.substr(0, name.find('.', 1));
  for (char& c : name)
    if (c != '_' && std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name.empty() ? "events" : name;
}

// The name of the record's stream, taken out of the values; empty if it does not say.
std::string take_stream(std::vector<SampleValue>& values, const std::string& field) {
  for (auto value = values.begin(); value != values.end(); ++value) {
    if (value->path.size() != 1 || value->path.front() != field || value->kind != SampleValue::Kind::kText) continue;
    std::string name = std::move(value->text);
    values.erase(value);
    return name;
  }
  return {};
}

Result<std::string> declarations(const Options& options) {
  Result<std::vector<std::vector<SampleValue>>> records = read_samples(options.samples);
  if (!records) return records.error();
  if (records->empty()) return Error{options.samples.path + " holds no records of this format"};
  std::map<std::string, StreamGuess> guesses;
  for (std::vector<SampleValue>& record : *records) {
    const std::string name = options.stream.empty() ? take_stream(record, options.stream_field) : "";
    if (guesses.size() < kMaxStreams || guesses.contains(name)) guesses[name].add(record);
  }
  std::string text;
  for (const auto& [name, guess] : guesses) {
    const std::string shown = !name.empty() ? name : options.stream.empty() ? stream_name(options.samples.path) : options.stream;
    const Result<std::string> block = guess.declaration(shown, options.time);
    if (!block) return Error{options.samples.path + ": " + block.error().message};
    text.append(text.empty() ? "" : "\n").append(*block);
  }
  const dsl::Parsed parsed = dsl::parse(text, 0);  // What `fmt` would make of it.
  return parsed.ok() ? dsl::print(parsed.file) : text;
}

int infer(const Options& options) {
  const Result<std::string> text = declarations(options);
  if (!text) {
    print_error(text.error().message);
    return kExitRuntime;
  }
  fmt::print("{}", *text);
  return kExitOk;
}

}  // namespace

void add_infer(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("infer", "Print a stream block that fits sample data");
  verb->add_option("FILE", options->samples.path, "Sample events: CSV, TSV or NDJSON, .gz and .zst as well; `-` is standard input")
      ->required();
  verb->add_option("--stream", options->stream, "Name of the stream; otherwise what the records say, or the file's name")
      ->type_name("NAME");
  verb->add_option("--time", options->time, "The field with the event time; otherwise it is looked for")->type_name("FIELD");
  verb->add_option("--stream-field", options->stream_field, "The field that names a record's stream: one block for each")
      ->capture_default_str();
  verb->add_option("--format", options->samples.format, "csv, tsv or ndjson; otherwise by the ending of the file's name");
  verb->add_option("--records", options->samples.max_records, "How many records to look at")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000'000}));
  verb->footer("Example: sequitur infer payments.csv.zst --time paid_at > payments.seq");
  verb->callback([options, &exit_code] { exit_code = infer(*options); });
}

}  // namespace sequitur::cli
