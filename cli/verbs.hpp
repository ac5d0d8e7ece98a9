// The verbs of the command, one file each: each adds its subcommand, whose callback runs it and leaves the exit code.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sequitur::cli {

// The option --set of the verbs that load rules.
void add_params(CLI::App& verb, std::vector<std::string>& params);

void add_check(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_test(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_fmt(CLI::App& app, int& exit_code);
void add_infer(CLI::App& app, int& exit_code);
void add_generate(CLI::App& app, int& exit_code);

}  // namespace sequitur::cli
