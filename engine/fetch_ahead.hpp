// Fetching memory into the cache before it is needed.
#pragma once

namespace sequitur {

// The empty volatile asm is an effect that a compiler sees: else a function that does nothing but fetch is taken for one without
// effects, and its calls are dropped (GCC does).
inline void fetch_ahead(const void* memory) {
  __builtin_prefetch(memory);
  __asm__ volatile("");
}

// Two lines of it: an event, or the beginning of a list, is seldom longer.
inline void fetch_two_lines(const void* memory) {
  fetch_ahead(memory);
  fetch_ahead(static_cast<const char*>(memory) + 64);
}

}  // namespace sequitur
