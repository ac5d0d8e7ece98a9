// The blocks of a checked rule: `all`, `n of`, `either` and `repeat`, as a tree over the rule's stages. A rule without blocks
// has none of this (Rule::blocks is null): its stages follow one another.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dsl/checked_rule.hpp"

namespace sequitur::dsl {

// A part of a condition in `all` that names siblings; it is tested as soon as all of them have come.
struct SiblingCondition {
  ExprPtr condition;          // The candidate is the event of the step whose condition it is.
  std::vector<int> siblings;  // Nodes.
};

// `hold h: S where c for d`. A step, taken when all samples of a stretch of d have fitted; see docs/semantics.md, 2.19.
struct Hold {
  Filter samples;  // Every event of the step's streams; the step's own filter says which of them fit.
  Duration duration{0};
  std::optional<Duration> gap;  // At most this between two samples.
};

struct BlockNode {
  enum class Kind : std::uint8_t {
    kStep,      // stage
    kSequence,  // parts, one after the other: the rule, a branch of `either`, a round of `repeat`
    kAll,       // parts: steps in any order, of which `needed` must come
    kEither,    // parts: sequences, of which the first event taken chooses one
    kRepeat,    // one part: the sequence of a round; min, max: rounds
  };
  Kind kind = Kind::kStep;
  int parent = -1;
  int place = 0;  // Among the parent's parts.
  int stage = -1;
  std::vector<int> parts;
  std::uint32_t needed = 0;
  // As in Stage. Of a part of a sequence: how it is entered, and the gap in front of it.
  bool next = false;
  bool each = false;
  Gap gap;
  std::uint32_t min = 1;
  std::uint32_t max = 1;
  bool optional = false;
  bool greedy = false;
  bool strict = false;
  bool skipping = false;
  bool every_length = false;
  // What closes a loop, one condition for the events of all lines inside; a filter for each way in which these read the key.
  // Empty: nothing.
  std::vector<Filter> until;
  std::optional<Duration> gap_limit;
  std::vector<TimeLimit> limits;             // Of every event that is taken inside.
  std::vector<SiblingCondition> conditions;  // Of a step in `all`, beside its filter.
  std::optional<Hold> hold;                  // Of a step; it takes a whole stretch at once.
};

struct Blocks {
  std::vector<BlockNode> nodes;  // The first is the rule's sequence; parents stand before their parts.
  std::vector<int> node_of;      // Index = stage.
  // Of a block behind `no`: the stages before this one are those of the rule in front of the gap, which the block's conditions
  // may look at; they are not in the tree (node_of is -1).
  int first_stage = 0;
};

}  // namespace sequitur::dsl
