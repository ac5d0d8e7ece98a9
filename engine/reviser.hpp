// `late revise`: what alerts would say if late events had come in time.
//
// Idea: the last events are kept in their order, cut into segments; each segment begins with the evaluator's state at that
// place, as bytes. A late event is put where it belongs, the evaluator goes back to the state before it, and the events
// behind are evaluated again. The alerts of both times are compared by id: what came again the same says nothing; what came
// again otherwise is issued again with a higher revision, what is new is issued, and what did not come is withdrawn.
// So after each revision the alerts that stand are those of the events in order. (Jefferson's Time Warp, 1985: roll back to
// a saved state, replay, cancel what was sent.)
//
// Cost: without late events a copy of each event, a hash of each alert, and one snapshot a segment. Segments are as long
// as a snapshot is large, and are merged as they grow old (sizes double), so there are few, and a revision replays
// little more than what lies behind the late event. Memory: the events of `keep` and some more. tests/differential and
// tests/unit/engine/reviser_test.cpp cover it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/evaluator.hpp"
#include "engine/kept_event.hpp"
#include "engine/moment.hpp"

namespace sequitur {

class Reviser {
 public:
  using Deliver = std::function<void(std::span<const Alert>)>;

  // The evaluator must not have seen anything yet. `batch_events`: evaluated together when events are replayed.
  Reviser(const RuleSet& rules, Evaluator& evaluator, std::uint32_t batch_events, std::uint64_t max_events, Deliver deliver);

  // Events in order, with their inputs.
  void evaluate(std::span<Event* const> events, std::span<const std::uint32_t> inputs);
  // Late events: each belongs before the last one that was evaluated. Returns how many were too late even for this.
  std::size_t revise(std::span<Event* const> events, std::span<const std::uint32_t> inputs);
  // No event in time is earlier than this, though none may have come that is as late: deadlines before it pass.
  void advance(std::int64_t watermark);
  // No event earlier than this is to be revised any more.
  void settle(std::int64_t time);
  void finish();

  std::uint64_t withdrawn() const { return withdrawn_; }
  std::uint64_t reissued() const { return reissued_; }
  std::uint64_t kept_events() const { return kept_events_; }
  std::size_t segments() const { return segments_.size(); }

 private:
  using Id = std::array<std::uint64_t, 2>;
  struct Place {  // In the order of events, as far as events of the past can be told apart by it.
    std::int64_t time;
    std::uint32_t input;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Kept {
    Place place;
    Event* event;
  };
  struct Issued {
    Id id;
    Id says;      // A hash of what it says beyond its id.
    Alert alert;  // Without evidence; in the segment's memory.
  };
  struct Segment {
    Place begins;                // The last event before it.
    std::string state;           // Of the evaluator there.
    std::vector<Arena> memory;   // Of the events,
    std::vector<Arena> alerts;   // and of what was issued.
    std::vector<Kept> events;    // In order.
    std::vector<Issued> issued;  // In order.
  };
  using Known = boost::unordered_flat_map<std::uint64_t, std::pair<const Issued*, bool>>;  // By half an id; whether it came again.

  void begin_segment(Place place);
  std::string save();
  void keep(Segment& segment, const Event& event, std::uint32_t input, bool late);
  static const Issued* find(Known& before, const Alert& alert);
  void issue(std::span<const Alert> alerts, Known* before);
  Issued remember(const Alert& alert, const Id& says);
  void replay(std::size_t from, Known& before);
  void catch_up(Known* before);
  void withdraw(std::span<const std::vector<Issued>> before, const Known& known);
  void merge_old();
  void drop_oldest();

  const RuleSet& rules_;
  Evaluator& evaluator_;
  const std::uint32_t batch_events_;
  const std::uint64_t max_events_;
  const Deliver deliver_;
  std::vector<EventShape> shapes_;
  std::deque<Segment> segments_;  // Never empty.
  std::size_t issuing_ = 0;       // The segment whose events are being evaluated.
  std::size_t segment_events_;    // When to begin the next one.
  std::uint64_t kept_events_ = 0;
  std::int64_t advanced_ = -kFarTime;  // The greatest watermark of advance().
  struct Withdrawn {
    std::uint32_t revision;
    std::int64_t time;
  };
  boost::unordered_flat_map<std::uint64_t, Withdrawn> withdrawn_alerts_;  // Which may come again, by half an id.
  std::vector<Event*> batch_;
  std::vector<Alert> out_;
  std::uint64_t withdrawn_ = 0, reissued_ = 0;
};

}  // namespace sequitur
