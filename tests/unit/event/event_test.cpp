// Arena, events, and alerts as JSON.
#include "sequitur/event.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "sequitur/alert.hpp"
#include "sequitur/source.hpp"

namespace sequitur {
namespace {

TEST(ArenaTest, TextsOfAnyLength) {
  Arena arena;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{15}, kLongText - 1, kLongText, kLongText + 1, std::size_t{5'000'000}}) {
    const std::string text(size, 'x');
    const Slot slot = arena.text(text);
    EXPECT_FALSE(slot.is_null(Type::kString));
    EXPECT_EQ(slot.text(), text);
  }
  EXPECT_EQ(arena.copy("abc"), "abc");
}

TEST(ArenaTest, AlignedAndReused) {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 20'000; ++i) EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arena.allocate(i % 37)) % 8, 0u);
    arena.clear();
    EXPECT_LE(arena.bytes(), std::size_t{1024 * 1024});
  }
  arena.text(std::string(50'000'000, 'x'));
  arena.clear();
  EXPECT_LE(arena.bytes(), std::size_t{1024 * 1024}) << "one huge text must not be kept";
}

TEST(ArenaTest, MovedFromIsEmpty) {
  Arena first;
  const std::string_view text = first.copy("kept");
  Arena second = std::move(first);
  first.copy("other");
  EXPECT_EQ(text, "kept");
  second = std::move(first);
  EXPECT_GT(second.bytes(), 0u);
}

Field field(std::string name, Type type, bool optional = false) {
  Field result;
  result.name = std::move(name);
  result.type = type;
  result.optional = optional;
  return result;
}

StreamSchema login_schema() {
  StreamSchema schema;
  schema.id = 0;
  schema.name = "login";
  schema.fields = {field("ts", Type::kTime),
                   field("user", Type::kString),
                   field("tries", Type::kInt),
                   field("score", Type::kFloat),
                   field("ok", Type::kBool),
                   field("took", Type::kDuration),
                   field("host.name", Type::kString, true)};
  schema.time_slot = 0;
  return schema;
}

TEST(MakeEvent, AllSlotsAreNull) {
  Arena arena;
  const StreamSchema schema = login_schema();
  const Event& event = make_event(arena, schema, Timestamp{Duration{5}});
  EXPECT_EQ(event.time, 5);
  EXPECT_EQ(event.get(kTimeSlot).i, 5);
  ASSERT_EQ(event.slot_count, schema.fields.size());
  for (std::size_t i = 0; i < schema.fields.size(); ++i) EXPECT_TRUE(event.slots()[i].is_null(schema.fields[i].type));
}

