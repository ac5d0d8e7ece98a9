#include "engine/rule_change.hpp"

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "dsl/checked_print.hpp"
#include "engine/rule_set_impl.hpp"

namespace sequitur {
namespace {

// What the rule says, without who listens to it, and with how each stream reads the key in the order of names, not of declarations.
std::vector<std::string> said_by(const dsl::Rule& rule, const std::vector<StreamSchema>& schemas) {
  constexpr std::string_view kFeeds = " feeds rules";
  std::vector<std::string> lines;
  std::istringstream text(dsl::print(rule, schemas));
  for (std::string line; std::getline(text, line); lines.push_back(line))
    if (line.ends_with(kFeeds)) line.resize(line.size() - kFeeds.size());
  for (auto line = lines.begin(); line != lines.end(); ++line) {
    if (!line->starts_with("  key ")) continue;
    const auto end = std::find_if(line + 1, lines.end(), [](const std::string& other) { return !other.starts_with("    "); });
    std::sort(line + 1, end);
  }
  return lines;
}

bool same_fields(const StreamSchema& a, const StreamSchema& b) {
  if (a.fields.size() != b.fields.size()) return false;
  for (std::size_t i = 0; i < a.fields.size(); ++i)
    if (a.fields[i].name != b.fields[i].name || a.fields[i].type != b.fields[i].type || a.fields[i].nocase != b.fields[i].nocase)
      return false;
  return a.schedule == b.schedule;
}

std::vector<const dsl::Rule*> live_rules(const RuleSet& rules) {
  std::vector<const dsl::Rule*> live;
  for (const dsl::Rule& rule : rules.impl().files.rules)
    if (!rule.disabled) live.push_back(&rule);
  return live;
}

}  // namespace

RuleMove compare(const RuleSet& from, const RuleSet& to) {
  RuleMove move;
  std::unordered_map<std::string_view, const StreamSchema*> streams;
  for (const StreamSchema& schema : to.schemas()) streams.emplace(schema.name, &schema);
  for (const StreamSchema& schema : from.schemas()) {
    const auto found = streams.find(schema.name);
    move.map.streams.push_back(found != streams.end() && same_fields(schema, *found->second) ? found->second->id : StateMap::kGone);
  }

  const std::vector<const dsl::Rule*> before = live_rules(from), after = live_rules(to);
  std::unordered_map<std::string_view, std::uint32_t> by_name;
  for (std::uint32_t i = 0; i < after.size(); ++i) by_name.emplace(after[i]->info.name, i);
  move.begins.assign(after.size(), true);
  std::vector<bool> replaced(after.size());
  for (const dsl::Rule* rule : before) {
    move.map.rules.push_back(StateMap::kGone);
    const auto found = by_name.find(rule->info.name);
    if (found == by_name.end()) {
      move.change.removed.push_back(rule->info.name);
      continue;
    }
    const std::uint32_t number = found->second;
    bool same = said_by(*rule, from.schemas()) == said_by(*after[number], to.schemas());
    for (const StreamId stream : rule->streams) same = same && move.map.streams[stream] != StateMap::kGone;
    replaced[number] = !same;
    move.begins[number] = !same;
    if (same) move.map.rules.back() = number;
  }
  for (std::uint32_t i = 0; i < after.size(); ++i)
    (replaced[i] ? move.change.replaced : move.begins[i] ? move.change.added : move.change.kept).push_back(after[i]->info.name);
  return move;
}

}  // namespace sequitur
