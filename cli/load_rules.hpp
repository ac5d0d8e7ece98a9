// Rule files from the disk to a rule set, with every problem reported on stderr.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sequitur/diagnostic.hpp"
#include "sequitur/result.hpp"
#include "sequitur/rule_set.hpp"

namespace sequitur::cli {

struct LoadOptions {
  bool tests = false;                 // With the .seqtest files.
  bool warnings = true;               // With warnings, not only errors.
  std::vector<std::string> params{};  // `--set`: name=value.
  bool silent = false;                // Print no diagnostics; what cannot be read is still said.
};

struct LoadedRules {
  std::vector<SourceFile> files;
  std::vector<Diagnostic> diagnostics;
  std::shared_ptr<const RuleSet> rules;  // Null when there are errors.
  int exit_code = 0;                     // What to exit with when `rules` is null.
};

// On stderr, in colours on a terminal, with the total when there is anything.
void print_diagnostics(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files);

// What `--set` gave, one name=value each. An Error names the one that is not of that form.
Result<RuleSetOptions> params_of(std::span<const std::string> words);

LoadedRules load_rules(const std::vector<std::string>& paths, const LoadOptions& options);

}  // namespace sequitur::cli
