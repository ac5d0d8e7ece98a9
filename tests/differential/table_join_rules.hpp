// The changes of joined tables as streams, held against a join that looks at all rows of both tables at every change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/differential/event_table.hpp"
#include "tests/differential/rule_text.hpp"
#include "tests/reference/matcher.hpp"

namespace sequitur::differential {

// Rules over the changes of T7 = T4 left join T6 and T8 = T4 join T6.
std::vector<RuleText> table_join_rules(Random& random);

// Makes changes of T4 and T6 of the events.
void make_changes_of_both(EventTable& table, Random& random);

// What the rules say that is not the naive join, or nothing. `ttl`: of T4.
std::optional<std::string> difference_of_table_join(const EventTable& table, const Unit& unit, const reference::Outcome& said,
                                                    const reference::Options& options);

}  // namespace sequitur::differential
