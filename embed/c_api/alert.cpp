// What a callback can ask of an alert (sequitur.h, "Alerts").
#include <cmath>
#include <limits>

#include "embed/c_api/handles.hpp"

using namespace sequitur;

namespace sequitur::c_api {
namespace {

// A copy that ends with a zero. "" where there is no memory.
const char* zeroed(const sequitur_alert* alert, std::string_view text) noexcept {
  try {
    auto* copy = static_cast<char*>(alert->texts->allocate(text.size() + 1));
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    return copy;
  } catch (...) { return ""; }
}

sequitur_value value_of(const sequitur_alert* alert, const NamedValue& named) noexcept {
  sequitur_value value{};
  if (named.value.is_null(named.type)) return value;
  if (is_list(named.type)) {
    try {
      std::string json;
      append_json(named.value, named.type, json);
      value.type = SEQUITUR_LIST;
      value.data = zeroed(alert, json);
      value.size = json.size();
    } catch (...) { value = {}; }
    return value;
  }
  value.type = static_cast<std::int32_t>(named.type) + 1;
  if (named.type == Type::kFloat) {
    value.f = named.value.f;
  } else if (has_bytes(named.type)) {
    const std::string_view text = named.value.text();
    value.data = zeroed(alert, text);
    value.size = text.size();
  } else {
    value.i = named.value.i;
  }
  return value;
}

std::int64_t micros(Timestamp time) { return time.time_since_epoch().count(); }

}  // namespace
}  // namespace sequitur::c_api

using namespace sequitur::c_api;

extern "C" {

void sequitur_alert_id(const sequitur_alert* alert, char id[33]) {
  constexpr const char* kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < 32; ++i) id[i] = kDigits[alert->alert->id[i / 16] >> (60 - 4 * (i % 16)) & 15];
  id[32] = '\0';
}

const char* sequitur_alert_rule(const sequitur_alert* alert) { return alert->alert->rule->name.c_str(); }
const char* sequitur_alert_title(const sequitur_alert* alert) { return alert->alert->rule->title.c_str(); }
const char* sequitur_alert_severity(const sequitur_alert* alert) { return zeroed(alert, alert->alert->severity); }
const char* sequitur_alert_stream(const sequitur_alert* alert) { return zeroed(alert, alert->alert->stream); }
const char* sequitur_alert_message(const sequitur_alert* alert) { return zeroed(alert, alert->alert->message); }
sequitur_alert_kind sequitur_alert_kind_of(const sequitur_alert* alert) { return static_cast<sequitur_alert_kind>(alert->alert->kind); }
int64_t sequitur_alert_time(const sequitur_alert* alert) { return micros(alert->alert->time); }
int64_t sequitur_alert_first(const sequitur_alert* alert) { return micros(alert->alert->first); }
int64_t sequitur_alert_last(const sequitur_alert* alert) { return micros(alert->alert->last); }
double sequitur_alert_score(const sequitur_alert* alert) {
  return alert->alert->has_score ? alert->alert->score : std::numeric_limits<double>::quiet_NaN();
}

size_t sequitur_alert_field_count(const sequitur_alert* alert) { return alert->alert->fields.size(); }
const char* sequitur_alert_field_name(const sequitur_alert* alert, size_t field) {
  return field < alert->alert->fields.size() ? zeroed(alert, alert->alert->fields[field].name) : nullptr;
}
sequitur_value sequitur_alert_field(const sequitur_alert* alert, size_t field) {
  return field < alert->alert->fields.size() ? value_of(alert, alert->alert->fields[field]) : sequitur_value{};
}

size_t sequitur_alert_key_count(const sequitur_alert* alert) { return alert->alert->key.size(); }
const char* sequitur_alert_key_name(const sequitur_alert* alert, size_t part) {
  return part < alert->alert->key.size() ? zeroed(alert, alert->alert->key[part].name) : nullptr;
}
sequitur_value sequitur_alert_key(const sequitur_alert* alert, size_t part) {
  return part < alert->alert->key.size() ? value_of(alert, alert->alert->key[part]) : sequitur_value{};
}

sequitur_value sequitur_alert_get(const sequitur_alert* alert, const char* name) {
  const NamedValue* found = name != nullptr ? alert->alert->find(name) : nullptr;
  return found != nullptr ? value_of(alert, *found) : sequitur_value{};
}

const char* sequitur_alert_json(const sequitur_alert* alert, size_t* size) {
  try {
    std::string json;
    append_json(*alert->alert, json);
    if (size != nullptr) *size = json.size();
    return zeroed(alert, json);
  } catch (...) { return nullptr; }
}

}  // extern "C"
