#include "tests/differential/typed_rules.hpp"

namespace sequitur::differential {
namespace {

// `of` is "" for the candidate, "p1." for an event taken.
class TypedWriter {
 public:
  explicit TypedWriter(Random& random) : random_(random) {}

  std::string condition(int depth = 0) {
    if (depth < 2 && random_.chance(25)) {
      const std::string op = random_.pick({" and ", " or "});
      return "(" + condition(depth + 1) + op + condition(depth + 1) + ")";
    }
    if (random_.chance(12)) return "not (" + condition(2) + ")";
    switch (random_.below(9)) {
      case 0: return decimal() + comparison() + decimal();
      case 1: return address() + random_.pick({" == ", " != ", " < "}) + address();
      case 2:
        return address() + random_.pick({" in ", " not in "}) +
               random_.pick({"[\"10.0.0.0/8\", \"fc00::/7\"]", "[\"10.0.0.1\"]", "[\"::/0\", null]",
                             "[\"10.1.0.0/16\", \"10.0.0.0/9\", \"192.0.2.1\"]"});
      case 3:
        return random_.pick({"private(", "ip_version("}) == "private(" ? "private(" + address() + ")"
                                                                       : "ip_version(" + address() + ") == 6";
      case 4:
      case 5:
      case 6: return quantifier() + element_condition();
      case 7: return number_of_list() + comparison() + std::to_string(random_.between(0, 3));
      default: return text_function();
    }
  }

  void own(const std::string& step) { steps_.push_back(step); }
  // From here on there is no candidate.
  void report() { report_ = true; }

  std::string value() {
    switch (random_.below(6)) {
      case 0: return decimal();
      case 1: return address();
      case 2: return list();
      case 3: return number_of_list();
      case 4: return "network(" + address() + ", " + random_.pick({"8", "16", "33"}) + random_.pick({"", ", 7"}) + ")";
      default: return "[" + decimal() + ", " + random_.pick({"1", "2.5", "null"}) + "]";
    }
  }

 private:
  std::string of() { return steps_.empty() || (!report_ && random_.chance(60)) ? "" : random_.pick(steps_) + "."; }
  std::string comparison() { return random_.pick({" == ", " != ", " < ", " <= ", " > ", " >= "}); }

  std::string decimal() {
    switch (random_.below(9)) {
      case 0: return random_.pick({"0.1", "1.25", "-2", "0.000001", "9000000000000"});
      case 1:
        return "(" + of_d() + random_.pick({" + ", " - ", " * ", " / ", " % "}) + random_.pick({"0.3", "3", "-0.5", "1000000.5"}) + ")";
      case 2: return "(" + of_d() + random_.pick({" * ", " / "}) + of_d() + ")";
      case 3: return "round(" + of_d() + ", " + random_.pick({"1", "0", "-1"}) + ")";
      case 4: return random_.pick({"floor(", "ceil(", "trunc(", "abs(", "sign("}) + of_d() + ")";
      case 5: return "(" + of_d() + " + " + of() + "x)";
      case 6: return "decimal(" + of() + random_.pick({"y", "x", "s"}) + ")";
      default: return of_d();
    }
  }
  std::string of_d() { return of() + "d"; }
  std::string address() { return random_.chance(8) ? "ip(\"10.0.0.1\")" : of() + "i"; }
  std::string quantifier() { return random_.pick({"some ", "every ", "not some ", "not every "}); }

  std::string element_condition() {
    const std::string event = of();
    const std::string l = event + "l", m = event + "m", a = event + "r.a", b = event + "r.b";
    switch (random_.below(10)) {
      case 0: return l + random_.pick({" == \"a\"", " != \"A\"", " in [\"a\", \"b\"]", " in [\"c\", null]"});
      case 1:
        return l + random_.pick({" like \"a*\"", " contains [\"b\", \"x\"]", " starts with \"A\"i", " contains all of [\"a\", \"b\"]",
                                 " matches /^[ab]/", " like [\"a\", \"b*\", \"?c\", \"d\", \"e*f\"]"});
      case 2: return m + comparison() + random_.pick({"0", "1", "2", "1.5", "x"});
      case 3: return m + " in 1..2";
      case 4: return "(" + a + comparison() + "1 and " + b + random_.pick({" == \"a\"", " != \"b\"", " like \"A*\""}) + ")";
      case 5: return "(" + a + " == 1 or " + b + " == \"b\")";
      case 6: return a + comparison() + random_.pick({"x", "n", "1"});
      case 7: return "lower(" + b + ") == \"a\"";
      case 8: return "[x, 1, 2]" + comparison() + "1";
      default: return "split(s, \"b\") == \"a\"";
    }
  }

