#include "nfa/subset_automaton.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "nfa/chain.hpp"

namespace sequitur::nfa {
namespace {

constexpr std::size_t kMaxSymbolBits = 8;
constexpr std::size_t kMaxSubsets = 256;

bool fits_the_class(const Automaton& automaton) {
  if (!automaton.forks || automaton.closes != Closing::kOnEvent || !automaton.closing.empty() || automaton.has_timeout ||
      automaton.has_break || !automaton.look_back.empty() || automaton.latest || automaton.contiguity || automaton.routed_apart ||
      automaton.on_match != dsl::OnMatch::kKeep || automaton.stages.front().optional)
    return false;
  if (!std::all_of(automaton.cancels.begin(), automaton.cancels.end(), is_event_only)) return false;
  return std::all_of(automaton.stages.begin(), automaton.stages.end(), [&](const StageCode& stage) {
    // A loop at the end that `until` closes would report on an event that it does not take.
    const bool may_be_last = stage.next_mandatory == static_cast<int>(automaton.stages.size());
    return !stage.test.run_part && !stage.until.run_part && (stage.until.bit == 0 || !may_be_last) && stage.gap_limit < 0 &&
           stage.limits.empty() && !stage.next && !stage.strict && stage.gap.no_next.empty() && stage.gap.silences.empty() &&
           std::all_of(stage.gap.guards.begin(), stage.gap.guards.end(), is_event_only);
  });
}

}  // namespace

// Follows branches as Shard::step_forks() does runs, for conditions that are bits.
class SubsetBuilder {
 public:
  explicit SubsetBuilder(const Automaton& automaton) : automaton_(automaton) {}

  std::unique_ptr<const SubsetAutomaton> build() {
    auto result = std::make_unique<SubsetAutomaton>();
    for (const StageCode& stage : automaton_.stages) {
      add_relevant(stage.test.bit);
      add_relevant(stage.until.bit);
      for (const GuardCode& guard : stage.gap.guards) add_relevant(guard.test.bit);
    }
    for (const GuardCode& cancel : automaton_.cancels) add_relevant(cancel.test.bit);
    if (relevant_.size() > kMaxSymbolBits) return nullptr;
    result->relevant_ = relevant_;
    // State 0 is the beginning.
    number_of({}, 0);
    for (std::size_t state = 0; state < sets_.size(); ++state) {
      if (sets_.size() > kMaxSubsets) return nullptr;
      for (std::uint32_t symbol = 0; symbol < 1u << relevant_.size(); ++symbol) {
        Bits bits = 0;
        for (std::size_t i = 0; i < relevant_.size(); ++i)
          if ((symbol >> i & 1) != 0) bits |= relevant_[i];
        result->moves_.push_back(state == 0 ? begin(bits) : move(sets_[state], bits));
      }
    }
    for (const std::uint16_t stage : stages_) result->stages_.push_back(stage);
    return result;
  }

 private:
  // A branch: a state of the automaton, and how many events its stage has taken, as far as that matters.
  struct Branch {
    std::uint16_t state = 0;
    std::uint32_t count = 0;
    auto operator<=>(const Branch&) const = default;
  };
  using Set = std::set<Branch>;
  struct Taken {
    Set live;
    bool match = false;
  };

  void add_relevant(Bits bit) {
    if (bit != 0 && std::find(relevant_.begin(), relevant_.end(), bit) == relevant_.end()) relevant_.push_back(bit);
  }

  std::int16_t number_of(const Set& set, std::uint16_t stage) {
    if (set.empty() && !sets_.empty()) return -1;
    const auto [known, is_new] = numbers_.try_emplace(set, static_cast<std::int16_t>(sets_.size()));
    if (is_new) {
      sets_.push_back(set);
      stages_.push_back(stage);
    }
    return known->second;
  }

  SubsetMove begin(Bits bits) {
    takes_.clear();
    const StageCode& first = automaton_.stages.front();
    if ((bits & first.test.bit) != 0 && (bits & first.until.bit) == 0) take({}, -1, 0);
    return finish({}, -1);
  }

  SubsetMove move(const Set& set, Bits bits) {
    takes_.clear();
    Set passed_over;
    passed_over_ = &passed_over;
    bits_ = bits;
    if ((bits & automaton_.cancel_bits) == 0)
      for (const Branch& branch : set) step(branch);
    const int stage = automaton_.states[set.begin()->state].stage;
    return finish(passed_over, stage);
  }

