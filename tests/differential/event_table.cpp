#include "tests/differential/event_table.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "event/ip.hpp"
#include "event/list.hpp"
#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {
namespace {

enum class Keys { kOne, kFew, kMany };

Value text_or_null(Random& random, int percent_null, std::initializer_list<const char*> texts) {
  if (random.chance(percent_null)) return reference::kNull;
  return random.pick(texts);
}

Value random_address(Random& random) {
  IpBytes address;
  parse_ip(random.pick({"10.0.0.1", "10.200.0.1", "192.0.2.1", "fd00::1", "2001:db8::1", "::1"}), address);
  return std::string{bytes_of(address)};
}

Row random_row(Random& random, std::int64_t time, Keys keys) {
  Row row{time, static_cast<StreamId>(random.pick(std::vector<int>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3})), {}};
  row.values.resize(kFields);
  switch (keys) {
    case Keys::kOne:
      row.values[kK] = std::string{"a"};
      row.values[kJ] = random.pick({"a", "A"});
      break;
    case Keys::kFew:
      row.values[kK] = text_or_null(random, 4, {"a", "a", "a", "b", "b", "c"});
      row.values[kJ] = text_or_null(random, 4, {"a", "A", "a", "b", "B", "c"});
      break;
    case Keys::kMany:
      row.values[kK] = "a key that is long enough to need memory of its own, number " + std::to_string(random.below(9));
      row.values[kJ] = random.pick({"a", "b", "c", "d", "E", "F", "G", "A", "e"});
      break;
  }
  row.values[kX] = random.chance(8) ? reference::kNull : Value{std::int64_t{random.between(0, 3)}};
  row.values[kY] = random.chance(8) ? reference::kNull : Value{0.5 * random.between(0, 5)};
  row.values[kTs] = time;
  row.values[kS] = text_or_null(random, 8, {"a", "ab", "AB", "b", "abc", ""});
  if (random.chance(80))
    row.values[kD] =
        std::int64_t{random.between(-4, 8)} * random.pick(std::vector<std::int64_t>{250'000, 1, 1'000'000, 333'333, 9'000'000'000'000'000});
  if (random.chance(80)) row.values[kI] = random_address(random);
  const auto list = [&](auto element) {
    reference::List items;
    for (int left = random.between(0, 3); left > 0; --left) items.items.push_back(random.chance(10) ? reference::kNull : element());
    return Value{items};
  };
  const auto text = [&] { return Value{random.pick({"a", "A", "b", "c", "ab"})}; };
  const auto number = [&] { return Value{std::int64_t{random.between(0, 3)}}; };
  if (random.chance(85)) row.values[kL] = list(text);
  if (random.chance(85)) row.values[kM] = list(number);
  if (random.chance(85)) {
    row.values[kRa] = list(number);
    reference::List same_length;
    for (std::size_t i = 0; i < std::get<reference::List>(row.values[kRa]).items.size(); ++i) same_length.items.push_back(text());
    row.values[kRb] = same_length;
  }
  return row;
}

// Of one input: row numbers in an order in which whatever comes before an event is at most `disorder` later.
std::vector<std::size_t> arrival(const EventTable& table, std::size_t input, std::int64_t disorder, Random& random) {
  std::vector<std::size_t> rows;
  std::map<std::size_t, std::int64_t> arrives;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (table.inputs[row] != input) continue;
    rows.push_back(row);
    arrives[row] = table.rows[row].time + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(disorder) + 1));
  }
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return arrives[a] < arrives[b]; });
  // Equal times share their places in the order of evaluation.
  std::map<std::int64_t, std::vector<std::size_t>> places;
  for (std::size_t place = 0; place < rows.size(); ++place) places[table.rows[rows[place]].time].push_back(place);
  std::vector<std::size_t> result(rows.size());
  for (const auto& [time, of_time] : places) {
    std::vector<std::size_t> same;
    for (const std::size_t place : of_time) same.push_back(rows[place]);
    std::sort(same.begin(), same.end());
    for (std::size_t i = 0; i < same.size(); ++i) result[of_time[i]] = same[i];
  }
  return result;
}

}  // namespace

