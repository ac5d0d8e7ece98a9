// The keys of a shard: found by their values, made when something begins at them, gone when nothing is left.
#include <algorithm>

#include "engine/key_hash.hpp"
#include "engine/key_values.hpp"
#include "engine/shard.hpp"

namespace sequitur {

const Slot* Shard::key_values(const KeyRuns& key, const RuleState& rule) const {
  return rule.automaton->key.size() > 1 ? key.values : &key.value;
}

void Shard::read_key_of(const Work& work) {
  const nfa::Automaton& automaton = *states_[work.rule]->automaton;
  if (automaton.key.size() == 1)
    key_[0] = work.key;
  else if (automaton.several_keys)
    std::copy_n(reinterpret_cast<const Slot*>(static_cast<std::uintptr_t>(work.key.bits)), automaton.key.size(), key_.data());
  else
    read_key(key_way_of(automaton, work.bits), *work.event, scratch_, key_.data());
}

// The index of the key's runs; kNone when there are none and none is to be created. Leaves the key's values in key_.
std::uint32_t Shard::find_or_create_key(const Work& work, bool create) {
  RuleState& rule = *states_[work.rule];
  if (is_lone(rule, work)) return rule.lone.index;
  read_key_of(work);
  std::uint32_t found = find_key(rule, work.hash);
  if (found == KeyTable::kNone && create) found = create_key(work.rule, work.hash);
  if (rule.automaton->key.empty() && found != KeyTable::kNone) rule.lone = {&keys_[found], found};
  return found;
}

// Of the values in key_.
std::uint32_t Shard::find_key(const RuleState& rule, std::uint32_t hash) {
  if (rule.plain_key) return rule.table.find(hash, [&](std::uint32_t index) { return keys_[index].value.bits == key_[0].bits; });
  const std::span<const nfa::KeyCode> parts = rule.automaton->key;
  return rule.table.find(hash, [&](std::uint32_t index) { return same_key(parts, key_values(keys_[index], rule), key_.data()); });
}

std::uint32_t Shard::create_key(std::uint32_t rule_index, std::uint32_t hash) {
  RuleState& rule = *states_[rule_index];
  const std::span<const nfa::KeyCode> parts = rule.automaton->key;
  const std::uint32_t index = keys_.create(rule_index);
  KeyRuns& key = keys_[index];
  if (rule.plain_key) {
    key.value = key_[0];
    rule.table.insert(hash, index);
    return index;
  }
  if (parts.size() > 1) key.values = static_cast<Slot*>(pool_.allocate(parts.size() * sizeof(Slot)));
  copy_key(pool_, parts, key_.data(), parts.size() > 1 ? key.values : &key.value);
  rule.table.insert(hash, index);
  return index;
}

// Ticks reach the key from now on, unless its bucket has its share of those that they may reach.
void Shard::remember_key(RuleState& rule, std::uint32_t index, std::uint32_t hash) {
  const std::uint32_t share = options_.max_tick_keys / kKeyBuckets + (options_.max_tick_keys % kKeyBuckets != 0 ? 1 : 0);
  if (rule.known_in_bucket.empty()) rule.known_in_bucket.resize(kKeyBuckets);
  if (rule.known_in_bucket[key_bucket(hash)] >= share) {
    ++rule.counters.keys_without_ticks;
    return;
  }
  ++rule.known_in_bucket[key_bucket(hash)];
  keys_[index].known = true;
  rule.known.push_back(index);
}

void Shard::destroy_key(std::uint32_t index) {
  KeyRuns& key = keys_[index];
  RuleState& rule = *states_[key.rule];
  if (rule.plain_key) {
    rule.table.erase(hash_plain(key.value), index);
    return keys_.destroy(index);
  }
  const std::span<const nfa::KeyCode> parts = rule.automaton->key;
  Slot* values = parts.size() > 1 ? key.values : &key.value;
  rule.table.erase(hash_key(parts, values), index);
  release_key(pool_, parts, values);
  if (parts.size() > 1) pool_.deallocate(key.values, parts.size() * sizeof(Slot));
  keys_.destroy(index);
}

}  // namespace sequitur
