// Rules that change while the engine runs, and state by key group. The measure is always an engine that had the rules from the
// beginning.
#include <gtest/gtest.h>

#include "sequitur/engine.hpp"
#include "sequitur/rule_files.hpp"

namespace sequitur {
namespace {

constexpr const char* kStreams = R"(
stream a time ts us { ts: time, key: string?, x: int? }
stream b time ts us { ts: time, key: string?, x: int? }
)";
// One of each kind of state: runs, cohorts, shared matches, windows, the key's past, a looking-back `no`, limits, blocks.
constexpr const char* kLoop =
    "rule loop { key key  within 1h  first p: a{2..}  then q: b where x == p[1].x  emit loop(n = count(p))  limit 2 per 1s }";
constexpr const char* kPlain = "rule plain { key key  within 1h  first p: a  then q: b  emit plain(key) on match keep }";
constexpr const char* kShared = "rule shared { key key  within 1h  first p: a  each q: b  emit shared(key, x = p.x, y = q.x) }";
constexpr const char* kWindow =
    "rule window { key key  window 20us sliding  over p: a  when count(p) >= 3  emit window(key, n = count(p), s = sum(p.x)) }";
constexpr const char* kPast = "rule past { key key  first p: a where x > avg(a.x over 1h)  emit past(key, x = p.x) }";
constexpr const char* kFresh = "rule fresh { key key  within 1h  no b for 8us  first p: a  emit fresh(key) }";
constexpr const char* kSilent = "rule silent { key key  first p: a  no b for 10us  emit silent(key) }";
constexpr const char* kBlock = "rule block { key key  within 1h  first all { p: a where x == 1  q: b where x == 2 }  emit block(key) }";
constexpr const char* kMany[] = {kLoop, kPlain, kShared, kWindow, kPast, kFresh, kSilent, kBlock};

std::shared_ptr<const RuleSet> load(std::vector<std::string> rules, const std::string& streams = kStreams) {
  std::vector<SourceFile> files{{"streams.seq", streams}};
  for (const std::string& rule : rules) files.push_back({"file" + std::to_string(files.size()), rule});
  std::vector<Diagnostic> diagnostics;
  auto set = RuleSet::load(files, diagnostics);
  EXPECT_NE(set, nullptr) << to_text(diagnostics, files);
  return set;
}

struct Running {
  std::vector<std::string> alerts;
  std::unique_ptr<Engine> engine;

