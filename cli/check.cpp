// `sequitur check`: are the rule files right?
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/exit_code.hpp"
#include "cli/load_rules.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"
#include "dsl/diagnostic_text.hpp"
#include "engine/rule_set_impl.hpp"
#include "sequitur/rule_files.hpp"

namespace sequitur::cli {
namespace {

struct Options {
  std::vector<std::string> rules;
  std::string format = "text";
  std::vector<std::string> params;
};

std::uint64_t declared_streams(const RuleSet& rules) {
  std::uint64_t count = 0;
  for (const StreamSchema& schema : rules.schemas()) count += schema.external ? 1 : 0;
  return count;
}

int check(const Options& options) {
  const Result<RuleSetOptions> params = params_of(options.params);
  if (!params) {
    print_error(params.error().message);
    return kExitUsage;
  }
  const Result<std::vector<SourceFile>> files = read_rule_files(options.rules, {.tests = true});
  if (!files) {
    print_error(files.error().message);
    return kExitRuntime;
  }
  std::vector<Diagnostic> diagnostics;
  const std::shared_ptr<const RuleSet> rules = RuleSet::load(*files, diagnostics, *params);
  const int exit_code = rules ? kExitOk : kExitRules;
  if (options.format == "json") {
    fmt::print("{}\n", dsl::diagnostics_json(diagnostics, *files));
    return exit_code;
  }
  print_diagnostics(diagnostics, *files);
  if (!rules) return exit_code;
  fmt::print("{}, {}, {}: ok\n", counted(rules->rules().size(), "rule"), counted(declared_streams(*rules), "stream"),
             counted(rules->impl().files.tests.size(), "test"));
  return exit_code;
}

}  // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("check", "Check rule files and explain every mistake");
  verb->add_option("RULES", options->rules, "Rule files, or directories with .seq files")->required();
  verb->add_option("--format", options->format, "text or json")->capture_default_str()->check(CLI::IsMember({"text", "json"}));
  add_params(*verb, options->params);
  verb->footer("Example: sequitur check rules --format json");
  verb->callback([options, &exit_code] { exit_code = check(*options); });
}

}  // namespace sequitur::cli
