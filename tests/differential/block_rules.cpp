#include "tests/differential/block_rules.hpp"

#include <algorithm>

namespace sequitur::differential {
namespace {

class BlockWriter {
 public:
  BlockWriter(Random& random, const std::string& name, const Unit& unit, bool guards) : random_(random), unit_(unit), guards_(guards) {
    rule_.name = name;
  }

  RuleText write() {
    budget_ = random_.pick(std::vector<int>{0, 0, 1, 2, 3});
    add(random_.pick({"key    k", "key    k", "key    k", "key    j"}), {});
    add("within " + duration(2, budget_ > 1 ? 8 : 14), {});
    if (random_.chance(10)) add("cancel on " + stream(), {where(50)});
    if (random_.chance(8)) add("no     " + stream(), {" where x == 1 for " + duration(1, 3)});
    const int lines = random_.between(1, 3);
    for (int i = 0; i < lines; ++i) {
      if (i > 0) write_gap();
      const std::string word = i == 0 ? "first  " : word_behind();
      const bool block = guards_ ? random_.chance(25) : i + 1 == lines || random_.chance(60);
      add(word + body(block ? 2 : 0, i == 0), {}, true);
    }
    if (guards_ && random_.chance(50)) {
      if (random_.chance(20)) add("no     " + guard_block(), {});
      add("no     " + guard_block(), {for_after(5)});
    } else if (random_.chance(35)) {
      if (random_.chance(30)) add("no     " + stream(), {where(80)});
      add("no     " + stream(), {where(50), " for " + duration(1, 5)});
    }
    emit("emit   found_" + rule_.name, true);
    if (random_.chance(50)) emit("on timeout emit gone_" + rule_.name, false);
    if (random_.chance(50)) emit("on break emit broken_" + rule_.name, false);
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
  std::string stream() { return random_.pick({"A", "A", "A", "B", "B", "B", "C", "low_a", "A | B"}); }
  std::string comparison() { return random_.pick({"==", "!=", "<", "<=", ">", ">="}); }
  bool forks(int price, int percent) {
    if (in_guard_) return false;
    if (spent_ + price > budget_ || !random_.chance(percent)) return false;
    spent_ += price;
    return true;
  }
  std::string word_behind() { return forks(1, 25) ? "each   " : !in_guard_ && random_.chance(15) ? "next   " : "then   "; }

  std::string atom() {
    if (!names_.empty() && random_.chance(35)) {
      const std::string name = random_.pick(names_);
      switch (random_.below(4)) {
        case 0: return "x " + comparison() + " count(" + name + ")";
        case 1: return "x >= (max(" + name + ".x) ?? 1)";
        case 2: return "x " + comparison() + " (last(" + name + ".x) ?? 2)";
        default: return "exists " + name;
      }
    }
    return random_.pick(std::vector<std::string>{"x " + comparison() + " " + number(random_.between(0, 3)), "x > 0", "s contains \"a\"",
                                                 "x >= (prev.x ?? 1)"});
  }
  std::string where(int percent) {
    if (!random_.chance(percent)) return "";
    return " where " + (random_.chance(25) ? atom() + " and " + atom() : atom());
  }
  std::string limit(bool first) {
    if (first || !random_.chance(12)) return "";
    return random_.pick({" at most ", " at most ", " at least "}) + duration(1, 4);
  }

  // ` for d`, perhaps `after` a step.
  std::string for_after(int most) {
    std::string text = " for " + duration(1, most);
    if (names_.empty() || !random_.chance(20)) return text;
    const std::string name = random_.pick(names_);
    return text + (random_.chance(30) ? " after first(" + name + ")" : " after " + name);
  }

  // A block behind `no`. Its names are of no use outside.
  std::string guard_block() {
    const std::vector<std::string> names = names_;
    in_guard_ = true;
    std::string text = random_.chance(15) ? "either " + branch(2) + limit(false) : body(2, false, true);
    in_guard_ = false;
    names_ = names;
    return text;
  }

  void write_gap() {
    if (random_.chance(guards_ ? 60 : 5)) add("no     " + guard_block(), {random_.chance(35) ? for_after(3) : ""});
    if (guards_ && random_.chance(15)) add("no     " + guard_block(), {});
    if (random_.chance(20)) add("no     " + stream(), {where(85)});
    if (random_.chance(8)) add("no next " + stream(), {where(60)});
    if (random_.chance(12)) add("no     " + stream(), {where(60), " for " + duration(1, 2)});
  }

  // Counts and modes of a step or of `repeat`.
  std::string modes(bool repeat) {
    const int least = random_.between(1, 2);
    const int most = least + random_.between(repeat ? 0 : 1, 2);
    std::string text = "{" + number(least);
    const bool exact = random_.chance(35) && (repeat || least > 1);
    const bool open = !exact && random_.chance(40);
    if (!exact) text += open ? ".." : ".." + number(most);
    text += "}";
    if (!open && forks(2, 20))
      text += " skipping";
    else if (!in_guard_ && random_.chance(15))
      text += " strict";
    if (forks(1, 25))
      text += " every length";
    else if (random_.chance(15))
      text += " greedy";
    return text;
  }
  std::string optional(bool first) {
    if (!random_.chance(first ? 5 : 12)) return "";
    return (!first && forks(1, 35) ? " every length" : "") + std::string(" optional");
  }

  std::string new_name() { return "p" + number(next_++); }

  std::string step(bool first) {
    const std::string name = new_name();
    std::string text = name + ": " + stream();
    bool loop = random_.chance(30);
    std::string mode = loop ? modes(false) : "";
    text += mode;
    const std::string left_out = optional(first);
    text += mode.find("every length") != std::string::npos || mode.find("greedy") != std::string::npos
                ? (left_out.empty() ? "" : " optional")
                : left_out;
    text += where(55);
    if (loop && random_.chance(12)) text += " until x == " + number(random_.between(0, 3));
    if (loop && random_.chance(12)) text += " gap " + duration(1, 3);
    text += limit(first);
    names_.push_back(name);
    return text;
  }

  std::string branch(int depth) {
    std::string text = "{ ";
    const int lines = random_.pick(std::vector<int>{1, 1, 2, 2, 3});
    for (int i = 0; i < lines; ++i) {
      if (i > 0) {
        if (random_.chance(12)) text += "no " + stream() + where(80) + " ";
        if (!in_guard_ && random_.chance(6)) text += "no next " + stream() + where(60) + " ";
        if (random_.chance(8)) text += "no " + stream() + where(60) + " for " + duration(1, 2) + " ";
        if (guards_ && !in_guard_ && random_.chance(25))
          text += "no " + guard_block() + (random_.chance(30) ? " for " + duration(1, 2) : "") + " ";
        text += word_behind();
      }
      text += body(depth - 1, i == 0) + " ";
    }
    return text + "}";
  }

  std::string lines() {
    std::string text = "{ ";
    const int count = random_.between(2, 3);
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(new_name());
    std::vector<bool> loops;
    for (int i = 0; i < count; ++i) loops.push_back(random_.chance(20));
    for (int i = 0; i < count; ++i) {
      text += names[static_cast<std::size_t>(i)] + ": " + stream();
      if (loops[static_cast<std::size_t>(i)]) text += random_.pick({"{2}", "{1..2}", "{1..}"});
      if (random_.chance(8)) text += " optional";
      const std::size_t other = random_.below(static_cast<std::uint64_t>(count));
      if (random_.chance(65) && static_cast<int>(other) != i && !loops[other] && !loops[static_cast<std::size_t>(i)])
        text += " where " + names[static_cast<std::size_t>(i)] + ".x " + comparison() + " " + names[other] + ".x" +
                (random_.chance(40) ? " and " + atom() : "");
      else
        text += where(50);
      text += " ";
    }
    names_.insert(names_.end(), names.begin(), names.end());
    return text + "}";
  }

  std::string body(int depth, bool first, bool guard = false) {
    const std::uint64_t form = depth <= 0 ? 0 : guard ? 2 + random_.below(7) : random_.below(9);
    if (form < 2) return step(first);
    if (form < 4) return "all " + lines() + limit(first);
    if (form < 5) return number(random_.between(1, 2)) + " of " + lines() + limit(first);
    if (form < 7) {
      std::string text = "either " + branch(depth);
      text += " or " + branch(depth);
      if (random_.chance(15)) text += " or " + branch(depth);
      return text + limit(first);
    }
    const std::string counts = modes(true);
    const bool left_out = !guard && random_.chance(first ? 3 : 12);
    std::string text = "repeat" + counts + (left_out ? " optional " : " ") + branch(depth);
    if (random_.chance(12)) text += " until x == " + number(random_.between(0, 3));
    if (random_.chance(15)) text += " gap " + duration(1, 3);
    return text + limit(first);
  }

  void emit(const std::string& head, bool needed) {
    std::string fields;
    for (const std::string& name : names_) {
      if (!random_.chance(50)) continue;
      fields += (fields.empty() ? "" : ", ") + std::string("f") + name + " = " +
                random_.pick(std::vector<std::string>{"count(" + name + ")", "sum(" + name + ".x)", "last(" + name + ".n)"});
    }
    add(head + "(" + fields + ")", {}, needed);
  }

  Random& random_;
  const Unit unit_;
  const bool guards_;      // Blocks behind `no` rather than others.
  bool in_guard_ = false;  // What is written is in one of them.
  RuleText rule_;
  std::vector<std::string> names_;
  int next_ = 0, budget_ = 0, spent_ = 0;
};

}  // namespace

RuleText block_rule(Random& random, const std::string& name, const Unit& unit) { return BlockWriter(random, name, unit, false).write(); }

RuleText guard_block_rule(Random& random, const std::string& name, const Unit& unit) {
  return BlockWriter(random, name, unit, true).write();
}

}  // namespace sequitur::differential
