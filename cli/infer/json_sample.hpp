// A JSON object as flat values, for looking at sample data. Not for the spine: events are decoded by the adapters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sequitur::cli {

struct SampleValue {
  enum class Kind : std::uint8_t { kNull, kBool, kNumber, kText, kList };
  std::vector<std::string> path;  // {"a":{"b":1}} gives a, b.
  Kind kind = Kind::kNull;
  std::string text;  // Of a number as spelled, of a text without escapes.
};

// The values of one object, in its order; empty objects give nothing. False when the text is not a JSON object, nests
// deeper than 32 levels or holds more than 4,000 values.
bool flatten_json(std::string_view text, std::vector<SampleValue>& values);

}  // namespace sequitur::cli
