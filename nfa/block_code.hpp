// The blocks of a rule, compiled: the tree of dsl/checked_block.hpp with codes for conditions. The engine keeps a small state
// for each node in the run (engine/block_place.hpp) and finds the ways on in the tree; only rules with blocks pay for it.
#pragma once

#include <vector>

#include "dsl/checked_block.hpp"
#include "nfa/automaton.hpp"

namespace sequitur::nfa {

struct SiblingCode {
  Expression condition;
  std::vector<int> siblings;  // Nodes.
};

struct BlockNodeCode {
  dsl::BlockNode::Kind kind = dsl::BlockNode::Kind::kStep;
  int parent = -1;
  int place = 0;
  int stage = -1;
  std::vector<int> parts;
  std::vector<int> path;  // From the root to the node itself.
  std::uint32_t needed = 0;
  std::uint32_t min = 1;
  std::uint32_t max = 1;
  bool next = false;
  bool each = false;
  bool optional = false;
  bool greedy = false;
  bool strict = false;
  bool skipping = false;
  bool every_length = false;
  GapCode gap;            // In front of it.
  int first_no_next = 0;  // The number of the gap's first `no next` among those of the rule.
  Test until;             // bit 0: none.
  std::int64_t gap_limit = -1;
  std::vector<LimitCode> limits;
  std::vector<SiblingCode> conditions;
  std::int64_t hold = -1;      // Of a step that takes a whole stretch: how long that must last; -1: it takes events.
  std::int64_t hold_gap = -1;  // -1: none.
  Test samples;                // Every event that could fit: one that does not ends the stretch.
};

struct BlockCode {
  std::vector<BlockNodeCode> nodes;
  std::vector<int> node_of;  // Index = stage.
  std::vector<int> holds;    // Nodes that take whole stretches.
};

}  // namespace sequitur::nfa
