// Card payments, transfers and sign-ins of a bank over 30 days. People live in a city, shop there by day, travel now and
// then, and never faster than an aeroplane. No rule can be right all the time: a few people sign in through a VPN, collect
// money among friends, go on shopping sprees or move house; and one thief in twelve is patient, slower than the others.
#include <algorithm>
#include <array>
#include <span>

#include "cli/generate/ids.hpp"
#include "cli/generate/places.hpp"
#include "cli/generate/scenario.hpp"

namespace sequitur::cli {
namespace {

enum Column {
  kCard,
  kUser,
  kFrom,
  kTo,
  kAmount,
  kCurrency,
  kApproved,
  kDeclined,
  kReason,
  kMerchant,
  kMcc,
  kTerminal,
  kEmployee,
  kChannel,
  kOk,
  kWhat,
  kIp,
  kDevice,
  kNewDevice,
  kCountry,
  kCity,
  kLat,
  kLon,
  kOnline
};
constexpr std::array<std::string_view, 24> kColumns{
    "card",     "user",    "from", "to",   "amount", "currency", "approved",   "declined", "reason", "merchant", "mcc", "terminal",
    "employee", "channel", "ok",   "what", "ip",     "device",   "new_device", "country",  "city",   "lat",      "lon", "online"};

struct Category {
  std::string_view mcc;
  std::int64_t cents;  // A usual purchase.
};
constexpr std::array<Category, 8> kCategories{{{"5411", 3'500},
                                               {"5812", 2'800},
                                               {"5541", 5'500},
                                               {"5912", 1'800},
                                               {"5732", 18'000},
                                               {"5651", 6'500},
                                               {"4111", 400},
                                               {"7011", 14'000}}};

enum Kind {
  kCardTesting,
  kVelocity,
  kImpossibleTravel,
  kImpossibleCardTravel,
  kAccountTakeover,
  kMuleFanIn,
  kRefundAbuse,
  kTerminalProbe,
  kDormantBurst,
  kKinds
};

struct Person {
  std::uint8_t home = 0, city = 0;
  Timestamp seen{};  // Latest appearance at a place.
};

struct Shop {
  std::uint64_t merchant;
  std::size_t category;
  std::uint64_t terminal;
};

class Payments : public Scenario {
 public:
  explicit Payments(std::uint64_t events)
      : people_(std::max<std::uint64_t>(300, events / 25)), merchants_(std::max<std::uint64_t>(96, events / 500)) {
    // The last tenth of the people move no money by transfer: from them come the sleeping accounts and the mules.
    movers_ = people_.size() * 9 / 10;
    for (std::size_t i = 0; i < people_.size(); ++i) people_[i].home = people_[i].city = static_cast<std::uint8_t>(i * 7 % kCities.size());
  }

  Columns columns() const override { return kColumns; }
  Duration span() const override { return days{30}; }
  int busy_percent(int hour) const override {
    constexpr std::array<int, 24> kBusy{25,  15,  10,  10,  15,  30,  60,  90,  110, 120, 130, 150,
                                        165, 150, 130, 125, 140, 165, 185, 170, 140, 105, 75,  45};
    return kBusy[static_cast<std::size_t>(hour)];
  }
  std::size_t incident_kinds() const override { return kKinds; }
  int incident_from_percent(std::size_t kind) const override { return kind == kDormantBurst ? 55 : 2; }

  void background(EventWriter& writer, Timestamp now) override {
    const std::uint64_t dice = writer.random.below(1'000);
    const std::size_t who = writer.random.below(people_.size());
    if (dice < 560) return everyday_purchase(writer, who, now);
    if (dice < 780) return everyday_auth(writer, who, now);
    if (dice < 790) return everyday_refund(writer, who, now);
    if (dice < 890) return everyday_transfer(writer, now);
    if (dice < 990) return everyday_login(writer, who, now);
    if (dice < 997) return account_change(writer, who, now);
    if (writer.random.chance(1, 60)) return unusual_day(writer, now);
    password_reset(writer, who, now);
  }

  void incident(std::size_t kind, EventWriter& writer, Timestamp now) override {
    switch (kind) {
      case kCardTesting: return card_testing(writer, now);
      case kVelocity: return velocity(writer, now);
      case kImpossibleTravel: return impossible_travel(writer, now);
      case kImpossibleCardTravel: return impossible_card_travel(writer, now);
      case kAccountTakeover: return account_takeover(writer, now);
      case kMuleFanIn: return mule_fan_in(writer, now);
      case kRefundAbuse: return refund_abuse(writer, now);
      case kTerminalProbe: return terminal_probe(writer, now);
      default: return dormant_account_burst(writer, now);
    }
  }

 private:
  static Id card(std::size_t who) { return Id::card(who); }
  static Id user(std::size_t who) { return Id('u', who, 7); }
  static Id account(std::size_t who) { return Id('a', who, 7); }
  static Id address(std::size_t who) { return Id::ip(who * 37 + 5); }
  static Id device(std::size_t who) { return Id('d', who, 7); }

  // Skewed amounts: many small ones, a few several times the usual.
  static std::int64_t amount(Random& random, std::int64_t usual) {
    const auto a = static_cast<std::int64_t>(random.below(1'000)), b = static_cast<std::int64_t>(random.below(1'000));
    return usual * (250 + a * b / 400) / 1'000 + 35;
  }

  Shop shop_in(Random& random, std::size_t city) {
    const std::uint64_t merchant = random.below(merchants_ / kCities.size()) * kCities.size() + city;
    return {merchant, merchant / kCities.size() % kCategories.size(), merchant * 10 + random.below(3)};
  }
  static Id merchant_id(const Shop& shop) { return Id('m', shop.merchant, 6); }
  static Id terminal_id(const Shop& shop) { return Id('t', shop.terminal / 10, 6).part(shop.terminal % 10 + 1); }

  // Where the person is now. Long trips take a day, so that nobody is too fast.
  std::size_t whereabouts(Random& random, std::size_t who, Timestamp now) {
    Person& person = people_[who];
    if (now - person.seen > hours{26} && random.chance(1, 12)) {
      person.city = person.city == person.home ? static_cast<std::uint8_t>(random.below(kCities.size())) : person.home;
    }
    person.seen = now;
    return person.city;
  }

  Record& write_purchase(EventWriter& writer, std::size_t who, const Shop& shop, std::int64_t cents, bool approved, Timestamp time) {
    return writer.begin("purchase", time)
        .text(kCard, card(who))
        .text(kUser, user(who))
        .decimal(kAmount, cents, 2)
        .text(kCurrency, "EUR")
        .flag(kApproved, approved)
        .text(kMerchant, merchant_id(shop))
        .text(kMcc, kCategories[shop.category].mcc);
  }
  void write_shop_purchase(EventWriter& writer, std::size_t who, std::size_t city, const Shop& shop, std::int64_t cents, bool approved,
                           Timestamp time) {
    const City& place = kCities[city];
    write_purchase(writer, who, shop, cents, approved, time)
        .text(kTerminal, terminal_id(shop))
        .text(kCountry, place.country)
        .text(kCity, place.name)
        .decimal(kLat, place.lat, 4)
        .decimal(kLon, place.lon, 4)
        .flag(kOnline, false);
  }
  void write_online_purchase(EventWriter& writer, std::size_t who, const Shop& shop, std::int64_t cents, bool approved, Timestamp time) {
    write_purchase(writer, who, shop, cents, approved, time).text(kCountry, kCities[people_[who].home].country).flag(kOnline, true);
  }
  void write_auth(EventWriter& writer, std::size_t who, const Shop& shop, std::int64_t cents, bool declined, bool online, Timestamp time) {
    Record& record = writer.begin("auth", time)
                         .text(kCard, card(who))
                         .text(kUser, user(who))
                         .decimal(kAmount, cents, 2)
                         .text(kCurrency, "EUR")
                         .flag(kDeclined, declined);
    if (declined) record.text(kReason, cents % 3 == 0 ? "insufficient_funds" : "do_not_honor");
    record.text(kMerchant, merchant_id(shop)).text(kMcc, kCategories[shop.category].mcc);
    if (!online) record.text(kTerminal, terminal_id(shop));
    record.text(kCountry, kCities[shop.merchant % kCities.size()].country).flag(kOnline, online);
  }
  static void write_refund(EventWriter& writer, std::size_t who, const Shop& shop, std::uint64_t employee, std::int64_t cents,
                           Timestamp time) {
    writer.begin("refund", time)
        .text(kCard, card(who))
        .decimal(kAmount, cents, 2)
        .text(kMerchant, merchant_id(shop))
        .text(kTerminal, terminal_id(shop))
        .text(kEmployee, employee_id(shop, employee));
  }
  static Id employee_id(const Shop& shop, std::uint64_t employee) { return Id('e', shop.merchant, 6).part(employee); }
  static void write_transfer(EventWriter& writer, std::size_t from, std::size_t to, std::int64_t cents, std::string_view channel,
                             Timestamp time) {
    writer.begin("transfer", time)
        .text(kUser, user(from))
        .text(kFrom, account(from))
        .text(kTo, account(to))
        .decimal(kAmount, cents, 2)
        .text(kChannel, channel);
  }
  static void write_login(EventWriter& writer, std::size_t who, std::size_t city, bool ok, bool new_device, std::uint64_t device_number,
                          Timestamp time) {
    const City& place = kCities[city];
    writer.begin("login", time)
        .text(kUser, user(who))
        .flag(kOk, ok)
        .text(kIp, address(device_number))
        .text(kDevice, device(device_number))
        .flag(kNewDevice, new_device)
        .text(kCountry, place.country)
        .text(kCity, place.name)
        .decimal(kLat, place.lat, 4)
        .decimal(kLon, place.lon, 4);
  }

  void everyday_purchase(EventWriter& writer, std::size_t who, Timestamp now) {
    Random& random = writer.random;
    const bool approved = !random.chance(1, 40);
    const bool online = random.chance(2, 5);
    const std::size_t city = online ? random.below(kCities.size()) : whereabouts(random, who, now);
    const Shop shop = shop_in(random, city);
    const std::int64_t cents = amount(random, kCategories[shop.category].cents);
    if (online) {
      write_online_purchase(writer, who, shop, cents, approved, now);
    } else {
      write_shop_purchase(writer, who, city, shop, cents, approved, now);
    }
    writer.add();
    if (!random.chance(1, 400)) return;
    // A round of errands: several purchases in a row, and still no fraud.
    Timestamp time = now;
    for (std::int64_t i = random.between(3, 6); i > 0; --i) {
      time += seconds{random.between(120, 900)};
      const Shop other = shop_in(random, online ? random.below(kCities.size()) : city);
      write_online_purchase(writer, who, other, amount(random, kCategories[other.category].cents), true, time);
      writer.add();
    }
  }

  void everyday_auth(EventWriter& writer, std::size_t who, Timestamp now) {
    Random& random = writer.random;
    const Shop shop = shop_in(random, people_[who].city);
    const bool declined = random.chance(1, 25);
    const bool online = random.chance(1, 2);
    write_auth(writer, who, shop, amount(random, kCategories[shop.category].cents), declined, online, now);
    writer.add();
    // Whoever is declined often tries again at once.
    if (!declined || !random.chance(1, 3)) return;
    write_auth(writer, who, shop, amount(random, kCategories[shop.category].cents), random.chance(1, 2), online,
               now + seconds{random.between(5, 60)});
    writer.add();
  }

  void everyday_refund(EventWriter& writer, std::size_t who, Timestamp now) {
    const Shop shop = shop_in(writer.random, people_[who].city);
    write_refund(writer, who, shop, writer.random.below(4), amount(writer.random, kCategories[shop.category].cents), now);
    writer.add();
  }

  void everyday_transfer(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t from = random.below(movers_);
    // Usually to one of a few whom one always pays.
    const std::size_t to = random.chance(4, 5) ? (from * 31 + random.below(3) * 17 + 1) % movers_ : random.below(movers_);
    write_transfer(writer, from, to, amount(random, 12'000), random.chance(2, 3) ? "app" : "web", now);
    writer.add();
  }

  void everyday_login(EventWriter& writer, std::size_t who, Timestamp now) {
    Random& random = writer.random;
    const bool vpn = random.chance(1, 4'000);
    const std::size_t city = vpn ? random.below(kCities.size()) : whereabouts(random, who, now);
    const bool new_device = random.chance(1, 60);
    write_login(writer, who, city, !random.chance(1, 18), new_device, new_device ? who + people_.size() : who, now);
    writer.add();
  }

  void account_change(EventWriter& writer, std::size_t who, Timestamp now) {
    constexpr std::array<std::string_view, 4> kWhats{"email", "phone", "address", "payee"};
    writer.begin("account_change", now)
        .text(kUser, user(who))
        .text(kWhat, writer.random.pick(kWhats))
        .text(kIp, address(who))
        .text(kDevice, device(who));
    writer.add();
  }

  void password_reset(EventWriter& writer, std::size_t who, Timestamp now) {
    writer.begin("password_reset", now).text(kUser, user(who)).text(kChannel, "email").text(kIp, address(who));
    writer.add();
  }

  std::size_t victim(Random& random) { return random.below(movers_); }
  // How much slower than usual the thief works.
  static std::int64_t pace(Random& random) { return random.chance(1, 12) ? 4 : 1; }

  // ---- Innocent people who look guilty ----

  void unusual_day(EventWriter& writer, Timestamp now) {
    switch (writer.random.below(4)) {
      case 0: return collection(writer, now);
      case 1: return spree(writer, now);
      case 2: return prepaid_card(writer, now);
      default: return moving_house(writer, now);
    }
  }

  void collection(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t host = victim(random);
    Timestamp time = now;
    for (std::int64_t left = random.between(6, 8); left > 0; --left) {
      write_transfer(writer, victim(random), host, random.between(20'000, 40'000), "app", time);
      writer.add();
      time += minutes{random.between(1, 15)};
    }
  }

  void spree(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = victim(random);
    Timestamp time = now;
    for (std::int64_t left = random.between(10, 13); left > 0; --left) {
      const Shop shop = shop_in(random, people_[who].home);
      write_online_purchase(writer, who, shop, amount(random, 4'000), true, time);
      writer.add();
      time += seconds{random.between(60, 280)};
    }
  }

  // Ran empty at a vending machine, was topped up, and used for what its owner had wanted to buy.
  void prepaid_card(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = victim(random);
    const Shop shop = shop_in(random, people_[who].home);
    Timestamp time = now;
    for (std::int64_t left = random.between(2, 4); left > 0; --left) {
      write_auth(writer, who, shop, random.between(150, 400), true, false, time);
      writer.add();
      time += seconds{random.between(10, 60)};
    }
    write_online_purchase(writer, who, shop, random.between(6'000, 20'000), true, time + seconds{random.between(120, 400)});
    writer.add();
  }

  // A new telephone, a new address, and the deposit.
  void moving_house(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = victim(random), telephone = who + people_.size();
    write_login(writer, who, people_[who].city, true, true, telephone, now);
    writer.add();
    Timestamp time = now + seconds{random.between(60, 800)};
    writer.begin("account_change", time)
        .text(kUser, user(who))
        .text(kWhat, random.chance(1, 2) ? "address" : "phone")
        .text(kIp, address(telephone))
        .text(kDevice, device(telephone));
    writer.add();
    time += seconds{random.between(120, 2'400)};
    write_transfer(writer, who, victim(random), random.between(220'000, 400'000), "app", time);
    writer.add();
  }

  // ---- Thieves ----

  void card_testing(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = victim(random);
    const std::int64_t slower = pace(random);
    const std::size_t id = writer.timeline.begin_incident({"card_testing", {{"card", card(who).str()}}, now, now + slower * minutes{10}});
    const Shop shop = shop_in(random, random.below(kCities.size()));
    Timestamp time = now;
    for (std::int64_t probes = random.between(3, 6); probes > 0; --probes) {
      write_auth(writer, who, shop, random.between(50, 300), true, true, time);
      writer.add_to(id);
      time += slower * seconds{random.between(10, 70)};
    }
    const Shop target = shop_in(random, random.below(kCities.size()));
    write_online_purchase(writer, who, target, random.between(15'000, 90'000), true, time + seconds{random.between(10, 120)});
    writer.add_to(id);
  }

  void velocity(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = victim(random);
    const std::int64_t slower = pace(random);
    const std::size_t id = writer.timeline.begin_incident({"velocity", {{"card", card(who).str()}}, now, now + slower * hours{1}});
    Timestamp time = now;
    for (std::int64_t left = random.between(11, 16); left > 0; --left) {
      const Shop shop = shop_in(random, random.below(kCities.size()));
      write_online_purchase(writer, who, shop, amount(random, 9'000), true, time);
      writer.add_to(id);
      time += slower * seconds{random.between(30, 210)};
    }
  }

  void impossible_travel(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = victim(random), city = whereabouts(random, who, now);
    const std::size_t id = writer.timeline.begin_incident({"impossible_travel", {{"user", user(who).str()}}, now, now + minutes{90}});
    write_login(writer, who, city, true, false, who, now);
    writer.add_to(id);
    people_[who].seen = now + minutes{random.between(20, 90)};
    write_login(writer, who, far_from(city), true, true, who + 2 * people_.size(), people_[who].seen);
    writer.add_to(id);
  }

  void impossible_card_travel(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = victim(random), city = whereabouts(random, who, now), other = far_from(city);
    const std::size_t id = writer.timeline.begin_incident({"impossible_card_travel", {{"card", card(who).str()}}, now, now + hours{1}});
    write_shop_purchase(writer, who, city, shop_in(random, city), amount(random, 5'000), true, now);
    writer.add_to(id);
    write_shop_purchase(writer, who, other, shop_in(random, other), amount(random, 40'000), true, now + minutes{random.between(10, 60)});
    writer.add_to(id);
  }

  void account_takeover(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = victim(random), thief = who + 3 * people_.size();
    const std::int64_t slower = pace(random);
    const std::size_t id =
        writer.timeline.begin_incident({"account_takeover", {{"user", user(who).str()}}, now, now + slower * minutes{55}});
    write_login(writer, who, people_[who].city, true, true, thief, now);
    writer.add_to(id);
    Timestamp time = now + slower * seconds{random.between(30, 900)};
    writer.begin("account_change", time)
        .text(kUser, user(who))
        .text(kWhat, random.chance(1, 2) ? "email" : "phone")
        .text(kIp, address(thief))
        .text(kDevice, device(thief));
    writer.add_to(id);
    time += slower * seconds{random.between(60, 2'400)};
    write_transfer(writer, who, mule(random), random.between(200'000, 900'000), "web", time);
    writer.add_to(id);
  }

  std::size_t mule(Random& random) { return movers_ + random.below((people_.size() - movers_) / 2); }
  // Sleepers are used once each, as long as there are any.
  std::size_t sleeper() {
    const std::size_t first = movers_ + (people_.size() - movers_) / 2;
    return first + sleepers_used_++ % (people_.size() - first);
  }

  void mule_fan_in(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t to = mule(random);
    const std::int64_t slower = pace(random);
    const std::size_t id = writer.timeline.begin_incident({"mule_fan_in", {{"to", account(to).str()}}, now, now + slower * hours{5}});
    Timestamp time = now;
    std::int64_t sum = 0;
    for (std::int64_t left = random.between(6, 10); left > 0; --left) {
      const std::int64_t cents = random.between(30'000, 95'000);
      write_transfer(writer, victim(random), to, cents, "app", time);
      writer.add_to(id);
      sum += cents;
      time += slower * minutes{random.between(2, 12)};
    }
    write_transfer(writer, to, victim(random), sum * 9 / 10, "web", time + minutes{random.between(30, 90)});
    writer.add_to(id);
  }

  void refund_abuse(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t friend_card = victim(random);
    const Shop shop = shop_in(random, random.below(kCities.size()));
    const std::uint64_t employee = random.below(4);
    const std::size_t id = writer.timeline.begin_incident(
        {"refund_abuse", {{"employee", employee_id(shop, employee).str()}, {"card", card(friend_card).str()}}, now, now + hours{1}});
    Timestamp time = now;
    for (std::int64_t left = random.between(4, 8); left > 0; --left) {
      write_refund(writer, friend_card, shop, employee, random.between(4'000, 20'000), time);
      writer.add_to(id);
      time += minutes{random.between(1, 8)};
    }
  }

  void terminal_probe(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = victim(random);
    const std::int64_t slower = pace(random);
    const std::size_t id = writer.timeline.begin_incident({"terminal_probe", {{"card", card(who).str()}}, now, now + slower * minutes{10}});
    const std::uint64_t first = random.below(merchants_);
    Timestamp time = now;
    for (std::int64_t left = random.between(5, 8), i = 0; i < left; ++i) {
      const std::uint64_t merchant = (first + static_cast<std::uint64_t>(i) * kCities.size()) % merchants_;
      write_auth(writer, who, {merchant, 0, merchant * 10}, random.between(100, 2'000), random.chance(2, 5), false, time);
      writer.add_to(id);
      time += slower * seconds{random.between(20, 75)};
    }
  }

  void dormant_account_burst(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = sleeper();
    const std::int64_t slower = pace(random);
    const std::size_t id = writer.timeline.begin_incident(
        {"dormant_account_burst", {{"user", user(who).str()}, {"from", account(who).str()}}, now, now + slower * hours{2}});
    Timestamp time = now;
    for (std::int64_t left = random.between(4, 7); left > 0; --left) {
      write_transfer(writer, who, victim(random), random.between(50'000, 300'000), "web", time);
      writer.add_to(id);
      time += slower * minutes{random.between(2, 15)};
    }
  }

  std::vector<Person> people_;
  std::uint64_t merchants_;
  std::size_t movers_ = 0;
  std::size_t sleepers_used_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_payments(std::uint64_t events) { return std::make_unique<Payments>(events); }

}  // namespace sequitur::cli
