// All small rules over all small streams. The streams are played at once, each as a key of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/differential/event_table.hpp"
#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

// Rules of one or two steps over the streams A and B, in an order of their own.
std::uint64_t small_rule_count();
RuleText small_rule(std::uint64_t index, const std::string& name);

// Every sequence of `length` events of three kinds (A with x = 0, A with x = 1, B), neighbours 0 or 1 s apart: a key each.
EventTable small_streams(int length);

// The events of one key, renumbered.
EventTable events_of_key(const EventTable& table, const std::string& key);

}  // namespace sequitur::differential
