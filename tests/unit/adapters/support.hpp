// What the tests of decoders and sources share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/formats.hpp"
#include "sequitur/alert.hpp"
#include "sequitur/source.hpp"

namespace sequitur::testing {

inline Field field(std::string name, Type type = Type::kString, bool optional = false, std::string source = "") {
  Field result;
  result.source = source.empty() ? name : std::move(source);
  result.name = std::move(name);
  result.type = type;
  result.optional = optional;
  return result;
}

inline StreamSchema stream(std::string name, StreamId id, std::vector<Field> fields, SlotIndex time_slot = 0) {
  StreamSchema schema;
  schema.id = id;
  schema.name = std::move(name);
  schema.fields = std::move(fields);
  schema.time_slot = time_slot;
  schema.time_format.kind = TimeFormat::Kind::kEpoch;
  schema.time_format.unit = TimeUnit::kSeconds;
  return schema;
}

inline RawBatch batch_of(std::string_view text) {
  RawBatch raw;
  raw.bytes.reserve(text.size() + 64);
  raw.bytes = text;
  return raw;
}

using Lines = std::vector<std::string>;

// One line an event (stream, then its fields that are not null), one a bad record, and the counts; what tests compare.
inline Lines described(const EventBatch& batch, const std::vector<const StreamSchema*>& schemas) {
  Lines lines;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    const Event& event = *batch.events[i];
    const StreamSchema* schema = nullptr;
    for (const StreamSchema* candidate : schemas)
      if (candidate->id == event.stream) schema = candidate;
    std::string line = schema->name;
    for (std::size_t slot = 0; slot < schema->fields.size(); ++slot) {
      if (event.slots()[slot].is_null(schema->fields[slot].type)) continue;
      line += ' ' + schema->fields[slot].name + '=';
      append_text(event.slots()[slot], schema->fields[slot].type, line);
    }
    lines.push_back(std::move(line));
  }
  for (const BadRecord& bad : batch.bad)
    lines.push_back(std::string(to_string(bad.reason)) + " record " + std::to_string(bad.record) + " at " + std::to_string(bad.offset) +
                    ": " + std::string(bad.detail));
  if (batch.unmatched != 0) lines.push_back("unmatched " + std::to_string(batch.unmatched));
  return lines;
}

inline std::unique_ptr<Decoder> decoder_of(Format format, const std::vector<const StreamSchema*>& schemas,
                                           const DecoderOptions& options = {}) {
  auto decoder = make_decoder(format, schemas, options);
  EXPECT_TRUE(decoder) << decoder.error().message;
  return std::move(*decoder);
}

inline Lines decoded(Format format, const std::vector<const StreamSchema*>& schemas, std::string_view text,
                     const DecoderOptions& options = {}) {
  const auto decoder = decoder_of(format, schemas, options);
  const RawBatch raw = batch_of(text);
  EventBatch out;
  decoder->decode(raw, out);
  decoder->settle(raw, out);
  for (std::size_t i = 0; i < out.events.size(); ++i) {
    EXPECT_LE(out.origins[i].begin, out.origins[i].end);
    EXPECT_LE(out.origins[i].end, raw.bytes.size());
  }
  return described(out, schemas);
}

}  // namespace sequitur::testing
