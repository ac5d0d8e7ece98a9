// All partial matches of one key under a rule whose steps take one event each and may fork (`each`): not one by one, but as
// one stack of events for each step except the last.
//
// An event that fits a step lies once in the step's stack, together with which stretch of the stack before it may follow:
// from what is no longer closed to what came before it. Any chain of such links is a partial match, so there may be very many
// of them, and none is ever built before the last step's event comes. This is the SASE engine's active instance stack (Wu,
// Diao, Rizvi, SIGMOD 2006) with stretches instead of single pointers.
//
// - Forking costs nothing: an event stays in its stack and may be followed again.
// - `then`, a guard, `at most` close a stretch: what lies in it is followed no more.
// - `within` takes starts away at the bottom, and with them whatever only they lead to.
// - The chains behind an event are walked from the first step on, which is the order of alerts. Where nothing but `within`
//   ends runs, no turn leads astray, so a match costs its own length; where stretches were closed, an event that leads nowhere
//   is tried once for each completing event, and marked for good when nothing can come of it any more.
// - They are counted without being walked: once over the stacks, summing up stretches.
//
// The differential test holds this against the reference and against stepping every run by itself.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/chain_report.hpp"
#include "engine/pool.hpp"
#include "engine/tally.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

class StateReader;
class StateWriter;

class Stacks {
 public:
  // A stretch of a stack. Places are counted from the beginning of time and wrap around.
  struct Range {
    std::uint32_t from = 0, below = 0;
    bool empty() const { return from == below; }
  };
  // What follows a match.
  enum class Next : std::uint8_t { kNextMatch, kNextStart, kEndStart, kStop };

  // Where events go that are let go of while there are reports: these refer to them.
  struct Leaving {
    const std::size_t& reports;
    std::vector<const Event*>& events;
  };

  explicit Stacks(Pool& pool, std::uint32_t steps, const Leaving* leaving = nullptr) : pool_(pool), leaving_(leaving), stacks_(steps) {}
  ~Stacks();
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;

  bool empty() const { return stacks_.front().begin == stacks_.front().end; }
  std::size_t size() const { return size_; }
  std::size_t starts() const { return stacks_.front().size(); }
  // Whether drop_starts_at_before() would do anything.
  bool has_starts_before(std::int64_t time) const {
    const Stack& starts = stacks_.front();
    if (starts.begin == starts.end) return false;
    const Node& oldest = starts.at(starts.begin);
    return oldest.time < time || oldest.dead == kForever;
  }
  std::int64_t oldest_start() const { return stacks_.front().at(stacks_.front().begin).time; }

  // The events of step `step` that the next one may follow now.
  Range open(std::uint32_t step) const { return {stacks_[step].closed, stacks_[step].end}; }
  // The event of step `step`, behind any of `range` of the step before. Takes over one reference to the event. Of one event
  // the highest step comes first, so that it does not follow itself.
  void push(std::uint32_t step, const Event* event, Range range);

  // Nothing follows any more the events of a step: any of them; those before `time`.
  void close(std::uint32_t step) {
    ++state_;
    stacks_[step].closed = stacks_[step].end;
  }
  void close_before(std::uint32_t step, std::int64_t time);
  // Starts end, and what only they lead to.
  void drop_starts_at_before(std::int64_t time);
  void drop_starts_before(std::uint64_t sequence);
  void clear();

  // Calls report(path) for the chains that end in `last` of the last stack, in the order of alerts; their events are path[0] ..
  template <typename Report>
  void walk(Range last, std::vector<const Event*>& path, const Report& report);
  void save(StateWriter& out) const;
  // Into nothing. `adopt` gives the shard's own copy of an event, with a reference for it here, or null: then loading fails.
  void load(StateReader& in, const std::function<const Event*(std::uint32_t step, const Event*)>& adopt);

  // The same chains as a graph, which outlives what becomes of the stacks, as long as its events do (see Leaving). `id_of(step,
  // event)` is asked once for each event of a stack. False: there are none.
  template <typename IdOf>
  bool gather(Range last, ChainReport& report, const IdOf& id_of);

  // How many there are; with only_start: of those that begin with this event.
  Tally count(Range last, const Event* only_start = nullptr);

 private:
  struct Node {
    const Event* event;
    std::int64_t time;          // Its.
    std::uint32_t from, below;  // Stretch of the stack before.
    std::uint32_t above;        // Of the stack behind: what lies before it cannot follow.
    std::uint32_t dead;         // No chain leads on from it: kForever, or while walk number `dead` goes on.
    AlertId id{};               // See gather(). Zero: not asked for yet.
  };
  static constexpr std::uint32_t kForever = 0xFFFF'FFFF;

  struct Stack {  // A ring.
    Node* nodes = nullptr;
    std::uint32_t capacity = 0;  // A power of two, or 0.
    std::uint32_t begin = 0, end = 0;
    std::uint32_t closed = 0;  // What lies before it is followed no more. begin .. end.
    std::uint32_t size() const { return end - begin; }
    Node& at(std::uint32_t place) { return nodes[place & (capacity - 1)]; }
    const Node& at(std::uint32_t place) const { return nodes[place & (capacity - 1)]; }
  };

