// What random rules do with tables: look rows up, write them, watch their keys.
#pragma once

#include <optional>
#include <string>

#include "sequitur/schema.hpp"
#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

struct EventTable;

// T0 with a ttl, T1 from a file, T2 with a bound on its rows, T4 from a change stream, T6 from outside, T3 = T0 join T1, T5 = T4 join T1,
// T7 = T4 left join T6, T8 = T4 join T6.
std::string table_text(const Unit& unit);
// Makes changes of T4 of some events: rows, deletions, and what empties the table.
inline constexpr StreamId kChangesOfT4 = 7, kChangesOfT6 = 8;
void make_changes(EventTable& table, std::uint64_t seed);

// Of some table the row of the key: `T0[k]`.
std::string a_row(Random& random, const std::string& key);

// How the rule can name an event that it surely has taken; nothing if it cannot.
std::optional<std::string> a_taken_event(const RuleText& rule, Random& random);

// Puts look-ups into conditions and into what is emitted.
void add_look_ups(RuleText& rule, Random& random);
// Makes a rule of one that writes a table.
void write_table(RuleText& rule, Random& random);
// Makes a rule of one over the keys of a table, if its key suits.
void watch_table(RuleText& rule, Random& random);
// A rule of silences alone over the keys of a table.
RuleText silence_of_keys(Random& random, const std::string& name, const Unit& unit);

}  // namespace sequitur::differential
