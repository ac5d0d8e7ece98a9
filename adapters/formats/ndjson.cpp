// NDJSON: one JSON object a line. Empty lines are passed over; lines that are not UTF-8 are bad records.
#include <memory>
#include <utility>

#include "adapters/formats/decoders.hpp"
#include "adapters/formats/json_reader.hpp"
#include "adapters/formats/json_records.hpp"

namespace sequitur {
namespace {

class NdjsonDecoder final : public PlannedDecoder {
 public:
  explicit NdjsonDecoder(RecordPlan plan) : PlannedDecoder(std::move(plan)), shapes_(plan_.columns) {}

  void decode(const RawBatch& raw, EventBatch& out) const override {
    RecordBuilder record(plan_, raw, out);
    std::unique_ptr<JsonShape> shape = shapes_.take();
    JsonReader reader(*shape, record);
    read_json_lines(raw, plan_.max_record_bytes, record, [&](std::string_view line) {
      if (reader.read(line))
        record.finish();
      else
        record.reject(BadReason::kUndecodable, reader.problem());
    });
    shapes_.give_back(std::move(shape));
  }

 private:
  const JsonShapes shapes_;
};

}  // namespace

std::unique_ptr<Decoder> make_ndjson_decoder(RecordPlan plan) { return std::make_unique<NdjsonDecoder>(std::move(plan)); }

}  // namespace sequitur
