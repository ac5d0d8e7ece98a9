// Matches that are listed by reports (engine/report_listing.hpp) against the same ones found by stepping every run by itself: the
// same alerts, in order, with ids and evidence, for every way in which a report may be laid out.
#include <gtest/gtest.h>

#include <random>

#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

constexpr const char* kStream = "stream a time ts us { ts: time, x: int, y: int }\n";

struct Row {
  std::int64_t time, x, y;
};

class ReportListingTest : public testing::Test {
 protected:
  std::vector<std::string> alerts(const std::string& rule, const std::vector<Row>& rows, bool general, std::size_t batch) {
    std::vector<Diagnostic> diagnostics;
    const auto set = RuleSet::load({{"test.seq", kStream + rule}}, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << diagnostic.code << " " << diagnostic.message;
    if (!set) return {};
    EngineOptions options;
    options.general_strategy = general;
    std::vector<std::string> lines;
    pieces_.clear();
    Engine engine(set, options, [&](std::span<const Alert> alerts) {
      pieces_.push_back(alerts.size());
      for (const Alert& alert : alerts) {
        std::string line;
        append_json(alert, line);
        lines.push_back(line);
        // Steps of a copy that is gone refer to the events all the same.
        for (std::size_t step = 0; step < alert.evidence.size(); ++step) {
          const EvidenceStep of_copy = Evidence(alert.evidence)[step];
          EXPECT_EQ(of_copy.events.size(), 1u);
          EXPECT_EQ(of_copy.events.data(), alert.evidence[step].events.data());
        }
      }
    });
    Arena arena;
    const StreamSchema& schema = *set->find_stream("a");
    std::vector<Event*> events;
    for (const Row& row : rows) {
      Event& event = make_event(arena, schema, Timestamp{Duration{row.time}});
      event.slot(0) = Slot::of_int(row.time);
      event.slot(1) = Slot::of_int(row.x);
      event.slot(2) = Slot::of_int(row.y);
      events.push_back(&event);
    }
    for (std::size_t at = 0; at < events.size(); at += batch)
      EXPECT_EQ(engine.push(std::span(events).subspan(at, std::min(batch, events.size() - at))), std::min(batch, events.size() - at));
    engine.finish();
    counters_ = engine.counters().rules[0];
    return lines;
  }
  // Returns how many alerts there were.
  std::size_t compare(const std::string& rule, const std::vector<Row>& rows, std::size_t batch = 100) {
    const auto expected = alerts(rule, rows, true, batch);
    const auto found = alerts(rule, rows, false, batch);
    EXPECT_EQ(found.size(), expected.size()) << rule;
    for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
      EXPECT_EQ(found[i], expected[i]) << i << " of " << rule;
      if (found[i] != expected[i]) break;
    }
    return found.size();
  }
  static std::string chain(int steps, const std::string& emit, const std::string& limit = "none", const std::string& head = "",
                           const std::string& message = "") {
    std::string rule = "rule r { " + head + "  within 1s  first p0: a where x == 0";
    for (int step = 1; step < steps; ++step) rule += "  each p" + std::to_string(step) + ": a where x == " + std::to_string(step);
    return rule + "  emit r(" + emit + ")  " + message + "  on match keep  limit " + limit + " }";
  }
  // So many events of each step, one step after the other, and some that complete.
  static std::vector<Row> blocks(int steps, int of_each, int completing, std::int64_t apart, int values) {
    std::vector<Row> rows;
    std::int64_t time = 0;
    for (int step = 0; step < steps; ++step)
      for (int i = 0; i < (step + 1 < steps ? of_each : completing); ++i) rows.push_back({time += apart, step, i % values});
    return rows;
  }

  std::vector<std::size_t> pieces_;  // Of the last call of alerts(): how many alerts came at once.
  RuleCounters counters_;
};

