#include "cli/labels.hpp"

#include <fmt/format.h>

#include "cli/infer/json_sample.hpp"
#include "event/json_text.hpp"
#include "event/time_text.hpp"
#include "sequitur/alert.hpp"

namespace sequitur::cli {
namespace {

bool read_label(std::string_view line, Incident& incident) {
  std::vector<SampleValue> values;
  if (!flatten_json(line, values)) return false;
  bool has_from = false, has_to = false;
  std::int64_t micros = 0;
  for (const SampleValue& value : values) {
    const std::string& name = value.path.front();
    if (name == "incident") {
      incident.name = value.text;
    } else if (name == "key" && value.path.size() == 2) {
      incident.key.emplace_back(value.path[1], value.text);
    } else if (name == "from" && parse_rfc3339(value.text, nullptr, micros)) {
      incident.from = Timestamp{Duration{micros}};
      has_from = true;
    } else if (name == "to" && parse_rfc3339(value.text, nullptr, micros)) {
      incident.to = Timestamp{Duration{micros}};
      has_to = true;
    }
  }
  return !incident.name.empty() && !incident.key.empty() && has_from && has_to;
}

}  // namespace

std::string label_lines(std::span<const Incident> incidents) {
  std::string text;
  for (const Incident& incident : incidents) {
    text += R"({"incident":)";
    append_json_string(incident.name, text);
    text += R"(,"key":{)";
    for (const auto& [name, value] : incident.key) {
      if (&name != &incident.key.front().first) text += ',';
      append_json_string(name, text);
      text += ':';
      append_json_string(value, text);
    }
    text += R"(},"from":")";
    append_time(incident.from, text);
    text += R"(","to":")";
    append_time(incident.to, text);
    text += "\"}\n";
  }
  return text;
}

Result<std::vector<Incident>> parse_labels(const std::string& path, std::string_view text) {
  std::vector<Incident> incidents;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    Incident incident;
    if (!read_label(line, incident))
      return Error{
          fmt::format("{}:{}: not a label: {{\"incident\":..,\"key\":{{..}},\"from\":..,\"to\":..}} is expected", path, line_number)};
    incidents.push_back(std::move(incident));
  }
  return incidents;
}

}  // namespace sequitur::cli
