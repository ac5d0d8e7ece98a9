// Stacks and ChainCounter against chains that are listed one by one, and against binomial coefficients where they are too
// many for that.
#include "engine/stacks.hpp"

#include <gtest/gtest.h>

#include <random>

#include "engine/chain_counter.hpp"
#include "engine/kept_event.hpp"
#include "engine/state_bytes.hpp"

namespace sequitur {
namespace {

struct Seen {
  std::int64_t time;
  std::uint64_t fits;    // Bit j: step j.
  std::uint64_t closes;  // Bit j: a guard, what waits behind step j is followed no more.
};

// The chains that the last event completes, in the order of alerts.
class Listed {
 public:
  Listed(const std::vector<Seen>& events, std::uint32_t steps, std::int64_t within) : events_(events), steps_(steps), within_(within) {}
  std::vector<std::vector<std::size_t>> all() {
    chain_.clear();
    result_.clear();
    extend(0);
    return result_;
  }

 private:
  void extend(std::size_t from) {
    const std::size_t last = events_.size() - 1;
    if (chain_.size() + 1 == steps_) {
      if ((events_[last].fits >> (steps_ - 1) & 1) == 0 || broken(chain_.back(), last, steps_ - 2)) return;
      if (events_[last].time - events_[chain_[0]].time <= within_) result_.push_back(chain_);
      return;
    }
    for (std::size_t next = from; next < last; ++next) {
      if ((events_[next].fits >> chain_.size() & 1) == 0) continue;
      if (!chain_.empty() && broken(chain_.back(), next, chain_.size() - 1)) continue;
      chain_.push_back(next);
      extend(next + 1);
      chain_.pop_back();
    }
  }
  bool broken(std::size_t taken, std::size_t by, std::size_t step) const {
    for (std::size_t at = taken + 1; at <= by; ++at)
      if ((events_[at].closes >> step & 1) != 0) return true;
    return false;
  }
  const std::vector<Seen>& events_;
  std::uint32_t steps_;
  std::int64_t within_;
  std::vector<std::size_t> chain_;
  std::vector<std::vector<std::size_t>> result_;
};

class StacksTest : public testing::Test {
 protected:
  const Event* kept(const Seen& seen, std::size_t number) {
    Event event{};
    event.time = seen.time;
    event.sequence = number;
    return keep(pool_, event, shape_);
  }
  // As Shard does for a rule in which every later step is `each`. Returns what the event can complete.
  Stacks::Range feed(Stacks& stacks, const Seen& seen, std::size_t number, std::uint32_t steps, std::int64_t within) {
    stacks.drop_starts_at_before(seen.time - within);
    Stacks::Range completing;
    for (std::uint32_t step = steps - 1; step > 0; --step) {
      if ((seen.closes >> (step - 1) & 1) != 0) stacks.close(step - 1);
      if ((seen.fits >> step & 1) == 0) continue;
      const Stacks::Range range = stacks.open(step - 1);
      if (step == steps - 1)
        completing = range;
      else if (!range.empty())
        stacks.push(step, kept(seen, number), range);
    }
    if ((seen.fits & 1) != 0) stacks.push(0, kept(seen, number), {});
    return completing;
  }

