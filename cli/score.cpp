#include "cli/score.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/messages.hpp"

namespace sequitur::cli {
namespace {

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

ScoreSink::ScoreSink(std::span<const Incident> incidents) {
  for (const Incident& incident : incidents) {
    Rule& rule = rules_[incident.name];
    for (const auto& [name, value] : incident.key) rule.by_key[value].push_back(rule.labels.size());
    rule.labels.push_back({incident.from, incident.to});
  }
}

Result<void> ScoreSink::write(std::span<const Alert> alerts) {
  std::string value;
  for (const Alert& alert : alerts) {
    if (alert.withdrawn || alert.revision > 0) continue;  // Counted when it was first said: scores are of runs in order.
    const auto found = rules_.find(alert.rule->name);
    if (found == rules_.end()) continue;
    Rule& rule = found->second;
    bool right = false;
    for (const NamedValue& part : alert.key) {
      value.clear();
      append_text(part.value, part.type, value);
      right = mark(rule, value, alert.time) || right;
    }
    ++rule.score.alerts;
    rule.score.true_alerts += right ? 1 : 0;
  }
  return {};
}

bool ScoreSink::mark(Rule& rule, const std::string& key_value, Timestamp time) {
  const auto candidates = rule.by_key.find(key_value);
  if (candidates == rule.by_key.end()) return false;
  bool right = false;
  for (const std::size_t index : candidates->second) {
    Label& label = rule.labels[index];
    if (time < label.from || time > label.to) continue;
    label.caught = right = true;
  }
  return right;
}

std::vector<RuleScore> ScoreSink::scores(std::span<const std::string> loaded) const {
  std::vector<RuleScore> scores;
  for (const auto& [name, rule] : rules_) {
    if (std::find(loaded.begin(), loaded.end(), name) == loaded.end()) continue;
    RuleScore score = rule.score;
    score.rule = name;
    score.incidents = rule.labels.size();
    score.caught =
        static_cast<std::uint64_t>(std::count_if(rule.labels.begin(), rule.labels.end(), [](const Label& label) { return label.caught; }));
    scores.push_back(std::move(score));
  }
  return scores;
}

std::string score_table(std::span<const RuleScore> scores) {
  std::string text =
      fmt::format("{:<28}{:>10}{:>8}{:>8}{:>8}{:>11}{:>9}\n", "rule", "incidents", "caught", "alerts", "true", "precision", "recall");
  for (const RuleScore& score : scores) {
    text += fmt::format("{:<28}{:>10}{:>8}{:>8}{:>8}{:>11}{:>9}\n", score.rule, grouped(score.incidents), grouped(score.caught),
                        grouped(score.alerts), grouped(score.true_alerts), percent(score.true_alerts, score.alerts),
                        percent(score.caught, score.incidents));
  }
  return text;
}

}  // namespace sequitur::cli
