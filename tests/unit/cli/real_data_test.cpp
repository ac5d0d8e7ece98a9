// The shipped rules for public data sets, run over the data itself. The data is not part of the project: set SEQUITUR_DATA, or
// put it into ../shared/data beside the source folder; without it these tests are skipped. What is counted here was counted
// by other means too (the numbers of late lines, of amounts above the limit, of cleared logs).
#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "cli/run_inputs.hpp"
#include "dsl/diagnostic_text.hpp"
#include "sequitur/engine.hpp"
#include "sequitur/rule_files.hpp"

namespace sequitur::cli {
namespace {

namespace fs = std::filesystem;

fs::path data_folder() {
  const char* given = std::getenv("SEQUITUR_DATA");
  return given != nullptr ? fs::path(given) : fs::path(SEQUITUR_SOURCE_DIR) / ".." / "shared" / "data";
}

class CollectingSink final : public Sink {
 public:
  Result<void> write(std::span<const Alert> alerts) override {
    for (Alert alert : alerts) {
      ++by_rule[alert.rule->name];
      if (!keep_text) continue;
      append_json(alert, text);
      text += '\n';
      standing.erase(alert.id);
      alert.revision = 0;
      if (!alert.withdrawn) append_json(alert, standing[alert.id]);
    }
    return {};
  }
  Result<void> flush() override { return {}; }

