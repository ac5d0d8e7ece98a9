// Rules of the plainest shape, steps that take one event each and ask nothing of the run, or a loop and a step behind it:
// those that the engine has a strategy of their own for.
#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {

RuleText plain_sequence(Random& random, const std::string& name, const Unit& unit) {
  RuleText rule;
  rule.name = name;
  const auto add = [&](const std::string& head, std::vector<std::string> tails, bool needed) {
    std::erase(tails, "");
    rule.lines.push_back({head, std::move(tails), needed});
  };
  const auto condition = [&](unsigned percent) {
    if (!random.chance(percent)) return std::string{};
    return " where " + random.pick(std::vector<std::string>{"x > 1", "x < 3", "x == 2", "x != 0", "exists x", "j == \"u\""});
  };
  add("key    " + random.pick(std::vector<std::string>{"k", "k", "k", "j", "k, j", "h: x % 2"}), {}, false);
  if (random.chance(80))
    add("within " + std::to_string(random.between(1, 8)) + unit.name, {}, true);
  else
    add("within forever", {}, true);
  if (random.chance(20)) add("cancel on D", {condition(40)}, false);
  // The opening step's stream is not named again, so that no event of a match can begin another run.
  const std::vector<std::string> later{"B", "C", "D", "named_b"};
  const bool loop = random.chance(35);
  const int steps = loop ? 2 : random.between(2, 4);
  if (loop)
    add("first  p0: A",
        {random.pick(std::vector<std::string>{"{1..}", "{2..}", "{2..}", "{3..}"}), random.chance(40) ? " greedy" : "", condition(40)},
        true);
  else
    add(std::string(random.chance(20) ? "latest" : "first ") + " p0: A", {condition(40)}, true);
  for (int step = 1; step < steps; ++step) {
    if (random.chance(30)) add("no     " + random.pick(std::vector<std::string>{"B", "C", "D", "A"}), {condition(60)}, false);
    add("then   p" + std::to_string(step) + ": " + (loop && random.chance(30) ? "A" : random.pick(later)), {condition(40)},
        step + 1 == steps);
  }
  add("emit   found_" + name + "(n = count(p0), x = " + (loop ? "first(p0.x)" : "p0.x") + ")", {}, true);
  if (random.chance(40)) add("on match " + random.pick(std::vector<std::string>{"keep", "skip past last"}), {}, false);
  if (random.chance(15)) add("limit 2 per event", {}, false);
  return rule;
}

}  // namespace sequitur::differential
