// Sign-ins of an online service over one day, with the attacks that fill the logs of every such service.
#include <algorithm>
#include <array>

#include "cli/generate/ids.hpp"
#include "cli/generate/places.hpp"
#include "cli/generate/scenario.hpp"

namespace sequitur::cli {
namespace {

enum Column { kUser, kBy, kRole, kGranted, kOk, kWhat, kChannel, kIp, kDevice, kNewDevice, kCountry, kCity, kLat, kLon };
constexpr std::array<std::string_view, 14> kColumns{"user", "by",     "role",       "granted", "ok",   "what", "channel",
                                                    "ip",   "device", "new_device", "country", "city", "lat",  "lon"};

enum Kind { kBruteForce, kPasswordSpray, kImpossibleTravel, kAccountTakeover, kPrivilegeEscalation, kKinds };

struct Person {
  std::uint8_t city = 0;
  bool travels = false;  // Works through a VPN whose exit changes.
};

class Logins : public Scenario {
 public:
  explicit Logins(std::uint64_t events) : people_(std::max<std::uint64_t>(200, events / 8)) {
    for (std::size_t i = 0; i < people_.size(); ++i) people_[i] = {static_cast<std::uint8_t>(i * 5 % kCities.size()), i % 2'000 == 1'999};
  }

  Columns columns() const override { return kColumns; }
  Duration span() const override { return days{1}; }
  int busy_percent(int hour) const override {
    constexpr std::array<int, 24> kBusy{40,  30,  25,  25,  30,  45,  75,  120, 180, 170, 140, 130,
                                        125, 140, 145, 140, 130, 125, 130, 135, 120, 100, 80,  60};
    return kBusy[static_cast<std::size_t>(hour)];
  }
  std::size_t incident_kinds() const override { return kKinds; }

