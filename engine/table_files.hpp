// What the files of tables said when they were last looked at, and what has changed in them since, as events.
//
// A file is a stream of changes like any other source of a table: all its rows when evaluation begins, before the first event and
// at its time; when it was read again the rows that are new or other ones, then, taken away, those that are gone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/rule_set_impl.hpp"
#include "engine/state_bytes.hpp"

namespace sequitur {

class TableFiles {
 public:
  explicit TableFiles(const RuleSet::Impl& rules);

  // Whether a file has been read whose rows are not taken.
  bool changed() const;
  // Appends what has changed, at `time`. The events live until the next call.
  void take(std::int64_t time, std::vector<Event*>& out);

  void save(StateWriter& out) const;
  void load(StateReader& in);
  // Of tables that go on under other rules.
  void take_over(const TableFiles& other, const StateMap& map);
  void swap(TableFiles& other) noexcept { taken_.swap(other.taken_); }

 private:
  struct Taken {
    const dsl::Table* table = nullptr;
    const StreamSchema* schema = nullptr;
    std::uint64_t digest = 0;  // Of the rows; 0: nothing was taken yet.
    Arena arena;
    std::vector<Event*> rows;
  };

  static Event& event_of(const std::vector<dsl::Constant>& row, const StreamSchema& schema, std::int64_t time, Arena& arena);
  // The taken one's own copy.
  static bool add_row(Taken& taken, const Event& row);
  static std::string key_of(const Taken& taken, const Event& row);
  static bool same(const Taken& taken, const Event& a, const Event& b);

  std::vector<Taken> taken_;  // Of the tables with a file.
  Arena gone_;
};

}  // namespace sequitur
