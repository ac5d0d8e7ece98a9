#include "tests/differential/window_rules.hpp"

#include <algorithm>

#include "tests/differential/table_rules.hpp"

namespace sequitur::differential {
namespace {

std::string number(int value) { return std::to_string(value); }

// Sums of these are rounded, unless they are exact.
const std::vector<std::string> kFloats{"y", "y * 0.1", "y / 3", "y * 1e15", "y * 1e-7", "y * 1e300", "y - 1.1"};

class Writer {
 public:
  Writer(Random& random, const std::string& name, const Unit& unit) : random_(random), unit_(unit) { rule_.name = name; }

  RuleText write() {
    write_key();
    write_window();
    const int lines = random_.pick(std::vector<int>{1, 1, 1, 2, 2, 3});
    for (int i = 0; i < lines; ++i) write_line(i);
    if (kind_ == Kind::kTumbling || kind_ == Kind::kHopping || kind_ == Kind::kSession) write_triggers();
    const bool when = random_.chance(75);
    const bool always = !when || random_.chance(30);
    if (when) add("when   " + condition(), {}, true);
    add("emit   " + std::string(always ? "always " : "") + "found_" + rule_.name + fields(), {}, true);
    if (random_.chance(20)) add("message \"{count(w0)} in {" + aggregate() + "}\"", {});
    if (when && random_.chance(50)) add("on clear emit over_" + rule_.name + fields(), {});
    if (random_.chance(15)) add("limit " + number(random_.between(1, 2)) + " per " + duration(1, 10), {});
    return std::move(rule_);
  }

 private:
  enum class Kind { kSliding, kTumbling, kHopping, kSession, kLastEvents };

  void add(std::string head, std::vector<std::string> tails, bool needed = false) {
    std::erase(tails, "");
    rule_.lines.push_back({std::move(head), std::move(tails), needed});
  }
  std::string duration(int least, int most) { return number(random_.between(least, most)) + unit_.name; }

  void write_key() {
    switch (random_.below(8)) {
      case 0: break;
      case 1: key_ = {"j"}; break;
      case 2: key_ = {"k", "x"}; break;
      default: key_ = {"k"}; break;
    }
    std::string text;
    for (const auto& part : key_) text += (text.empty() ? "key    " : ", ") + part;
    if (!text.empty()) add(text, {});
  }

  void write_window() {
    kind_ = random_.pick(std::vector<Kind>{Kind::kSliding, Kind::kSliding, Kind::kSliding, Kind::kTumbling, Kind::kTumbling, Kind::kHopping,
                                           Kind::kHopping, Kind::kSession, Kind::kLastEvents});
    switch (kind_) {
      case Kind::kSliding: add("window " + duration(1, 9) + " sliding", {}, true); break;
      case Kind::kTumbling:
        if (unit_.name == "d" || unit_.name == "h")
          add("window " + random_.pick({"1d", "7d"}) + " tumbling",
              {random_.chance(70) ? " zone \"" + random_.pick({"Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia"}) + "\"" : ""}, true);
        else
          add("window " + duration(1, 12) + " tumbling", {}, true);
        break;
      case Kind::kHopping: add("window " + duration(1, 12) + " every " + duration(1, 7), {}, true); break;
      case Kind::kSession: add("window session gap " + duration(1, 4), {}, true); break;
      case Kind::kLastEvents:
        add("window last " + number(random_.between(1, 6)) + " events",
            {random_.chance(40) ? " every " + number(random_.between(1, 4)) + " events" : "",
             random_.chance(40) ? " ttl " + duration(1, 6) : ""},
            true);
        break;
    }
  }

  void write_line(int index) {
    const std::string name = "w" + number(index);
    names_.push_back(name);
    const std::string streams = random_.pick({"A", "A", "B", "C", "A | B", "B | C | D", "low_a", "named_b"});
    const std::string where =
        random_.chance(35) ? " where " + random_.pick({"x > 0", "x != 2", "s == \"a\"", "y >= 1", "exists x", "not (x == 1)"}) : "";
    const std::string looked = random_.chance(15) ? look_up("k") + random_.pick({" == x", " != 1", " < 2"}) : "";
    const std::string last = kind_ == Kind::kSliding && random_.chance(25) ? " last " + duration(1, 9) : "";
    add("over   " + name + ": " + streams,
        {looked.empty()  ? where
         : where.empty() ? " where " + looked
                         : where + " and " + looked,
         random_.chance(10) ? " except y < 1" : "", last},
        index == 0);
  }

  void write_triggers() {
    if (random_.chance(45)) return;
    std::vector<std::string> triggers;
    if (random_.chance(40)) triggers.push_back("watermark");
    if (random_.chance(50)) triggers.push_back("every " + number(random_.between(1, 4)) + " events");
    if (random_.chance(50)) triggers.push_back(random_.pick({"every ", "early "}) + duration(1, 5));
    if (random_.chance(35)) triggers.push_back(random_.pick({"discarding", "accumulating"}));
    for (const auto& trigger : triggers) add("trigger " + trigger, {});
  }

  // "w0.y * 0.1": the field's name behind the line's.
  std::string of_line(const std::string& line, std::string value) { return line + "." + value; }

  // What a table says of a key: of an event as it came, of the window's own key as of the result.
  std::string look_up(const std::string& key) { return a_row(random_, key) + ".x"; }