  SubsetMove finish(const Set& passed_over, int stage) {
    SubsetMove result;
    if (stage >= 0) result.passed_over = number_of(passed_over, static_cast<std::uint16_t>(stage));
    for (const auto& [taker, taken] : takes_) {
      const auto by = static_cast<std::uint16_t>(taker);
      result.takes.push_back({by, number_of(taken.live, by), taken.match});
    }
    return result;
  }

  const State& state_of(const Branch& branch) const { return automaton_.states[branch.state]; }
  const StageCode& code(int stage) const { return automaton_.stages[static_cast<std::size_t>(stage)]; }
  bool fits(int way) const { return (bits_ & code(way).test.bit) != 0 && (bits_ & code(way).until.bit) == 0; }

  int taker(const State& state) const {
    for (const int way : state.ways)
      if (fits(way)) return way;
    return -1;
  }

  bool breaks(const State& state, int taker) const {
    if (taker == state.stage) return false;
    const int last = taker > state.stage ? taker : state.watch_end;
    for (int gap = state.stage + 1; gap <= std::min(last, static_cast<int>(automaton_.stages.size()) - 1); ++gap)
      for (const GuardCode& guard : code(gap).gap.guards)
        if ((bits_ & guard.test.bit) != 0) return true;
    return false;
  }

  void take(const Branch& from, int current, int stage) {
    const std::uint32_t count = stage == current ? from.count + 1 : 1;
    const StageCode& its = code(stage);
    const Phase phase = count < its.min ? Phase::kFilling : count < its.max ? Phase::kOpen : Phase::kDone;
    const State& to = automaton_.state(stage, phase);
    // Above the minimum an unbounded loop does not count any more.
    const std::uint32_t counted = phase == Phase::kDone ? 0 : its.max == dsl::kUnbounded ? std::min(count, its.min) : count;
    Taken& taken = takes_[stage];
    taken.match = taken.match || to.reports;
    if (!to.ways.empty()) taken.live.insert({static_cast<std::uint16_t>(3 * stage + static_cast<int>(phase)), counted});
  }

  void pass_over_or_break(Branch branch) {
    const State& state = state_of(branch);
    if (breaks(state, -1)) return;
    if (state.phase != Phase::kDone && (bits_ & code(state.stage).until.bit) != 0) {
      if (state.phase == Phase::kFilling) return;
      branch = done(branch);
    }
    passed_over_->insert(branch);
  }

  Branch done(const Branch& branch) const {
    return {static_cast<std::uint16_t>(3 * state_of(branch).stage + static_cast<int>(Phase::kDone)), 0};
  }

  void step(const Branch& branch) {
    const State& state = state_of(branch);
    const StageCode& stage = code(state.stage);
    if (state.phase == Phase::kOpen && stage.every_length && fits(state.stage)) {
      take(branch, state.stage, state.stage);
      if (stage.skipping) pass_over_or_break(branch);
      const Branch left = done(branch);
      if (!stage.skipping || taker(state_of(left)) >= 0) step(left);
      return;
    }
    const int by = taker(state);
    if (by < 0) return pass_over_or_break(branch);
    if (by == state.stage) {
      if (stage.skipping) pass_over_or_break(branch);
    } else {
      const auto way = static_cast<std::size_t>(std::find(state.ways.begin(), state.ways.end(), by) - state.ways.begin());
      if (state.wait_to[way] != kNoState) pass_over_or_break({state.wait_to[way], 0});
      if (state.leave_to[way] != kNoState) step({state.leave_to[way], 0});
      if (breaks(state, by)) return;
    }
    take(branch, state.stage, by);
  }

  const Automaton& automaton_;
  std::vector<Bits> relevant_;
  std::map<Set, std::int16_t> numbers_;
  std::vector<Set> sets_;
  std::vector<std::uint16_t> stages_;
  Bits bits_ = 0;
  std::map<int, Taken> takes_;
  Set* passed_over_ = nullptr;
};

std::unique_ptr<const SubsetAutomaton> SubsetAutomaton::make(const Automaton& automaton) {
  return fits_the_class(automaton) ? SubsetBuilder(automaton).build() : nullptr;
}

}  // namespace sequitur::nfa
