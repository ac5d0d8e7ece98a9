// Random events, in the order of evaluation, and the ways in which they can arrive at the engine.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sequitur/event.hpp"
#include "tests/differential/random.hpp"
#include "tests/differential/rule_text.hpp"
#include "tests/reference/value.hpp"

namespace sequitur::differential {

using reference::Row;
using reference::Value;

struct EventTable {
  std::vector<Row> rows;             // In order of evaluation: time, input, position.
  std::vector<std::size_t> inputs;   // Of each row, the input that it comes from.
  std::int64_t start = 0, unit = 1;  // Times are shown as units since the start.
  std::size_t input_count = 1;
};

// Few streams, keys and values; equal times and nulls are frequent. Field n is the row's number.
EventTable random_events(Random& random, const Unit& unit);

// How the events arrive: by input, row numbers; equal times in their order. Each may come up to `disorder` behind events
// that are later. With more than `lateness` some are late: those the engine must not evaluate.
struct Arrivals {
  std::vector<std::vector<std::size_t>> by_input;
  std::vector<bool> late;  // By row.
};
Arrivals random_arrivals(const EventTable& table, std::int64_t disorder, std::int64_t lateness, Random& random);

// The row as the engine wants it.
Event& to_event(const Row& row, const StreamSchema& schema, Arena& arena);

// How alerts name a tick, which has no number.
inline std::size_t name_of_tick(std::int64_t time) { return static_cast<std::size_t>(time) | std::size_t{1} << 63; }

// For people: one line an event.
std::string to_text(const EventTable& table, std::span<const StreamSchema> schemas);

}  // namespace sequitur::differential
