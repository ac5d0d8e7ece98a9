// Rule files from the disk to a rule set, with every problem reported on stderr.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sequitur/diagnostic.hpp"
#include "sequitur/rule_set.hpp"

namespace sequitur::cli {

struct LoadOptions {
  bool tests = false;    // With the .seqtest files.
  bool warnings = true;  // Print warnings, not only errors.
};

struct LoadedRules {
  std::vector<SourceFile> files;
  std::shared_ptr<const RuleSet> rules;  // Null when there are errors.
  int exit_code = 0;                     // What to exit with when `rules` is null.
};

LoadedRules load_rules(const std::vector<std::string>& paths, const LoadOptions& options);

}  // namespace sequitur::cli
