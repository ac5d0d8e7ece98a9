// A payment service that asks rules before it answers: each payment is evaluated in the thread that serves it, and declined if
// an alert of its card is severe. Rules are the shipped ones, read from files and read again when they change; what the engine remembers
// survives a restart in a snapshot.
//
//     fraud_embedded --rules rules/fraud --state fraud.state --payments 20000
//
// With the state file of an earlier run it goes on where that one ended. `--extra FILE` adds a rule file in the middle of the run.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>

#include <sequitur/rule_files.hpp>
#include <sequitur/stream.hpp>

namespace {

// What the service knows of a payment. The rules' streams have more fields, all of which may be missing.
struct Payment {
  sequitur::Timestamp time;
  std::string card;
  double amount = 0;
  bool approved = false;
  std::string merchant;
  std::string country;
};

// Every attempt is an `auth`; those that are approved are a `purchase` too. Both streams are declared in rules/streams.
constexpr auto kAuths = sequitur::stream<Payment>("auth")
                            .time(&Payment::time)
                            .field("card", &Payment::card)
                            .field("amount", &Payment::amount)
                            .field("declined", [](const Payment& payment) { return !payment.approved; })
                            .field("merchant", &Payment::merchant)
                            .field("country", &Payment::country);
constexpr auto kPurchases = sequitur::stream<Payment>("purchase")
                                .time(&Payment::time)
                                .field("card", &Payment::card)
                                .field("amount", &Payment::amount)
                                .field("approved", &Payment::approved)
                                .field("merchant", &Payment::merchant)
                                .field("country", &Payment::country);

struct Options {
  std::string rules, state, extra;
  std::size_t payments = 20'000;
};

bool parse(int count, char** words, Options& options) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = words[i], value = words[i + 1];
    if (name == "--rules")
      options.rules = value;
    else if (name == "--state")
      options.state = value;
    else if (name == "--extra")
      options.extra = value;
    else if (name != "--payments" || std::from_chars(value.data(), value.data() + value.size(), options.payments).ec != std::errc())
      return false;
  }
  return count % 2 == 1 && !options.rules.empty();
}

// Null, with what is wrong on stderr, if the files cannot be read or have errors.
std::shared_ptr<const sequitur::RuleSet> load(const std::vector<std::string>& paths) {
  const auto files = sequitur::read_rule_files(paths);
  if (!files) return std::fprintf(stderr, "%s\n", files.error().message.c_str()), nullptr;
  std::vector<sequitur::Diagnostic> diagnostics;
  auto rules = sequitur::RuleSet::load(*files, diagnostics);
  if (!rules) std::fputs(to_text(diagnostics, *files).c_str(), stderr);
  return rules;
}

class Service {
 public:
  explicit Service(std::shared_ptr<const sequitur::RuleSet> rules)
      : engine_(std::move(rules), {}, [this](std::span<const sequitur::Alert> alerts) { take(alerts); }) {}

  // What is wrong; empty: nothing.
  std::string start(const std::string& state) {
    for (const std::string& problem : {auths_ ? "" : auths_.error().message, purchases_ ? "" : purchases_.error().message})
      if (!problem.empty()) return problem;
    std::ifstream file(state, std::ios::binary);
    if (!file) return {};
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto restored = engine_.restore(bytes);
    if (!restored) return restored.error().message;
    std::printf("goes on at event %llu\n", static_cast<unsigned long long>(engine_.counters().events));
    return {};
  }

  // Whether the payment goes through. It asks for approval first, and is a purchase if it gets it.
  bool serve(Payment payment, bool covered) {
    payment.approved = covered && !blocked_.contains(payment.card);
    auths_->push(payment);
    if (!payment.approved) return false;
    purchases_->push(payment);
    return !blocked_.contains(payment.card);  // Perhaps by this very purchase: it is reversed.
  }

  std::string change(std::shared_ptr<const sequitur::RuleSet> rules) {
    const auto change = engine_.replace_rules(std::move(rules));
    if (!change) return change.error().message;
    std::printf("rules: %zu kept, %zu replaced, %zu added, %zu removed\n", change->kept.size(), change->replaced.size(),
                change->added.size(), change->removed.size());
    return {};
  }

