#include <random>
#include <unordered_map>

#include <gtest/gtest.h>

#include <cstring>

#include "engine/key_hash.hpp"
#include "engine/key_runs.hpp"
#include "engine/pool.hpp"

namespace sequitur {
namespace {

TEST(KeyTable, AgreesWithAMapUnderRandomInsertsAndErases) {
  std::mt19937 random(3);
  KeyTable table;
  std::unordered_map<std::uint32_t, std::uint32_t> expected;  // index -> hash
  for (std::uint32_t step = 0; step < 50'000; ++step) {
    const auto index = static_cast<std::uint32_t>(random() % 3000);
    const std::uint32_t hash = index % 701 * 0x0101'0101u;  // Many indexes share a hash.
    const auto known = expected.find(index);
    const std::uint32_t found = table.find(hash, [&](std::uint32_t other) { return other == index; });
    ASSERT_EQ(found, known == expected.end() ? KeyTable::kNone : index);
    if (known == expected.end()) {
      table.insert(hash, index);
      expected.emplace(index, hash);
    } else if (random() % 2 == 0) {
      table.erase(hash, index);
      expected.erase(known);
    }
  }
}

TEST(KeyTable, AnEmptyTableHoldsNoMemory) {
  KeyTable table;
  for (std::uint32_t i = 0; i < 100'000; ++i) table.insert(i * 7919, i);
  for (std::uint32_t i = 0; i < 100'000; ++i) table.erase(i * 7919, i);
  EXPECT_EQ(table.memory_bytes(), 0u);
}

// The values of Kafka's own Utils.murmur2 test, so that shards can follow its partitions.
TEST(Murmur2, IsKafkas) {
  const auto hash = [](std::string_view text) { return static_cast<std::int32_t>(murmur2(text.data(), text.size())); };
  EXPECT_EQ(hash("21"), -973932308);
  EXPECT_EQ(hash("foobar"), -790332482);
  EXPECT_EQ(hash("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(hash("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(hash("abc"), 479470107);
}

TEST(Pool, ReusesPiecesAndCountsBytes) {
  Pool pool;
  void* first = pool.allocate(40);
  EXPECT_EQ(pool.bytes_in_use(), 40u);
  pool.deallocate(first, 40);
  EXPECT_EQ(pool.bytes_in_use(), 0u);
  EXPECT_EQ(pool.allocate(37), first);
  void* large = pool.allocate(100'000);
  EXPECT_EQ(pool.bytes_in_use(), 40u + 7 * 16'384);
  pool.deallocate(large, 100'000);
  EXPECT_EQ(pool.allocate(7 * 16'384), large);
  pool.deallocate(large, 7 * 16'384);
  EXPECT_EQ(pool.bytes_in_use(), 40u);
}

// Every size is given at least its bytes, and at most a quarter more.
TEST(Pool, RoundsLargePiecesUpALittle) {
  Pool pool;
  for (std::size_t size = 1'025; size < 5'000'000; size += size / 7 + 1) {
    void* piece = pool.allocate(size);
    EXPECT_GE(pool.bytes_in_use(), size);
    EXPECT_LE(pool.bytes_in_use(), size + size / 4);
    std::memset(piece, 1, size);
    pool.deallocate(piece, size);
    EXPECT_EQ(pool.bytes_in_use(), 0u);
  }
}

}  // namespace
}  // namespace sequitur
