#include "tests/differential/small_rules.hpp"

#include <algorithm>
#include <vector>

namespace sequitur::differential {
namespace {

using Texts = std::vector<std::string>;

const Texts kFirst{"first  ", "latest "};
const Texts kFirstStreams{"a: A", "a: A|where x == 1"};
const Texts kFirstModes{"",      "{2}",          "{2} strict",   "{2}|gap 1s",         "{1..2}",
                        "{1..}", "{1..} greedy", "{1..} strict", "{1..}|until x == 1", "{2..}|gap 1s"};
const Texts kGaps{"", "no     B", "no     A where x == 1", "no next B", "no     B for 1s", "no     A where x == 1 for 1s"};
const Texts kSecond{"", "then   ", "next   "};  // The first: there is no second step.
const Texts kSecondStreams{"b: A", "b: B", "b: A|where x == 1"};
const Texts kSecondModes{"",          "{2}",         "{1..}",        "{1..2} strict",        "{2..}|until x == 1", "{1..}|gap 1s",
                         " optional", "|at most 1s", "|at least 1s", "{1..} greedy optional"};
const Texts kClosing{"", "no     B for 1s", "no     A for 2s", "no     A where x == 0\n  no     B for 2s after a"};
const Texts kWithin{"forever", "1s", "2s"};
const Texts kOnMatch{"consume", "keep", "skip past last", "skip to last a"};

// "b: A|where x == 1" and "{1..}|gap 1s" together: "b: A{1..} where x == 1 gap 1s".
std::string step(const std::string& stream, const std::string& mode) {
  const auto part = [](const std::string& text, bool behind) {
    const auto bar = text.find('|');
    if (!behind) return text.substr(0, bar);
    return bar == std::string::npos ? std::string{} : " " + text.substr(bar + 1);
  };
  return part(stream, false) + part(mode, false) + part(stream, true) + part(mode, true);
}

// Takes one choice off the index.
const std::string& choose(std::uint64_t& index, const Texts& texts) {
  const std::string& chosen = texts[index % texts.size()];
  index /= texts.size();
  return chosen;
}

}  // namespace

std::uint64_t small_rule_count() {
  std::uint64_t count = 1;
  for (const Texts* texts :
       {&kFirst, &kFirstStreams, &kFirstModes, &kGaps, &kSecond, &kSecondStreams, &kSecondModes, &kClosing, &kWithin, &kOnMatch})
    count *= texts->size();
  return count;
}

RuleText small_rule(std::uint64_t index, const std::string& name) {
  RuleText rule{name, {}};
  const auto add = [&](const std::string& line) {
    if (!line.empty()) rule.lines.push_back({line, {}, true});
  };
  const std::string on_match = choose(index, kOnMatch), within = choose(index, kWithin);
  const std::string first = choose(index, kFirst), first_stream = choose(index, kFirstStreams), first_mode = choose(index, kFirstModes);
  const std::string closing = choose(index, kClosing);
  const std::string second = choose(index, kSecond), second_stream = choose(index, kSecondStreams),
                    second_mode = choose(index, kSecondModes);
  const std::string gap = choose(index, kGaps);
  add("key    k");
  add("within " + within);
  add(first + step(first_stream, first_mode));
  if (!second.empty()) {
    add(gap);
    add(second + step(second_stream, second_mode));
  } else if (!gap.empty() || second_stream != kSecondStreams[0] || second_mode != kSecondModes[0]) {
    rule.lines.clear();  // Without a second step these choices do not matter: the rule has come already.
    return rule;
  }
  add(closing);
  add("emit   found_" + name + "(k, a = count(a))");
  add("on timeout emit gone_" + name + "(k)");
  add("on break emit broken_" + name + "(k)");
  add("on match " + on_match);
  return rule;
}

EventTable small_streams(int length) {
  constexpr std::int64_t kTick = 1'000'000;
  struct Stream {
    std::vector<int> kinds;
    std::vector<std::int64_t> times;
  };
  std::vector<Stream> streams{{}};
  for (int i = 0; i < length; ++i) {
    std::vector<Stream> longer;
    for (const Stream& stream : streams)
      for (int kind = 0; kind < 3; ++kind)
        for (int step = 0; step <= (i == 0 ? 0 : 1); ++step) {
          longer.push_back(stream);
          longer.back().kinds.push_back(kind);
          longer.back().times.push_back((i == 0 ? 0 : stream.times.back()) + step * kTick);
        }
    streams = std::move(longer);
  }
  EventTable table;
  table.unit = kTick;
  for (std::size_t key = 0; key < streams.size(); ++key)
    for (std::size_t i = 0; i < streams[key].kinds.size(); ++i) {
      const int kind = streams[key].kinds[i];
      Row row{streams[key].times[i], static_cast<StreamId>(kind == 2 ? 1 : 0), {}};
      row.values.resize(kFields);
      row.values[kK] = std::to_string(key);
      row.values[kX] = std::int64_t{kind == 1 ? 1 : 0};
      row.values[kTs] = row.time;
      table.rows.push_back(std::move(row));
    }
  std::stable_sort(table.rows.begin(), table.rows.end(), [](const Row& a, const Row& b) { return a.time < b.time; });
  for (std::size_t i = 0; i < table.rows.size(); ++i) table.rows[i].values[kN] = static_cast<std::int64_t>(i);
  table.inputs.resize(table.rows.size());
  return table;
}

EventTable events_of_key(const EventTable& table, const std::string& key) {
  EventTable result = table;
  std::erase_if(result.rows, [&](const Row& row) { return row.values[kK] != Value{key}; });
  for (std::size_t i = 0; i < result.rows.size(); ++i) result.rows[i].values[kN] = static_cast<std::int64_t>(i);
  result.inputs.assign(result.rows.size(), 0);
  return result;
}

}  // namespace sequitur::differential
