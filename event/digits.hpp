// Decimal digits eight at a time, in one 64-bit word, without a branch on how many there are: after Daniel Lemire, "Quickly
// parsing eight digits" (2018). Numbers in text differ in length from record to record, so a loop over their digits would
// cost a mispredicted branch each. tests/unit/event/digits_test.cpp compares with going byte by byte.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "event/characters.hpp"

namespace sequitur {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint64_t kPowersOfTen[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

inline std::uint64_t load_eight(const char* p) {
  std::uint64_t bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  return bytes;
}

// The first of `size` bytes, up to eight. What follows them is anything: bytes behind may be read up to `readable`.
[[gnu::always_inline]] inline std::uint64_t load_up_to_eight(const char* p, std::size_t size, const char* readable) {
  if (size >= 8 || readable - p >= 8) return load_eight(p);
  if (size >= 4) {
    std::uint32_t first, last;
    std::memcpy(&first, p, sizeof first);
    std::memcpy(&last, p + size - 4, sizeof last);
    return first | static_cast<std::uint64_t>(last) << (8 * (size - 4));
  }
  if (size == 0) return 0;
  const auto byte = [p](std::size_t at) { return static_cast<std::uint64_t>(static_cast<unsigned char>(p[at])) << (8 * at); };
  return byte(0) | byte(size / 2) | byte(size - 1);
}

// The first `size` of seven bytes at most; zeros behind them.
inline std::uint64_t first_bytes(std::uint64_t bytes, std::size_t size) { return bytes & ~(~std::uint64_t{0} << (8 * size)); }

inline constexpr std::uint64_t kEightZeros = 0x3030'3030'3030'3030;

// Bit 7 of each byte: it is no digit. Right up to the first that is none. `values`: the bytes less '0'.
inline std::uint64_t find_others(std::uint64_t values) { return (values | (values + 0x7676'7676'7676'7676)) & 0x8080'8080'8080'8080; }

// How many of the bytes, from the first, are digits.
inline unsigned count_digits(std::uint64_t eight) {
  const std::uint64_t others = find_others(eight ^ kEightZeros);
  return others == 0 ? 8 : static_cast<unsigned>(__builtin_ctzll(others)) / 8;
}

// The number that eight digits spell, less '0' each.
inline std::uint64_t sum_digits(std::uint64_t values) {
  std::uint64_t sums = values * 2561 >> 8;
  sums = (sums & 0x00FF'00FF'00FF'00FF) * 6'553'601 >> 16;
  return (sums & 0x0000'FFFF'0000'FFFF) * 42'949'672'960'001 >> 32;
}

// The number that the first `count` bytes spell, and whether they are digits: else it is anything.
struct SpelledNumber {
  std::uint64_t value;
  bool digits;
};
[[gnu::always_inline]] inline SpelledNumber read_number_of(std::uint64_t eight, std::size_t count) {
  // Zeros before the number fill the word. In two halves, as a word cannot be shifted by all its 64 bits.
  const std::size_t half_shift = 4 * (8 - count);
  const std::uint64_t values = (eight ^ kEightZeros) << half_shift << half_shift;
  return {sum_digits(values), find_others(values) == 0};
}

// Appends the digits that begin at p to `value`, at least one and at most eight for each of `most_words`; gives the place behind.
// Null if there is none. Eight bytes are read for each word.
[[gnu::always_inline]] inline const char* read_digits(const char* p, int most_words, std::uint64_t& value) {
  for (; most_words > 0; --most_words) {
    const std::uint64_t values = load_eight(p) ^ kEightZeros;
    const std::uint64_t others = find_others(values);
    if (others != 0) {
      const auto bit = static_cast<unsigned>(__builtin_ctzll(others));  // 7 behind the digits.
      if (bit < 8) return nullptr;
      value = value * kPowersOfTen[bit / 8] + sum_digits(values << (71 - bit));
      return p + bit / 8;
    }
    value = value * kPowersOfTen[8] + sum_digits(values);
    p += 8;
    if (!is_digit(*p)) break;
  }
  return p;
}

}  // namespace sequitur
