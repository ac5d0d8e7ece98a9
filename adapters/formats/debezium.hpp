// The envelope of a change: what Debezium writes, and what a consumer of its topics may have put around it.
//
//     {"op": "u", "before": {..}, "after": {..}, "source": {"ts_ms": .., ..}, "ts_ms": ..}     a change
//     {"schema": .., "payload": {"op": ..}}                                                    the same, with its schema
//     {"key": {..}, "value": <one of these, or null>, "timestamp": ..}                         the same, with the key of its record
//     null                                                                                     a tombstone
//
// What a table needs of it are the columns that Debezium itself makes when it flattens its records: those of the row, and
// __op, __deleted, __source_ts_ms and further __source_..; a truncation, for which Debezium has no column, is one with __truncated.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/formats/json_lexer.hpp"
#include "adapters/formats/record_builder.hpp"

namespace sequitur {

// The members of one JSON object by name: of two with one name the first; a name that is written with escapes is none of them.
class JsonMembers : private JsonLexer {
 public:
  // The whole text, which is sealed (json_lexer.hpp), must be one object or null. False: problem() says what is wrong.
  template <std::size_t N>
  bool read(std::string_view text, const std::array<std::string_view, N>& names, std::array<RawValue, N>& values) {
    return read_object(text, names.data(), values.data(), N);
  }
  bool was_null() const { return was_null_; }
  using JsonLexer::problem;

 private:
  bool read_object(std::string_view text, const std::string_view* names, RawValue* values, std::size_t count);
  const char* read_members(const char* p, const std::string_view* names, RawValue* values, std::size_t count);
  bool was_null_ = false;
};

struct ChangeEnvelope {
  enum class Kind : std::uint8_t {
    kRow,      // The row as it is now: `row`.
    kEmptied,  // Every row is gone.
    kDeleted,  // The row as it was, as much of it as is known: `key`, `row`. One of them is there.
    kPassed,   // A tombstone without a key, which says no more than the deletion before it; a message that is no change.
    kBad,      // `problem` says why; `reason` what kind of mistake that is.
  };
  Kind kind = Kind::kBad;
  std::string_view op;      // "c", ..; of a tombstone "d".
  std::string_view row;     // A JSON object, or empty.
  std::string_view key;     // The same.
  std::string_view source;  // The same.
  RawValue time;            // Of the change in the database; else of the envelope, or of the record.
  BadReason reason = BadReason::kNotAChange;
  std::string problem;
};

// The line is sealed (json_lexer.hpp).
ChangeEnvelope read_change(std::string_view line);

}  // namespace sequitur