  static bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }
  static std::uint32_t later(std::uint32_t a, std::uint32_t b) { return before(a, b) ? b : a; }

  void pop(Stack& stack);
  void grow(Stack& stack);
  void drop_unreachable();
  bool find_cuts(Range last);

  struct Found {
    bool any = false;      // A chain.
    bool forever = false;  // None, and there never will be one.
  };
  template <typename Report>
  Found descend(std::uint32_t step, std::uint32_t place, std::vector<const Event*>& path, const Report& report);

  Pool& pool_;
  const Leaving* leaving_;
  std::vector<Stack> stacks_;
  std::size_t size_ = 0;
  std::uint64_t state_ = 0;  // Counts changes.

  // Of the walk that goes on.
  std::uint32_t walk_ = 0;
  std::vector<std::uint32_t> cuts_;  // By step: from here on nothing leads to the completing event.
  Range last_;
  Next next_ = Next::kNextMatch;
  struct Sum {
    Tally::Wide capped = 0;
    std::uint64_t remainder = 0;
  };
  std::vector<Sum> sums_, sums_before_;        // Of count(): of all nodes up to each.
  std::vector<Range> ranges_, ranges_before_;  // Of gather().
};

template <typename Report>
Stacks::Found Stacks::descend(std::uint32_t step, std::uint32_t place, std::vector<const Event*>& path, const Report& report) {
  Node& node = stacks_[step].at(place);
  path[step] = node.event;
  const bool closed = before(place, stacks_[step].closed);
  if (step + 1 == stacks_.size()) {
    next_ = report(path);
    return {true, false};
  }
  const Stack& behind = stacks_[step + 1];
  const bool behind_is_last = step + 2 == stacks_.size();
  Found found{false, closed};
  std::uint32_t at = later(node.above, behind.begin);
  for (; before(at, cuts_[step + 1]); ++at) {
    Node& follower = stacks_[step + 1].at(at);
    if (before(place, follower.from)) return found;  // Closed before this one came, and before all others.
    if (follower.dead == kForever) continue;
    if (follower.dead == walk_) {
      found.forever = false;
      continue;
    }
    if (behind_is_last && before(at, last_.from)) continue;  // Closed: it cannot be completed any more.
    const Found below = descend(step + 1, at, path, report);
    found.any = found.any || below.any;
    found.forever = found.forever && below.forever;
    if (next_ != Next::kNextMatch) return {true, false};
    if (!below.any) follower.dead = below.forever ? kForever : walk_;
  }
  // Followers behind the cut may still come to something.
  if (before(at, behind.end) && !before(place, behind.at(at).from)) found.forever = false;
  return found;
}

template <typename Report>
void Stacks::walk(Range last, std::vector<const Event*>& path, const Report& report) {
  if (!find_cuts(last)) return;
  Stack& starts = stacks_.front();
  for (std::uint32_t place = starts.begin; before(place, cuts_[0]); ++place) {
    Node& start = starts.at(place);
    if (start.dead == kForever) continue;
    if (stacks_.size() == 1 && before(place, last.from)) continue;
    next_ = Next::kNextMatch;
    const Found found = descend(0, place, path, report);
    if (next_ == Next::kStop) return;
    if (next_ == Next::kEndStart) start.dead = kForever;
    if (!found.any && found.forever) start.dead = kForever;
  }
}

template <typename IdOf>
bool Stacks::gather(Range last, ChainReport& report, const IdOf& id_of) {
  if (!find_cuts(last)) return false;
  report.layers.resize(stacks_.size());
  report.stacks = this;
  report.state_of_stacks = state_;
  bool one_time = false;                 // Two events of one step have it.
  Range stretch{last.from, last.below};  // In which events may be followed at all.
  std::vector<Range>& behind = ranges_;  // Of each event of the layer behind: the stretch that may come before it.
  for (std::size_t step = stacks_.size(); step-- > 0;) {
    Stack& stack = stacks_[step];
    std::vector<ChainReport::Node>& layer = report.layers[step];
    layer.clear();
    ranges_before_.clear();
    std::int64_t time = 0;             // Of the event before.
    std::uint32_t first = 0, end = 0;  // Of the layer behind. Its stretches neither begin nor end earlier than those before them.
    for (std::uint32_t place = later(stretch.from, stack.begin); before(place, cuts_[step]); ++place) {
      if (step + 1 < stacks_.size()) {
        while (first < behind.size() && !before(place, behind[first].below)) ++first;
        end = std::max(end, first);
        while (end < behind.size() && !before(place, behind[end].from)) ++end;
        if (first == end) continue;
      }
      Node& node = stack.at(place);
      if (same_id(node.id, {})) node.id = id_of(static_cast<std::uint32_t>(step), *node.event);
      one_time = one_time || (!layer.empty() && node.time == time);
      time = node.time;
      layer.push_back({node.event, node.id, first, end, 0, 1, false, false});
      ranges_before_.push_back({node.from, node.below});
    }
    if (layer.empty()) return false;
    stretch.from = ranges_before_.front().from;
    if (step > 0) stretch.from = later(stretch.from, stacks_[step - 1].begin);
    ranges_.swap(ranges_before_);
  }
  report.has_twins = report.has_ragged = false;
  if (one_time) report.find_twins();
  return true;
}

}  // namespace sequitur
