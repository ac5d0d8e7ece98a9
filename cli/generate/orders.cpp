// Orders of a web shop over two days: placed, paid, shipped, delivered, sometimes cancelled or returned.
#include <algorithm>
#include <array>

#include "cli/generate/ids.hpp"
#include "cli/generate/scenario.hpp"

namespace sequitur::cli {
namespace {

enum Column { kOrder, kCustomer, kAmount, kItems, kMethod, kOk, kBy, kCarrier, kWarehouse, kCountry };
constexpr std::array<std::string_view, 10> kColumns{"order_id", "customer", "amount",  "items",     "method",
                                                    "ok",       "by",       "carrier", "warehouse", "country"};
constexpr std::array<std::string_view, 4> kMethods{"card", "invoice", "wallet", "transfer"};
constexpr std::array<std::string_view, 4> kCarriers{"swift", "snail", "north", "harbour"};
constexpr std::array<std::string_view, 6> kCountries{"CH", "DE", "FR", "AT", "IT", "NL"};

enum Kind { kUnpaidOrder, kDoublePayment, kShippedUnpaid, kNeverShipped, kReturnAbuse, kKinds };

struct Order {
  std::uint64_t number, customer;
  std::int64_t cents;
};

class Orders : public Scenario {
 public:
  explicit Orders(std::uint64_t events) : customers_(std::max<std::uint64_t>(100, events / 10)) {}

  Columns columns() const override { return kColumns; }
  // One background step places a whole order, about four events: the steps are further apart than the events.
  Duration span() const override { return days{2} * 4; }
  int busy_percent(int hour) const override {
    constexpr std::array<int, 24> kBusy{35,  20,  15,  15,  20,  35,  60,  85,  105, 115, 120, 130,
                                        140, 130, 120, 120, 125, 140, 165, 190, 195, 160, 105, 60};
    return kBusy[static_cast<std::size_t>(hour)];
  }
  std::size_t incident_kinds() const override { return kKinds; }

  void background(EventWriter& writer, Timestamp now) override {
    Random& random = writer.random;
    const Order order = place(writer, now);
    writer.add();
    if (random.chance(1, 30)) {
      write_cancelled(writer, order, "customer", now + seconds{random.between(30, 600)});
      writer.add();
      return;
    }
    Timestamp time = now + seconds{random.between(5, 240)};
    if (random.chance(1, 25)) {  // The first attempt fails.
      write_payment(writer, order, false, time);
      writer.add();
      time += seconds{random.between(20, 300)};
    }
    write_payment(writer, order, true, time);
    writer.add();
    time += minutes{random.between(20, 460)};
    write_shipped(writer, order, time);
    writer.add();
    time += hours{random.between(6, 24)};
    write_delivered(writer, order, time);
    writer.add();
    if (!random.chance(1, 20)) return;
    write_returned(writer, order.number, order.customer, order.cents, time + hours{random.between(1, 12)});
    writer.add();
  }

  void incident(std::size_t kind, EventWriter& writer, Timestamp now) override {
    switch (kind) {
      case kUnpaidOrder: return unpaid_order(writer, now);
      case kDoublePayment: return double_payment(writer, now);
      case kShippedUnpaid: return shipped_unpaid(writer, now);
      case kNeverShipped: return never_shipped(writer, now);
      default: return return_abuse(writer, now);
    }
  }

 private:
  static Id order_id(std::uint64_t number) { return Id('o', number, 9); }
  static Id customer_id(std::uint64_t number) { return Id('c', number, 7); }

