// The live runs of one key in one rule, the table that finds them, and the run itself: all that changes while events
// flow. Owned by one shard.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/block_place.hpp"
#include "engine/cohorts.hpp"
#include "engine/fetch_ahead.hpp"
#include "engine/moment.hpp"
#include "nfa/automaton.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

// A partial match. In memory it is followed by the ends of its stages (std::uint32_t each) and room for `inline_events`
// pointers to the events taken; a run with more has them in a piece of their own, whose address is in the first of these.
struct Run {
  Moment due;           // When time alone changes it; kNever.
  std::uint16_t state;  // Index into Automaton::states.
  std::uint8_t flags;
  std::uint8_t fresh;   // Bit i: `no next` number i has not been used up since the latest event taken.
  std::uint32_t count;  // Events taken by the current stage.
  std::uint32_t event_count;
  std::uint32_t capacity;

  static constexpr std::uint8_t kContiguous = 1;  // No event of the steps' streams was passed over since the latest event taken.
  static constexpr std::uint8_t kCovered = 2;     // All its events belong to a run that was reported.
  // What became of it in the event or instant being processed.
  static constexpr std::uint8_t kEnded = 4;  // Ends unreported.
  static constexpr std::uint8_t kComplete = 8;
  static constexpr std::uint8_t kBroken = 16;
  static constexpr std::uint8_t kTimedOut = 32;
  static constexpr std::uint8_t kOutcome = kEnded | kComplete | kBroken | kTimedOut;
  // Where a rule forks: of the runs that began with the same event
  static constexpr std::uint8_t kStartMatched = 64;  // one has given a match;
  static constexpr std::uint8_t kForkCovered = 128;  // one with all its events has been reported as broken or timed out.
};
static_assert(sizeof(Run) == 24);

// How the runs of a rule are laid out, and where a run's events are.
struct RunLayout {
  std::uint32_t stages = 0;
  std::uint32_t inline_events = 0;
  std::uint32_t events_offset = 0;
  std::uint32_t size = 0;
  std::uint32_t nodes = 0;  // Of a rule with blocks: instead of the ends of stages a NodeState each, and behind the room for
                            // events as many stage numbers, one for each event.
  // Of a rule with blocks behind `no`: where the list begins of what has come of them (engine/guard_blocks.cpp), each of which
  // is laid out like a run and has the next one in this place. 0: there are no such blocks.
  std::uint32_t list_offset = 0;
  bool one_each = false;  // Every stage takes exactly one event: the ends of stages need not be stored.

  RunLayout() = default;
  explicit RunLayout(const nfa::Automaton& automaton)
      : stages(static_cast<std::uint32_t>(automaton.stages.size())), inline_events(automaton.inline_events) {
    one_each = std::all_of(automaton.stages.begin(), automaton.stages.end(),
                           [](const nfa::StageCode& stage) { return stage.max == 1 && !stage.optional; });
    if (automaton.blocks != nullptr) nodes = static_cast<std::uint32_t>(automaton.blocks->nodes.size());
    if (nodes > 0) one_each = false;
    const std::size_t ends = nodes > 0 ? nodes * sizeof(NodeState) : one_each ? 0 : stages * sizeof(std::uint32_t);
    events_offset = static_cast<std::uint32_t>(sizeof(Run) + ((ends + 7) & ~std::size_t{7}));
    if (automaton.in_gap || !automaton.guard_blocks.empty()) {
      list_offset = events_offset;
      events_offset += static_cast<std::uint32_t>(sizeof(Run*));
    }
    size = events_offset + static_cast<std::uint32_t>(piece_bytes(inline_events));
  }

  // Of the memory for so many events.
  std::size_t piece_bytes(std::uint32_t capacity) const {
    const std::size_t tags = nodes > 0 ? (capacity * sizeof(std::uint16_t) + 7) & ~std::size_t{7} : 0;
    return capacity * sizeof(const Event*) + tags;
  }
  NodeState* node_states(Run& run) const { return reinterpret_cast<NodeState*>(&run + 1); }
  const NodeState* node_states(const Run& run) const { return reinterpret_cast<const NodeState*>(&run + 1); }
  Run*& list(Run& run) const { return *reinterpret_cast<Run**>(reinterpret_cast<char*>(&run) + list_offset); }
  Run* list(const Run& run) const { return list(const_cast<Run&>(run)); }
  // With blocks: the stage of each event.
  std::uint16_t* tags(Run& run) const { return reinterpret_cast<std::uint16_t*>(events(run) + run.capacity); }
  const std::uint16_t* tags(const Run& run) const { return tags(const_cast<Run&>(run)); }

