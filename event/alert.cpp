// Alerts and events as JSON and as text. The order of the members is part of the product: equal alerts give equal bytes.
#include "sequitur/alert.hpp"

#include <algorithm>

#include "event/characters.hpp"
#include "event/civil.hpp"
#include "event/decimal.hpp"
#include "event/ip.hpp"
#include "event/json_text.hpp"
#include "event/list.hpp"
#include "sequitur/lineage.hpp"

namespace sequitur {
namespace {

void append_two_digits(int value, char*& to) {
  *to++ = static_cast<char>('0' + value / 10);
  *to++ = static_cast<char>('0' + value % 10);
}

void append_json_name(std::string_view name, std::string& out) {
  append_json_string(name, out);
  out += ':';
}

void append_json_value(Slot value, Type type, std::string& out) {
  if (value.is_null(type)) {
    out += "null";
    return;
  }
  if (is_list(type)) {
    out += '[';
    for (const Slot element : ListView(value, element_of(type))) {
      append_json_value(element, element_of(type), out);
      out += ',';
    }
    if (out.back() == ',')
      out.back() = ']';
    else
      out += ']';
    return;
  }
  switch (type) {
    case Type::kBool: out += value.i != 0 ? "true" : "false"; return;
    case Type::kInt: append_json_number(value.i, out); return;
    case Type::kFloat: append_json_number(value.f, out); return;
    case Type::kString: append_json_string(value.text(), out); return;
    case Type::kDecimal: append_decimal(value.i, out); return;
    case Type::kIp:
    case Type::kTime:
    case Type::kDuration:
      out += '"';
      append_text(value, type, out);
      out += '"';
      return;
  }
}

void append_json_values(std::span<const NamedValue> values, std::string& out) {
  out += '{';
  bool first = true;
  for (const NamedValue& value : values) {
    if (!first) out += ',';
    first = false;
    append_json_name(value.name, out);
    append_json_value(value.value, value.type, out);
  }
  out += '}';
}

void append_json_strings(const std::vector<std::string>& texts, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(texts[i], out);
  }
  out += ']';
}

void append_json_meta(const std::vector<RuleInfo::Meta>& meta, std::string& out) {
  out += '{';
  for (std::size_t i = 0; i < meta.size(); ++i) {
    if (i != 0) out += ',';
    append_json_name(meta[i].name, out);
    if (meta[i].is_list)
      append_json_strings(meta[i].values, out);
    else
      append_json_string(meta[i].values.empty() ? std::string_view{} : std::string_view{meta[i].values[0]}, out);
  }
  out += '}';
}

void append_event(const Event& event, const StreamSchema& schema, std::uint32_t& room, std::string& out);

// `room`: how many events of lineages may still be shown.
void append_json_evidence(const Evidence& evidence, const std::vector<StreamSchema>& schemas, std::uint32_t& room, std::string& out) {
  out += '{';
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    if (i != 0) out += ',';
    const EvidenceStep step = evidence[i];
    append_json_name(step.name, out);
    out += '[';
    bool first = true;
    for (const Event* event : step.events) {
      if (!first) out += ',';
      first = false;
      append_event(*event, schemas[event->stream], room, out);
    }
    out += ']';
  }
  out += '}';
}

void append_json_time(std::string_view name, Timestamp time, std::string& out) {
  out += ",\"";
  out += name;
  out += "\":\"";
  append_time(time, out);
  out += '"';
}

void append_id(const std::array<std::uint64_t, 2>& id, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint64_t half : id)
    for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(half >> shift) & 15];
}