  std::string list() {
    const std::string event = of();
    return random_.pick({"", "sorted(", "unique("}) == ""
               ? event + random_.pick({"l", "m", "r.a", "r.b"})
               : random_.pick({"sorted(", "unique("}) + event + random_.pick({"l", "m", "r.b"}) + ")";
  }
  std::string number_of_list() {
    const std::string event = of();
    switch (random_.below(4)) {
      case 0: return "len(" + list() + ")";
      case 1: return event + random_.pick({"m[1]", "m[-1]", "r.a[2]", "m[-3]"});
      case 2: return "index_of(" + event + random_.pick({"l, \"b\")", "m, 1)", "l, \"A\")"});
      default: return "len(join(" + event + random_.pick({"l", "m"}) + ", \"-\"))";
    }
  }
  std::string text_function() {
    const std::string event = of();
    switch (random_.below(8)) {
      case 0: return "index_of(" + event + "s, \"b\")" + comparison() + "1";
      case 1: return "between(" + event + "s, \"a\", \"c\") == \"b\"";
      case 2: return "replace(" + event + "s, \"a\", \"b\") == \"bb\"";
      case 3: return "reverse(" + event + "s) starts with \"b\"";
      case 4: return "substr(" + event + "s, -1) == \"b\"";
      case 5: return event + "s contains windash(\"-a\", \"b\")";
      case 6: return "bit_and(" + event + "x, 2) == 2";
      default: return "div(" + event + "n, 2) == x";
    }
  }

  Random& random_;
  std::vector<std::string> steps_;
  bool report_ = false;
};

}  // namespace

RuleText typed_rule(Random& random, const std::string& name, const Unit& unit) {
  TypedWriter writer(random);
  RuleText rule;
  rule.name = name;
  const auto add = [&](std::string head, std::vector<std::string> tails = {}, bool needed = true) {
    rule.lines.push_back({std::move(head), std::move(tails), needed});
  };
  const auto some = [&](int percent) {
    return random.chance(percent) ? std::vector<std::string>{" where " + writer.condition()} : std::vector<std::string>{};
  };
  const auto span = [&](int least, int most) { return std::to_string(random.between(least, most)) + unit.name; };
  const bool loop = random.chance(40);
  if (random.chance(30))
    add("severity if(" + std::string{loop ? "count(p1) > 1" : "p1.x > 1"} + ", \"high\", " + random.pick({"\"low\"", "p1.s"}) + ")", {},
        false);
  if (random.chance(30)) add("score    " + random.pick({"p2.x", "p2.d", "p2.x * 0.1", "len(p2.l)"}), {}, false);
  const std::string key = random.pick({"k", "l", "l", "m, k", "r.b, l", "pair: sorted(k, j)", "list: [k, s]", "d", "i", "t: m"});
  if (random.chance(85)) add("key      " + key);
  add("within   " + span(2, 9));
  if (random.chance(15)) add("cancel on D", some(80), false);
  add(std::string{loop ? "first    p1: A{1..3}" : "first    p1: A"}, some(70));
  if (!loop) writer.own("p1");
  if (random.chance(25)) add("no       C", some(70), false);
  add(random.pick({"then     p2: B", "then     p2: A", "next     p2: B | C"}), some(75));
  writer.own("p2");
  const bool silence = random.chance(20);
  if (silence) add("no       D for " + span(1, 4));
  writer.report();
  std::string emit = "emit     t_" + name + "(v = " + writer.value();
  if (loop)
    emit += ", vs = values(" + random.pick({"p1.s", "distinct p1.k", "p1.d", "p1.i", "distinct p1.j"}) +
            "), sum = sum(p1.d), avg = avg(p1.d), slope = slope(p1." + random.pick({"x", "d", "y"}) + "), rate = rate(" +
            random.pick({"p1", "p1.x"}) + "), tags = count(distinct p1.i)";
  add(emit + ")");
  if (random.chance(60)) add("message  \"{p2.d:.2} {p2.y:,.1} {p2.l} {p2.i} {p2.n:,}\"", {}, false);
  if (random.chance(25)) add("on match " + random.pick({"keep", "skip past last", "skip to p2"}), {}, false);
  if (random.chance(20)) add("on timeout emit late_" + name + "(k = p1" + std::string{loop ? "[1]" : ""} + ".l)", {}, false);
  return rule;
}

}  // namespace sequitur::differential
