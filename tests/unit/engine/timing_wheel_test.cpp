#include "engine/timing_wheel.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace sequitur {
namespace {

std::vector<Moment> fired(TimingWheel& wheel, Moment limit) {
  std::vector<Moment> result;
  wheel.advance(limit, [&](const TimingWheel::Entry& entry) { result.push_back(entry.when); });
  std::sort(result.begin(), result.end());
  return result;
}

TEST(TimingWheel, FiresWhatIsDueBeforeTheLimitAndNothingElse) {
  TimingWheel wheel;
  for (const Moment when : {10, 20, 21, 5000, 1 << 20}) wheel.insert({when, 0, 0});
  EXPECT_EQ(fired(wheel, 10), std::vector<Moment>{});
  EXPECT_EQ(fired(wheel, 21), (std::vector<Moment>{10, 20}));
  EXPECT_EQ(fired(wheel, 6000), (std::vector<Moment>{21, 5000}));
  EXPECT_EQ(wheel.size(), 1u);
  EXPECT_EQ(fired(wheel, kNever), (std::vector<Moment>{1 << 20}));
  EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimingWheel, TakesEntriesWhileItFires) {
  TimingWheel wheel;
  wheel.insert({100, 0, 0});
  std::vector<Moment> seen;
  wheel.advance(1'000'000, [&](const TimingWheel::Entry& entry) {
    seen.push_back(entry.when);
    if (seen.size() < 5) wheel.insert({entry.when + 100'000, 0, 0});
    if (seen.size() == 5) wheel.insert({entry.when + 1, 0, 0});
  });
  EXPECT_EQ(seen, (std::vector<Moment>{100, 100'100, 200'100, 300'100, 400'100, 400'101}));
}

TEST(TimingWheel, TakesEntriesOfThePast) {
  TimingWheel wheel;
  wheel.insert({moment(1'000'000'000, MomentPhase::kLimit), 0, 0});
  fired(wheel, moment(2'000'000'000, MomentPhase::kEvent));
  wheel.insert({moment(5, MomentPhase::kLimit), 0, 0});
  EXPECT_EQ(fired(wheel, moment(2'000'000'000, MomentPhase::kEvent)), std::vector<Moment>{moment(5, MomentPhase::kLimit)});
}

TEST(TimingWheel, CoversAllOfTime) {
  TimingWheel wheel;
  const std::vector<Moment> times = {moment(-kFarTime, MomentPhase::kSilence), moment(-1, MomentPhase::kGap),
                                     moment(0, MomentPhase::kEvent), moment(1'700'000'000'000'000, MomentPhase::kLimit),
                                     moment(kFarTime - 1, MomentPhase::kLimit)};
  for (const Moment when : times) wheel.insert({when, 0, 0});
  EXPECT_EQ(fired(wheel, kNever), times);
}

TEST(TimingWheel, AgreesWithASortedList) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    TimingWheel wheel;
    std::vector<Moment> waiting;
    Moment now = moment(1'600'000'000'000'000, MomentPhase::kEvent);
    const auto spread = Moment{1} << (random() % 45);
    for (int i = 0; i < 200; ++i) {
      if (random() % 3 != 0) {
        const Moment when = now + static_cast<Moment>(random() % static_cast<std::uint64_t>(spread + 1));
        wheel.insert({when, static_cast<std::uint32_t>(i), 0});
        waiting.push_back(when);
        continue;
      }
      now += static_cast<Moment>(random() % static_cast<std::uint64_t>(spread + 1));
      std::vector<Moment> expected;
      std::erase_if(waiting, [&](Moment when) {
        if (when >= now) return false;
        expected.push_back(when);
        return true;
      });
      std::sort(expected.begin(), expected.end());
      ASSERT_EQ(fired(wheel, now), expected);
      ASSERT_EQ(wheel.size(), waiting.size());
    }
  }
}

}  // namespace
}  // namespace sequitur