// Of an event that a rule emitted: which alert it is, and what is behind it.
void append_lineage(const Lineage& lineage, std::uint32_t& room, std::string& out) {
  out += ",\"lineage\":{\"id\":\"";
  append_id(lineage.alert_id, out);
  out += "\",\"rule\":";
  append_json_string(lineage.rule->name, out);
  out += ",\"kind\":\"";
  out += to_string(lineage.kind);
  out += "\",\"evidence\":";
  std::uint64_t left_out = lineage.left_out;
  if (lineage.events <= room) {
    room -= lineage.events;
    std::uint32_t nested = lineage.events;  // They are counted already.
    append_json_evidence(lineage.evidence, *lineage.schemas, nested, out);
  } else {
    left_out += lineage.events;
    out += "{}";
  }
  if (left_out > 0) {
    out += ",\"left_out\":";
    append_json_number(left_out, out);
  }
  out += '}';
}

// A field called `stream`, or the time field when it is called `time`, says what the members before it say already;
// writing it again would make a member twice. Of a derived event the lineage goes before a field of that name.
void append_event(const Event& event, const StreamSchema& schema, std::uint32_t& room, std::string& out) {
  out += "{\"stream\":";
  append_json_string(schema.name, out);
  append_json_time("time", Timestamp{Duration{event.time}}, out);
  const Lineage* lineage = lineage_of(event, schema);
  for (std::size_t i = 0; i < schema.fields.size(); ++i) {
    const Field& field = schema.fields[i];
    const Slot value = event.slots()[i];
    if (value.is_null(field.type) || field.name == "stream" || field.name == "time") continue;
    if (lineage != nullptr && field.name == "lineage") continue;
    out += ',';
    append_json_name(field.name, out);
    append_json_value(value, field.type, out);
  }
  if (lineage != nullptr) append_lineage(*lineage, room, out);
  out += '}';
}

// What the rule says of itself: title to meta.
void append_json_rule(const Alert& alert, std::string& out) {
  const RuleInfo& rule = *alert.rule;
  out += ",\"rule\":";
  append_json_string(rule.name, out);
  out += ",\"title\":";
  append_json_string(rule.title, out);
  out += ",\"severity\":";
  append_json_string(alert.severity, out);
  if (alert.has_score) {
    out += ",\"score\":";
    append_json_number(alert.score, out);
  }
  out += ",\"tags\":";
  append_json_strings(rule.tags, out);
  if (!rule.meta.empty()) {
    out += ",\"meta\":";
    append_json_meta(rule.meta, out);
  }
}

}  // namespace

void append_json(Slot value, Type type, std::string& out) { append_json_value(value, type, out); }

std::string_view to_string(AlertKind kind) {
  switch (kind) {
    case AlertKind::kMatch: return "match";
    case AlertKind::kTimeout: return "timeout";
    case AlertKind::kBreak: return "break";
    case AlertKind::kClear: return "clear";
  }
  return "unknown";
}