  // The events of stage s are events()[stage_begin(s)] .. events()[stage_end(s) - 1]; for stages up to the current one.
  std::uint32_t stage_end(const Run& run, int stage) const {
    return one_each ? static_cast<std::uint32_t>(stage) + 1 : reinterpret_cast<const std::uint32_t*>(&run + 1)[stage];
  }
  std::uint32_t stage_begin(const Run& run, int stage) const { return stage == 0 ? 0 : stage_end(run, stage - 1); }
  void set_stage_end(Run& run, int stage, std::uint32_t end) const {
    if (!one_each) reinterpret_cast<std::uint32_t*>(&run + 1)[stage] = end;
  }

  const Event**& outside(Run& run) const { return *reinterpret_cast<const Event***>(reinterpret_cast<char*>(&run) + events_offset); }
  const Event** events(Run& run) const {
    return run.capacity > inline_events ? outside(run) : reinterpret_cast<const Event**>(reinterpret_cast<char*>(&run) + events_offset);
  }
  const Event* const* events(const Run& run) const { return events(const_cast<Run&>(run)); }
};

class Stacks;
class ChainCounter;
class MatchDag;

struct KeyRuns {
  static constexpr std::uint32_t kMostRules = 0xFF'FFFF;

  std::uint32_t run_count;
  std::uint32_t rule : 24;
  std::uint32_t capacity_bits : 5;  // Room for 2^capacity_bits runs: 0: `one`; more: `many`.
  std::uint32_t live : 1 = 0;
  std::uint32_t has_past : 1;  // There is a Past for it (a rule with a looking-back `no`).
  std::uint32_t known : 1;     // It is in RuleState::known and stays.
  union {
    Run* one;
    Run** many;
    Stacks* stacks;  // Of a rule whose partial matches are shared (engine/shared_matches.cpp): one of these.
    ChainCounter* counter;
    MatchDag* dag;
    Cohorts* cohorts;    // Of a rule that is run by cohorts: all its runs, and run_count is 0. Null: none.
    const Event* start;  // Of such a rule where run_count is 1: the event with which the only run began, and all that it has taken.
  };
  // At or before the earliest due of its runs and its past; there is an entry in the timing wheel or in the shard's due lists at it.
  // kNever. Outlives the key: the next one of this index has use for the entry.
  Moment scheduled = kNever;
  union {
    Slot value;    // A key of one part,
    Slot* values;  // or of several. Texts belong to the key.
  };

  bool is_start_alone() const { return run_count == 1; }  // Of a rule that is run by cohorts.
  bool is_list() const { return capacity_bits != 0; }
  std::uint32_t capacity() const { return 1u << capacity_bits; }
  Run** runs() { return is_list() ? many + dropped() : &one; }
  Run* const* runs() const { return const_cast<KeyRuns*>(this)->runs(); }
  // Only of a key with room for several runs. Two numbers stand in front: the interests of all runs, and how many places at the
  // beginning of the rows are those of runs that have gone, which are most often the oldest. Then come three rows: the runs; when
  // each is due; and a hash of the value that it waits for. So going through hundreds of runs is going through an array.
  nfa::Bits& list_interest() { return reinterpret_cast<nfa::Bits*>(many)[-2]; }
  std::uint64_t& dropped() { return reinterpret_cast<std::uint64_t*>(many)[-1]; }
  Moment* dues() { return reinterpret_cast<Moment*>(many + capacity()) + dropped(); }
  using Awaited = std::uint16_t;
  Awaited* awaited() { return reinterpret_cast<Awaited*>(many + std::size_t{2} * capacity()) + dropped(); }
  static constexpr Awaited kAnything = 0;  // In awaited(): every event of interest must be tried.
  static Awaited awaited_hash(std::uint32_t hash) {
    const auto folded = static_cast<Awaited>(hash ^ hash >> 16);
    return folded != kAnything ? folded : Awaited{1};
  }
  std::size_t list_bytes() const { return kListHead * sizeof(Run*) + capacity() * (sizeof(Run*) + sizeof(Moment) + sizeof(Awaited)); }
  static constexpr std::size_t kListHead = 2;
  void* list_memory() const { return many - kListHead; }
  // From a list to a larger one, or to the beginning of its own.
  void move_rows_to(KeyRuns& to) {
    Run** const from_runs = runs();
    const Moment* const from_dues = dues();
    const Awaited* const from_awaited = awaited();
    to.dropped() = 0;
    to.list_interest() = list_interest();
    std::copy_n(from_runs, run_count, to.runs());
    std::copy_n(from_dues, run_count, to.dues());
    std::copy_n(from_awaited, run_count, to.awaited());
  }
};
static_assert(sizeof(KeyRuns) == 32 && sizeof(Run*) == sizeof(std::uint64_t) && sizeof(Moment) == sizeof(Run*));

