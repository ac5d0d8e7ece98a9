// `sequitur explain`: what a rule becomes.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/exit_code.hpp"
#include "cli/load_rules.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"
#include "engine/rule_set_impl.hpp"

namespace sequitur::cli {
namespace {

struct Options {
  std::vector<std::string> rules;
  std::string rule;
  bool dot = false;
};

int explain(const Options& options) {
  const LoadedRules loaded = load_rules(options.rules, {.tests = false, .warnings = false});
  if (!loaded.rules) return loaded.exit_code;
  bool found = false;
  for (const auto& automaton : loaded.rules->impl().automata) {
    if (!options.rule.empty() && automaton->info.name != options.rule) continue;
    fmt::print("{}{}", found ? "\n" : "", options.dot ? nfa::dot(*automaton) : nfa::listing(*automaton));
    found = true;
  }
  if (found || options.rule.empty()) return kExitOk;
  print_error("there is no rule `" + options.rule + "` in these files");
  return kExitUsage;
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("explain", "Show the automaton that a rule becomes");
  verb->add_option("RULES", options->rules, "Rule files, or directories with .seq files")->required();
  verb->add_option("--rule", options->rule, "Only this rule")->type_name("NAME");
  verb->add_flag("--dot", options->dot, "As a graph for Graphviz: `sequitur explain --dot .. | dot -Tsvg`");
  verb->callback([options, &exit_code] { exit_code = explain(*options); });
}

}  // namespace sequitur::cli
