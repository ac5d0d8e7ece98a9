// What the fuzz targets of decoders share: a schema with every type, and what must hold of whatever was decoded.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/formats.hpp"
#include "sequitur/alert.hpp"
#include "sequitur/source.hpp"

namespace sequitur::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline Field field(std::string name, Type type, bool optional = true) {
  Field result;
  result.source = name;
  result.name = std::move(name);
  result.type = type;
  result.optional = optional;
  return result;
}

inline Field part(std::string name, std::string source, Type type) {
  Field result = field(std::move(name), list_of(type));
  result.source = std::move(source);
  result.record_list = "r";
  result.element_optional = true;
  return result;
}

inline StreamSchema schema_of_all_types() {
  StreamSchema schema;
  schema.name = "s";
  schema.fields = {field("t", Type::kTime, false),
                   field("b", Type::kBool),
                   field("i", Type::kInt),
                   field("f", Type::kFloat),
                   field("s", Type::kString),
                   field("u", Type::kTime),
                   field("d", Type::kDuration),
                   field("n.s", Type::kString),
                   field("m", Type::kDecimal),
                   field("ip", Type::kIp),
                   field("l", list_of(Type::kString)),
                   field("li", list_of(Type::kInt)),
                   field("la", list_of(Type::kIp)),
                   part("r.a", "a", Type::kString),
                   part("r.b", "b.c", Type::kDecimal)};
  schema.time_slot = 0;
  schema.time_format.kind = TimeFormat::Kind::kEpoch;
  schema.time_format.unit = TimeUnit::kSeconds;
  return schema;
}

// The text in a batch that owns not one byte more than it must: reading beyond is a finding.
inline RawBatch batch_of(std::string_view text, bool with_slack) {
  RawBatch raw;
  raw.bytes.reserve(text.size() + (with_slack ? 64 : 0));
  raw.bytes = text;
  return raw;
}

// Every event as JSON, every bad record with its place; reads all that was decoded.
inline std::string shown(const RawBatch& raw, const EventBatch& out, const StreamSchema& schema) {
  require(out.events.size() == out.origins.size(), "an origin for each event");
  std::string text;
  for (std::size_t i = 0; i < out.events.size(); ++i) {
    const EventBatch::Origin& origin = out.origins[i];
    require(origin.begin <= origin.end && origin.end <= raw.bytes.size(), "an origin inside the batch");
    text += std::to_string(raw.offset + origin.begin) + ' ' + std::to_string(raw.offset + origin.end) + ' ' +
            std::to_string(raw.first_record + origin.record) + ' ';
    append_json(*out.events[i], schema, text);
    text += '\n';
  }
  for (const BadRecord& bad : out.bad) {
    require(bad.raw.empty() || bad.raw.data() >= raw.bytes.data(), "a bad record inside the batch");
    require(bad.raw.empty() || bad.raw.data() + bad.raw.size() <= raw.bytes.data() + raw.bytes.size(), "a bad record inside the batch");
  }
  return text;
}

}  // namespace sequitur::fuzz
