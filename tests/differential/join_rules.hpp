// Random joins of two streams, written as docs/language.md (11.5) writes them, and the naive join: every pair is looked at.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/differential/event_table.hpp"
#include "tests/differential/rule_text.hpp"
#include "tests/reference/matcher.hpp"

namespace sequitur::differential {

// One side: a stream of the table, or what a rule emits of its events.
struct JoinSide {
  std::string stream;                      // As rules name it.
  StreamId of = 0;                         // Of the table.
  std::string where;                       // " where ..", or nothing;
  std::function<bool(const Row&)> wanted;  // what it says.
  int delay = 0;                           // Units from the event to what is joined;
  bool quiet = false;                      // and only if no D comes meanwhile.
};

struct Join {
  std::vector<RuleText> rules;
  Unit unit;
  JoinSide left, right;
  int bound = 1;  // Units between the two, inclusive.
  bool outer_left = false, outer_right = false;
  // Nothing: the event takes no part.
  std::function<std::optional<std::string>(const Row&)> left_key, right_key;
  std::function<bool(const Row& left, const Row& right)> fits;
};

Join random_join(Random& random, const Unit& unit);

// What the reference matcher says of the rules, against the naive join; nothing if they are equal.
std::optional<std::string> difference_of_join(const Join& join, const EventTable& table, const reference::Outcome& said,
                                              const reference::Options& options);

}  // namespace sequitur::differential
