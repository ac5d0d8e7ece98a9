// The key of an event: its values, their hash, their comparison.
//
// The hash is murmur2 (Austin Appleby) with Kafka's seed, over the bytes of a key of one text, so that a shard can be a
// set of Kafka partitions; other keys are hashed over their slots, texts over length and bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "nfa/automaton.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

inline constexpr std::uint32_t kMurmurSeed = 0x9747'b28c;

inline std::uint32_t murmur2(const char* data, std::size_t size, std::uint32_t seed = kMurmurSeed) {
  constexpr std::uint32_t m = 0x5bd1'e995;
  std::uint32_t h = seed ^ static_cast<std::uint32_t>(size);
  const auto* at = reinterpret_cast<const unsigned char*>(data);
  for (; size >= 4; size -= 4, at += 4) {
    std::uint32_t k;
    std::memcpy(&k, at, 4);
    k *= m;
    k ^= k >> 24;
    k *= m;
    h = (h * m) ^ k;
  }
  switch (size) {
    case 3: h ^= static_cast<std::uint32_t>(at[2]) << 16; [[fallthrough]];
    case 2: h ^= static_cast<std::uint32_t>(at[1]) << 8; [[fallthrough]];
    case 1: h = (h ^ at[0]) * m; break;
    default: break;
  }
  h ^= h >> 13;
  h *= m;
  return h ^ (h >> 15);
}

// A key of one field that neither has bytes nor is a float: its slot is the key. The usual shortcut.
// Keys fall into so many buckets by their hash, and a shard has whole buckets, however many shards there are: what is bounded by bucket
// does not depend on the number of threads.
inline constexpr std::uint32_t kKeyBuckets = 1024;
inline std::uint32_t key_bucket(std::uint32_t hash) { return hash % kKeyBuckets; }

inline bool is_plain(std::span<const nfa::KeyCode> key) {
  return key.size() == 1 && !has_bytes(key[0].type) && key[0].type != Type::kFloat;
}

// The hash of a plain key: the finalizer of murmur3 (Austin Appleby).
inline std::uint32_t hash_plain(Slot value) {
  std::uint64_t hash = value.bits;
  hash = (hash ^ (hash >> 33)) * 0xff51'afd7'ed55'8ccdULL;
  hash = (hash ^ (hash >> 33)) * 0xc4ce'b9fe'1a85'ec53ULL;
  return static_cast<std::uint32_t>(hash ^ (hash >> 33));
}

// How the key is read for lines with one of these bits: all of an event that comes for one key go ways that agree there.
inline std::span<const nfa::KeyCode> key_way_of(const nfa::Automaton& automaton, nfa::Bits bits) {
  for (std::size_t way = 0; way < automaton.key_ways.size(); ++way)
    if ((automaton.way_bits[way] & bits) != 0) return automaton.key_ways[way];
  return automaton.key;
}

// Writes the event's key to `values`, one slot a part; false if a part is null. Folded texts are laid out in `arena`.
bool read_key(std::span<const nfa::KeyCode> key, const Event& event, Arena& arena, Slot* values);

// The same where the event may belong to several keys: to each value of a list, in several parts to every combination, each
// once. `keys` are replaced by arrays of key.size() slots, laid out in `arena`. None if a part is null, a list has no value, or
// there would be more than kMostKeys.
inline constexpr std::size_t kMostKeys = 65'536;
void read_keys(std::span<const nfa::KeyCode> key, const Event& event, Arena& arena, std::vector<Slot*>& keys);

// Below, at or above zero: the order of keys in alerts. Numbers by size, texts and addresses by bytes, lists element by element.
int compare_values(Slot a, Slot b, Type type);

std::uint32_t hash_key(std::span<const nfa::KeyCode> key, const Slot* values);

// Of a value that runs wait for: never 0. A null, which no event can offer, has a hash as well.
std::uint32_t hash_value(Slot value, Type type);

bool same_keys(std::span<const nfa::KeyCode> key, const Slot* a, const Slot* b);

inline bool same_key(std::span<const nfa::KeyCode> key, const Slot* a, const Slot* b) {
  if (is_plain(key)) return a->bits == b->bits;
  return same_keys(key, a, b);
}

}  // namespace sequitur