  explicit Running(std::shared_ptr<const RuleSet> rules, unsigned threads = 1) {
    EngineOptions options;
    options.threads = threads;
    engine = std::make_unique<Engine>(std::move(rules), options, [this](std::span<const Alert> given) {
      for (const Alert& alert : given) append_json(alert, alerts.emplace_back());
    });
  }
  void push(const char* stream, std::int64_t time, std::string_view key, std::int64_t x) {
    Arena arena;
    Event& event = make_event(arena, *engine->rules()->find_stream(stream), Timestamp{Duration{time}});
    event.slot(0) = Slot::of_int(time);
    event.slot(1) = arena.text(key);
    event.slot(2) = Slot::of_int(x);
    EXPECT_TRUE(engine->push(event));
  }
  void push_many(int begin, int end) {
    for (int i = begin; i < end; ++i) push(i % 7 == 3 ? "b" : "a", 10 + i, i % 2 == 0 ? "even" : "odd", i % 3);
  }
  std::vector<std::string> take() { return std::exchange(alerts, {}); }
  std::vector<std::string> of(const std::string& rule) const {
    std::vector<std::string> found;
    for (const std::string& alert : alerts)
      if (alert.find("\"rule\":\"" + rule + "\"") < 50) found.push_back(alert);
    return found;
  }
};

TEST(ReplaceRulesTest, SaysWhatHappenedToEachRule) {
  Running running(load({kLoop, kPlain, kSilent}));
  const std::string other = "rule silent { key key  first p: a  no b for 11us  emit silent(key) }";
  const Result<RuleChange> change = running.engine->replace_rules(load({kShared, other, std::string("# moved\n") + kLoop}));
  ASSERT_TRUE(change.ok()) << change.error().message;
  EXPECT_EQ(change->kept, std::vector<std::string>{"loop"});
  EXPECT_EQ(change->replaced, std::vector<std::string>{"silent"});
  EXPECT_EQ(change->added, std::vector<std::string>{"shared"});
  EXPECT_EQ(change->removed, std::vector<std::string>{"plain"});
  EXPECT_EQ(running.engine->rules()->rules().size(), 3u);
}

// Every rule in turn is the one that stays, among others that come and go, so that its number and those around it change.
TEST(ReplaceRulesTest, ARuleThatStaysGoesOnAsIfNothingHadHappened) {
  for (const unsigned threads : {1u, 3u})
    for (std::size_t kept = 0; kept < std::size(kMany); ++kept) {
      const std::string name = load({kMany[kept]})->rules()[0].name;
      Running alone(load({kMany[kept]}), threads), changing(load({kMany[(kept + 1) % 8], kMany[kept], kMany[(kept + 2) % 8]}), threads);
      alone.push_many(0, 30);
      changing.push_many(0, 30);
      const auto change = changing.engine->replace_rules(load({kMany[(kept + 3) % 8], kMany[(kept + 5) % 8], kMany[kept]}));
      ASSERT_TRUE(change.ok()) << name << ": " << change.error().message;
      ASSERT_EQ(change->kept, std::vector<std::string>{name});
      alone.push_many(30, 60);
      changing.push_many(30, 60);
      alone.engine->finish();
      changing.engine->finish();
      EXPECT_FALSE(alone.alerts.empty()) << name;
      EXPECT_EQ(changing.of(name), alone.alerts) << name;
      const RuleCounters before = alone.engine->counters().rules[0], after = changing.engine->counters().rules[2];
      EXPECT_EQ(after.matches, before.matches) << name;
      EXPECT_EQ(after.runs_begun, before.runs_begun) << name;
      EXPECT_EQ(after.held, before.held) << name;
      EXPECT_EQ(changing.engine->counters().events, 60u);
    }
}

TEST(ReplaceRulesTest, ARuleThatIsNewKnowsOfNothingBefore) {
  for (std::size_t added = 0; added < std::size(kMany); ++added) {
    const std::string name = load({kMany[added]})->rules()[0].name;
    Running late(load({kMany[added]})), changing(load({kMany[(added + 1) % 8]}));
    changing.push_many(0, 30);
    ASSERT_TRUE(changing.engine->replace_rules(load({kMany[(added + 1) % 8], kMany[added]})).ok());
    late.push_many(30, 60);
    changing.push_many(30, 60);
    late.engine->finish();
    changing.engine->finish();
    EXPECT_EQ(changing.of(name), late.alerts) << name;
  }
}

TEST(ReplaceRulesTest, ARuleThatGoesLeavesNothing) {
  Running running(load({kPlain, kSilent, kWindow}));
  running.push_many(0, 2);
  EXPECT_GT(running.engine->counters().live_keys, 0u);
  ASSERT_TRUE(running.engine->replace_rules(load({})).ok());
  EXPECT_EQ(running.engine->counters().live_keys, 0u);
  EXPECT_EQ(running.engine->counters().live_runs, 0u);
  running.engine->finish();
  EXPECT_EQ(running.alerts.size(), 0u);
}

// Rules over what rules emit: numbers of generations change as well.
TEST(ReplaceRulesTest, DerivedEventsStayWithTheRulesThatHoldThem) {
  const std::string low = "rule low { key key  within 1h  first p: a  then q: b  emit seen(key, n = q.x) }";
  const std::string high = "rule high { key key  within 1h  first s: seen  then t: seen  emit twice(key, n = t.n) }";
  const std::string higher = "rule higher { key key  within 1h  first t: twice{2}  emit four(key) }";
  Running whole(load({low, high})), changing(load({low, high}));
  for (const auto& running : {&whole, &changing}) running->push_many(0, 25);
  ASSERT_TRUE(changing.engine->replace_rules(load({higher, high, kPlain, low})).ok());
  for (const auto& running : {&whole, &changing}) {
    running->push_many(25, 100);
    running->engine->finish();
  }
  EXPECT_FALSE(whole.of("high").empty());
  EXPECT_EQ(changing.of("high"), whole.of("high"));
  EXPECT_FALSE(changing.of("higher").empty());
  // The lowest goes, and with it the stream: only a set in which somebody else declares it has the upper rule.
  const std::string seen = "stream seen { key: string?, n: int? }";
  ASSERT_TRUE(changing.engine->replace_rules(load({high, seen})).ok());
  changing.push_many(100, 110);
}

TEST(ReplaceRulesTest, WhatWaitsBetweenRulesIsNotLost) {
  const std::string low = "rule low { key key  first p: a where x == 1  emit seen(key, n = p.x) }";
  const std::string high = "rule high { key key  first s: seen  emit again(key, n = s.n) }";
  Running running(load({low, high}));
  running.push("a", 10, "k", 1);  // Events of this time may still come, so the upper rule has not seen it.
  EXPECT_EQ(running.take().size(), 1u);
  ASSERT_TRUE(running.engine->replace_rules(load({kPlain, high, low})).ok());
  running.push("a", 11, "k", 0);
  EXPECT_EQ(running.of("high").size(), 1u);
}

TEST(ReplaceRulesTest, StreamsMayMoveAndChange) {
  const std::string moved =
      "stream z { q: int }\n stream b time ts us { ts: time, key: string?, x: int? }\n"
      "stream a time ts us { ts: time, key: string?, x: int? }";
  Running whole(load({kPlain})), changing(load({kPlain}));
  for (const auto& running : {&whole, &changing}) running->push_many(0, 20);
  const auto change = changing.engine->replace_rules(load({kPlain}, moved));
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->kept.size(), 1u);
  for (const auto& running : {&whole, &changing}) running->push_many(20, 40);
  EXPECT_EQ(changing.alerts, whole.alerts);
  std::string other = kStreams;
  other.replace(other.find("x: int?"), 7, "x: int?, y: int?");
  EXPECT_EQ(changing.engine->replace_rules(load({kPlain}, other))->replaced, std::vector<std::string>{"plain"});
}

