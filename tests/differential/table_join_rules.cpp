#include "tests/differential/table_join_rules.hpp"

#include <algorithm>

#include "tests/differential/table_rules.hpp"
#include "tests/reference/evaluate.hpp"

namespace sequitur::differential {
namespace {

const Value kTrue = std::int64_t{1};

std::string shown(const Value& value) { return reference::to_text(value, value.index() == 1 ? Type::kInt : Type::kString); }

// The rows of the two tables, in the order of their latest changes.
struct NaiveTables {
  struct Left {
    std::string key;
    const Row* row;
  };
  std::vector<Left> left;
  std::vector<std::pair<std::string, const Row*>> right;

  const Row* right_of(const Row& row) const {
    if (reference::is_null(row.values[kS])) return nullptr;
    const std::string wanted = reference::folded(std::get<std::string>(row.values[kS]));
    for (const auto& [key, other] : right)
      if (key == wanted) return other;
    return nullptr;
  }
};

class NaiveJoin {
 public:
  NaiveJoin(std::int64_t ttl, bool flush, std::int64_t last) : ttl_(ttl), flush_(flush), last_(last) {}

  void see(const Row& row) {
    now_ = row.time;
    std::erase_if(tables_.left, [&](const NaiveTables::Left& left) { return now_ - left.row->time > ttl_; });
    if (row.stream == kChangesOfT6) return see_right(row);
    if (row.stream != kChangesOfT4) return;
    if (row.values[kFields + 1] != kTrue) return see_left(row, row.values[kK], row.values[kFields] == kTrue);
    const std::vector<NaiveTables::Left> there = tables_.left;
    for (const NaiveTables::Left& left : there) see_left(row, Value{left.key}, true);
  }
  std::vector<std::string> lines;

 private:
  void see_left(const Row& row, const Value& key, bool deleted) {
    if (reference::is_null(key)) return;
    const auto known = std::find_if(tables_.left.begin(), tables_.left.end(), [&](const auto& left) { return Value{left.key} == key; });
    const bool was = known != tables_.left.end();
    const bool was_both = was && tables_.right_of(*known->row) != nullptr;
    if (was) tables_.left.erase(known);
    if (!deleted) tables_.left.push_back({std::get<std::string>(key), &row});
    const Row* right = deleted ? nullptr : tables_.right_of(row);
    if (was || !deleted) say("left", key, deleted ? nullptr : &row, right, deleted);
    if (was_both || right != nullptr) say("inner", key, right == nullptr ? nullptr : &row, right, right == nullptr);
  }
  void see_right(const Row& row) {
    if (reference::is_null(row.values[kJ])) return;
    const std::string key = reference::folded(std::get<std::string>(row.values[kJ]));
    const bool deleted = row.values[kFields] == kTrue;
    const bool was = std::erase_if(tables_.right, [&](const auto& right) { return right.first == key; }) > 0;
    if (!deleted) tables_.right.emplace_back(key, &row);
    if (deleted && !was) return;
    for (const NaiveTables::Left& left : tables_.left) {
      if (reference::is_null(left.row->values[kS]) || reference::folded(std::get<std::string>(left.row->values[kS])) != key) continue;
      const Row* right = deleted ? nullptr : &row;
      say("left", Value{left.key}, left.row, right, false);
      say("inner", Value{left.key}, deleted ? nullptr : left.row, right, deleted);
    }
  }
  void say(const std::string& join, const Value& key, const Row* left, const Row* right, bool deleted) {
    if (!flush_ && now_ >= last_) return;  // What is derived at the last instant waits for its end.
    const auto number = [](const Row* row) { return row == nullptr ? std::string("null") : shown(row->values[kN]); };
    lines.push_back(std::to_string(now_) + " " + join + " " + shown(key) + " " + number(left) + " " + number(right) + " " +
                    (deleted ? "true" : "false"));
  }

  const std::int64_t ttl_;
  const bool flush_;
  const std::int64_t last_;
  std::int64_t now_ = 0;
  NaiveTables tables_;
};

}  // namespace

std::vector<RuleText> table_join_rules(Random& random) {
  std::vector<RuleText> rules;
  for (const bool outer : {true, false}) {
    RuleText rule{outer ? "left_join" : "inner_join", {}};
    if (random.chance(50)) rule.lines.push_back({"key    row: " + std::string(outer ? "T7" : "T8") + ".T4.k", {}, true});
    rule.lines.push_back({"first  h: " + std::string(outer ? "T7" : "T8"), {}, true});
    rule.lines.push_back(
        {std::string("emit   ") + (outer ? "left" : "inner") + "(id = h.T4.k, an = h.T4.n, bn = h.T6.n, gone = h.__deleted)", {}, true});
    rule.lines.push_back({"on match keep", {}, true});
    rules.push_back(std::move(rule));
  }
  return rules;
}

void make_changes_of_both(EventTable& table, Random& random) {
  for (Row& row : table.rows) {
    row.values.resize(kFields);
    const bool left = random.chance(60);
    row.stream = left ? kChangesOfT4 : kChangesOfT6;
    row.values.push_back(std::int64_t{random.chance(20) ? 1 : 0});
    if (left) row.values.push_back(std::int64_t{random.chance(6) ? 1 : 0});
  }
}

std::optional<std::string> difference_of_table_join(const EventTable& table, const Unit& unit, const reference::Outcome& said,
                                                    const reference::Options& options) {
  if (table.rows.empty()) return std::nullopt;
  NaiveJoin join(9 * unit.microseconds, options.flush_at_end, table.rows.back().time);
  for (const Row& row : table.rows) join.see(row);
  std::vector<std::string> found;
  for (const reference::Alert& alert : said.alerts) {
    std::string line = std::to_string(alert.time) + " " + alert.stream;
    for (const reference::NamedText& field : alert.fields) line += " " + field.text;
    found.push_back(std::move(line));
  }
  // Of one instant in any order: there the rules of either join say by turns what they have to say.
  std::sort(join.lines.begin(), join.lines.end());
  std::sort(found.begin(), found.end());
  if (join.lines == found) return std::nullopt;
  std::string text = "  the naive join of tables:\n";
  for (const std::string& line : join.lines) text += "    " + line + "\n";
  text += "  the rules:\n";
  for (const std::string& line : found) text += "    " + line + "\n";
  return text;
}

}  // namespace sequitur::differential