EventTable random_events(Random& random, const Unit& unit) {
  EventTable table;
  // An ordinary day, the epoch, and long before it.
  table.start = random.pick(std::vector<std::int64_t>{1'700'000'000'000'000, 1'700'000'000'000'000, 0, -1'000'003, -9'000'000'000'000'017});
  table.unit = unit.microseconds;
  table.input_count = static_cast<std::size_t>(random.pick(std::vector<int>{1, 1, 2, 3}));
  // Now and then enough events for several tasks to share a batch.
  const bool many = random.below(300) == 0;
  const int count = many ? random.between(300, 800) : random.chance(90) ? random.between(4, 26) : random.between(27, 70);
  const Keys keys = many ? Keys::kMany : random.chance(50) ? Keys::kOne : random.chance(75) ? Keys::kFew : Keys::kMany;
  const int slowness = random.between(0, 3);  // How far neighbours lie apart.
  std::int64_t time = table.start;
  struct Placed {
    Row row;
    std::size_t input;
  };
  std::vector<Placed> placed;
  for (int i = 0; i < count; ++i) {
    if (i > 0 && !random.chance(30)) time += unit.microseconds * random.between(slowness > 0 ? 1 : 0, 1 + slowness);
    if (random.chance(4)) time += unit.microseconds * random.between(4, 12);
    placed.push_back({random_row(random, time, keys), random.below(table.input_count)});
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const Placed& a, const Placed& b) { return std::tie(a.row.time, a.input) < std::tie(b.row.time, b.input); });
  for (auto& [row, input] : placed) {
    row.values[kN] = static_cast<std::int64_t>(table.rows.size());
    table.rows.push_back(std::move(row));
    table.inputs.push_back(input);
  }
  return table;
}

Arrivals random_arrivals(const EventTable& table, std::int64_t disorder, std::int64_t lateness, Random& random) {
  Arrivals arrivals;
  arrivals.late.resize(table.rows.size());
  for (std::size_t input = 0; input < table.input_count; ++input) {
    arrivals.by_input.push_back(arrival(table, input, disorder, random));
    std::int64_t latest = std::numeric_limits<std::int64_t>::min() + lateness;
    for (const std::size_t row : arrivals.by_input.back()) {
      const std::int64_t time = table.rows[row].time;
      arrivals.late[row] = time < latest - lateness;
      latest = std::max(latest, time);
    }
  }
  return arrivals;
}

namespace {

Slot to_list(const reference::List& items, Type element, Arena& arena) {
  ListWriter list(element);
  for (const Value& item : items.items) {
    if (item.index() == 0) list.add_null();
    if (item.index() == 1) list.add(Slot::of_int(std::get<1>(item)));
    if (item.index() == 2) list.add(Slot::of_float(std::get<2>(item)));
    if (item.index() == 3) list.add(arena.text(std::get<3>(item)));
  }
  return list.finish(arena);
}

}  // namespace

Event& to_event(const Row& row, const StreamSchema& schema, Arena& arena) {
  Event& event = make_event(arena, schema, Timestamp{Duration{row.time}});
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    Slot& slot = event.slot(static_cast<SlotIndex>(i));
    const Value& value = row.values[i];
    if (value.index() == 1) slot = Slot::of_int(std::get<1>(value));
    if (value.index() == 2) slot = Slot::of_float(std::get<2>(value));
    if (value.index() == 3) slot = arena.text(std::get<3>(value));
    if (value.index() == 4) slot = to_list(std::get<4>(value), element_of(schema.fields[i].type), arena);
  }
  return event;
}

std::string to_text(const EventTable& table, std::span<const StreamSchema> schemas) {
  std::string text;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    const StreamSchema& schema = schemas[row.stream];
    text += "  #" + std::to_string(i) + "  " + std::to_string((row.time - table.start) / table.unit) + "  " + schema.name;
    for (std::size_t f = kK; f < kTs; ++f)
      if (!reference::is_null(row.values[f]))
        text += " " + schema.fields[f].name + "=\"" + reference::to_text(row.values[f], schema.fields[f].type) + "\"";
    for (std::size_t f = kFields; f < row.values.size(); ++f)
      if (!reference::is_null(row.values[f])) text += " " + schema.fields[f].name + "=" + reference::to_text(row.values[f], Type::kBool);
    if (table.input_count > 1) text += "  (input " + std::to_string(table.inputs[i]) + ")";
    text += "\n";
  }
  return text;
}

}  // namespace sequitur::differential
