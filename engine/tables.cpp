#include "engine/tables.hpp"

#include <algorithm>

#include "engine/key_hash.hpp"
#include "engine/moment.hpp"

namespace sequitur {
namespace {

nfa::AsOf place_of(const Event& row) { return {row.time, row.sequence}; }

std::string in_lower_case(std::string_view text) {
  std::string result(text);
  for (char& letter : result)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
  return result;
}

}  // namespace

Table::Table(const dsl::Table& table, const StreamSchema& schema, std::uint64_t max_rows)
    : stream_(schema.id),
      shape_(schema),
      slots_(table.key),
      deleted_(table.deleted),
      truncated_(table.truncated),
      ttl_(table.ttl ? table.ttl->count() : -1),
      max_rows_(max_rows),
      bound_(table.max_rows) {
  for (const SlotIndex slot : slots_) {
    const Field& field = schema.fields[static_cast<std::size_t>(slot)];
    nfa::KeyCode& part = key_.emplace_back();
    part.name = field.name;
    part.type = field.type;
    part.fold = field.nocase;
  }
  wanted_.resize(slots_.size());
}

std::uint32_t Table::hash(const Slot* key) const { return hash_key(key_, key); }

bool Table::same(const Slot* a, const Slot* b) const { return same_keys(key_, a, b); }

// Into wanted_; false if a part is null.
bool Table::read_key(const Event& row) {
  scratch_.clear();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    wanted_[i] = row.get(slots_[i]);
    if (wanted_[i].is_null(key_[i].type)) return false;
    if (key_[i].fold) wanted_[i] = scratch_.text(in_lower_case(wanted_[i].text()));
  }
  return true;
}

Table::Row* Table::find_row(std::uint32_t hash, const Slot* key) const {
  const auto found = rows_.find(hash);
  if (found == rows_.end()) return nullptr;
  for (Row* row = found->second.get(); row != nullptr; row = row->next.get())
    if (same(row->key.data(), key)) return row;
  return nullptr;
}

const Event* Table::find(const Slot* key, nfa::AsOf as_of) const {
  const Row* row = find_row(hash(key), key);
  return row == nullptr ? nullptr : find_in(*row, as_of);
}

const Event* Table::find_in(const Row& row, nfa::AsOf as_of) const {
  const auto after = std::partition_point(row.versions.begin(), row.versions.end(),
                                          [&](const Version& version) { return place_of(*version.row()) < as_of; });
  if (after == row.versions.begin()) return nullptr;
  const Event* found = std::prev(after)->row();
  if (deleted(*found)) return nullptr;
  const bool outlived = ttl_ >= 0 && later(found->time, ttl_) < as_of.time;
  return outlived ? nullptr : found;
}

void Table::spell_out(const Event& change, const StreamSchema& schema, Arena& arena, std::vector<Event*>& out) const {
  std::vector<const Event*> there;
  for (const auto& [hash, first] : rows_)
    for (const Row* row = first.get(); row != nullptr; row = row->next.get())
      if (const Event* version = find_in(*row, place_of(change))) there.push_back(version);
  std::sort(there.begin(), there.end(), [](const Event* a, const Event* b) { return place_of(*a) < place_of(*b); });
  for (const Event* row : there) {
    Event& gone = make_event(arena, schema, Timestamp{Duration{change.time}});
    std::copy_n(change.slots(), schema.fields.size(), gone.slots());  // Its texts live as long as the change.
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const Slot value = row->get(slots_[i]);
      gone.slot(slots_[i]) = has_bytes(key_[i].type) ? arena.text(value.text()) : value;
    }
    gone.slot(deleted_) = Slot::of_int(1);
    out.push_back(&gone);
  }
}

void Table::drop_before(Row& row, std::int64_t horizon) {
  const auto behind =
      std::partition_point(row.versions.begin(), row.versions.end(), [&](const Version& version) { return version.row()->time < horizon; });
  if (behind - row.versions.begin() < 2) return;
  for (auto version = row.versions.begin(); version != behind - 1; ++version) bytes_ -= version->words * sizeof(std::uint64_t);
  row.versions.erase(row.versions.begin(), behind - 1);
}

