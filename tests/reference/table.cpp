#include "tests/reference/table.hpp"

#include <algorithm>
#include <numeric>

#include "sequitur/alert.hpp"
#include "tests/reference/arrival.hpp"

namespace sequitur::reference {
namespace {

constexpr std::int64_t kStart = dsl::kTestStart.time_since_epoch() / Duration{1};

std::string line_of(const Alert& alert, const std::vector<dsl::Rule>& rules) {
  std::string line = rules[alert.rule].info.name + " " + std::string{sequitur::to_string(alert.kind)} + " ";
  append_duration(Duration{alert.time - kStart}, line);
  for (const auto& step : alert.evidence)
    for (std::size_t i = 0; i < step.events.size(); ++i) line += (i == 0 ? " " + step.name + "#" : ",") + std::to_string(step.events[i]);
  if (!alert.key.empty()) {
    line += " key(";
    for (std::size_t i = 0; i < alert.key.size(); ++i) line += (i == 0 ? "" : ",") + alert.key[i].text;
    line += ")";
  }
  if (!alert.fields.empty()) {
    line += " {";
    for (std::size_t i = 0; i < alert.fields.size(); ++i) line += (i == 0 ? "" : " ") + alert.fields[i].name + "=" + alert.fields[i].text;
    line += "}";
  }
  if (alert.held > 0) line += " held " + std::to_string(alert.held);
  if (!alert.message.empty()) line += " \"" + alert.message + "\"";
  return line;
}

}  // namespace

std::vector<Row> events_of(const dsl::Test& test, const std::vector<StreamSchema>& schemas) {
  std::vector<Row> rows;
  std::vector<std::int64_t> arrives;
  bool out_of_order = false;
  for (const auto& event : test.events)
    for (std::uint32_t i = 0; i < event.repeat; ++i) {
      Row row{kStart + (event.at + i * event.every).count(), event.stream, {}};
      row.values.resize(schemas[event.stream].fields.size());
      if (schemas[event.stream].time_slot != kTimeSlot) row.values.at(static_cast<std::size_t>(schemas[event.stream].time_slot)) = row.time;
      for (const auto& [slot, constant] : event.values) row.values.at(static_cast<std::size_t>(slot)) = of_constant(constant);
      arrives.push_back(event.arrives ? kStart + event.arrives->count() : row.time);
      out_of_order = out_of_order || event.arrives;
      rows.push_back(std::move(row));
    }
  if (out_of_order) {
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return arrives[a] != arrives[b] ? arrives[a] < arrives[b] : rows[a].time == arrives[a] && rows[b].time < arrives[b];
    });
    std::vector<Row> arriving;
    for (const std::size_t i : order) {
      arriving.push_back(rows[i]);
      if (schemas[rows[i].stream].processing_clock) arriving.back().time = arrives[i];
    }
    return seen_by_rules(arriving, schemas);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.time < b.time; });
  return rows;
}

std::vector<std::string> alerts_of(std::string_view text, const Options& options) {
  const std::vector<SourceFile> sources{{"table.seq", std::string{text}}};
  const dsl::Loaded loaded = dsl::load(sources);
  std::vector<std::string> lines;
  if (!loaded.ok() || loaded.files.tests.size() != 1) {
    for (const auto& diagnostic : loaded.diagnostics)
      lines.push_back(diagnostic.code + " " + diagnostic.message +
                      " at: " + std::string{text.substr(diagnostic.span.begin, diagnostic.span.end - diagnostic.span.begin)});
    if (loaded.ok()) lines.push_back("the text needs one test block");
    return lines;
  }
  const dsl::CheckedFiles& files = loaded.files;
  const std::vector<Row> changes =
      without_truncations(with_file_rows(events_of(files.tests[0], files.schemas), files.tables), files.tables, files.schemas);
  const std::vector<Row> events = with_ticks(changes, files.schedules);
  for (const auto& alert : match(loaded.files.rules, events, options, loaded.files.schemas, loaded.files.tables).alerts)
    lines.push_back(line_of(alert, loaded.files.rules));
  return lines;
}

}  // namespace sequitur::reference
