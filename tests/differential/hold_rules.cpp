#include "tests/differential/hold_rules.hpp"

#include <algorithm>

namespace sequitur::differential {
namespace {

class HoldWriter {
 public:
  HoldWriter(Random& random, const std::string& name, const Unit& unit) : random_(random), unit_(unit) { rule_.name = name; }

  RuleText write() {
    add(random_.pick({"key    k", "key    k", "key    k", "key    j"}), {});
    const int lines = random_.pick(std::vector<int>{1, 1, 2, 2, 3, 4});
    add("within " + duration(5, 16), {});
    if (random_.chance(20)) add("cancel on " + stream(), {where(80)});
    if (random_.chance(10)) add("no     " + stream(), {" where x == 1 for " + duration(1, 3)});
    const int needed = random_.between(0, lines - 1);  // This line has a `hold`.
    bool last_is_hold = false;
    for (int i = 0; i < lines; ++i) {
      if (i > 0) write_gap();
      last_is_hold = write_line(i == 0, i == needed || random_.chance(30));
    }
    bool silence = false;
    if (random_.chance(20)) {
      silence = true;
      if (random_.chance(30)) add("no     " + stream(), {where(80)});
      add("no     " + stream(), {where(50), " for " + duration(1, 5) + after(10)});
    }
    emit("emit   found_" + rule_.name, true);
    if (random_.chance(50)) emit("on timeout emit gone_" + rule_.name, false);
    if (random_.chance(50)) emit("on break emit broken_" + rule_.name, false);
    if (last_is_hold && !silence && random_.chance(60)) emit("on clear emit cleared_" + rule_.name, false);
    if (random_.chance(40)) {
      std::vector<std::string> policies{"keep", "skip past last", "skip to next"};
      for (const char* to : {"skip to first ", "skip to last "}) policies.push_back(to + random_.pick(names_));
      add("on match " + random_.pick(policies), {});
    }
    return std::move(rule_);
  }

 private:
  void add(std::string head, std::vector<std::string> tails, bool needed = false) {
    std::erase(tails, "");
    rule_.lines.push_back({std::move(head), std::move(tails), needed});
  }
  std::string number(int value) { return std::to_string(value); }
  std::string duration(int least, int most) { return number(random_.between(least, most)) + unit_.name; }
  std::string stream() { return random_.pick({"A", "A", "B", "B", "C", "low_a", "A | B"}); }
  std::string comparison() { return random_.pick({"!=", "<", "<=", ">", ">=", ">="}); }
  std::string new_name() { return "p" + number(next_++); }
  std::string after(int percent) { return !names_.empty() && random_.chance(percent) ? " after " + random_.pick(names_) : ""; }

  std::string atom() {
    if (!names_.empty() && random_.chance(25)) {
      const std::string name = random_.pick(names_);
      return random_.pick(std::vector<std::string>{"x <= count(" + name + ")", "x >= (min(" + name + ".x) ?? 1)",
                                                   "x != (last(" + name + ".x) ?? 2)", "exists " + name});
    }
    return random_.pick(std::vector<std::string>{"x " + comparison() + " " + number(random_.between(0, 2)), "x >= 0", "x >= 1",
                                                 "x >= (prev.x ?? 1)", "not (s contains \"a\")"});
  }
  std::string where(int percent) { return random_.chance(percent) ? " where " + atom() : ""; }
  std::string limit(bool first) {
    if (first || !random_.chance(15)) return "";
    return random_.pick({" at most ", " at most ", " at least "}) + duration(1, 5) + after(40);
  }

  void write_gap() {
    if (random_.chance(15)) add("no     " + stream(), {where(85)});
    if (random_.chance(10))
      add("no     all { g1: " + stream() + where(40) + " g2: " + stream() + where(60) + " }",
          {random_.chance(40) ? " for " + duration(1, 3) : ""});
    if (random_.chance(6)) add("no next " + stream(), {where(60)});
    if (random_.chance(8)) add("no     " + stream(), {where(60), " for " + duration(1, 2)});
  }

  std::string hold(bool first) {
    const std::string name = new_name();
    std::string text = "hold " + name + ": " + stream();
    const bool gap = random_.chance(30);
    text += where(gap ? 80 : 100);
    if (random_.chance(8)) text += " except x == 2";
    if (gap) text += " gap " + duration(1, 3);
    text += " for " + duration(1, 4) + limit(first);
    names_.push_back(name);
    return text;
  }
  std::string step(bool first) {
    const std::string name = new_name();
    std::string text = name + ": " + stream();
    if (random_.chance(20))
      text += random_.pick({"{2}", "{1..}", "{1..3}", "{1..} greedy", "{2..} strict"});
    else if (!first && random_.chance(12))
      text += " optional";
    text += where(50) + limit(first);
    names_.push_back(name);
    return text;
  }
  std::string all(bool first) {
    const int lines = random_.between(2, 3);
    std::string text = (random_.chance(70) ? "all" : number(random_.between(1, lines)) + " of") + std::string(" { ");
    bool held = false;
    for (int i = 0; i < lines; ++i) {
      const bool holds = (i + 1 == lines && !held) || random_.chance(45);
      held = held || holds;
      if (holds)
        text += hold(first);
      else
        text += new_name() + ": " + stream() + where(60);
      text += " ";
    }
    return text + "}" + limit(first);
  }
  std::string branch(bool first) {
    std::string text = "{ " + (random_.chance(65) ? hold(first) : step(first)) + " ";
    if (random_.chance(40)) text += "then " + (random_.chance(30) ? hold(false) : step(false)) + " ";
    return text + "}";
  }

  // Returns whether the line is a `hold` by itself.
  bool write_line(bool first, bool holds) {
    const std::string word = first ? "first  " : random_.pick({"then   ", "then   ", "then   ", "next   ", "each   "});
    if (!holds) {
      add(word + step(first), {}, true);
      return false;
    }
    switch (random_.below(8)) {
      case 0: add(word + all(first), {}, true); return false;
      case 1: {
        const std::string one = branch(first);
        add(word + "either " + one + " or " + branch(first), {}, true);
        return false;
      }
      case 2: add(word + "repeat" + random_.pick({"{2}", "{1..}", "{1..2}", "{2..} greedy"}) + " " + branch(first), {}, true); return false;
      default: add((random_.chance(60) && word != "next   " && word != "each   " ? "" : word) + hold(first), {}, true); return true;
    }
  }

  void emit(const std::string& head, bool needed) {
    std::string fields;
    for (const std::string& name : names_) {
      if (!random_.chance(60)) continue;
      fields += (fields.empty() ? "" : ", ") + std::string("f") + name + " = " +
                random_.pick(std::vector<std::string>{"count(" + name + ")", "sum(" + name + ".x)", "last(" + name + ".n)"});
    }
    add(head + "(" + fields + ")", {}, needed);
  }

  Random& random_;
  const Unit unit_;
  RuleText rule_;
  std::vector<std::string> names_;
  int next_ = 0;
};

}  // namespace

RuleText hold_rule(Random& random, const std::string& name, const Unit& unit) { return HoldWriter(random, name, unit).write(); }

}  // namespace sequitur::differential
