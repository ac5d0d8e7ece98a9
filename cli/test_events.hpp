// The events of a `test` block, and how they come to the engine.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "sequitur/engine.hpp"

namespace sequitur::cli {

// In the order of their offsets; equal ones as written.
std::vector<Event*> make_events(const dsl::Test& test, const RuleSet& rules, Arena& arena);

// Through run(), as one input, in the order of arrival (`arrives 20s`): what is late is late as in a file.
Result<void> run_arrivals(const std::shared_ptr<const RuleSet>& rules, const dsl::Test& test,
                          const std::function<void(std::span<const Alert>)>& see);

}  // namespace sequitur::cli
