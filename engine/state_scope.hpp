// What of an evaluator's state is written: all of it; the keys of one key group; or what rules have in common with those of
// another rule set, numbered as there (see engine/rule_change.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sequitur/schema.hpp"

namespace sequitur {

// Where streams and rules of one rule set are in another.
struct StateMap {
  static constexpr std::uint32_t kGone = ~std::uint32_t{0};
  std::vector<std::uint32_t> streams;  // Index = StreamId here. kGone: there is none with the same fields.
  std::vector<std::uint32_t> rules;    // Index = number here. kGone: none that says the same.
};

struct StateScope {
  const StateMap* map = nullptr;  // Null: numbers stay as they are.
  std::uint32_t group = 0;        // Of `groups`.
  std::uint32_t groups = 1;

  bool has_rule(std::uint32_t rule) const { return map == nullptr || map->rules[rule] != StateMap::kGone; }
  std::uint32_t rule(std::uint32_t rule) const { return map == nullptr ? rule : map->rules[rule]; }
  bool has_stream(StreamId stream) const { return map == nullptr || map->streams[stream] != StateMap::kGone; }
  StreamId stream(StreamId stream) const { return map == nullptr ? stream : map->streams[stream]; }
  bool has_hash(std::uint32_t hash) const { return hash % groups == group; }
  bool everything() const { return map == nullptr && groups == 1; }
};

}  // namespace sequitur
