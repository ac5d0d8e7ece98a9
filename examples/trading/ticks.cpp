#include "ticks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <random>
#include <string_view>

namespace {

template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

void set_symbol(char (&symbol)[8], std::string_view text) {
  std::memset(symbol, 0, sizeof symbol);
  std::memcpy(symbol, text.data(), std::min(text.size(), sizeof symbol));
}

std::optional<Tick> parse(std::string_view line) {
  std::array<std::string_view, 10> cells;
  for (std::string_view& cell : cells) {
    const std::size_t comma = line.find(',');
    cell = line.substr(0, comma);
    line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
  }
  const auto time = number<std::int64_t>(cells[0]);
  if (!time || cells[2].empty()) return std::nullopt;
  Tick tick;
  tick.is_trade = cells[1] == "T";
  const char exchange = cells[9].empty() ? ' ' : cells[9][0];
  if (tick.is_trade) {
    const auto price = number<double>(cells[3]);
    const auto size = number<std::int32_t>(cells[4]);
    if (!price || !size) return std::nullopt;
    tick.trade = {*time, {}, *price, *size, exchange};
    set_symbol(tick.trade.symbol, cells[2]);
  } else {
    tick.quote = {
        *time,   {}, number<double>(cells[5]), number<std::int32_t>(cells[6]), number<double>(cells[7]), number<std::int32_t>(cells[8]),
        exchange};
    set_symbol(tick.quote.symbol, cells[2]);
  }
  return tick;
}

constexpr const char* kSymbols[] = {"AAA", "BBB", "CCC", "DDD", "EEE"};

class Market {
 public:
  explicit Market(std::uint64_t seed) : random_(seed) { prices_.fill(100); }

  void step(std::vector<Tick>& out) {
    time_ms_ += static_cast<std::int64_t>(random_() % 40);
    const std::size_t symbol = random_() % prices_.size();
    double& price = prices_[symbol];
    price = std::clamp(price + (static_cast<double>(random_() % 3) - 1) / 100, 50.0, 200.0);
    switch (random_() % 8'000) {
      case 0: return trade(out, symbol, price * 1.05, 100);                                           // A spike.
      case 1: return flood(out, symbol, price);                                                       // A flood of quotes.
      case 2: quote(out, symbol, price + 0.3, true), quote(out, symbol, price - 0.3, false); return;  // A crossed book.
      case 3: quote(out, symbol, price, true), trade(out, symbol, price * 0.985, 5'000); return;      // Through the book.
      default: break;
    }
    const std::uint64_t what = random_() % 3;
    if (what == 0)
      trade(out, symbol, price, 100 * (1 + static_cast<std::int32_t>(random_() % 9)));
    else
      quote(out, symbol, what == 1 ? price - 0.01 : price + 0.01, what == 1);
  }

 private:
  void trade(std::vector<Tick>& out, std::size_t symbol, double price, std::int32_t size) {
    Tick& tick = out.emplace_back();
    tick.is_trade = true;
    tick.trade = {time_ms_, {}, price, size, 'N'};
    set_symbol(tick.trade.symbol, kSymbols[symbol]);
  }
  void quote(std::vector<Tick>& out, std::size_t symbol, double price, bool bid) {
    Tick& tick = out.emplace_back();
    tick.quote.time_ms = time_ms_;
    set_symbol(tick.quote.symbol, kSymbols[symbol]);
    (bid ? tick.quote.bid : tick.quote.ask) = price;
    (bid ? tick.quote.bid_size : tick.quote.ask_size) = 300;
    tick.quote.exchange = 'N';
  }
  void flood(std::vector<Tick>& out, std::size_t symbol, double price) {
    for (int i = 0; i < 120; ++i) {
      time_ms_ += i % 2;
      quote(out, symbol, price - 0.02, true);
      out.back().quote.exchange = 'Q';
    }
  }

  std::mt19937_64 random_;
  std::array<double, std::size(kSymbols)> prices_;
  std::int64_t time_ms_ = 1'700'000'000'000;
};

}  // namespace

std::vector<Tick> read_ticks(std::istream& in, std::size_t limit, std::size_t& bad) {
  std::vector<Tick> ticks;
  bad = 0;
  for (std::string line; ticks.size() < limit && std::getline(in, line);) {
    if (line.starts_with("ts_ms,")) continue;
    if (const std::optional<Tick> tick = parse(line))
      ticks.push_back(*tick);
    else
      ++bad;
  }
  return ticks;
}

std::vector<Tick> generate_ticks(std::size_t count, std::uint64_t seed) {
  std::vector<Tick> ticks;
  Market market(seed);
  while (ticks.size() < count) market.step(ticks);
  ticks.resize(count);
  return ticks;
}
