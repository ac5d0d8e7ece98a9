// In the steady state an event that is pushed from a struct allocates nothing, and neither do its alerts.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "sequitur/rule_files.hpp"
#include "sequitur/stream.hpp"

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted_or_null(std::size_t size) {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}

void* counted(std::size_t size) {
  void* memory = counted_or_null(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// All that C++ code of this program allocates goes through here.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace sequitur {
namespace {

struct Trade {
  std::int64_t time_us = 0;
  std::string symbol;
  double price = 0;
  char side = 'B';
};
constexpr auto kTrades =
    stream<Trade>("trade").time(&Trade::time_us).field("symbol", &Trade::symbol).field("price", &Trade::price).field("side", &Trade::side);

constexpr const char* kRules = R"(
rule three { key symbol  within 1s  first a: trade where side == "B"  then b: trade where price > a.price  then c: trade where price < b.price
             emit three(symbol, low = a.price)  message "{symbol} fell" }
rule spike { key symbol  first t: trade where price > 1.5 * avg(trade.price over 100us)  emit spike(symbol, price = t.price) }
rule quiet { key symbol  first t: trade where price > 90  no u: trade where price > 95 for 50us  emit quiet(symbol) }
)";

TEST(AllocationTest, TheSteadyStateHasNone) {
  std::vector<Diagnostic> diagnostics;
  const std::vector<SourceFile> files{kTrades.source(), {"rules.seq", kRules}};
  auto rules = RuleSet::load(files, diagnostics);
  ASSERT_NE(rules, nullptr) << to_text(diagnostics, files);
  std::uint64_t alerts = 0;
  double sum = 0;
  Engine engine(std::move(rules), {}, [&](std::span<const Alert> given) {
    for (const Alert& alert : given) {
      ++alerts;
      sum += alert.get<double>("low").value_or(0) + static_cast<double>(alert.get<std::string_view>("symbol")->size());
    }
  });
  auto trades = *kTrades.into(engine);
  std::vector<Trade> block(64);
  std::uint64_t random = 1;
  std::int64_t time = 0;
  const auto next = [&](Trade& trade) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    trade.time_us = time += 1;
    trade.symbol.assign("SYMBOL-LONGER-THAN-A-SMALL-STRING");
    trade.symbol[0] = static_cast<char>('A' + (random >> 60));
    trade.price = static_cast<double>((random >> 40) % 100);
    trade.side = (random >> 50) % 2 == 0 ? 'B' : 'S';
  };
  const auto run = [&](int rounds) {
    for (int round = 0; round < rounds; ++round) {
      next(block[0]);
      trades.push(block[0]);
      for (Trade& trade : block) next(trade);
      trades.push(std::span<const Trade>(block));
    }
  };
  run(300);  // Until every table, list and arena has grown to what it needs.
  const std::uint64_t alerts_before = alerts, before = allocations;
  run(100);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GT(alerts - alerts_before, 100u);
  EXPECT_GT(sum, 0);
}

}  // namespace
}  // namespace sequitur
