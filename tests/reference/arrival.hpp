// Which events rules see of those that arrive, and in which order: lateness by definition.
#pragma once

#include <vector>

#include "sequitur/schema.hpp"
#include "tests/reference/value.hpp"

namespace sequitur::reference {

// `arriving`: the events of one input in the order in which they come; an input that can have just these streams. Alerts that
// stand at the end are those of what this returns, in its order.
std::vector<Row> seen_by_rules(const std::vector<Row>& arriving, const std::vector<StreamSchema>& schemas);

}  // namespace sequitur::reference
