// Numbers of matches, which outgrow every machine word: below 2^63 the number itself; from there on it is known to be at
// least 2^63, and its remainder by a prime (dsl::kCountModulus, 2^61 - 1) tells numbers apart.
#pragma once

#include <cstdint>

#include "dsl/checked_rule.hpp"

namespace sequitur {

struct Tally {
  static constexpr std::uint64_t kCap = std::uint64_t{1} << 63;
  static constexpr std::uint64_t kModulus = static_cast<std::uint64_t>(dsl::kCountModulus);
  __extension__ using Wide = unsigned __int128;

  std::uint64_t capped = 0;     // The number, or kCap if it is as great or greater.
  std::uint64_t remainder = 0;  // Of the number by kModulus.

  static constexpr Tally one() { return {1, 1}; }
  bool fits() const { return capped < kCap; }

  Tally& operator+=(Tally other) {
    capped = other.capped < kCap - capped ? capped + other.capped : kCap;
    remainder += other.remainder;
    if (remainder >= kModulus) remainder -= kModulus;
    return *this;
  }
  friend Tally operator*(Tally a, Tally b) {
    const Wide product = static_cast<Wide>(a.capped) * b.capped;
    return {product < kCap ? static_cast<std::uint64_t>(product) : kCap,
            static_cast<std::uint64_t>(static_cast<Wide>(a.remainder) * b.remainder % kModulus)};
  }
};

}  // namespace sequitur
