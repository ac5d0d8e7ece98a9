// Change streams in the envelope of Debezium, one record a line.
#include "adapters/formats/debezium.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "adapters/formats/decoders.hpp"
#include "adapters/formats/json_reader.hpp"
#include "adapters/formats/json_records.hpp"

namespace sequitur {

bool JsonMembers::read_object(std::string_view text, const std::string_view* names, RawValue* values, std::size_t count) {
  const char* p = skip_spaces(begin(text));
  was_null_ = *p == 'n';
  if (was_null_)
    p = read_word(p, "null");
  else if (*p == '{')
    p = read_members(p + 1, names, values, count);
  else
    p = fail("not a JSON object");
  return p != nullptr && ends(p);
}

// p stands behind the opening brace.
const char* JsonMembers::read_members(const char* p, const std::string_view* names, RawValue* values, std::size_t count) {
  p = skip_spaces(p);
  if (*p == '}') return p + 1;
  while (true) {
    std::string_view name;
    bool escaped = false;
    if (*p != '"') return fail("expected a name in quotes");
    p = read_text(p, name, escaped);
    if (p == nullptr) return nullptr;
    p = skip_spaces(p);
    if (*p != ':') return fail("expected a colon behind a name");
    p = skip_spaces(p + 1);
    std::size_t known = 0;
    while (known < count && (escaped || names[known] != name || !values[known].untouched())) ++known;
    RawValue ignored;
    p = read_into(p, known < count ? values[known] : ignored, 1);
    if (p == nullptr) return nullptr;
    p = skip_spaces(p);
    if (*p == '}') return p + 1;
    if (*p != ',') return fail("expected a comma or the end of the object");
    p = skip_spaces(p + 1);
  }
}

namespace {

bool is_object(const RawValue& value) { return value.kind == RawValue::Kind::kNested && value.text().starts_with('{'); }
bool is_null(const RawValue& value) { return value.kind == RawValue::Kind::kMissing && !value.untouched(); }

class EnvelopeReader {
 public:
  ChangeEnvelope read(std::string_view line) {
    std::string_view text = line;
    // At most two layers lie around the envelope: the record of the topic, and the schema.
    for (int layer = 0; layer < 3; ++layer) {
      if (!read_members(text)) return std::move(result_);
      if (members_.was_null()) return tombstone();
      if (!values_[kOp].untouched()) return change();
      const bool record = layer == 0 && !values_[kValue].untouched();
      const std::size_t inner = record ? kValue : kPayload;
      if (record) take_key();
      if (record && !values_[kTimestamp].untouched()) result_.time = values_[kTimestamp];
      if (is_null(values_[inner])) return tombstone();
      if (!is_object(values_[inner])) break;
      text = values_[inner].text();
    }
    return bad("no `op`: this is not the envelope of a change");
  }

 private:
  enum : std::size_t { kOp, kBefore, kAfter, kSource, kTime, kPayload, kKey, kValue, kTimestamp, kCount };
  static constexpr std::array<std::string_view, kCount> kNames = {"op",      "before", "after", "source",   "ts_ms",
                                                                  "payload", "key",    "value", "timestamp"};

  ChangeEnvelope bad(std::string problem, BadReason reason = BadReason::kNotAChange) {
    result_.kind = ChangeEnvelope::Kind::kBad;
    result_.problem = std::move(problem);
    result_.reason = reason;
    return std::move(result_);
  }

  bool read_members(std::string_view text) {
    values_ = {};
    if (members_.read(text, kNames, values_)) return true;
    result_ = bad(std::string(members_.problem()), BadReason::kUndecodable);
    return false;
  }

  // The key of the record, with its schema or without.
  void take_key() {
    if (!is_object(values_[kKey])) return;
    result_.key = values_[kKey].text();
    std::array<RawValue, 2> parts;
    const bool read = members_.read(result_.key, std::array<std::string_view, 2>{"schema", "payload"}, parts);
    if (read && !parts[0].untouched() && is_object(parts[1])) result_.key = parts[1].text();
  }

  // Behind a deletion it only says that the topic may forget the key; alone it is what is left of the deletion.
  ChangeEnvelope tombstone() {
    result_.op = "d";
    result_.kind = result_.key.empty() ? ChangeEnvelope::Kind::kPassed : ChangeEnvelope::Kind::kDeleted;
    return std::move(result_);
  }

