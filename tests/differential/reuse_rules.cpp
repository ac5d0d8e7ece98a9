#include "tests/differential/reuse_rules.hpp"

#include <algorithm>

namespace sequitur::differential {
namespace {

// key k: p0.s = p1.k; lines that are not named read k.
void give_key_by_step(RuleText& rule, Random& random) {
  for (Line& line : rule.lines) {
    if (line.head != "key    k") continue;
    line.head = "key    k: p0." + random.pick({"k", "k", "s", "j"});
    if (rule.lines.size() > 4) line.head += " = p1." + random.pick({"k", "s", "s", "j"});
    if (random.chance(30)) line.head += " = B." + random.pick({"k", "s"});
    return;
  }
}

// One line is over the ticks instead of its streams; what it asks of fields goes.
void put_ticks(RuleText& rule, Random& random) {
  std::vector<Line*> lines;
  for (Line& line : rule.lines)
    for (const char* word : {"first", "then", "next", "no ", "cancel"})
      if (line.head.starts_with(word)) lines.push_back(&line);
  if (lines.empty()) return;
  Line& line = *lines[random.below(lines.size())];
  const std::size_t colon = line.head.find(": ");
  const std::size_t streams = colon != std::string::npos ? colon + 2 : line.head.find_last_of(' ', line.head.find(" | ")) + 1;
  const std::size_t count = line.head.find('{', streams);
  line.head = line.head.substr(0, streams) + "six" + (count == std::string::npos ? "" : line.head.substr(count));
  std::erase_if(line.tails, [](const std::string& tail) {
    return tail.find("where") != std::string::npos || tail.find("except") != std::string::npos;
  });
}

}  // namespace

std::string schedule_text(const Unit& unit) {
  // Cases begin at 22:13:20, at midnight, shortly before it, or whenever.
  if (unit.name == "d") return "schedule six { daily 06:00 on mon..fri zone \"Europe/Berlin\" }\n";
  if (unit.name == "h") return "schedule six { daily 06:00 daily 01:13:20 daily 18:30 on sat..mon zone \"Europe/Berlin\" daily 03:00 }\n";
  std::string lines;
  if (unit.name == "m")
    for (const char* at : {"22:20", "22:30", "22:38:20", "22:50", "00:04", "00:15", "23:59", "07:00"}) lines += std::string(" daily ") + at;
  else
    for (const char* at : {"22:13:21", "22:13:24", "22:13:31", "22:13:40", "00:00:00", "00:00:03", "00:00:11", "23:59:59"})
      lines += std::string(" daily ") + at;
  return "schedule six {" + lines + " }\n";
}

RuleText with_reuse(RuleText rule, Random& random) {
  if (random.chance(25)) give_key_by_step(rule, random);
  if (random.chance(12)) put_ticks(rule, random);
  return rule;
}

}  // namespace sequitur::differential
