// Rules whose partial matches the engine shares: chains of steps that fork, loops that fork, both with conditions on the
// event alone. Now and then they are only counted.
#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {
namespace {

class SharedWriter {
 public:
  SharedWriter(Random& random, const std::string& name, const Unit& unit) : random_(random), unit_(unit) { rule_.name = name; }

  RuleText write() {
    add("key    " + random_.pick(std::vector<std::string>{"k", "k", "j", "k, j"}), {}, false);
    const bool loops = random_.chance(50);
    const int steps = loops ? random_.between(1, 3) : random_.between(2, 4);
    // Short, because the reference goes through all matches one by one.
    if (!loops && steps == 2 && random_.chance(30))
      add("within forever", {}, true);
    else
      add("within " + std::to_string(random_.between(1, loops ? 3 : 5)) + unit_.name, {}, true);
    if (random_.chance(15)) add("cancel on D", {condition(50)}, false);
    for (int step = 0; step < steps; ++step) write_step(step, steps, loops);
    write_report(steps, loops);
    return std::move(rule_);
  }

 private:
  void add(const std::string& head, std::vector<std::string> tails, bool needed) {
    std::erase(tails, "");
    rule_.lines.push_back({head, std::move(tails), needed});
  }
  std::string condition(unsigned percent) {
    if (!random_.chance(percent)) return "";
    return " where " + random_.pick(std::vector<std::string>{"x > 1", "x < 3", "x == 2", "x != 0", "exists x", "s in names"});
  }

  void write_step(int step, int steps, bool loops) {
    const bool first = step == 0;
    const bool last = step + 1 == steps;
    if (!first && random_.chance(20)) add("no     " + random_.pick(std::vector<std::string>{"B", "C", "D", "A"}), {condition(60)}, false);
    // The first step's stream is often its own: then `consume` can be said of starts.
    const std::string stream =
        first ? "A" : random_.pick(std::vector<std::string>{"B", "C", "D", "named_b", random_.chance(30) ? "A" : "B"});
    const std::string word = first ? (!loops && random_.chance(10) ? "latest" : "first ") : random_.chance(60) ? "each  " : "then  ";
    std::vector<std::string> tails;
    if (loops && (random_.chance(60) || (steps == 1 && last))) {
      std::string mode = random_.pick(std::vector<std::string>{"{1..}", "{2..}", "{1..3}", "{2}", "{2..4}"});
      if (random_.chance(60)) mode += " skipping";
      if (last || random_.chance(40)) mode += " every length";
      tails.push_back(mode);
      last_is_loop_ = last;
    } else if (loops && !first && !last && random_.chance(50)) {
      tails.push_back(" optional");
      if (random_.chance(40)) tails.push_back(" every length");
    }
    tails.push_back(condition(40));
    if (!loops && !first && random_.chance(15)) tails.push_back(" at most " + std::to_string(random_.between(1, 4)) + unit_.name);
    if (loops && !last && random_.chance(10)) tails.push_back(" until x == 3");
    add(word + " p" + std::to_string(step) + ": " + stream, std::move(tails), first || last);
  }

  void write_report(int steps, bool loops) {
    const std::string last = "p" + std::to_string(steps - 1);
    const bool count = random_.chance(25);
    if (count)
      add("emit   count found_" + rule_.name + "(n = matches" + (last_is_loop_ ? "" : ", last = count(" + last + ")") + ")", {}, true);
    else
      add("emit   found_" + rule_.name + "(first = count(p0), last = count(" + last + "))", {}, true);
    if (count || loops || random_.chance(60))
      add("on match keep", {}, true);
    else if (random_.chance(60))
      add("on match " + random_.pick(std::vector<std::string>{"skip past last", "skip to next", "skip to p1", "skip to last p1"}), {},
          false);
    if (!count && random_.chance(25))
      add("limit " + random_.pick(std::vector<std::string>{"1 per event", "2 per event", "5 per event", "none"}), {}, false);
  }

  Random& random_;
  const Unit& unit_;
  RuleText rule_;
  bool last_is_loop_ = false;
};

}  // namespace

RuleText shared_matches(Random& random, const std::string& name, const Unit& unit) { return SharedWriter(random, name, unit).write(); }

}  // namespace sequitur::differential
