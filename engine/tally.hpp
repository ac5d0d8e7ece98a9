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

  constexpr Tally() = default;
  constexpr Tally(std::uint64_t number_or_cap, std::uint64_t its_remainder) : capped(number_or_cap), remainder(its_remainder) {}
  // Of a number below the modulus.
  explicit constexpr Tally(std::uint64_t number) : capped(number), remainder(number) {}
  static constexpr Tally of(Wide number) { return {number < kCap ? static_cast<std::uint64_t>(number) : kCap, by_modulus(number)}; }
  static constexpr Tally one() { return Tally(1); }
  bool fits() const { return capped < kCap; }

  Tally& operator+=(Tally other) {
    capped = other.capped < kCap - capped ? capped + other.capped : kCap;
    remainder += other.remainder;
    if (remainder >= kModulus) remainder -= kModulus;
    return *this;
  }
  friend Tally operator*(Tally a, Tally b) {
    const Wide product = static_cast<Wide>(a.capped) * b.capped;
    return {product < kCap ? static_cast<std::uint64_t>(product) : kCap, by_modulus(static_cast<Wide>(a.remainder) * b.remainder)};
  }

 private:
  // 2^61 is one more than the modulus, so what stands above 61 bits counts once more below.
  static constexpr std::uint64_t by_modulus(Wide number) {
    static_assert(kModulus == (std::uint64_t{1} << 61) - 1);
    number = (number & kModulus) + (number >> 61);
    number = (number & kModulus) + (number >> 61);
    const auto sum = static_cast<std::uint64_t>(number);
    return sum >= kModulus ? sum - kModulus : sum;
  }
};

}  // namespace sequitur