  Pool pool_;
  EventShape shape_{StreamSchema{}};
};

TEST_F(StacksTest, AgreesWithListing) {
  std::mt19937_64 random(1);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  for (int round = 0; round < 400; ++round) {
    const auto steps = static_cast<std::uint32_t>(2 + below(4));
    const auto within = static_cast<std::int64_t>(1 + below(12));
    const bool guards = below(2) == 0;
    Stacks stacks(pool_, steps - 1);
    ChainCounter counter(steps - 1);
    std::vector<Seen> events;
    std::int64_t time = 0;
    for (std::size_t number = 0; number < 30; ++number) {
      time += static_cast<std::int64_t>(below(3));
      const std::uint64_t all = (std::uint64_t{1} << steps) - 1;
      events.push_back({time, random() & random() & all, guards && below(3) == 0 ? random() & (all >> 1) : 0});
      const Seen& seen = events.back();
      const auto expected = Listed(events, steps, within).all();
      counter.drop_before(seen.time - within);
      const Tally counted = counter.complete();
      if (!guards && (seen.fits >> (steps - 1) & 1) != 0) {
        ASSERT_EQ(counted.capped, expected.size()) << "round " << round << " event " << number;
        ASSERT_EQ(counted.remainder, expected.size());
        const std::size_t first = expected.empty() || counter.empty() ? 0 : counter.first_sequence();
        ASSERT_EQ(first, expected.empty() ? first : expected.front().front());
      }
      if (const std::uint64_t useful = seen.fits & (all >> 1) & counter.useful(); useful != 0) counter.add(seen.time, number, useful, true);

      const Stacks::Range range = feed(stacks, seen, number, steps, within);
      std::vector<std::vector<std::size_t>> walked;
      std::vector<const Event*> path(steps);
      const auto stop_at = static_cast<std::size_t>(below(2) == 0 ? below(expected.size() + 1) + 1 : expected.size() + 1);
      stacks.walk(range, path, [&](const std::vector<const Event*>& chain) {
        auto& numbers = walked.emplace_back();
        for (std::size_t i = 0; i + 1 < steps; ++i) numbers.push_back(chain[i]->sequence);
        return walked.size() == stop_at ? Stacks::Next::kStop : Stacks::Next::kNextMatch;
      });
      const auto shown = std::vector(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(std::min(stop_at, expected.size())));
      ASSERT_EQ(walked, shown) << "round " << round << " event " << number;
      ASSERT_EQ(stacks.count(range).capped, expected.size()) << "round " << round << " event " << number;
    }
    stacks.drop_starts_at_before(time + 100);
    EXPECT_EQ(stacks.size(), 0u);
  }
  EXPECT_EQ(pool_.bytes_in_use(), 0u);
}

// Where every event fits every step, the last of n events completes as many chains as there are ways to choose the others.
TEST_F(StacksTest, CountsBeyondSixtyThreeBits) {
  constexpr std::uint32_t kSteps = 20;
  constexpr std::size_t kWindow = 400;
  std::vector<std::vector<Tally>> choose(kWindow + 1, std::vector<Tally>(kSteps));
  for (std::size_t n = 0; n <= kWindow; ++n) {
    choose[n][0] = Tally::one();
    for (std::uint32_t k = 1; n > 0 && k < kSteps; ++k) {
      choose[n][k] = choose[n - 1][k - 1];
      choose[n][k] += choose[n - 1][k];
    }
  }
  EXPECT_FALSE(choose[kWindow][kSteps - 1].fits());
  Stacks stacks(pool_, kSteps - 1);
  ChainCounter counter(kSteps - 1);
  bool exact = false;
  for (std::size_t number = 0; number < 3 * kWindow; ++number) {
    const Seen seen{static_cast<std::int64_t>(number), (std::uint64_t{1} << kSteps) - 1, 0};
    counter.drop_before(seen.time - static_cast<std::int64_t>(kWindow));
    const Tally counted = counter.complete();
    counter.add(seen.time, number, seen.fits >> 1 & counter.useful(), true);
    const Stacks::Range range = feed(stacks, seen, number, kSteps, kWindow);
    const Tally expected = choose[std::min(number, kWindow)][kSteps - 1];
    ASSERT_EQ(counted.capped, expected.capped) << number;
    ASSERT_EQ(counted.remainder, expected.remainder) << number;
    exact = exact || (expected.fits() && expected.capped > Tally::kModulus);
    if (number % 100 != 0) continue;
    const Tally summed = stacks.count(range);
    ASSERT_EQ(summed.capped, expected.capped) << number;
    ASSERT_EQ(summed.remainder, expected.remainder) << number;
  }
  EXPECT_TRUE(exact);  // Numbers between the modulus and 2^63 were among them.
}

// The bytes of a state say which steps an event fits: of steps that there are.
TEST(ChainCounterTest, RefusesStepsThatAreNotThere) {
  const std::vector<StreamSchema> schemas;
  for (const std::uint64_t fits : {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1} << 3 | 1, std::uint64_t{1} << 63 | 1}) {
    StateWriter out(schemas);
    out.number(1);
    out.signed_number(5);
    out.number(7);
    out.number(fits);
    const std::string bytes = out.finish();
    StateReader in(bytes, schemas);
    ChainCounter counter(3);  // Steps 0 to 2, and the one that completes.
    counter.load(in, true);
    EXPECT_EQ(in.failed(), fits > 3) << fits;
  }
}

// A window's worth of events costs memory for the window only.
TEST_F(StacksTest, MemoryGoesWithTheWindow) {
  Stacks stacks(pool_, 3);
  ChainCounter counter(3);
  for (std::size_t number = 0; number < 20'000; ++number) {
    const Seen seen{static_cast<std::int64_t>(number), std::uint64_t{1} << (number % 3), 0};
    feed(stacks, seen, number, 4, 100);
    counter.drop_before(seen.time - 100);
    if ((seen.fits & counter.useful()) != 0) counter.add(seen.time, number, seen.fits, true);
    ASSERT_LE(stacks.size(), 102u);
    ASSERT_LE(counter.size(), 102u);
  }
  EXPECT_LT(counter.memory_bytes(), 64'000u);
  EXPECT_LT(pool_.bytes_in_use(), 64'000u);
}

}  // namespace
}  // namespace sequitur
