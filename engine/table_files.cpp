#include "engine/table_files.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "dsl/table_file.hpp"
#include "engine/tables.hpp"

namespace sequitur {

TableFiles::TableFiles(const RuleSet::Impl& rules) {
  for (const dsl::Table& table : rules.files.tables) {
    if (!table.file) continue;
    Taken& taken = taken_.emplace_back();
    taken.table = &table;
    taken.schema = &rules.files.schemas[table.stream];
  }
}

bool TableFiles::changed() const {
  return std::any_of(taken_.begin(), taken_.end(), [](const Taken& taken) { return taken.digest != taken.table->file->digest(); });
}

Event& TableFiles::event_of(const std::vector<dsl::Constant>& row, const StreamSchema& schema, std::int64_t time, Arena& arena) {
  Event& event = make_event(arena, schema, Timestamp{Duration{time}});
  for (std::size_t slot = 0; slot < row.size(); ++slot) {
    const dsl::Constant& value = row[slot];
    if (value.null) continue;
    event.slots()[slot] = has_bytes(value.type)        ? arena.text(value.s)
                          : value.type == Type::kFloat ? Slot::of_float(value.f)
                                                       : Slot::of_int(value.i);
  }
  return event;
}

// Equal for rows that take each other's place.
std::string TableFiles::key_of(const Taken& taken, const Event& row) {
  std::string key;
  for (const SlotIndex slot : taken.table->key) {
    const Field& field = taken.schema->fields[static_cast<std::size_t>(slot)];
    const Slot value = row.get(slot);
    if (!has_bytes(field.type)) {
      key += std::to_string(value.i) + ';';
      continue;
    }
    key += std::to_string(value.text().size()) + ':';
    for (const char c : value.text()) key += field.nocase && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return key;
}

bool TableFiles::same(const Taken& taken, const Event& a, const Event& b) {
  for (std::size_t slot = 0; slot < taken.schema->fields.size(); ++slot) {
    const Type type = taken.schema->fields[slot].type;
    const Slot one = a.slots()[slot], other = b.slots()[slot];
    const bool null = one.is_null(type);
    if (null != other.is_null(type)) return false;
    if (!null && (has_bytes(type) ? one.text() != other.text() : one.i != other.i)) return false;
  }
  return true;
}

void TableFiles::take(std::int64_t time, std::vector<Event*>& out) {
  gone_.clear();
  for (Taken& taken : taken_) {
    const dsl::TableFile& file = *taken.table->file;
    if (taken.digest == file.digest()) continue;
    // The last row of a key counts; at first those before it are changes as well.
    std::unordered_map<std::string, const Event*> before;
    for (const Event* row : taken.rows) before[key_of(taken, *row)] = row;
    Arena arena;
    std::vector<Event*> rows;
    std::unordered_set<std::string> there;
    for (const auto& row : file.rows()) {
      Event& event = event_of(row, *taken.schema, time, arena);
      rows.push_back(&event);
      std::string key = key_of(taken, event);
      const auto known = before.find(key);
      if (known == before.end() || !same(taken, *known->second, event)) {
        out.push_back(&event);
        before[key] = &event;
      }
      there.insert(std::move(key));
    }
    std::unordered_set<std::string> told;
    for (const Event* row : taken.rows) {
      std::string key = key_of(taken, *row);
      if (there.contains(key) || !told.insert(std::move(key)).second) continue;
      Event& event = make_event(gone_, *taken.schema, Timestamp{Duration{time}});
      for (const SlotIndex slot : taken.table->key) {
        const Slot value = row->get(slot);
        const bool text = has_bytes(taken.schema->fields[static_cast<std::size_t>(slot)].type);
        event.slots()[static_cast<std::size_t>(slot)] = text ? gone_.text(value.text()) : value;
      }
      event.slots()[static_cast<std::size_t>(taken.table->deleted)] = Slot::of_int(1);
      out.push_back(&event);
    }
    taken.digest = file.digest();
    taken.arena = std::move(arena);
    taken.rows = std::move(rows);
  }
}

void TableFiles::save(StateWriter& out) const {
  for (const Taken& taken : taken_) {
    out.number(taken.digest);
    out.number(taken.rows.size());
    for (const Event* row : taken.rows) out.unnumbered_event(*row);
  }
}

bool TableFiles::add_row(Taken& taken, const Event& row) {
  if (row.slot_count != taken.schema->fields.size()) return false;
  Event& copy = make_event(taken.arena, *taken.schema, Timestamp{Duration{row.time}});
  for (std::size_t slot = 0; slot < taken.schema->fields.size(); ++slot) {
    const Slot value = row.slots()[slot];
    const Type type = taken.schema->fields[slot].type;
    copy.slots()[slot] = has_bytes(type) && !value.is_null(type) ? taken.arena.text(value.text()) : value;
  }
  taken.rows.push_back(&copy);
  return true;
}

void TableFiles::load(StateReader& in) {
  for (Taken& taken : taken_) {
    taken.digest = in.number();
    for (std::uint64_t left = in.count(1); left > 0 && !in.failed(); --left) {
      const Event* row = in.event();
      if (in.failed() || row->stream != taken.schema->id || !add_row(taken, *row)) return in.fail();
    }
  }
}

void TableFiles::take_over(const TableFiles& other, const StateMap& map) {
  for (Taken& taken : taken_)
    for (const Taken& before : other.taken_) {
      if (!goes_on(*taken.table, *before.table, map)) continue;
      taken.digest = before.digest;
      for (const Event* row : before.rows)
        if (!add_row(taken, *row)) taken.digest = 0;
    }
}

}  // namespace sequitur
