#include "cli/command.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <exception>

#include "cli/exit_code.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"
#include "cli/version.hpp"

namespace sequitur::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 all went well, 1 a file could not be read or written, 2 wrong usage,\n"
    "3 errors in rule files, 4 failed tests, 5 `fmt --check` found a file that is not formatted.\n"
    "\n"
    "Start with:\n"
    "  sequitur generate payments --output payments.ndjson\n"
    "  sequitur run rules/fraud --input payments.ndjson\n"
    "`sequitur VERB --help` says more about a verb, docs/cli.md everything.";

// Output that only fails when it is flushed must not look like success.
int finish_output(int exit_code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
  print_error("standard output cannot be written: " + system_message(errno));
  return exit_code == kExitOk ? kExitRuntime : exit_code;
}

int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {  // --help, --version
    app.exit(error);
    return kExitOk;
  }
  print_error(error.what());
  const auto chosen = app.get_subcommands();
  fmt::print(stderr, "Try `sequitur {}--help`.\n", chosen.empty() ? "" : chosen.front()->get_name() + " ");
  return kExitUsage;
}

}  // namespace

void add_params(CLI::App& verb, std::vector<std::string>& params) {
  verb.add_option("--set", params, "Give a value to `param NAME = ..` of the rule files; may stand several times")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
}

int run_command(int argc, const char* const* argv) {
  int exit_code = kExitOk;
  CLI::App app{"Sequitur finds sequences and absences in event streams: rule files in, alerts out.", "sequitur"};
  app.set_version_flag("--version", std::string("sequitur ") + kVersion);
  app.require_subcommand(1);
  add_check(app, exit_code);
  add_run(app, exit_code);
  add_test(app, exit_code);
  add_explain(app, exit_code);
  add_fmt(app, exit_code);
  add_infer(app, exit_code);
  add_generate(app, exit_code);
  app.footer(kFooter);  // Behind the verbs, which would inherit it.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return finish_output(report_usage(app, error));
  } catch (const std::exception& error) {  // Out of memory, and what third-party code may throw.
    print_error(error.what());
    return finish_output(kExitRuntime);
  }
  return finish_output(exit_code);
}

}  // namespace sequitur::cli
