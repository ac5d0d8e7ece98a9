// `sequitur run`: rule files over inputs, alerts out.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "adapters/file/alert_sinks.hpp"
#include "cli/exit_code.hpp"
#include "cli/files.hpp"
#include "cli/labels.hpp"
#include "cli/load_rules.hpp"
#include "cli/messages.hpp"
#include "cli/progress.hpp"
#include "cli/run_inputs.hpp"
#include "cli/run_sinks.hpp"
#include "cli/score.hpp"
#include "cli/stop.hpp"
#include "cli/summary.hpp"
#include "cli/values.hpp"
#include "cli/verbs.hpp"
#include "sequitur/engine.hpp"

namespace sequitur::cli {
namespace {

constexpr std::size_t kMaxLabelBytes = 256u << 20;

struct Options {
  std::vector<std::string> rules, params;
  std::vector<std::string> inputs;
  InputOptions input;
  EngineOptions engine;
  std::string output, dead_letter, labels, idle = "30s";
  std::uint64_t show = 0;
  bool no_flush = false, stats = false, quiet = false;
};

int fail(int code, const Error& error) {
  print_error(error.message);
  return code;
}

Result<std::unique_ptr<Sink>> open_output(const Options& options) {
  if (!options.output.empty()) return open_ndjson_sink(options.output);
  return stdout_is_terminal() ? open_table_sink("-") : open_ndjson_sink("-");
}

// Everything that a run writes to, opened before the first record is read.
struct Outputs {
  std::unique_ptr<FirstAlerts> alerts;
  std::unique_ptr<FirstAlerts> shown;  // --show
  std::unique_ptr<ScoreSink> score;    // --labels
  std::unique_ptr<DeadLetterSink> dead_letters;

  std::vector<Sink*> sinks() const {
    std::vector<Sink*> all{alerts.get()};
    if (shown) all.push_back(shown.get());
    if (score) all.push_back(score.get());
    return all;
  }
};

Result<Outputs> open_outputs(const Options& options, ProgressLine& progress) {
  Outputs outputs;
  Result<std::unique_ptr<Sink>> alerts = open_output(options);
  if (!alerts) return alerts.error();
  outputs.alerts = std::make_unique<FirstAlerts>(*std::move(alerts), ~std::uint64_t{0}, progress);
  if (options.show > 0) {
    Result<std::unique_ptr<Sink>> table = open_table_sink("-");
    if (!table) return table.error();
    outputs.shown = std::make_unique<FirstAlerts>(*std::move(table), options.show, progress);
  }
  if (!options.labels.empty()) {
    const Result<std::string> text = read_file(options.labels, kMaxLabelBytes);
    if (!text) return text.error();
    const Result<std::vector<Incident>> labels = parse_labels(options.labels, *text);
    if (!labels) return labels.error();
    outputs.score = std::make_unique<ScoreSink>(*labels);
  }
  if (!options.dead_letter.empty()) {
    Result<std::unique_ptr<DeadLetterSink>> sink = open_dead_letter_sink(options.dead_letter);
    if (!sink) return sink.error();
    outputs.dead_letters = *std::move(sink);
  }
  return outputs;
}

void report(const RunSummary& summary, const RuleSet& rules, const Options& options, const Outputs& outputs) {
  if (outputs.shown && outputs.shown->left_out() > 0) fmt::print("... and {}\n", counted(outputs.shown->left_out(), "more alert"));
  if (outputs.score) {
    std::vector<std::string> names;
    for (const RuleInfo& rule : rules.rules()) names.push_back(rule.name);
    fmt::print("\nAgainst the labels of {}\n{}", options.labels, score_table(outputs.score->scores(names)));
  }
  std::fflush(stdout);
  if (options.quiet) return;
  fmt::print(stderr, "{}", summary_text(summary, rules, options.stats));
  const std::uint64_t homeless = summary.unmatched + summary.bad[static_cast<std::size_t>(BadReason::kUnknownStream)];
  if (summary.records > 0 && homeless == summary.records)
    fmt::print(stderr,
               "No record belongs to a stream: say which one it is by --input STREAM=PATH, or which field names it by --stream-field.\n");
}

int run_rules(const Options& options) {
  const LoadedRules loaded = load_rules(options.rules, {.tests = false, .warnings = false, .params = options.params});
  if (!loaded.rules) return loaded.exit_code;
  std::vector<InputPlan> plans;
  for (const std::string& word : options.inputs) {
    Result<InputPlan> plan = plan_input(word, *loaded.rules, options.input);
    if (!plan) return fail(kExitUsage, plan.error());
    plans.push_back(*std::move(plan));
  }
  Result<std::vector<Input>> inputs = open_inputs(plans, *loaded.rules, options.input);
  if (!inputs) return fail(kExitRuntime, inputs.error());
  ProgressLine progress(stderr);
  const Result<Outputs> outputs = open_outputs(options, progress);
  if (!outputs) return fail(kExitRuntime, outputs.error());

  RunControl control;
  control.stop = &catch_stop_signals();
  if (progress.enabled() && !options.quiet) control.on_progress = [&](const RunProgress& now) { progress.show(now); };
  control.on_file_reload = [&](std::span<const FileReload> reloads, Timestamp time) {
    progress.clear();
    for (const FileReload& reload : reloads) fmt::print(stderr, "{}\n", reload_text(reload, time));
  };
  const std::vector<Sink*> sinks = outputs->sinks();
  const Result<RunSummary> summary = run(loaded.rules, options.engine, *std::move(inputs), sinks, outputs->dead_letters.get(), control);
  progress.clear();
  if (!summary) return fail(kExitRuntime, summary.error());
  report(*summary, *loaded.rules, options, *outputs);
  return kExitOk;
}

void add_outputs(CLI::App& verb, Options& options) {
  verb.add_option("-o,--output", options.output,
                  "Write alerts as NDJSON to this file; `-` for standard output. Otherwise: a table on a terminal, NDJSON elsewhere")
      ->type_name("FILE");
  verb.add_option("--show", options.show, "Also print the first N alerts as a table")->type_name("N");
  verb.add_option("--dead-letter", options.dead_letter, "Write bad and late records to this file, with reason, position and bytes")
      ->type_name("FILE");
  verb.add_option("--labels", options.labels,
                  "Compare the alerts with the incidents of this file (`generate --labels`): precision and recall by rule")
      ->type_name("FILE");
  verb.add_flag("--stats", options.stats, "Say more in the summary: all rules, runs, state");
  verb.add_flag("-q,--quiet", options.quiet, "No progress line and no summary");
}

void add_inputs(CLI::App& verb, Options& options) {
  verb.add_option("RULES", options.rules, "Rule files, or directories with .seq files")->required();
  verb.add_option("-i,--input", options.inputs,
                  "[STREAM[,STREAM]=]PATH: an event file, .gz and .zst as well; `-` is standard input. Several are merged by event time")
      ->required()
      ->allow_extra_args(false)
      ->type_name("INPUT");
  verb.add_option("--format", options.input.format, "csv, tsv, ndjson or lines; otherwise by the ending of the file's name")
      ->type_name("NAME");
  verb.add_option("--stream-field", options.input.stream_field, "The field that names a record's stream. NDJSON: `stream` if not given")
      ->type_name("FIELD");
  add_params(verb, options.params);
  verb.add_flag("--follow", options.input.follow, "Wait for more at the end of the inputs, until Ctrl-C");
  verb.add_option("--idle", options.idle, "An input that is followed and silent for so long no longer holds the others back")
      ->capture_default_str()
      ->type_name("DURATION");
  verb.add_option("--max-record-bytes", options.input.max_record_bytes, "Set longer records aside")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{64}, std::size_t{1} << 30));
}

