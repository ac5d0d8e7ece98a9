// The schema of a stream: which fields its events have, where in a record they come from, and which field is the time.
// A schema is immutable once rules were loaded and is shared by all threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/time.hpp"
#include "sequitur/value.hpp"

namespace sequitur {

using StreamId = std::uint32_t;

// Index of a field in the event's slots. kTimeSlot stands for the event time, which every event has.
using SlotIndex = std::int32_t;
inline constexpr SlotIndex kTimeSlot = -1;

struct Field {
  std::string name;  // Dotted path as rules write it: "process.parent.name".
  Type type = Type::kString;
  bool optional = false;  // Declared with `?`: a record without it is not a bad record.
  bool nocase = false;    // Comparisons, keys and `distinct` fold ASCII letters.
  std::string source;     // Name in the record (`from "cc_num"`); equals `name` when not given.
  // Of a list of records each part is a list of its own, all of one length: "args.name", "args.value".
  std::string record_list = {};         // "args": the list of records that this is a part of; empty: of none.
  std::string record_list_source = {};  // Where that stands in the record; `source` goes on from an element of it.
  bool element_optional = false;        // The part may be missing in an element. Elements of other lists may always be null.
};

enum class TimeUnit : std::uint8_t { kSeconds, kMilliseconds, kMicroseconds, kNanoseconds };

// How the text or number of the time field is read.
struct TimeFormat {
  enum class Kind : std::uint8_t {
    kRfc3339,  // 2024-01-31T12:00:00.123456Z or with an offset; 'T' may be a space; without an offset it is UTC.
    kEpoch,    // A number of `unit`s since 1970-01-01T00:00:00Z; may have a fraction.
    kPattern,  // strptime-like: %Y %m %d %H %M %S %f (fraction) %b %e %j %y %p %I %z %Z %s %% and literal text.
  };
  Kind kind = Kind::kRfc3339;
  TimeUnit unit = TimeUnit::kMilliseconds;
  std::string pattern;
  std::optional<int> year;  // For patterns without a year (syslog). A step back of over half a year counts as the next year.
  std::string zone;         // IANA name in which texts without an offset are to be read; empty: UTC.
};

// `when kind == "T"` / `when kind in ["T", "t"]`: a record belongs to the stream if the source field has one of the values.
struct RecordFilter {
  std::string source;               // Name in the record; need not be a declared field.
  std::vector<std::string> values;  // Compared as text; numbers and booleans by their shortest JSON spelling.
};

// The name of the late event's own time in the stream of `late to NAME`, where that field is called `time` in the stream it is of.
inline constexpr std::string_view kOwnTimeField = "event_time";

// A field of tables `from debezium`: a change in which it is true takes every row away that is there.
inline constexpr std::string_view kTruncatedField = "__truncated";

// What becomes of an event that is earlier than the watermark of its input.
enum class LatePolicy : std::uint8_t {
  kDrop,    // Counted and set aside.
  kTo,      // Also an event of the stream `late_to`, at the time of the watermark.
  kRevise,  // Not more than `late_keep` behind the watermark: takes its place in the order, and alerts are corrected. Else dropped.
};

struct StreamSchema {
  StreamId id = 0;
  std::string name;
  std::vector<Field> fields;        // Slot order.
  SlotIndex time_slot = kTimeSlot;  // The field that holds the event time. kTimeSlot: none (streams that never come from outside,
                                    // and those on the processing clock).
  TimeFormat time_format;
  Duration lateness{0};                             // How far behind the input's greatest event time an event may be.
  Duration future{std::chrono::hours{24} * 36500};  // An event further than this ahead of the wall clock is bad.
  std::vector<RecordFilter> when;                   // All must hold. Empty: every record of an input bound to this stream.
  std::string line_pattern;                         // Regular expression with named captures for text lines; empty: not text.
  bool external = true;                             // False for streams that only exist because rules emit them.
  bool schedule = false;                            // A `schedule`: its events are ticks, which the engine makes.
  LatePolicy late = LatePolicy::kDrop;
  std::string late_to;                      // `late to NAME`: a stream of this set with the same fields.
  Duration late_keep{0};                    // `late revise keep d`.
  double lateness_share = 0;                // `lateness 99% up to d`: d is `lateness`, and this is 0.99. 0: the lateness is fixed.
  std::optional<SlotIndex> watermark_slot;  // `watermark FIELD`: a time; inputs with such a stream have no other watermark.
  bool processing_clock = false;            // `clock processing`: the event time is that of arrival.
  bool table = false;                       // A `table`: its events are changes of rows.
  bool change_stream = false;               // A table `from debezium`: its records are envelopes of changes, whatever their rows hold.

  std::optional<SlotIndex> find(std::string_view field_name) const {
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].name == field_name) return static_cast<SlotIndex>(i);
    return std::nullopt;
  }
};

}  // namespace sequitur
