// Random rules as text, in pieces that can be left out one by one when a failing case is made smaller.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/random.hpp"

namespace sequitur::differential {

// The streams that all random rules share. Field n numbers the events of a case, the others have few values.
std::string stream_text();
inline constexpr int kStreams = 4;                    // A, B, C, D
enum Field { kN, kK, kJ, kX, kY, kS, kTs, kFields };  // In the order of the schema; the time field comes last.

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
RuleText random_rule(Random& random, const std::string& name);

}  // namespace sequitur::differential