TEST(ReplaceRulesTest, TablesKeepTheirRows) {
  const std::string table = "table place { name: string, size: int  key name }";
  const std::string look = "rule look { first p: a where place[key].size > 5  emit look(key = p.key) }";
  const std::string other = "rule other { key key  first p: a where place[key].size > 6  emit other(key) }";
  Running running(load({table, look}));
  const auto put = [&](std::int64_t time, std::int64_t size) {
    Arena arena;
    Event& row = make_event(arena, *running.engine->rules()->find_stream("place"), Timestamp{Duration{time}});
    row.slot(0) = arena.text("k");
    row.slot(1) = Slot::of_int(size);
    EXPECT_TRUE(running.engine->push(row));
  };
  put(1, 7);
  running.push("a", 2, "k", 0);
  EXPECT_EQ(running.take().size(), 1u);
  ASSERT_TRUE(running.engine->replace_rules(load({"stream z { q: int }", other, table, look})).ok());
  EXPECT_EQ(running.engine->counters().table_rows, 1u);
  running.push("a", 3, "k", 0);
  EXPECT_EQ(running.take().size(), 2u);
  put(4, 6);
  running.push("a", 5, "k", 0);
  EXPECT_EQ(running.take().size(), 1u);
  ASSERT_TRUE(running.engine->replace_rules(load({"table place ttl 1h { name: string, size: int  key name }", look})).ok());
  EXPECT_EQ(running.engine->counters().table_rows, 0u);
}

TEST(ReplaceRulesTest, OnAnErrorNothingChanges) {
  Running running(load({kPlain}));
  running.push_many(0, 3);
  EXPECT_FALSE(running.engine->replace_rules(nullptr).ok());
  EXPECT_EQ(running.engine->rules()->rules().size(), 1u);
  EXPECT_EQ(running.engine->counters().live_runs, 3u);
}

