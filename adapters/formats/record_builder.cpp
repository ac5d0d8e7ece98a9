#include "adapters/formats/record_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "adapters/formats/json_list.hpp"
#include "event/civil.hpp"
#include "event/decimal.hpp"
#include "event/duration_text.hpp"
#include "event/ip.hpp"
#include "event/number_text.hpp"

namespace sequitur {
namespace {

bool equals_folded(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != word[i]) return false;
  }
  return true;
}

bool parse_bool(std::string_view text, std::int64_t& value) {
  if (text == "1" || equals_folded(text, "true")) {
    value = 1;
  } else if (text == "0" || equals_folded(text, "false")) {
    value = 0;
  } else {
    return false;
  }
  return true;
}

// What was found, for the detail of a bad record; shortened.
std::string shown(const RawValue& value) {
  constexpr std::size_t kMost = 60;
  if (value.kind == RawValue::Kind::kNested) return "a nested value";
  const std::string_view text = value.text();
  return "\"" + std::string(text.substr(0, kMost)) + (text.size() > kMost ? "...\"" : "\"");
}

// "a bool", "an int".
std::string with_article(Type type) {
  const Type first = is_list(type) ? element_of(type) : type;
  return (first == Type::kInt || first == Type::kIp ? "an " : "a ") + std::string(to_string(type));
}

unsigned hex_value(char c) {
  if (c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}
unsigned hex_unit(const char* p) { return hex_value(p[0]) << 12 | hex_value(p[1]) << 8 | hex_value(p[2]) << 4 | hex_value(p[3]); }

char* write_utf8(unsigned code, char* to) {
  if (code < 0x80) {
    *to++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *to++ = static_cast<char>(0xC0 | code >> 6);
    *to++ = static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *to++ = static_cast<char>(0xE0 | code >> 12);
    *to++ = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *to++ = static_cast<char>(0xF0 | code >> 18);
    *to++ = static_cast<char>(0x80 | (code >> 12 & 0x3F));
    *to++ = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (code & 0x3F));
  }
  return to;
}

// The four digits behind \u, and a second escape if they are the first half of a pair. Never longer than what it reads.
const char* unescape_unit(const char* p, const char* end, char*& to) {
  constexpr unsigned kReplacement = 0xFFFD;
  unsigned code = hex_unit(p);
  p += 4;
  if (code >= 0xD800 && code < 0xDC00) {
    const bool paired = end - p >= 6 && p[0] == '\\' && p[1] == 'u';
    const unsigned second = paired ? hex_unit(p + 2) : 0;
    if (second >= 0xDC00 && second < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
      p += 6;
    } else {
      code = kReplacement;
    }
  } else if (code >= 0xDC00 && code < 0xE000) {
    code = kReplacement;
  }
  to = write_utf8(code, to);
  return p;
}

}  // namespace

std::string_view unescape_json(std::string_view escaped, Arena& arena) {
  char* const begin = static_cast<char*>(arena.allocate(escaped.size() + 1));
  char* to = begin;
  const char* p = escaped.data();
  const char* const end = p + escaped.size();
  while (p != end) {
    const auto* slash = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
    const std::size_t plain = static_cast<std::size_t>((slash != nullptr ? slash : end) - p);
    std::memcpy(to, p, plain);
    to += plain;
    if (slash == nullptr) break;
    p = slash + 2;
    switch (slash[1]) {
      case 'b': *to++ = '\b'; break;
      case 'f': *to++ = '\f'; break;
      case 'n': *to++ = '\n'; break;
      case 'r': *to++ = '\r'; break;
      case 't': *to++ = '\t'; break;
      case 'u': p = unescape_unit(p, end, to); break;
      default: *to++ = slash[1]; break;
    }
  }
  return {begin, static_cast<std::size_t>(to - begin)};
}

void RecordBuilder::unescape(RawValue& value) {
  const std::string_view text = unescape_json(value.text(), out_.arena);
  value.set(RawValue::Kind::kText, text.data(), text.size());
}

void RecordBuilder::reject(BadReason reason, std::string_view detail) {
  BadRecord bad;
  bad.reason = reason;
  bad.offset = raw_.offset + origin_.begin;
  bad.record = raw_.first_record + origin_.record;
  bad.raw = std::string_view(raw_.bytes).substr(origin_.begin, origin_.end - origin_.begin);
  bad.detail = out_.arena.copy(detail);
  out_.bad.push_back(bad);
}