  ChangeEnvelope change() {
    using Kind = ChangeEnvelope::Kind;
    if (values_[kOp].kind != RawValue::Kind::kText) return bad("`op` is not a text");
    result_.op = values_[kOp].text();
    if (values_[kTime].kind != RawValue::Kind::kMissing) result_.time = values_[kTime];
    if (is_object(values_[kSource])) take_source();
    if (result_.op == "c" || result_.op == "u" || result_.op == "r") {
      if (!is_object(values_[kAfter])) return bad("`op` " + std::string(result_.op) + " without a row in `after`");
      result_.row = values_[kAfter].text();
      result_.kind = Kind::kRow;
    } else if (result_.op == "d") {
      if (is_object(values_[kBefore])) result_.row = values_[kBefore].text();
      if (result_.row.empty() && result_.key.empty()) return bad("`op` d without a row in `before` and without a key");
      result_.kind = Kind::kDeleted;
    } else if (result_.op == "m") {
      result_.kind = Kind::kPassed;
    } else if (result_.op == "t") {
      result_.kind = Kind::kEmptied;
    } else {
      return bad("there is no `op` \"" + std::string(result_.op.substr(0, 40)) + '"');
    }
    return std::move(result_);
  }

  void take_source() {
    result_.source = values_[kSource].text();
    std::array<RawValue, 1> time;
    if (members_.read(result_.source, std::array<std::string_view, 1>{"ts_ms"}, time) && time[0].kind != RawValue::Kind::kMissing)
      result_.time = time[0];
  }

  JsonMembers members_;
  std::array<RawValue, kCount> values_;
  ChangeEnvelope result_;
};

constexpr std::string_view kSourcePrefix = "__source_";

// The columns that are members of `source`, by their names there; what is none of them gets a name that no record has.
std::vector<std::string> source_columns(const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  for (const std::string& column : columns)
    names.push_back(column.starts_with(kSourcePrefix) ? column.substr(kSourcePrefix.size()) : "\xFF" + std::to_string(names.size()));
  return names;
}

class DebeziumDecoder final : public PlannedDecoder {
 public:
  explicit DebeziumDecoder(RecordPlan plan)
      : PlannedDecoder(std::move(plan)),
        rows_(plan_.columns),
        sources_(source_columns(plan_.columns)),
        any_source_(std::any_of(plan_.columns.begin(), plan_.columns.end(),
                                [](const std::string& column) { return column.starts_with(kSourcePrefix) && column != kTime; })),
        time_(plan_.find_column(kTime)),
        op_(plan_.find_column("__op")),
        deleted_(plan_.find_column("__deleted")),
        truncated_(plan_.find_column("__truncated")) {}

  void decode(const RawBatch& raw, EventBatch& out) const override {
    RecordBuilder record(plan_, raw, out);
    std::unique_ptr<JsonShape> row_shape = rows_.take(), source_shape = sources_.take();
    JsonReader row(*row_shape, record), source(*source_shape, record);
    read_json_lines(raw, plan_.max_record_bytes, record, [&](std::string_view line) {
      const ChangeEnvelope change = read_change(line);
      if (change.kind == ChangeEnvelope::Kind::kBad) return record.reject(change.reason, change.problem);
      if (change.kind == ChangeEnvelope::Kind::kPassed) return record.count_unmatched();
      // Of a name the first counts: what the envelope says comes before a column of the row with such a name.
      const bool emptied = change.kind == ChangeEnvelope::Kind::kEmptied;
      const bool deleted = emptied || change.kind == ChangeEnvelope::Kind::kDeleted;
      if (time_ >= 0) record.value(static_cast<std::size_t>(time_)) = change.time;
      if (op_ >= 0) record.value(static_cast<std::size_t>(op_)).set(RawValue::Kind::kText, change.op.data(), change.op.size());
      set_flag(record, deleted_, deleted);
      set_flag(record, truncated_, emptied);
      const bool good = (!any_source_ || change.source.empty() || source.read(change.source)) &&
                        (!deleted || change.key.empty() || row.read(change.key)) && (change.row.empty() || row.read(change.row));
      if (good)
        record.finish();
      else
        record.reject(BadReason::kUndecodable, "nested too deep");
    });
    rows_.give_back(std::move(row_shape));
    sources_.give_back(std::move(source_shape));
  }

 private:
  static constexpr std::string_view kTime = "__source_ts_ms";

  static void set_flag(RecordBuilder& record, int column, bool flag) {
    constexpr std::string_view kWords[] = {"false", "true"};
    if (column < 0) return;
    RawValue& value = record.value(static_cast<std::size_t>(column));
    value.set(RawValue::Kind::kBool, kWords[flag ? 1 : 0].data(), kWords[flag ? 1 : 0].size());
    value.i = flag ? 1 : 0;
  }

  const JsonShapes rows_, sources_;
  const bool any_source_;
  const int time_, op_, deleted_, truncated_;  // Columns; -1: nobody asks.
};

}  // namespace

ChangeEnvelope read_change(std::string_view line) { return EnvelopeReader().read(line); }

std::unique_ptr<Decoder> make_debezium_decoder(RecordPlan plan) { return std::make_unique<DebeziumDecoder>(std::move(plan)); }

}  // namespace sequitur