  bool save(const std::string& path) const {
    const std::string bytes = engine_.snapshot();
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return static_cast<bool>(file.flush());
  }

  sequitur::Timestamp time() const { return engine_.time(); }
  std::uint64_t alerts() const { return alerts_; }
  std::size_t blocked() const { return blocked_.size(); }

 private:
  void take(std::span<const sequitur::Alert> alerts) {
    for (const sequitur::Alert& alert : alerts) {
      const auto card = alert.get<std::string>("card");
      if (alerts_++ < 10)
        std::printf("%-8.*s %-20s card %s\n", static_cast<int>(alert.severity.size()), alert.severity.data(), alert.rule->name.c_str(),
                    card.value_or("?").c_str());
      if (card && (alert.severity == "high" || alert.severity == "critical")) blocked_.insert(*card);
    }
  }

  std::unordered_set<std::string> blocked_;
  std::uint64_t alerts_ = 0;
  sequitur::Engine engine_;
  // They refer to the engine, so the service is not moved.
  decltype(kAuths.into(engine_)) auths_ = kAuths.into(engine_);
  decltype(kPurchases.into(engine_)) purchases_ = kPurchases.into(engine_);
};

// Customers who pay, and now and then somebody who tries stolen cards.
class Customers {
 public:
  explicit Customers(sequitur::Timestamp begin) : time_(begin) {}

  template <typename Serve>
  void pay(const Serve& serve) {
    using namespace std::chrono_literals;
    time_ += std::chrono::milliseconds(random_() % 2'000);
    if (random_() % 2'000 != 0) return serve(payment(1 + static_cast<double>(random_() % 20'000) / 100), true);
    Payment stolen = payment(1.5);
    for (int probe = 0; probe < 4; ++probe, stolen.time = time_ += 10s) serve(stolen, false);
    stolen.amount = 900;
    serve(stolen, true);
    stolen.time = time_ += 1min;
    serve(stolen, true);
  }

 private:
  Payment payment(double amount) {
    return {time_, std::to_string(4'000'000'000 + random_() % 5'000), amount, false, "m" + std::to_string(random_() % 50), "CH"};
  }
  std::mt19937_64 random_{11};
  sequitur::Timestamp time_;
};

}  // namespace

int main(int count, char** words) {
  using namespace std::chrono_literals;
  Options options;
  if (!parse(count, words, options)) {
    std::fputs("usage: fraud_embedded --rules PATH [--state FILE] [--extra FILE] [--payments N]\n", stderr);
    return 2;
  }
  auto rules = load({options.rules});
  if (!rules) return 1;
  Service service(std::move(rules));
  if (const std::string problem = service.start(options.state); !problem.empty()) return std::fprintf(stderr, "%s\n", problem.c_str()), 1;

  const sequitur::Timestamp day{std::chrono::sys_days{2024y / 3 / 1}};
  Customers customers(std::max(day, service.time()));
  std::uint64_t payments = 0, refused = 0;
  const auto serve = [&](const Payment& payment, bool covered) {
    ++payments;
    refused += service.serve(payment, covered) ? 0 : 1;
  };
  for (std::size_t i = 0; i < options.payments; ++i) {
    if (i == options.payments / 2 && !options.extra.empty()) {
      auto more = load({options.rules, options.extra});
      if (!more) return 1;
      if (const std::string problem = service.change(std::move(more)); !problem.empty())
        return std::fprintf(stderr, "%s\n", problem.c_str()), 1;
    }
    customers.pay(serve);
  }
  std::printf("%llu payments, %llu refused, %llu alerts, %zu cards blocked\n", static_cast<unsigned long long>(payments),
              static_cast<unsigned long long>(refused), static_cast<unsigned long long>(service.alerts()), service.blocked());
  if (!options.state.empty() && !service.save(options.state))
    return std::fprintf(stderr, "%s cannot be written\n", options.state.c_str()), 1;
  return 0;
}
