// The 128-bit identity of an alert: a hash of what it says, not of where or when it was computed, so that the same match
// has the same id after a restart, on another machine, and for every order of arrival. Multiply-and-fold mixing as in
// wyhash (Wang Yi, public domain), two lanes. Not meant to resist an attacker.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "engine/kept_event.hpp"
#include "nfa/automaton.hpp"
#include "sequitur/alert.hpp"

namespace sequitur {

using AlertId = std::array<std::uint64_t, 2>;

// As operators of arrays do, but without a call.
inline bool same_id(const AlertId& a, const AlertId& b) { return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0; }
inline bool id_less(const AlertId& a, const AlertId& b) { return a[0] != b[0] ? a[0] < b[0] : a[1] < b[1]; }

// An id is the sum of a hash of what the alert says of itself (rule, kind, time, key) and of one for each event of its evidence.
// So matches that have events in common need only be told apart by the others.
inline AlertId operator+(const AlertId& a, const AlertId& b) { return {a[0] + b[0], a[1] + b[1]}; }

class IdHash {
 public:
  void add(std::uint64_t value) {
    a_ = fold(a_ ^ value, 0xa076'1d64'78bd'642fULL);
    b_ = fold(b_ + value, 0xe703'7ed1'a0b4'28dbULL);  // Independent of the other lane, so that the two overlap.
  }
  // Two numbers in the time of one. Each is in one lane only until the lanes meet in the result.
  void add_pair(std::uint64_t first, std::uint64_t second) {
    a_ = fold(a_ ^ first, 0xa076'1d64'78bd'642fULL);
    b_ = fold(b_ + second, 0xe703'7ed1'a0b4'28dbULL);
  }
  // Four in the same time: as in wyhash the two factors of a product take one each.
  void add_four(std::uint64_t first, std::uint64_t second, std::uint64_t third, std::uint64_t fourth) {
    a_ = fold(a_ ^ first, second ^ 0xa076'1d64'78bd'642fULL);
    b_ = fold(b_ ^ third, fourth ^ 0xe703'7ed1'a0b4'28dbULL);
  }
  void add(std::string_view text) {
    add(text.size());
    for (std::size_t i = 0; i < text.size(); i += 8) {
      std::uint64_t piece = 0;
      std::memcpy(&piece, text.data() + i, std::min<std::size_t>(8, text.size() - i));
      add(piece);
    }
  }
  void add(Slot value, Type type) {
    if (value.is_null(type) || !has_bytes(type))
      add(number(value, type));
    else
      add(value.text());
  }
  // Of a null, or a value without bytes: each float that is no number is the same null.
  static std::uint64_t number(Slot value, Type type) { return value.is_null(type) ? kNull : value.bits; }
  // The same of a type that is known to have no bytes.
  [[gnu::always_inline]] static std::uint64_t plain_number(Slot value, Type type) {
    const bool null = type == Type::kFloat ? std::isnan(value.f) : value.i == kNullInt;
    return null ? kNull : value.bits;
  }
  std::array<std::uint64_t, 2> result() const { return {fold(a_ ^ b_, 0x8ebc'6af0'9c88'c6e3ULL), fold(b_, a_ | 1)}; }

 private:
  static constexpr std::uint64_t kNull = 0x6e75'6c6c;
  static std::uint64_t fold(std::uint64_t x, std::uint64_t y) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(x) * y;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^ 0x5896'36e6'3b1d'd3f1ULL;
  }
  std::uint64_t a_ = 0x2d35'8dcc'aa6c'78a5ULL;
  std::uint64_t b_ = 0x8bb8'4b93'962e'acc9ULL;
};

// One number for a name, so that names are hashed once and not for every alert.
inline std::uint64_t digest(std::string_view name) {
  IdHash hash;
  hash.add(name);
  return hash.result()[0];
}

// Of the names of a rule.
struct IdDigests {
  std::uint64_t rule = 0;
  std::uint64_t emit[4] = {};  // Match, timeout, break, clear.
  std::vector<std::uint64_t> stages;

  IdDigests() = default;
  explicit IdDigests(const nfa::Automaton& automaton)
      : rule(digest(automaton.info.name)),
        emit{digest(automaton.emit.stream), digest(automaton.on_timeout.stream), digest(automaton.on_break.stream),
             digest(automaton.on_clear.stream)} {
    for (const std::string& name : automaton.stage_names) stages.push_back(digest(name));
  }
};

// A derived event is the alert that it is, too.
[[gnu::noinline]] inline void add_lineage(IdHash& own, const Event& event) {
  for (const std::uint64_t half : SharedLineage::of(event)->alert_id) own.add(half);
}

[[gnu::noinline]] inline AlertId id_of_texts(std::uint64_t name, const Event& event, const EventShape& shape) {
  IdHash own;
  own.add_pair(name, static_cast<std::uint64_t>(event.time));
  for (std::size_t i = 0; i < shape.types.size(); ++i) own.add(event.slots()[i], shape.types[i]);
  if (is_derived(event, shape)) add_lineage(own, event);
  return own.result();
}

// Of a step that took an event, and what that says: stream, time, fields.
inline AlertId event_id(std::uint64_t step_digest, const Event& event, const EventShape& shape, std::uint64_t stream_digest) {
  const std::uint64_t name = step_digest + (stream_digest << 1 | stream_digest >> 63);
  if (!shape.texts.empty()) return id_of_texts(name, event, shape);
  const Slot* slots = event.slots();
  const Type* types = shape.types.data();
  const std::size_t count = shape.types.size();
  const auto number = [&](std::size_t i) { return i < count ? IdHash::plain_number(slots[i], types[i]) : 0; };
  IdHash own;
  own.add_four(name, static_cast<std::uint64_t>(event.time), number(0), number(1));
  for (std::size_t i = 2; i < count; i += 4) own.add_four(number(i), number(i + 1), number(i + 2), number(i + 3));
  if (is_derived(event, shape)) add_lineage(own, event);
  return own.result();
}

// Of an alert that is equal to `before` others: those are matches of events that are equal in everything. What is added is the same
// for all alerts, so that it can be had ready.
inline AlertId numbered(std::uint64_t before) {
  if (before == 0) return {};
  IdHash hash;
  hash.add(before);
  return hash.result();
}
inline AlertId numbered_id(const AlertId& id, std::uint64_t before) { return id + numbered(before); }

}  // namespace sequitur