void RecordBuilder::reject_long() {
  reject(BadReason::kTooLong, too_long_detail(plan_.max_record_bytes));
  BadRecord& bad = out_.bad.back();
  bad.raw = bad.raw.substr(0, std::min(kDefectRawBytes, plan_.max_record_bytes));
}

void RecordBuilder::reject_field(const StreamPlan& stream, std::uint32_t slot, std::uint32_t column, bool is_time) {
  const Field& field = stream.schema.fields[slot];
  const RawValue& value = values_[column];
  const std::string place = "stream " + stream.schema.name + ", field " + field.name;
  if (value.kind == RawValue::Kind::kMissing)
    reject(is_time ? BadReason::kMissingTime : BadReason::kMissingField, place + ": missing");
  else if (is_time)
    reject(BadReason::kMissingTime, place + ": cannot read " + shown(value) + " as a time");
  else
    reject(BadReason::kWrongType, place + ": " + shown(value) + " is not " + with_article(field.type));
}

// For `when`: numbers compare by their shortest spelling, so 1.0 is "1".
std::string_view RecordBuilder::canonical(RawValue& value, std::string& scratch) {
  if (value.kind != RawValue::Kind::kFloat && value.kind != RawValue::Kind::kInt) return text_of(value);
  scratch.clear();
  if (value.kind == RawValue::Kind::kInt)
    fmt::format_to(std::back_inserter(scratch), "{}", value.i);
  else
    fmt::format_to(std::back_inserter(scratch), "{}", value.f);
  return scratch;
}

bool RecordBuilder::holds(const StreamPlan& stream) {
  std::string scratch;
  for (const FilterPlan& filter : stream.when) {
    RawValue& value = values_[filter.column];
    if (value.kind == RawValue::Kind::kMissing || value.kind == RawValue::Kind::kNested) return false;
    const std::string_view text = canonical(value, scratch);
    if (std::find(filter.values.begin(), filter.values.end(), text) == filter.values.end()) return false;
  }
  return true;
}

// What nearly all values are. False says nothing yet: convert() goes on.
[[gnu::always_inline]] inline bool RecordBuilder::convert_usual(Type type, const RawValue& value, Slot& slot) const {
  using Kind = RawValue::Kind;
  if (value.kind == Kind::kUntyped) return convert_text(type, value.text(), slot, readable_behind(value.text()));
  switch (type) {
    case Type::kString:
      if (value.kind != Kind::kText || value.size >= kLongText) return false;
      slot = Slot::of_text(value.data, value.size);
      return true;
    case Type::kInt: slot.i = value.i; return value.kind == Kind::kInt;
    case Type::kFloat:
      slot.f = value.kind == Kind::kInt ? static_cast<double>(value.i) : value.f;
      return value.kind == Kind::kFloat || value.kind == Kind::kInt;
    case Type::kBool: slot.i = value.i; return value.kind == Kind::kBool;
    default: return false;
  }
}

bool RecordBuilder::convert(const StreamPlan& stream, Type type, RawValue& value, Slot& slot) {
  using Kind = RawValue::Kind;
  if (convert_usual(type, value, slot)) return true;
  if (value.kind == Kind::kUntyped) return convert_untyped(stream, type, value.text(), slot);
  if (value.kind == Kind::kNested) return false;
  switch (type) {
    case Type::kString: slot = text_slot(text_of(value)); return true;  // Numbers and booleans by their spelling.
    case Type::kInt:
    case Type::kFloat:
    case Type::kBool: return false;
    case Type::kTime:
      if (value.kind == Kind::kInt && stream.time_reader.read(value.i, slot.i)) return true;
      return convert_untyped(stream, type, text_of(value), slot);
    case Type::kDecimal:
      if (value.kind == Kind::kBool) return false;
      [[fallthrough]];
    case Type::kIp:
    case Type::kDuration: return convert_untyped(stream, type, text_of(value), slot);
  }
  return false;
}

