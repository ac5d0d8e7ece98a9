// Windows as bytes. What is remembered row by row is saved as rows, and summed up again when it is loaded; timers and tables
// are made anew. See state_bytes.hpp for what a reader must not trust.
#include <algorithm>
#include <bit>

#include "engine/key_hash.hpp"
#include "engine/state_bytes.hpp"
#include "engine/window_state.hpp"

namespace sequitur {

std::uint64_t Windows::saved_keys(const StateScope& scope) const {
  return static_cast<std::uint64_t>(std::count_if(places_.begin(), places_.end(),
                                                  [&](const Place& place) { return place.key != nullptr && in_scope(*place.key, scope); }));
}

bool Windows::in_scope(const KeyWindow& key, const StateScope& scope) const {
  return scope.everything() || (scope.has_rule(key.rule) && scope.has_hash(hash_key(rules_[key.rule]->automaton->key, key.key())));
}

void Windows::save(StateWriter& out) const {
  for (const Place& place : places_) {
    if (place.key == nullptr || !in_scope(*place.key, out.scope())) continue;
    const KeyWindow& key = *place.key;
    const Rule& rule = *rules_[key.rule];
    out.number(out.scope().rule(key.rule));
    for (std::size_t i = 0; i < rule.automaton->key.size(); ++i) out.slot(key.key()[i], rule.automaton->key[i].type);
    if (rule.automaton->past) out.number(1);
    out.number(key.active ? 1 : 0);
    out.number(key.taken);
    out.number(key.latest_sequence);
    out.signed_number(key.next_hop);
    out.signed_number(key.follow);
    if (rule.code->evicts)
      save_rows(rule, key, out);
    else
      save_instances(rule, key, out);
  }
}

void Windows::save_rows(const Rule& rule, const KeyWindow& key, StateWriter& out) const {
  for (std::size_t line = 0; line < rule.lines.size(); ++line) {
    const RowRing& ring = rule.ring(key, line);
    const std::uint32_t stride = rule.lines[line].stride();
    out.number(ring.size());
    for (std::uint64_t i = 0; i < ring.size(); ++i) {
      const std::uint64_t* row = ring.row(ring.first_number() + i, stride);
      out.signed_number(static_cast<std::int64_t>(row[0]));
      for (std::uint32_t column = 0; column < rule.lines[line].columns(); ++column)
        out.slot(Slot{.bits = row[1 + column]}, rule.code->lines[line].columns[column].type);
    }
  }
  if (!rule.keeps_order()) return;
  const RowRing& order = rule.ring(key, rule.lines.size());
  out.number(order.size());
  for (std::uint64_t i = 0; i < order.size(); ++i) out.number(*order.row(order.first_number() + i, 1));
}

void Windows::save_instances(const Rule& rule, const KeyWindow& key, StateWriter& out) const {
  out.number(key.instance_count);
  for (std::uint32_t i = 0; i < key.instance_count; ++i) {
    const Instance& instance = *key.instances[i];
    out.signed_number(instance.begin);
    out.signed_number(instance.end);
    out.signed_number(instance.next_period);
    out.number(instance.events);
    out.number(instance.fresh);
    for (std::size_t line = 0; line < rule.lines.size(); ++line) {
      out.number(instance.lines()[line].events);
      out.signed_number(instance.lines()[line].first);
      out.signed_number(instance.lines()[line].last);
      rule.lines[line].save(rule.state(instance, line), out);
    }
  }
}

// A time as events can have it.
std::int64_t Windows::load_time(StateReader& in) {
  const std::int64_t time = in.signed_number();
  if (time < -kFarTime || time > kFarTime) in.fail();
  return in.failed() ? 0 : time;
}

void Windows::load_key(std::uint32_t rule_index, const Slot* values, std::uint32_t hash, StateReader& in) {
  Rule& rule = *rules_[rule_index];
  if (find(rule, hash, values) != nullptr) return in.fail();
  KeyWindow& key = create(rule_index, hash, values);
  key.active = in.number_below(2) == 1;
  key.taken = in.number();
  key.latest_sequence = in.number();
  key.next_hop = load_time(in);
  key.follow = load_time(in);
  if (rule.code->evicts)
    load_rows(rule, key, in);
  else
    load_instances(rule, key, in);
  if (!in.failed()) schedule(key);
}

void Windows::load_rows(Rule& rule, KeyWindow& key, StateReader& in) {
  std::int64_t latest = -kFarTime;
  for (std::size_t line = 0; line < rule.lines.size(); ++line) {
    const LineAggregates& aggregates = rule.lines[line];
    std::int64_t before = -kFarTime;
    for (std::uint64_t left = in.count(1 + aggregates.columns()); left > 0 && !in.failed(); --left) {
      const std::int64_t time = load_time(in);
      if (time < before) in.fail();
      before = time;
      Arena arena;
      for (std::uint32_t column = 0; column < aggregates.columns(); ++column) {
        const Type type = rule.code->lines[line].columns[column].type;
        const Slot value = in.slot(type, arena);
        row_[column] = has_bytes(type) && value.bits != 0 ? rule.texts.intern(value.text()) : value;
      }
      append(rule, key, line, time);
    }
    latest = std::max(latest, before);
  }
  // Hops go on from here: they must not have far to go.
  const bool hops = rule.code->kind == dsl::WindowKind::kHopping;
  if (hops && (key.next_hop <= latest || is_empty(rule, {&key, nullptr}))) in.fail();
  if (!rule.keeps_order()) return;
  RowRing& order = rule.ring(key, rule.lines.size());
  std::vector<std::uint64_t> counts(rule.lines.size());
  for (std::uint64_t left = in.count(1); left > 0 && !in.failed(); --left) {
    const nfa::Bits bits = in.number();
    order.push(bits, 1, rule.pool);
    for (std::size_t line = 0; line < rule.lines.size(); ++line) counts[line] += (bits & rule.code->lines[line].own) != 0 ? 1 : 0;
  }
  for (std::size_t line = 0; line < rule.lines.size(); ++line)
    if (counts[line] != rule.ring(key, line).size()) in.fail();
}

void Windows::load_instances(Rule& rule, KeyWindow& key, StateReader& in) {
  constexpr std::size_t kLeastInstance = 5;
  std::int64_t before = -kFarTime - 1;
  for (std::uint64_t left = in.count(kLeastInstance); left > 0 && !in.failed(); --left) {
    const std::int64_t begin = load_time(in), end = load_time(in);
    if (in.failed() || begin <= before || end < begin) return in.fail();
    before = begin;
    Instance& instance = instance_at(rule, key, begin, end);
    instance.next_period = load_time(in);
    instance.events = in.number();
    instance.fresh = in.number();
    for (std::size_t line = 0; line < rule.lines.size() && !in.failed(); ++line) {
      instance.lines()[line].events = in.number();
      instance.lines()[line].first = load_time(in);
      instance.lines()[line].last = load_time(in);
      rule.lines[line].load(rule.state(instance, line), in, rule.pool, rule.texts);
    }
  }
  if (rule.code->kind == dsl::WindowKind::kSession && key.instance_count > 1) in.fail();
}

}  // namespace sequitur
