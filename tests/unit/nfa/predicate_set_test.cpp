// The predicate set finds what evaluating every predicate for itself finds: by hand for the edges, at random for the rest.
#include "nfa/predicate_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <thread>

#include "nfa/expression.hpp"
#include "tests/unit/nfa/expressions.hpp"

namespace sequitur::nfa {
namespace {

using namespace testing;  // NOLINT
using dsl::Function;
using dsl::TextOp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Collects predicates and events, and compares the set with plain evaluation.
class PredicateSetTest : public ::testing::Test {
 protected:
  PredicateSetTest() {
    for (StreamId id = 0; id < 3; ++id) schemas_.push_back(test_schema(id));
  }

  PredicateId add(const ExprPtr& condition, StreamId stream = 0) {
    const PredicateId id = builder_->add(stream, condition);
    if (id == conditions_.size()) conditions_.push_back({stream, condition});
    return id;
  }
  Event& event(StreamId stream = 0) {
    Event& made = make_test_event(arena_, stream, static_cast<std::int64_t>(events_.size()));
    events_.push_back(&made);
    return made;
  }
  Event& with_text(std::string_view text) {
    Event& made = event();
    made.slot(kS) = arena_.text(text);
    return made;
  }
  void build() {
    auto built = std::move(*builder_).build(schemas_);
    ASSERT_TRUE(built.ok()) << built.error().message;
    set_ = *built;
  }
  PredicateHits evaluate() {
    PredicateSet::Scratch scratch(*set_);
    PredicateHits hits;
    set_->evaluate(events_, scratch, hits);
    return hits;
  }
  void build_and_compare() {
    build();
    compare(evaluate());
  }
  void compare(const PredicateHits& hits) {
    std::vector<Expression> expressions;
    for (const auto& [stream, condition] : conditions_) expressions.push_back(condition ? Expression::compile(*condition) : Expression());
    ASSERT_EQ(hits.begin.size(), events_.size() + 1);
    for (std::size_t i = 0; i < events_.size(); ++i) {
      std::vector<PredicateId> expected;
      for (PredicateId id = 0; id < conditions_.size(); ++id) {
        if (conditions_[id].first != events_[i]->stream) continue;
        EvaluationContext context;
        context.candidate = events_[i];
        if (!expressions[id] || expressions[id].holds(context)) expected.push_back(id);
      }
      const auto found = hits.of(i);
      ASSERT_EQ(std::vector<PredicateId>(found.begin(), found.end()), expected) << "event " << i;
    }
  }
  std::vector<PredicateId> of(const PredicateHits& hits, std::size_t event) {
    const auto found = hits.of(event);
    return {found.begin(), found.end()};
  }