void Table::erase(std::uint32_t hash, const Row* row) {
  const auto found = rows_.find(hash);
  std::unique_ptr<Row>* at = &found->second;
  while (at->get() != row) at = &(*at)->next;
  unlist(**at);
  std::unique_ptr<Row> next = std::move((*at)->next);
  for (const Version& version : (*at)->versions) bytes_ -= version.words * sizeof(std::uint64_t);
  *at = std::move(next);
  if (!found->second) rows_.erase(found);
  --live_;
}

// A row is looked at again at the earliest time at which it may be gone; once, however often it changes until then.
void Table::watch(Row& row, std::uint32_t hash) {
  const Event& last = *row.versions.back().row();
  if (row.watched || (!deleted(last) && ttl_ < 0)) return;
  row.watched = true;
  gone_.push_back({deleted(last) ? last.time : later(last.time, ttl_), hash, &row});
  std::push_heap(gone_.begin(), gone_.end());
}

void Table::forget_gone(std::int64_t horizon) {
  while (!gone_.empty() && gone_.front().time < horizon) {
    std::pop_heap(gone_.begin(), gone_.end());
    const auto [time, hash, row] = gone_.back();
    gone_.pop_back();
    row->watched = false;
    const Event& last = *row->versions.back().row();
    const bool outlived = ttl_ >= 0 && later(last.time, ttl_) < horizon;
    if ((deleted(last) && last.time < horizon) || outlived)
      erase(hash, row);
    else
      watch(*row, hash);
  }
}

void Table::unlist(Row& row) {
  if (!row.listed) return;
  (row.older != nullptr ? row.older->newer : oldest_) = row.newer;
  (row.newer != nullptr ? row.newer->older : newest_) = row.older;
  row.older = row.newer = nullptr;
  row.listed = false;
  --listed_;
}

void Table::enlist(Row& row) {
  unlist(row);
  row.older = newest_;
  (newest_ != nullptr ? newest_->newer : oldest_) = &row;
  newest_ = &row;
  row.listed = true;
  ++listed_;
}

// For one more row at the place: what has outlived its ttl is there no more; then the oldest rows go.
void Table::make_room(std::int64_t time, std::uint64_t place, std::int64_t horizon) {
  while (oldest_ != nullptr && ttl_ >= 0 && later(oldest_->versions.back().row()->time, ttl_) < time) unlist(*oldest_);
  while (listed_ >= bound_) {
    Row& row = *oldest_;
    unlist(row);
    ++evicted_;
    const Event& last = *row.versions.back().row();
    gone_row_.clear();
    Event& taken_away = *copy_event(last, shape_, gone_row_.allocate(event_bytes(last, shape_)));
    taken_away.time = time;
    taken_away.slots()[deleted_] = Slot::of_int(1);
    add_version(row, taken_away, place, horizon);
    watch(row, hash(row.key.data()));
  }
}

void Table::add_version(Row& row, const Event& event, std::uint64_t place, std::int64_t horizon) {
  const auto words = static_cast<std::uint32_t>((event_bytes(event, shape_) + 7) / sizeof(std::uint64_t));
  Version version{std::make_unique_for_overwrite<std::uint64_t[]>(words), words};
  Event* copy = copy_event(event, shape_, version.memory.get());
  copy->slot_count = shape_.slots;  // Without a lineage.
  copy->sequence = place;
  copy->stream = stream_;
  bytes_ += words * sizeof(std::uint64_t);
  const auto behind = std::partition_point(row.versions.begin(), row.versions.end(),
                                           [&](const Version& other) { return !(place_of(*copy) < place_of(*other.row())); });
  row.versions.insert(behind, std::move(version));
  drop_before(row, horizon);
}

