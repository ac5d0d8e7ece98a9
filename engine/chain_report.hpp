// All matches that one event completes under a rule of stacks, as the graph that they are: a layer of events for each step but
// the last, each with the stretch of the next layer that may follow it. Whatever is in it leads to the completing event, so
// going through it depth first gives the matches in the order of alerts, each for what it has not in common with the one before.
// Their alerts are made when they are handed over, a few hundred at a time (engine/report_listing.cpp).
//
// Events that are equal in everything (twins) make matches with equal ids, which are numbered. If twins may stand for each other
// wherever one of them stands, the number follows from their ranks; a `ragged` event is one for which that does not hold.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/alert_id.hpp"
#include "nfa/expression.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

struct ChainReport {
  struct Node {
    const Event* event;
    AlertId id;                   // What it adds to the ids of its matches.
    std::uint32_t first, behind;  // In the next layer: those that may follow. Of the last layer: nothing.
    std::uint32_t rank, twins;    // Among the twins of the layer, of which it is one.
    bool ragged;
    bool beside_twins;  // Of the time of twins, or one itself.
  };

  // Where events of one step have one time. Without this no node has twins, and none is ragged.
  void find_twins();

  std::vector<std::vector<Node>> layers;
  bool has_twins = false, has_ragged = false;
  const Event* last = nullptr;  // The completing event.
  AlertId last_id{};
  nfa::EvaluationContext seen;  // But for the stages.
  const IdDigests* digests = nullptr;
  // Two reports of equal events that have this in common have the same matches. Null: it has not all of them.
  const void* stacks = nullptr;
  std::uint64_t state_of_stacks = 0;

 private:
  std::vector<std::uint32_t> order_;
};

}  // namespace sequitur
