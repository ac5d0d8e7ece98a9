#include "adapters/formats/csv_rows.hpp"

#include <algorithm>

namespace sequitur {
namespace {

// The column of the text that gives a column of the plan, or -1.
int column_of(std::uint32_t plan_column, const std::vector<int>& targets) {
  const auto found = std::find(targets.begin(), targets.end(), static_cast<int>(plan_column));
  return found == targets.end() ? -1 : static_cast<int>(found - targets.begin());
}

}  // namespace

CsvRows::CsvRows(const RecordPlan& plan, const std::vector<int>& targets) {
  if (plan.stream_column >= 0) {
    const int column = column_of(static_cast<std::uint32_t>(plan.stream_column), targets);
    if (column < 0) return;
    names_ = &plan.stream_names;
    name_column_ = static_cast<std::size_t>(column);
  } else if (plan.streams.size() != 1) {
    return;
  }
  for (const StreamPlan& stream : plan.streams) rows_.push_back(row_of(stream, targets));
}

CsvRows::Row CsvRows::row_of(const StreamPlan& stream, const std::vector<int>& targets) {
  Row row;
  row.stream = &stream;
  const int time_column = stream.by_arrival ? -1 : column_of(stream.time_column, targets);
  if (time_column < 0 || !stream.when.empty() || stream.truncated_column >= 0) return row;
  row.time_column = static_cast<std::size_t>(time_column);
  for (const FieldPlan& field : stream.fields) {
    const int column = column_of(field.column, targets);
    if (column >= 0 && !is_list(field.type))
      row.cells.push_back({static_cast<std::size_t>(column), field.slot, field.type, field.optional});
    else if (column < 0 && field.optional)
      row.absent.push_back(field.slot);
    else
      return row;
  }
  row.usable = true;
  return row;
}

bool CsvRows::build(const CsvScanner::PlainLine& line, RecordBuilder& record, const char* readable) const {
  const int index = rows_.empty() ? -1 : names_ == nullptr ? 0 : names_->find(line.field(name_column_), readable);
  if (index < 0 || !rows_[static_cast<std::size_t>(index)].usable) return false;
  const Row& row = rows_[static_cast<std::size_t>(index)];
  const StreamPlan& stream = *row.stream;
  std::int64_t time = 0;
  if (!stream.time_reader.read(line.field(row.time_column), time, readable)) return false;
  Event* const event = record.make(stream, time);
  Slot* const slots = event->slots();
  for (const Cell& cell : row.cells) {
    const std::string_view text = line.field(cell.column);
    Slot& slot = slots[cell.slot];
    if (text.empty()) {
      if (!cell.optional) return false;
      slot = stream.null_row[cell.slot];
      continue;
    }
    if (!RecordBuilder::convert_text(cell.type, text, slot, readable) && !record.convert_untyped(stream, cell.type, text, slot))
      return false;
  }
  for (const std::uint32_t slot : row.absent) slots[slot] = stream.null_row[slot];
  record.add(event);
  return true;
}

}  // namespace sequitur
