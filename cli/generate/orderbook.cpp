// An exchange: each symbol has a price that wanders, orders that are cancelled or traded within seconds, and quotes.
#include <algorithm>
#include <array>

#include "cli/generate/ids.hpp"
#include "cli/generate/scenario.hpp"

namespace sequitur::cli {
namespace {

enum Column { kSymbol, kTrader, kBuyer, kSeller, kOrder, kSide, kQty, kTypical, kPrice, kDelta, kVenue, kBid, kAsk };
constexpr std::array<std::string_view, 13> kColumns{"symbol",      "trader", "buyer", "seller", "order_id", "side", "qty",
                                                    "typical_qty", "price",  "delta", "venue",  "bid",      "ask"};

enum Kind { kSpoofing, kLayering, kQuoteStuffing, kMomentumIgnition, kWashTrade, kStaleQuote, kKinds };

struct Symbol {
  std::int64_t price = 0;    // In cents.
  std::int64_t typical = 0;  // A usual order, in shares.
  Timestamp stale_until{};
};

struct NewOrder {
  std::size_t symbol;
  std::uint64_t trader;
  std::int64_t side, qty, price;
};

class Orderbook : public Scenario {
 public:
  explicit Orderbook(std::uint64_t events) : symbols_(std::clamp<std::uint64_t>(events / 20'000, 8, 200)) {
    span_ = milliseconds{100} * static_cast<std::int64_t>(events / symbols_.size());  // Ten events a second and symbol.
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
      symbols_[i].price = 2'000 + static_cast<std::int64_t>(i * 3'331 % 40'000);
      symbols_[i].typical = 100 * (1 + static_cast<std::int64_t>(i % 9));
    }
  }

  Columns columns() const override { return kColumns; }
  bool microseconds() const override { return true; }
  Duration span() const override { return span_; }
  std::size_t incident_kinds() const override { return kKinds; }

  void background(EventWriter& writer, Timestamp now) override {
    if (++step_ % 3 == 0) return quote(writer, now);
    const std::size_t symbol = writer.random.below(symbols_.size());
    if (writer.random.chance(1, 4)) return wander(writer, symbol, now);
    everyday_order(writer, symbol, now);
  }

  void incident(std::size_t kind, EventWriter& writer, Timestamp now) override {
    const std::size_t symbol = writer.random.below(symbols_.size());
    switch (kind) {
      case kSpoofing: return spoofing(writer, symbol, now);
      case kLayering: return layering(writer, symbol, now);
      case kQuoteStuffing: return quote_stuffing(writer, symbol, now);
      case kMomentumIgnition: return momentum_ignition(writer, symbol, now);
      case kWashTrade: return wash_trade(writer, symbol, now);
      default: return stale_quote(writer, symbol, now);
    }
  }

 private:
  static Id symbol_id(std::size_t symbol) { return Id('S', symbol, 3); }
  static Id trader_id(std::uint64_t trader) { return Id('T', trader, 4); }
  static Id order_id(std::uint64_t order) { return Id('o', order, 9); }
  static std::uint64_t everyday_trader(Random& random) { return random.below(400); }
  static std::uint64_t crook(Random& random) { return 400 + random.below(20); }

  std::uint64_t write_new(EventWriter& writer, const NewOrder& order, Timestamp time) {
    writer.begin("order_new", time)
        .text(kSymbol, symbol_id(order.symbol))
        .text(kTrader, trader_id(order.trader))
        .text(kOrder, order_id(orders_))
        .integer(kSide, order.side)
        .integer(kQty, order.qty)
        .integer(kTypical, symbols_[order.symbol].typical)
        .decimal(kPrice, order.price, 2);
    return orders_++;
  }
  static void write_cancel(EventWriter& writer, const NewOrder& order, std::uint64_t number, Timestamp time) {
    writer.begin("order_cancel", time)
        .text(kSymbol, symbol_id(order.symbol))
        .text(kTrader, trader_id(order.trader))
        .text(kOrder, order_id(number))
        .integer(kSide, order.side)
        .integer(kQty, order.qty);
  }
  void write_move(EventWriter& writer, std::size_t symbol, std::int64_t delta, Timestamp time) {
    symbols_[symbol].price += delta;
    writer.begin("price_change", time)
        .text(kSymbol, symbol_id(symbol))
        .decimal(kPrice, symbols_[symbol].price, 2)
        .decimal(kDelta, delta, 2);
  }
  void write_trade(EventWriter& writer, std::size_t symbol, std::uint64_t buyer, std::uint64_t seller, std::int64_t qty, Timestamp time) {
    writer.begin("trade", time)
        .text(kSymbol, symbol_id(symbol))
        .text(kBuyer, trader_id(buyer))
        .text(kSeller, trader_id(seller))
        .integer(kQty, qty)
        .decimal(kPrice, symbols_[symbol].price, 2);
  }

