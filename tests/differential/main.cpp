// differential: random rules over random events, engine against reference.
//
//     differential --cases 20000 --seed 1        compares; 0 when all are equal
//     differential --mutations --cases 20000     breaks the reference on purpose, in each of its ways; 0 when all are noticed
//     differential --small --every 100           every 100th small rule over all small streams (--length 4)
//     differential --shared                      only rules that shared_matches() writes
//     differential --holds                       only rules with `hold`
//     differential --joins                       only joins of two streams, also against the naive join
//     differential --rules 20 --seed 1           only shows rules
//     --windows 100                              with a window only (percent; 20)
//
// A case is one rule over one table of events. Rounds of some rules and some tables share the cost of loading; a round is
// determined by its seed, which is printed with every difference.
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "dsl/load.hpp"
#include "tests/differential/block_rules.hpp"
#include "tests/differential/comparison.hpp"
#include "tests/differential/derived_rules.hpp"
#include "tests/differential/hold_rules.hpp"
#include "tests/differential/join_rules.hpp"
#include "tests/differential/reuse_rules.hpp"
#include "tests/differential/small_rules.hpp"
#include "tests/differential/table_join_rules.hpp"
#include "tests/differential/table_rules.hpp"
#include "tests/differential/window_rules.hpp"

namespace sequitur::differential {
namespace {

constexpr std::size_t kRulesOfARound = 6;
constexpr std::size_t kTablesOfARound = 20;

struct Arguments {
  std::uint64_t cases = 20'000;
  std::uint64_t seed = 1;
  unsigned threads = 4;   // At most, of run().
  double time_limit = 0;  // Seconds; 0: none. What was compared until then counts.
  std::uint64_t show_rules = 0;
  int windows = 20;  // Percent of the rules that have a window.
  bool mutations = false;
  bool small = false;
  bool shared = false;      // Only rules of shared_matches().
  bool holds = false;       // Only rules of hold_rule().
  bool guards = false;      // Only rules of guard_block_rule().
  bool joins = false;       // Only rules of random_join().
  std::uint64_t every = 1;  // Of the small rules.
  int length = 4;           // Of the small streams.
  bool verbose = false;     // Which diagnostics the rejected rules had.
  bool progress = false;
};

char current_seed[32] = "";  // For the message of a crash.

void on_crash(int signal) {
  const auto say = [](const char* text) { (void)!write(2, text, std::strlen(text)); };
  say("crashed in the round of --seed ");
  say(current_seed);
  say("\n");
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

using Rejections = std::map<std::string, std::pair<std::uint64_t, std::string>>;  // By code: how many, and the last one's text.

// Those that are accepted behind the rules before them.
void add_derived_rules(Random& random, const Unit& unit, std::vector<RuleText>& accepted) {
  accepted.resize(2);
  for (RuleText& rule : derived_rules(random, unit)) {
    std::vector<Diagnostic> why;
    accepted.push_back(std::move(rule));
    if (!load_rules(accepted, unit, why)) accepted.pop_back();
  }
}

LoadedRules random_rules(Random& random, const Arguments& arguments, Rejections& rejected) {
  const bool shared = arguments.shared;
  std::vector<RuleText> accepted;
  std::vector<Diagnostic> why;
  const Unit unit = random_unit(random);
  while (accepted.size() < kRulesOfARound) {
    const std::string name = "r" + std::to_string(accepted.size());
    RuleText rule = shared                             ? shared_matches(random, name, unit)
                    : arguments.holds                  ? hold_rule(random, name, unit)
                    : arguments.guards                 ? with_reuse(guard_block_rule(random, name, unit), random)
                    : random.chance(arguments.windows) ? random_window_rule(random, name, unit)
                                                       : with_reuse(random_rule(random, name, unit), random);
    const std::string text = stream_text(unit) + to_text(rule);
    const dsl::Loaded loaded = dsl::load(std::vector<SourceFile>{{"random.seq", text}});
    if (loaded.ok()) {
      accepted.push_back(std::move(rule));
      continue;
    }
    for (const auto& diagnostic : loaded.diagnostics) {
      if (diagnostic.severity != Severity::kError) continue;
      auto& [count, example] = rejected[diagnostic.code];
      ++count;
      example = diagnostic.message + "\n" + text.substr(stream_text(unit).size()) +
                "  at: " + text.substr(diagnostic.span.begin, diagnostic.span.end - diagnostic.span.begin);
    }
  }
  if (!shared && !arguments.holds && !arguments.guards && random.chance(30)) add_derived_rules(random, unit, accepted);
  auto rules = load_rules(std::move(accepted), unit, why);
  if (rules) return *std::move(rules);
  std::cerr << "accepted one by one, but not together:\n";
  for (const auto& diagnostic : why) std::cerr << diagnostic.code << " " << diagnostic.message << "\n";
  std::exit(2);
}

void print(const SmallCase& small, const Settings& settings, std::uint64_t seed) {
  std::cout << "DIFFERENCE (" << to_text(settings) << "), reproduce with --seed " << seed << " --cases 1\n";
  std::cout << stream_text(small.rules.unit);
  for (const auto& rule : small.rules.texts) std::cout << to_text(rule);
  std::cout << "events:\n" << to_text(small.table, small.rules.schemas) << small.difference << std::flush;
}

// All rules of a round are those of one join.
LoadedRules join_rules(const Join& join) {
  std::vector<Diagnostic> why;
  auto rules = load_rules(join.rules, join.unit, why);
  if (rules) return *std::move(rules);
  std::cerr << "the rules of a join are not accepted:\n";
  for (const RuleText& rule : join.rules) std::cerr << to_text(rule);
  for (const auto& diagnostic : why) std::cerr << diagnostic.code << " " << diagnostic.message << "\n";
  std::exit(2);
}

// What the random cases are worth: rules that never alert compare nothing.
struct Tally {
  std::uint64_t tables = 0, events = 0, alerts = 0, held = 0, runs_begun = 0, unknown_past = 0;
  std::map<std::string_view, std::uint64_t> by_kind;
  std::set<std::pair<std::uint64_t, std::size_t>> rules_that_alerted;  // Round and rule.

  void add(std::uint64_t round, const EventTable& table, const reference::Outcome& expected) {
    ++tables;
    events += table.rows.size();
    alerts += expected.alerts.size();
    for (const auto& alert : expected.alerts) {
      ++by_kind[sequitur::to_string(alert.kind)];
      held += alert.held > 0 ? 1 : 0;
      rules_that_alerted.emplace(round, alert.rule);
    }
    for (const auto& counters : expected.counters) {
      runs_begun += counters.runs_begun;
      unknown_past += counters.unknown_past;
    }
  }
};

class Program {
 public:
  explicit Program(const Arguments& arguments) : arguments_(arguments), begin_(std::chrono::steady_clock::now()) {}

  int run() {
    if (arguments_.show_rules > 0) return show_rules();
    if (arguments_.small) return compare_small();
    return arguments_.mutations ? notice_mutations() : compare();
  }

 private:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }
  bool out_of_time() const { return arguments_.time_limit > 0 && seconds() > arguments_.time_limit; }

  // Rounds from the seed on until so many cases were compared; stops at the first difference. Returns whether there was none.
  bool compare_rounds(std::uint64_t cases, reference::Mutation mutation, bool report) {
    done_ = 0;
    for (std::uint64_t round = 0; done_ < cases && !out_of_time(); ++round) {
      const std::uint64_t seed = arguments_.seed + round;
      std::strncpy(current_seed, std::to_string(seed).c_str(), sizeof current_seed - 1);
      Random random(seed * 0x9E3779B97F4A7C15ULL + 1);
      // A part of the rounds, decided apart so that the others stay as they are.
      std::optional<Join> join;
      if (arguments_.joins || (!arguments_.shared && !arguments_.holds && seed % 12 == 7)) join = random_join(random, random_unit(random));
      const bool tables = join && seed / 12 % 3 == 1;  // The changes of joined tables instead.
      if (tables) join->rules = table_join_rules(random);
      const LoadedRules rules = join ? join_rules(*join) : random_rules(random, arguments_, rejected_);
      accepted_ += rules.texts.size();
      for (std::size_t rule = 0; rule < rules.texts.size(); ++rule) {  // Behind them stand those that the checker spells out.
        const std::string text = to_text(rules.texts[rule]);
        if (!rules.checked[rule].key_ways.empty()) with_key_ways_.emplace(seed, rule);
        if (text.find(" six") != std::string::npos) with_ticks_.emplace(seed, rule);
        if (text.find(" from T") != std::string::npos) watching_.emplace(seed, rule);
      }
      const bool asks_t4 = !join && std::any_of(rules.texts.begin(), rules.texts.end(), [](const RuleText& rule) {
        const std::string text = to_text(rule);
        return text.find("T4") != std::string::npos || text.find("T5") != std::string::npos || text.find("T7") != std::string::npos;
      });
      for (std::size_t t = 0; t < kTablesOfARound; ++t) {
        EventTable table = random_events(random, rules.unit);
        if (asks_t4) make_changes(table, seed + t);
        if (tables) make_changes_of_both(table, random);
        Settings settings = random_settings(random, arguments_.threads);
        settings.reference.mutation = mutation;
        if (mutation != reference::Mutation::kNone) settings.through_run = false;
        reference::Outcome expected;
        const auto found = difference(rules, table, settings, &expected);
        done_ += rules.texts.size();
        tally_.add(seed, table, expected);
        const auto naive = !join || found ? std::nullopt
                           : tables       ? difference_of_table_join(table, rules.unit, expected, settings.reference)
                                          : difference_of_join(*join, table, expected, settings.reference);
        if (!found && !naive) continue;
        if (report) print(found ? shrink(rules, table, settings) : SmallCase{rules, table, *naive}, settings, seed);
        return false;
      }
      if (arguments_.progress && seconds() > next_progress_) {
        next_progress_ = seconds() + 5;
        std::cout << done_ << " cases, " << static_cast<std::uint64_t>(static_cast<double>(done_) / seconds()) << " a second" << std::endl;
      }
    }
    return true;
  }

  int compare() {
    const bool equal = compare_rounds(arguments_.cases, reference::Mutation::kNone, true);
    if (arguments_.verbose) show_statistics();
    std::cout << done_ << " cases, " << (equal ? 0 : 1) << " differences (seed " << arguments_.seed << ", " << static_cast<int>(seconds())
              << " s)\n";
    return equal ? 0 : 1;
  }

  // The small rules from number seed - 1 on.
  int compare_small() {
    const Unit unit{"s", 1'000'000};
    const EventTable streams = small_streams(arguments_.length);
    const std::uint64_t keys = static_cast<std::uint64_t>(std::llround(std::pow(6, arguments_.length) / 2));
    std::vector<RuleText> batch;
    for (std::uint64_t i = arguments_.seed - 1; i < small_rule_count() && !out_of_time(); i += arguments_.every) {
      RuleText rule = small_rule(i, "r" + std::to_string(batch.size()));
      const std::vector<SourceFile> files{{"small.seq", stream_text(unit) + to_text(rule)}};
      if (!rule.lines.empty() && dsl::load(files).ok()) batch.push_back(std::move(rule));
      if (batch.size() < 20 && i + arguments_.every < small_rule_count()) continue;
      if (!small_batch_equal(std::exchange(batch, {}), unit, streams)) return 1;
      if (arguments_.progress && seconds() > next_progress_) {
        next_progress_ = seconds() + 5;
        std::cout << "rule " << i << " of " << small_rule_count() << std::endl;
      }
    }
    std::cout << done_ * keys << " cases, 0 differences (" << done_ << " small rules, " << keys << " streams)\n";
    return 0;
  }

  bool small_batch_equal(std::vector<RuleText> batch, const Unit& unit, const EventTable& streams) {
    std::vector<Diagnostic> why;
    done_ += batch.size();
    const auto rules = load_rules(std::move(batch), unit, why);
    Settings settings;
    settings.feeding = Feeding::kSpans;
    // There are enough events for several tasks to share a batch.
    settings.through_run = true;
    settings.threads = static_cast<unsigned>(done_ / 20 % arguments_.threads) + 1;
    settings.seed = done_;
    settings.general_strategy = done_ / 20 % 3 == 0;
    if (!rules || !difference(*rules, streams, settings)) return true;
    for (const RuleText& text : rules->texts) {
      const auto one = load_rules({text}, unit, why);
      if (!difference(*one, streams, settings)) continue;
      for (const Row& row : streams.rows) {
        const EventTable table = events_of_key(streams, std::get<std::string>(row.values[kK]));
        if (const auto found = difference(*one, table, settings)) {
          print({*one, table, *found}, settings, arguments_.seed);
          return false;
        }
      }
    }
    std::cout << "DIFFERENCE of several rules or keys together only\n";
    return false;
  }

  int notice_mutations() {
    int missed = 0;
    for (int i = 1; i <= reference::kMutations; ++i) {
      const auto mutation = static_cast<reference::Mutation>(i);
      const bool equal = compare_rounds(arguments_.cases, mutation, arguments_.verbose);
      std::cout << reference::to_string(mutation) << (equal ? ": NOT noticed in " : ": noticed after ") << done_ << " cases" << std::endl;
      if (equal) ++missed;
    }
    return missed == 0 ? 0 : 1;
  }

  int show_rules() {
    Random random(arguments_.seed * 0x9E3779B97F4A7C15ULL + 1);
    const Unit unit = random_unit(random);
    std::cout << stream_text(unit);
    for (std::uint64_t i = 0; i < arguments_.show_rules; ++i) {
      const std::string name = "r" + std::to_string(i);
      std::cout << to_text(random.chance(arguments_.windows) ? random_window_rule(random, name, unit) : random_rule(random, name, unit));
    }
    return 0;
  }

  void show_statistics() const {
    std::cout << tally_.tables << " tables of " << tally_.events << " events, " << tally_.alerts << " alerts";
    for (const auto& [kind, count] : tally_.by_kind) std::cout << ", " << count << " " << kind;
    std::cout << ", " << tally_.held << " with alerts held before, " << tally_.runs_begun << " runs begun, " << tally_.unknown_past
              << " with unknown past\n"
              << accepted_ << " rules accepted (" << with_key_ways_.size() << " with keys by step, " << alerting(with_key_ways_)
              << " of them with alerts; " << with_ticks_.size() << " with ticks, " << alerting(with_ticks_) << " of them with alerts; "
              << watching_.size() << " with keys from a table, " << alerting(watching_) << " of them with alerts), "
              << tally_.rules_that_alerted.size() << " of them with alerts; rejected by diagnostic:\n";
    for (const auto& [code, entry] : rejected_) std::cout << code << " " << entry.first << " times, such as: " << entry.second << "\n\n";
  }

  std::size_t alerting(const std::set<std::pair<std::uint64_t, std::size_t>>& rules) const {
    return static_cast<std::size_t>(
        std::count_if(rules.begin(), rules.end(), [&](const auto& rule) { return tally_.rules_that_alerted.contains(rule); }));
  }

  const Arguments arguments_;
  const std::chrono::steady_clock::time_point begin_;
  std::uint64_t done_ = 0, accepted_ = 0;
  double next_progress_ = 0;
  std::set<std::pair<std::uint64_t, std::size_t>> with_key_ways_, with_ticks_, watching_;  // Round and rule.
  Rejections rejected_;
  Tally tally_;
};

int main(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "0";
    if (name == "--mutations")
      arguments.mutations = true;
    else if (name == "--verbose")
      arguments.verbose = true;
    else if (name == "--shared")
      arguments.shared = true;
    else if (name == "--holds")
      arguments.holds = true;
    else if (name == "--guards")
      arguments.guards = true;
    else if (name == "--joins")
      arguments.joins = true;
    else if (name == "--small")
      arguments.small = true;
    else if (name == "--every")
      arguments.every = std::max<std::uint64_t>(1, std::strtoull(value, nullptr, 10)), ++i;
    else if (name == "--length")
      arguments.length = std::clamp(static_cast<int>(std::strtol(value, nullptr, 10)), 1, 6), ++i;
    else if (name == "--progress")
      arguments.progress = true;
    else if (name == "--cases")
      arguments.cases = std::strtoull(value, nullptr, 10), ++i;
    else if (name == "--seed")
      arguments.seed = std::strtoull(value, nullptr, 10), ++i;
    else if (name == "--windows")
      arguments.windows = std::clamp(static_cast<int>(std::strtol(value, nullptr, 10)), 0, 100), ++i;
    else if (name == "--threads")
      arguments.threads = static_cast<unsigned>(std::strtoul(value, nullptr, 10)), ++i;
    else if (name == "--time-limit")
      arguments.time_limit = std::strtod(value, nullptr), ++i;
    else if (name == "--rules")
      arguments.show_rules = std::strtoull(value, nullptr, 10), ++i;
    else {
      std::cerr << "unknown option " << name << "\n";
      return 2;
    }
  }
  if (arguments.threads < 1 || arguments.threads > 64) arguments.threads = 4;
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS}) std::signal(signal, on_crash);
  return Program(arguments).run();
}

}  // namespace
}  // namespace sequitur::differential

int main(int argc, char** argv) { return sequitur::differential::main(argc, argv); }