  std::vector<StreamSchema> schemas_;
  Arena arena_;
  std::vector<const Event*> events_;
  std::vector<std::pair<StreamId, ExprPtr>> conditions_;
  std::optional<PredicateSet::Builder> builder_{std::in_place};
  std::shared_ptr<const PredicateSet> set_;
};

const ExprPtr i_field = field(kI, Type::kInt), f_field = field(kF, Type::kFloat), s_field = field(kS, Type::kString),
              b_field = field(kB, Type::kBool), t_field = field(kT, Type::kString), d_field = field(kD, Type::kDuration);

TEST_F(PredicateSetTest, SharesEqualConditions) {
  EXPECT_EQ(add(nullptr), 0U);
  EXPECT_EQ(add(is(Op::kLess, i_field, lit(3))), 1U);
  EXPECT_EQ(add(is(Op::kLess, field(kI, Type::kInt), lit(3))), 1U);
  EXPECT_EQ(add(nullptr, 1), 2U);
  EXPECT_EQ(add(is(Op::kLess, i_field, lit(4))), 3U);
  EXPECT_EQ(add(nullptr), 0U);
  build();
  EXPECT_EQ(set_->size(), 4U);
  event();
  event(1);
  event(2);
  Event& odd = event();
  odd.stream = 77;  // A stream that nobody knows.
  event().slot(kI) = Slot::of_int(3);
  const auto hits = evaluate();
  EXPECT_THAT(of(hits, 0), ElementsAre(0));
  EXPECT_THAT(of(hits, 1), ElementsAre(2));
  EXPECT_THAT(of(hits, 2), IsEmpty());
  EXPECT_THAT(of(hits, 3), IsEmpty());
  EXPECT_THAT(of(hits, 4), ElementsAre(0, 3));
}

TEST_F(PredicateSetTest, NothingAtAll) {
  build();
  event();
  EXPECT_THAT(of(evaluate(), 0), IsEmpty());
  events_.clear();
  EXPECT_THAT(evaluate().begin, ElementsAre(0));
}

TEST_F(PredicateSetTest, UsesAnIndexForManyValues) {
  for (int i = 0; i < 100; ++i)
    add(all_of({is(Op::kEqual, s_field, lit("country" + std::to_string(i % 50))), is(Op::kGreater, f_field, lit(i * 1.5))}));
  for (int i = 0; i < 10; ++i) add(is(Op::kEqual, i_field, lit(i)));
  for (int i = 0; i < 30; ++i) {
    Event& e = with_text("country" + std::to_string(i * 2));
    e.slot(kF) = Slot::of_float(i * 10);
    e.slot(kI) = Slot::of_int(i % 12);
  }
  with_text("");
  event();
  build_and_compare();
  EXPECT_EQ(set_->describe(3), "index on field s, then comparison");
  EXPECT_EQ(set_->describe(104), "index on field i");
  EXPECT_GT(set_->memory_bytes(), 1000U);
}

TEST_F(PredicateSetTest, UsesATableForFewValuesOfFields) {
  const auto trade = [](const char* side, const char* name) {
    return all_of({is(Op::kEqual, s_field, lit(side)), is(Op::kEqual, t_field, lit(name))});
  };
  add(trade("SELL", "INTC"));
  add(trade("BUY", "RIMM"));
  add(trade("BUY", "QQQ"));
  for (const char* side : {"BUY", "SELL", "HOLD", ""})
    for (const char* name : {"INTC", "RIMM", "QQQ", "IPIX"}) {
      Event& e = with_text(side);
      e.slot(kT) = arena_.text(name);
    }
  with_text("SELL");
  event();
  build_and_compare();
  EXPECT_EQ(set_->describe(1), "table by the values of t, s");
  EXPECT_FALSE(set_->asked(0).each);
  EXPECT_NE(set_->asked(0).table, nullptr);
  EXPECT_EQ(set_->asked(1).table, nullptr);
}

// More values than a table has room for, of one field and of several together.
TEST_F(PredicateSetTest, LeavesManyValuesToIndexes) {
  for (int i = 0; i < 300; ++i) add(is(Op::kEqual, s_field, lit("user" + std::to_string(i))));
  for (int i = 0; i < 100; ++i) add(all_of({is(Op::kEqual, t_field, lit("t" + std::to_string(i))), is(Op::kEqual, i_field, lit(i))}));
  for (int i = 0; i < 400; ++i) {
    Event& e = with_text("user" + std::to_string(i));
    e.slot(kT) = arena_.text("t" + std::to_string(i % 110));
    e.slot(kI) = Slot::of_int(i % 103);
  }
  build_and_compare();
  EXPECT_TRUE(set_->asked(0).each);
}

TEST_F(PredicateSetTest, UsesSortedBounds) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (int i = -5; i < 5; ++i) {
    for (const Op op : {Op::kLess, Op::kLessEqual, Op::kGreater, Op::kGreaterEqual}) {
      add(is(op, f_field, lit(i * 1.0)));
      add(is(op, i_field, lit(i)));
      add(is(op, lit(i), i_field));
      add(not_(is(op, f_field, lit(i + 0.5))));
      add(is(op, node(Op::kToFloat, Type::kFloat, {i_field}), lit(i + 0.5)));
      add(is(op, node(Op::kToFloat, Type::kFloat, {i_field}), node(Op::kToFloat, Type::kFloat, {lit(i)})));
    }
  }
  for (const std::int64_t edge : {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min() + 1}) {
    for (const Op op : {Op::kLess, Op::kLessEqual, Op::kGreater, Op::kGreaterEqual, Op::kEqual}) add(is(op, i_field, lit(edge)));
  }
  add(is(Op::kLess, f_field, lit(-infinity)));
  add(is(Op::kGreaterEqual, f_field, lit(-infinity)));
  for (const double f : {-6.0, -5.0, -0.5, -0.0, 0.0, 0.5, 4.0, 9.0, infinity, -infinity, std::nan("")})
    event().slot(kF) = Slot::of_float(f);
  for (const std::int64_t i : {std::int64_t{-6}, std::int64_t{-5}, std::int64_t{0}, std::int64_t{4},
                               std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min() + 1, kNullInt})
    event().slot(kI) = Slot::of_int(i);
  build_and_compare();
  EXPECT_EQ(set_->describe(0), "range index on field f");
}

TEST_F(PredicateSetTest, ScansOneDatabaseForAField) {
  for (int i = 0; i < 40; ++i) add(text_is(TextOp::kContains, s_field, {"word" + std::to_string(i)}, i % 2 == 0));
  const auto regex = add(text_is(TextOp::kMatches, s_field, {"w[aeiou]rd\\d+$"}));
  add(text_is(TextOp::kStartsWith, s_field, {"WORD", "x"}));
  add(text_is(TextOp::kEndsWith, s_field, {"7"}));
  add(text_is(TextOp::kLike, s_field, {"w?rd*7"}));
  add(text_is(TextOp::kLike, s_field, {"*"}));
  add(text_is(TextOp::kLike, s_field, {"word17"}));
  add(text_is(TextOp::kContains, s_field, {"word1", "17", "17"}, false, true));
  add(not_(text_is(TextOp::kContains, s_field, {"word3"})));
  add(node(Op::kExists, Type::kBool, {text_is(TextOp::kContains, s_field, {"word3"})}));
  for (const char* text : {"word17", "WORD18 and word3", "", "word", "xyz7", "w\xC3\xA9rd7", "w\xFFrd7"}) with_text(text);
  event();
  build_and_compare();
  EXPECT_EQ(set_->describe(regex), "Hyperscan database on field s");
}

TEST_F(PredicateSetTest, PatternsThatFitTheEmptyText) {
  for (const bool many : {false, true}) {
    SCOPED_TRACE(many);
    builder_.emplace();
    conditions_.clear();
    events_.clear();
    add(text_is(TextOp::kContains, s_field, {""}));
    add(text_is(TextOp::kStartsWith, s_field, {""}));
    add(text_is(TextOp::kEndsWith, s_field, {""}, true));
    add(text_is(TextOp::kLike, s_field, {""}));
    add(text_is(TextOp::kLike, s_field, {"*?*"}));
    if (many) {
      add(text_is(TextOp::kMatches, s_field, {"x*"}));
      add(text_is(TextOp::kMatches, s_field, {"^$"}));
      add(text_is(TextOp::kMatches, s_field, {""}));
    }
    with_text("");
    with_text("a");
    with_text("xx");
    event();
    build_and_compare();
  }
}

TEST_F(PredicateSetTest, TakesAnyBytes) {
  std::vector<std::string> texts = {
      std::string("a\0b", 3),  "\xFF\xFE", "\xC3", "caf\xC3\xA9", "CAF\xC3\x89", "a\nb", std::string(100'000, 'x') + "needle",
      std::string(70'000, '?')};
  for (int i = 0; i < 10; ++i) add(text_is(TextOp::kContains, s_field, {"filler" + std::to_string(i)}));
  for (const std::string& text : texts) {
    const std::string piece = text.substr(text.size() > 6 ? text.size() - 6 : 0);
    add(text_is(TextOp::kContains, s_field, {piece}));
    add(text_is(TextOp::kContains, s_field, {piece}, true));
    add(text_is(TextOp::kEndsWith, s_field, {piece}));
    add(text_is(TextOp::kLike, s_field, {piece.substr(0, 1) + "?" + piece.substr(std::min<std::size_t>(2, piece.size()))}));
    add(is(Op::kEqual, s_field, lit(text)));
    with_text(text);
  }
  add(text_is(TextOp::kMatches, s_field, {"^a.b$"}));  // Not across a line.
  add(text_is(TextOp::kMatches, s_field, {"(?s)^a.b$"}));
  add(text_is(TextOp::kLike, s_field, {"a*b"}));
  add(text_is(TextOp::kMatches, s_field, {"\\xff"}));
  build_and_compare();
}

TEST_F(PredicateSetTest, FoldsWhereAsked) {
  for (int i = 0; i < 8; ++i) {
    const std::string name = "User" + std::to_string(i);
    add(is(Op::kEqual, s_field, lit(name)));
    add(is(Op::kEqual, s_field, lit(name), true));
    add(is(Op::kNotEqual, s_field, lit(name), true));
    add(in_list(s_field, {value_of(name), value_of("other"), value_of("UsEr1")}, i % 2 == 0));
    add(in_list(s_field, {value_of(name), value_of("other")}, true, true));
    add(not_(in_list(s_field, {value_of(name)}, true)));
  }
  for (const char* text : {"User1", "uSER1", "USER7", "OTHER", "other", "", "a rather long name that no rule knows"}) with_text(text);
  event();
  build_and_compare();
}

TEST_F(PredicateSetTest, UnknownIsNotFalse) {
  const auto unknown = is(Op::kEqual, i_field, null_lit(Type::kInt));
  for (const ExprPtr& c : {is(Op::kLess, i_field, lit(3)), b_field, unknown, text_is(TextOp::kMatches, s_field, {"a"}),
                           in_list(i_field, {value_of(1), value_of(5)}, false, true), is(Op::kLess, s_field, lit("b")),
                           is(Op::kNotEqual, s_field, lit("a"))}) {
    add(c);
    add(not_(c));
    add(node(Op::kCoalesce, Type::kBool, {c, lit(true)}));
    add(node(Op::kCoalesce, Type::kBool, {c, lit(false)}));
    add(not_(node(Op::kCoalesce, Type::kBool, {c, lit(false)})));
    add(not_(node(Op::kCoalesce, Type::kBool, {not_(c), lit(true)})));
    add(not_(node(Op::kExists, Type::kBool, {i_field})));
    add(not_(all_of({c, b_field})));
    add(not_(any_of({not_(c), not_(b_field)})));
    add(node(Op::kExists, Type::kBool, {c}));
  }
  for (int i = 0; i < 27; ++i) {
    Event& e = event();
    if (i % 3 != 0) e.slot(kB) = Slot::of_bool(i % 3 == 1);
    if (i / 3 % 3 != 0) e.slot(kI) = Slot::of_int(i / 3 % 3 == 1 ? 1 : 4);
    if (i / 9 != 0) e.slot(kS) = arena_.text(i / 9 == 1 ? "a" : "c");
  }
  build_and_compare();
}

TEST_F(PredicateSetTest, ManyHitsComeOnceAndInOrder) {
  for (int i = 0; i < 300; ++i) {
    add(any_of({is(Op::kEqual, s_field, lit("v" + std::to_string(i % 7))), is(Op::kEqual, t_field, lit("w" + std::to_string(i % 5)))}));
    add(is(Op::kGreater, i_field, lit(300 - i)));
  }
  for (int i = 0; i < 20; ++i) {
    Event& e = with_text("v" + std::to_string(i % 8));
    e.slot(kT) = arena_.text("w" + std::to_string(i % 6));
    e.slot(kI) = Slot::of_int(i * 20);
  }
  build_and_compare();
}

TEST_F(PredicateSetTest, LongListsAreFound) {
  std::vector<dsl::Constant> names, numbers;
  for (int i = 0; i < 5000; ++i) {
    names.push_back(value_of("name" + std::to_string(i)));
    numbers.push_back(value_of(i * 3));
  }
  add(in_list(s_field, names));
  add(all_of({in_list(i_field, numbers), is(Op::kLess, f_field, lit(1.0))}));
  add(not_(in_list(i_field, numbers)));
  for (int i = 0; i < 50; ++i) {
    Event& e = with_text("name" + std::to_string(i * 200));
    e.slot(kI) = Slot::of_int(i);
    e.slot(kF) = Slot::of_float(i % 2);
  }
  build_and_compare();
}

TEST_F(PredicateSetTest, ReportsWhatTheCompilerRejects) {
  add(text_is(TextOp::kMatches, s_field, {"ok"}));
  add(text_is(TextOp::kMatches, s_field, {"(a)\\1"}));
  const auto built = std::move(*builder_).build(schemas_);
  ASSERT_FALSE(built.ok());
  EXPECT_THAT(built.error().message, HasSubstr("field s"));
  EXPECT_THAT(built.error().message, HasSubstr("(a)\\1"));
}

TEST(CheckPattern, SaysWhyNot) {
  EXPECT_TRUE(check_pattern("^[a-z]+\\d{1,3}$", false).ok());
  EXPECT_TRUE(check_pattern("", true).ok());
  EXPECT_FALSE(check_pattern("(a)\\1", false).ok());
  EXPECT_FALSE(check_pattern("(?<=a)b", false).ok());
  EXPECT_FALSE(check_pattern("(", false).ok());
  EXPECT_FALSE(check_pattern("(*UTF8)a", false).ok());
  EXPECT_FALSE(check_pattern(std::string_view("a\0b", 3), false).ok());
  EXPECT_FALSE(check_pattern("((a{100}){100}){100}", false).ok());
}

TEST_F(PredicateSetTest, ThreadsShareASet) {
  for (int i = 0; i < 50; ++i) add(text_is(TextOp::kMatches, s_field, {"a" + std::to_string(i) + "+b"}));
  for (int i = 0; i < 200; ++i) with_text("xx a" + std::to_string(i % 60) + "b");
  build();
  const auto expected = evaluate();
  compare(expected);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      PredicateSet::Scratch first(*set_);
      PredicateSet::Scratch scratch(std::move(first));
      PredicateHits hits;
      for (int round = 0; round < 5; ++round) {
        set_->evaluate(events_, scratch, hits);
        EXPECT_EQ(hits.ids, expected.ids);
        EXPECT_EQ(hits.begin, expected.begin);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

// Conditions of the shapes that rules have, and of shapes that they do not have, over few values so that they hold now and then.
class RandomConditions {
 public:
  explicit RandomConditions(unsigned seed) : random_(seed) {}
  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

  ExprPtr condition(int depth) {
    const int shape = depth == 0 ? 3 + pick(7) : pick(10);
    switch (shape) {
      case 0: return all_of(several(depth));
      case 1: return any_of(several(depth));
      case 2:
        return pick(2) == 0 ? not_(condition(depth - 1)) : node(Op::kCoalesce, Type::kBool, {condition(depth - 1), lit(pick(2) == 0)});
      case 3: return is(ops_[pick(6)], i_field, lit(pick(8)));
      case 4: return is(ops_[pick(6)], f_field, lit(pick(8) / 2.0));
      case 5: return is(ops_[pick(2)], pick(2) == 0 ? s_field : t_field, lit(word()), pick(2) == 0);
      case 6: return list();
      case 7: return pick(2) == 0 ? b_field : node(Op::kExists, Type::kBool, {pick(2) == 0 ? s_field : f_field});
      case 8: return text();
      default: return other();
    }
  }
  // Of what fields have, and what they have not.
  ExprPtr value_question(int depth) {
    switch (depth == 0 ? 2 + pick(5) : pick(7)) {
      case 0: return pick(2) == 0 ? all_of({value_question(depth - 1), value_question(depth - 1)}) : not_(value_question(depth - 1));
      case 1: return any_of({value_question(depth - 1), value_question(depth - 1), value_question(depth - 1)});
      case 2: return is(ops_[pick(2)], pick(2) == 0 ? s_field : t_field, lit(length_word()));
      case 3: return is(ops_[pick(2)], i_field, lit(pick(8)));
      case 4:
        return pick(2) == 0 ? in_list(i_field, {value_of(pick(9)), value_of(pick(9))}, false, pick(4) == 0)
                            : in_list(t_field, {value_of(length_word()), value_of(length_word())}, false, pick(4) == 0);
      case 5: return node(Op::kExists, Type::kBool, {pick(2) == 0 ? s_field : t_field});
      default: return b_field;
    }
  }
  // Of all lengths that are read in different ways, some different in their middle only.
  std::string length_word() {
    std::string text(static_cast<std::size_t>(pick(20)), 'x');
    if (!text.empty() && pick(2) == 0) text[static_cast<std::size_t>(pick(static_cast<int>(text.size())))] = "yz\0"[pick(3)];
    return text;
  }
  std::string word() {
    const char* words[] = {"alpha", "Alpha", "beta", "alphabet", "", "b\xC3\xA9ta", "gamma gamma", "be"};
    return words[pick(8)];
  }
  void fill(Event& event, Arena& arena) {
    event.slot(kB) = pick(4) == 0 ? Slot::null(Type::kBool) : Slot::of_bool(pick(2) == 0);
    event.slot(kI) = pick(6) == 0 ? Slot::null(Type::kInt) : Slot::of_int(pick(9) - 1);
    event.slot(kF) = pick(6) == 0 ? Slot::null(Type::kFloat) : Slot::of_float(pick(9) / 2.0);
    for (const SlotIndex slot : {kS, kT}) event.slot(slot) = pick(6) == 0 ? Slot::null(Type::kString) : arena.text(word());
  }

 private:
  std::vector<ExprPtr> several(int depth) {
    std::vector<ExprPtr> parts;
    for (int i = 2 + pick(3); i > 0; --i) parts.push_back(condition(depth - 1));
    return parts;
  }
  ExprPtr list() {
    std::vector<dsl::Constant> values;
    const bool texts = pick(2) == 0;
    for (int i = pick(5); i >= 0; --i) values.push_back(texts ? value_of(word()) : value_of(pick(9)));
    return in_list(texts ? s_field : i_field, values, texts && pick(2) == 0, pick(4) == 0);
  }
  ExprPtr text() {
    const TextOp ops[] = {TextOp::kContains, TextOp::kStartsWith, TextOp::kEndsWith, TextOp::kLike, TextOp::kMatches};
    const TextOp op = ops[pick(5)];
    const char* likes[] = {"a*", "*t", "*pha*", "be?a", "?e*", "alpha", "*", "b??a", "*a*a*"};
    const char* regexes[] = {"a", "^be", "a$", "l(ph|t)a", "b.ta", "x*", "[Aa]lpha$", "g.*g"};
    std::vector<std::string> patterns;
    for (int i = pick(3); i >= 0; --i) {
      if (op == TextOp::kLike)
        patterns.emplace_back(likes[pick(9)]);
      else if (op == TextOp::kMatches)
        patterns.emplace_back(regexes[pick(8)]);
      else
        patterns.push_back(word().substr(0, static_cast<std::size_t>(1 + pick(4))));
    }
    return text_is(op, pick(3) == 0 ? t_field : s_field, patterns, pick(2) == 0, pick(3) == 0);
  }
  ExprPtr other() {
    switch (pick(4)) {
      case 0: return is(ops_[pick(6)], node(Op::kToFloat, Type::kFloat, {i_field}), lit(pick(16) / 2.0));
      case 1: return is(ops_[pick(6)], node(Op::kToFloat, Type::kFloat, {i_field}), f_field);
      case 2: return is(ops_[pick(2)], call(Function::kLower, Type::kString, {s_field}), lit(word()));
      default: return is(ops_[pick(6)], s_field, t_field);
    }
  }

  const Op ops_[6] = {Op::kEqual, Op::kNotEqual, Op::kLess, Op::kLessEqual, Op::kGreater, Op::kGreaterEqual};
  std::mt19937 random_;
};

class RandomPredicateSet : public PredicateSetTest, public ::testing::WithParamInterface<unsigned> {};

TEST_P(RandomPredicateSet, AgreesWithEachPredicateForItself) {
  RandomConditions random(GetParam());
  const int sizes[] = {1, 2, 5, 20, 100, 300};
  const int size = sizes[GetParam() % 6];
  for (int i = 0; i < size; ++i) add(random.pick(30) == 0 ? nullptr : random.condition(random.pick(4)));
  for (int i = 0; i < 150; ++i) random.fill(event(), arena_);
  build_and_compare();
}
TEST_P(RandomPredicateSet, AgreesOverValues) {
  RandomConditions random(GetParam());
  const int size = 1 + static_cast<int>(GetParam() % 7);
  for (int i = 0; i < size; ++i) add(random.value_question(random.pick(3)));
  if (GetParam() % 3 == 0) add(is(Op::kLess, i_field, lit(4)));  // What a table cannot say.
  for (int i = 0; i < 400; ++i) {
    random.fill(event(), arena_);
    for (const SlotIndex slot : {kS, kT})
      if (random.pick(5) != 0) const_cast<Event&>(*events_.back()).slot(slot) = arena_.text(random.length_word());
  }
  build_and_compare();
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomPredicateSet, ::testing::Range(0U, 90U));

}  // namespace
}  // namespace sequitur::nfa
