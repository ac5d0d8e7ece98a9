// Random rules as text, in pieces that can be left out one by one when a failing case is made smaller.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/random.hpp"

namespace sequitur::differential {

// The unit of time in which a round's rules and events are written: from microseconds to days, so that near and far
// deadlines are met.
struct Unit {
  std::string name;  // As durations are written: "s".
  std::int64_t microseconds = 1;
};
Unit random_unit(Random& random);

// The streams that all random rules share: A, B, C, D and some named filters of them. Field n numbers the events of a case,
// the others have few values. A may be 3 units late, the others 2.
std::string stream_text(const Unit& unit);
std::string fields_of_streams();
enum Field { kN, kK, kJ, kX, kY, kS, kD, kI, kL, kM, kRa, kRb, kTs, kFields };  // In the order of the schema; the time field comes last.

struct Line {
  std::string head;                // "then   p2: A | B"
  std::vector<std::string> tails;  // " where ..", " except ..", " until ..", each may be left out.
  bool needed = false;             // Without it there is no rule.
};

struct RuleText {
  std::string name;
  std::vector<Line> lines;
};

std::string to_text(const RuleText& rule);

// Most of them pass the checker; those that do not are to be thrown away.
RuleText random_rule(Random& random, const std::string& name, const Unit& unit);

// One of the plainest shape (plain_sequences.cpp).
RuleText plain_sequence(Random& random, const std::string& name, const Unit& unit);
// One that forks, with conditions on the event alone (shared_matches.cpp).
RuleText shared_matches(Random& random, const std::string& name, const Unit& unit);

}  // namespace sequitur::differential
