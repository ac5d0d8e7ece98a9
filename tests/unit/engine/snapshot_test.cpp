// Snapshots: what is restored goes on as before; what is damaged or of other rules is refused and changes nothing. That
// every construct survives a restart is tested by tests/differential.
#include "engine/snapshot.hpp"

#include <gtest/gtest.h>

#include "engine/state_bytes.hpp"

namespace sequitur {
namespace {

constexpr const char* kStreams = R"(
stream a time ts us { ts: time, key: string?, x: int?, y: float? }
stream b time ts us { ts: time, key: string?, x: int? }
)";
constexpr const char* kRules = R"(
rule pair { key key  within 1h  first p: a{2..}  then q: b where x == p[1].x  emit hit(key, n = count(p))  limit 1 per 1s }
rule silent { key key  first p: a  no b for 10us  emit missing(key) }
rule plain { key key  within 1h  first p: a  then q: b  emit plain_hit(key)  on match keep }
rule fresh { key key  within 1h  no b for 10us  first p: a  emit fresh_hit(key) }
)";

std::shared_ptr<const RuleSet> load(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  auto set = RuleSet::load({{"test.seq", text}}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << diagnostic.code << " " << diagnostic.message;
  return set;
}

class SnapshotTest : public testing::Test {
 protected:
  struct Running {
    std::shared_ptr<const RuleSet> rules;
    std::string alerts;
    std::unique_ptr<Engine> engine;

    Running(std::shared_ptr<const RuleSet> set, unsigned threads) : rules(std::move(set)) {
      EngineOptions options;
      options.threads = threads;
      engine = std::make_unique<Engine>(rules, options, [this](std::span<const Alert> given) {
        for (const Alert& alert : given) append_json(alert, alerts);
      });
    }
    void push(const char* stream, std::int64_t time, std::string_view key, std::int64_t x = 0) {
      Arena arena;
      Event& event = make_event(arena, *rules->find_stream(stream), Timestamp{Duration{time}});
      event.slot(0) = Slot::of_int(time);
      event.slot(1) = arena.text(key);
      event.slot(2) = Slot::of_int(x);
      EXPECT_TRUE(engine->push(event));
    }
    void first_half() {
      push("b", 0, "Bern");
      for (int i = 0; i < 20; ++i) push("a", 5 + i, i % 2 == 0 ? "Bern" : std::string(70'000, 'x'), i % 3);
    }
    void second_half() {
      for (int i = 0; i < 20; ++i) push(i % 4 == 0 ? "b" : "a", 30 + i, i % 2 == 0 ? "Bern" : std::string(70'000, 'x'), i % 3);
      engine->finish();
    }
  };

  std::shared_ptr<const RuleSet> set_ = load(std::string(kStreams) + kRules);
};

TEST_F(SnapshotTest, AnotherEngineGoesOnWithIt) {
  for (const unsigned before : {1u, 3u})
    for (const unsigned after : {1u, 2u}) {
      Running whole(set_, before), second(set_, after);
      whole.first_half();
      const std::string bytes = whole.engine->snapshot();
      whole.alerts.clear();
      const Result<void> restored = second.engine->restore(bytes);
      ASSERT_TRUE(restored.ok()) << restored.error().message;
      EXPECT_EQ(second.engine->counters().live_runs, whole.engine->counters().live_runs);
      whole.second_half();
      second.second_half();
      EXPECT_FALSE(whole.alerts.empty());
      EXPECT_EQ(second.alerts, whole.alerts);
      EXPECT_EQ(second.engine->counters().events, 41u);
      EXPECT_EQ(second.engine->counters().rules[0].runs_begun, whole.engine->counters().rules[0].runs_begun);
      EXPECT_EQ(second.engine->counters().rules[0].held, whole.engine->counters().rules[0].held);
      EXPECT_EQ(second.engine->counters().live_runs, 0u);
    }
}

TEST_F(SnapshotTest, RestoringReplacesWhatWasThere) {
  Running fresh(set_, 1), busy(set_, 1);
  const std::string nothing = fresh.engine->snapshot();
  busy.first_half();
  ASSERT_TRUE(busy.engine->restore(nothing).ok());
  EXPECT_EQ(busy.engine->counters().live_keys, 0u);
  EXPECT_EQ(busy.engine->counters().events, 0u);
  busy.push("a", -1'000'000, "Bern");  // It knows of no later event any more.
  EXPECT_EQ(busy.engine->counters().events, 1u);
}

TEST_F(SnapshotTest, TakingAndRestoringOneChangesNothing) {
  Running one(set_, 1), other(set_, 1);
  one.first_half();
  const std::string bytes = one.engine->snapshot();
  ASSERT_TRUE(other.engine->restore(bytes).ok());
  EXPECT_EQ(other.engine->snapshot(), bytes);
  EXPECT_EQ(one.engine->snapshot(), bytes);
}

TEST_F(SnapshotTest, RefusesOtherRulesAndSaysWhichDiffers) {
  Running one(set_, 1);
  const std::string bytes = one.engine->snapshot();
  const auto message = [&](const std::string& text) {
    Running other(load(text), 1);
    const Result<void> restored = other.engine->restore(bytes);
    return restored.ok() ? "restored" : restored.error().message;
  };
  std::string changed = std::string(kStreams) + kRules;
  changed.replace(changed.find("10us"), 4, "11us");
  EXPECT_EQ(message(changed), "the snapshot is of other rules: its rule silent is another than here");
  std::string renamed = std::string(kStreams) + kRules;
  renamed.replace(renamed.find("rule silent"), 11, "rule silence");
  EXPECT_EQ(message(renamed), "the snapshot is of other rules: its rule number 2 is silent, here it is silence");
  std::string other_field = std::string(kStreams) + kRules;
  other_field.replace(other_field.find("y: float"), 8, "z: float");
  EXPECT_EQ(message(other_field), "the snapshot is of other rules: its stream a is another than here");
}

TEST_F(SnapshotTest, NoticesEveryDamage) {
  Running one(set_, 1), other(set_, 1);
  one.push("a", 1, "Bern");
  const std::string bytes = one.engine->snapshot();
  other.push("a", 7, "Basel");
  const std::string before = other.engine->snapshot();
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(other.engine->restore(std::string_view(bytes).substr(0, size)).ok());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_FALSE(other.engine->restore(damaged).ok()) << at;
  }
  EXPECT_FALSE(other.engine->restore(bytes + "x").ok());
  EXPECT_EQ(other.engine->snapshot(), before);
}

TEST_F(SnapshotTest, SaysThatTheFormatIsOfAnotherVersion) {
  Running one(set_, 1);
  std::string bytes = one.engine->snapshot();
  bytes[8] = 77;
  const Result<void> restored = one.engine->restore(bytes);
  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.error().message, "the snapshot has version 77 of the format, this program reads version 4");
}

// A checksum says nothing about who wrote the bytes.
TEST_F(SnapshotTest, SurvivesBytesThatAreForged) {
  Running one(set_, 1);
  one.first_half();
  const std::string bytes = one.engine->snapshot();
  std::size_t refused = 0;
  for (std::size_t at = 32; at < bytes.size(); at += 1 + bytes.size() / 300) {
    std::string forged = bytes;
    forged[at] = static_cast<char>(forged[at] + 1);
    seal_snapshot(forged);
    Running other(set_, 1);
    if (!other.engine->restore(forged).ok()) ++refused;
    other.engine->advance(Timestamp{Duration{1'000'000}});
    other.engine->finish();
  }
  EXPECT_GT(refused, 0u);
}

TEST(StateBytes, WhatIsWrittenIsRead) {
  const std::vector<StreamSchema> schemas;
  StateWriter out(schemas);
  const std::vector<std::uint64_t> numbers{0, 1, 127, 128, 300, std::uint64_t{1} << 63, ~std::uint64_t{0}};
  const std::vector<std::int64_t> signed_numbers{
      0, -1, 1, -64, 64, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  for (const auto value : numbers) out.number(value);
  for (const auto value : signed_numbers) out.signed_number(value);
  out.text("");
  out.text("text");
  out.fixed(0x0102'0304'0506'0708);
  out.slot(Slot::of_float(-0.0), Type::kFloat);
  out.slot(Slot::null(Type::kFloat), Type::kFloat);
  out.slot(Slot::of_short_text(""), Type::kString);
  out.slot(Slot::null(Type::kString), Type::kString);
  out.slot(Slot::of_int(std::numeric_limits<std::int64_t>::max()), Type::kInt);
  out.slot(Slot::of_int(kNullInt + 1), Type::kTime);
  const std::string bytes = out.finish();

  Arena arena;
  StateReader in(bytes, schemas);
  for (const auto value : numbers) EXPECT_EQ(in.number(), value);
  for (const auto value : signed_numbers) EXPECT_EQ(in.signed_number(), value);
  EXPECT_EQ(in.text(), "");
  EXPECT_EQ(in.text(), "text");
  EXPECT_EQ(in.fixed(), 0x0102'0304'0506'0708u);
  EXPECT_TRUE(std::signbit(in.slot(Type::kFloat, arena).f));
  EXPECT_TRUE(in.slot(Type::kFloat, arena).is_null(Type::kFloat));
  EXPECT_EQ(in.slot(Type::kString, arena).text(), "");
  EXPECT_TRUE(in.slot(Type::kString, arena).is_null(Type::kString));
  EXPECT_EQ(in.slot(Type::kInt, arena).i, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(in.slot(Type::kTime, arena).i, kNullInt + 1);
  EXPECT_FALSE(in.failed());
  EXPECT_TRUE(in.at_end());
}

TEST(StateBytes, NothingIsReadBeyondTheEnd) {
  const std::vector<StreamSchema> schemas;
  StateWriter out(schemas);
  out.number(1'000'000);
  const std::string bytes = out.finish();
  StateReader text(bytes, schemas), list(bytes, schemas), event(bytes, schemas), number(bytes, schemas);
  EXPECT_EQ(text.text(), "");
  EXPECT_TRUE(text.failed());
  EXPECT_EQ(list.count(1), 0u);
  EXPECT_TRUE(list.failed());
  EXPECT_EQ(event.event(), nullptr);
  EXPECT_TRUE(event.failed());
  EXPECT_EQ(number.number(), 1'000'000u);
  EXPECT_EQ(number.number(), 0u);
  EXPECT_TRUE(number.failed());
}

}  // namespace
}  // namespace sequitur
