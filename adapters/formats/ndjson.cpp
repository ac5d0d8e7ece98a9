// NDJSON: one JSON object a line. Empty lines are passed over; lines that are not UTF-8 are bad records.
#include <simdjson.h>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/formats/decoders.hpp"
#include "adapters/formats/json_reader.hpp"
#include "adapters/formats/line_splitter.hpp"

namespace sequitur {
namespace {

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

// A byte order mark may stand before the first record of an input.
void drop_mark(const RawBatch& raw, std::string_view& line) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (raw.offset == 0 && line.data() == raw.bytes.data() && line.starts_with(kMark)) line.remove_prefix(kMark.size());
}

class NdjsonDecoder final : public PlannedDecoder {
 public:
  explicit NdjsonDecoder(RecordPlan plan) : PlannedDecoder(std::move(plan)), paths_(plan_.columns) {}

  void decode(const RawBatch& raw, EventBatch& out) const override {
    const bool all_utf8 = simdjson::validate_utf8(raw.bytes.data(), raw.bytes.size());
    RecordBuilder record(plan_, raw, out);
    std::unique_ptr<JsonShape> shape = take_shape();
    JsonReader reader(*shape, record, readable_end(raw));
    LineSplitter lines(raw);
    while (lines.next()) {
      std::string_view line = lines.line();
      drop_mark(raw, line);
      if (line.empty() || (static_cast<unsigned char>(line.front()) <= ' ' && is_blank(line))) continue;
      record.begin(lines.begin(), lines.end(), lines.record());
      if (line.size() > plan_.max_record_bytes)
        record.reject_long();
      else if (!all_utf8 && !simdjson::validate_utf8(line.data(), line.size()))
        record.reject(BadReason::kUndecodable, "not UTF-8");
      else if (reader.read(line))
        record.finish();
      else
        record.reject(BadReason::kUndecodable, reader.problem());
    }
    record.add_defects();
    give_back(std::move(shape));
  }

 private:
  // What was learned about the order of members serves the next batch too; each call has a shape to itself.
  std::unique_ptr<JsonShape> take_shape() const {
    const std::lock_guard lock(mutex_);
    if (shapes_.empty()) return std::make_unique<JsonShape>(paths_);
    std::unique_ptr<JsonShape> shape = std::move(shapes_.back());
    shapes_.pop_back();
    return shape;
  }
  void give_back(std::unique_ptr<JsonShape> shape) const {
    // One that is full of names that never come again is of no use.
    if (shape->full()) return;
    const std::lock_guard lock(mutex_);
    shapes_.push_back(std::move(shape));
  }

  const JsonPaths paths_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<JsonShape>> shapes_;  // At most one for each thread that decodes.
};

}  // namespace

std::unique_ptr<Decoder> make_ndjson_decoder(RecordPlan plan) { return std::make_unique<NdjsonDecoder>(std::move(plan)); }

}  // namespace sequitur