  std::string aggregate() {
    const std::string line = random_.pick(names_);
    const std::string asked = random_.chance(20) ? look_up("k") + " == x" : random_.pick({"x > 1", "s != \"a\"", "x == 0", "exists y"});
    const std::string where = random_.chance(20) ? " where " + asked : "";
    if (random_.chance(10))
      return random_.pick({"sum", "max", "last", "count", "median"}) + "(" + line + ".x * " +
             look_up(line + "." + random_.pick({"k", "s"})) + where + ")";
    switch (random_.below(16)) {
      case 0: return "count(" + line + where + ")";
      case 1: return "count(" + of_line(line, random_.pick({"x", "s", "j"})) + where + ")";
      case 2: return "count(distinct " + of_line(line, random_.pick({"x", "y", "s", "j", "ts"})) + where + ")";
      case 3: return "sum(" + of_line(line, random_.pick(kFloats)) + where + ")";
      case 4: return "avg(" + of_line(line, random_.pick(kFloats)) + where + ")";
      case 5: return random_.pick({"sum", "avg", "min", "max", "stddev"}) + "(" + of_line(line, "x") + where + ")";
      case 6: return random_.pick({"min", "max"}) + "(" + of_line(line, random_.pick({"x", "y", "ts"})) + where + ")";
      case 7: return "stddev(" + of_line(line, random_.pick(kFloats)) + where + ")";
      case 8: return random_.pick({"first", "last"}) + "(" + of_line(line, random_.pick({"x", "y", "s", "j", "n"})) + where + ")";
      case 9: return "percentile(" + of_line(line, random_.pick({"x", "y"})) + where + ", " + random_.pick({"0", "25", "90", "100"}) + ")";
      case 10: return "median(" + of_line(line, random_.pick({"x", "y"})) + where + ")";
      case 11: return "approx_distinct(" + of_line(line, random_.pick({"x", "y", "s", "j", "n"})) + where + ")";
      case 12: return "rate(" + random_.pick(std::vector<std::string>{line, of_line(line, "x"), of_line(line, "y")}) + where + ")";
      case 13: return "top(" + of_line(line, random_.pick({"x", "y", "s", "j"})) + where + ", " + number(random_.between(1, 3)) + ")";
      case 14: return "top_count(" + of_line(line, random_.pick({"x", "s", "j"})) + where + ", " + number(random_.between(1, 2)) + ")";
      default: return "avg(" + of_line(line, "ts") + where + ")";
    }
  }

  std::string atom() {
    const std::string line = random_.pick(names_);
    if (random_.chance(8) && !key_.empty()) return "count(" + line + ") > (" + look_up(key_[0]) + " ?? 1)";
    switch (random_.below(9)) {
      case 0:
      case 1:
      case 2: return "count(" + line + ") " + random_.pick({">", ">=", "<", "=="}) + " " + number(random_.between(1, 4));
      case 3: return "sum(" + line + ".x) > " + number(random_.between(1, 6));
      case 4: return "avg(" + line + ".y) > " + random_.pick({"0.5", "1", "1.4"});
      case 5: return "max(" + line + ".x) " + random_.pick({"==", ">"}) + " " + number(random_.between(1, 3));
      case 6: return "count(distinct " + line + ".s) >= 2";
      case 7: return "exists " + line;
      default: return "median(" + line + ".x) == min(" + random_.pick(names_) + ".x)";
    }
  }

  std::string condition() {
    switch (random_.below(5)) {
      case 0: return atom() + " or " + atom();
      case 1: return atom() + " and " + atom();
      case 2: return "not (" + atom() + ")";
      default: return atom();
    }
  }

  std::string fields() {
    std::string text;
    for (const auto& part : key_)
      if (random_.chance(60)) text += (text.empty() ? "" : ", ") + part;
    if (random_.chance(15) && !key_.empty()) text += std::string(text.empty() ? "" : ", ") + "look = " + look_up(key_[0]);
    const int count = random_.between(0, 4);
    for (int i = 0; i < count; ++i) text += (text.empty() ? "" : ", ") + std::string("v") + number(i) + " = " + aggregate();
    return "(" + text + ")";
  }

  Random& random_;
  const Unit unit_;
  RuleText rule_;
  Kind kind_ = Kind::kSliding;
  std::vector<std::string> key_;
  std::vector<std::string> names_;
};

}  // namespace

RuleText random_window_rule(Random& random, const std::string& name, const Unit& unit) { return Writer(random, name, unit).write(); }

std::string past_condition(Random& random, const Unit& unit) {
  const std::string stream = random.pick({"A", "A", "B", "C", "low_a", "named_b"});
  const std::string looked = a_row(random, "k") + ".x";
  const std::string asked =
      random.chance(30) ? looked + " == x" : random.pick({"x > 1", "s != \"a\"", stream == "A" ? "A.x == 0" : "x == 0"});
  const std::string where = random.chance(30) ? " where " + asked : "";
  const std::string over = where + " over " + number(random.between(1, 8)) + unit.name + ")";
  switch (random.below(6)) {
    case 0:
    case 1: return "count(" + stream + over + " " + random.pick({"<", ">=", "=="}) + " " + number(random.between(1, 2));
    case 2: return "x >= avg(" + stream + ".x" + over;
    case 3: return "y > 0.3 * sum(" + stream + ".y * 0.1" + over;
    case 4: return "x == max(" + stream + ".x" + over;
    default: return "s != last(" + stream + ".s" + over;
  }
}

}  // namespace sequitur::differential
