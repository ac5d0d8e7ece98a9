#include "cli/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "cli/files.hpp"
#include "cli/messages.hpp"

namespace sequitur::cli {
namespace {

constexpr std::array<std::string_view, 6> kSeverities{"critical", "high", "medium", "low", "informational", ""};

std::uint64_t alerts_of(const RuleCounters& counters) { return counters.matches + counters.timeouts + counters.breaks + counters.clears; }

std::uint64_t bad_records(const RunSummary& summary) {
  std::uint64_t bad = 0;
  for (std::size_t reason = 0; reason < kBadReasons; ++reason)
    if (static_cast<BadReason>(reason) != BadReason::kLate) bad += summary.bad[reason];
  return bad;
}

std::string bad_lines(const RunSummary& summary) {
  std::string text = fmt::format("  bad         {:>15}", grouped(bad_records(summary)));
  const char* separator = "   ";
  for (std::size_t reason = 0; reason < kBadReasons; ++reason) {
    if (summary.bad[reason] == 0 || static_cast<BadReason>(reason) == BadReason::kLate) continue;
    text += fmt::format("{}{} {}", separator, to_string(static_cast<BadReason>(reason)), grouped(summary.bad[reason]));
    separator = ", ";
  }
  return text + '\n';
}

std::string severity_line(const RunSummary& summary, const RuleSet& rules) {
  std::map<std::string_view, std::uint64_t> by_severity;
  for (const RuleInfo& rule : rules.rules()) by_severity[rule.severity] += alerts_of(summary.engine.rules[rule.index]);
  std::string text = fmt::format("  alerts      {:>15}", grouped(summary.alerts));
  const char* separator = "   ";
  for (std::string_view severity : kSeverities) {
    const auto found = by_severity.find(severity);
    if (found == by_severity.end() || found->second == 0) continue;
    text += fmt::format("{}{} {}", separator, severity.empty() ? "without severity" : severity, grouped(found->second));
    separator = ", ";
  }
  return text + '\n';
}

// What tables hold, and what of their changes was lost; nothing where there are no tables.
std::string table_line(const RunSummary& summary, const RuleSet& rules) {
  const auto& schemas = rules.schemas();
  if (std::none_of(schemas.begin(), schemas.end(), [](const StreamSchema& schema) { return schema.table; })) return "";
  std::string text = fmt::format("  table rows  {:>15}", grouped(summary.engine.table_rows));
  const std::pair<std::string_view, std::uint64_t> lost[] = {{"evicted", summary.engine.table_rows_evicted},
                                                             {"refused", summary.engine.table_rows_refused},
                                                             {"without a key", summary.engine.table_rows_without_key},
                                                             {"late changes", summary.late_changes}};
  const char* separator = "   ";
  for (const auto& [name, count] : lost) {
    if (count == 0) continue;
    text += fmt::format("{}{} {}", separator, name, grouped(count));
    separator = ", ";
  }
  return text + '\n';
}

std::string rule_line(const RuleInfo& rule, const RuleCounters& counters) {
  std::string text = fmt::format("    {:<30}{:>9}  {:<13}", rule.name, grouped(alerts_of(counters)), rule.severity);
  const std::pair<std::string_view, std::uint64_t> kinds[] = {{"timeouts", counters.timeouts},
                                                              {"breaks", counters.breaks},
                                                              {"clears", counters.clears},
                                                              {"held back", counters.held},
                                                              {"over the event's limit", counters.over_event_limit},
                                                              {"runs refused", counters.runs_refused},
                                                              {"runs too long", counters.runs_overfull},
                                                              {"unknown past", counters.unknown_past},
                                                              {"keys without ticks", counters.keys_without_ticks},
                                                              {"left a window early", counters.window_overfull},
                                                              {"idle windows forgotten", counters.window_forgotten}};
  for (const auto& [name, count] : kinds)
    if (count > 0) text += fmt::format("  {} {}", name, grouped(count));
  while (text.back() == ' ') text.pop_back();
  return text + '\n';
}

// Rules with alerts, or with something that people should know; the busiest first.
std::string rule_lines(const RunSummary& summary, const RuleSet& rules, bool details) {
  std::vector<const RuleInfo*> shown;
  for (const RuleInfo& rule : rules.rules()) {
    const RuleCounters& counters = summary.engine.rules[rule.index];
    const std::uint64_t worth_knowing = counters.held + counters.over_event_limit + counters.runs_refused + counters.runs_overfull +
                                        counters.unknown_past + counters.keys_without_ticks + counters.window_overfull;
    if (details || alerts_of(counters) > 0 || worth_knowing > 0) shown.push_back(&rule);
  }
  std::stable_sort(shown.begin(), shown.end(), [&](const RuleInfo* a, const RuleInfo* b) {
    return alerts_of(summary.engine.rules[a->index]) > alerts_of(summary.engine.rules[b->index]);
  });
  std::string text;
  for (const RuleInfo* rule : shown) text += rule_line(*rule, summary.engine.rules[rule->index]);
  return text;
}

// What windows (and the key's past) remembered when the input ended: afterwards they are empty.
std::string window_lines(const RunSummary& summary, const RuleSet& rules) {
  std::string text;
  for (const RuleInfo& rule : rules.rules()) {
    const RuleCounters& counters = summary.at_end.rules[rule.index];
    if (counters.window_bytes == 0) continue;
    text += fmt::format("    {:<30}{:>9}  keys, {}, {} a key\n", rule.name, grouped(counters.window_keys), byte_size(counters.window_bytes),
                        byte_size(counters.window_bytes / std::max<std::uint64_t>(1, counters.window_keys)));
  }
  return text.empty() ? text : "  windows                     at the end of the input\n" + text;
}

std::string detail_lines(const RunSummary& summary, const RuleSet& rules) {
  const EngineCounters& engine = summary.engine;
  std::string text = fmt::format("  live        {:>15}   runs of {} keys, {}\n", grouped(engine.live_runs), grouped(engine.live_keys),
                                 byte_size(engine.state_bytes));
  std::uint64_t begun = 0, null_keys = 0;
  for (const RuleInfo& rule : rules.rules()) {
    begun += engine.rules[rule.index].runs_begun;
    null_keys += engine.rules[rule.index].null_keys;
  }
  text += fmt::format("  runs begun  {:>15}\n", grouped(begun));
  text += fmt::format("  null keys   {:>15}   events of a rule without its key\n", grouped(null_keys));
  return text;
}

// What each input was like, and which of them the others had to wait for.
std::string input_lines(const RunSummary& summary) {
  const auto duration = [](Duration value) {
    std::string text;
    append_duration(value, text);
    return text;
  };
  std::string text = "  inputs\n";
  const InputSummary* slowest = nullptr;
  for (const InputSummary& input : summary.inputs) {
    std::string until = "no events";
    if (input.greatest != kBeginningOfTime) append_time(input.greatest, until = "until ");
    text += fmt::format("    {}: {} events {}, lateness {}, furthest behind {}, late {}, revised {}\n", input.name, grouped(input.events),
                        until, duration(input.lateness), duration(input.greatest_delay), grouped(input.late), grouped(input.revised));
    if (input.held_back > 0 && (slowest == nullptr || input.held_back > slowest->held_back)) slowest = &input;
  }
  if (slowest != nullptr)
    text += fmt::format("  watermark   held back by {} most often ({} times), by up to {}\n", slowest->name, grouped(slowest->held_back),
                        duration(slowest->greatest_lag));
  return text;
}

}  // namespace

std::uint64_t peak_memory_bytes() {
  const Result<std::string> status = read_file("/proc/self/status", 1 << 16);
  if (!status) return 0;
  const std::size_t at = status->find("VmHWM:");
  unsigned long long kibibytes = 0;
  if (at == std::string::npos || std::sscanf(status->c_str() + at, "VmHWM: %llu", &kibibytes) != 1) return 0;
  return kibibytes * 1024;
}

std::string summary_text(const RunSummary& summary, const RuleSet& rules, bool details) {
  const double seconds = std::max(summary.seconds, 1e-6);
  std::string text = fmt::format("\n{}\n", summary.stopped ? "Stopped before the end of the input" : "Summary");
  text += fmt::format("  records     {:>15}   {}\n", grouped(summary.records), byte_size(summary.bytes));
  text += fmt::format("  events      {:>15}\n", grouped(summary.engine.events));
  text += fmt::format("  late        {:>15}\n", grouped(summary.bad[static_cast<std::size_t>(BadReason::kLate)]));
  if (summary.revised + summary.withdrawn + summary.reissued > 0)
    text += fmt::format("  revised     {:>15}   late events; alerts withdrawn {}, issued again {}\n", grouped(summary.revised),
                        grouped(summary.withdrawn), grouped(summary.reissued));
  text += bad_lines(summary);
  text += fmt::format("  unmatched   {:>15}   records of no stream\n", grouped(summary.unmatched));
  text += table_line(summary, rules);
  text += severity_line(summary, rules);
  text += rule_lines(summary, rules, details);
  if (details) text += detail_lines(summary, rules) + window_lines(summary, rules) + input_lines(summary);
  text += fmt::format("  time        {:>13.2f} s   {:.2f} M events/s\n", summary.seconds,
                      static_cast<double>(summary.engine.events) / seconds / 1e6);
  text += fmt::format("  peak memory {:>15}\n", byte_size(peak_memory_bytes()));
  return text;
}

std::string reload_text(const FileReload& reload, Timestamp time) {
  std::string when;
  append_text(Slot::of_int(time.time_since_epoch().count()), Type::kTime, when);
  const std::string_view what = reload.table ? "table" : "list";
  if (!reload.problem.empty()) return fmt::format("{} {}: {}; it stays as it was", what, reload.name, reload.problem);
  return fmt::format("{} {}: {} from {}, for events behind {}", what, reload.name, counted(reload.values, reload.table ? "row" : "value"),
                     reload.path, when);
}

}  // namespace sequitur::cli
