// Compiled expressions: every operator, function and aggregate, and random trees against a plain walk.
#include "nfa/expression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <thread>

#include "nfa/text_operators.hpp"
#include "tests/unit/nfa/expressions.hpp"

namespace sequitur::nfa {
namespace {

using namespace testing;  // NOLINT
using dsl::Aggregate;
using dsl::Function;
using dsl::TextOp;

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

class ExpressionTest : public ::testing::Test {
 protected:
  ExpressionTest() { context_.arena = &arena_; }

  Slot value(const ExprPtr& expr) {
    expressions_.push_back(Expression::compile(*expr));  // Keeps the texts of its constants.
    return expressions_.back().evaluate(context_);
  }
  bool null(const ExprPtr& expr) { return value(expr).is_null(expr->type); }
  std::string text(const ExprPtr& expr) {
    const Slot slot = value(expr);
    return slot.bits == 0 ? "<null>" : std::string(slot.text());
  }
  // true, false or nothing for unknown.
  std::optional<bool> truth(const ExprPtr& expr) {
    const Slot slot = value(expr);
    if (slot.i == kNullInt) return std::nullopt;
    EXPECT_TRUE(slot.i == 0 || slot.i == 1);
    return slot.i == 1;
  }
  Event& event(std::int64_t time = 0, StreamId stream = 0) { return make_test_event(arena_, stream, time); }
  Event& candidate(std::int64_t time = 0) {
    Event& made = event(time);
    context_.candidate = &made;
    return made;
  }
  void steps(std::vector<std::vector<const Event*>> taken) {
    taken_ = std::move(taken);
    stages_.clear();
    for (const auto& events : taken_) stages_.push_back({events.data(), static_cast<std::uint32_t>(events.size())});
    context_.stages = stages_.data();
    context_.stage_count = static_cast<std::uint32_t>(stages_.size());
  }

