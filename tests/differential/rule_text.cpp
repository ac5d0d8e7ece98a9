#include "tests/differential/rule_text.hpp"

#include "tests/differential/block_rules.hpp"
#include "tests/differential/hold_rules.hpp"

#include <algorithm>

#include "tests/differential/reuse_rules.hpp"
#include "tests/differential/table_rules.hpp"
#include "tests/differential/typed_rules.hpp"
#include "tests/differential/window_rules.hpp"

namespace sequitur::differential {
namespace {

const std::vector<std::string> kNames{"A", "B", "C", "D", "low_a", "named_b"};

std::string number(int value) { return std::to_string(value); }

// Writes one rule. What a condition may refer to is known from the steps written so far.
class Writer {
 public:
  Writer(Random& random, const std::string& name, const Unit& unit) : random_(random), unit_(unit) { rule_.name = name; }

  RuleText write() {
    const int steps = random_.pick(std::vector<int>{1, 2, 2, 2, 3, 3, 4});
    budget_ = random_.pick(std::vector<int>{0, 0, 2, 4});
    first_ = Step{"p0", random_.chance(85), random_.chance(40), false};
    write_key();
    write_within();
    if (random_.chance(12)) add("cancel on " + streams(), {where(25)});
    if (random_.chance(15)) {
      add("no     " + streams(), {past_condition(), " for " + duration(1, 6)});
      if (random_.chance(20)) add("no     " + streams(), {past_condition(), " for " + duration(1, 6)});
    }
    for (int i = 0; i < steps; ++i) write_step(i, i + 1 == steps);
    write_closing();
    write_emit("emit   found_" + rule_.name, true);
    if (random_.chance(15)) add("message \"{count(" + taken_.front().name + ")} {" + one_of(taken_.front().name) + ".x} of rule\"", {});
    if (random_.chance(50)) write_emit("on timeout emit gone_" + rule_.name, false);
    if (random_.chance(50)) write_emit("on break emit broken_" + rule_.name, false, true);
    write_on_match();
    write_limits();
    return std::move(rule_);
  }

 private:
  struct Step {
    std::string name;
    bool named = true;
    bool loop = false;
    bool optional = false;
  };

  void add(std::string head, std::vector<std::string> tails, bool needed = false) {
    std::erase(tails, "");
    guards_ = guards_ || head.starts_with("cancel") || (head.starts_with("no") && !taken_.empty());
    rule_.lines.push_back({std::move(head), std::move(tails), needed});
  }

  // Whether a step forks in one more way. The number of runs grows with the events to the power of what the rule has spent.
  bool forks(int price, int percent) {
    if (spent_ + price > budget_ || !random_.chance(percent)) return false;
    spent_ += price;
    return true;
  }

  std::string duration(int least, int most) { return number(random_.between(least, most)) + unit_.name; }
  std::string stream() { return kNames[random_.pick(std::vector<std::size_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 4, 5})]; }
  std::string streams() {
    const std::string first = stream(), second = stream();
    return random_.chance(15) && first != second ? first + " | " + second : first;
  }

  void write_key() {
    key_names_.clear();
    switch (random_.below(10)) {
      case 0: return;
      case 1: key_names_ = {"j"}; break;
      case 2: key_names_ = {"k", "j"}; break;
      case 3: key_names_ = {"k", "x"}; break;
      case 4:
        key_names_ = {"half"};
        if (random_.chance(30)) {
          add("key    half: A.k = B.k = C.j = D.s", {});
          return;
        }
        add("key    half: " + random_.pick({"x % 2", "lower(s)", "(x ?? 0) > 1", "k ?? \"none\""}), {});
        return;
      default: key_names_ = {"k"}; break;
    }
    std::string text = "key    " + key_names_[0];
    for (std::size_t i = 1; i < key_names_.size(); ++i) text += ", " + key_names_[i];
    add(text, {});
  }

  void write_within() {
    const bool forever = random_.chance(25);
    if (forever) budget_ = std::min(budget_, 1);
    add("within " + (forever ? "forever" : duration(1, budget_ > 2 ? 8 : 14)), {});
  }

  // --- Conditions. `own` is the loop whose condition it is, or empty; `bound` whether earlier steps may be named.

  bool is_loop(const std::string& name) const {
    return std::any_of(taken_.begin(), taken_.end(), [&](const Step& step) { return step.name == name && step.loop; });
  }
  // One event of the step; of a loop it must be said which.
  std::string one_of(const std::string& name) { return is_loop(name) ? name + random_.pick({"[-1]", "[-1]", "[1]"}) : name; }

