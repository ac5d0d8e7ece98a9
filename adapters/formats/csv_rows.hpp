// Events made straight from the fields of plain CSV lines: each field of a stream is read at its column, without a RawValue
// for each column between. What is out of the ordinary (a missing field, a value of another type, filters) is left to
// RecordBuilder::finish(), which does the same for any record and says what is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "adapters/formats/csv_scan.hpp"
#include "adapters/formats/record_builder.hpp"
#include "adapters/formats/record_plan.hpp"

namespace sequitur {

class CsvRows {
 public:
  CsvRows() = default;
  // `targets`: of each column of the text the column of the plan, or -1.
  CsvRows(const RecordPlan& plan, const std::vector<int>& targets);

  // Makes the event of a line; false, and no event, if finish() must. Bytes behind the line may be read up to `readable`.
  bool build(const CsvScanner::PlainLine& line, RecordBuilder& record, const char* readable) const;

 private:
  struct Cell {
    std::size_t column;
    std::uint32_t slot;
    Type type;
    bool optional;
  };
  struct Row {
    const StreamPlan* stream = nullptr;
    bool usable = false;
    std::size_t time_column = 0;
    std::vector<Cell> cells;
    std::vector<std::uint32_t> absent;  // Slots of optional fields that have no column.
  };
  static Row row_of(const StreamPlan& stream, const std::vector<int>& targets);

  const StreamNames* names_ = nullptr;  // Null: all lines are of one stream.
  std::size_t name_column_ = 0;
  std::vector<Row> rows_;  // Index = stream; empty: no line can be built so.
};

}  // namespace sequitur