TEST_F(ReportListingTest, LongTailsAreTheSameMatches) {
  // 5^4 and 5^5 ways, of events that are all different.
  EXPECT_EQ(compare(chain(5, "n = p0.y"), blocks(5, 5, 3, 1, 1000)), 3u * 625);
  EXPECT_EQ(compare(chain(6, "n = p1.y"), blocks(6, 5, 2, 1, 1000)), 2u * 3125);
}

TEST_F(ReportListingTest, TwinsInTailsAndBeforeThemAreNumbered) {
  // All of a step have one time and one of two values.
  for (const int values : {1, 2, 4}) {
    std::vector<Row> rows = blocks(5, 5, 2, 1, values);
    for (Row& row : rows) row.time = row.x * 10;
    EXPECT_EQ(compare(chain(5, "n = p0.y"), rows), 2u * 625);
  }
}

TEST_F(ReportListingTest, WhatIsSaidOfLaterStepsShortensTails) {
  const std::vector<Row> rows = blocks(4, 6, 2, 1, 3);
  for (const char* said : {"n = p0.y", "n = p1.y", "n = p2.y", "n = p3.y", "n = p0.y + p2.y, m = p1.time"})
    EXPECT_EQ(compare(chain(4, said), rows), 2u * 216);
  EXPECT_EQ(compare(chain(4, "n = p0.y", "none", "", "message \"of {p1.y} and {p0.time}\""), rows), 2u * 216);
  EXPECT_EQ(compare(chain(4, "n = p0.y", "none", "score p1.y * 1.5"), rows), 2u * 216);
}

TEST_F(ReportListingTest, ALimitEndsInsideOfAStretch) {
  for (const int limit : {1, 2, 7, 127, 128, 129, 300}) {
    compare(chain(5, "n = p0.y", std::to_string(limit) + " per event"), blocks(5, 5, 4, 1, 1000));
    EXPECT_EQ(counters_.over_event_limit, 4u * (625 - static_cast<std::uint64_t>(limit)));
  }
  std::vector<Row> twins = blocks(5, 5, 4, 1, 2);
  for (Row& row : twins) row.time = row.x * 10;
  for (const int limit : {1, 7, 100, 300}) compare(chain(5, "n = p0.y", std::to_string(limit) + " per event"), twins);
}

TEST_F(ReportListingTest, AlertsAreTakenPieceByPiece) {
  EXPECT_EQ(compare(chain(6, "n = p0.y"), blocks(6, 5, 1, 1, 3), 1), 3125u);
  std::size_t most = 0;
  for (const std::size_t piece : pieces_) most = std::max(most, piece);
  EXPECT_GT(pieces_.size(), 10u);
  EXPECT_LT(most, 1000u);
}

// Several times in random order, with many events of one time: twins, some of which cannot stand for each other, equal events that
// complete the same matches or not quite, several reports of one instant, and rules that take turns in the row of alerts.
TEST_F(ReportListingTest, RandomInstants) {
  std::mt19937_64 random(7);
  const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n)); };
  std::size_t all = 0;
  for (int round = 0; round < 120; ++round) {
    const int steps = 2 + static_cast<int>(below(4));
    std::vector<Row> rows;
    std::int64_t time = 0;
    const std::int64_t spread = 1 + below(6), values = 1 + below(3);
    for (int i = 0; i < 28; ++i) rows.push_back({time += below(spread) == 0 ? 1 : 0, below(steps), below(values)});
    const std::string limit = below(3) == 0 ? std::to_string(1 + below(40)) + " per event" : "none";
    const std::string said = "n = p" + std::to_string(below(steps)) + ".y";
    all +=
        compare(chain(steps, said, limit) +
                    "\nrule s { within 1s  first p: a where x == 0  each q: a where x == 1  emit s(y = p.y)  on match keep  limit none }" +
                    (below(2) == 0 ? "\nrule t { first p: a where x == 1  emit t(y = p.y) }" : ""),
                rows, 1 + static_cast<std::size_t>(below(28)));
  }
  EXPECT_GT(all, 10'000u);
}

}  // namespace
}  // namespace sequitur
