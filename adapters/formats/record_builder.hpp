// From the raw values of one record to the events of its streams. One builder serves one call of decode().
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "adapters/formats/record_plan.hpp"
#include "event/list.hpp"
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
      : plan_(plan), raw_(raw), out_(out), values_(plan.columns.size() + 1) {}

  // A new record: bytes [begin, end) of the batch, RawBatch::first_record + `record`. All columns become missing.
  void begin(std::uint32_t begin, std::uint32_t end, std::uint32_t record) {
    origin_ = {begin, end, record};
    ++out_.records;
    clear_values();
  }
  // Where it ends, if that was not known yet.
  void set_end(std::uint32_t end) { origin_.end = end; }
  void clear_values() {
    for (RawValue& value : values_) value.set(RawValue::Kind::kMissing, nullptr, 0);
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
  // The record as a whole is bad. The detail is copied.
  void reject(BadReason reason, std::string_view detail);
  // It is longer than the limit: said as a source says it that has not even kept the record.
  void reject_long();

  // After the last record: hands on what the source had to give up.
  void add_defects();

 private:
  std::string_view text_of(RawValue& value);
  std::string_view canonical(RawValue& value, std::string& scratch);
  bool holds(const StreamPlan& stream);
  bool find_time(const StreamPlan& stream, std::int64_t& time);
  void build(const StreamPlan& stream);
  bool is_truncation(const StreamPlan& stream) const;
  bool take_field(const StreamPlan& stream, const FieldPlan& field, RawValue& value, Slot& slot);
  // A field that could not be taken.
  void reject_field(const StreamPlan& stream, std::uint32_t slot, std::uint32_t column, bool is_time);
  static bool convert_usual(Type type, const RawValue& value, Slot& slot);
  bool convert(const StreamPlan& stream, Type type, RawValue& value, Slot& slot);
  bool convert_untyped(const StreamPlan& stream, Type type, const RawValue& value, Slot& slot);
  bool convert_list(const StreamPlan& stream, const FieldPlan& field, RawValue& value, Slot& slot);
  bool add_element(const StreamPlan& stream, const FieldPlan& field, RawValue& element);
  static bool read_time(const StreamPlan& stream, const RawValue& value, std::string_view text, std::int64_t& micros);
  Slot text_slot(std::string_view text) {
    return text.size() < kLongText ? Slot::of_text(text.data(), text.size()) : out_.arena.text(text);
  }

  const RecordPlan& plan_;
  const RawBatch& raw_;
  EventBatch& out_;
  std::vector<RawValue> values_;
  EventBatch::Origin origin_{};
  ListWriter list_;
};

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
