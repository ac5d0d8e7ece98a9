// Fetching memory into the cache before it is needed.
#pragma once

namespace sequitur {

// The empty volatile asm is an effect that a compiler sees: else a function that does nothing but fetch is taken for one without
// effects, and its calls are dropped (GCC does).
inline void fetch_ahead(const void* memory) {
  __builtin_prefetch(memory);
  __asm__ volatile("");
}

}  // namespace sequitur
