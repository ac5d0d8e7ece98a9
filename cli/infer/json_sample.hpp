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
  std::string text{};  // Of a number as spelled, of a text without escapes.
  // Of a list: its elements, each as its flat values; one that is no object has an empty path.
  std::vector<std::vector<SampleValue>> elements{};
};

// The values of one object, in its order; empty objects give nothing. False when the text is not a JSON object, nests
// deeper than 32 levels or holds more than 4,000 values.
bool flatten_json(std::string_view text, std::vector<SampleValue>& values);
// The same of a JSON list, by element.
bool flatten_json_list(std::string_view text, std::vector<std::vector<SampleValue>>& elements);

}  // namespace sequitur::cli
