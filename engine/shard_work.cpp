// The loop over a shard's work, and what is fetched into the cache ahead of it. What a piece of work will touch is fetched in steps,
// each of which needs the one before: the place in the table, the key, its list of runs, the runs. The steps go block by block,
// each a block behind the one before.
#include <algorithm>

#include "engine/fetch_ahead.hpp"
#include "engine/shard.hpp"
#include "engine/shard_cohorts.hpp"

namespace sequitur {
namespace {

constexpr std::uint32_t kKeysAtHand = 128;     // So few are in the cache anyway,
constexpr std::uint32_t kTableAtHand = 1'024;  // and the table of so many.
constexpr std::uint32_t kRunsFetched = 6;
constexpr std::ptrdiff_t kBlock = 8;
constexpr std::ptrdiff_t kTables = 3 * kBlock, kKeys = 2 * kBlock, kLists = kBlock, kRuns = 0;

}  // namespace

inline void Shard::prefetch_key(const Work& work, Guess& guess) {
  guess.index = states_[work.rule]->table.probable(work.hash);
  guess.key = nullptr;
  if (guess.index == KeyTable::kNone) return;
  guess.key = &keys_[guess.index];
  fetch_ahead(guess.key);
}

void Shard::prefetch_runs(const KeyRuns& key) const {
  const RuleState& rule = *states_[key.rule];
  if (rule.cohorts) {
    prefetch_oldest(key);
  } else if (rule.shared == nfa::Strategy::kDag) {
    if (key.dag != nullptr) key.dag->prefetch();
  } else if (rule.shared == nfa::Strategy::kRuns && key.is_list()) {
    for (std::uint32_t run = 0; run < std::min(key.run_count, kRunsFetched); ++run) fetch_ahead(key.runs()[run]);
  }
}

// For the block at `at` to be at hand: the steps of the blocks behind it. `at` is negative before the first one.
void Shard::prefetch(std::span<const Work> work, std::ptrdiff_t at) {
  const auto block = [&](std::ptrdiff_t ahead, auto fetch) {
    const std::ptrdiff_t end = std::min(at + ahead + kBlock, static_cast<std::ptrdiff_t>(work.size()));
    for (std::ptrdiff_t i = std::max(at + ahead, std::ptrdiff_t{0}); i < end; ++i) fetch(work[static_cast<std::size_t>(i)], guess_of(i));
  };
  if (keys_.size() > kTableAtHand) block(kTables, [&](const Work& one, const Guess&) { states_[one.rule]->table.prefetch(one.hash); });
  block(kKeys, [&](const Work& one, Guess& guess) { prefetch_key(one, guess); });
  block(kLists, [&](const Work&, const Guess& guess) {
    if (guess.key != nullptr && guess.key->one != nullptr) fetch_two_lines(guess.key->one);
  });
  if (keys_.size() <= kTableAtHand) return;
  block(kRuns, [&](const Work&, const Guess& guess) {
    if (guess.key != nullptr) prefetch_runs(*guess.key);
  });
}

// Returns how many pieces of work it has done, at least the first: those that are run by cohorts go together.
inline std::size_t Shard::process_some(std::span<const Work> work, const Guess* guesses, std::int64_t past_begins) {
  RuleState& rule = *states_[work.front().rule];
  if (rule.cohorts) return process_cohorts(work, guesses);
  if (rule.shared == nfa::Strategy::kCounts)
    process_counted(work.front(), rule);
  else if (rule.shared != nfa::Strategy::kRuns)
    process_shared(work.front());
  else
    process_one(work.front(), past_begins);
  return 1;
}

void Shard::process(std::span<const Work> work, std::int64_t past_begins) {
  static constexpr Guess kNoGuesses[kBlock] = {};
  static_assert(kGuesses % kBlock == 0 && kGuesses >= kTables + kBlock);
  scratch_.clear();
  const bool far = keys_.size() > kKeysAtHand || windows_ != nullptr;
  const auto size = static_cast<std::ptrdiff_t>(work.size());
  for (std::ptrdiff_t at = far ? -kTables : 0; at < size; at += kBlock) {
    if (far) prefetch(work, at);
    if (at < 0) continue;
    const auto end = static_cast<std::size_t>(std::min(at + kBlock, size));
    auto i = static_cast<std::size_t>(at);
    if (windows_)
      for (std::size_t ahead = i; ahead < end; ++ahead) windows_->prefetch(work, ahead);
    const Guess* guesses = far ? &guess_of(at) : kNoGuesses;  // Those of a block stand in a row.
    for (const auto begin = i; i < end;) i += process_some(work.subspan(i, end - i), guesses + (i - begin), past_begins);
  }
  if (kept_event_ != nullptr) release(pool_, kept_event_);
  kept_event_ = nullptr;
  kept_sequence_ = ~std::uint64_t{0};
}

}  // namespace sequitur
