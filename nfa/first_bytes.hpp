// What tells most texts apart without a loop over their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sequitur::nfa {

inline std::uint64_t two_bytes(const char* data) {
  std::uint16_t bytes = 0;
  std::memcpy(&bytes, data, sizeof bytes);
  return bytes;
}

// The bytes of a text of 2 to 8: no branch depends on how many, since names and kinds of all lengths come mixed.
inline std::uint64_t few_bytes(const char* data, std::size_t size) {
  const std::size_t second = size >= 4 ? 2 : 0;
  return two_bytes(data) | two_bytes(data + second) << 16 | two_bytes(data + size - 2 - second) << 32 | two_bytes(data + size - 2) << 48;
}

// The first bytes of a text, in a way that tells texts of the same length up to 8 apart.
inline std::uint64_t first_bytes(const char* data, std::size_t size) {
  if (size > 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, data, sizeof bytes);
    return bytes;
  }
  if (size >= 2) return few_bytes(data, size);
  return size == 0 ? 0 : static_cast<unsigned char>(data[0]);
}

struct TextEnds {
  std::uint64_t first = 0;  // first_bytes()
  std::uint64_t last = 0;   // The last 8 of more than 8.
};
inline TextEnds ends_of(std::string_view text) {
  const bool more = text.size() > 8;
  return {first_bytes(text.data(), text.size()), more ? first_bytes(text.data() + text.size() - 8, 8) : 0};
}

}  // namespace sequitur::nfa
