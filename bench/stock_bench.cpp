// The queries q1 to q3 of the CORE engine's stock benchmark (PVLDB 15(9) 2022) on its own data, as rules/real has them: every
// choice of trades in the right order within ten seconds is a match.
//
//     q1/detect       `emit count`: one alert for each trade that completes a match, with the number of matches
//     q1/every_match  an alert for each match
//
// Run: build/release/bin/bench_stock. Without the data (bench/data.hpp) there are no rows. The counters are those of bench_limits;
// matches of `detect` are trades that complete one. The number of matches is compared with the known one as well.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "comparison.hpp"
#include "data.hpp"

namespace sequitur::bench {
namespace {

struct Query {
  const char* name;
  std::size_t steps;
  std::uint64_t completing, matches;  // As the CORE engine has them.
};
constexpr Query kQueries[] = {{"q1", 3, 6'566, 345'801}, {"q2", 6, 484, 1'789'725}, {"q3", 9, 15, 2'314'188}};
constexpr std::array kSteps = {"SELL INTC", "BUY RIMM",  "BUY QQQ",  "SELL IPIX", "BUY AMAT",
                               "BUY CSCO",  "SELL YHOO", "BUY DELL", "BUY ORCL"};
constexpr std::uint32_t kWindow = 9'999;
constexpr std::uint32_t kDay = 24 * 3600 * 1000;

std::filesystem::path stock_file() { return data_folder() / "markets/core_stock.csv.zst"; }

// Only this rule of a file of rules/real.
std::vector<SourceFile> only(const std::string& file, const std::string& rule) {
  std::ostringstream text;
  text << std::ifstream(std::string(SEQUITUR_SOURCE_DIR) + "/rules/real/" + file).rdbuf();
  std::string tunes;
  std::istringstream lines(text.str());
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("rule ") && line.substr(5, line.find(' ', 5) - 5) != rule)
      tunes += "tune " + line.substr(5, line.find(' ', 5) - 5) + " { disabled }\n";
  return {{file, text.str()}, {"only.seq", tunes}};
}

class Stock : public Comparison {
 public:
  Stock(const Query& query, bool every)
      : query_(query),
        every_(every),
        program_(steps(query.steps), kWindow),
        feed_(load_rules(only(every ? "core_stock_matches.seq" : "core_stock.seq", query.name))) {
    const StreamSchema& schema = *feed_.rules().find_stream("trade");
    std::map<std::string, std::uint32_t> kinds;
    for (std::uint32_t step = 0; step < kSteps.size(); ++step) kinds[kSteps[step]] = step;
    for (const std::string& line : read_lines(stock_file())) {
      std::istringstream in(line);
      std::string type, id, name, volume, price, time;
      for (std::string* column : {&type, &id, &name, &volume, &price, &time}) std::getline(in, *column, ',');
      if (type == "event_type") continue;
      const auto at = static_cast<std::uint32_t>(std::stoul(time));
      const auto kind = kinds.emplace(type + " " + name, static_cast<std::uint32_t>(kinds.size())).first->second;
      trades_.push_back({at, kind});
      Event& event = feed_.add(schema, std::int64_t{at} * 1000);
      event.slot(0) = symbol(type);
      event.slot(1) = symbol(name);
      event.slot(2) = Slot::of_int(std::stol(volume));
      event.slot(3) = Slot::of_float(std::stod(price));
    }
    events = trades_.size();
    check();
  }
  void prepare() override {
    if (round_++ == 0) return;
    shift_ = shift_ > 40 * kDay ? 0 : shift_ + kDay;
    feed_.shift(std::int64_t{kDay} * 1000);
  }
  std::uint64_t by_hand() override { return every_ ? program_.walk(trades_, shift_) : program_.detect(trades_, shift_); }
  std::uint64_t by_engine() override { return feed_.push(); }

 private:
  static std::vector<std::uint32_t> steps(std::size_t count) {
    std::vector<std::uint32_t> kinds(count);
    for (std::uint32_t step = 0; step < count; ++step) kinds[step] = step;
    return kinds;
  }
  Slot symbol(const std::string& name) {
    const auto [known, is_new] = symbols_.try_emplace(name);
    if (is_new) known->second = feed_.arena().text(name);
    return known->second;
  }
  // Counts exact, once.
  void check() {
    limits::Trades program(steps(query_.steps), kWindow);
    if (program.walk(trades_, 0) == query_.matches && program.detect(trades_, 0) == query_.completing) {
      if (every_) return;
      Feed feed(load_rules(only("core_stock.seq", query_.name)));
      feed.sum_of("n");
      feed.take_events_of(feed_);
      if (feed.push() == query_.matches) return;
    }
    std::fprintf(stderr, "%s: not the number of matches that it has\n", query_.name);
    std::exit(1);
  }

  Query query_;
  bool every_;
  limits::Trades program_;
  Feed feed_;
  std::map<std::string, Slot> symbols_;  // Of all trades, as an application that trades has them.
  std::vector<limits::Trade> trades_;
  std::uint32_t shift_ = 0;
  int round_ = 0;
};

}  // namespace
}  // namespace sequitur::bench

int main(int argc, char** argv) {
  using namespace sequitur::bench;  // NOLINT
  if (std::filesystem::exists(stock_file()))
    for (const Query& query : kQueries)
      for (const bool every : {false, true})
        add_comparison(std::string(query.name) + (every ? "/every_match" : "/detect"),
                       [=] { return std::make_unique<Stock>(query, every); });
  return run_rows(argc, argv);
}
