// Finds and reads rule files.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sequitur/diagnostic.hpp"
#include "sequitur/result.hpp"

namespace sequitur::cli {

struct RuleFileOptions {
  bool tests = false;  // Also the .seqtest beside each .seq.
};

// The files themselves; of a directory all *.seq below it, sorted by path; and whatever these import, directly or not, by
// paths relative to the importing file. Each file once. An Error when something cannot be read or a directory holds no rules.
Result<std::vector<SourceFile>> read_rule_files(std::span<const std::string> paths, const RuleFileOptions& options);

}  // namespace sequitur::cli