// All KeyRuns of a shard, by index. Addresses are stable.
class KeyStore {
 public:
  KeyRuns& operator[](std::uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }
  const KeyRuns& operator[](std::uint32_t index) const { return chunks_[index / kChunk][index % kChunk]; }
  // Of the rule, without anything at it.
  std::uint32_t create(std::uint32_t rule) {
    ++live_;
    std::uint32_t index = size_;
    if (!free_.empty()) {
      index = free_.back();
      free_.pop_back();
    } else {
      if (size_ % kChunk == 0) chunks_.push_back(std::make_unique<KeyRuns[]>(kChunk));
      ++size_;
    }
    KeyRuns& key = (*this)[index];
    key.run_count = 0;
    key.rule = rule & KeyRuns::kMostRules;
    key.capacity_bits = 0;
    key.live = true;
    key.has_past = false;
    key.known = false;
    key.one = nullptr;
    key.value = Slot::of_int(0);
    return index;
  }
  void destroy(std::uint32_t index) {
    --live_;
    (*this)[index].live = false;
    free_.push_back(index);
  }
  std::uint32_t size() const { return size_; }  // One more than the greatest index that was ever live.
  std::uint32_t live() const { return live_; }
  std::size_t memory_bytes() const { return live_ * sizeof(KeyRuns) + free_.capacity() * sizeof(std::uint32_t); }

 private:
  static constexpr std::uint32_t kChunk = 1024;
  std::vector<std::unique_ptr<KeyRuns[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t size_ = 0;
  std::uint32_t live_ = 0;
};

// Open addressing with linear probing; 8 bytes a slot: the hash and the index of the KeyRuns. One for each rule and shard.
class KeyTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  // The index for which same(index) holds among those with the hash; kNone if there is none.
  template <typename Same>
  std::uint32_t find(std::uint32_t hash, Same same) const {
    if (slots_.empty()) return kNone;
    for (std::size_t at = home(hash);; at = (at + 1) & mask_) {
      const Entry entry = slots_[at];
      if (entry.index == kNone) return kNone;
      if (entry.hash == hash && same(entry.index)) [[likely]]
        return entry.index;
    }
  }
  void insert(std::uint32_t hash, std::uint32_t index) {
    // A small table stands in the cache anyway: half full it is searched in fewer steps.
    const std::size_t most = slots_.size() <= kSmall ? slots_.size() / 2 : slots_.size() / 10 * 7;
    if (size_ >= most) grow();
    place({hash, index});
    ++size_;
  }
  void erase(std::uint32_t hash, std::uint32_t index) {
    std::size_t at = home(hash);
    while (slots_[at].index != index) at = (at + 1) & mask_;
    // Backward shift: move up what probed past this place.
    for (std::size_t next = (at + 1) & mask_; slots_[next].index != kNone; next = (next + 1) & mask_) {
      const std::size_t distance = (next - home(slots_[next].hash)) & mask_;
      if (distance < ((next - at) & mask_)) continue;
      slots_[at] = slots_[next];
      at = next;
    }
    slots_[at].index = kNone;
    --size_;
    if (size_ == 0 && slots_.size() > 1024) std::vector<Entry>().swap(slots_);
  }
  void prefetch(std::uint32_t hash) const {
    if (!slots_.empty()) fetch_ahead(&slots_[home(hash)]);
  }
  // A guess without comparing keys, for prefetching what the slot leads to.
  std::uint32_t guess(std::uint32_t hash) const { return slots_.empty() ? kNone : slots_[home(hash)].index; }
  // A better one, when the slot is in the cache: the first with this hash.
  std::uint32_t probable(std::uint32_t hash) const {
    return find(hash, [](std::uint32_t) { return true; });
  }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    std::uint32_t hash;
    std::uint32_t index;
  };
  static constexpr std::size_t kSmall = 32 * 1024;
  std::size_t home(std::uint32_t hash) const { return (hash * 0x9E37'79B9'7F4A'7C15ULL >> 32) & mask_; }
  void place(Entry entry) {
    std::size_t at = home(entry.hash);
    while (slots_[at].index != kNone) at = (at + 1) & mask_;
    slots_[at] = entry;
  }
  void grow() {
    std::vector<Entry> old(slots_.empty() ? 8 : slots_.size() * 2, Entry{0, kNone});
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Entry& entry : old)
      if (entry.index != kNone) place(entry);
  }

  std::vector<Entry> slots_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace sequitur