void add_engine(CLI::App& verb, Options& options) {
  verb.add_option("-t,--threads", options.engine.threads, "Threads; the alerts are the same for any number")
      ->capture_default_str()
      ->check(CLI::Range(1u, 256u));
  verb.add_option("--batch", options.engine.batch_events, "Events evaluated together; the alerts are the same for any number")
      ->capture_default_str()
      ->check(CLI::Range(1u, 10'000'000u));
  verb.add_option("--max-runs", options.engine.max_runs, "Most live runs of one rule and key")
      ->capture_default_str()
      ->check(CLI::Range(1u, 100'000'000u));
  verb.add_option("--max-run-events", options.engine.max_run_events, "Most events in one run")
      ->capture_default_str()
      ->check(CLI::Range(1u, 100'000'000u));
  verb.add_option("--max-revise-events", options.engine.max_revise_events, "Most events that `late revise` keeps")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40));
  verb.add_option("--max-shared-events", options.engine.max_shared_events, "Most events held by one rule and key whose matches share them")
      ->capture_default_str()
      ->check(CLI::Range(1u, 100'000'000u));
  verb.add_option("--max-window-events", options.engine.max_window_events, "Most events that a window remembers of one rule, key and line")
      ->capture_default_str()
      ->check(CLI::Range(1u, 1'000'000'000u));
  verb.add_option("--max-table-rows", options.engine.max_table_rows, "Most rows of one table")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40));
  verb.add_flag("--no-flush", options.no_flush, "At the end of the input leave deadlines pending that lie behind the last event");
  verb.add_flag("--assume-silent", options.engine.assume_silent,
                "What was before the first event counts as silence for a looking-back `no`");
  verb.add_flag("--strict", options.engine.strict, "Stop at the first bad record");
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  options->engine.threads = std::min(4u, std::max(1u, std::thread::hardware_concurrency()));
  CLI::App* verb = app.add_subcommand("run", "Run rules over event files and report alerts");
  add_inputs(*verb, *options);
  add_outputs(*verb, *options);
  add_engine(*verb, *options);
  verb->footer(
      "Examples:\n"
      "  sequitur run rules/fraud --input payments.ndjson.zst --output alerts.ndjson --dead-letter bad.ndjson\n"
      "  sequitur run ticks.seq --input trade,quote=ticks.csv.gz --threads 4 --stats\n"
      "  tail -f app.log | sequitur run app.seq --input - --format lines");
  verb->callback([options, &exit_code] {
    options->engine.flush_at_end = !options->no_flush;
    options->engine.idle = duration_value("--idle", options->idle);
    exit_code = run_rules(*options);
  });
}

}  // namespace sequitur::cli
