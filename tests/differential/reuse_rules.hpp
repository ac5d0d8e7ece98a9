// Random rules with keys that differ by step, and with ticks of a schedule.
#pragma once

#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

// `schedule six`, which ticks some times among the events of a case written in the unit.
std::string schedule_text(const Unit& unit);

// Most rules as they are; some with a key by step, some with a line over the schedule. Fewer of those pass the checker.
RuleText with_reuse(RuleText rule, Random& random);

}  // namespace sequitur::differential
