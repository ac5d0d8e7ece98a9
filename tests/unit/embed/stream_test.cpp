// Structs as events: which C++ types are which fields, what is refused, what happens when rules change underneath.
#include "sequitur/stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sequitur/rule_files.hpp"

namespace sequitur {
namespace {

using namespace std::chrono_literals;

enum class Side : std::uint8_t { kBuy = 1, kSell = 2 };

struct Trade {
  std::int64_t time_ns = 0;
  std::string symbol;
  double price = 0;
  std::int32_t size = 0;
  char venue = 'N';
  Side side = Side::kBuy;
  std::optional<std::uint64_t> order{};
  char trader[8] = "ann";
  const char* note = nullptr;
  bool odd_lot = false;
  std::chrono::nanoseconds age{0};
  std::chrono::sys_time<std::chrono::seconds> opened{};
  Millionths fee{};
  std::array<std::uint8_t, 4> from{};
};

constexpr auto kTrades = stream<Trade>("trade")
                             .time(&Trade::time_ns, TimeUnit::kNanoseconds)
                             .field("symbol", &Trade::symbol)
                             .field("price", &Trade::price)
                             .field("size", &Trade::size)
                             .field("venue", &Trade::venue)
                             .field("side", &Trade::side)
                             .field("order.id", &Trade::order)
                             .field("trader", &Trade::trader)
                             .field("note", &Trade::note)
                             .field("odd_lot", &Trade::odd_lot)
                             .field("age", &Trade::age)
                             .field("opened", &Trade::opened)
                             .field("fee", &Trade::fee)
                             .field("from", &Trade::from)
                             .field("notional", [](const Trade& trade) { return trade.price * trade.size; });

constexpr const char* kEach = R"(
rule each { first t: trade
  emit seen(symbol = t.symbol, price = t.price, size = t.size, venue = t.venue, side = t.side, order = t.order.id, trader = t.trader,
            note = t.note, odd = t.odd_lot, age = t.age, opened = t.opened, fee = t.fee, `from` = t.`from`, notional = t.notional) }
)";

std::shared_ptr<const RuleSet> load(const std::string& text, std::vector<SourceFile> more = {kTrades.source()}) {
  std::vector<Diagnostic> diagnostics;
  more.push_back({"test.seq", text});
  auto set = RuleSet::load(more, diagnostics);
  EXPECT_NE(set, nullptr) << to_text(diagnostics, more);
  return set;
}

TEST(StructStreamTest, DeclaresItself) {
  const std::string text = kTrades.declaration();
  EXPECT_NE(text.find("stream `trade` {\n  `symbol`: string,\n  `price`: float,"), std::string::npos) << text;
  EXPECT_NE(text.find("`order`.`id`: int?"), std::string::npos) << text;
  EXPECT_NE(text.find("`venue`: string?"), std::string::npos) << text;
  EXPECT_NE(load(""), nullptr);
}

TEST(StructStreamTest, EveryTypeArrives) {
  int seen = 0;
  Engine engine(load(kEach), {}, [&](std::span<const Alert> alerts) {
    for (const Alert& alert : alerts) {
      ++seen;
      EXPECT_EQ(alert.get<std::string>("symbol"), "ABC");
      EXPECT_EQ(alert.get<double>("price"), 2.5);
      EXPECT_EQ(alert.get<int>("size"), 300);
      EXPECT_EQ(alert.get<std::string_view>("venue"), "N");
      EXPECT_EQ(alert.get<int>("side"), 2);
      EXPECT_EQ(alert.get<std::uint64_t>("order"), 77u);
      EXPECT_EQ(alert.get<std::string>("trader"), "ann");
      EXPECT_EQ(alert.get<std::string>("note"), std::nullopt);
      EXPECT_EQ(alert.get<bool>("odd"), true);
      EXPECT_EQ(alert.get<Duration>("age"), Duration{1500});
      EXPECT_EQ(alert.get<Timestamp>("opened"), Timestamp{7s});
      EXPECT_EQ(alert.get<Millionths>("fee"), Millionths{250'000});
      EXPECT_EQ(alert.get<double>("fee"), 0.25);
      EXPECT_EQ(alert.get<double>("notional"), 750.0);
      EXPECT_EQ(alert.get<std::string>("size"), std::nullopt);  // It is no text,
      EXPECT_EQ(alert.get<std::int8_t>("size"), std::nullopt);  // nor so small,
      EXPECT_EQ(alert.get<int>("nothing"), std::nullopt);       // and this is not there.
      ASSERT_EQ(alert.step("t").size(), 1u);
      EXPECT_EQ(alert.get<int>(*alert.step("t")[0], "size"), 300);
      EXPECT_EQ(alert.get<Timestamp>(*alert.step("t")[0], "time"), Timestamp{Duration{1}});
      std::string json;
      append_json(alert, json);
      EXPECT_NE(json.find(R"("from":"10.0.0.1")"), std::string::npos) << json;
    }
  });
  auto trades = kTrades.into(engine);
  ASSERT_TRUE(trades.ok()) << trades.error().message;
  const Trade trade{1'999,     "ABC",        2.5,     300,  'N',         Side::kSell,
                    77,        "ann",        nullptr, true, 1'500'999ns, std::chrono::sys_seconds{7s},
                    {250'000}, {10, 0, 0, 1}};
  EXPECT_TRUE(trades->push(trade));
  EXPECT_EQ(seen, 1);
}

TEST(StructStreamTest, WhatIsMissingIsNull) {
  std::string json;
  Engine engine(load(kEach), {}, [&](std::span<const Alert> alerts) { append_json(alerts[0], json); });
  Trade trade;
  trade.price = std::nan("");
  trade.venue = '\0';
  trade.note = "here";
  EXPECT_TRUE((*kTrades.into(engine)).push(trade));
  EXPECT_NE(json.find(R"("symbol":"","price":null,"size":0,"venue":null,"side":1,"order":null,"trader":"ann","note":"here")"),
            std::string::npos)
      << json;
}

TEST(StructStreamTest, SpansAreTakenInOrder) {
  std::vector<std::int64_t> sizes;
  Engine engine(load(kEach), {}, [&](std::span<const Alert> alerts) {
    for (const Alert& alert : alerts) sizes.push_back(*alert.get<std::int64_t>("size"));
  });
  auto trades = *kTrades.into(engine);
  std::vector<Trade> many(1'000);
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i].time_ns = static_cast<std::int64_t>(i) * 1'000;
    many[i].size = static_cast<std::int32_t>(i);
    many[i].symbol = std::string(i == 500 ? 70'000 : 3, 'x');  // A long text has its length in front.
  }
  EXPECT_EQ(trades.push(std::span<const Trade>(many)), many.size());
  ASSERT_EQ(sizes.size(), many.size());
  EXPECT_TRUE(std::is_sorted(sizes.begin(), sizes.end()));
  many[700].time_ns = 0;  // The engine is behind it.
  for (Trade& trade : many) trade.time_ns += trade.time_ns == 0 && &trade != &many[0] ? 0 : 1'000'000;
  EXPECT_EQ(trades.push(std::span<const Trade>(many)), 700u);
  EXPECT_FALSE(trades.push(many[700]));
  EXPECT_EQ(trades.problem(), "");
}

struct Quote {
  Timestamp at{};
  std::string symbol;
  double bid = 0;
};
constexpr auto kQuotes = stream<Quote>("quote").time(&Quote::at).field("symbol", &Quote::symbol).field("bid", &Quote::bid);

TEST(StructStreamTest, EventsOfSeveralStreamsGoTogether) {
  int alerts = 0;
  const auto rules = load("rule through { key symbol  within 1s  first q: quote  then t: trade where price < q.bid  emit through(symbol) }",
                          {kTrades.source(), kQuotes.source()});
  Engine engine(rules, {}, [&](std::span<const Alert> given) { alerts += static_cast<int>(given.size()); });
  auto trades = *kTrades.into(engine);
  auto quotes = *kQuotes.into(engine);
  Arena arena;
  const Quote quote{Timestamp{10us}, "ABC", 3};
  Trade trade;
  trade.time_ns = 11'000;
  trade.symbol = "ABC";
  trade.price = 2;
  std::vector<Event*> events{quotes.make(quote, arena), trades.make(trade, arena)};
  EXPECT_EQ(engine.push(events), 2u);
  EXPECT_EQ(alerts, 1);
}

TEST(StructStreamTest, TheRulesMayDeclareLessButNothingElse) {
  const auto problem = [](const std::string& text) {
    Engine engine(load(text, {}), {}, nullptr);
    const auto quotes = kQuotes.into(engine);
    return quotes.ok() ? "" : quotes.error().message;
  };
  EXPECT_EQ(problem("stream quote { symbol: string }"), "");
  EXPECT_EQ(problem("stream quote time at { at: time, symbol: string, bid: float, ask: float? }"), "");
  EXPECT_EQ(problem("stream trade { symbol: string }"), "the rules have no stream quote");
  EXPECT_EQ(problem("stream quote { bid: int }"), "field bid of stream quote is int in the rules, but float in the struct");
  EXPECT_EQ(problem("stream quote { ask: float }"), "the struct gives no field ask of stream quote");
}

TEST(StructStreamTest, FollowsTheRulesThatReplaceThoseBefore) {
  int alerts = 0;
  Engine engine(load("stream quote { symbol: string }", {}), {},
                [&](std::span<const Alert> given) { alerts += static_cast<int>(given.size()); });
  auto quotes = *kQuotes.into(engine);
  EXPECT_TRUE(quotes.push({Timestamp{1us}, "ABC", 3}));
  const std::string more =
      "stream first { x: int } stream quote { bid: float, symbol: string } rule high { first q: quote where bid > 2 emit high() }";
  ASSERT_TRUE(engine.replace_rules(load(more, {})).ok());
  EXPECT_TRUE(quotes.push({Timestamp{2us}, "ABC", 3}));
  EXPECT_EQ(alerts, 1);
  ASSERT_TRUE(engine.replace_rules(load("stream quote { bid: string }", {})).ok());
  EXPECT_FALSE(quotes.push({Timestamp{3us}, "ABC", 3}));
  EXPECT_EQ(quotes.problem(), "field bid of stream quote is string in the rules, but float in the struct");
  Arena arena;
  const Quote quote{Timestamp{3us}, "ABC", 3};
  EXPECT_EQ(quotes.make(quote, arena), nullptr);
  EXPECT_EQ(quotes.push(std::span<const Quote>(&quote, 1)), 0u);
  ASSERT_TRUE(engine.replace_rules(load(more, {})).ok());
  EXPECT_TRUE(quotes.push({Timestamp{3us}, "ABC", 3}));
}

}  // namespace
}  // namespace sequitur
