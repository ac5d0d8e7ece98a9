// Told what becomes of the runs of a rule and what the results of its window are, for `sequitur explain`. An engine without one
// spends a branch on it where runs end, and for a result of a window; nothing else for an event.
#pragma once

#include <cstdint>
#include <span>

#include "nfa/expression.hpp"

namespace sequitur {

class RunObserver {
 public:
  enum class End : std::uint8_t {
    kMatched,      // Reported.
    kPartOfMatch,  // Complete, or on its way, but its events belong to a match that was reported, or `on match` passed it over.
    kBroken,       // By a guard or `cancel`: `guard`, `event`.
    kTimedOut,     // At `time`: the last instant at which it could still go on.
    kNoWay,        // `event` left no way to go on (next, strict, until), a newer run replaced it, or (no event) a gap closed it too early.
    kLive,         // It still waits at the end of the input.
  };
  struct Fate {
    std::uint32_t rule = 0;
    const Slot* key = nullptr;                 // Its parts.
    std::span<const nfa::StageEvents> stages;  // What it had taken.
    int stage = 0;                             // The latest step that took something.
    End end = End::kLive;
    std::int64_t time = 0;
    const Event* event = nullptr;
    int guard = -1;
  };

  // Of a window.
  struct WindowResult {
    std::uint32_t rule = 0;
    const Slot* key = nullptr;
    std::int64_t time = 0;
    const Event* event = nullptr;        // Null pointer: it is of an instant.
    const Slot* values = nullptr;        // Of the aggregates that `when` looks at: what Op::kValue numbers.
    nfa::AsOf as_of;                     // Of what `when` looks up, if it does.
    bool holds = false;                  // `when`.
    bool emits = false, clears = false;  // What it reports.
  };

  virtual ~RunObserver() = default;
  // From the thread that evaluates: only engines with one thread take an observer. What `fate` refers to lives during the call.
  virtual void ended(const Fate& fate) = 0;
  virtual void result(const WindowResult&) {}

  // For look-ups as of any place: rows keep all their versions for an observer.
  virtual void see(nfa::TableView) {}
  // Behind evaluating them: events from outside, with the place of the first; each of the others has the next one.
  virtual void evaluated(std::span<Event* const>, std::uint64_t) {}
  // Which places the numbers behind `from` stand for, in rules of a generation above 0; in others the number is the place.
  virtual void numbered(std::uint32_t, std::uint64_t, std::span<const std::uint64_t>) {}
};

}  // namespace sequitur
