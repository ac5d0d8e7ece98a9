#include "tests/differential/table_rules.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/differential/event_table.hpp"

namespace sequitur::differential {
namespace {

// The rows of T1, in a file of this process.
class RowsFile {
 public:
  RowsFile() : path_((std::filesystem::temp_directory_path() / ("sequitur_rows_" + std::to_string(::getpid()) + ".csv")).string()) {
    std::ofstream(path_) << "n,j,x,s\n1000001,a,1,b\n1000002,B,2,\n1000003,ab,0,a\n1000004,A,3,ab\n";
  }
  ~RowsFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  RowsFile(const RowsFile&) = delete;
  RowsFile& operator=(const RowsFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string a_written_table(Random& random) { return random.pick({"T0", "T1", "T2"}); }
std::string a_table(Random& random) { return random.pick({"T0", "T1", "T2", "T4"}); }

}  // namespace

std::string a_row(Random& random, const std::string& key) {
  const std::string table = random.pick({"T0", "T0", "T1", "T2", "T3", "T4", "T4", "T5", "T7"});
  return table + "[" + key + "]" +
         (table == "T3"   ? random.pick({".T0", ".T1"})
          : table == "T5" ? random.pick({".T4", ".T1"})
          : table == "T7" ? random.pick({".T4", ".T6"})
                          : "");
}

std::string table_text(const Unit& unit) {
  static const RowsFile rows;
  return "table T0 ttl 5" + unit.name + " { k: string nocase, x: int, s: string  key k }\n" +  //
         "table T1 from file \"" + rows.path() + "\" { n: int, j: string nocase, x: int, s: string  key j }\n" + "table T2 rows 2 ttl 7" +
         unit.name + " { k: string nocase, x: int, s: string  key k }\n" +                                                               //
         "table T4 from debezium time ts lateness 2" + unit.name + " ttl 9" + unit.name + " { " + fields_of_streams() + "  key k }\n" +  //
         "table T6 time ts lateness 2" + unit.name + " { " + fields_of_streams() + "  key j }\n" +                                       //
         "table T7 = T4 left join T6 on T4.s == T6.j\ntable T8 = T4 join T6 on T4.s == T6.j\n" +
         "table T3 = T0 join T1 on T0.s == T1.j\ntable T5 = T4 join T1 on T4.s == T1.j\n";
}

void make_changes(EventTable& table, std::uint64_t seed) {
  Random random(seed);
  for (Row& row : table.rows) {
    if (!random.chance(30)) continue;
    row.stream = kChangesOfT4;
    row.values.resize(kFields);
    row.values.push_back(std::int64_t{random.chance(20) ? 1 : 0});
    row.values.push_back(std::int64_t{random.chance(12) ? 1 : 0});
    if (row.values.back() == Value{std::int64_t{1}} && random.chance(80)) row.values[kK] = reference::kNull;
  }
}

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

void add_look_ups(RuleText& rule, Random& random) {
  for (Line& line : rule.lines) {
    for (std::string& tail : line.tails) {
      if (!tail.starts_with(" where ") || random.chance(70)) continue;
      const std::string row = a_row(random, random.pick({"j", "k", "s"}));
      tail += random.pick({" and ", " or "}) +
              random.pick(std::vector<std::string>{row + ".x == x", "(" + row + ".x ?? 1) < 2", "exists " + row + ".s", row + ".s != s"});
    }
    if (line.head.find("emit") == std::string::npos || !line.head.ends_with(")") || random.chance(40)) continue;
    if (const auto event = a_taken_event(rule, random)) {
      line.head.pop_back();
      line.head += (line.head.ends_with("(") ? "" : ", ") + ("look = " + a_row(random, *event + random.pick({".j", ".k"}))) + ".x)";
    }
  }
}

void write_table(RuleText& rule, Random& random) {
  for (Line& line : rule.lines) {
    const auto event = a_taken_event(rule, random);
    if (!line.head.starts_with("emit") || !event) continue;
    const std::string table = a_written_table(random);
    line.head = "emit " + table + "(" + (table == "T1" ? "n = " + *event + ".n, j" : "k") + " = " + *event + ".j, x = " + *event +
                ".x, s = " + *event + ".s, __deleted = " + *event + ".x == 3)";
    line.tails = {random.chance(50) ? " internal" : ""};
  }
}

void watch_table(RuleText& rule, Random& random) {
  for (Line& line : rule.lines)
    if (line.head == "key    j" || line.head == "key    k") line.head += " from " + a_table(random);
}

RuleText silence_of_keys(Random& random, const std::string& name, const Unit& unit) {
  const auto silence = [&] { return " for " + std::to_string(random.between(1, 6)) + unit.name; };
  const auto fits = [&] { return random.pick({"", "", " where x < 2", " where s == \"a\"", " where T0[j].x == x"}); };
  RuleText rule{name, {}};
  rule.lines.push_back({"key    j from " + a_table(random), {}, true});
  rule.lines.push_back({"no     " + random.pick({"A", "B", "A | C", "low_a"}), {fits(), silence()}, true});
  if (random.chance(40)) rule.lines.push_back({"no     " + random.pick({"B", "D"}), {fits(), silence()}, false});
  rule.lines.push_back({"emit   silent(j, at = since.time)", {}, true});
  if (random.chance(40)) rule.lines.push_back({"on match " + random.pick({"keep", "consume"}), {}, false});
  return rule;
}

}  // namespace sequitur::differential