  Order place(EventWriter& writer, Timestamp time) {
    Random& random = writer.random;
    const Order order{placed_++, random.below(customers_), random.between(900, 5'000) * random.between(1, 6)};
    writer.begin("order_placed", time)
        .text(kOrder, order_id(order.number))
        .text(kCustomer, customer_id(order.customer))
        .decimal(kAmount, order.cents, 2)
        .integer(kItems, random.between(1, 6))
        .text(kCountry, random.pick(kCountries));
    return order;
  }
  static void write_payment(EventWriter& writer, const Order& order, bool ok, Timestamp time) {
    writer.begin("payment", time)
        .text(kOrder, order_id(order.number))
        .text(kCustomer, customer_id(order.customer))
        .decimal(kAmount, order.cents, 2)
        .text(kMethod, writer.random.pick(kMethods))
        .flag(kOk, ok);
  }
  static void write_cancelled(EventWriter& writer, const Order& order, std::string_view by, Timestamp time) {
    writer.begin("order_cancelled", time).text(kOrder, order_id(order.number)).text(kCustomer, customer_id(order.customer)).text(kBy, by);
  }
  static void write_shipped(EventWriter& writer, const Order& order, Timestamp time) {
    writer.begin("shipped", time)
        .text(kOrder, order_id(order.number))
        .text(kCarrier, kCarriers[order.number % 4])
        .text(kWarehouse, Id('w', order.number % 5, 1));
  }
  static void write_delivered(EventWriter& writer, const Order& order, Timestamp time) {
    writer.begin("delivered", time).text(kOrder, order_id(order.number)).text(kCarrier, kCarriers[order.number % 4]);
  }
  static void write_returned(EventWriter& writer, std::uint64_t number, std::uint64_t customer, std::int64_t cents, Timestamp time) {
    writer.begin("returned", time).text(kOrder, order_id(number)).text(kCustomer, customer_id(customer)).decimal(kAmount, cents, 2);
  }

  // Places the order of an incident that concerns this order only. The label lasts from the order to `lasts` behind it.
  std::pair<Order, std::size_t> begin(EventWriter& writer, std::string name, Timestamp now, Duration lasts) {
    const Order order = place(writer, now);
    const std::size_t id =
        writer.timeline.begin_incident({std::move(name), {{"order_id", order_id(order.number).str()}}, now, now + lasts});
    writer.add_to(id);
    return {order, id};
  }

  // Nobody pays, and sometimes the attempt fails.
  void unpaid_order(EventWriter& writer, Timestamp now) {
    const auto [order, id] = begin(writer, "unpaid_order", now, minutes{16});
    if (!writer.random.chance(1, 3)) return;
    write_payment(writer, order, false, now + seconds{writer.random.between(20, 300)});
    writer.add_to(id);
  }

  void double_payment(EventWriter& writer, Timestamp now) {
    const auto [order, id] = begin(writer, "double_payment", now, minutes{14});
    const Timestamp paid = now + seconds{writer.random.between(10, 200)};
    write_payment(writer, order, true, paid);
    writer.add_to(id);
    write_payment(writer, order, true, paid + seconds{writer.random.between(5, 600)});
    writer.add_to(id);
  }

  void shipped_unpaid(EventWriter& writer, Timestamp now) {
    const auto [order, id] = begin(writer, "shipped_unpaid", now, hours{4});
    write_shipped(writer, order, now + minutes{writer.random.between(20, 230)});
    writer.add_to(id);
  }

  void never_shipped(EventWriter& writer, Timestamp now) {
    const auto [order, id] = begin(writer, "never_shipped", now, hours{8} + minutes{10});
    write_payment(writer, order, true, now + seconds{writer.random.between(10, 240)});
    writer.add_to(id);
  }

  void return_abuse(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::uint64_t customer = random.below(customers_);
    const std::size_t id =
        writer.timeline.begin_incident({"return_abuse", {{"customer", customer_id(customer).str()}}, now, now + hours{2}});
    Timestamp time = now;
    for (std::int64_t left = random.between(3, 5); left > 0; --left) {
      write_returned(writer, placed_++, customer, random.between(8'000, 40'000), time);
      writer.add_to(id);
      time += minutes{random.between(3, 25)};
    }
  }

  std::uint64_t customers_;
  std::uint64_t placed_ = 1;
};

}  // namespace

std::unique_ptr<Scenario> make_orders(std::uint64_t events) { return std::make_unique<Orders>(events); }

}  // namespace sequitur::cli
