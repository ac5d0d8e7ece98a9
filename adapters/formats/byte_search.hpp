// Finding special bytes 16 or more at a time.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sequitur {

// The first quote, backslash or control character at or behind p. There must be one, and 15 bytes behind it may be read.
inline const char* find_json_special(const char* p) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i slash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1F);
  for (;; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)),
                                         _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (mask != 0) return p + __builtin_ctz(mask);
  }
#else
  while (*p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
  return p;
#endif
}

// The places of three bytes in a stretch of text, in order; found 64 bytes at a time. `places` has room for one place a byte
// and 8 more. Gives how many were found. The text is `size` bytes, of which 64 at a time are read: up to `readable`.
std::size_t find_places(const char* text, std::size_t size, std::size_t readable, char a, char b, char c, std::uint32_t* places);

}  // namespace sequitur