// A time field that is not the event time is read like it; if it does not fit, RFC 3339 is tried.
bool RecordBuilder::convert_untyped(const StreamPlan& stream, Type type, std::string_view text, Slot& slot) {
  switch (type) {
    case Type::kString: slot = text_slot(text); return true;
    case Type::kInt:
    case Type::kFloat: return false;  // convert_text() would have read it.
    case Type::kBool: return parse_bool(text, slot.i);
    case Type::kTime: return stream.time_reader.read(text, slot.i) || parse_rfc3339(text, stream.time_reader.zone(), slot.i);
    case Type::kDuration: {
      Duration duration{};
      if (!parse_duration(text, duration)) return false;
      slot.i = duration.count();
      return true;
    }
    case Type::kDecimal: return parse_decimal(text, slot.i);
    case Type::kIp: {
      IpBytes address;
      if (!parse_ip(text, address)) return false;
      slot = out_.arena.text(bytes_of(address));
      return true;
    }
  }
  return false;
}

[[gnu::always_inline]] inline bool RecordBuilder::find_time(const StreamPlan& stream, std::int64_t& time) {
  using Kind = RawValue::Kind;
  RawValue& value = values_[stream.time_column];
  const TimeReader& reader = stream.time_reader;
  if (value.kind == Kind::kInt && reader.is_epoch()) return reader.read(value.i, time);
  return value.kind != Kind::kMissing && value.kind != Kind::kNested && reader.read(text_of(value), time);
}

// An element of a list of values, or the part that the field is of an element of a list of records.
bool RecordBuilder::add_element(const StreamPlan& stream, const FieldPlan& field, RawValue& element) {
  using Kind = RawValue::Kind;
  const Type type = element_of(field.type);
  RawValue part;
  RawValue* value = &element;
  if (!field.member.empty()) {
    if (element.kind != Kind::kNested || !find_json_member(element.text(), field.member, out_.arena, part)) return false;
    if (part.kind == Kind::kMissing && !field.element_optional) return false;
    value = &part;
  }
  Slot slot{};
  if (value->kind == Kind::kMissing)
    list_.add_null();
  else if (convert(stream, type, *value, slot))
    list_.add(slot);
  else
    return false;
  return !list_.too_large();
}

