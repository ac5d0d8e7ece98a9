// Random numbers that are the same on every machine: xoshiro256** seeded by splitmix64, integers only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace sequitur::cli {

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (auto& word : state_) word = split_mix(seed);
  }

  std::uint64_t next() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // 0 .. n-1; 0 for n == 0.
  std::uint64_t below(std::uint64_t n) {
    if (n <= 0xFFFF'FFFFULL) return ((next() >> 32) * n) >> 32;
    return next() % n;
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  // True in `part` of `whole` cases.
  bool chance(std::uint64_t part, std::uint64_t whole) { return below(whole) < part; }

  template <typename T, std::size_t N>
  const T& pick(const std::array<T, N>& values) {
    return values[below(N)];
  }

 private:
  static std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  static std::uint64_t split_mix(std::uint64_t& seed) {
    seed += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace sequitur::cli
