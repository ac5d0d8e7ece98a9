// An alert: what leaves the engine because of a match, a timeout or a break.
// All views in an Alert are valid only during the call that hands it over; copy what you keep.
//
//     if (alert.rule->name == "card_testing") block(alert.get<std::string>("card").value_or(""), alert.get<double>("amount"));
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/event.hpp"
#include "sequitur/export.h"
#include "sequitur/time.hpp"
#include "sequitur/typed.hpp"
#include "sequitur/value.hpp"

namespace sequitur {

enum class AlertKind : std::uint8_t { kMatch, kTimeout, kBreak, kClear };
SEQUITUR_API std::string_view to_string(AlertKind kind);

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

// The steps of an alert and the events that they took: a list of EvidenceStep, each of which is made when it is asked for. What
// one refers to is not part of the list: it may outlive this object, but no more than the alert's other views the call.
class Evidence {
 public:
  // Matches in which every step took one event share what they have in common, in memory of the engine. The events of the last
  // steps but one stand in a row, the tail; a chain leads from the event of the step before them back to that of the first step,
  // and from there to that of the last.
  struct Link {
    const Event* event;
    const Link* before;
  };
  using Tail = const Event* const*;

  Evidence() = default;
  template <typename Steps>
    requires std::convertible_to<const Steps&, std::span<const EvidenceStep>>
  Evidence(const Steps& steps)  // NOLINT(google-explicit-constructor): a list is evidence.
      : of_(std::span<const EvidenceStep>(steps).data()), count_(static_cast<std::uint32_t>(std::span<const EvidenceStep>(steps).size())) {}
  // `names`: of the steps.
  Evidence(Tail tail, std::uint32_t tail_length, const Link* chain, std::span<const std::string> names)
      : of_(tail), chain_(chain), names_(names.data()), count_(static_cast<std::uint32_t>(names.size())), tail_length_(tail_length) {}

  // Of another match with a tail of the same length.
  void turn_to(Tail tail, const Link* chain) {
    of_ = tail;
    chain_ = chain;
  }

  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  EvidenceStep operator[](std::size_t step) const {
    if (names_ == nullptr) return static_cast<const EvidenceStep*>(of_)[step];
    const std::size_t last = count_ - 1, tail = last - tail_length_;
    if (step >= tail && step < last) return {names_[step], {static_cast<Tail>(of_) + (step - tail), 1}};
    const Link* link = chain_;
    for (std::size_t back = step == last ? tail : tail - 1 - step; back > 0; --back) link = link->before;
    return {names_[step], {&link->event, 1}};
  }
  EvidenceStep front() const { return (*this)[0]; }
  EvidenceStep back() const { return (*this)[count_ - 1]; }

  class Iterator {
   public:
    using value_type = EvidenceStep;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const Evidence* of, std::size_t step) : of_(of), step_(step) {}
    EvidenceStep operator*() const { return (*of_)[step_]; }
    Iterator& operator++() {
      ++step_;
      return *this;
    }
    Iterator operator++(int) { return {of_, step_++}; }
    bool operator==(const Iterator& other) const { return step_ == other.step_; }

   private:
    const Evidence* of_ = nullptr;
    std::size_t step_ = 0;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, count_}; }

 private:
  const void* of_ = nullptr;  // EvidenceStep, or with names Tail.
  const Link* chain_ = nullptr;
  const std::string* names_ = nullptr;  // Null: the steps stand in a row.
  std::uint32_t count_ = 0;
  std::uint32_t tail_length_ = 0;
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
  // First what tells the alerts of one rule apart.
  std::array<std::uint64_t, 2> id{};  // The same match always has the same id; written as 32 hexadecimal digits.
  Evidence evidence;
  Timestamp first;  // Event times: of the first and the last of the events taken,
  Timestamp last;
  Timestamp time;                      // of detection.
  std::span<const NamedValue> fields;  // The values after `emit`, in order.
  std::span<const NamedValue> key;

  const RuleInfo* rule = nullptr;
  const std::vector<StreamSchema>* schemas = nullptr;  // To name the fields of the evidence; index = StreamId.
  std::string_view severity;                           // The rule's, or what it computed for this match; empty: none.
  double score = 0;
  std::string_view stream;     // The name after `emit`.
  std::string_view message;    // Empty when the rule has none.
  std::uint64_t held = 0;      // Alerts that `limit` held back since the last one of this kind and key.
  std::uint32_t revision = 0;  // How often an alert of this id was corrected: the highest is what holds.
  AlertKind kind = AlertKind::kMatch;
  bool has_score = false;
  bool withdrawn = false;  // `late revise`: the alert of this id does not hold any more. Without evidence.

  // The value behind `emit` of this name, else the part of the key of this name; a null pointer if there is none.
  const NamedValue* find(std::string_view name) const {
    for (const std::span<const NamedValue> values : {fields, key})
      for (const NamedValue& value : values)
        if (value.name == name) return &value;
    return nullptr;
  }
  // The same as a T (see typed.hpp); nothing where there is none, where it is null, or of a type that is no T.
  template <typename T>
  std::optional<T> get(std::string_view name) const {
    const NamedValue* found = find(name);
    return found != nullptr ? value_as<T>(found->value, found->type) : std::nullopt;
  }
  // A field of an event of the evidence; "time" is the event time where the stream has no field of that name.
  template <typename T>
  std::optional<T> get(const Event& event, std::string_view field) const {
    const StreamSchema& schema = (*schemas)[event.stream];
    if (const std::optional<SlotIndex> slot = schema.find(field))
      return value_as<T>(event.get(*slot), schema.fields[static_cast<std::size_t>(*slot)].type);
    return field == "time" ? value_as<T>(Slot::of_int(event.time), Type::kTime) : std::nullopt;
  }
  // The events that the step of this name took; empty if there is none.
  std::span<const Event* const> step(std::string_view name) const {
    for (const EvidenceStep& one : evidence)
      if (one.name == name) return one.events;
    return {};
  }
};

// One line of JSON without the newline, appended. The member order is fixed, so equal alerts give equal bytes. Of a withdrawal
// the kind is "withdrawal", and what kind of alert is withdrawn stands in "withdraws".
SEQUITUR_API void append_json(const Alert& alert, std::string& out);
SEQUITUR_API void append_json(const Event& event, const StreamSchema& schema, std::string& out);
// A value: a number, a text in quotes, a list, null.
SEQUITUR_API void append_json(Slot value, Type type, std::string& out);
// As in JSON, but texts and addresses without quotes, lists without brackets ("a, b"); null gives "null".
SEQUITUR_API void append_text(Slot value, Type type, std::string& out);

// How a number is shown in a message.
struct NumberFormat {
  int decimals = -1;     // So many digits behind the point, half away from zero; -1: the shortest spelling.
  bool grouped = false;  // A comma between groups of three digits.
  bool plain() const { return decimals < 0 && !grouped; }
};
// As append_text; the format is for int, float and decimal.
SEQUITUR_API void append_formatted(Slot value, Type type, NumberFormat format, std::string& out);

// "high" for "high"; empty if it is none of the five levels. Refers to no memory of `text`.
SEQUITUR_API std::string_view severity_level(std::string_view text);
// RFC 3339 with microseconds, UTC.
SEQUITUR_API void append_time(Timestamp time, std::string& out);
// 500us 10ms 1h30m: the language's own spelling.
SEQUITUR_API void append_duration(Duration duration, std::string& out);

}  // namespace sequitur