  std::string step_reference() {
    std::vector<std::string> names;
    for (const auto& step : taken_)
      if (step.named) names.push_back(step.name);
    return names.empty() ? "" : random_.pick(names);
  }

  std::string comparison() { return random_.pick({"==", "==", "!=", "<", "<=", ">", ">="}); }

  std::string event_atom() {
    const std::string c = number(random_.between(0, 3));
    switch (random_.below(14)) {
      case 0:
      case 1:
      case 2: return "x " + comparison() + " " + c;
      case 3: return "x " + random_.pick({"in", "not in"}) + " [" + c + ", " + number(random_.between(0, 3)) + "]";
      case 4: return "x in " + random_.pick({"0..1", "1..2", "2..3"});
      case 5: return "y " + comparison() + " " + random_.pick({"0.5", "1.0", "1.5", "2"});
      case 6: return "s " + random_.pick({"==", "!="}) + " " + random_.pick({"\"a\"", "\"ab\"", "\"AB\"i", "\"\""});
      case 7:
        return "s " + random_.pick({"contains", "starts with", "ends with", "not contains"}) + " " +
               random_.pick({"\"a\"", "\"b\"", "\"B\"i", "[\"b\", \"c\"]"});
      case 8: return "s " + random_.pick({"like \"a*\"", "like \"?b*\"", "matches /^a/", "matches /B$/i", "not like \"*b\""});
      case 9: return random_.pick({"s in [\"a\", \"abc\"]", "s not in names", "x >= few"});
      case 10: return random_.pick({"exists x", "not exists x", "exists s", "not exists k"});
      case 11: return "(x ?? " + c + ") " + comparison() + " " + number(random_.between(0, 3));
      case 12: return "x + " + c + " " + comparison() + " y * 2";
      default: return "j " + random_.pick({"== \"A\"", "!= \"b\"", "in [\"a\", \"c\"]"});
    }
  }

  std::string bound_atom(const std::string& step) {
    const std::string one = one_of(step);
    switch (random_.below(14)) {
      case 0:
      case 1: return "x " + comparison() + " " + one + ".x";
      case 2: return "s == " + one + ".s";
      case 3: return "y " + comparison() + " avg(" + step + ".y)";
      case 4: return "x " + comparison() + " count(" + step + ")";
      case 5: return "x " + comparison() + " " + random_.pick({"min", "max", "first", "last", "median"}) + "(" + step + ".x)";
      case 6: return "sum(" + step + ".x) + x " + comparison() + " " + number(random_.between(1, 6));
      case 7: return "count(distinct " + step + ".s) " + comparison() + " " + number(random_.between(1, 2));
      case 8: return "time - " + one + ".time " + comparison() + " " + duration(0, 5);
      case 9: return one + ".x " + comparison() + " x";
      case 10: return "j " + random_.pick({"==", "!="}) + " " + one + ".j";
      case 11: return "seconds(time - " + one + ".time) " + comparison() + " y * 2";
      case 12: return random_.pick({"exists ", "not exists "}) + one + ".x";
      default: return "count(" + step + " where x > 1) " + comparison() + " 1";
    }
  }

  std::string own_atom(const std::string& own) {
    switch (random_.below(8)) {
      case 0: return "x " + comparison() + " (prev.x ?? " + number(random_.between(0, 3)) + ")";
      case 1: return "count(" + own + ") < " + number(random_.between(1, 4));
      case 2: return "x >= (max(" + own + ".x) ?? 0)";
      case 3: return "(sum(" + own + ".x) ?? 0) " + comparison() + " " + number(random_.between(1, 6));
      case 4: return "not x == prev.x";
      case 5: return "time - " + own + "[-1].time <= " + duration(0, 4);
      case 6: return "(" + own + "[-1].x ?? x) == x";
      default: return "y <= (avg(" + own + ".y) ?? 2) + 0.5";
    }
  }

  std::string atom(const std::string& own) {
    const std::string step = step_reference();
    if (!own.empty() && random_.chance(30)) return own_atom(own);
    if (!step.empty() && random_.chance(45)) return bound_atom(step);
    if (!taken_.empty() && random_.chance(8)) return "x " + comparison() + " prev.x";
    return event_atom();
  }

  std::string condition(const std::string& own = "") {
    const int shape = random_.between(0, 9);
    if (shape == 0) return "not (" + atom(own) + ")";
    if (shape == 1) return atom(own) + " and " + atom(own);
    if (shape == 2) return atom(own) + " or " + atom(own);
    if (shape == 3) return "(" + atom(own) + " or " + atom(own) + ") and " + atom(own);
    return atom(own);
  }

