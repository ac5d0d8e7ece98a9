// The bytes that changing state is saved in, and how they are read back.
//
//     void Window::save(StateWriter& out) const { out.number(count_); out.event(*latest_); }
//     void Window::load(StateReader& in) { count_ = in.number(); latest_ = keep(in.event()); }
//
// Numbers are base-128 varints (little end first), texts and lists have their length in front. An event that many pieces
// of state refer to is written once: state_bytes() puts all events in front of what refers to them.
//
// The reader trusts nothing: it never reads beyond the bytes, a length that the bytes left cannot hold fails, and after the
// first failure everything it returns is zero, empty or null. So a load() may read on without asking, but must
// - ask failed() before it uses what event() returned, and in every loop,
// - call fail() for a value that its own invariants do not allow.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/derived.hpp"
#include "engine/state_scope.hpp"
#include "event/list.hpp"
#include "sequitur/event.hpp"
#include "sequitur/schema.hpp"

namespace sequitur {

class StateWriter {
 public:
  explicit StateWriter(const std::vector<StreamSchema>& schemas, const StateScope& scope = {}) : schemas_(schemas), scope_(scope) {}

  // Who writes keys asks it which, and for the numbers of rules.
  const StateScope& scope() const { return scope_; }

  void number(std::uint64_t value) { append(bytes_, value); }
  void signed_number(std::int64_t value) { number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63)); }
  void fixed(std::uint64_t value) { append_fixed(bytes_, value); }  // Eight bytes: for hashes and the bits of doubles.
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  void slot(Slot value, Type type) { append(bytes_, value, type); }
  // A reference to an event, which must live until finish(). Equal sequences are one event, until begin_numbers().
  void event(const Event& event) {
    const auto [at, is_new] = places_.try_emplace(event.sequence, events_.size());
    if (is_new) events_.push_back(&event);
    number(at->second);
  }

  // The events to come are numbered anew (see Evaluator): a sequence says nothing about those before.
  void begin_numbers() { places_.clear(); }
  // One that has no sequence yet.
  void unnumbered_event(const Event& event) {
    number(events_.size());
    events_.push_back(&event);
  }

  // Everything, the events in front, and in front of them the lineages of those that have one. Nothing may be written behind it.
  std::string finish() {
    std::string events;
    append(events, events_.size());
    for (const Event* event : events_) append(events, *event);
    std::string head;
    append(head, lineages_.size());
    return head + lineage_bytes_ + events + bytes_;
  }

 private:
  static void append(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
  }
  static void append_fixed(std::string& out, std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift);
  }
  // Null is 0; what has bytes their number + 1 and the bytes; a double 1 and its bits; everything else its zigzag number + 1, cut to
  // 64 bits: only the smallest int64, which is null, would not fit.
  static void append(std::string& out, Slot value, Type type) {
    if (value.is_null(type)) {
      out += '\0';
    } else if (has_bytes(type)) {
      append(out, value.text().size() + 1);
      out += value.text();
    } else if (type == Type::kFloat) {
      out += '\1';
      append_fixed(out, value.bits);
    } else {
      append(out, ((value.bits << 1) ^ static_cast<std::uint64_t>(value.i >> 63)) + 1);
    }
  }
  void append(std::string& out, const Event& event) {
    append(out, scope_.stream(event.stream));
    append(out, event.sequence);
    append_fixed(out, static_cast<std::uint64_t>(event.time));
    const StreamSchema& schema = schemas_[event.stream];
    const Lineage* lineage = lineage_of(event, schema);
    append(out, lineage != nullptr && has_place(*lineage) ? place_of(*lineage) + 1 : 0);
    for (std::size_t i = 0; i < schema.fields.size(); ++i) append(out, event.slots()[i], schema.fields[i].type);
  }

  std::size_t place_of(const Lineage& lineage);  // state_bytes.cpp
  bool has_place(const Lineage& lineage) const;  // Whether all it names is there in the scope's map.

  const std::vector<StreamSchema>& schemas_;
  const StateScope scope_;
  std::string bytes_;
  std::string lineage_bytes_;
  boost::unordered_flat_map<const Lineage*, std::size_t> lineages_;
  std::vector<const Event*> events_;  // In the order in which they were first referred to.
  boost::unordered_flat_map<std::uint64_t, std::size_t> places_;
};