// Times that no event can have (the ends of time) are shown as the first and last that one can.
void append_time(Timestamp time, std::string& out) {
  const std::int64_t micros = std::clamp(time.time_since_epoch().count(), kFirstMicros, kLastMicros);
  const std::int64_t days = floor_divide(micros, kMicrosPerDay);
  const std::int64_t in_day = micros - days * kMicrosPerDay;
  const CivilDate date = civil_from_days(days);
  const int seconds = static_cast<int>(in_day / kMicrosPerSecond);
  const int fraction = static_cast<int>(in_day % kMicrosPerSecond);
  char text[] = "0000-00-00T00:00:00.000000Z";
  char* to = text;
  append_two_digits(date.year / 100, to);
  append_two_digits(date.year % 100, to);
  append_two_digits(date.month, ++to);
  append_two_digits(date.day, ++to);
  append_two_digits(seconds / 3600, ++to);
  append_two_digits(seconds / 60 % 60, ++to);
  append_two_digits(seconds % 60, ++to);
  append_two_digits(fraction / 10'000, ++to);
  append_two_digits(fraction / 100 % 100, to);
  append_two_digits(fraction % 100, to);
  out.append(text, sizeof text - 1);
}

void append_text(Slot value, Type type, std::string& out) {
  if (is_list(type) && !value.is_null(type)) {
    bool first = true;
    for (const Slot element : ListView(value, element_of(type))) {
      if (!first) out += ", ";
      first = false;
      append_text(element, element_of(type), out);
    }
  } else if (type == Type::kString && !value.is_null(type)) {
    out += value.text();
  } else if (type == Type::kIp && !value.is_null(type)) {
    append_ip(value.text(), out);
  } else if (type == Type::kTime && !value.is_null(type)) {
    append_time(Timestamp{Duration{value.i}}, out);
  } else if (type == Type::kDuration && !value.is_null(type)) {
    append_duration(Duration{value.i}, out);
  } else {
    append_json_value(value, type, out);
  }
}

namespace {

// Commas into the whole part of the number that begins at `from`.
void group_digits(std::string& out, std::size_t from) {
  if (from < out.size() && out[from] == '-') ++from;
  std::size_t end = from;
  while (end < out.size() && is_digit(out[end])) ++end;
  if (end < out.size() && out[end] != '.') return;  // With an exponent.
  for (std::size_t at = end; at > from + 3;) {
    at -= 3;
    out.insert(at, 1, ',');
  }
}

void append_decimals(Slot value, Type type, int decimals, std::string& out) {
  if (type == Type::kFloat) {
    append_fixed(value.f, decimals, out);
    return;
  }
  const std::size_t from = out.size();
  const std::int64_t rounded = type == Type::kDecimal ? decimal_round(value.i, decimals, Rounding::kNearest) : value.i;
  if (rounded == kNullInt) return append_text(value, type, out);  // Rounding takes it beyond the greatest decimal.
  append_text(Slot::of_int(rounded), type, out);
  if (decimals == 0) return;
  std::size_t point = out.find('.', from);
  if (point == std::string::npos) {
    point = out.size();
    out += '.';
  }
  out.append(point + 1 + static_cast<std::size_t>(decimals) - out.size(), '0');
}

}  // namespace

void append_formatted(Slot value, Type type, NumberFormat format, std::string& out) {
  const bool number = type == Type::kInt || type == Type::kFloat || type == Type::kDecimal;
  if (format.plain() || !number || value.is_null(type)) return append_text(value, type, out);
  const std::size_t from = out.size();
  if (format.decimals >= 0)
    append_decimals(value, type, format.decimals, out);
  else
    append_text(value, type, out);
  if (format.grouped) group_digits(out, from);
}

std::string_view severity_level(std::string_view text) {
  for (const std::string_view level : {"informational", "low", "medium", "high", "critical"})
    if (text == level) return level;
  return {};
}

void append_json(const Event& event, const StreamSchema& schema, std::string& out) {
  std::uint32_t room = kMaxLineageShown;
  append_event(event, schema, room, out);
}

void append_json(const Alert& alert, std::string& out) {
  out += "{\"id\":\"";
  append_id(alert.id, out);
  out += '"';
  append_json_rule(alert, out);
  out += alert.withdrawn ? ",\"kind\":\"withdrawal\",\"withdraws\":\"" : ",\"kind\":\"";
  out += to_string(alert.kind);
  out += "\",\"stream\":";
  append_json_string(alert.stream, out);
  out += ",\"key\":";
  append_json_values(alert.key, out);
  append_json_time("time", alert.time, out);
  append_json_time("first", alert.first, out);
  append_json_time("last", alert.last, out);
  out += ",\"fields\":";
  append_json_values(alert.fields, out);
  if (!alert.message.empty()) {
    out += ",\"message\":";
    append_json_string(alert.message, out);
  }
  out += ",\"evidence\":";
  std::uint32_t room = kMaxLineageShown;
  append_json_evidence(alert.evidence, *alert.schemas, room, out);
  out += ",\"held\":";
  append_json_number(alert.held, out);
  out += ",\"revision\":";
  append_json_number(std::uint64_t{alert.revision}, out);
  out += '}';
}

}  // namespace sequitur
