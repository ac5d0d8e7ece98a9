// What comes among the events that are given: ticks of schedules, for which every day of the calendar is asked, and rows of files.
#include <date/tz.h>

#include <algorithm>
#include <set>

#include "dsl/table_file.hpp"
#include "tests/reference/evaluate.hpp"
#include "tests/reference/matcher.hpp"

namespace sequitur::reference {
namespace {

constexpr StreamId kNobodysStream = ~StreamId{0};

// The instant of a wall clock time.
std::int64_t instant(date::local_time<Duration> wall, const std::string& zone) {
  if (zone.empty()) return wall.time_since_epoch().count();
  // Before 1900 the offset of that year holds.
  const date::local_time<Duration> known = std::max(wall, date::local_time<Duration>{date::local_days{date::year{1900} / 1 / 1}});
  const date::local_info info = date::locate_zone(zone)->get_info(known);
  return (wall.time_since_epoch() - info.first.offset).count();  // Of two the first; of none as if the clock had not been put.
}

}  // namespace

std::vector<Row> with_ticks(std::span<const Row> events, std::span<const dsl::Schedule> schedules) {
  std::vector<Row> rows(events.begin(), events.end());
  if (events.empty()) return rows;
  const std::int64_t begin = events.front().time, end = events.back().time;
  std::vector<Row> ticks;
  for (const dsl::Schedule& schedule : schedules) {
    std::set<std::int64_t> times;
    for (const dsl::Tick& tick : schedule.ticks) {
      const auto first = date::floor<date::days>(date::local_time<Duration>{Duration{begin}}) - date::days{2};
      const auto last = date::floor<date::days>(date::local_time<Duration>{Duration{end}}) + date::days{2};
      for (auto day = first; day <= last; day += date::days{1}) {
        if ((tick.days >> (date::weekday{day}.iso_encoding() - 1) & 1) == 0) continue;
        const std::int64_t time = instant(day + tick.at, tick.zone);
        if (time > begin && time <= end) times.insert(time);
      }
    }
    for (const std::int64_t time : times) ticks.push_back({time, schedule.stream, {}, true});
  }
  // Stable: schedules stand in their order, events in theirs, and ticks before events.
  rows.insert(rows.begin(), ticks.begin(), ticks.end());
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.time < b.time; });
  return rows;
}

std::vector<Row> with_file_rows(std::span<const Row> events, std::span<const dsl::Table> tables) {
  std::vector<Row> rows;
  if (events.empty()) return rows;
  for (const dsl::Table& table : tables) {
    if (!table.file) continue;
    for (const auto& row : table.file->rows()) {
      rows.push_back({events.front().time, table.stream, {}});
      for (const dsl::Constant& value : row) rows.back().values.push_back(of_constant(value));
    }
  }
  rows.insert(rows.end(), events.begin(), events.end());
  return rows;
}

std::vector<Row> without_truncations(std::span<const Row> events, std::span<const dsl::Table> tables,
                                     std::span<const StreamSchema> schemas) {
  std::vector<Row> rows;
  for (const Row& event : events) {
    const auto table = std::find_if(tables.begin(), tables.end(), [&](const dsl::Table& one) { return one.stream == event.stream; });
    if (table == tables.end() || table->truncated == kTimeSlot || event.get(table->truncated) != Value{std::int64_t{1}}) {
      rows.push_back(event);
      continue;
    }
    std::vector<bool> folds;
    for (const SlotIndex slot : table->key) folds.push_back(schemas[table->stream].fields[static_cast<std::size_t>(slot)].nocase);
    std::vector<Row> gone;
    for (const Row* row : rows_of(*table, folds, rows, event.time)) {
      gone.push_back(event);
      for (const SlotIndex slot : table->key) gone.back().values[static_cast<std::size_t>(slot)] = row->get(slot);
      gone.back().values[static_cast<std::size_t>(table->deleted)] = std::int64_t{1};
    }
    rows.push_back(event);
    rows.back().stream = kNobodysStream;  // Time goes on with it.
    rows.insert(rows.end(), gone.begin(), gone.end());
  }
  return rows;
}

}  // namespace sequitur::reference
