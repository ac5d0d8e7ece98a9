// The events of E0, E1, .. have the fields that those of A to D have, so every random rule becomes one over derived events by
// exchanging the names of streams in it, and one that emits them by exchanging its `emit`.
#include "tests/differential/derived_rules.hpp"

#include <cctype>

#include "tests/differential/table_rules.hpp"

namespace sequitur::differential {
namespace {

std::string fields_of(const std::string& event) {
  std::string text = "(";
  for (const char* field : {"n", "k", "j", "x", "y", "s"})
    text += (text.size() > 1 ? ", " : "") + std::string{field} + " = " + event + "." + field;
  return text + ")";
}

// Letters that stand alone: names of streams.
void exchange(std::string& text, char letter, const std::string& name) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto part_of_a_name = [&](std::size_t place) {
      return place < text.size() && (std::isalnum(static_cast<unsigned char>(text[place])) != 0 || text[place] == '_');
    };
    if (text[at] == letter && !(at > 0 && part_of_a_name(at - 1)) && !part_of_a_name(at + 1)) text.replace(at, 1, name);
  }
}

}  // namespace

std::vector<RuleText> derived_rules(Random& random, const Unit& unit) {
  std::vector<RuleText> rules;
  for (int i = random.between(0, 2); i > 0; --i) {
    rules.push_back(random_rule(random, "t" + std::to_string(i), unit));
    write_table(rules.back(), random);
  }
  const int levels = random.between(1, 3);
  for (int level = 0; level <= levels; ++level) {
    const int count = level == levels ? 2 : random.between(1, 2);
    for (int i = 0; i < count; ++i) {
      RuleText rule = random_rule(random, "e" + std::to_string(level) + "_" + std::to_string(i), unit);
      if (level > 0)
        for (Line& line : rule.lines)
          for (const char letter : {'A', 'B', 'C', 'D'})
            if (random.chance(45) && !line.head.starts_with("key") && line.head.find("emit") == std::string::npos)
              exchange(line.head, letter, "E" + std::to_string(random.below(static_cast<std::uint64_t>(level))));
      bool feeds = false;
      for (Line& line : rule.lines) {
        const bool main = line.head.starts_with("emit");
        if (!main && (line.head.find("emit") == std::string::npos || random.chance(50))) continue;
        const auto event = a_taken_event(rule, random);
        if (!event || (main && level == levels)) continue;
        line.head = line.head.substr(0, line.head.find("emit") + 4) + " E" + std::to_string(level) + fields_of(*event);
        if (main) line.tails = {random.chance(30) ? " internal" : ""};
        feeds = feeds || main;
      }
      // What is held back must not feed the rules above.
      if (feeds && random.chance(60)) rule.lines.push_back({"limit 1 per " + std::to_string(random.between(5, 20)) + unit.name, {}});
      if (random.chance(50)) add_look_ups(rule, random);
      if (random.chance(50)) watch_table(rule, random);
      rules.push_back(std::move(rule));
    }
  }
  if (random.chance(40)) rules.push_back(silence_of_keys(random, "w0", unit));
  return rules;
}

}  // namespace sequitur::differential