  Arena arena_;
  std::vector<Expression> expressions_;
  std::vector<std::vector<const Event*>> taken_;
  std::vector<StageEvents> stages_;
  EvaluationContext context_;
};

constexpr std::optional<bool> kTrue = true, kFalse = false, kUnknown = std::nullopt;

TEST_F(ExpressionTest, ComparesEveryTypeAndIsUnknownWithNull) {
  Event& e = candidate(77);
  e.slot(kB) = Slot::of_bool(true);
  e.slot(kI) = Slot::of_int(-5);
  e.slot(kF) = Slot::of_float(2.5);
  e.slot(kS) = arena_.text("Bern");
  EXPECT_EQ(truth(is(Op::kEqual, field(kB, Type::kBool), lit(true))), kTrue);
  EXPECT_EQ(truth(is(Op::kLess, field(kI, Type::kInt), lit(-4))), kTrue);
  EXPECT_EQ(truth(is(Op::kGreaterEqual, field(kI, Type::kInt), lit(-4))), kFalse);
  EXPECT_EQ(truth(is(Op::kLessEqual, field(kF, Type::kFloat), lit(2.5))), kTrue);
  EXPECT_EQ(truth(is(Op::kGreater, lit(2.5), field(kF, Type::kFloat))), kFalse);
  EXPECT_EQ(truth(is(Op::kNotEqual, field(kF, Type::kFloat), lit(2.0))), kTrue);
  EXPECT_EQ(truth(is(Op::kEqual, field(kS, Type::kString), lit("Bern"))), kTrue);
  EXPECT_EQ(truth(is(Op::kEqual, field(kS, Type::kString), lit("bern"))), kFalse);
  EXPECT_EQ(truth(is(Op::kEqual, field(kS, Type::kString), lit("bERN"), true)), kTrue);
  EXPECT_EQ(truth(is(Op::kLess, field(kS, Type::kString), lit("Bernd"))), kTrue);
  EXPECT_EQ(truth(is(Op::kGreater, field(kS, Type::kString), lit("BERm"), true)), kTrue);
  EXPECT_EQ(truth(is(Op::kEqual, event_time(), constant(value_of(std::int64_t{77}, Type::kTime)))), kTrue);
  for (const Op op : {Op::kEqual, Op::kNotEqual, Op::kLess, Op::kGreaterEqual}) {
    EXPECT_EQ(truth(is(op, field(kD, Type::kDuration), duration(5))), kUnknown);
    EXPECT_EQ(truth(is(op, field(kT, Type::kString), lit("x"))), kUnknown);
    EXPECT_EQ(truth(is(op, field(kT, Type::kString), lit("x"), true)), kUnknown);
    EXPECT_EQ(truth(is(op, field(kF, Type::kFloat), null_lit(Type::kFloat))), kUnknown);
  }
}

TEST_F(ExpressionTest, AndOrNotHaveThreeValues) {
  candidate();
  const ExprPtr values[] = {lit(false), lit(true), null_lit(Type::kBool)};
  const std::optional<bool> truths[] = {kFalse, kTrue, kUnknown};
  for (int a = 0; a < 3; ++a) {
    EXPECT_EQ(truth(not_(values[a])), truths[a] ? std::optional<bool>(!*truths[a]) : kUnknown);
    for (int b = 0; b < 3; ++b) {
      for (int c = 0; c < 3; ++c) {
        const bool any_false = a == 0 || b == 0 || c == 0, any_true = a == 1 || b == 1 || c == 1, any_null = a == 2 || b == 2 || c == 2;
        EXPECT_EQ(truth(all_of({values[a], values[b], values[c]})), any_false ? kFalse : any_null ? kUnknown : kTrue) << a << b << c;
        EXPECT_EQ(truth(any_of({values[a], values[b], values[c]})), any_true ? kTrue : any_null ? kUnknown : kFalse) << a << b << c;
      }
    }
  }
}

TEST_F(ExpressionTest, ExistsCoalesceAndIf) {
  Event& e = candidate();
  e.slot(kI) = Slot::of_int(3);
  EXPECT_EQ(truth(node(Op::kExists, Type::kBool, {field(kI, Type::kInt)})), kTrue);
  EXPECT_EQ(truth(node(Op::kExists, Type::kBool, {field(kF, Type::kFloat)})), kFalse);
  EXPECT_EQ(truth(node(Op::kExists, Type::kBool, {field(kS, Type::kString)})), kFalse);
  EXPECT_EQ(value(node(Op::kCoalesce, Type::kInt, {field(kI, Type::kInt), lit(9)})).i, 3);
  EXPECT_EQ(value(node(Op::kCoalesce, Type::kFloat, {field(kF, Type::kFloat), lit(9.5)})).f, 9.5);
  EXPECT_EQ(text(node(Op::kCoalesce, Type::kString, {field(kS, Type::kString), lit("-")})), "-");
  const auto choice = [&](ExprPtr condition) { return node(Op::kIf, Type::kInt, {std::move(condition), lit(1), lit(2)}); };
  EXPECT_EQ(value(choice(lit(true))).i, 1);
  EXPECT_EQ(value(choice(lit(false))).i, 2);
  EXPECT_TRUE(null(choice(null_lit(Type::kBool))));
  EXPECT_TRUE(null(node(Op::kIf, Type::kString, {null_lit(Type::kBool), lit("a"), lit("b")})));
}

TEST_F(ExpressionTest, IntegersThatOverflowAreNull) {
  candidate();
  const auto whole = [&](Op op, std::int64_t a, std::int64_t b) { return value(node(op, Type::kInt, {lit(a), lit(b)})).i; };
  EXPECT_EQ(whole(Op::kAdd, 2, 3), 5);
  EXPECT_EQ(whole(Op::kAdd, kMaxInt, 1), kNullInt);
  EXPECT_EQ(whole(Op::kSubtract, -kMaxInt, 1), kNullInt);  // Would be the null itself.
  EXPECT_EQ(whole(Op::kSubtract, -kMaxInt, 2), kNullInt);
  EXPECT_EQ(whole(Op::kMultiply, kMaxInt / 2, 3), kNullInt);
  EXPECT_EQ(whole(Op::kMultiply, -4, 3), -12);
  EXPECT_EQ(whole(Op::kModulo, -7, 3), -1);
  EXPECT_EQ(whole(Op::kModulo, 7, 0), kNullInt);
  EXPECT_EQ(whole(Op::kModulo, 7, -1), 0);
  EXPECT_TRUE(null(node(Op::kAdd, Type::kInt, {lit(1), null_lit(Type::kInt)})));
  EXPECT_TRUE(null(node(Op::kNegate, Type::kInt, {null_lit(Type::kInt)})));
  EXPECT_EQ(value(node(Op::kNegate, Type::kInt, {lit(kMaxInt)})).i, -kMaxInt);
}

TEST_F(ExpressionTest, FloatsThatAreNotFiniteAreNull) {
  candidate();
  const auto floats = [&](Op op, double a, double b) { return value(node(op, Type::kFloat, {lit(a), lit(b)})).f; };
  EXPECT_EQ(floats(Op::kDivide, 1, 4), 0.25);
  EXPECT_TRUE(std::isnan(floats(Op::kDivide, 1, 0)));
  EXPECT_TRUE(std::isnan(floats(Op::kMultiply, 1e300, 1e300)));
  EXPECT_TRUE(std::isnan(floats(Op::kModulo, 1, 0)));
  EXPECT_EQ(floats(Op::kModulo, -7.5, 2), -1.5);
  EXPECT_TRUE(null(node(Op::kAdd, Type::kFloat, {lit(1.0), null_lit(Type::kFloat)})));
  EXPECT_EQ(value(node(Op::kToFloat, Type::kFloat, {lit(3)})).f, 3.0);
  EXPECT_TRUE(null(node(Op::kToFloat, Type::kFloat, {null_lit(Type::kInt)})));
}

TEST_F(ExpressionTest, DurationsScaleAndDivide) {
  candidate();
  EXPECT_EQ(value(node(Op::kMultiply, Type::kDuration, {duration(10), lit(0.25)})).i, 3);  // 2.5, away from zero.
  EXPECT_EQ(value(node(Op::kMultiply, Type::kDuration, {lit(2.0), duration(10)})).i, 20);
  EXPECT_EQ(value(node(Op::kDivide, Type::kDuration, {duration(-5), lit(2.0)})).i, -3);
  EXPECT_TRUE(null(node(Op::kDivide, Type::kDuration, {duration(5), lit(0.0)})));
  EXPECT_TRUE(null(node(Op::kMultiply, Type::kDuration, {duration(kMaxInt), lit(10.0)})));
  EXPECT_TRUE(null(node(Op::kMultiply, Type::kDuration, {null_lit(Type::kDuration), lit(1.0)})));
  EXPECT_EQ(value(node(Op::kDivide, Type::kFloat, {duration(5), duration(2)})).f, 2.5);
  EXPECT_TRUE(null(node(Op::kDivide, Type::kFloat, {duration(5), duration(0)})));
  EXPECT_EQ(value(node(Op::kMultiply, Type::kDuration, {duration(5), lit(3)})).i, 15);
}

TEST_F(ExpressionTest, InListKnowsNulls) {
  Event& e = candidate();
  e.slot(kI) = Slot::of_int(2);
  e.slot(kF) = Slot::of_float(0.5);
  e.slot(kS) = arena_.text("Ann");
  EXPECT_EQ(truth(in_list(field(kI, Type::kInt), {value_of(3), value_of(2)})), kTrue);
  EXPECT_EQ(truth(in_list(field(kI, Type::kInt), {value_of(3)})), kFalse);
  EXPECT_EQ(truth(in_list(field(kI, Type::kInt), {value_of(3)}, false, true)), kUnknown);
  EXPECT_EQ(truth(in_list(field(kD, Type::kDuration), {value_of(3)})), kUnknown);
  EXPECT_EQ(truth(in_list(field(kF, Type::kFloat), {value_of(1.0), value_of(0.5)})), kTrue);
  std::vector<dsl::Constant> many;
  for (int i = 0; i < 100; ++i) many.push_back(value_of("user" + std::to_string(i)));
  EXPECT_EQ(truth(in_list(field(kS, Type::kString), many)), kFalse);
  many.push_back(value_of("aNN"));
  EXPECT_EQ(truth(in_list(field(kS, Type::kString), many)), kFalse);
  EXPECT_EQ(truth(in_list(field(kS, Type::kString), many, true)), kTrue);
  EXPECT_EQ(truth(in_list(field(kS, Type::kString), {value_of("aNN")}, true)), kTrue);
  EXPECT_EQ(truth(in_list(field(kT, Type::kString), many)), kUnknown);
}

TEST_F(ExpressionTest, TextOperators) {
  Event& e = candidate();
  e.slot(kS) = arena_.text("C:\\Windows\\CMD.exe");
  const auto s = field(kS, Type::kString);
  EXPECT_EQ(truth(text_is(TextOp::kContains, s, {"cmd"})), kFalse);
  EXPECT_EQ(truth(text_is(TextOp::kContains, s, {"cmd"}, true)), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kContains, s, {""})), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kStartsWith, s, {"D:", "C:"})), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kEndsWith, s, {".EXE"}, true)), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kEndsWith, s, {".EXE"})), kFalse);
  EXPECT_EQ(truth(text_is(TextOp::kLike, s, {"C:\\*\\*.exe"})), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kLike, s, {"?:\\windows*"}, true)), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kLike, s, {"Windows"})), kFalse);
  EXPECT_EQ(truth(text_is(TextOp::kMatches, s, {"cmd\\.exe$"}, true)), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kMatches, s, {"^cmd"}, true)), kFalse);
  EXPECT_EQ(truth(text_is(TextOp::kMatches, s, {"x*"})), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kContains, s, {"Win", "CMD"}, false, true)), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kContains, s, {"Win", "cmd"}, false, true)), kFalse);
  EXPECT_EQ(truth(text_is(TextOp::kContains, s, {"C", "W", "i", "n", "d", "o"}, false, true)), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kContains, s, {"C", "W", "i", "n", "d", "#"}, false, true)), kFalse);
  EXPECT_EQ(truth(text_is(TextOp::kContains, s, {"1", "2", "3", "4", "5", "e"})), kTrue);
  EXPECT_EQ(truth(text_is(TextOp::kContains, field(kT, Type::kString), {"x"})), kUnknown);
  EXPECT_EQ(truth(text_is(TextOp::kMatches, field(kT, Type::kString), {"x"})), kUnknown);

  Expr dynamic = *text_is(TextOp::kStartsWith, s, {});
  dynamic.op = Op::kTextDynamic;
  dynamic.args = {s, lit("c:")};
  EXPECT_EQ(truth(made(dynamic)), kFalse);
  dynamic.fold = true;
  EXPECT_EQ(truth(made(dynamic)), kTrue);
  dynamic.args[1] = null_lit(Type::kString);
  EXPECT_EQ(truth(made(dynamic)), kUnknown);
}

