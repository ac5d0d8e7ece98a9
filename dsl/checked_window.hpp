// The window of a checked rule. Its `over` lines are the rule's stages: `count(p)` in an expression is kAggregate with the
// line as its step, over the events of that line which are in the window.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/checked_rule.hpp"

namespace sequitur::dsl {

enum class WindowKind : std::uint8_t {
  kSliding,     // At t the events with a time in (t - span, t]; a result at every event and whenever events leave.
  kTumbling,    // [k * size, (k + 1) * size), or the calendar day or week of `zone`.
  kHopping,     // [t - size, t) for every multiple t of `every`.
  kSession,     // Neighbours at most `size` apart; over `size` after the last one.
  kLastEvents,  // The last `events` events of all lines together; a result at every `every_events`-th.
};

struct Window {
  WindowKind kind = WindowKind::kSliding;
  Duration size{0};
  Duration every{0};
  std::uint64_t events = 0;
  std::uint64_t every_events = 1;
  Duration ttl{std::chrono::hours{24 * 400}};  // kLastEvents: a key to which nothing came for so long is forgotten.
  std::string zone;                            // kTumbling: an IANA name; empty: UTC.
  std::vector<Duration> spans;                 // kSliding: of each line.

  // When a tumbling, hopping or session window reports: at its end, every `period` after its beginning if something came
  // since the last result, at every `period_events`-th of its events.
  bool at_end = true;
  std::optional<Duration> period;
  std::uint64_t period_events = 0;  // 0: not.
  bool discarding = false;          // Each result is over what came since the one before.

  ExprPtr when;         // Null pointer: always. Over lines and key parts.
  bool always = false;  // `emit always`: at each result at which `when` holds, not only where it begins to hold.
};

}  // namespace sequitur::dsl