TEST(CallbackTest, MustNotUseItsEngine) {
  Engine* self = nullptr;
  std::shared_ptr<const RuleSet> rules = load({"rule each { first p: a  emit each() }"});
  int calls = 0;
  Engine engine(rules, {}, [&](std::span<const Alert>) {
    ++calls;
    Arena arena;
    EXPECT_FALSE(self->push(make_event(arena, *rules->find_stream("a"), self->time())));
    EXPECT_FALSE(self->replace_rules(rules).ok());
    EXPECT_FALSE(self->restore("").ok());
    EXPECT_EQ(self->snapshot(), "");
    self->finish();
    if (calls == 1) throw std::runtime_error("of the callback");
  });
  self = &engine;
  Arena arena;
  EXPECT_EQ(engine.time(), kBeginningOfTime);
  EXPECT_THROW(engine.push(make_event(arena, *rules->find_stream("a"), Timestamp{Duration{5}})), std::runtime_error);
  EXPECT_EQ(engine.time(), Timestamp{Duration{5}});
  EXPECT_TRUE(engine.push(make_event(arena, *rules->find_stream("a"), Timestamp{Duration{6}})));
  EXPECT_EQ(calls, 2);
}

TEST(KeyGroupsTest, TogetherTheyAreTheWhole) {
  const auto rules = load({kMany, kMany + std::size(kMany)});
  for (const std::uint32_t groups : {1u, 5u}) {
    Running whole(rules, 2), other(rules);
    whole.push_many(0, 30);
    const std::vector<std::string> parts = whole.engine->snapshot_groups(groups);
    ASSERT_EQ(parts.size(), groups + 1);
    std::vector<std::string_view> views(parts.begin(), parts.end());
    std::reverse(views.begin() + 1, views.end());
    const Result<void> restored = other.engine->restore_groups(views);
    ASSERT_TRUE(restored.ok()) << restored.error().message;
    whole.take();
    whole.push_many(30, 60);
    other.push_many(30, 60);
    whole.engine->finish();
    other.engine->finish();
    EXPECT_EQ(other.alerts, whole.alerts);
  }
}

TEST(KeyGroupsTest, KeysAreInOneGroupEach) {
  Running whole(load({kPlain, kWindow}));
  for (int i = 0; i < 100; ++i) whole.push("a", 10, "key" + std::to_string(i), 1);
  const std::vector<std::string> parts = whole.engine->snapshot_groups(4);
  std::uint64_t sum = 0;
  for (std::size_t group = 1; group < parts.size(); ++group) {
    Running one(whole.engine->rules());
    const std::string_view views[] = {parts[0], parts[group]};
    ASSERT_TRUE(one.engine->restore_groups(views).ok());
    const std::uint64_t keys = one.engine->counters().live_keys;
    EXPECT_GT(keys, 10u);
    sum += keys;
  }
  EXPECT_EQ(sum, whole.engine->counters().live_keys);
  Running none(whole.engine->rules());
  const std::string_view common[] = {parts[0]};
  ASSERT_TRUE(none.engine->restore_groups(common).ok());
  EXPECT_EQ(none.engine->counters().live_keys, 0u);
  EXPECT_EQ(none.engine->time(), whole.engine->time());
}

TEST(KeyGroupsTest, PartsOfDifferentSnapshotsDoNotGoTogether) {
  Running running(load({kPlain}));
  running.push_many(0, 5);
  const auto first = running.engine->snapshot_groups(2);
  running.push_many(5, 6);
  const auto second = running.engine->snapshot_groups(2);
  const auto message = [&](std::vector<std::string_view> parts) {
    const Result<void> restored = running.engine->restore_groups(parts);
    return restored.ok() ? "" : restored.error().message;
  };
  EXPECT_EQ(message({first[0], second[1]}), "the parts are of different snapshots");
  EXPECT_EQ(message({first[1]}), "the first part must be what the groups have in common");
  EXPECT_EQ(message({first[0], first[0]}), "only the first part is none of a key group");
  EXPECT_EQ(message({running.engine->snapshot(), first[1]}), "a whole snapshot has no further parts");
  EXPECT_EQ(message({first[0], first[1], first[1]}), "the state of the engine is damaged");  // A key twice.
  EXPECT_EQ(message({}), "there are no parts");
  EXPECT_TRUE(running.engine->snapshot_groups(0).empty());
  EXPECT_EQ(running.engine->counters().events, 6u);
}

}  // namespace
}  // namespace sequitur