  void background(EventWriter& writer, Timestamp now) override {
    Random& random = writer.random;
    const std::size_t who = random.below(people_.size());
    const std::uint64_t dice = random.below(1'000);
    if (dice < 960) return everyday_login(writer, who, now);
    if (dice < 975) return password_reset(writer, who, now);
    if (dice < 995) return everyday_change(writer, who, now);
    everyday_role(writer, who, now);
  }

  void incident(std::size_t kind, EventWriter& writer, Timestamp now) override {
    switch (kind) {
      case kBruteForce: return brute_force(writer, now);
      case kPasswordSpray: return password_spray(writer, now);
      case kImpossibleTravel: return impossible_travel(writer, now);
      case kAccountTakeover: return account_takeover(writer, now);
      default: return privilege_escalation(writer, now);
    }
  }

 private:
  static Id user(std::size_t who) { return Id('u', who, 7); }

  static void write_login(EventWriter& writer, std::size_t who, std::size_t city, bool ok, bool new_device, std::uint64_t machine,
                          Timestamp time) {
    const City& place = kCities[city];
    writer.begin("login", time)
        .text(kUser, user(who))
        .flag(kOk, ok)
        .text(kIp, Id::ip(machine))
        .text(kDevice, Id('d', machine, 8))
        .flag(kNewDevice, new_device)
        .text(kCountry, place.country)
        .text(kCity, place.name)
        .decimal(kLat, place.lat, 4)
        .decimal(kLon, place.lon, 4);
  }
  static void write_change(EventWriter& writer, std::size_t who, std::string_view what, std::uint64_t machine, Timestamp time) {
    writer.begin("account_change", time)
        .text(kUser, user(who))
        .text(kWhat, what)
        .text(kIp, Id::ip(machine))
        .text(kDevice, Id('d', machine, 8));
  }
  static void write_role(EventWriter& writer, std::size_t who, Id by, std::string_view role, bool granted, Timestamp time) {
    writer.begin("role_change", time).text(kUser, user(who)).text(kBy, by).text(kRole, role).flag(kGranted, granted);
  }
  static void write_reset(EventWriter& writer, std::size_t who, Timestamp time) {
    writer.begin("password_reset", time).text(kUser, user(who)).text(kChannel, "email").text(kIp, Id::ip(who * 11));
  }

  void everyday_login(EventWriter& writer, std::size_t who, Timestamp now) {
    Random& random = writer.random;
    const std::size_t city = people_[who].travels ? random.below(kCities.size()) : people_[who].city;
    const std::uint64_t machine = who * 11 + random.below(2);
    const bool forgot = random.chance(1, 14);
    write_login(writer, who, city, !forgot, random.chance(1, 80), machine, now);
    writer.add();
    if (!forgot) return;
    // A person who mistypes tries again, a few times at most, and then asks for a reset.
    Timestamp time = now;
    for (std::int64_t left = random.between(1, 4); left > 0; --left) {
      time += seconds{random.between(4, 20)};
      const bool ok = random.chance(2, 3);
      write_login(writer, who, city, ok, false, machine, time);
      writer.add();
      if (ok) return;
    }
    write_reset(writer, who, time + seconds{random.between(10, 60)});
    writer.add();
  }

  void password_reset(EventWriter& writer, std::size_t who, Timestamp now) {
    write_reset(writer, who, now);
    writer.add();
  }

  void everyday_change(EventWriter& writer, std::size_t who, Timestamp now) {
    constexpr std::array<std::string_view, 4> kWhats{"email", "phone", "address", "payee"};
    write_change(writer, who, writer.random.pick(kWhats), who * 11, now);
    writer.add();
  }

  void everyday_role(EventWriter& writer, std::size_t who, Timestamp now) {
    constexpr std::array<std::string_view, 4> kRoles{"reader", "editor", "billing", "support"};
    write_role(writer, who, user(writer.random.below(20)), writer.random.pick(kRoles), writer.random.chance(3, 4), now);
    writer.add();
  }

  void brute_force(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = random.below(people_.size()), city = random.below(kCities.size());
    const std::uint64_t machine = 3'000'000 + random.below(1'000'000);
    const std::size_t id = writer.timeline.begin_incident({"brute_force", {{"user", user(who).str()}}, now, now + minutes{2}});
    Timestamp time = now;
    for (std::int64_t left = random.between(5, 12); left > 0; --left) {
      write_login(writer, who, city, false, true, machine, time);
      writer.add_to(id);
      time += milliseconds{random.between(400, 8'000)};
    }
    write_login(writer, who, city, true, true, machine, time);
    writer.add_to(id);
  }

  void password_spray(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::uint64_t machine = 5'000'000 + random.below(1'000'000);
    const std::size_t city = random.below(kCities.size());
    const std::size_t id = writer.timeline.begin_incident({"password_spray", {{"ip", Id::ip(machine).str()}}, now, now + minutes{5}});
    const std::size_t first = random.below(people_.size());
    const auto users = static_cast<std::size_t>(random.between(8, 20));
    Timestamp time = now;
    for (std::size_t i = 0; i < users; ++i) {
      write_login(writer, (first + i) % people_.size(), city, false, true, machine, time);
      writer.add_to(id);
      time += milliseconds{random.between(500, 14'000)};
    }
  }

  void impossible_travel(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = random.below(people_.size()), city = people_[who].city;
    const std::size_t id = writer.timeline.begin_incident({"impossible_travel", {{"user", user(who).str()}}, now, now + minutes{90}});
    write_login(writer, who, city, true, false, who * 11, now);
    writer.add_to(id);
    write_login(writer, who, far_from(city), true, true, 7'000'000 + random.below(1'000'000), now + minutes{random.between(20, 90)});
    writer.add_to(id);
  }

  void account_takeover(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = random.below(people_.size());
    const std::uint64_t machine = 8'000'000 + random.below(1'000'000);
    const std::size_t id = writer.timeline.begin_incident({"account_takeover", {{"user", user(who).str()}}, now, now + minutes{15}});
    write_login(writer, who, people_[who].city, true, true, machine, now);
    writer.add_to(id);
    Timestamp time = now + seconds{random.between(20, 400)};
    write_change(writer, who, "email", machine, time);
    writer.add_to(id);
    time += seconds{random.between(20, 400)};
    write_change(writer, who, "phone", machine, time);
    writer.add_to(id);
  }

  void privilege_escalation(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t who = random.below(people_.size());
    const std::uint64_t machine = 9'000'000 + random.below(1'000'000);
    const std::size_t id = writer.timeline.begin_incident({"privilege_escalation", {{"user", user(who).str()}}, now, now + minutes{10}});
    write_login(writer, who, people_[who].city, true, true, machine, now);
    writer.add_to(id);
    write_role(writer, who, user(who), "admin", true, now + seconds{random.between(20, 600)});
    writer.add_to(id);
  }

  std::vector<Person> people_;
};

}  // namespace

std::unique_ptr<Scenario> make_logins(std::uint64_t events) { return std::make_unique<Logins>(events); }

}  // namespace sequitur::cli
