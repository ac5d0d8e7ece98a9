// One function a format; make_decoder() calls them.
#pragma once

#include <memory>

#include "adapters/formats.hpp"
#include "adapters/formats/record_plan.hpp"
#include "sequitur/source.hpp"

namespace sequitur {

std::unique_ptr<Decoder> make_ndjson_decoder(RecordPlan plan);
std::unique_ptr<Decoder> make_debezium_decoder(RecordPlan plan);
Result<std::unique_ptr<Decoder>> make_csv_decoder(RecordPlan plan, const DecoderOptions& options, char default_delimiter);
Result<std::unique_ptr<Decoder>> make_lines_decoder(RecordPlan plan);

}  // namespace sequitur