TEST_F(ExpressionTest, MatchesFromManyThreads) {
  const Expression expression = Expression::compile(*text_is(TextOp::kMatches, field(kS, Type::kString), {"a+b", "c.d"}));
  Event& hit = event();
  hit.slot(kS) = arena_.text("xx aaab");
  Event& miss = event();
  miss.slot(kS) = arena_.text("xx aaac");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        EvaluationContext context;
        context.candidate = i % 2 == 0 ? &hit : &miss;
        EXPECT_EQ(expression.holds(context), i % 2 == 0);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(Like, StarsAndCharacters) {
  EXPECT_TRUE(is_like("", "", false));
  EXPECT_TRUE(is_like("", "**", false));
  EXPECT_FALSE(is_like("", "?", false));
  EXPECT_TRUE(is_like("abc", "a*c", false));
  EXPECT_TRUE(is_like("abcabd", "a*ab?", false));
  EXPECT_FALSE(is_like("abc", "a?", false));
  EXPECT_TRUE(is_like("\xC3\xA9", "?", false));  // One character of two bytes.
  EXPECT_FALSE(is_like("\xC3\xA9", "??", false));
  EXPECT_FALSE(is_like("\xC3\xA9", "*??", false));
  EXPECT_TRUE(is_like("\xE2\x82\xAC\xF0\x9F\x98\x80", "??", false));
  EXPECT_TRUE(is_like("\xFF\xC3", "??", false));       // Not UTF-8: each byte counts.
  EXPECT_TRUE(is_like("\xED\xA0\x80", "???", false));  // A surrogate is not UTF-8 either.
  EXPECT_TRUE(is_like("ABC", "a?c", true));
  const std::string text(10'000, 'a');
  EXPECT_FALSE(is_like(text, "*a*a*a*a*a*b", false));
}

TEST_F(ExpressionTest, Functions) {
  candidate();
  const auto num = [&](Function f, std::vector<ExprPtr> args) { return value(call(f, Type::kFloat, std::move(args))).f; };
  const auto whole = [&](Function f, std::vector<ExprPtr> args) { return value(call(f, Type::kInt, std::move(args))).i; };
  EXPECT_EQ(whole(Function::kAbs, {lit(-4)}), 4);
  EXPECT_EQ(num(Function::kAbs, {lit(-4.5)}), 4.5);
  EXPECT_EQ(whole(Function::kSign, {lit(-4)}), -1);
  EXPECT_EQ(num(Function::kSign, {lit(0.1)}), 1.0);
  EXPECT_EQ(num(Function::kRound, {lit(-2.5)}), -3.0);
  EXPECT_EQ(whole(Function::kFloor, {lit(-2.5)}), -3);
  EXPECT_EQ(num(Function::kCeil, {lit(2.1)}), 3.0);
  EXPECT_EQ(num(Function::kSqrt, {lit(9.0)}), 3.0);
  EXPECT_TRUE(std::isnan(num(Function::kSqrt, {lit(-1.0)})));
  EXPECT_TRUE(std::isnan(num(Function::kLog, {lit(0.0)})));
  EXPECT_TRUE(std::isnan(num(Function::kPow, {lit(0.0), lit(-1.0)})));
  EXPECT_TRUE(std::isnan(num(Function::kExp, {lit(1000.0)})));
  EXPECT_EQ(num(Function::kPow, {lit(2.0), lit(10.0)}), 1024.0);
  EXPECT_EQ(num(Function::kLog10, {lit(1000.0)}), 3.0);
  EXPECT_EQ(whole(Function::kMin2, {lit(3), lit(2)}), 2);
  EXPECT_EQ(num(Function::kMax2, {lit(3.0), lit(2.0)}), 3.0);
  EXPECT_NEAR(num(Function::kKm, {lit(52.52), lit(13.405), lit(48.8566), lit(2.3522)}), 877.46, 0.5);  // Berlin to Paris
  EXPECT_TRUE(std::isnan(num(Function::kKm, {lit(91.0), lit(0.0), lit(0.0), lit(0.0)})));
  EXPECT_NEAR(num(Function::kKm, {lit(0.0), lit(0.0), lit(0.0), lit(180.0)}), 20015.1, 0.1);
  EXPECT_EQ(num(Function::kHours, {duration(5'400'000'000)}), 1.5);
  EXPECT_EQ(num(Function::kDays, {duration(-86'400'000'000)}), -1.0);
  EXPECT_EQ(num(Function::kMinutes, {duration(90'000'000)}), 1.5);
  EXPECT_EQ(num(Function::kSeconds, {duration(1'500'000)}), 1.5);
  EXPECT_TRUE(std::isnan(num(Function::kHours, {null_lit(Type::kDuration)})));
}

TEST_F(ExpressionTest, TextFunctions) {
  candidate();
  const auto made_text = [&](Function f, std::vector<ExprPtr> args) { return text(call(f, Type::kString, std::move(args))); };
  EXPECT_EQ(made_text(Function::kLower, {lit("BeRN \xC3\x89")}), "bern \xC3\x89");
  EXPECT_EQ(made_text(Function::kUpper, {lit("Bern")}), "BERN");
  EXPECT_EQ(made_text(Function::kTrim, {lit(" \t a b \n")}), "a b");
  EXPECT_EQ(made_text(Function::kTrim, {lit("  ")}), "");
  EXPECT_EQ(made_text(Function::kSubstr, {lit("sequitur"), lit(2), lit(3)}), "qui");
  EXPECT_EQ(made_text(Function::kSubstr, {lit("sequitur"), lit(6), lit(30)}), "ur");
  EXPECT_EQ(made_text(Function::kSubstr, {lit("sequitur"), lit(60), lit(1)}), "");
  EXPECT_EQ(made_text(Function::kSubstr, {lit("sequitur"), lit(-1), lit(1)}), "r");
  EXPECT_EQ(made_text(Function::kSubstr, {lit("sequitur"), lit(4)}), "itur");
  EXPECT_EQ(made_text(Function::kConcat, {lit("a"), lit(1), lit(true), lit(0.5)}), "a1true0.5");
  EXPECT_EQ(made_text(Function::kConcat, {lit("a"), null_lit(Type::kInt)}), "<null>");
  EXPECT_EQ(made_text(Function::kToText, {lit(0.1)}), "0.1");
  EXPECT_EQ(value(call(Function::kLen, Type::kInt, {lit("h\xC3\xA9")})).i, 3);
  // FNV-1a 64 of "a" is af63dc4c8601ec8c.
  EXPECT_EQ(value(call(Function::kHash, Type::kInt, {lit("a")})).i, static_cast<std::int64_t>(0xaf63dc4c8601ec8cULL >> 1));
  EXPECT_GE(value(call(Function::kHash, Type::kInt, {lit(-1)})).i, 0);
  EXPECT_EQ(text(call(Function::kLower, Type::kString, {lit(std::string(100'000, 'X'))})), std::string(100'000, 'x'));
}

TEST_F(ExpressionTest, TextsOfConditionsNeedNoArena) {
  Event& e = candidate();
  e.slot(kS) = arena_.text("ANN");
  context_.arena = nullptr;
  EXPECT_EQ(truth(is(Op::kEqual, call(Function::kLower, Type::kString, {field(kS, Type::kString)}), lit("ann"))), kTrue);
  EXPECT_EQ(text(call(Function::kLower, Type::kString, {field(kS, Type::kString)})), "ann");
  Arena arena;
  context_.arena = &arena;
  EXPECT_EQ(truth(is(Op::kEqual, call(Function::kLower, Type::kString, {field(kS, Type::kString)}), lit("ann"))), kTrue);
  EXPECT_EQ(arena.bytes(), 0U);
}

TEST_F(ExpressionTest, ClocksOnTheWall) {
  candidate(1'711'846'800'000'000);  // 2024-03-31T01:00:00Z, a Sunday: Berlin's clocks go from 02:00 to 03:00.
  EXPECT_EQ(value(call(Function::kTimeOfDay, Type::kDuration, {event_time()})).i, 3'600'000'000);
  EXPECT_EQ(value(call(Function::kTimeOfDay, Type::kDuration, {event_time(), lit("Europe/Berlin")})).i, 3 * 3'600'000'000LL);
  EXPECT_EQ(value(call(Function::kWeekday, Type::kInt, {event_time()})).i, 7);
  EXPECT_EQ(value(call(Function::kWeekday, Type::kInt, {event_time(), lit("Pacific/Auckland")})).i, 7);
  EXPECT_EQ(value(call(Function::kWeekday, Type::kInt, {event_time(), lit("Pacific/Honolulu")})).i, 6);
  EXPECT_TRUE(null(call(Function::kWeekday, Type::kInt, {event_time(), lit("No/Where")})));
  candidate(-1);  // 1969-12-31T23:59:59.999999Z, a Wednesday.
  EXPECT_EQ(value(call(Function::kTimeOfDay, Type::kDuration, {event_time()})).i, 86'400'000'000 - 1);
  EXPECT_EQ(value(call(Function::kWeekday, Type::kInt, {event_time()})).i, 3);
}

TEST_F(ExpressionTest, FieldsOfStepsAndTheRest) {
  Event& a = event(100);
  a.slot(kI) = Slot::of_int(1);
  Event& b = event(200);
  b.slot(kI) = Slot::of_int(2);
  Event& other = event(300, 1);
  other.slot(kI) = Slot::of_int(3);
  steps({{&a, &b}, {}, {&other}});
  candidate(1000);
  EXPECT_EQ(value(step_field(0, kI, Type::kInt)).i, 2);
  EXPECT_EQ(value(step_field(0, kI, Type::kInt, 1)).i, 1);
  EXPECT_EQ(value(step_field(0, kI, Type::kInt, -2)).i, 1);
  EXPECT_TRUE(null(step_field(0, kI, Type::kInt, 3)));
  EXPECT_TRUE(null(step_field(0, kI, Type::kInt, -3)));
  EXPECT_TRUE(null(step_field(1, kI, Type::kInt)));
  EXPECT_TRUE(null(step_field(7, kF, Type::kFloat)));
  EXPECT_TRUE(null(step_field(2, kI, Type::kInt)));  // Of another stream.
  EXPECT_EQ(value(step_field(2, kI, Type::kInt, -1, {0, 1})).i, 3);
  EXPECT_EQ(value(node(Op::kSubtract, Type::kDuration, {event_time(), step_field(0, kTimeSlot, Type::kTime)})).i, 800);

  Expr exists;
  exists.op = Op::kStepExists;
  exists.step = 1;
  EXPECT_EQ(truth(made(exists)), kFalse);
  exists.step = 2;
  EXPECT_EQ(truth(made(exists)), kTrue);

  Expr previous = *field(kI, Type::kInt);
  previous.op = Op::kPrevField;
  EXPECT_TRUE(null(made(previous)));
  context_.previous = &b;
  EXPECT_EQ(value(made(previous)).i, 2);

  Expr broken = *field(kI, Type::kInt);
  broken.op = Op::kBreakField;
  EXPECT_TRUE(null(made(broken)));
  context_.break_event = &a;
  context_.break_guard = 4;
  EXPECT_EQ(value(made(broken)).i, 1);
  broken.guard = 4;
  EXPECT_EQ(value(made(broken)).i, 1);
  broken.guard = 5;
  EXPECT_TRUE(null(made(broken)));

  const Slot key[] = {Slot::of_int(8), Slot::of_int(9)};
  context_.key = key;
  Expr part;
  part.op = Op::kKeyPart;
  part.type = Type::kInt;
  part.step = 1;
  EXPECT_EQ(value(made(part)).i, 9);
}

TEST_F(ExpressionTest, AggregatesLeaveNullsOut) {
  std::vector<const Event*> taken;
  const double values[] = {4, 1, std::nan(""), 7, 4};
  const char* names[] = {"ann", "Bob", nullptr, "ANN", "bob"};
  for (int i = 0; i < 5; ++i) {
    Event& e = event(i);
    e.slot(kF) = Slot::of_float(values[i]);
    e.slot(kI) = i == 2 ? Slot::null(Type::kInt) : Slot::of_int(static_cast<std::int64_t>(values[i]));
    if (names[i] != nullptr) e.slot(kS) = arena_.text(names[i]);
    taken.push_back(&e);
  }
  steps({taken, {}});
  const auto f = field(kF, Type::kFloat), s = field(kS, Type::kString), i = field(kI, Type::kInt);
  const auto over = [&](Aggregate kind, ExprPtr filter = nullptr) {
    return value(aggregate(kind, Type::kFloat, 0, f, std::move(filter))).f;
  };
  EXPECT_EQ(value(aggregate(Aggregate::kCount, Type::kInt, 0, nullptr)).i, 5);
  EXPECT_EQ(value(aggregate(Aggregate::kCount, Type::kInt, 0, f)).i, 4);
  EXPECT_EQ(value(aggregate(Aggregate::kCount, Type::kInt, 1, f)).i, 0);
  EXPECT_EQ(over(Aggregate::kSum), 16);
  EXPECT_EQ(over(Aggregate::kAvg), 4);
  EXPECT_EQ(over(Aggregate::kMin), 1);
  EXPECT_EQ(over(Aggregate::kMax), 7);
  EXPECT_EQ(over(Aggregate::kFirst), 4);
  EXPECT_EQ(over(Aggregate::kLast), 4);
  EXPECT_EQ(over(Aggregate::kMedian), 4);
  EXPECT_NEAR(over(Aggregate::kStddev), std::sqrt(6.0), 1e-12);
  EXPECT_EQ(value(aggregate(Aggregate::kSum, Type::kInt, 0, i)).i, 16);
  EXPECT_EQ(value(aggregate(Aggregate::kAvg, Type::kFloat, 0, i)).f, 4);
  EXPECT_EQ(text(aggregate(Aggregate::kMin, Type::kString, 0, s)), "ANN");
  const auto small = is(Op::kLess, f, lit(5.0));
  EXPECT_EQ(over(Aggregate::kSum, small), 9);
  EXPECT_EQ(value(aggregate(Aggregate::kCount, Type::kInt, 0, nullptr, small)).i, 3);
  Expr percentile = *aggregate(Aggregate::kPercentile, Type::kFloat, 0, f);
  for (const auto& [p, expected] : {std::pair{0.0, 1.0}, {25.0, 1.0}, {26.0, 4.0}, {75.0, 4.0}, {76.0, 7.0}, {100.0, 7.0}}) {
    percentile.percentile = p;
    EXPECT_EQ(value(made(percentile)).f, expected) << p;
  }
  Expr distinct = *aggregate(Aggregate::kCount, Type::kInt, 0, s);
  distinct.distinct = true;
  EXPECT_EQ(value(made(distinct)).i, 4);
  distinct.fold = true;
  EXPECT_EQ(value(made(distinct)).i, 2);
  for (const Aggregate kind : {Aggregate::kSum, Aggregate::kAvg, Aggregate::kMin, Aggregate::kLast, Aggregate::kMedian, Aggregate::kStddev})
    EXPECT_TRUE(null(aggregate(kind, Type::kFloat, 1, f)));
  EXPECT_TRUE(null(aggregate(Aggregate::kStddev, Type::kFloat, 0, f, is(Op::kGreater, f, lit(5.0)))));  // Of one value.
}

TEST_F(ExpressionTest, SumsOfIntegersThatOverflowAreNull) {
  Event& a = event();
  a.slot(kI) = Slot::of_int(kMaxInt);
  steps({{&a, &a}});
  EXPECT_TRUE(null(aggregate(Aggregate::kSum, Type::kInt, 0, field(kI, Type::kInt))));
  EXPECT_EQ(value(aggregate(Aggregate::kMax, Type::kInt, 0, field(kI, Type::kInt))).i, kMaxInt);
}

TEST_F(ExpressionTest, DeepExpressionsUseTheHeap) {
  candidate().slot(kI) = Slot::of_int(1);
  ExprPtr sum = lit(0);
  for (int i = 0; i < 450; ++i) sum = node(Op::kAdd, Type::kInt, {field(kI, Type::kInt), node(Op::kNegate, Type::kInt, {sum})});
  EXPECT_EQ(value(sum).i, 0);
}

TEST(Structure, SplitsConjunctions) {
  const auto here = is(Op::kLess, field(kI, Type::kInt), lit(1));
  const auto there = is(Op::kEqual, field(kI, Type::kInt), step_field(0, kI, Type::kInt));
  EXPECT_TRUE(event_only(*here));
  EXPECT_FALSE(event_only(*there));
  EXPECT_FALSE(event_only(*any_of({here, there})));
  EXPECT_FALSE(event_only(*is(Op::kLess, aggregate(Aggregate::kCount, Type::kInt, 0, nullptr), lit(3))));

  EXPECT_EQ(split(nullptr).event_part, nullptr);
  EXPECT_EQ(split(here).event_part, here);
  EXPECT_EQ(split(here).run_part, nullptr);
  EXPECT_EQ(split(there).run_part, there);
  const auto both = split(all_of({here, all_of({there, here})}));
  EXPECT_TRUE(equal(*both.event_part, *all_of({here, here})));
  EXPECT_EQ(both.run_part, there);
  const auto mixed = split(any_of({here, there}));
  EXPECT_EQ(mixed.event_part, nullptr);
}

TEST(Structure, EqualityAndHash) {
  const auto make = [](int bound, bool fold = false) { return is(Op::kLess, field(kI, Type::kInt), lit(bound), fold); };
  Expr spanned = *make(3);
  spanned.span.begin = 17;
  EXPECT_TRUE(equal(*make(3), spanned));
  EXPECT_EQ(hash(*make(3)), hash(spanned));
  EXPECT_FALSE(equal(*make(3), *make(4)));
  EXPECT_FALSE(equal(*make(3), *make(3, true)));
  EXPECT_NE(hash(*make(3)), hash(*make(4)));
  EXPECT_FALSE(equal(*aggregate(Aggregate::kCount, Type::kInt, 0, nullptr), *aggregate(Aggregate::kCount, Type::kInt, 0, lit(1))));
}

// Random trees of ints and conditions, against a walk that follows the definitions.
class RandomExpressions {
 public:
  explicit RandomExpressions(unsigned seed) : random_(seed) {}

  ExprPtr condition(int depth) {
    if (depth == 0) return pick(4) == 0 ? constant(pick(2) == 0 ? value_of(pick(2) == 0) : null_of(Type::kBool)) : field(kB, Type::kBool);
    switch (pick(8)) {
      case 0: return all_of(conditions(depth));
      case 1: return any_of(conditions(depth));
      case 2: return not_(condition(depth - 1));
      case 3: return node(Op::kExists, Type::kBool, {number(depth - 1)});
      case 4: return node(Op::kCoalesce, Type::kBool, {condition(depth - 1), condition(depth - 1)});
      default: {
        const Op ops[] = {Op::kEqual, Op::kNotEqual, Op::kLess, Op::kLessEqual, Op::kGreater, Op::kGreaterEqual};
        return is(ops[pick(6)], number(depth - 1), number(depth - 1));
      }
    }
  }
  ExprPtr number(int depth) {
    if (depth == 0) return pick(3) == 0 ? constant(pick(5) == 0 ? null_of(Type::kInt) : value_of(pick(7) - 3)) : field(kI, Type::kInt);
    switch (pick(5)) {
      case 0: return node(Op::kIf, Type::kInt, {condition(depth - 1), number(depth - 1), number(depth - 1)});
      case 1: return node(Op::kCoalesce, Type::kInt, {number(depth - 1), number(depth - 1)});
      case 2: return node(Op::kNegate, Type::kInt, {number(depth - 1)});
      default: {
        const Op ops[] = {Op::kAdd, Op::kSubtract, Op::kMultiply, Op::kModulo};
        return node(ops[pick(4)], Type::kInt, {number(depth - 1), number(depth - 1)});
      }
    }
  }
  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

 private:
  std::vector<ExprPtr> conditions(int depth) {
    std::vector<ExprPtr> result;
    for (int i = pick(3) + 2; i > 0; --i) result.push_back(condition(depth - 1));
    return result;
  }
  std::mt19937 random_;
};

using Maybe = std::optional<std::int64_t>;

Maybe walk(const Expr& expr, const Event& event) {
  const auto arg = [&](std::size_t i) { return walk(*expr.args[i], event); };
  switch (expr.op) {
    case Op::kConstant: return expr.value.null ? Maybe{} : Maybe{expr.value.i};
    case Op::kCandidate: {
      const std::int64_t value = event.get(expr.places[0].slot).i;
      return value == kNullInt ? Maybe{} : Maybe{value};
    }
    case Op::kAnd:
    case Op::kOr: {
      const std::int64_t deciding = expr.op == Op::kOr ? 1 : 0;
      bool unknown = false;
      for (std::size_t i = 0; i < expr.args.size(); ++i) {
        if (arg(i) == deciding) return deciding;
        unknown |= !arg(i);
      }
      return unknown ? Maybe{} : Maybe{1 - deciding};
    }
    case Op::kNot: return arg(0) ? Maybe{1 - *arg(0)} : Maybe{};
    case Op::kExists: return arg(0) ? 1 : 0;
    case Op::kCoalesce: return arg(0) ? arg(0) : arg(1);
    case Op::kIf: return !arg(0) ? Maybe{} : *arg(0) == 1 ? arg(1) : arg(2);
    case Op::kNegate: return arg(0) ? Maybe{-*arg(0)} : Maybe{};
    default: break;
  }
  if (!arg(0) || !arg(1)) return {};
  const std::int64_t a = *arg(0), b = *arg(1);
  std::int64_t result = 0;
  switch (expr.op) {
    case Op::kEqual: return a == b;
    case Op::kNotEqual: return a != b;
    case Op::kLess: return a < b;
    case Op::kLessEqual: return a <= b;
    case Op::kGreater: return a > b;
    case Op::kGreaterEqual: return a >= b;
    case Op::kAdd: return __builtin_add_overflow(a, b, &result) ? Maybe{} : Maybe{result};
    case Op::kSubtract: return __builtin_sub_overflow(a, b, &result) ? Maybe{} : Maybe{result};
    case Op::kMultiply: return __builtin_mul_overflow(a, b, &result) ? Maybe{} : Maybe{result};
    default: return b == 0 ? Maybe{} : Maybe{a % b};
  }
}

TEST(RandomExpression, AgreesWithAWalkOverTheTree) {
  RandomExpressions random(7);
  Arena arena;
  Event& event = make_test_event(arena);
  for (int round = 0; round < 3000; ++round) {
    const ExprPtr expr = random.condition(4);
    const Expression expression = Expression::compile(*expr);
    for (int i = 0; i < 5; ++i) {
      event.slot(kB) = random.pick(3) == 0 ? Slot::null(Type::kBool) : Slot::of_bool(random.pick(2) == 0);
      event.slot(kI) = random.pick(4) == 0 ? Slot::null(Type::kInt) : Slot::of_int(random.pick(9) - 4);
      EvaluationContext context;
      context.candidate = &event;
      const std::int64_t value = expression.evaluate(context).i;
      ASSERT_EQ(value == kNullInt ? Maybe{} : Maybe{value}, walk(*expr, event)) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace sequitur::nfa