  void quote(EventWriter& writer, Timestamp now) {
    constexpr std::array<std::string_view, 3> kVenues{"NORTH", "EAST", "SOUTH"};
    const std::size_t symbol = next_symbol_++ % symbols_.size();
    const Symbol& s = symbols_[symbol];
    if (now < s.stale_until) return;
    writer.begin("quote", now)
        .text(kSymbol, symbol_id(symbol))
        .text(kVenue, writer.random.pick(kVenues))
        .decimal(kBid, s.price - 1, 2)
        .decimal(kAsk, s.price + 1, 2);
    writer.add();
  }

  void wander(EventWriter& writer, std::size_t symbol, Timestamp now) {
    const std::int64_t up = symbols_[symbol].price < 1'000 || writer.random.chance(1, 2) ? 1 : -1;
    write_move(writer, symbol, up * writer.random.between(1, 3), now);
    writer.add();
  }

  void everyday_order(EventWriter& writer, std::size_t symbol, Timestamp now) {
    Random& random = writer.random;
    const Symbol& s = symbols_[symbol];
    const std::int64_t side = random.chance(1, 2) ? 1 : -1;
    const bool block = random.chance(1, 3'000);  // A large order need not be a bad one.
    const std::int64_t qty = block ? s.typical * random.between(11, 20) : s.typical * random.between(20, 300) / 100;
    const NewOrder order{symbol, everyday_trader(random), side, qty, s.price - side * random.between(0, 5)};
    const std::uint64_t number = write_new(writer, order, now);
    writer.add();
    const Timestamp later = now + Duration{random.between(50'000, 8'000'000)};
    const std::uint64_t dice = random.below(10);
    if (dice < 5) {
      write_cancel(writer, order, number, later);
      writer.add();
    } else if (dice < 9) {
      const std::uint64_t other = everyday_trader(random);
      write_trade(writer, symbol, side > 0 ? order.trader : other, side > 0 ? other : order.trader, qty, later);
      writer.add();
    }
  }

  std::size_t begin(EventWriter& writer, std::string name, std::size_t symbol, Timestamp now, Duration lasts) {
    return writer.timeline.begin_incident({std::move(name), {{"symbol", symbol_id(symbol).str()}}, now, now + lasts});
  }
  std::size_t begin(EventWriter& writer, std::string name, std::size_t symbol, std::uint64_t trader, Timestamp now, Duration lasts) {
    return writer.timeline.begin_incident(
        {std::move(name), {{"symbol", symbol_id(symbol).str()}, {"trader", trader_id(trader).str()}}, now, now + lasts});
  }

  void spoofing(EventWriter& writer, std::size_t symbol, Timestamp now) {
    Random& random = writer.random;
    const std::int64_t side = random.chance(1, 2) ? 1 : -1;
    const NewOrder order{symbol, crook(random), side, symbols_[symbol].typical * random.between(12, 30), symbols_[symbol].price - side * 4};
    const std::size_t id = begin(writer, "spoofing", symbol, order.trader, now, seconds{30});
    const std::uint64_t number = write_new(writer, order, now);
    writer.add_to(id);
    const Timestamp moved = now + milliseconds{random.between(50, 5'000)};
    write_move(writer, symbol, side * random.between(3, 9), moved);
    writer.add_to(id);
    write_cancel(writer, order, number, moved + milliseconds{random.between(5, 450)});
    writer.add_to(id);
  }

  void layering(EventWriter& writer, std::size_t symbol, Timestamp now) {
    Random& random = writer.random;
    const std::int64_t side = random.chance(1, 2) ? 1 : -1;
    const std::uint64_t trader = crook(random);
    const std::size_t id = begin(writer, "layering", symbol, trader, now, seconds{10});
    std::vector<std::pair<NewOrder, std::uint64_t>> layers;
    Timestamp time = now;
    for (std::int64_t level = 1, last = random.between(4, 7); level <= last; ++level) {
      const NewOrder order{symbol, trader, side, symbols_[symbol].typical * 3, symbols_[symbol].price - side * level * 2};
      layers.emplace_back(order, write_new(writer, order, time));
      writer.add_to(id);
      time += milliseconds{random.between(20, 250)};
    }
    write_move(writer, symbol, side * random.between(2, 6), time);
    writer.add_to(id);
    for (const auto& [order, number] : layers) {
      time += milliseconds{random.between(5, 300)};
      write_cancel(writer, order, number, time);
      writer.add_to(id);
    }
  }

  void quote_stuffing(EventWriter& writer, std::size_t symbol, Timestamp now) {
    Random& random = writer.random;
    const std::uint64_t trader = crook(random);
    const std::size_t id = begin(writer, "quote_stuffing", symbol, trader, now, seconds{2});
    Timestamp time = now;
    for (std::int64_t left = random.between(60, 120); left > 0; --left) {
      const NewOrder order{symbol, trader, left % 2 == 0 ? 1 : -1, symbols_[symbol].typical, symbols_[symbol].price};
      const std::uint64_t number = write_new(writer, order, time);
      writer.add_to(id);
      write_cancel(writer, order, number, time + Duration{random.between(500, 3'000)});
      writer.add_to(id);
      time += Duration{random.between(3'000, 8'000)};
    }
  }

  void momentum_ignition(EventWriter& writer, std::size_t symbol, Timestamp now) {
    Random& random = writer.random;
    const std::uint64_t trader = crook(random);
    const std::size_t id = begin(writer, "momentum_ignition", symbol, trader, now, seconds{10});
    Timestamp time = now;
    for (std::int64_t left = random.between(5, 8); left > 0; --left) {
      write_trade(writer, symbol, trader, everyday_trader(random), symbols_[symbol].typical * 4, time);
      writer.add_to(id);
      write_move(writer, symbol, random.between(4, 9), time + milliseconds{random.between(1, 20)});
      writer.add_to(id);
      time += milliseconds{random.between(50, 250)};
    }
    time += milliseconds{random.between(500, 4'000)};
    write_trade(writer, symbol, everyday_trader(random), trader, symbols_[symbol].typical * 20, time);
    writer.add_to(id);
  }

  void wash_trade(EventWriter& writer, std::size_t symbol, Timestamp now) {
    Random& random = writer.random;
    const std::uint64_t a = 420 + random.below(10), b = 430 + random.below(10);
    const std::int64_t qty = symbols_[symbol].typical * random.between(2, 9) + 7;
    const std::size_t id = begin(writer, "wash_trade", symbol, now, seconds{10});
    write_trade(writer, symbol, a, b, qty, now);
    writer.add_to(id);
    write_trade(writer, symbol, b, a, qty, now + milliseconds{random.between(300, 9'500)});
    writer.add_to(id);
  }

  // The quotes stop while the price goes on moving.
  void stale_quote(EventWriter& writer, std::size_t symbol, Timestamp now) {
    Random& random = writer.random;
    const Duration silence = milliseconds{random.between(7'000, 12'000)};
    if (now < symbols_[symbol].stale_until) return;
    symbols_[symbol].stale_until = now + silence;
    const std::size_t id = begin(writer, "stale_quote", symbol, now, silence + seconds{1});
    for (Duration after = milliseconds{300}; after < silence; after += milliseconds{random.between(300, 900)}) {
      write_move(writer, symbol, random.chance(1, 2) ? 2 : -2, now + after);
      writer.add_to(id);
    }
  }

  std::vector<Symbol> symbols_;
  Duration span_{};
  std::uint64_t step_ = 0, next_symbol_ = 0, orders_ = 1;
};

}  // namespace

std::unique_ptr<Scenario> make_orderbook(std::uint64_t events) { return std::make_unique<Orderbook>(events); }

}  // namespace sequitur::cli
