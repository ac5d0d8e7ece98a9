// What a key of a window rule is in memory. Private to windows.cpp and window_*.cpp.
#pragma once

#include <utility>

#include "engine/windows.hpp"
#include "event/civil.hpp"

namespace sequitur {

// Of KeyWindow::follow: nothing held in the window that ended last.
inline constexpr std::int64_t kNoFollow = kFarTime;

// The least multiple of `step` above `time`.
inline std::int64_t next_multiple(std::int64_t time, std::int64_t step) { return (floor_divide(time, step) + 1) * step; }

// In memory it is followed by the key's values and, where events leave one by one, by a ring of rows for each line, the
// ring of all events (of "last n events" over several lines), and the accumulators of each line.
struct Windows::KeyWindow {
  std::uint32_t rule;
  std::uint32_t hash;
  std::uint32_t place;
  bool active;  // `when` held at the last result.
  Moment scheduled;
  std::uint64_t taken;  // Events, of all lines.
  std::uint64_t latest_sequence;
  std::int64_t next_hop;  // Of plain hopping windows; of last events: when the key is forgotten.
  std::int64_t follow;  // The end of the window behind the last one that ended, at which `when` stops to hold if no event comes; kNoFollow.
  Instance** instances;  // In the order of their beginning.
  std::uint32_t instance_count;
  std::uint32_t instance_capacity;

  Slot* key() { return reinterpret_cast<Slot*>(this + 1); }
  const Slot* key() const { return reinterpret_cast<const Slot*>(this + 1); }
};

struct Windows::InstanceLine {
  std::uint64_t events;
  std::int64_t first, last;  // Times.
};

// A window that only grows; followed by an InstanceLine for each line and the accumulators.
struct Windows::Instance {
  std::int64_t begin, end;  // Of a session: of its first event; its latest event and the gap.
  std::int64_t next_period;
  std::uint64_t events;  // Since it began,
  std::uint64_t fresh;   // and since the last result.

  InstanceLine* lines() { return reinterpret_cast<InstanceLine*>(this + 1); }
  const InstanceLine* lines() const { return reinterpret_cast<const InstanceLine*>(this + 1); }
};

struct Windows::Rule {
  Rule(const nfa::Automaton& its_automaton, const nfa::WindowCode& its_code)
      : automaton(&its_automaton), code(&its_code), texts(pool), digests(its_automaton) {
    for (const nfa::LineCode& line : code->lines) lines.emplace_back(line, code->evicts);
    ring_offset = sizeof(KeyWindow) + automaton->key.size() * sizeof(Slot);
    std::size_t at = ring_offset + (lines.size() + (keeps_order() ? 1 : 0)) * sizeof(RowRing);
    std::size_t in_instance = sizeof(Instance) + lines.size() * sizeof(InstanceLine);
    for (const LineAggregates& line : lines) {
      state_offsets.push_back(code->evicts ? at : in_instance);
      at += line.bytes();
      in_instance += line.bytes();
    }
    for (std::uint32_t value = 0; value < code->values.size(); ++value) {
      const std::size_t line = code->values[value].line;
      readings.push_back(lines[line].reading(code->values[value], state_offsets[line]));
      all_values.push_back(value);
    }
    key_bytes = code->evicts ? at : ring_offset;
    instance_bytes = in_instance;
  }

  // Which lines took each of the last n events: only of several lines the rings do not say it.
  bool keeps_order() const { return code->kind == dsl::WindowKind::kLastEvents && lines.size() > 1; }
  RowRing& ring(const KeyWindow& key, std::size_t line) const {
    return reinterpret_cast<RowRing*>(reinterpret_cast<std::byte*>(const_cast<KeyWindow*>(&key)) + ring_offset)[line];
  }
  std::byte* state(const KeyWindow& key, std::size_t line) const {
    return reinterpret_cast<std::byte*>(const_cast<KeyWindow*>(&key)) + state_offsets[line];
  }
  std::byte* state(const Instance& instance, std::size_t line) const {
    return reinterpret_cast<std::byte*>(const_cast<Instance*>(&instance)) + state_offsets[line];
  }

  const nfa::Automaton* automaton;
  const nfa::WindowCode* code;
  std::vector<LineAggregates> lines;
  std::vector<LineAggregates::Reading> readings;  // Index = value.
  std::vector<std::uint32_t> all_values;
  std::size_t ring_offset = 0, key_bytes = 0, instance_bytes = 0;
  std::vector<std::size_t> state_offsets;  // By line; in the key, or in an instance.
  Pool pool;
  TextStore texts;
  KeyTable table;
  IdDigests digests;
  KeyWindow* nothing = nullptr;  // Of a rule that looks at the past: a key of which nothing is known.
  std::uint32_t keys = 0;
  std::uint64_t overfull = 0, forgotten = 0;
  std::pair<std::int64_t, std::int64_t> day{1, 0};  // The calendar window that was asked for last.
};

// What a result is over: of each line its accumulators and how many events there are.
struct Windows::View {
  const KeyWindow* key;
  const Instance* instance;  // Null pointer: the rows of the key.
};

}  // namespace sequitur
