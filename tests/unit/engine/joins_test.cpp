// Joins of two streams as docs/language.md writes them, against the definition of a join: every pair is looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

struct Row {
  std::int64_t time;
  bool left;
  std::string key;
  std::int64_t number;
};

std::string pair_line(std::int64_t time, std::int64_t a, std::int64_t b) {
  return std::to_string(time) + " pair " + std::to_string(a) + " " + std::to_string(b);
}
std::string alone_line(std::int64_t time, bool left, std::int64_t number) {
  return std::to_string(time) + (left ? " only_a " : " only_b ") + std::to_string(number);
}

// The full outer join within `bound`, inclusive; what finds nobody is told when it can find nobody any more.
std::vector<std::string> by_definition(const std::vector<Row>& rows, std::int64_t bound) {
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    bool alone = true;
    for (const Row& other : rows) {
      if (other.left == row.left || other.key != row.key || std::abs(other.time - row.time) > bound) continue;
      alone = false;
      if (row.left) lines.push_back(pair_line(std::max(row.time, other.time), row.number, other.number));
    }
    if (alone) lines.push_back(alone_line(row.time + bound + 1, row.left, row.number));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> by_rules(const std::vector<Row>& rows, std::int64_t bound, unsigned threads, std::size_t batch) {
  const std::string d = std::to_string(bound) + "us", longer = std::to_string(bound + 1) + "us";
  const std::string text =
      "stream a time ts us { key: string, n: int }\nstream b time ts us { key: string, m: int }\n"
      "rule ab { key key  within " +
      d +
      "  first x: a  each y: b  emit pair(key, n = x.n, m = y.m)  on match keep }\n"
      "rule ba { key key  within " +
      d +
      "  first y: b  each x: a  emit pair(key, n = x.n, m = y.m)  on match keep }\n"
      "rule left { key key  first x: a  no pair where n == x.n for " +
      longer +
      "  emit only_a(key, n = x.n)  on match keep }\n"
      "rule right { key key  first y: b  no pair where m == y.m for " +
      longer + "  emit only_b(key, m = y.m)  on match keep }\n";
  std::vector<Diagnostic> diagnostics;
  const std::shared_ptr<const RuleSet> rules = RuleSet::load({{"joins.seq", text}}, diagnostics);
  if (rules == nullptr) return {diagnostics.front().message};
  std::vector<std::string> lines;
  EngineOptions options;
  options.threads = threads;
  Engine engine(rules, options, [&](std::span<const Alert> alerts) {
    for (const Alert& alert : alerts) {
      const std::int64_t time = alert.time.time_since_epoch().count(), first = alert.fields[1].value.i;
      if (alert.stream == "pair")
        lines.push_back(pair_line(time, first, alert.fields[2].value.i));
      else
        lines.push_back(alone_line(time, alert.stream == "only_a", first));
    }
  });
  for (std::size_t next = 0; next < rows.size(); next += batch) {
    Arena arena;
    std::vector<Event*> events;
    for (std::size_t i = next; i < std::min(rows.size(), next + batch); ++i) {
      Event& event = make_event(arena, *rules->find_stream(rows[i].left ? "a" : "b"), Timestamp{Duration{rows[i].time}});
      event.slot(0) = arena.text(rows[i].key);
      event.slot(1) = Slot::of_int(rows[i].number);
      events.push_back(&event);
    }
    EXPECT_EQ(engine.push(std::span{events}), events.size());
  }
  engine.finish();
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST(Joins, InnerLeftRightAndFullAreTheirDefinition) {
  std::mt19937 random(7);
  const auto below = [&](std::uint32_t end) { return static_cast<std::int64_t>(random() % end); };
  for (int round = 0; round < 300; ++round) {
    std::vector<Row> rows;
    std::int64_t time = 0;
    for (std::int64_t i = below(25); i >= 0; --i) {
      time += below(4) * below(2);
      rows.push_back({time, below(2) == 0, below(3) == 0 ? "x" : "y", static_cast<std::int64_t>(rows.size())});
    }
    const std::int64_t bound = 1 + below(6);
    const auto threads = static_cast<unsigned>(1 + below(2));
    ASSERT_EQ(by_rules(rows, bound, threads, static_cast<std::size_t>(1 + below(9))), by_definition(rows, bound)) << "round " << round;
  }
}

}  // namespace
}  // namespace sequitur
