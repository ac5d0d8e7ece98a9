// The values of a key that outlives its event: texts are copied, with their length in front as for long texts.
#pragma once

#include <cstring>
#include <span>

#include "engine/pool.hpp"
#include "nfa/automaton.hpp"

namespace sequitur {

inline void copy_key(Pool& pool, std::span<const nfa::KeyCode> parts, const Slot* from, Slot* to) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    to[i] = from[i];
    if (!has_bytes(parts[i].type)) continue;
    const std::string_view text = from[i].text();
    auto* memory = static_cast<char*>(pool.allocate(sizeof(std::uint64_t) + text.size()));
    const std::uint64_t length = text.size();
    std::memcpy(memory, &length, sizeof length);
    std::memcpy(memory + sizeof length, text.data(), text.size());
    to[i] = Slot::of_text(memory + sizeof length, text.size());
  }
}

inline void release_key(Pool& pool, std::span<const nfa::KeyCode> parts, const Slot* values) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!has_bytes(parts[i].type)) continue;
    const std::string_view text = values[i].text();
    pool.deallocate(const_cast<char*>(text.data()) - sizeof(std::uint64_t), sizeof(std::uint64_t) + text.size());
  }
}

}  // namespace sequitur
