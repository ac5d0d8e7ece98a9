// Tables: rows by key, each with its versions, so that a look-up sees the row as it was at its place in the order of events.
//
// Invariants:
// 1. Tables change between the evaluation of two generations only, in one thread; while shards work they are only read.
// 2. The versions of a row stand in the order of their places. A place that can still be asked about lies at or behind the
//    horizon: of the versions before it only the latest is kept.
// 3. A row whose latest version takes it away goes when that version lies before the horizon.
// 4. With a bound on rows those that are there hang on a list by the place of their latest change, the oldest first; changes
//    then come in the order of their places (the checker sees to it), so which row goes depends on nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/kept_event.hpp"
#include "engine/rule_set_impl.hpp"
#include "engine/state_bytes.hpp"

namespace sequitur {

class Table {
 public:
  Table(const dsl::Table& table, const StreamSchema& schema, std::uint64_t max_rows);

  // Takes a change over: row.time and `place` say when. Nothing before `horizon` will be asked any more.
  void put(const Event& row, std::uint64_t place, std::int64_t horizon);
  const Event* find(const Slot* key, nfa::AsOf as_of) const;
  // Of a change: whether it takes every row away. Then `out` gets, for each row that is there at its place, the change that takes this
  // one away: the change itself with the row's key; the row whose change is the longest ago first.
  bool empties(const Event& change) const { return truncated_ != kTimeSlot && change.get(truncated_).i == 1; }
  bool can_be_emptied() const { return truncated_ != kTimeSlot; }
  void spell_out(const Event& change, const StreamSchema& schema, Arena& arena, std::vector<Event*>& out) const;

  std::uint64_t rows() const { return live_; }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t evicted() const { return evicted_; }
  std::uint64_t without_key() const { return without_key_; }
  std::size_t memory_bytes() const { return bytes_; }

  void save(StateWriter& out) const;
  void load(StateReader& in);
  // The changes that came to a table of the same kind, over what is here.
  void take_over(const Table& other);

 private:
  std::vector<const Event*> all_rows() const;  // Every version, by place.
  struct Version {
    std::unique_ptr<std::uint64_t[]> memory;  // Event::sequence is the place.
    std::uint32_t words;
    const Event* row() const { return reinterpret_cast<const Event*>(memory.get()); }
  };
  struct Row {
    std::vector<Slot> key;  // Texts in the versions, or in `texts`.
    Arena texts;
    std::vector<Version> versions;
    bool watched = false;                    // It is in gone_, which refers to it.
    bool listed = false;                     // It is there, in a table with a bound,
    Row *older = nullptr, *newer = nullptr;  // between these.
    std::unique_ptr<Row> next;               // Of the same hash.
  };

  const Event* find_in(const Row& row, nfa::AsOf as_of) const;
  bool read_key(const Event& row);
  std::uint32_t hash(const Slot* key) const;
  bool same(const Slot* a, const Slot* b) const;
  Row* find_row(std::uint32_t hash, const Slot* key) const;
  bool deleted(const Event& row) const { return row.get(deleted_).i == 1; }
  void drop_before(Row& row, std::int64_t horizon);
  void add_version(Row& row, const Event& event, std::uint64_t place, std::int64_t horizon);
  void watch(Row& row, std::uint32_t hash);
  void unlist(Row& row);
  void enlist(Row& row);
  void make_room(std::int64_t time, std::uint64_t place, std::int64_t horizon);
  void forget_gone(std::int64_t horizon);
  void erase(std::uint32_t hash, const Row* row);

  StreamId stream_;
  EventShape shape_;
  std::vector<nfa::KeyCode> key_;
  std::vector<SlotIndex> slots_;
  SlotIndex deleted_, truncated_;
  std::int64_t ttl_;  // -1: none.
  const std::uint64_t max_rows_;
  boost::unordered_flat_map<std::uint32_t, std::unique_ptr<Row>> rows_;
  struct Gone {
    std::int64_t time;
    std::uint32_t hash;
    Row* row;
    bool operator<(const Gone& other) const { return time > other.time; }
  };
  std::vector<Gone> gone_;     // A heap, the earliest first: rows that may be taken away or outlive their ttl, each once.
  const std::uint64_t bound_;  // 0: none.
  Row *oldest_ = nullptr, *newest_ = nullptr;
  std::uint64_t listed_ = 0;
  bool loading_ = false;
  std::uint64_t live_ = 0, refused_ = 0, without_key_ = 0, evicted_ = 0;
  std::size_t bytes_ = 0;
  // Of the call that is going on.
  std::vector<Slot> wanted_;
  Arena scratch_, gone_row_;
};

// Whether a table of other rules goes on as this one.
bool goes_on(const dsl::Table& here, const dsl::Table& there, const StateMap& map);

// All tables of a rule set.
class Tables {
 public:
  Tables(const RuleSet::Impl& rules, std::uint64_t max_rows);

  bool empty() const { return tables_.empty(); }
  bool any_can_be_emptied() const { return any_can_be_emptied_; }
  // The table whose changes come on the stream; null for any other stream.
  Table* of_stream(StreamId stream) {
    return by_stream_[stream] < 0 ? nullptr : tables_[static_cast<std::size_t>(by_stream_[stream])].get();
  }
  nfa::TableView view() const { return {this, &Tables::find}; }
  std::span<const std::unique_ptr<Table>> all() const { return tables_; }

  void save(StateWriter& out) const;
  void load(StateReader& in);
  // Of the tables of other rules those with the same key and time to live, over a stream with the same fields; what stands in files is
  // that of the new ones.
  void take_over(const Tables& other, const RuleSet::Impl& rules, const RuleSet::Impl& other_rules, const StateMap& map);
  void swap(Tables& other) noexcept { tables_.swap(other.tables_); }

 private:
  static const Event* find(const void* tables, std::uint32_t table, const Slot* key, nfa::AsOf as_of) {
    return static_cast<const Tables*>(tables)->tables_[table]->find(key, as_of);
  }

  std::vector<std::unique_ptr<Table>> tables_;
  std::vector<int> by_stream_;  // Index = StreamId.
  bool any_can_be_emptied_ = false;
};

}  // namespace sequitur
