#include "adapters/formats/byte_search.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sequitur {
namespace {

// Writes the places of the bits of `mask`, eight at a time whether they are there or not: that is faster than to ask.
inline std::size_t write_places(std::uint64_t mask, std::uint32_t base, std::uint32_t* places) {
  const int count = __builtin_popcountll(mask);
  for (int written = 0; written < count; written += 8) {
    for (int i = 0; i < 8; ++i) {
      places[written + i] = base + static_cast<std::uint32_t>(mask != 0 ? __builtin_ctzll(mask) : 0);
      mask &= mask - 1;
    }
  }
  return static_cast<std::size_t>(count);
}

std::size_t find_places_plain(const char* text, std::size_t from, std::size_t to, char a, char b, char c, std::uint32_t* places) {
  std::size_t found = 0;
  for (std::size_t i = from; i < to; ++i)
    if (text[i] == a || text[i] == b || text[i] == c) places[found++] = static_cast<std::uint32_t>(i);
  return found;
}

#if defined(__x86_64__)

inline std::uint64_t mask_of_16(__m128i bytes, __m128i a, __m128i b, __m128i c) {
  const __m128i hits = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, a), _mm_cmpeq_epi8(bytes, b)), _mm_cmpeq_epi8(bytes, c));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(hits));
}

std::size_t find_places_sse2(const char* text, std::size_t size, char a, char b, char c, std::uint32_t* places) {
  const __m128i va = _mm_set1_epi8(a);
  const __m128i vb = _mm_set1_epi8(b);
  const __m128i vc = _mm_set1_epi8(c);
  std::size_t found = 0;
  for (std::size_t i = 0; i < size; i += 64) {
    std::uint64_t mask = 0;
    for (unsigned part = 0; part < 4; ++part) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i + part * 16));
      mask |= mask_of_16(bytes, va, vb, vc) << (part * 16);
    }
    if (size - i < 64) mask &= (std::uint64_t{1} << (size - i)) - 1;
    found += write_places(mask, static_cast<std::uint32_t>(i), places + found);
  }
  return found;
}

__attribute__((target("avx2,bmi,popcnt"))) std::size_t find_places_avx2(const char* text, std::size_t size, char a, char b, char c,
                                                                        std::uint32_t* places) {
  const __m256i va = _mm256_set1_epi8(a);
  const __m256i vb = _mm256_set1_epi8(b);
  const __m256i vc = _mm256_set1_epi8(c);
  std::size_t found = 0;
  for (std::size_t i = 0; i < size; i += 64) {
    std::uint64_t mask = 0;
    for (unsigned part = 0; part < 2; ++part) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + i + part * 32));
      const __m256i hits =
          _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(bytes, va), _mm256_cmpeq_epi8(bytes, vb)), _mm256_cmpeq_epi8(bytes, vc));
      mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(hits))) << (part * 32);
    }
    if (size - i < 64) mask &= (std::uint64_t{1} << (size - i)) - 1;
    const int count = __builtin_popcountll(mask);
    for (int written = 0; written < count; written += 8) {
      for (int k = 0; k < 8; ++k) {
        places[found + static_cast<std::size_t>(written + k)] = static_cast<std::uint32_t>(i + _tzcnt_u64(mask));
        mask = _blsr_u64(mask);
      }
    }
    found += static_cast<std::size_t>(count);
  }
  return found;
}

#endif

}  // namespace

std::size_t find_places(const char* text, std::size_t size, std::size_t readable, char a, char b, char c, std::uint32_t* places) {
#if defined(__x86_64__)
  // Whole blocks by vectors, as far as memory may be read; the rest byte by byte.
  const std::size_t blocks = readable / 64 * 64;
  const std::size_t fast = size < blocks ? size : blocks;
  static const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
  const std::size_t found = has_avx2 ? find_places_avx2(text, fast, a, b, c, places) : find_places_sse2(text, fast, a, b, c, places);
  return found + find_places_plain(text, fast, size, a, b, c, places + found);
#else
  (void)readable;
  return find_places_plain(text, 0, size, a, b, c, places);
#endif
}

}  // namespace sequitur
