// What conditions cost: predicate sets over batches of typed events in memory, and single expressions.
//
//     three_streams        three streams with one simple condition each: the least that any rule file costs
//     three_types          one stream, `type == "A"` and the like with a bound
//     amount_and_country   1,000 rules `amount > c and country == x` over 200 countries
//     literals             1,000 texts that a text field may contain
//     expression/..        one compiled expression, evaluated once
#include <benchmark/benchmark.h>

#include <fmt/core.h>

#include <random>

#include "nfa/expression.hpp"
#include "nfa/predicate_set.hpp"
#include "tests/unit/nfa/expressions.hpp"

namespace sequitur::nfa {
namespace {

using namespace testing;  // NOLINT
using dsl::Aggregate;
using dsl::TextOp;

constexpr std::size_t kBatch = 256, kEvents = 64 * kBatch;

const ExprPtr i_field = field(kI, Type::kInt), f_field = field(kF, Type::kFloat), s_field = field(kS, Type::kString),
              t_field = field(kT, Type::kString);

// Events with seeded values; `text` makes the text of an event.
template <typename Text>
std::vector<const Event*> make_events(Arena& arena, unsigned streams, Text text) {
  std::mt19937 random(1);
  std::vector<const Event*> events;
  for (std::size_t i = 0; i < kEvents; ++i) {
    Event& event = make_test_event(arena, static_cast<StreamId>(random() % streams), static_cast<std::int64_t>(i));
    event.slot(kB) = Slot::of_bool(random() % 2 == 0);
    event.slot(kI) = Slot::of_int(static_cast<std::int64_t>(random() % 1000));
    event.slot(kF) = Slot::of_float(static_cast<double>(random() % 100'000) / 100);
    event.slot(kS) = arena.text(text(random));
    events.push_back(&event);
  }
  return events;
}

void run_set(benchmark::State& state, PredicateSet::Builder&& builder, const std::vector<const Event*>& events) {
  const std::vector<StreamSchema> schemas = {test_schema(0), test_schema(1), test_schema(2)};
  auto built = std::move(builder).build(schemas);
  if (!built.ok()) return state.SkipWithError(built.error().message.c_str());
  const PredicateSet& set = **built;
  PredicateSet::Scratch scratch(set);
  PredicateHits hits;
  std::size_t at = 0, found = 0;
  for (auto _ : state) {
    set.evaluate(std::span(events).subspan(at, kBatch), scratch, hits);
    at = (at + kBatch) % kEvents;
    found += hits.ids.size();
    benchmark::DoNotOptimize(hits.ids.data());
  }
  const auto count = static_cast<double>(state.iterations()) * static_cast<double>(kBatch);
  state.SetItemsProcessed(static_cast<std::int64_t>(count));
  state.counters["hits/event"] = static_cast<double>(found) / count;
}

void three_streams(benchmark::State& state) {
  Arena arena;
  const auto events = make_events(arena, 3, [](auto&) { return std::string("x"); });
  PredicateSet::Builder builder;
  builder.add(0, is(Op::kLess, field(kF, Type::kFloat, {0}), lit(50.0)));
  builder.add(1, nullptr);
  builder.add(2, all_of({is(Op::kGreater, field(kF, Type::kFloat, {2}), lit(200.0)), field(kB, Type::kBool, {2})}));
  run_set(state, std::move(builder), events);
}
BENCHMARK(three_streams);

void three_types(benchmark::State& state) {
  Arena arena;
  const char* types[] = {"A", "B", "C", "D"};
  const auto events = make_events(arena, 1, [&](auto& random) { return std::string(types[random() % 4]); });
  PredicateSet::Builder builder;
  builder.add(0, all_of({is(Op::kEqual, s_field, lit("A")), is(Op::kLess, f_field, lit(500.0))}));
  builder.add(0, is(Op::kEqual, s_field, lit("B")));
  builder.add(0, all_of({is(Op::kEqual, s_field, lit("C")), is(Op::kGreater, i_field, lit(500))}));
  run_set(state, std::move(builder), events);
}
BENCHMARK(three_types);

void amount_and_country(benchmark::State& state) {
  Arena arena;
  const auto country = [](std::uint32_t i) { return fmt::format("country{}", i % 200); };
  const auto events = make_events(arena, 1, [&](auto& random) { return country(static_cast<std::uint32_t>(random())); });
  PredicateSet::Builder builder;
  std::mt19937 random(2);
  for (unsigned i = 0; i < 1000; ++i) {
    const double bound = static_cast<double>(random() % 10'000) / 10;
    builder.add(0, all_of({is(Op::kGreater, f_field, lit(bound)), is(Op::kEqual, s_field, lit(country(i)))}));
  }
  run_set(state, std::move(builder), events);
}
BENCHMARK(amount_and_country);

std::string word(std::mt19937& random) {
  std::string result;
  for (auto length = 6 + random() % 6; length > 0; --length) result += static_cast<char>('a' + random() % 26);
  return result;
}

void literals(benchmark::State& state) {
  Arena arena;
  std::mt19937 words(3);
  std::vector<std::string> patterns;
  for (int i = 0; i < 1000; ++i) patterns.push_back(word(words));
  const auto line = [&](auto& random) {
    std::string text;
    while (text.size() < 80) text += word(random) + ' ';
    if (random() % 10 == 0) text += patterns[random() % patterns.size()];
    return text;
  };
  const auto events = make_events(arena, 1, line);
  PredicateSet::Builder builder;
  for (const std::string& pattern : patterns) builder.add(0, text_is(TextOp::kContains, s_field, {pattern}));
  run_set(state, std::move(builder), events);
}
BENCHMARK(literals);

void run_expression(benchmark::State& state, const ExprPtr& expr) {
  Arena arena;
  const auto events = make_events(arena, 1, [](auto&) { return std::string("the quick brown fox"); });
  const Expression expression = Expression::compile(*expr);
  const StageEvents stages[] = {{events.data(), 10}};
  EvaluationContext context;
  context.arena = &arena;
  context.stages = stages;
  context.stage_count = 1;
  std::size_t at = 0;
  for (auto _ : state) {
    context.candidate = events[at++ % 1024];
    benchmark::DoNotOptimize(expression.evaluate(context));
  }
}

const ExprPtr recent =
    is(Op::kLess, node(Op::kSubtract, Type::kDuration, {event_time(), step_field(0, kTimeSlot, Type::kTime)}), duration(1'000'000));
BENCHMARK_CAPTURE(run_expression, field_below_constant, is(Op::kLess, f_field, lit(5.0)));
BENCHMARK_CAPTURE(run_expression, field_equals_step_field, is(Op::kEqual, i_field, step_field(0, kI, Type::kInt)));
BENCHMARK_CAPTURE(run_expression, two_conditions, all_of({is(Op::kLess, f_field, lit(500.0)), field(kB, Type::kBool)}));
BENCHMARK_CAPTURE(run_expression, time_since_step, recent);
BENCHMARK_CAPTURE(run_expression, average_of_ten,
                  is(Op::kGreater, f_field,
                     node(Op::kMultiply, Type::kFloat, {lit(20.0), aggregate(Aggregate::kAvg, Type::kFloat, 0, f_field)})));
BENCHMARK_CAPTURE(run_expression, contains, text_is(TextOp::kContains, s_field, {"brown"}));
BENCHMARK_CAPTURE(run_expression, contains_folded, text_is(TextOp::kContains, s_field, {"BROWN"}, true));
BENCHMARK_CAPTURE(run_expression, matches, text_is(TextOp::kMatches, s_field, {"br[aeiou]wn"}));
BENCHMARK_CAPTURE(run_expression, kilometres,
                  call(dsl::Function::kKm, Type::kFloat, {f_field, lit(8.5), step_field(0, kF, Type::kFloat), lit(13.4)}));

}  // namespace
}  // namespace sequitur::nfa

BENCHMARK_MAIN();