  std::string where(int percent, const std::string& own = "") {
    if (!random_.chance(percent)) return "";
    if (random_.chance(5)) return " where " + differential::past_condition(random_, unit_);
    return " where " + condition(own) + (random_.chance(12) ? " except " + condition(own) : "");
  }

  // Of a looking-back `no`: may name the first step.
  std::string past_condition() {
    if (!first_.named || !random_.chance(40)) return where(60);
    const std::string first = first_.name + (first_.loop ? "[1]" : "");
    return " where " + random_.pick({"x ", "x ", "y "}) + comparison() + " " + first + ".x" +
           (random_.chance(30)   ? " and " + event_atom()
            : random_.chance(30) ? " except s == " + first + ".s"
                                 : "");
  }

  // --- Steps.

  std::string anchor() {
    std::vector<std::string> names;
    for (const auto& step : taken_)
      if (step.named && !step.optional) names.push_back(step.name);
    if (names.empty()) return "";
    const std::string name = random_.pick(names);
    return " after " + (random_.chance(25) ? "first(" + name + ")" : name);
  }

  void write_gap(int index) {
    const std::string named = random_.chance(30) ? "g" + number(index) + ": " : "";
    if (random_.chance(25)) add("no     " + named + streams(), {where(75)});
    if (random_.chance(8)) add("no     " + streams(), {where(80)});
    if (random_.chance(10)) add("no next " + streams(), {where(50)});
    if (random_.chance(12)) add("no     " + streams(), {where(60), " for " + duration(1, 3), random_.chance(20) ? anchor() : ""});
  }

  void write_step(int index, bool last) {
    if (index > 0) write_gap(index);
    Step step = index == 0 ? first_ : Step{"p" + number(index), random_.chance(85), random_.chance(40), false};
    std::string head = index == 0           ? (random_.chance(15) ? "latest " : "first  ")
                       : forks(1, 25)       ? "each   "
                       : random_.chance(20) ? "next   "
                                            : "then   ";
    head += (step.named ? step.name + ": " : "") + streams();
    std::vector<std::string> tails;
    bool ends = true;
    if (step.loop) ends = write_quantifier(tails);
    const bool every_length = std::find(tails.begin(), tails.end(), " every length") != tails.end();
    step.optional = random_.chance(last ? (spent_ < budget_ ? 20 : 8) : index == 0 ? 4 : 15);
    if (step.optional && !every_length && (last || forks(1, 30))) tails.push_back(" every length");
    if (step.optional) tails.push_back(" optional");
    tails.push_back(where(index == 0 ? 45 : 65, step.loop && step.named ? step.name : ""));
    bool closes = false;
    if (step.loop && random_.chance(25)) {
      tails.push_back(" until " + condition());
      closes = true;
    }
    if (step.loop && random_.chance(25)) {
      tails.push_back(" gap " + duration(1, 4));
      closes = true;
    }
    if (index > 0 && random_.chance(18)) tails.push_back(" at most " + duration(1, 6) + (random_.chance(50) ? anchor() : ""));
    if (index > 0 && random_.chance(8)) tails.push_back(" at least " + duration(1, 4) + (random_.chance(50) ? anchor() : ""));
    const bool strict = std::find(tails.begin(), tails.end(), " strict") != tails.end();
    ends_by_itself_ = !step.optional && (ends || closes || strict);
    add(head, tails, true);
    taken_.push_back(step);
  }

  // Whether the loop has an exact count.
  bool write_quantifier(std::vector<std::string>& tails) {
    const int least = random_.between(1, 3);
    bool exact = false;
    std::string count = "{" + number(least);
    switch (random_.below(3)) {
      case 0:
        count = "{" + number(std::max(2, least));
        exact = true;
        break;
      case 1: count += ".."; break;
      default: count += ".." + number(least + random_.between(1, 2)); break;
    }
    tails.push_back(count + "}");
    const bool few = exact || count.find("..") + 2 < count.size();
    if (few && forks(least + (exact ? 0 : 1), 30))
      tails.push_back(" skipping");
    else if (random_.chance(20))
      tails.push_back(" strict");
    if (forks(1, 30))
      tails.push_back(" every length");
    else if (random_.chance(15))
      tails.push_back(" greedy");
    return exact || tails.back() == " every length";
  }

  void write_closing() {
    if (ends_by_itself_ && !random_.chance(35)) return;
    if (random_.chance(25)) add("no     " + std::string(random_.chance(40) ? "gc: " : "") + streams(), {where(75)});
    const int count = random_.chance(20) ? 2 : 1;
    for (int i = 0; i < count; ++i) add("no     " + streams(), {where(50), " for " + duration(1, 5), random_.chance(20) ? anchor() : ""});
  }

