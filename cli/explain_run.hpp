// `sequitur explain` over inputs: how an alert came about, and why a rule did not fire.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sequitur/rule_set.hpp"

namespace sequitur::cli {

struct ExplainRun {
  std::string alert;    // An id of 32 hexadecimal digits; or
  std::string why_not;  // the name of a rule, with
  std::string key;      // a key: its parts as alerts show them, joined by commas.
  std::vector<std::string> inputs;
  bool json = false;
};

// Reads the inputs to their end. Returns the exit code.
int explain_run(const std::shared_ptr<const RuleSet>& rules, const ExplainRun& options);

}  // namespace sequitur::cli