// A list in JSON; in CSV and lines also elements with a separator between, of which none is null. What is no list is a list of
// one: sources that write `"tags": "a"` for a single tag are many.
bool RecordBuilder::convert_list(const StreamPlan& stream, const FieldPlan& field, RawValue& value, Slot& slot) {
  using Kind = RawValue::Kind;
  list_.clear(element_of(field.type));
  const bool untyped = value.kind == Kind::kUntyped;
  std::string_view text = value.text();
  const char front = text.empty() ? '\0' : text.front();
  if (untyped && (front == '[' || front == '{')) {
    text = copy_sealed(text, out_.arena);
    value.set(Kind::kUntyped, text.data(), text.size());
  }
  if ((value.kind == Kind::kNested || untyped) && front == '[') {
    JsonList list(text);
    for (RawValue element; list.next(element);)
      if (!add_element(stream, field, element)) return false;
    if (!list.good()) return false;
  } else if (!field.member.empty()) {
    if (untyped && front == '{') value.kind = Kind::kNested;
    if (!add_element(stream, field, value)) return false;
  } else if (untyped) {
    for (std::string_view rest = text; !text.empty();) {
      const std::size_t end = rest.find(plan_.list_separator);
      const std::string_view piece = rest.substr(0, end);
      RawValue element;
      element.set(Kind::kUntyped, piece.data(), piece.size());
      if (!add_element(stream, field, element)) return false;
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  } else if (!add_element(stream, field, value)) {
    return false;
  }
  slot = list_.finish(out_.arena);
  return true;
}

void RecordBuilder::build(const StreamPlan& stream) {
  std::int64_t time = 0;
  if (!stream.by_arrival && !find_time(stream, time)) return reject_field(stream, stream.time_slot, stream.time_column, true);
  Event* const event = make(stream, time);
  Slot* const slots = event->slots();
  for (const FieldPlan& field : stream.fields) {
    RawValue& value = values_[field.column];
    if (!convert_usual(field.type, value, slots[field.slot]) && !take_field(stream, field, value, slots[field.slot]))
      return reject_field(stream, field.slot, field.column, false);
  }
  add(event);
}

[[gnu::always_inline]] inline int RecordBuilder::find_stream(RawValue& name) {
  const std::string_view text = text_of(name);
  return plan_.stream_names.find(text, readable_behind(text));
}

// Any value of a field, also a missing one.
bool RecordBuilder::take_field(const StreamPlan& stream, const FieldPlan& field, RawValue& value, Slot& slot) {
  using Kind = RawValue::Kind;
  slot = stream.null_row[field.slot];
  // A CSV field written as "" is an empty text, and missing for every other type.
  const bool empty = value.kind == Kind::kUntyped && value.size == 0 && field.type != Type::kString && !is_list(field.type);
  if (value.kind == Kind::kMissing || empty) {
    if (field.optional || is_truncation(stream)) return true;
    value.kind = Kind::kMissing;
    return false;
  }
  if (field.spelled && value.kind == Kind::kText) value.kind = Kind::kUntyped;
  return is_list(field.type) ? convert_list(stream, field, value, slot) : convert(stream, field.type, value, slot);
}

// The record is no row: it says that all are gone.
bool RecordBuilder::is_truncation(const StreamPlan& stream) const {
  if (stream.truncated_column < 0) return false;
  const RawValue& value = values_[static_cast<std::size_t>(stream.truncated_column)];
  return value.kind == RawValue::Kind::kBool && value.i == 1;
}

[[gnu::always_inline]] inline bool RecordBuilder::offer(const StreamPlan& stream) {
  if (!stream.when.empty() && !holds(stream)) return false;
  build(stream);
  return true;
}

bool RecordBuilder::finish_stream(std::size_t index) { return offer(plan_.streams[index]); }

void RecordBuilder::finish() {
  RawValue* const name = plan_.stream_column < 0 ? nullptr : &values_[static_cast<std::size_t>(plan_.stream_column)];
  if (name != nullptr && name->kind != RawValue::Kind::kMissing && name->kind != RawValue::Kind::kNested) {
    const int stream = find_stream(*name);
    if (stream < 0) return reject(BadReason::kUnknownStream, "no rule file declares stream " + shown(*name));
    if (!offer(plan_.streams[static_cast<std::size_t>(stream)])) ++out_.unmatched;
    return;
  }
  // With one stream only there is nothing to choose.
  const bool all = name == nullptr || plan_.streams.size() == 1;
  if (!all && !plan_.any_when)
    return reject(BadReason::kUnknownStream, "the record has no field " + plan_.stream_field + " that names its stream");
  bool taken = false;
  for (std::size_t i = 0; i < plan_.streams.size(); ++i)
    if (all || !plan_.streams[i].when.empty()) taken = offer(plan_.streams[i]) || taken;
  if (!taken) ++out_.unmatched;
}

void RecordBuilder::add_defects() {
  for (const SourceDefect& defect : raw_.defects) {
    ++out_.records;
    out_.bad.push_back({defect.reason, defect.offset, defect.record, out_.arena.copy(defect.raw), out_.arena.copy(defect.detail)});
  }
}

void PlannedDecoder::settle(const RawBatch& raw, EventBatch& out) {
  if (!yearless_) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < out.events.size(); ++i) {
    Event& event = *out.events[i];
    const auto stream = std::find_if(plan_.streams.begin(), plan_.streams.end(),
                                     [&](const StreamPlan& candidate) { return candidate.schema.id == event.stream; });
    if (stream->time_reader.yearless()) {
      const EventBatch::Origin origin = out.origins[i];
      if (!year_.settle(stream->time_reader, event.time)) {
        out.bad.push_back({BadReason::kMissingTime, raw.offset + origin.begin, raw.first_record + origin.record,
                           std::string_view(raw.bytes).substr(origin.begin, origin.end - origin.begin),
                           out.arena.copy("stream " + stream->schema.name + ": the date does not exist in its year")});
        continue;
      }
      event.slot(static_cast<SlotIndex>(stream->time_slot)) = Slot::of_int(event.time);
    }
    out.events[kept] = out.events[i];
    out.origins[kept++] = out.origins[i];
  }
  out.events.resize(kept);
  out.origins.resize(kept);
}

}  // namespace sequitur
