// In the steady state no shipped rule allocates: the events of each rule's own tests, so that it matches, times out and breaks, are
// played again and again, each time so much later that everything is forgotten. Once the engine has what a round needs, a further
// round allocates nothing.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include "cli/test_events.hpp"
#include "dsl/diagnostic_text.hpp"
#include "engine/rule_set_impl.hpp"
#include "sequitur/rule_files.hpp"

namespace {

std::atomic<std::uint64_t> allocations{0};
std::atomic<std::int64_t> live_bytes{0};

void* counted_or_null(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory != nullptr) live_bytes += static_cast<std::int64_t>(malloc_usable_size(memory));
  return memory;
}

void* counted(std::size_t size) {
  void* memory = counted_or_null(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (memory != nullptr) live_bytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

// All that C++ code of this program allocates goes through here.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(size); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }

namespace sequitur::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> rule_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(SEQUITUR_RULES_DIR))
    if (entry.path().extension() == ".seq" && entry.path().parent_path().filename() != "streams") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

void shift(std::span<Event* const> events, const RuleSet& rules, Duration by) {
  for (Event* event : events) {
    event->time += by.count();
    const StreamSchema& schema = rules.schemas()[event->stream];
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
      Slot& slot = event->slot(static_cast<SlotIndex>(i));
      if (schema.fields[i].type == Type::kTime && !slot.is_null(Type::kTime)) slot.i += by.count();
    }
  }
}

std::string name_of(const std::string& file) {
  return fs::path(file).parent_path().filename().string() + "_" + fs::path(file).stem().string();
}

class SteadyStateTest : public testing::TestWithParam<std::string> {};

TEST_P(SteadyStateTest, AllocatesNothing) {
  const std::vector<std::string> paths{GetParam()};
  const auto files = read_rule_files(paths, {.tests = true});
  ASSERT_TRUE(files.ok()) << files.error().message;
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load(*files, diagnostics);
  ASSERT_TRUE(rules) << dsl::diagnostics_text(diagnostics, *files);
  std::uint64_t alerts = 0;
  Engine engine(rules, {}, [&](std::span<const Alert> given) { alerts += given.size(); });
  Arena arena;
  std::vector<std::vector<Event*>> tests;
  for (const dsl::Test& test : rules->impl().files.tests) tests.push_back(make_events(test, *rules, arena));
  ASSERT_FALSE(tests.empty());

  constexpr Duration kBetween = std::chrono::hours(24 * 400);
  const auto play = [&](int rounds) {
    for (int round = 0; round < rounds; ++round)
      for (const std::vector<Event*>& events : tests) {
        for (Event* const event : events) engine.push(*event);
        // The next test begins after this one, and this one's next round after all of the others.
        for (const std::vector<Event*>& each : tests) shift(each, *rules, kBetween);
      }
  };
  play(40);
  const std::uint64_t alerts_before = alerts, before = allocations;
  play(3);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GT(alerts - alerts_before, 0u);
}

// Keys that come and are never seen again leave nothing behind (bench/memory_bench.cpp plays this for ten minutes).
TEST(FlatMemoryTest, RotatingKeysLeaveNothing) {
  const std::vector<SourceFile> files{{"rotating.seq", R"(
    stream a time ts us { ts: time, key: int }
    stream b time ts us { ts: time, key: int }
    stream c time ts us { ts: time, key: int }
    rule seq3 { key key  within 1m  first p: a  then q: b  then r: c  emit hit(key) }
    rule silent { key key  first p: a  no c for 10s  emit missing(key) }
    rule many { key key  within 1m  first p: a{3..} gap 5s  emit burst(key, n = count(p)) }
    rule often { key key  window 20s sliding  over p: a  when count(p) > 4  emit often(key) }
  )"}};
  std::vector<Diagnostic> diagnostics;
  const auto rules = RuleSet::load(files, diagnostics);
  ASSERT_TRUE(rules) << dsl::diagnostics_text(diagnostics, files);
  std::uint64_t alerts = 0;
  Engine engine(rules, {}, [&](std::span<const Alert> given) { alerts += given.size(); });
  Arena arena;
  const StreamSchema* const schemas[] = {rules->find_stream("a"), rules->find_stream("b"), rules->find_stream("c")};
  std::int64_t i = 0;
  // A hundred events a second, ten for each key within about ten seconds. Returns the most memory that there was.
  const auto play = [&](std::int64_t events) {
    std::int64_t most = 0;
    for (const std::int64_t end = i + events; i < end; ++i) {
      arena.clear();
      Event& event = make_event(arena, *schemas[i % 5 < 3 ? 0 : i % 5 - 2], Timestamp{Duration{i * 10'000}});
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = Slot::of_int(i / 10 + i * 7919 % 100);
      engine.push(event);
      most = std::max<std::int64_t>(most, live_bytes);
    }
    return most;
  };
  play(50'000);
  const std::int64_t before = play(50'000);
  const std::int64_t after = play(100'000);
  // Memory of runs and keys is used again, its largest pieces last: a little more now and then is no leak, 16 bytes a key would be.
  EXPECT_LE(after, before + before / 20);
  EXPECT_GT(alerts, 10'000u);
}

INSTANTIATE_TEST_SUITE_P(Rules, SteadyStateTest, testing::ValuesIn(rule_files()), [](const auto& file) { return name_of(file.param); });

}  // namespace
}  // namespace sequitur::cli
