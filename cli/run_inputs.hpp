// From the words after --input to sources with decoders: which file, which format, which streams.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "adapters/formats.hpp"
#include "sequitur/engine.hpp"
#include "sequitur/rule_set.hpp"

namespace sequitur::cli {

struct InputOptions {
  std::string format;        // Name of a format; empty: by the file's ending.
  std::string stream_field;  // Name of the field that names a record's stream; empty: "stream", for NDJSON only.
  bool follow = false;
  std::size_t max_record_bytes = kMaxRecordBytes;
};

// What one --input means.
struct InputPlan {
  std::string path;  // "-" is standard input.
  Format format = Format::kNdjson;
  std::vector<StreamId> streams;
  std::string stream_field;  // Empty: every record is offered to all `streams`.
};

// "trade,quote=ticks.csv.zst" or "ticks.csv.zst". An Error is a mistake of the person who typed it.
Result<InputPlan> plan_input(const std::string& word, const RuleSet& rules, const InputOptions& options);

// An Error when one cannot be opened; then nothing has been read.
Result<std::vector<Input>> open_inputs(std::span<const InputPlan> plans, const RuleSet& rules, const InputOptions& options);

}  // namespace sequitur::cli
