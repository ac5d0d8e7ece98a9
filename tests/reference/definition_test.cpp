// The matcher against the definition: all small rules over all small streams.
#include "tests/reference/definition.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/reference/matcher.hpp"

namespace sequitur::reference {
namespace {

constexpr StreamId kTypes = 3;

// All streams of `length` events over three types; neighbours lie 0 or 1 apart, so ties of any size are among them.
std::vector<std::vector<Row>> streams_of(std::size_t length) {
  std::vector<std::vector<Row>> all{{}};
  for (std::size_t i = 0; i < length; ++i) {
    std::vector<std::vector<Row>> longer;
    for (const auto& stream : all)
      for (StreamId type = 0; type < kTypes; ++type)
        for (std::int64_t step = 0; step <= (i == 0 ? 0 : 1); ++step) {
          longer.push_back(stream);
          longer.back().push_back({(stream.empty() ? 0 : stream.back().time) + step, type, {}});
        }
    all = std::move(longer);
  }
  return all;
}

std::string describe(const PlainRule& rule, const std::vector<Row>& events) {
  std::string text = "rule:";
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    const PlainGap& gap = rule.gaps[i];
    if (gap.guard) text += " no " + std::to_string(*gap.guard);
    if (gap.no_next) text += " no next " + std::to_string(*gap.no_next);
    text += (gap.next ? " next " : gap.each ? " each " : " then ") + std::to_string(rule.steps[i]);
    if (gap.at_most) text += " at most " + std::to_string(*gap.at_most);
  }
  if (rule.within) text += " within " + std::to_string(*rule.within);
  if (rule.silence) text += " no " + std::to_string(*rule.silence) + " for " + std::to_string(rule.silence_for);
  text += "; events (type@time):";
  for (const auto& event : events) text += " " + std::to_string(event.stream) + "@" + std::to_string(event.time);
  return text;
}

void compare(const PlainRule& plain, const std::vector<std::vector<Row>>& streams) {
  const std::vector<dsl::Rule> rules{checked(plain)};
  for (const auto& events : streams) {
    std::vector<PlainMatch> found;
    for (const auto& alert : match(rules, events, Options{}).alerts) {
      PlainMatch plain_match{alert.time, {}};
      for (const auto& step : alert.evidence) plain_match.events.insert(plain_match.events.end(), step.events.begin(), step.events.end());
      found.push_back(std::move(plain_match));
    }
    ASSERT_EQ(found, matches_by_definition(plain, events)) << describe(plain, events);
  }
}

// Renaming the types of a rule renames its matches only: it is enough to look at rules whose types appear in the order 0, 1, 2.
bool types_in_order(const PlainRule& rule) {
  StreamId next = 0;
  bool in_order = true;
  const auto use = [&](std::optional<StreamId> type) {
    if (!type) return;
    if (*type > next) in_order = false;
    if (*type == next) ++next;
  };
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    use(rule.steps[i]);
    use(rule.gaps[i].guard);
    use(rule.gaps[i].no_next);
  }
  use(rule.silence);
  return in_order;
}

std::vector<PlainGap> all_gaps(bool guarded_each) {
  std::vector<PlainGap> gaps{{}};
  gaps.push_back({.next = true});
  gaps.push_back({.each = true});
  gaps.push_back({.at_most = 1});
  for (StreamId type = 0; type < kTypes; ++type) {
    gaps.push_back({.guard = type});
    if (guarded_each) gaps.push_back({.each = true, .guard = type});
    gaps.push_back({.no_next = type});
  }
  return gaps;
}

void for_each_sequence(std::size_t size, const std::function<void(const PlainRule&)>& use) {
  std::vector<PlainRule> rules{{}};
  for (std::size_t i = 0; i < size; ++i) {
    std::vector<PlainRule> longer;
    const std::vector<PlainGap> gaps = i == 0 ? std::vector<PlainGap>{{}} : all_gaps(size < 3);
    for (const auto& rule : rules)
      for (StreamId type = 0; type < kTypes; ++type)
        for (const auto& gap : gaps) {
          longer.push_back(rule);
          longer.back().steps.push_back(type);
          longer.back().gaps.push_back(gap);
        }
    rules = std::move(longer);
  }
  for (const auto& rule : rules) use(rule);
}

TEST(Definition, SequencesOfTwoOverFiveEvents) {
  const auto streams = streams_of(5);
  for_each_sequence(2, [&](PlainRule rule) {
    for (const auto within : {std::optional<std::int64_t>{}, std::optional<std::int64_t>{1}, std::optional<std::int64_t>{2}}) {
      rule.within = within;
      if (types_in_order(rule)) compare(rule, streams);
    }
  });
}

TEST(Definition, SequencesOfThreeOverFiveEvents) {
  const auto streams = streams_of(5);
  for_each_sequence(3, [&](PlainRule rule) {
    if (types_in_order(rule)) compare(rule, streams);
    rule.within = 1;
    if (types_in_order(rule)) compare(rule, streams);
  });
}

TEST(Definition, ClosingSilences) {
  for (std::size_t length = 1; length <= 4; ++length) {
    const auto streams = streams_of(length);
    for (std::size_t steps = 1; steps <= 2; ++steps)
      for_each_sequence(steps, [&](PlainRule rule) {
        for (StreamId type = 0; type < kTypes; ++type)
          for (std::int64_t duration = 1; duration <= 2; ++duration) {
            rule.silence = type;
            rule.silence_for = duration;
            if (types_in_order(rule)) compare(rule, streams);
          }
      });
  }
}

}  // namespace
}  // namespace sequitur::reference
