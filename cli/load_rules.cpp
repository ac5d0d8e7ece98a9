#include "cli/load_rules.hpp"

#include <unistd.h>

#include <cstdlib>

#include "cli/exit_code.hpp"
#include "cli/messages.hpp"
#include "dsl/diagnostic_text.hpp"
#include "sequitur/rule_files.hpp"

namespace sequitur::cli {

void print_diagnostics(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files) {
  if (diagnostics.empty()) return;
  const bool color = isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  fmt::print(stderr, "{}\n{}\n", dsl::diagnostics_text(diagnostics, files, color), dsl::diagnostics_total(diagnostics));
}

Result<RuleSetOptions> params_of(std::span<const std::string> words) {
  RuleSetOptions options;
  for (const std::string& word : words) {
    const std::size_t sign = word.find('=');
    if (sign == std::string::npos || sign == 0) return Error{"--set " + word + ": write --set NAME=VALUE"};
    options.params.emplace_back(word.substr(0, sign), word.substr(sign + 1));
  }
  return options;
}

LoadedRules load_rules(const std::vector<std::string>& paths, const LoadOptions& options) {
  LoadedRules loaded;
  const Result<RuleSetOptions> params = params_of(options.params);
  if (!params) {
    print_error(params.error().message);
    loaded.exit_code = kExitUsage;
    return loaded;
  }
  Result<std::vector<SourceFile>> files = read_rule_files(paths, {.tests = options.tests});
  if (!files) {
    print_error(files.error().message);
    loaded.exit_code = kExitRuntime;
    return loaded;
  }
  loaded.files = *std::move(files);
  loaded.rules = RuleSet::load(loaded.files, loaded.diagnostics, *params);
  if (!options.warnings)
    std::erase_if(loaded.diagnostics, [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kWarning; });
  if (!options.silent) print_diagnostics(loaded.diagnostics, loaded.files);
  if (!loaded.rules) loaded.exit_code = kExitRules;
  return loaded;
}

}  // namespace sequitur::cli
