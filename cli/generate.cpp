// `sequitur generate`: seeded event streams with labelled incidents.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>

#include "cli/exit_code.hpp"
#include "cli/files.hpp"
#include "cli/generate/scenario.hpp"
#include "cli/labels.hpp"
#include "cli/messages.hpp"
#include "cli/values.hpp"
#include "cli/verbs.hpp"

namespace sequitur::cli {
namespace {

struct Options {
  GenerateOptions what;
  std::string format = "ndjson", start = "2024-01-01T00:00:00Z", disorder = "0s";
  std::string output, labels;
};

Result<void> write_all(const Options& options) {
  std::optional<std::vector<Incident>> incidents;
  if (options.output.empty()) {
    incidents = generate(options.what, stdout);
    if (!incidents) return Error{"standard output cannot be written: " + system_message(errno)};
  } else {
    Result<FilePtr> file = create_file(options.output);
    if (!file) return file.error();
    incidents = generate(options.what, file->get());
    Result<void> closed = close_file(*std::move(file), options.output);
    if (!closed) return closed;
    if (!incidents) return Error{options.output + " cannot be written"};
  }
  return options.labels.empty() ? Result<void>{} : write_file(options.labels, label_lines(*incidents));
}

int generate_events(Options& options) {
  options.what.format = options.format == "csv" ? RecordFormat::kCsv : RecordFormat::kNdjson;
  if (const Result<void> written = write_all(options); !written) {
    print_error(written.error().message);
    return kExitRuntime;
  }
  return kExitOk;
}

}  // namespace

void add_generate(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("generate", "Write a seeded, realistic event stream with labelled incidents");
  verb->add_option("KIND", options->what.kind,
                   "payments, logins, orders, heartbeats or orderbook; rules/streams/KIND.seq declares the streams")
      ->required()
      ->check(CLI::IsMember(scenario_names()));
  verb->add_option("-n,--events", options->what.events, "How many events")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  verb->add_option("--seed", options->what.seed, "Equal seeds give equal bytes, on every machine")->capture_default_str();
  verb->add_option("--start", options->start, "Time of the first event, RFC 3339, 1970 or later")->capture_default_str();
  verb->add_option("--disorder", options->disorder, "Let events leave up to this much after their time, such as 5s")->capture_default_str();
  verb->add_option("--format", options->format, "ndjson or csv")->capture_default_str()->check(CLI::IsMember({"ndjson", "csv"}));
  verb->add_option("-o,--output", options->output, "File to write, plain text; standard output when not given");
  verb->add_option("--labels", options->labels, "File for the incidents that are in the events, for `run --labels`");
  verb->footer("Example: sequitur generate payments --events 1000000 --output payments.ndjson --labels labels.ndjson");
  verb->callback([options, &exit_code] {
    options->what.start = time_value("--start", options->start, Timestamp{});
    options->what.disorder = duration_value("--disorder", options->disorder);
    for (const std::string& path : {options->output, options->labels})
      if (path.ends_with(".gz") || path.ends_with(".zst"))
        throw CLI::ValidationError(path, "generate writes plain text; compress it afterwards");
    exit_code = generate_events(*options);
  });
}

}  // namespace sequitur::cli
