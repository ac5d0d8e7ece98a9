// What a decoder needs of each record, and what it makes of it: made once from the schemas, then shared by all threads.
//
// The source names of all streams together are the *columns*. A format fills one RawValue a column; RecordBuilder makes
// the events of them. So a format knows nothing of types, times, filters and streams.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/formats.hpp"
#include "adapters/formats/stream_names.hpp"
#include "event/time_text.hpp"
#include "sequitur/result.hpp"
#include "sequitur/schema.hpp"

namespace sequitur {

struct FieldPlan {
  std::uint32_t column = 0;
  std::uint32_t slot = 0;
  Type type = Type::kString;
  bool optional = false;
  std::string member = {};  // Of a part of a list of records: where it stands in an element. Empty: it is none.
  bool element_optional = false;
  bool spelled = false;  // A bool that records may give as a text: "true".
};

struct FilterPlan {
  std::uint32_t column = 0;
  std::vector<std::string> values;
};

struct StreamPlan {
  StreamSchema schema;
  std::vector<FieldPlan> fields;  // All but the time field.
  bool by_arrival = false;        // There is no time field: the event time is for ingest to say.
  std::uint32_t time_column = 0;
  std::uint32_t time_slot = 0;
  TimeReader time_reader;
  std::vector<FilterPlan> when;
  std::vector<Slot> null_row;
  int truncated_column = -1;  // Of a change stream: where it is true the record is no row and has no field that must be there.
};

struct RecordPlan {
  static Result<RecordPlan> make(std::span<const StreamSchema* const> streams, const DecoderOptions& options);

  // The index of a column, or -1.
  int find_column(std::string_view name) const {
    const auto found = column_of_name.find(std::string(name));
    return found == column_of_name.end() ? -1 : static_cast<int>(found->second);
  }
  bool any_yearless() const;

  std::vector<std::string> columns;
  std::unordered_map<std::string, std::uint32_t> column_of_name;
  std::vector<StreamPlan> streams;
  int stream_column = -1;  // The field that names the stream, if records do.
  std::string stream_field;
  StreamNames stream_names;
  bool any_when = false;
  char list_separator = ';';
  std::size_t max_record_bytes = kMaxRecordBytes;
};

}  // namespace sequitur