  bool keep_text = true;
  std::map<std::array<std::uint64_t, 2>, std::string> standing;  // Neither withdrawn nor replaced, by id.
  std::map<std::string, int> by_rule;
  std::string text;
};

struct Outcome {
  std::map<std::string, int> by_rule;
  std::string alerts;
  std::map<std::array<std::uint64_t, 2>, std::string> standing;
  RunSummary summary;
};

// Every rule but this one is disabled.
void leave_only(std::string_view rule, std::string& text) {
  for (std::size_t at = text.find("\nrule "); at != std::string::npos; at = text.find("\nrule ", at + 1)) {
    if (text.compare(at + 6, rule.size() + 1, std::string(rule) + " ") != 0) text.insert(text.find('{', at) + 1, " disabled ");
  }
}

// `input` as behind --input, but for the path, which is below the data folder unless it is absolute. `replace`: a piece of the
// rule file and what is to stand there instead. With `only_rule` the other rules are disabled and alerts are only counted.
Outcome run_rules(const std::string& rule_file, const std::string& streams, const fs::path& path, unsigned threads = 1,
                  const std::pair<std::string, std::string>& replace = {}, std::string_view only_rule = {}) {
  Outcome outcome;
  const std::vector<std::string> paths{std::string(SEQUITUR_RULES_DIR) + "/real/" + rule_file};
  auto files = read_rule_files(paths, {});
  EXPECT_TRUE(files.ok());
  if (!replace.first.empty()) {
    const std::size_t at = files->front().text.find("stream access") == std::string::npos
                               ? std::string::npos
                               : files->front().text.find(replace.first, files->front().text.find("stream access"));
    EXPECT_NE(at, std::string::npos);
    if (at == std::string::npos) return outcome;
    files->front().text.replace(at, replace.first.size(), replace.second);
  }
  if (!only_rule.empty()) leave_only(only_rule, files->front().text);
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load(*files, diagnostics);
  EXPECT_TRUE(rules) << dsl::diagnostics_text(diagnostics, *files);
  if (!rules) return outcome;
  const auto plan = plan_input((streams.empty() ? "" : streams + "=") + (data_folder() / path).string(), *rules, {});
  EXPECT_TRUE(plan.ok()) << plan.error().message;
  if (!plan.ok()) return outcome;
  const std::vector<InputPlan> plans{*plan};
  auto inputs = open_inputs(plans, *rules, {});
  EXPECT_TRUE(inputs.ok()) << inputs.error().message;
  if (!inputs.ok()) return outcome;
  CollectingSink sink;
  sink.keep_text = only_rule.empty();
  Sink* const sinks[] = {&sink};
  EngineOptions options;
  options.threads = threads;
  const auto summary = run(rules, options, *std::move(inputs), sinks, nullptr, {});
  EXPECT_TRUE(summary.ok()) << summary.error().message;
  if (summary.ok()) outcome.summary = *summary;
  outcome.by_rule = sink.by_rule;
  outcome.alerts = std::move(sink.text);
  outcome.standing = std::move(sink.standing);
  return outcome;
}

class RealDataTest : public testing::Test {
 protected:
  void need(const fs::path& path) {
    if (!fs::exists(data_folder() / path)) GTEST_SKIP() << path << " is not there";
  }
  static std::uint64_t late(const Outcome& outcome) { return outcome.summary.bad[static_cast<std::size_t>(BadReason::kLate)]; }
};

TEST_F(RealDataTest, OpenSshLog) {
  const fs::path path = "logs/loghub_public/OpenSSH_2k.log";
  need(path);
  if (IsSkipped()) return;
  const Outcome outcome = run_rules("openssh.seq", "", path);
  EXPECT_EQ(outcome.summary.records, 2000u);
  EXPECT_EQ(outcome.summary.engine.events, 721u);
  EXPECT_EQ(outcome.by_rule.at("ssh_brute_force"), 9);
  EXPECT_EQ(outcome.by_rule.at("ssh_burst_over"), 7);
  EXPECT_EQ(outcome.by_rule.count("ssh_guessed"), 0u);
}

// The large files take a while where asserts and sanitizers are on.
#ifdef NDEBUG
constexpr bool kLargeFiles = true;
#else
constexpr bool kLargeFiles = false;
#endif

const fs::path kAccessLog = "logs/apache_access_public.log";

// Of the access log, its lines in the order of their times.
fs::path sorted_access_log() {
  std::ifstream file(data_folder() / kAccessLog, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) lines.push_back(line);
  // All of May 2015: "[17/May/2015:10:05:03" sorts as text.
  const auto time = [](const std::string& line) { return line.substr(line.find('['), 21); };
  std::stable_sort(lines.begin(), lines.end(), [&](const std::string& a, const std::string& b) { return time(a) < time(b); });
  const fs::path sorted = fs::path(testing::TempDir()) / fmt::format("sequitur_sorted_access_{}.log", getpid());
  {
    std::ofstream out(sorted, std::ios::binary);
    for (const std::string& line : lines) out << line << '\n';
  }
  return sorted;
}

// 94 % of the lines are out of order by up to 59 seconds.
TEST_F(RealDataTest, AccessLogInDisorderGivesTheAlertsOfTheSortedOne) {
  need(kAccessLog);
  if (IsSkipped()) return;
  const fs::path sorted = sorted_access_log();
  const Outcome shuffled = run_rules("apache_access.seq", "", kAccessLog);
  const Outcome in_order = run_rules("apache_access.seq", "", sorted);
  fs::remove(sorted);
  EXPECT_EQ(late(shuffled), 0u);
  EXPECT_EQ(shuffled.summary.engine.events, 10'000u);
  EXPECT_GT(shuffled.alerts.size(), 100'000u);
  EXPECT_TRUE(shuffled.alerts == in_order.alerts);
  EXPECT_TRUE(shuffled.alerts == run_rules("apache_access.seq", "", kAccessLog, 3).alerts);
}

// Without waiting: 8,685 and more lines come late, alerts are withdrawn and issued again, and at the end those of the sorted file stand.
TEST_F(RealDataTest, AccessLogRevisedEndsWithTheAlertsOfTheSortedOne) {
  need(kAccessLog);
  if (IsSkipped()) return;
  const std::pair<std::string, std::string> revise{"lateness 60s", "late revise keep 1m"};
  const fs::path sorted = sorted_access_log();
  const Outcome revised = run_rules("apache_access.seq", "", kAccessLog, 1, revise);
  const Outcome in_order = run_rules("apache_access.seq", "", sorted, 1, revise);
  const Outcome waited = run_rules("apache_access.seq", "", kAccessLog);
  fs::remove(sorted);
  EXPECT_EQ(late(revised), 0u);
  EXPECT_GT(revised.summary.revised, 8'685u);
  EXPECT_EQ(revised.summary.engine.events, 10'000u);
  EXPECT_GT(revised.summary.withdrawn, 0u);
  EXPECT_EQ(in_order.summary.revised, 0u);
  EXPECT_GT(in_order.standing.size(), 100u);
  EXPECT_TRUE(revised.standing == in_order.standing);
  EXPECT_TRUE(revised.standing == waited.standing);
  if (kLargeFiles) { EXPECT_TRUE(revised.alerts == run_rules("apache_access.seq", "", kAccessLog, 2, revise).alerts); }
}

TEST_F(RealDataTest, TooShortALatenessCountsEveryLateLine) {
  need(kAccessLog);
  if (IsSkipped()) return;
  const Outcome outcome = run_rules("apache_access_late.seq", "", kAccessLog);
  EXPECT_EQ(late(outcome), 8'685u);
  EXPECT_EQ(outcome.summary.engine.events, 1'315u);
}

TEST_F(RealDataTest, WindowsEventsOfRecordedAttacks) {
  const fs::path path = "security/mordor_public.jsonl.zst";
  need(path);
  if (IsSkipped()) return;
  const Outcome outcome =
      run_rules("windows_events.seq", "process,connection,access,file_created,registry,log_cleared,service,logon,script", path);
  EXPECT_EQ(outcome.summary.records, 89'497u);
  EXPECT_EQ(late(outcome), 0u);
  EXPECT_EQ(outcome.by_rule.at("audit_log_cleared"), 8);
  EXPECT_EQ(outcome.by_rule.at("run_key_persistence"), 2);
  EXPECT_EQ(outcome.by_rule.at("uac_bypass"), 1);
  EXPECT_EQ(outcome.by_rule.at("web_shell"), 1);
}

TEST_F(RealDataTest, CardPayments) {
  const fs::path path = "payments/handbook_card_tx_2018_public.csv.zst";
  if (!kLargeFiles) GTEST_SKIP() << "only in release builds";
  need(path);
  if (IsSkipped()) return;
  const Outcome outcome = run_rules("card_payments.seq", "", path);
  EXPECT_EQ(outcome.summary.engine.events, 1'754'155u);
  EXPECT_EQ(outcome.by_rule.at("amount_over_limit"), 3'258);
  EXPECT_EQ(outcome.by_rule.at("far_above_usual"), 934);
}

// As many as a program counts that goes through the payments of each key by itself: 401 and 27 weeks, and the end of each.
TEST_F(RealDataTest, CardPaymentsByTheWeek) {
  const fs::path path = "payments/handbook_card_tx_2018_public.csv.zst";
  if (!kLargeFiles) GTEST_SKIP() << "only in release builds";
  need(path);
  if (IsSkipped()) return;
  const Outcome outcome = run_rules("card_payments_windows.seq", "", path);
  EXPECT_EQ(outcome.by_rule.at("customer_week"), 2 * 401);
  EXPECT_EQ(outcome.by_rule.at("terminal_week"), 2 * 27);
  const EngineCounters& at_end = outcome.summary.at_end;
  EXPECT_GT(at_end.rules[0].window_keys, 4'000u);
  EXPECT_LT(at_end.rules[0].window_bytes / at_end.rules[0].window_keys, 4'096u);
  EXPECT_EQ(outcome.summary.engine.rules[0].window_keys, 0u);
}

// The matches of the CORE engine's stock benchmark, counted there and by brute force: on so many events, so many matches.
TEST_F(RealDataTest, CoreStockQueriesAreCounted) {
  const fs::path path = "markets/core_stock.csv.zst";
  need(path);
  if (IsSkipped()) return;
  const Outcome outcome = run_rules("core_stock.seq", "", path, 2);
  EXPECT_EQ(outcome.summary.engine.events, 224'473u);
  std::map<std::string, std::uint64_t> matches;
  std::istringstream lines(outcome.alerts);
  for (std::string line; std::getline(lines, line);) {
    const auto number = [&](std::string_view name) {
      const std::size_t at = line.find(name);
      return at == std::string::npos ? ~std::uint64_t{0} : std::strtoull(line.c_str() + at + name.size(), nullptr, 10);
    };
    const std::size_t rule = line.find("\"rule\":\"") + 8;
    matches[line.substr(rule, line.find('"', rule) - rule)] += number("\"n\":");
    ASSERT_NE(line.find("\"modular\":false"), std::string::npos) << line;
  }
  EXPECT_EQ(outcome.by_rule.at("q1"), 6'566);
  EXPECT_EQ(outcome.by_rule.at("q2"), 484);
  EXPECT_EQ(outcome.by_rule.at("q3"), 15);
  EXPECT_EQ(matches["q1"], 345'801u);
  EXPECT_EQ(matches["q2"], 1'789'725u);
  EXPECT_EQ(matches["q3"], 2'314'188u);
  EXPECT_EQ(outcome.by_rule.at("q3_ten_minutes"), 7'564);
  EXPECT_GT(matches["q3_ten_minutes"], 1'000'000'000'000'000'000u);
}

// The same, one alert for each match. They are not written here: that would be gigabytes.
TEST_F(RealDataTest, CoreStockQueriesAreListed) {
  const fs::path path = "markets/core_stock.csv.zst";
  need(path);
  if (IsSkipped()) return;
  const auto listed = [&](const std::string& rule) {
    const Outcome outcome = run_rules("core_stock_matches.seq", "", path, 1, {}, rule);
    return outcome.by_rule.at(rule);
  };
  EXPECT_EQ(listed("q1"), 345'801);
  if (!kLargeFiles) GTEST_SKIP() << "the others only in release builds";
  EXPECT_EQ(listed("q2"), 1'789'725);
  EXPECT_EQ(listed("q3"), 2'314'188);
}

TEST_F(RealDataTest, MarketTicksFromOneFile) {
  const fs::path path = "markets/ticks_public.csv.zst";
  if (!kLargeFiles) GTEST_SKIP() << "only in release builds";
  need(path);
  if (IsSkipped()) return;
  const Outcome outcome = run_rules("market_ticks.seq", "", path, 2);
  EXPECT_EQ(outcome.summary.engine.events, 5'212'227u);
  EXPECT_EQ(outcome.summary.unmatched, 0u);
  EXPECT_GT(outcome.by_rule.at("quote_flood"), 0);
}

}  // namespace
}  // namespace sequitur::cli