TEST(EventJson, NonNullFieldsInOrder) {
  Arena arena;
  const StreamSchema schema = login_schema();
  Event& event = make_event(arena, schema, Timestamp{std::chrono::seconds{1'704'067'200}});
  std::string out;
  append_json(event, schema, out);
  EXPECT_EQ(out, R"({"stream":"login","time":"2024-01-01T00:00:00.000000Z"})");
  event.slot(0) = Slot::of_int(event.time);
  event.slot(1) = arena.text("a\"nn");
  event.slot(2) = Slot::of_int(-3);
  event.slot(3) = Slot::of_float(0.1);
  event.slot(4) = Slot::of_bool(false);
  event.slot(5) = Slot::of_int(1'500'000);
  event.slot(6) = arena.text("");
  out.clear();
  append_json(event, schema, out);
  EXPECT_EQ(out, R"({"stream":"login","time":"2024-01-01T00:00:00.000000Z","ts":"2024-01-01T00:00:00.000000Z","user":"a\"nn","tries":-3,)"
                 R"("score":0.1,"ok":false,"took":"1s500ms","host.name":""})");
}

TEST(EventJson, ATimeFieldCalledTimeIsWrittenOnce) {
  Arena arena;
  StreamSchema schema;
  schema.name = "s";
  schema.fields = {field("time", Type::kTime), field("stream", Type::kString), field("x", Type::kInt)};
  schema.time_slot = 0;
  Event& event = make_event(arena, schema, Timestamp{});
  event.slot(0) = Slot::of_int(0);
  event.slot(1) = arena.text("other");
  event.slot(2) = Slot::of_int(1);
  std::string out;
  append_json(event, schema, out);
  EXPECT_EQ(out, R"({"stream":"s","time":"1970-01-01T00:00:00.000000Z","x":1})");
}

TEST(AppendText, AllTypes) {
  const auto text = [](Slot slot, Type type) {
    std::string out;
    append_text(slot, type, out);
    return out;
  };
  EXPECT_EQ(text(Slot::of_short_text("a\"b"), Type::kString), "a\"b");
  EXPECT_EQ(text(Slot::of_float(5.0), Type::kFloat), "5");
  EXPECT_EQ(text(Slot::of_float(1e300), Type::kFloat), "1e+300");
  EXPECT_EQ(text(Slot::of_float(std::numeric_limits<double>::infinity()), Type::kFloat), "null");
  EXPECT_EQ(text(Slot::of_int(7), Type::kInt), "7");
  EXPECT_EQ(text(Slot::of_bool(true), Type::kBool), "true");
  EXPECT_EQ(text(Slot::of_int(0), Type::kTime), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(text(Slot::of_int(90'000'000), Type::kDuration), "1m30s");
  for (const Type type : {Type::kBool, Type::kInt, Type::kFloat, Type::kString, Type::kTime, Type::kDuration})
    EXPECT_EQ(text(Slot::null(type), type), "null");
}

TEST(AlertJson, AllMembersInOrder) {
  Arena arena;
  const std::vector<StreamSchema> schemas = {login_schema()};
  Event& event = make_event(arena, schemas[0], Timestamp{});
  event.slot(1) = arena.text("ann");
  RuleInfo rule;
  rule.name = "brute_force";
  rule.title = "Five failed logins";
  rule.severity = "high";
  rule.score = 7.5;
  rule.has_score = true;
  rule.tags = {"attack.t1110", "auth"};
  rule.meta = {{"owner", {"soc"}, false}, {"references", {"a", "b"}, true}};
  const std::vector<NamedValue> key = {{"user", Type::kString, arena.text("ann")}};
  const std::vector<NamedValue> fields = {{"tries", Type::kInt, Slot::of_int(5)}, {"ip", Type::kString, Slot::null(Type::kString)}};
  const std::vector<const Event*> events = {&event, &event};
  const std::vector<EvidenceStep> evidence = {{"fail", events}};
  Alert alert;
  alert.id = {0x0123456789abcdef, 0xfedcba9876543210};
  alert.rule = &rule;
  alert.schemas = &schemas;
  alert.kind = AlertKind::kMatch;
  alert.stream = "account_alert";
  alert.key = key;
  alert.fields = fields;
  alert.message = "5 failures";
  alert.severity = rule.severity;
  alert.score = rule.score;
  alert.has_score = true;
  alert.evidence = evidence;
  alert.held = 2;
  std::string out;
  append_json(alert, out);
  EXPECT_EQ(out,
            R"({"id":"0123456789abcdeffedcba9876543210","rule":"brute_force","title":"Five failed logins","severity":"high","score":7.5,)"
            R"("tags":["attack.t1110","auth"],"meta":{"owner":"soc","references":["a","b"]},"kind":"match","stream":"account_alert",)"
            R"("key":{"user":"ann"},"time":"1970-01-01T00:00:00.000000Z","first":"1970-01-01T00:00:00.000000Z",)"
            R"("last":"1970-01-01T00:00:00.000000Z","fields":{"tries":5,"ip":null},"message":"5 failures",)"
            R"("evidence":{"fail":[{"stream":"login","time":"1970-01-01T00:00:00.000000Z","user":"ann"},)"
            R"({"stream":"login","time":"1970-01-01T00:00:00.000000Z","user":"ann"}]},"held":2,"revision":0})");
}

TEST(AlertJson, WithoutWhatTheRuleDoesNotGive) {
  const std::vector<StreamSchema> schemas;
  RuleInfo rule;
  rule.name = "r";
  Alert alert;
  alert.rule = &rule;
  alert.schemas = &schemas;
  alert.kind = AlertKind::kTimeout;
  alert.stream = "s";
  std::string out;
  append_json(alert, out);
  EXPECT_EQ(
      out,
      R"({"id":"00000000000000000000000000000000","rule":"r","title":"","severity":"","tags":[],"kind":"timeout","stream":"s","key":{},)"
      R"("time":"1970-01-01T00:00:00.000000Z","first":"1970-01-01T00:00:00.000000Z","last":"1970-01-01T00:00:00.000000Z","fields":{},)"
      R"("evidence":{},"held":0,"revision":0})");
}

TEST(Names, OfReasonsKindsAndTypes) {
  EXPECT_EQ(to_string(BadReason::kUndecodable), "undecodable");
  EXPECT_EQ(to_string(BadReason::kLate), "late");
  EXPECT_EQ(to_string(AlertKind::kBreak), "break");
  EXPECT_EQ(to_string(Type::kDuration), "duration");
}

}  // namespace
}  // namespace sequitur