void Table::put(const Event& row, std::uint64_t place, std::int64_t horizon) {
  forget_gone(horizon);
  if (!read_key(row)) {
    ++without_key_;
    return;
  }
  const std::uint32_t key_hash = hash(wanted_.data());
  Row* known = find_row(key_hash, wanted_.data());
  if (bound_ > 0 && !loading_ && !deleted(row) && (known == nullptr || !known->listed)) make_room(row.time, place, horizon);
  if (known == nullptr) {
    // Also where it takes a row away that is not there: what came before may be put later, by a rule.
    if (live_ >= max_rows_) {
      ++refused_;
      return;
    }
    auto created = std::make_unique<Row>();
    for (std::size_t i = 0; i < wanted_.size(); ++i)
      created->key.push_back(has_bytes(key_[i].type) ? created->texts.text(wanted_[i].text()) : wanted_[i]);
    known = created.get();
    std::unique_ptr<Row>& first = rows_[key_hash];
    created->next = std::move(first);
    first = std::move(created);
    ++live_;
  }
  add_version(*known, row, place, horizon);
  if (bound_ > 0 && deleted(*known->versions.back().row()))
    unlist(*known);
  else if (bound_ > 0)
    enlist(*known);
  watch(*known, key_hash);
}

std::vector<const Event*> Table::all_rows() const {
  std::vector<const Event*> all;
  for (const auto& [hash, first] : rows_)
    for (const Row* row = first.get(); row != nullptr; row = row->next.get())
      for (const Version& version : row->versions) all.push_back(version.row());
  // A row that went because another one came stands before it, at the same place.
  std::sort(all.begin(), all.end(), [&](const Event* a, const Event* b) {
    if (place_of(*a) < place_of(*b) || place_of(*b) < place_of(*a)) return place_of(*a) < place_of(*b);
    return deleted(*a) && !deleted(*b);
  });
  return all;
}

void Table::save(StateWriter& out) const {
  const std::vector<const Event*> all = all_rows();
  out.number(refused_);
  out.number(without_key_);
  out.number(evicted_);
  out.number(all.size());
  for (const Event* row : all) out.unnumbered_event(*row);
}

void Table::take_over(const Table& other) {
  refused_ += other.refused_;
  without_key_ += other.without_key_;
  evicted_ += other.evicted_;
  loading_ = true;
  for (const Event* row : other.all_rows()) put(*row, row->sequence, -kFarTime);
  loading_ = false;
}

void Table::load(StateReader& in) {
  refused_ = in.number();
  without_key_ = in.number();
  evicted_ = in.number();
  loading_ = true;
  for (std::uint64_t left = in.count(1); left > 0 && !in.failed(); --left) {
    const Event* row = in.event();
    if (in.failed() || row->slot_count != shape_.slots) return in.fail();
    put(*row, row->sequence, -kFarTime);
  }
  loading_ = false;
}

Tables::Tables(const RuleSet::Impl& rules, std::uint64_t max_rows) : by_stream_(rules.files.schemas.size(), -1) {
  for (const dsl::Table& table : rules.files.tables) {
    const StreamSchema& schema = rules.files.schemas[table.stream];
    by_stream_[table.stream] = static_cast<int>(tables_.size());
    any_can_be_emptied_ = any_can_be_emptied_ || table.truncated != kTimeSlot;
    tables_.push_back(std::make_unique<Table>(table, schema, max_rows));
  }
}

bool goes_on(const dsl::Table& here, const dsl::Table& there, const StateMap& map) {
  return map.streams[there.stream] == here.stream && here.key == there.key && here.deleted == there.deleted &&
         here.truncated == there.truncated && here.ttl == there.ttl && here.max_rows == there.max_rows;
}

void Tables::take_over(const Tables& other, const RuleSet::Impl& rules, const RuleSet::Impl& other_rules, const StateMap& map) {
  for (std::size_t i = 0; i < tables_.size(); ++i)
    for (std::size_t j = 0; j < other.tables_.size(); ++j) {
      const dsl::Table &here = rules.files.tables[i], &there = other_rules.files.tables[j];
      if (goes_on(here, there, map)) tables_[i]->take_over(*other.tables_[j]);
    }
}

void Tables::save(StateWriter& out) const {
  for (const auto& table : tables_) table->save(out);
}

void Tables::load(StateReader& in) {
  for (auto& table : tables_) table->load(in);
}

}  // namespace sequitur
