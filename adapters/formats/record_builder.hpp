// From the raw values of one record to the events of its streams. One builder serves one call of decode().
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "adapters/formats/line_splitter.hpp"
#include "adapters/formats/record_plan.hpp"
#include "event/list.hpp"
#include "event/number_text.hpp"
#include "sequitur/source.hpp"

namespace sequitur {

// The value of one column, as the format found it. Refers to bytes in the raw batch or in the arena of the event batch.
struct RawValue {
  enum class Kind : std::uint8_t {
    kMissing,  // Absent, null, or (CSV) empty.
    kText,     // A text of the format; never a number.
    kEscaped,  // A JSON text with backslashes, still to be resolved.
    kInt,      // i; text is its spelling.
    kFloat,    // f; text is its spelling.
    kNumber,   // A number that neither an int nor a float can hold; text is its spelling.
    kBool,     // i; text is its spelling.
    kNested,   // An object or a list.
    kUntyped,  // Text that stands for a value of any type (CSV, captures).
  };
  const char* data = nullptr;
  std::uint32_t size = 0;
  Kind kind = Kind::kMissing;
  union {
    std::int64_t i = 0;
    double f;
  };

  std::string_view text() const { return {data, size}; }
  // Nothing was said about the column yet, not even null.
  bool untouched() const { return data == nullptr; }
  void set(Kind new_kind, const char* new_data, std::size_t new_size) {
    data = new_data;
    size = static_cast<std::uint32_t>(new_size);
    kind = new_kind;
  }
};

class RecordBuilder {
 public:
  RecordBuilder(const RecordPlan& plan, const RawBatch& raw, EventBatch& out)
      : plan_(plan), raw_(raw), out_(out), readable_(readable_end(raw)), values_(plan.columns.size() + 1) {}

  // A new record: bytes [begin, end) of the batch, RawBatch::first_record + `record`. All columns become missing.
  void begin(std::uint32_t begin, std::uint32_t end, std::uint32_t record) {
    begin_uncleared(begin, end, record);
    clear_values();
  }
  // The same, but columns must be cleared before one of them is set.
  void begin_uncleared(std::uint32_t begin, std::uint32_t end, std::uint32_t record) {
    origin_ = {begin, end, record};
    ++out_.records;
  }
  // Where it ends, if that was not known yet.
  void set_end(std::uint32_t end) { origin_.end = end; }
  void clear_values() {
    static_assert(std::is_trivially_copyable_v<RawValue> && static_cast<int>(RawValue::Kind::kMissing) == 0);
    std::memset(static_cast<void*>(values_.data()), 0, values_.size() * sizeof(RawValue));
  }
  // It was none after all (an empty line).
  void forget() { --out_.records; }
  RawValue& value(std::size_t column) { return values_[column]; }
  // Of all columns, and behind them one for what no column wants.
  RawValue* values() { return values_.data(); }
  Arena& arena() { return out_.arena; }

  // All columns are filled: makes the events of every stream that the record belongs to, or its bad records.
  void finish();
  // The same for one stream only (text lines). False if its filters do not hold.
  bool finish_stream(std::size_t stream);
  void count_unmatched() { ++out_.unmatched; }
  // The same step by step: an event whose slots are still to be set, but for that of the event time,
  Event* make(const StreamPlan& stream, std::int64_t time) {
    const std::size_t count = stream.null_row.size();
    auto* event = static_cast<Event*>(out_.arena.allocate(sizeof(Event) + count * sizeof(Slot)));
    *event = {time, 0, stream.schema.id, static_cast<std::uint32_t>(count)};
    if (!stream.by_arrival) event->slots()[stream.time_slot] = Slot::of_int(time);
    return event;
  }
  // what nearly all texts that stand for a value are (false says nothing yet; bytes behind the text may be read
  // up to `readable`),
  static bool convert_text(Type type, std::string_view text, Slot& slot, const char* readable);
  // all others, of a type that is no list,
  bool convert_untyped(const StreamPlan& stream, Type type, std::string_view text, Slot& slot);
  // and the event when all is set.
  void add(Event* event) {
    out_.events.push_back(event);
    out_.origins.push_back(origin_);
  }
  // The record as a whole is bad. The detail is copied.
  void reject(BadReason reason, std::string_view detail);
  // It is longer than the limit: said as a source says it that has not even kept the record.
  void reject_long();

  // After the last record: hands on what the source had to give up.
  void add_defects();

 private:
  std::string_view text_of(RawValue& value) {
    if (value.kind == RawValue::Kind::kEscaped) unescape(value);
    return value.text();
  }
  void unescape(RawValue& value);
  std::string_view canonical(RawValue& value, std::string& scratch);
  bool holds(const StreamPlan& stream);
  bool offer(const StreamPlan& stream);
  bool find_time(const StreamPlan& stream, std::int64_t& time);
  void build(const StreamPlan& stream);
  bool is_truncation(const StreamPlan& stream) const;
  bool take_field(const StreamPlan& stream, const FieldPlan& field, RawValue& value, Slot& slot);
  // A field that could not be taken.
  void reject_field(const StreamPlan& stream, std::uint32_t slot, std::uint32_t column, bool is_time);
  bool convert_usual(Type type, const RawValue& value, Slot& slot) const;
  bool convert(const StreamPlan& stream, Type type, RawValue& value, Slot& slot);
  int find_stream(RawValue& name);
  // Up to where bytes behind a text may be read, which may be in the batch or in the arena.
  const char* readable_behind(std::string_view text) const {
    const auto place = [](const char* p) { return reinterpret_cast<std::uintptr_t>(p); };
    const bool in_batch = place(text.data()) - place(raw_.bytes.data()) < raw_.bytes.size();
    return in_batch ? readable_ : text.data() + text.size();
  }
  bool convert_list(const StreamPlan& stream, const FieldPlan& field, RawValue& value, Slot& slot);
  bool add_element(const StreamPlan& stream, const FieldPlan& field, RawValue& element);
  Slot text_slot(std::string_view text) {
    return text.size() < kLongText ? Slot::of_text(text.data(), text.size()) : out_.arena.text(text);
  }

  const RecordPlan& plan_;
  const RawBatch& raw_;
  EventBatch& out_;
  const char* const readable_;
  std::vector<RawValue> values_;
  EventBatch::Origin origin_{};
  ListWriter list_;
};

[[gnu::always_inline]] inline bool RecordBuilder::convert_text(Type type, std::string_view text, Slot& slot, const char* readable) {
  switch (type) {
    case Type::kString:
      if (text.size() >= kLongText) return false;
      slot = Slot::of_text(text.data(), text.size());
      return true;
    case Type::kInt: return parse_int(text, slot.i, readable);
    case Type::kFloat: return parse_float(text, slot.f, readable);
    default: return false;
  }
}

// Resolves the escapes of a JSON text that was found valid. Lone surrogates become U+FFFD.
std::string_view unescape_json(std::string_view escaped, Arena& arena);

// A decoder that keeps a plan; what all formats share.
class PlannedDecoder : public Decoder {
 public:
  explicit PlannedDecoder(RecordPlan plan) : plan_(std::move(plan)), yearless_(plan_.any_yearless()) {}
  void settle(const RawBatch& raw, EventBatch& out) final;

 protected:
  const RecordPlan plan_;

 private:
  const bool yearless_;
  YearOfRecords year_;
};

}  // namespace sequitur
