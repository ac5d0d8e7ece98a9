// How many different values, about: HyperLogLog (Flajolet, Fusy, Gandouet, Meunier, 2007) with 2^11 registers, an error of
// 2.3 % (one standard deviation), below about 5,000 values less (linear counting). The estimate is a function of the
// registers alone, and these of the set of values: the order does not matter, and a window may keep its registers in
// whatever way it likes.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "sequitur/value.hpp"

namespace sequitur::nfa {

struct HyperLogLog {
  static constexpr int kRegisterBits = 11;
  static constexpr std::uint32_t kRegisters = 1u << kRegisterBits;
  static constexpr int kMaxRank = 64 - kRegisterBits + 1;
  using Histogram = std::array<std::uint16_t, kMaxRank + 1>;  // How many registers have each rank; an empty one has 0.

  static std::uint32_t register_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> (64 - kRegisterBits)); }
  // The place of the first 1 behind the register's bits, from 1.
  static std::uint8_t rank_of(std::uint64_t hash) {
    return static_cast<std::uint8_t>(std::countl_zero(hash << kRegisterBits | std::uint64_t{1} << (kRegisterBits - 1)) + 1);
  }

  static std::uint64_t mixed(std::uint64_t hash) {  // The finalizer of murmur3 (Austin Appleby).
    hash = (hash ^ (hash >> 33)) * 0xff51'afd7'ed55'8ccdULL;
    hash = (hash ^ (hash >> 33)) * 0xc4ce'b9fe'1a85'ec53ULL;
    return hash ^ (hash >> 33);
  }
  // Texts by FNV-1a, everything else by its bits (0.0 for both zeros); then mixed.
  static std::uint64_t hash_of(Slot value, Type type) {
    if (has_bytes(type)) {
      std::uint64_t hash = 0xcbf2'9ce4'8422'2325ULL;
      for (const char c : value.text()) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3ULL;
      return mixed(hash);
    }
    return mixed(type == Type::kFloat ? std::bit_cast<std::uint64_t>(value.f + 0.0) : value.bits);
  }

  static std::int64_t estimate(const Histogram& histogram) {
    constexpr double kCount = kRegisters;
    double sum = 0;
    for (std::size_t rank = 0; rank < histogram.size(); ++rank) sum += std::ldexp(histogram[rank], -static_cast<int>(rank));
    const double raw = 0.7213 / (1 + 1.079 / kCount) * kCount * kCount / sum;
    const bool few = raw <= 2.5 * kCount && histogram[0] > 0;
    return std::llround(few ? kCount * std::log(kCount / histogram[0]) : raw);
  }
};

}  // namespace sequitur::nfa
