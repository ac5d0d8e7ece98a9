// Ingest: one order out of several inputs that each may be out of order within their lateness.
//
// An input's watermark is its greatest event time minus its lateness; an event earlier than that is late. It depends on
// the input alone, never on how fast others are read, so the same inputs give the same late events. An event is released
// when no input can still send one that belongs before it; the order is (time, input, position in the input).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

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
  // `late_to`, by StreamId: the name under which late events of the stream are set aside; may be shorter or empty.
  explicit Ingest(std::vector<Duration> lateness, std::vector<std::string_view> late_to = {});

  // Takes over the batch. Its late events are added to its `bad`, which the caller must write out before the next call of release().
  void add(std::unique_ptr<DecodedBatch>& batch);
  void end(std::size_t input);
  // An idle input does not hold the others back; its next event may therefore be late.
  void set_idle(std::size_t input, bool idle);

  // The next events in order, at most `limit`; empty when everything else must wait. Valid until the next call of recycle().
  std::span<Event* const> release(std::size_t limit);
  // A batch all of whose events have been released and evaluated, for reuse; null if there is none.
  std::unique_ptr<DecodedBatch> recycle();

  // The input that holds the watermark back: the one to read next. The number of inputs when all have ended.
  std::size_t slowest() const;
  bool active(std::size_t input) const { return !inputs_[input].ended; }
  std::size_t pending() const { return pending_.size() - released_; }

 private:
  struct InputState {
    std::int64_t lateness;
    std::int64_t greatest;  // Event time.
    std::int64_t floor;     // Events before it are late whatever their input's watermark says: others went on while it was idle.
    bool ended = false;
    bool idle = false;
    std::int64_t watermark() const { return greatest - lateness; }
  };
  struct Pending {
    std::int64_t time;
    std::uint32_t input;
    std::uint32_t batch;  // Index into batches_.
    Event* event;
    friend bool operator<(const Pending& a, const Pending& b) { return a.time != b.time ? a.time < b.time : a.input < b.input; }
  };

  bool releasable(const Pending& pending) const;
  std::uint32_t place(std::unique_ptr<DecodedBatch> batch);
  void merge(std::size_t sorted);

  std::vector<InputState> inputs_;
  std::vector<std::string_view> late_to_;
  std::vector<Pending> pending_;  // In order; the first released_ of them are gone.
  std::size_t released_ = 0;
  std::vector<std::unique_ptr<DecodedBatch>> batches_;
  std::vector<std::uint32_t> free_places_;
  std::vector<std::uint32_t> done_;
  std::vector<Event*> events_;
};

}  // namespace sequitur
