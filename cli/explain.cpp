// `sequitur explain`: what a rule becomes, and what an error code means.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/exit_code.hpp"
#include "cli/explain_run.hpp"
#include "cli/explain_time.hpp"
#include "cli/load_rules.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"
#include "dsl/codes.hpp"
#include "engine/rule_set_impl.hpp"

namespace sequitur::cli {
namespace {

struct Options {
  std::vector<std::string> rules, params;
  std::string rule;
  bool dot = false;
  ExplainRun over;
  std::string format = "text";
};

// Of an error or a warning: what it means, with a wrong and a right file.
const dsl::CodeInfo* find_code(std::string_view code) {
  for (const auto codes : {dsl::syntax_codes(), dsl::check_codes()})
    for (const dsl::CodeInfo& info : codes)
      if (info.code == code) return &info;
  return nullptr;
}

void print_code(const dsl::CodeInfo& info) {
  fmt::print("{}: {}\n\n{}\n", info.code, info.title, info.explanation);
  if (!info.bad.empty()) fmt::print("\nWrong:\n\n{}\n", info.bad);
  if (!info.good.empty()) fmt::print("\nRight:\n\n{}\n", info.good);
}

int explain(const Options& options) {
  if (options.rules.size() == 1) {
    if (const dsl::CodeInfo* code = find_code(options.rules.front())) {
      print_code(*code);
      return kExitOk;
    }
  }
  const LoadedRules loaded = load_rules(options.rules, {.tests = false, .warnings = false, .params = options.params});
  if (!loaded.rules) return loaded.exit_code;
  if (!options.over.alert.empty() || !options.over.why_not.empty()) {
    ExplainRun over = options.over;
    over.json = options.format == "json";
    return explain_run(loaded.rules, over);
  }
  bool found = false;
  for (const auto& automaton : loaded.rules->impl().automata) {
    if (!options.rule.empty() && automaton->info.name != options.rule) continue;
    fmt::print("{}{}", found ? "\n" : "", options.dot ? nfa::dot(*automaton) : nfa::listing(*automaton));
    found = true;
  }
  if (options.rule.empty() && !options.dot) fmt::print("{}{}", found ? "\n" : "", time_text(*loaded.rules));
  if (found || options.rule.empty()) return kExitOk;
  print_error("there is no rule `" + options.rule + "` in these files");
  return kExitUsage;
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("explain", "Show the automaton that a rule becomes, or what an error code means");
  verb->add_option("RULES", options->rules, "Rule files, or directories with .seq files; or one code such as E012")->required();
  verb->add_option("--rule", options->rule, "Only this rule")->type_name("NAME");
  verb->add_flag("--dot", options->dot, "As a graph for Graphviz: `sequitur explain --dot .. | dot -Tsvg`");
  CLI::Option* input = verb->add_option("-i,--input", options->over.inputs, "[STREAM[,STREAM]=]PATH: what to look at, as for `run`")
                           ->allow_extra_args(false)
                           ->type_name("INPUT");
  CLI::Option* alert = verb->add_option("--alert", options->over.alert,
                                        "How the alert with this id came about: its events, step by step, with the value of each condition")
                           ->type_name("ID")
                           ->needs(input);
  CLI::Option* why_not = verb->add_option("--why-not", options->over.why_not,
                                          "Why this rule did not fire for a key: how far its runs came, and what ended them")
                             ->type_name("RULE")
                             ->needs(input)
                             ->excludes(alert);
  verb->add_option("--key", options->over.key, "The key for --why-not: its parts as alerts show them, joined by commas")
      ->type_name("KEY")
      ->needs(why_not);
  verb->add_option("--format", options->format, "text or json, for --alert and --why-not")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  add_params(*verb, options->params);
  verb->footer(
      "Examples:\n"
      "  sequitur explain card.seq --rule card_testing\n"
      "  sequitur explain E050\n"
      "  sequitur explain ping.seq --why-not lost --key b --input events.ndjson");
  verb->callback([options, &exit_code] { exit_code = explain(*options); });
}

}  // namespace sequitur::cli
