// Market data as the program holds it, from a file or made up.
#pragma once

#include <chrono>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

struct Trade {
  std::int64_t time_ms = 0;
  char symbol[8] = {};
  double price = 0;
  std::int32_t size = 0;
  char exchange = ' ';
};

// One side of the book; the other one is missing.
struct Quote {
  std::int64_t time_ms = 0;
  char symbol[8] = {};
  std::optional<double> bid;
  std::optional<std::int32_t> bid_size;
  std::optional<double> ask;
  std::optional<std::int32_t> ask_size;
  char exchange = ' ';
};

struct Tick {
  bool is_trade = false;
  Trade trade;
  Quote quote;
  std::int64_t time_ms() const { return is_trade ? trade.time_ms : quote.time_ms; }
};

// CSV with the columns ts_ms,kind,symbol,price,size,bid,bid_size,ask,ask_size,exchange. At most `limit` ticks; lines that are none
// are counted in `bad`.
std::vector<Tick> read_ticks(std::istream& in, std::size_t limit, std::size_t& bad);

// A quiet market with an incident now and then: a spike, a flood of quotes, a trade through the book, a crossed book. The same for one
// seed.
std::vector<Tick> generate_ticks(std::size_t count, std::uint64_t seed);
