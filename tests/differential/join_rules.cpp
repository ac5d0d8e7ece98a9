#include "tests/differential/join_rules.hpp"

#include <algorithm>
#include <cctype>

namespace sequitur::differential {
namespace {

const std::int64_t* whole(const Row& row, Field field) { return std::get_if<std::int64_t>(&row.values[field]); }
const double* real(const Row& row, Field field) { return std::get_if<double>(&row.values[field]); }
const std::string* text(const Row& row, Field field) { return std::get_if<std::string>(&row.values[field]); }

struct Condition {
  const char* text;
  bool (*holds)(const Row&);
};
constexpr Condition kConditions[] = {
    {"", [](const Row&) { return true; }},
    {" where x > 0", [](const Row& row) { return whole(row, kX) != nullptr && *whole(row, kX) > 0; }},
    {" where not x == 2", [](const Row& row) { return whole(row, kX) != nullptr && *whole(row, kX) != 2; }},
    {" where y <= 1.5 or not exists y", [](const Row& row) { return real(row, kY) == nullptr || *real(row, kY) <= 1.5; }},
    {" where s starts with \"a\"", [](const Row& row) { return text(row, kS) != nullptr && text(row, kS)->starts_with('a'); }},
};

// Of the pair: as the second line of either rule asks it.
struct PairCondition {
  const char* of_right;  // The candidate is the right one, p the left one.
  const char* of_left;   // The candidate is the left one, q the right one.
  bool (*holds)(const Row& left, const Row& right);
};
constexpr PairCondition kPairConditions[] = {
    {"", "", [](const Row&, const Row&) { return true; }},
    {"x >= p.x", "q.x >= x",
     [](const Row& left, const Row& right) { return whole(left, kX) && whole(right, kX) && *whole(right, kX) >= *whole(left, kX); }},
    {"(s ?? \"?\") != (p.s ?? \"!\")", "(q.s ?? \"?\") != (s ?? \"!\")",
     [](const Row& left, const Row& right) {
       return (text(right, kS) ? *text(right, kS) : "?") != (text(left, kS) ? *text(left, kS) : "!");
     }},
};

std::optional<std::string> text_key(const Row& row, Field field) {
  const std::string* value = text(row, field);
  return value == nullptr ? std::nullopt : std::optional(*value);
}
std::optional<std::string> folded_key(const Row& row) {
  std::optional<std::string> key = text_key(row, kJ);
  if (key) std::transform(key->begin(), key->end(), key->begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return key;
}
std::optional<std::string> double_key(const Row& row) {
  const auto first = text_key(row, kK), second = folded_key(row);
  return first && second ? std::optional(*first + "|" + *second) : std::nullopt;
}

JoinSide random_side(Random& random) {
  static const char* const kNames[] = {"A", "B", "C", "D"};
  JoinSide side;
  side.of = static_cast<StreamId>(random.below(3));
  side.stream = kNames[side.of];
  const Condition& condition = kConditions[random.below(std::size(kConditions))];
  side.where = condition.text;
  side.wanted = condition.holds;
  return side;
}

RuleText rule_of(const std::string& name, const std::vector<std::string>& lines) {
  RuleText rule{name, {}};
  for (const std::string& line : lines)
    if (!line.empty()) rule.lines.push_back({line, {}, true});
  return rule;
}

// Now and then what is joined is what a rule emits: at once, or when nothing came for a while.
void feed(JoinSide& side, const std::string& name, Random& random, Join& join) {
  std::vector<std::string> lines{"first e: " + side.stream + side.where};
  if (random.chance(50)) {
    side.delay = random.between(1, 4);
    side.quiet = true;
    lines.push_back("no D for " + std::to_string(side.delay) + join.unit.name);
  }
  lines.push_back("emit " + name + "(n = e.n, k = e.k, j = e.j, x = e.x, y = e.y, s = e.s)" + (random.chance(50) ? " internal" : ""));
  lines.push_back("on match keep");
  join.rules.push_back(rule_of("feed_" + name, lines));
  side.stream = name;
  side.where.clear();
}

std::string with(const std::string& where, const std::string& condition) {
  if (condition.empty()) return where;
  if (where.empty()) return " where " + condition;
  return " where (" + where.substr(7) + ") and " + condition;
}

// ---- The naive join ------------------------------------------------------------------------------------------------------

constexpr StreamId kStreamD = 3;

struct Joined {
  std::int64_t time;
  const Row* row;
};

// What takes part of one side.
std::vector<Joined> rows_of(const JoinSide& side, const EventTable& table, std::int64_t last, bool flush) {
  std::vector<Joined> joined;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    if (row.stream != side.of || !side.wanted(row)) continue;
    const std::int64_t time = row.time + side.delay * table.unit;
    // What a rule emits is seen when its time is over.
    bool comes = flush || side.stream.size() == 1 || time < last;
    for (std::size_t later = i + 1; side.quiet && later < table.rows.size(); ++later)
      comes = comes && !(table.rows[later].stream == kStreamD && table.rows[later].time < time);
    if (comes) joined.push_back({time, &row});
  }
  return joined;
}

std::string line_of(std::int64_t time, const std::string& stream, const std::string& n, const std::string& m) {
  return std::to_string(time) + " " + stream + " " + n + " " + m;
}

}  // namespace

Join random_join(Random& random, const Unit& unit) {
  Join join;
  join.unit = unit;
  join.bound = random.between(1, 6);
  join.left = random_side(random);
  join.right = random_side(random);
  if (random.chance(40)) feed(join.left, "FL", random, join);
  if (random.chance(25)) feed(join.right, "FR", random, join);
  join.outer_left = random.chance(60);
  join.outer_right = random.chance(60);

  // The key of the pairs, of what is left alone, and the fields that stand for it.
  std::string key, key_left, key_right, fields;
  const auto none = [](const Row&) { return std::optional<std::string>(""); };
  join.left_key = join.right_key = none;
  switch (random.below(join.left.stream == join.right.stream ? 4 : 5)) {
    case 0: break;
    case 1:
      key = key_left = key_right = "key k";
      fields = "k, ";
      join.left_key = join.right_key = [](const Row& row) { return text_key(row, kK); };
      break;
    case 2:
      key = key_left = key_right = "key j";
      fields = "j, ";
      join.left_key = join.right_key = folded_key;
      break;
    case 3:
      key = key_left = key_right = "key k, j";
      fields = "k, j, ";
      join.left_key = join.right_key = double_key;
      break;
    default:
      key = "key part: " + join.left.stream + ".k = " + join.right.stream + ".s";
      key_left = "key part: " + join.left.stream + ".k = pair.part";
      key_right = "key part: " + join.right.stream + ".s = pair.part";
      fields = "part, ";
      join.left_key = [](const Row& row) { return text_key(row, kK); };
      join.right_key = [](const Row& row) { return text_key(row, kS); };
  }
  const PairCondition& condition = kPairConditions[random.below(std::size(kPairConditions))];
  join.fits = condition.holds;

  const std::string within = "within " + std::to_string(join.bound) + unit.name;
  const std::string longer = std::to_string(join.bound * unit.microseconds + 1) + "us";
  const std::string left = join.left.stream, right = join.right.stream;
  join.rules.push_back(rule_of(
      "right_later", {key, within, "first p: " + left + join.left.where, "each q: " + right + with(join.right.where, condition.of_right),
                      "emit pair(" + fields + "n = p.n, m = q.n)", "on match keep", "limit none"}));
  join.rules.push_back(rule_of(
      "left_later", {key, within, "first q: " + right + join.right.where, "each p: " + left + with(join.left.where, condition.of_left),
                     "emit pair(" + fields + "n = p.n, m = q.n)", "on match keep", "limit none"}));
  if (join.outer_left)
    join.rules.push_back(rule_of("left_alone", {key_left, "first p: " + left + join.left.where, "no pair where n == p.n for " + longer,
                                                "emit only_left(n = p.n)", "on match keep"}));
  if (join.outer_right)
    join.rules.push_back(rule_of("right_alone", {key_right, "first q: " + right + join.right.where, "no pair where m == q.n for " + longer,
                                                 "emit only_right(m = q.n)", "on match keep"}));
  return join;
}

std::optional<std::string> difference_of_join(const Join& join, const EventTable& table, const reference::Outcome& said,
                                              const reference::Options& options) {
  std::vector<std::string> expected, found;
  const std::int64_t last = table.rows.empty() ? 0 : table.rows.back().time;
  const std::int64_t bound = join.bound * table.unit;
  const auto lefts = rows_of(join.left, table, last, options.flush_at_end), rights = rows_of(join.right, table, last, options.flush_at_end);
  const auto pairs = [&](const Joined& left, const Joined& right) {
    if (left.row == right.row && join.left.stream == join.right.stream) return false;  // An event is no pair with itself.
    const std::int64_t apart = std::abs(left.time - right.time);
    const auto key = join.left_key(*left.row);
    return key && key == join.right_key(*right.row) && join.fits(*left.row, *right.row) &&
           (apart < bound || (apart == bound && options.mutation != reference::Mutation::kJoinExclusive));
  };
  const auto number = [](const Joined& joined) { return std::to_string(std::get<std::int64_t>(joined.row->values[kN])); };
  const auto alone = [&](const Joined& one, const char* stream) {
    const std::int64_t time = one.time + bound + 1;
    if (options.flush_at_end || time <= last) expected.push_back(line_of(time, stream, number(one), ""));
  };
  for (const Joined& left : lefts)
    for (const Joined& right : rights)
      if (pairs(left, right)) expected.push_back(line_of(std::max(left.time, right.time), "pair", number(left), number(right)));
  for (const Joined& left : lefts)
    if (join.outer_left && join.left_key(*left.row) &&
        std::none_of(rights.begin(), rights.end(), [&](const Joined& right) { return pairs(left, right); }))
      alone(left, "only_left");
  for (const Joined& right : rights)
    if (join.outer_right && join.right_key(*right.row) &&
        std::none_of(lefts.begin(), lefts.end(), [&](const Joined& left) { return pairs(left, right); }))
      alone(right, "only_right");

  for (const reference::Alert& alert : said.alerts) {
    if (alert.stream != "pair" && !alert.stream.starts_with("only_")) continue;
    std::string numbers[2];
    for (const reference::NamedText& field : alert.fields)
      if (field.name == "n" || field.name == "m") numbers[field.name == "m" && alert.stream == "pair" ? 1 : 0] = field.text;
    found.push_back(line_of(alert.time, alert.stream, numbers[0], numbers[1]));
  }
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  if (expected == found) return std::nullopt;
  std::string text = "  the naive join:\n";
  for (const std::string& line : expected) text += "    " + line + "\n";
  text += "  the rules:\n";
  for (const std::string& line : found) text += "    " + line + "\n";
  return text;
}

}  // namespace sequitur::differential
