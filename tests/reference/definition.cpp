#include "tests/reference/definition.hpp"

#include <algorithm>
#include <set>

namespace sequitur::reference {
namespace {

using Tuple = std::vector<std::size_t>;

bool is_step_stream(const PlainRule& rule, StreamId stream) { return std::count(rule.steps.begin(), rule.steps.end(), stream) > 0; }

// Event `x` could be step i of a match whose earlier events are those of the tuple.
bool fits(const PlainRule& rule, std::span<const Row> events, const Tuple& tuple, std::size_t i, std::size_t x) {
  if (events[x].stream != rule.steps[i]) return false;
  if (rule.within && events[x].time - events[tuple[0]].time > *rule.within) return false;
  if (rule.gaps[i].at_most && events[x].time - events[tuple[i - 1]].time > *rule.gaps[i].at_most) return false;
  return true;
}

// The gap before step i: what lies between the two events, and for guards the second event too.
bool gap_holds(const PlainRule& rule, std::span<const Row> events, const Tuple& tuple, std::size_t i) {
  const PlainGap& gap = rule.gaps[i];
  bool very_next = true;
  for (std::size_t x = tuple[i - 1] + 1; x <= tuple[i]; ++x) {
    const StreamId stream = events[x].stream;
    const bool between = x < tuple[i];
    if (gap.guard == stream) return false;
    if (gap.no_next && very_next && stream == *gap.no_next) return false;
    if (gap.no_next && (is_step_stream(rule, stream) || stream == *gap.no_next)) very_next = false;
    if (between && gap.next && is_step_stream(rule, stream)) return false;
    if (between && !gap.each && fits(rule, events, tuple, i, x)) return false;  // The next event that fits, not any.
  }
  return true;
}

bool is_match(const PlainRule& rule, std::span<const Row> events, const Tuple& tuple) {
  for (std::size_t i = 0; i < tuple.size(); ++i)
    if (!fits(rule, events, tuple, i, tuple[i])) return false;
  for (std::size_t i = 1; i < tuple.size(); ++i)
    if (!gap_holds(rule, events, tuple, i)) return false;
  if (rule.silence)
    for (std::size_t x = tuple.back() + 1; x < events.size(); ++x)
      if (events[x].stream == *rule.silence && events[x].time < events[tuple.back()].time + rule.silence_for) return false;
  return true;
}

// All ascending tuples of `size` events.
void extend(const PlainRule& rule, std::span<const Row> events, Tuple& tuple, std::vector<PlainMatch>& found) {
  if (tuple.size() == rule.steps.size()) {
    if (is_match(rule, events, tuple)) found.push_back({events[tuple.back()].time + (rule.silence ? rule.silence_for : 0), tuple});
    return;
  }
  for (std::size_t x = tuple.empty() ? 0 : tuple.back() + 1; x < events.size(); ++x) {
    tuple.push_back(x);
    extend(rule, events, tuple, found);
    tuple.pop_back();
  }
}

}  // namespace

std::vector<PlainMatch> matches_by_definition(const PlainRule& rule, std::span<const Row> events) {
  std::vector<PlainMatch> found;
  Tuple tuple;
  extend(rule, events, tuple, found);
  std::sort(found.begin(), found.end(), [&](const PlainMatch& a, const PlainMatch& b) {
    const std::size_t event_a = rule.silence ? 0 : a.events.back(), event_b = rule.silence ? 0 : b.events.back();
    return std::tie(a.time, event_a, a.events) < std::tie(b.time, event_b, b.events);
  });
  return found;
}

dsl::Rule checked(const PlainRule& plain) {
  dsl::Rule rule;
  std::set<StreamId> step_streams(plain.steps.begin(), plain.steps.end()), streams = step_streams;
  int guard_id = 0;
  const auto guard = [&](StreamId stream) {
    streams.insert(stream);
    return dsl::Guard{guard_id++, "", {{stream}, nullptr}};
  };
  for (std::size_t i = 0; i < plain.steps.size(); ++i) {
    dsl::Stage stage;
    stage.name = std::to_string(i);
    stage.filter.streams = {plain.steps[i]};
    stage.next = plain.gaps[i].next;
    stage.each = plain.gaps[i].each;
    if (plain.gaps[i].guard) stage.gap.guards.push_back(guard(*plain.gaps[i].guard));
    if (plain.gaps[i].no_next) stage.gap.no_next.push_back(guard(*plain.gaps[i].no_next));
    if (plain.gaps[i].at_most) stage.limits.push_back({true, Duration{*plain.gaps[i].at_most}, -1, false});
    rule.stages.push_back(std::move(stage));
  }
  if (plain.silence) rule.closing.silences.push_back({guard(*plain.silence), Duration{plain.silence_for}, -1, false});
  if (plain.within) rule.within = Duration{*plain.within};
  rule.on_match = dsl::OnMatch::kKeep;
  rule.step_streams.assign(step_streams.begin(), step_streams.end());
  rule.streams.assign(streams.begin(), streams.end());
  return rule;
}

}  // namespace sequitur::reference
