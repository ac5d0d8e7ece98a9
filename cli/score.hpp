// How good the rules are: their alerts against labelled incidents.
//
// A label belongs to the rule of its name. An alert of that rule is true if one of its key parts has a value of the label's
// key and its time lies between the label's `from` and `to`, both included. An incident is caught by at least one true alert.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/generate/timeline.hpp"
#include "sequitur/sink.hpp"

namespace sequitur::cli {

struct RuleScore {
  std::string rule;
  std::uint64_t incidents = 0, caught = 0;
  std::uint64_t alerts = 0, true_alerts = 0;
};

// A sink that only compares. Alerts of rules without labels are not looked at.
class ScoreSink : public Sink {
 public:
  explicit ScoreSink(std::span<const Incident> incidents);

  Result<void> write(std::span<const Alert> alerts) override;
  Result<void> flush() override { return {}; }

  // In alphabetical order. `loaded` are the names of the rules that ran: labels of others are left out.
  std::vector<RuleScore> scores(std::span<const std::string> loaded) const;

 private:
  struct Label {
    Timestamp from, to;
    bool caught = false;
  };
  struct Rule {
    RuleScore score;
    std::vector<Label> labels;
    std::unordered_map<std::string, std::vector<std::size_t>> by_key;  // Value of a key part -> labels.
  };

  bool mark(Rule& rule, const std::string& key_value, Timestamp time);

  std::map<std::string, Rule, std::less<>> rules_;
};

// As a table for people.
std::string score_table(std::span<const RuleScore> scores);

}  // namespace sequitur::cli