class StateReader {
 public:
  // `bytes` as finish() gave them, for the same schemas and rules. All must outlive the reader.
  StateReader(std::string_view bytes, const std::vector<StreamSchema>& schemas, std::span<const RuleInfo> rules = {}) : rest_(bytes) {
    read_lineages(schemas, rules);
    for (std::uint64_t left = count(kLeastEvent); left > 0 && !failed_; --left)
      if (const Event* event = read_event(schemas)) events_.push_back(event);
  }
  StateReader(const StateReader&) = delete;
  StateReader& operator=(const StateReader&) = delete;
  ~StateReader() {
    for (SharedLineage* lineage : lineages_) lineage->release();
  }

  bool failed() const { return failed_; }
  void fail() {
    failed_ = true;
    rest_ = {};
  }
  bool at_end() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  // A number below `end`; another one fails.
  std::uint64_t number_below(std::uint64_t end) {
    const std::uint64_t value = number();
    if (value < end) return value;
    fail();
    return 0;
  }
  // The length of a list each of whose members takes at least so many bytes.
  std::uint64_t count(std::size_t least_bytes) {
    const std::uint64_t value = number();
    if (value <= rest_.size() / least_bytes) return value;
    fail();
    return 0;
  }
  std::int64_t signed_number() { return from_zigzag(number()); }
  std::uint64_t fixed() {
    if (rest_.size() < 8) fail();
    if (failed_) return 0;
    std::uint64_t value = 0;
    for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(rest_[static_cast<std::size_t>(i)]);
    rest_.remove_prefix(8);
    return value;
  }
  // Valid as long as the bytes.
  std::string_view text() { return take(count(1)); }
  // Texts are laid out in `arena`.
  Slot slot(Type type, Arena& arena) {
    const std::uint64_t head = number();
    if (head == 0) return Slot::null(type);
    Slot value{};
    if (has_bytes(type)) {
      if (head - 1 > rest_.size() || !is_value(rest_.substr(0, head - 1), type)) fail();
      return failed_ ? Slot::null(type) : arena.text(take(head - 1));
    }
    value = type == Type::kFloat ? Slot{.bits = fixed()} : Slot::of_int(from_zigzag(head - 1));
    if (failed_ || value.is_null(type)) fail();
    return failed_ ? Slot::null(type) : value;
  }
  // The event that is referred to; the reader's own, to be copied by who keeps it. Null after a failure only.
  const Event* event() {
    const std::uint64_t place = number_below(events_.size());
    return failed_ ? nullptr : events_[place];
  }

 private:
  static std::int64_t from_zigzag(std::uint64_t value) { return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1))); }
  std::string_view take(std::uint64_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  // Whether the bytes can be those of a value: what reads lists and addresses believes their lengths.
  static bool is_value(std::string_view bytes, Type type) {
    if (type == Type::kString) return true;
    if (type == Type::kIp) return bytes.size() == 16;
    std::uint64_t size = 0;
    if (bytes.size() < sizeof size) return false;
    std::memcpy(&size, bytes.data(), sizeof size);
    if (size > (bytes.size() - sizeof size) / sizeof size) return false;
    for (std::uint64_t i = 1; i <= size && has_bytes(element_of(type)); ++i) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + i * sizeof word, sizeof word);
      const std::uint64_t at = word & 0xFFFF'FFFF, length = word >> 32;
      if (word == ListView::kNullWord) continue;
      if (at > bytes.size() || length > bytes.size() - at || !is_value(bytes.substr(at, length), element_of(type))) return false;
      if (length < kLongText) continue;
      std::uint64_t in_front = 0;  // See Slot::text().
      if (at < sizeof in_front) return false;
      std::memcpy(&in_front, bytes.data() + at - sizeof in_front, sizeof in_front);
      if (in_front != length) return false;
    }
    return true;
  }
  const Event* read_event(const std::vector<StreamSchema>& schemas);
  void read_lineages(const std::vector<StreamSchema>& schemas, std::span<const RuleInfo> rules);

  static constexpr std::size_t kLeastEvent = 11;
  std::string_view rest_;
  bool failed_ = false;
  Arena arena_;
  std::vector<const Event*> events_;
  std::vector<SharedLineage*> lineages_;
};

}  // namespace sequitur
