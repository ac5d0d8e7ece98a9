// Ingest: one order out of several inputs that each may be out of order within their lateness.
//
// Each input has a watermark (engine/input_clock.hpp); an event earlier than that is late. It depends on the input alone,
// never on how fast others are read, so the same inputs give the same late events. An event is released when no input can
// still send one that belongs before it; the order is (time, input, position in the input).
//
// A late event has a place in this order too: at the watermark that it missed. There `late to` makes an event of the side
// stream of it, and there `late revise` hands it out, by release_late(): when all events before that watermark have been
// released, and none behind. So what a late event does never depends on how inputs are read or cut either.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/input_clock.hpp"
#include "sequitur/engine.hpp"
#include "sequitur/source.hpp"

namespace sequitur {

// A piece of an input with what was decoded from it; they live and die together.
struct DecodedBatch {
  std::size_t input = 0;
  RawBatch raw;
  EventBatch events;
  std::size_t unreleased = 0;  // Events that ingest still holds.
};

// The record behind a decoded event, to be set aside.
BadRecord record_of(const DecodedBatch& batch, std::size_t event, BadReason reason);

class Ingest {
 public:
  // `schemas`, which must outlive it, say what becomes of late events; streams beyond them drop theirs.
  explicit Ingest(const std::vector<InputTiming>& inputs, std::span<const StreamSchema> schemas = {});

  // Takes over the batch. Late events, but for those to be revised, are added to its `bad`, which the caller must write out
  // before the next call of release().
  void add(std::unique_ptr<DecodedBatch>& batch);
  void end(std::size_t input);
  // An idle input does not hold the others back; its next event may therefore be late.
  void set_idle(std::size_t input, bool idle);

  // The next events in order, at most `limit`; empty when everything else must wait. Valid until the next call of recycle().
  std::span<Event* const> release(std::size_t limit);
  // The late events to be revised that come next in the order, all up to the next event in time; empty when there are others
  // before, or when more of them may come.
  std::span<Event* const> release_late();
  // Of each event of the last release, its input.
  std::span<const std::uint32_t> released_inputs() const { return released_inputs_; }
  // No event earlier than this is to be revised any more.
  std::int64_t settled() const;
  // The input has nothing earlier, though no event says so (inputs by arrival).
  void reach(std::size_t input, std::int64_t watermark) { inputs_[input].clock.reach(watermark); }
  std::int64_t watermark() const;                               // Of all inputs together.
  std::uint64_t late_changes() const { return late_changes_; }  // Late events that were changes of tables, and dropped.
  void summarize(std::vector<InputSummary>& inputs) const;
  // A batch all of whose events have been released and evaluated, for reuse; null if there is none.
  std::unique_ptr<DecodedBatch> recycle();

  // The input that holds the watermark back: the one to read next. The number of inputs when all have ended.
  std::size_t slowest() const;
  bool active(std::size_t input) const { return !inputs_[input].ended; }
  std::size_t pending() const { return pending_.size() - released_; }

 private:
  struct InputState {
    InputClock clock;
    std::int64_t keep;
    std::int64_t floor = -kFarTime;  // Events before it are late whatever their input's watermark says: others went on while it was idle.
    bool ended = false;
    bool idle = false;
    std::uint64_t events = 0, late = 0, revised = 0, held_back = 0;
    std::int64_t greatest_lag = 0;
    std::int64_t watermark() const { return clock.watermark(); }
  };
  // Where late events of a stream go: a slot of the origin for each of the side stream, -1 for none.
  struct SideStream {
    const StreamSchema* schema = nullptr;
    std::vector<SlotIndex> slots;
  };
  struct Pending {
    std::int64_t time;
    std::uint32_t input;
    std::uint32_t batch;  // Index into batches_.
    Event* event;
    bool revise;  // It is late: `time` is that of the watermark.
    friend bool operator<(const Pending& a, const Pending& b) { return a.time != b.time ? a.time < b.time : a.input < b.input; }
  };

  // What no input can send anything before any more: up to this time, and at it up to this input.
  struct Horizon {
    std::int64_t time;
    std::size_t input;
    bool holds(const Pending& pending) const { return pending.time < time || (pending.time == time && pending.input <= input); }
  };

  bool append_in_order(const DecodedBatch& added, std::uint32_t place, InputState& input);
  void append_each(DecodedBatch& added, std::uint32_t place, InputState& input);
  Horizon horizon() const;
  bool releasable(const Pending& pending);
  std::span<Event* const> release(std::size_t limit, bool late);
  void hand_out(std::span<const Pending> released);
  void take_late(DecodedBatch& batch, std::size_t event, std::uint32_t place, InputState& input, std::int64_t watermark);
  void note_lags();
  std::uint32_t place(std::unique_ptr<DecodedBatch> batch);
  void merge(std::size_t sorted, bool in_order);

  std::vector<InputState> inputs_;
  std::span<const StreamSchema> schemas_;
  std::vector<SideStream> sides_;  // Index = StreamId.
  bool punctuated_ = false;        // Events of some stream say watermarks.
  std::vector<Pending> pending_;   // In order; the first released_ of them are gone.
  std::size_t released_ = 0;
  std::vector<std::unique_ptr<DecodedBatch>> batches_;
  std::vector<std::uint32_t> free_places_;
  std::vector<std::uint32_t> done_;
  std::vector<Event*> events_;
  std::vector<std::uint32_t> released_inputs_;
  std::uint64_t late_changes_ = 0;
};

}  // namespace sequitur
