// What rules emit for other rules: when it is taken, what its lineage says, how much of it is kept.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sequitur/engine.hpp"
#include "sequitur/lineage.hpp"

namespace sequitur {
namespace {

class DerivedTest : public testing::Test {
 protected:
  void start(const std::string& rules, EngineOptions options = {}) {
    std::vector<Diagnostic> diagnostics;
    set_ = RuleSet::load({{"rules.seq", "stream a time ts { n: int, key: string }\n" + rules}}, diagnostics);
    ASSERT_NE(set_, nullptr) << (diagnostics.empty() ? "" : diagnostics[0].message);
    engine_ = std::make_unique<Engine>(set_, options, [this](std::span<const Alert> alerts) {
      for (const Alert& alert : alerts) {
        seen_.push_back(std::string(alert.stream) + "@" + std::to_string(alert.time.time_since_epoch().count()));
        append_json(alert, json_.emplace_back());
      }
    });
  }
  void push(std::int64_t time, std::int64_t n = 0) {
    Arena arena;
    Event& event = make_event(arena, *set_->find_stream("a"), Timestamp{Duration{time}});
    event.slot(0) = Slot::of_int(n);
    event.slot(1) = arena.text("k");
    ASSERT_TRUE(engine_->push(event));
  }
  std::vector<std::string> take() { return std::exchange(seen_, {}); }

  using Seen = std::vector<std::string>;
  std::shared_ptr<const RuleSet> set_;
  std::unique_ptr<Engine> engine_;
  Seen seen_;
  Seen json_;
};

constexpr const char* kTwoLevels = R"(
rule low { key key  first p: a  emit middle(key, n = p.n) internal }
rule high { key key  within 1h  first p: middle{2}  emit top(key, n = p[-1].n) }
)";

TEST_F(DerivedTest, IsTakenWhenItsInstantIsOver) {
  start(kTwoLevels);
  push(1);
  push(2);
  push(2);
  EXPECT_EQ(take(), Seen{});
  engine_->advance(Timestamp{Duration{2}});
  EXPECT_EQ(take(), Seen{});
  engine_->advance(Timestamp{Duration{3}});
  EXPECT_EQ(take(), Seen{"top@2"});
  push(3);
  engine_->finish();
  EXPECT_EQ(take(), Seen{"top@3"});
  EXPECT_EQ(engine_->counters().derived_events, 4u);
  EXPECT_EQ(engine_->counters().rules[0].matches, 0u);  // Internal: nothing has left.
}

TEST_F(DerivedTest, AlertsOfAllLevelsAreInOneOrder) {
  start(R"(
rule top { key key  within 1h  first p: middle{2}  emit top(key) }
rule low { key key  first p: a  emit middle(key) }
rule late { key key  first p: a  no a for 5us  emit silent(key) }
)");
  for (const int time : {1, 2, 2, 4}) push(time);
  engine_->finish();
  EXPECT_EQ(take(), (Seen{"middle@1", "middle@2", "middle@2", "top@2", "middle@4", "top@4", "silent@9"}));
}

TEST_F(DerivedTest, EvidenceReachesDownToTheEventsFromOutside) {
  start(kTwoLevels);
  push(1, 10);
  push(2, 20);
  engine_->finish();
  ASSERT_EQ(json_.size(), 1u);
  const std::string& json = json_[0];
  const std::size_t evidence = json.find("\"evidence\":");
  const auto without_id = [](std::string text) {
    for (std::size_t at = text.find("{\"id\":\""); at != std::string::npos; at = text.find("{\"id\":\"", at + 1)) text.erase(at + 7, 32);
    return text;
  };
  EXPECT_EQ(without_id(json.substr(evidence)),
            R"("evidence":{"p":[{"stream":"middle","time":"1970-01-01T00:00:00.000001Z","key":"k","n":10,)"
            R"("lineage":{"id":"","rule":"low","kind":"match","evidence":{"p":[)"
            R"({"stream":"a","time":"1970-01-01T00:00:00.000001Z","n":10,"key":"k"}]}}},)"
            R"({"stream":"middle","time":"1970-01-01T00:00:00.000002Z","key":"k","n":20,)"
            R"("lineage":{"id":"","rule":"low","kind":"match","evidence":{"p":[)"
            R"({"stream":"a","time":"1970-01-01T00:00:00.000002Z","n":20,"key":"k"}]}}}]},"held":0,"revision":0})");
}

TEST_F(DerivedTest, ALineageHoldsABoundedNumberOfEvents) {
  start(R"(
rule low { key key  within 1h  first p: a{1500}  emit middle(key) internal }
rule high { key key  first p: middle  emit top(key) }
)");
  for (int i = 0; i < 1500; ++i) push(i);
  engine_->finish();
  ASSERT_EQ(json_.size(), 1u);
  EXPECT_NE(json_[0].find("\"left_out\":500"), std::string::npos);
  std::size_t events = 0;
  for (std::size_t at = json_[0].find("\"stream\":\"a\""); at != std::string::npos; at = json_[0].find("\"stream\":\"a\"", at + 1))
    ++events;
  EXPECT_EQ(events, kMaxLineageEvents);
}

TEST_F(DerivedTest, TheIdSaysFromWhichAlertsItCame) {
  start(R"(
rule low { key key  first p: a  emit middle(key) internal }
rule high { key key  first p: middle  emit top(key) }
)");
  push(1, 1);
  push(1, 2);  // Equal but for n, which `middle` does not have.
  engine_->finish();
  ASSERT_EQ(json_.size(), 2u);
  EXPECT_NE(json_[0].substr(0, 41), json_[1].substr(0, 41));
}

TEST_F(DerivedTest, NothingIsLeftWhenAllRunsHaveEnded) {
  start(R"(
rule low { key key  first p: a  emit middle(key, n = p.n) }
rule high { key key  within 10us  first p: middle  then q: middle where n == p.n + 2  emit top(key) }
)");
  for (int i = 0; i < 1000; ++i) push(i, i * 5 % 7);
  EXPECT_GT(engine_->counters().live_runs, 0u);
  engine_->finish();
  EXPECT_EQ(engine_->counters().live_runs, 0u);
  EXPECT_EQ(engine_->counters().live_keys, 0u);
}

}  // namespace
}  // namespace sequitur
