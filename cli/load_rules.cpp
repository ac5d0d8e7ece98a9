#include "cli/load_rules.hpp"

#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/messages.hpp"
#include "cli/rule_files.hpp"

namespace sequitur::cli {

LoadedRules load_rules(const std::vector<std::string>& paths, const LoadOptions& options) {
  LoadedRules loaded;
  Result<std::vector<SourceFile>> files = read_rule_files(paths, {.tests = options.tests});
  if (!files) {
    print_error(files.error().message);
    loaded.exit_code = kExitRuntime;
    return loaded;
  }
  loaded.files = *std::move(files);
  std::vector<Diagnostic> diagnostics;
  loaded.rules = RuleSet::load(loaded.files, diagnostics);
  if (!options.warnings) std::erase_if(diagnostics, [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kWarning; });
  fmt::print(stderr, "{}", diagnostics_text(diagnostics, loaded.files));
  if (!loaded.rules) {
    fmt::print(stderr, "{}\n", diagnostics_total(diagnostics));
    loaded.exit_code = kExitRules;
  }
  return loaded;
}

}  // namespace sequitur::cli
