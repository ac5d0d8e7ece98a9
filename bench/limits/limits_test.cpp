// Each program by hand against the plainest one: runs in lists, every rule tried on every event.
#include "limits/limits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <set>

#include "limits/workload.hpp"

namespace sequitur::limits {
namespace {

using Runs = std::map<std::uint64_t, std::deque<std::pair<std::uint32_t, int>>>;  // Of each key: start and step of its runs.

// a, then b, then c within ten minutes; a completing event ends all runs that it completes.
std::uint64_t count_sequences(Runs& runs, std::span<const Record> records, std::uint32_t shift) {
  std::uint64_t matches = 0;
  for (const Record& record : records) {
    if (record.type > 2) continue;
    auto& mine = runs[record.key];
    const std::uint32_t now = record.time + shift;
    std::erase_if(mine, [&](const auto& run) { return now - run.first > kSequenceWindow; });
    if (record.type == 0) mine.push_back({now, 0});
    if (record.type == 1)
      for (auto& run : mine) run.second = 1;
    if (record.type == 2 && std::erase_if(mine, [](const auto& run) { return run.second == 1; }) > 0) ++matches;
  }
  return matches;
}

// Many keys and far apart in time, so that windows pass.
std::vector<Record> sparse(const Mix& mix, std::uint32_t stretch) {
  std::vector<Record> records = make_records(mix);
  for (Record& record : records) record.time = kFirstTime + (record.time - kFirstTime) * stretch;
  return records;
}

TEST(Sequence, CountsWhatRunsInListsCount) {
  for (const std::uint64_t keys : {1, 50, 300'000}) {
    for (const std::uint32_t stretch : {1u, 10'000u, 60'000u}) {
      const auto records = sparse({.count = 20'000, .keys = keys}, stretch);
      Sequence sequence(keys);
      Runs runs;
      const std::uint32_t span = 20'000 * stretch;
      for (const std::uint32_t shift : {0u, span})
        EXPECT_EQ(sequence.run(records, shift), count_sequences(runs, records, shift)) << keys << " keys, stretch " << stretch;
    }
  }
}

TEST(Sequence, PassesOverOtherTypes) {
  for (const std::uint64_t keys : {1, 50, 300'000}) {
    const auto records = sparse({.count = 20'001, .keys = keys, .weights = std::vector<std::uint32_t>(16, 1)}, 5'000);
    Sequence sequence(keys);
    Runs runs;
    EXPECT_EQ(sequence.run_filtered(records, 0), count_sequences(runs, records, 0)) << keys;
  }
}

TEST(Sequence, ReadsText) {
  for (const std::uint64_t keys : {1, 50, 300'000}) {
    const auto records = sparse({.count = 20'000, .keys = keys}, 9'000);
    Runs runs;
    const std::uint64_t expected = count_sequences(runs, records, 0);
    Sequence by_ndjson(keys);
    std::string text = make_ndjson(records);
    text.reserve(text.size() + kTextPadding);
    EXPECT_EQ(by_ndjson.run_ndjson(text), expected) << keys;
    Sequence by_csv(keys);
    text = make_csv(records);
    text.reserve(text.size() + kTextPadding);
    EXPECT_EQ(by_csv.run_csv(text), expected) << keys;
  }
}

TEST(Absence, CountsWhatSearchingCounts) {
  for (const std::uint64_t keys : {100, 500, 2000}) {
    const auto records = sparse({.count = 5'000, .keys = keys, .weights = {1, 1}}, 100);
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (records[i].type != 0 || records.back().time - records[i].time < Absence::kSilence) continue;
      bool silent = true;
      for (std::size_t j = i + 1; j < records.size() && records[j].time - records[i].time < Absence::kSilence; ++j)
        silent = silent && !(records[j].key == records[i].key && records[j].type == 1);
      expected += silent ? 1 : 0;
    }
    EXPECT_GT(expected, 0u);
    Absence absence(keys);
    EXPECT_EQ(absence.run(records, 0), expected) << keys;
  }
}

TEST(Failures, CountsWhatRunsInListsCount) {
  for (const std::uint64_t keys : {1, 30, 2000}) {
    for (const std::uint32_t stretch : {1u, 3'000u, 100'000u}) {
      const auto records = sparse({.count = 20'000, .keys = keys, .weights = {16, 3, 1}}, stretch);
      std::map<std::uint64_t, std::deque<std::uint32_t>> failures;
      std::uint64_t expected = 0;
      for (const Record& record : records) {
        auto& mine = failures[record.key];
        while (!mine.empty() && record.time - mine.front() > Failures::kWindow) mine.pop_front();
        if (record.type == 0) mine.push_back(record.time);
        if (record.type == 2) mine.clear();
        if (record.type == 1 && mine.size() >= 5) {
          ++expected;
          mine.clear();
        }
      }
      Failures detector(keys);
      EXPECT_EQ(detector.run(records, 0), expected) << keys << " keys, stretch " << stretch;
    }
  }
}

TEST(Loops, CountsWhatRunsInListsCount) {
  using Run = std::pair<std::uint32_t, std::uint32_t>;  // Where it began, and how many b's it has.
  for (const std::uint64_t keys : {1, 30, 200}) {
    for (const std::uint32_t stretch : {300u, 2'000u}) {
      const auto records = sparse({.count = 20'000, .keys = keys, .weights = {1, 3, 1}}, stretch);
      std::map<std::uint64_t, std::vector<Run>> runs;
      std::uint64_t expected = 0, lengths = 0;
      for (const Record& record : records) {
        auto& mine = runs[record.key];
        std::erase_if(mine, [&](const Run& run) { return record.time - run.first > Loops::kWindow; });
        if (record.type == 0) mine.emplace_back(record.time, 0);
        if (record.type == 1)
          for (Run& run : mine) ++run.second;
        if (record.type != 2) continue;
        for (const Run& run : mine) {
          expected += run.second;
          lengths += run.second * (run.second + 1) / 2;
        }
        std::erase_if(mine, [](const Run& run) { return run.second > 0; });
      }
      EXPECT_GT(expected, 0u);
      Loops loops(keys);
      EXPECT_EQ(loops.run(records, 0), expected) << keys << " keys, stretch " << stretch;
      std::uint64_t found = 0;
      for (const auto& match : loops.matches()) found += match.length;
      EXPECT_EQ(found, lengths);
    }
  }
}

TEST(Awaited, CountsWhatRunsInListsCount) {
  for (const std::uint64_t values : {10, 1000, 100'000}) {
    const auto records = make_records({.count = 20'000, .weights = {1, 1}, .step = 5, .values = values});
    std::deque<const Record*> runs;
    std::uint64_t expected = 0;
    for (const Record& record : records) {
      while (!runs.empty() && record.time - runs.front()->time > Awaited::kWindow) runs.pop_front();
      if (record.type == 0)
        runs.push_back(&record);
      else
        expected += std::erase_if(runs, [&](const Record* run) { return run->rest[0] == record.rest[0]; }) > 0 ? 1 : 0;
    }
    EXPECT_GT(expected, 0u);
    EXPECT_EQ(Awaited(values).run(records, 0), expected) << values;
  }
}

TEST(Workload, SkewsKeysAsAsked) {
  const auto share_of_first = [](const Mix& mix) {
    const auto records = make_records(mix);
    const auto first = std::count_if(records.begin(), records.end(), [](const Record& record) { return record.key == 0; });
    return static_cast<double>(first) / static_cast<double>(records.size());
  };
  EXPECT_NEAR(share_of_first({.count = 20'000, .keys = 10'000, .hot = 0.5}), 0.5, 0.02);
  double weights = 0;
  for (int key = 1; key <= 1000; ++key) weights += std::pow(key, -1.2);
  EXPECT_NEAR(share_of_first({.count = 20'000, .keys = 1000, .zipf = 1.2}), 1 / weights, 0.02);
}

TEST(Literals, FindsWhatFindFinds) {
  auto literals = make_literals(50);
  literals.push_back("a.b*c|d");
  auto texts = make_texts(3'000, literals, 3);
  texts[10] = "a.b*c|d and again a.b*c|d " + literals[0];
  texts[11].clear();
  texts[12] = literals[1];
  texts[13] = literals[2] + literals[2];
  texts.back() = literals[3];
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<Literals::Hit> expected;
  for (std::uint32_t text = 0; text < texts.size(); ++text)
    for (std::uint32_t literal = 0; literal < literals.size(); ++literal)
      if (texts[text].find(literals[literal]) != std::string::npos) expected.push_back({text, literal});
  const auto sorted = [](std::vector<Literals::Hit> hits) {
    std::sort(hits.begin(), hits.end(),
              [](const auto& a, const auto& b) { return std::tie(a.text, a.literal) < std::tie(b.text, b.literal); });
    return hits;
  };
  Literals scanner(literals);
  std::vector<Literals::Hit> hits;
  scanner.scan_each(views, hits);
  EXPECT_EQ(sorted(hits), expected);
  for (int round = 0; round < 2; ++round) {
    scanner.scan_batched(views, hits);
    EXPECT_EQ(sorted(hits), expected);
  }
}

TEST(Trades, CountsWhatTryingEveryChoiceCounts) {
  constexpr std::uint32_t kWindow = 40;
  std::vector<Trade> trades;
  for (const Record& record : make_records({.count = 300, .weights = {1, 1, 1, 2}}))
    trades.push_back({record.time - kFirstTime + 5, record.type});
  std::uint64_t matches = 0, completing = 0;
  for (std::size_t c = 0; c < trades.size(); ++c) {
    const std::uint64_t before = matches;
    for (std::size_t b = 0; b < c; ++b)
      for (std::size_t a = 0; a < b; ++a)
        matches += trades[a].kind == 0 && trades[b].kind == 1 && trades[c].kind == 2 && trades[c].time - trades[a].time <= kWindow ? 1 : 0;
    completing += matches > before ? 1 : 0;
  }
  EXPECT_GT(completing, 10u);
  EXPECT_EQ(Trades({0, 1, 2}, kWindow).walk(trades, 0), matches);
  EXPECT_EQ(Trades({0, 1, 2}, kWindow).walk(trades, 1'000'000), matches);
  EXPECT_EQ(Trades({0, 1, 2}, kWindow).detect(trades, 0), completing);
}

TEST(Patterns, CountsTextsByPattern) {
  const std::vector<std::string_view> texts = {"One two", "two TWO", "", "three"};
  EXPECT_EQ(Patterns({"^one", "two", "two$", "th.*e$", "two"}).scan(texts), 1u + 2 + 2 + 1 + 2);
}

TEST(ManySequences, CountsWhatOneSequenceARuleCounts) {
  constexpr std::size_t kRules = 7, kStreams = 3, kKeys = 4;
  const auto records = make_records({.count = 20'000, .keys = kKeys, .weights = std::vector<std::uint32_t>(kStreams, 1), .values = 80});
  std::uint64_t expected = 0;
  for (std::size_t rule = 0; rule < kRules; ++rule) {
    std::vector<Record> mine;
    for (Record record : records)
      for (std::uint32_t step = 0; step < 3; ++step) {
        const std::size_t number = rule * 3 + step;
        if (record.type != number % kStreams || record.rest[0] != number / kStreams * ManySequences::kValueStep) continue;
        mine.push_back(record);
        mine.back().type = step;
      }
    expected += Sequence(kKeys).run(mine, 0);
  }
  EXPECT_GT(expected, 100u);
  EXPECT_EQ(ManySequences(kRules, kStreams, kKeys).run(records, 0), expected);
}

TEST(Thresholds, FindsWhatTryingEveryRuleFinds) {
  const Payments work = make_payments(1000, 2'000, 0.24);
  std::vector<std::uint32_t> hits;
  const std::uint64_t count = Thresholds(work.rules).run(work.payments, hits);
  EXPECT_EQ(count, hits.size());
  EXPECT_NEAR(static_cast<double>(count) / 2'000, 0.24, 0.06);
  std::vector<std::uint32_t> expected;
  for (const Payment& payment : work.payments) {
    const std::size_t begin = expected.size();
    for (std::uint32_t i = 0; i < work.rules.size(); ++i)
      if (payment.amount > work.rules[i].threshold && payment.country == work.rules[i].country) expected.push_back(i);
    const std::size_t found = expected.size() - begin;
    ASSERT_LE(begin + found, hits.size());
    std::sort(hits.begin() + static_cast<std::ptrdiff_t>(begin), hits.begin() + static_cast<std::ptrdiff_t>(begin + found));
  }
  EXPECT_EQ(hits, expected);
}

TEST(HandOver, HandsOverEverything) {
  for (const std::size_t count : {0, 1, 255, 256, 100'000}) {
    const auto records = make_records({.count = count, .keys = 1000});
    std::uint64_t expected = 0;
    for (const Record& record : records) expected += record.key;
    EXPECT_EQ(hand_over(records, 256), expected) << count;
  }
}

}  // namespace
}  // namespace sequitur::limits