  // --- What leaves.

  void write_emit(const std::string& head, bool needed, bool on_break = false) {
    std::string fields;
    const auto field = [&](const std::string& value) {
      fields += (fields.empty() ? "" : ", ") + std::string(1, static_cast<char>('a' + fields.size() % 26)) +
                number(static_cast<int>(fields.size())) + " = " + value;
    };
    for (const auto& name : key_names_)
      if (random_.chance(60)) fields += (fields.empty() ? "" : ", ") + name;
    for (const auto& step : taken_) {
      if (!step.named) continue;
      if (random_.chance(50)) field(one_of(step.name) + random_.pick({".x", ".n", ".time", ".s", ".j"}));
      if (random_.chance(40))
        field(random_.pick({"count", "first", "last", "sum", "avg", "max", "median", "stddev"}) + "(" + step.name + ".x)");
      if (random_.chance(15)) field("count(" + step.name + ")");
      if (step.loop && random_.chance(10)) field(step.name + random_.pick({"[1].n", "[-1].n", "[2].n", "[-2].n"}));
      if (random_.chance(8)) field("concat(" + one_of(step.name) + ".s, \"-\", " + one_of(step.name) + ".x)");
    }
    if (on_break && guards_ && random_.chance(70)) field("broken_by.n");
    add(head + "(" + fields + ")", {needed && random_.chance(3) ? " internal" : ""}, needed);
  }

  void write_on_match() {
    if (random_.chance(55)) return;
    const std::string step = step_reference();
    std::vector<std::string> policies{"consume", "keep", "keep", "skip past last", "skip past last", "skip to next"};
    if (!step.empty())
      for (const char* where : {"skip to first ", "skip to last ", "skip to "}) policies.push_back(where + step);
    add("on match " + random_.pick(policies), {});
  }

  void write_limits() {
    const std::string step = step_reference();
    if (random_.chance(25)) {
      const bool by = !step.empty() && random_.chance(40);
      add("limit " + number(random_.between(1, 2)) + " per " + duration(1, 10), {by ? " by " + one_of(step) + ".x" : ""});
    }
    if (random_.chance(6)) add("limit " + number(random_.between(1, 2)) + " per event", {});
  }

  Random& random_;
  const Unit unit_;
  RuleText rule_;
  std::vector<Step> taken_;
  Step first_;
  std::vector<std::string> key_names_;
  bool ends_by_itself_ = false;
  bool guards_ = false;         // Something can break a run.
  int budget_ = 0, spent_ = 0;  // For forks.
};

}  // namespace

Unit random_unit(Random& random) {
  switch (random.below(8)) {
    case 0: return {"us", 1};
    case 1: return {"ms", 1'000};
    case 2: return {"m", 60'000'000};
    case 3: return {"h", 3'600'000'000};
    case 4: return {"d", 86'400'000'000};
    default: return {"s", 1'000'000};
  }
}

std::string fields_of_streams() {
  return "n: int, k: string?, j: string nocase?, x: int?, y: float?, s: string?, d: decimal?, i: ip?, l: string[]? nocase, m: int[]?, "
         "r: { a: int?, b: string nocase }[]?";
}

std::string stream_text(const Unit& unit) {
  std::string text;
  for (const char* name : {"A", "B", "C", "D"})
    text += "stream " + std::string{name} + " time ts lateness " + (*name == 'A' ? "3" : "2") + unit.name + " { " + fields_of_streams() +
            " }\n";
  text += table_text(unit);
  return text + "let few = 2\nlet names = [\"a\", \"ab\"]\n" + schedule_text(unit) +
         "stream low_a = A where x < few\nstream named_b = B where s in names\n";
}

std::string to_text(const RuleText& rule) {
  std::string text = "rule " + rule.name + " {\n";
  for (const auto& line : rule.lines) {
    text += "  " + line.head;
    for (const auto& tail : line.tails) text += tail;
    text += "\n";
  }
  return text + "}\n";
}

RuleText random_rule(Random& random, const std::string& name, const Unit& unit) {
  if (random.chance(10)) return plain_sequence(random, name, unit);
  if (random.chance(25)) return typed_rule(random, name, unit);
  if (random.chance(12)) return shared_matches(random, name, unit);
  if (random.chance(20)) return block_rule(random, name, unit);
  if (random.chance(12)) return guard_block_rule(random, name, unit);
  if (random.chance(15)) return hold_rule(random, name, unit);
  return Writer(random, name, unit).write();
}

}  // namespace sequitur::differential
