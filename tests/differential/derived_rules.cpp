// The events of E0, E1, .. have the fields that those of A to D have, so every random rule becomes one over derived events by
// exchanging the names of streams in it, and one that emits them by exchanging its `emit`.
#include "tests/differential/derived_rules.hpp"

#include <cctype>
#include <optional>

namespace sequitur::differential {
namespace {

// How the rule can name an event that it surely has taken; nothing if it cannot.
std::optional<std::string> a_taken_event(const RuleText& rule, Random& random) {
  std::vector<std::string> found;
  for (const Line& line : rule.lines) {
    if (!line.head.starts_with("first") && !line.head.starts_with("latest") && !line.head.starts_with("then")) continue;
    const std::size_t colon = line.head.find(": ");
    if (colon == std::string::npos) continue;
    const bool loop = !line.tails.empty() && line.tails[0].starts_with("{");
    found.push_back(line.head.substr(7, colon - 7) + (loop ? random.pick({"[1]", "[-1]"}) : ""));
  }
  if (found.empty()) return std::nullopt;
  return random.pick(found);
}

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

// Puts look-ups into conditions and into what is emitted.
void add_look_ups(RuleText& rule, Random& random) {
  for (Line& line : rule.lines) {
    for (std::string& tail : line.tails)
      if (tail.starts_with(" where ") && random.chance(30))
        tail += random.pick({" and ", " or "}) + random.pick({"T0[j].x == x", "(T0[j].x ?? 1) < 2", "exists T0[k].s", "T0[j].s != s"});
    if (line.head.find("emit") == std::string::npos || !line.head.ends_with(")") || random.chance(40)) continue;
    if (const auto event = a_taken_event(rule, random)) {
      line.head.pop_back();
      line.head += (line.head.ends_with("(") ? "" : ", ") + std::string("look = T0[") + *event + random.pick({".j", ".k"}) + "].x)";
    }
  }
}

// A rule that writes the table.
void write_table(RuleText& rule, Random& random) {
  for (Line& line : rule.lines) {
    const auto event = a_taken_event(rule, random);
    if (!line.head.starts_with("emit") || !event) continue;
    line.head = "emit T0(k = " + *event + ".j, x = " + *event + ".x, s = " + *event + ".s, __deleted = " + *event + ".x == 3)";
    line.tails = {random.chance(50) ? " internal" : ""};
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
      for (Line& line : rule.lines) {
        const bool main = line.head.starts_with("emit");
        if (!main && (line.head.find("emit") == std::string::npos || random.chance(50))) continue;
        const auto event = a_taken_event(rule, random);
        if (!event || (main && level == levels)) continue;
        line.head = line.head.substr(0, line.head.find("emit") + 4) + " E" + std::to_string(level) + fields_of(*event);
        if (main) line.tails = {random.chance(30) ? " internal" : ""};
      }
      if (random.chance(50)) add_look_ups(rule, random);
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

}  // namespace sequitur::differential
