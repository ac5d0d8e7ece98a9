// Decimal digits eight at a time, in one 64-bit word, without a branch on how many there are: after Daniel Lemire, "Quickly
// parsing eight digits" (2018). Numbers in text differ in length from record to record, so a loop over their digits would
// cost a mispredicted branch each. tests/unit/event/digits_test.cpp compares with going byte by byte.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sequitur {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint64_t kPowersOfTen[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

inline std::uint64_t load_eight(const char* p) {
  std::uint64_t bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  return bytes;
}

// The first of `size` bytes, up to eight; zeros behind them. Reads no byte beyond.
inline std::uint64_t load_up_to_eight(const char* p, std::size_t size) {
  if (size >= 8) return load_eight(p);
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

// How many of the bytes, from the first, are digits.
inline unsigned count_digits(std::uint64_t eight) {
  const std::uint64_t digits = eight ^ 0x3030'3030'3030'3030;
  const std::uint64_t others = (digits | (digits + 0x7676'7676'7676'7676)) & 0x8080'8080'8080'8080;
  return others == 0 ? 8 : static_cast<unsigned>(__builtin_ctzll(others)) / 8;
}

// The number that the first `count` bytes, all digits, spell; 0 if there are none.
inline std::uint64_t value_of_digits(std::uint64_t eight, unsigned count) {
  const unsigned half_shift = 4 * (8 - count);  // Twice: a word is never shifted by all its 64 bits.
  std::uint64_t digits = (eight ^ 0x3030'3030'3030'3030) << half_shift << half_shift;
  digits = digits * 2561 >> 8;
  digits = (digits & 0x00FF'00FF'00FF'00FF) * 6'553'601 >> 16;
  return (digits & 0x0000'FFFF'0000'FFFF) * 42'949'672'960'001 >> 32;
}

}  // namespace sequitur
