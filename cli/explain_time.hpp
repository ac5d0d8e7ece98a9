// Where event time comes from: for each stream its watermark and what becomes of late events, and what an input of all
// of them waits for.
#pragma once

#include <string>

#include "sequitur/rule_set.hpp"

namespace sequitur::cli {

std::string time_text(const RuleSet& rules);

}  // namespace sequitur::cli
