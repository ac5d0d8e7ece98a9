// An alert: what leaves the engine because of a match, a timeout or a break.
// All views in an Alert are valid only during the call that hands it over; copy what you keep.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/event.hpp"
#include "sequitur/time.hpp"
#include "sequitur/value.hpp"

namespace sequitur {

enum class AlertKind : std::uint8_t { kMatch, kTimeout, kBreak, kClear };
std::string_view to_string(AlertKind kind);

struct NamedValue {
  std::string_view name;
  Type type = Type::kString;
  Slot value{};
};

// The events that one step of the rule took.
struct EvidenceStep {
  std::string_view name;  // The step's name, or "stream#position" (position from 1) for an unnamed one.
  std::span<const Event* const> events;
};

// Unchanging facts about the rule that raised the alert; lives as long as the rule set.
struct RuleInfo {
  std::uint32_t index = 0;  // Load order.
  std::string name;
  std::string title;
  std::string severity;  // informational low medium high critical; empty when the rule gives none, or computes it.
  double score = 0;
  bool has_score = false;  // A constant one.
  std::vector<std::string> tags;
  struct Meta {
    std::string name;
    std::vector<std::string> values;
    bool is_list = false;
  };
  std::vector<Meta> meta;
};

struct Alert {
  std::array<std::uint64_t, 2> id{};  // The same match always has the same id; written as 32 hexadecimal digits.
  const RuleInfo* rule = nullptr;
  const std::vector<StreamSchema>* schemas = nullptr;  // To name the fields of the evidence; index = StreamId.
  AlertKind kind = AlertKind::kMatch;
  std::string_view severity;  // The rule's, or what it computed for this match; empty: none.
  double score = 0;
  bool has_score = false;
  std::string_view stream;  // The name after `emit`.
  std::span<const NamedValue> key;
  Timestamp time;   // Event time of detection.
  Timestamp first;  // Of the events taken.
  Timestamp last;
  std::span<const NamedValue> fields;  // The values after `emit`, in order.
  std::string_view message;            // Empty when the rule has none.
  std::span<const EvidenceStep> evidence;
  std::uint64_t held = 0;      // Alerts that `limit` held back since the last one of this kind and key.
  std::uint32_t revision = 0;  // How often an alert of this id was corrected: the highest is what holds.
  bool withdrawn = false;      // `late revise`: the alert of this id does not hold any more. Without evidence.
};

// One line of JSON without the newline, appended. The member order is fixed, so equal alerts give equal bytes. Of a withdrawal
// the kind is "withdrawal", and what kind of alert is withdrawn stands in "withdraws".
void append_json(const Alert& alert, std::string& out);
void append_json(const Event& event, const StreamSchema& schema, std::string& out);
// As in JSON, but texts and addresses without quotes, lists without brackets ("a, b"); null gives "null".
void append_text(Slot value, Type type, std::string& out);

// How a number is shown in a message.
struct NumberFormat {
  int decimals = -1;     // So many digits behind the point, half away from zero; -1: the shortest spelling.
  bool grouped = false;  // A comma between groups of three digits.
  bool plain() const { return decimals < 0 && !grouped; }
};
// As append_text; the format is for int, float and decimal.
void append_formatted(Slot value, Type type, NumberFormat format, std::string& out);

// "high" for "high"; empty if it is none of the five levels. Refers to no memory of `text`.
std::string_view severity_level(std::string_view text);
// RFC 3339 with microseconds, UTC.
void append_time(Timestamp time, std::string& out);
// 500us 10ms 1h30m: the language's own spelling.
void append_duration(Duration duration, std::string& out);

}  // namespace sequitur
