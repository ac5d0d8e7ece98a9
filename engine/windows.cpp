#include "engine/windows.hpp"

#include <algorithm>
#include <cstring>

#include "engine/fetch_ahead.hpp"
#include "engine/key_hash.hpp"
#include "engine/key_values.hpp"
#include "engine/shard.hpp"
#include "engine/window_state.hpp"

namespace sequitur {
namespace {

using dsl::WindowKind;

// How far ahead memory is fetched into the cache, in pieces of work.
constexpr std::size_t kFetchTableAhead = 16;
constexpr std::size_t kFetchPlacesAhead = 12;
constexpr std::size_t kFetchKeysAhead = 9;
constexpr std::size_t kFetchRowsAhead = 6;
constexpr std::size_t kFetchValuesAhead = 3;
constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kMostFetched = 5 * kCacheLine;
// A list of due keys that grew larger than this is given back.
constexpr std::size_t kMostDueKept = 1 << 16;

}  // namespace

std::uint32_t Windows::work_rule(const Work& work) { return work.rule; }

Windows::Windows(const RuleSet::Impl& rules, const EngineOptions& options, const WindowOutput& output)
    : rule_set_(rules), options_(options), output_(output) {
  std::size_t values = 1, columns = 1;
  for (const auto& automaton : rules.automata) {
    const nfa::WindowCode* code = automaton->window ? automaton->window.get() : automaton->past.get();
    rules_.push_back(code == nullptr ? nullptr : std::make_unique<Rule>(*automaton, *code));
    if (code == nullptr) continue;
    Rule& rule = *rules_.back();
    if (automaton->past) {
      rule.nothing = static_cast<KeyWindow*>(rule.pool.allocate(rule.key_bytes));
      std::memset(static_cast<void*>(rule.nothing), 0, rule.key_bytes);
    }
    values = std::max(values, code->values.size());
    for (const nfa::LineCode& line : code->lines) columns = std::max(columns, line.columns.size());
  }
  values_.resize(values);
  row_.resize(columns);
  context_.arena = &scratch_;
  context_.values = values_.data();
}

void Windows::see(nfa::TableView tables, const Numbering* numbering) {
  context_.tables = tables;
  numbering_ = numbering;
}

nfa::AsOf Windows::as_of(const Event& event) const {
  return {event.time, numbering_ != nullptr ? numbering_->place(event.sequence) : event.sequence};
}

// The lines that take the event, by their own bits. What is looked up from here on is as of the event.
nfa::Bits Windows::lines_of(const Rule& rule, const Work& work, const Slot* key) {
  if (!rule.code->looks_up) return work.bits;
  context_.as_of = as_of(*work.event);
  if (!rule.code->lines_look_up) return work.bits;
  context_.candidate = work.event;
  context_.key = key;
  nfa::Bits lines = 0;
  for (const nfa::LineCode& line : rule.code->lines)
    if ((work.bits & line.bit) != 0 && (!line.where || line.where.holds(context_))) lines |= line.own;
  return lines;
}

void Windows::clear_scratch() {
  if (scratch_.bytes() > 0) scratch_.clear();
}

Windows::~Windows() {
  for (const Place& place : places_)
    if (place.key != nullptr) destroy(*place.key);
  for (auto& rule : rules_)
    if (rule && rule->nothing != nullptr) rule->pool.deallocate(rule->nothing, rule->key_bytes);
}

// ---- Keys --------------------------------------------------------------------------------------------------------------

Windows::KeyWindow* Windows::find(Rule& rule, std::uint32_t hash, const Slot* key) const {
  const std::span<const nfa::KeyCode> parts = rule.automaton->key;
  const std::uint32_t found = rule.table.find(hash, [&](std::uint32_t index) { return same_key(parts, places_[index].key->key(), key); });
  return found == KeyTable::kNone ? nullptr : places_[found].key;
}

Windows::KeyWindow& Windows::create(std::uint32_t rule_index, std::uint32_t hash, const Slot* values) {
  Rule& rule = *rules_[rule_index];
  std::uint32_t place = static_cast<std::uint32_t>(places_.size());
  if (free_.empty()) {
    places_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  auto* key = static_cast<KeyWindow*>(rule.pool.allocate(rule.key_bytes));
  std::memset(static_cast<void*>(key), 0, rule.key_bytes);
  key->rule = rule_index;
  key->hash = hash;
  key->place = place;
  key->scheduled = kNever;
  key->follow = kNoFollow;
  copy_key(rule.pool, rule.automaton->key, values, key->key());
  places_[place].key = key;
  rule.table.insert(hash, place);
  ++rule.keys;
  return *key;
}

void Windows::destroy(KeyWindow& key) {
  Rule& rule = *rules_[key.rule];
  rule.table.erase(key.hash, key.place);
  release_key(rule.pool, rule.automaton->key, key.key());
  if (rule.code->evicts) {
    for (std::size_t line = 0; line < rule.lines.size(); ++line) {
      RowRing& ring = rule.ring(key, line);
      const std::uint32_t stride = rule.lines[line].stride();
      for (std::uint64_t i = 0; i < ring.size(); ++i)
        rule.lines[line].forget(reinterpret_cast<const Slot*>(ring.row(ring.first_number() + i, stride) + 1), rule.texts);
      rule.lines[line].release(rule.state(key, line), rule.pool, rule.texts);
      ring.release(stride, rule.pool);
    }
    if (rule.keeps_order()) rule.ring(key, rule.lines.size()).release(1, rule.pool);
  }
  while (key.instance_count > 0) end_instance(rule, key, key.instance_count - 1);
  if (key.instances != nullptr) rule.pool.deallocate(key.instances, key.instance_capacity * sizeof(Instance*));
  Place& place = places_[key.place];
  place.key = nullptr;
  ++place.generation;
  free_.push_back(key.place);
  --rule.keys;
  rule.pool.deallocate(&key, rule.key_bytes);
}

void Windows::schedule(KeyWindow& key) {
  const Rule& rule = *rules_[key.rule];
  // What a line has already leaves before what has just come.
  if (key.scheduled != kNever && rule.code->evicts && rule.lines.size() == 1) return;
  const Moment next = due(rule, key);
  if (next >= key.scheduled) return;
  wheel_.insert({next, key.place, places_[key.place].generation});
  key.scheduled = next;
}

// What is due is gathered first, so that the memory of each key can be fetched while those before it are worked on: most
// keys of a large window have not been touched for a long time.
void Windows::advance(Moment limit) {
  due_.clear();
  wheel_.advance(limit, [&](const TimingWheel::Entry& entry) { due_.push_back(entry); });
  const auto key_at = [&](std::size_t i) -> const KeyWindow* {
    if (i >= due_.size()) return nullptr;
    const Place& place = places_[due_[i].key];
    return place.generation == due_[i].generation ? place.key : nullptr;
  };
  for (std::size_t i = 0; i < due_.size(); ++i) {
    if (i + kFetchPlacesAhead < due_.size()) fetch_ahead(&places_[due_[i + kFetchPlacesAhead].key]);
    if (const KeyWindow* key = key_at(i + kFetchKeysAhead)) prefetch_key(*key, kMostFetched);
    if (const KeyWindow* key = key_at(i + kFetchRowsAhead)) prefetch_front(*rules_[key->rule], *key);
    if (const KeyWindow* key = key_at(i + kFetchValuesAhead)) prefetch_leaving(*rules_[key->rule], *key);
    const TimingWheel::Entry entry = due_[i];
    const Place& place = places_[entry.key];
    if (place.key == nullptr || place.generation != entry.generation || place.key->scheduled != entry.when) continue;
    place.key->scheduled = kNever;
    if (fire(*place.key, limit)) schedule(*place.key);
  }
  if (due_.capacity() > kMostDueKept) std::vector<TimingWheel::Entry>().swap(due_);
}

// ---- Fetching memory ahead ---------------------------------------------------------------------------------------------

void Windows::prefetch_key(const KeyWindow& key, std::size_t bytes) {
  const auto* begin = reinterpret_cast<const std::byte*>(&key);
  for (std::size_t at = 0; at < std::min(bytes, kMostFetched); at += kCacheLine) fetch_ahead(begin + at);
}

void Windows::prefetch_front(const Rule& rule, const KeyWindow& key) {
  if (!rule.code->evicts) return;
  for (std::size_t line = 0; line < rule.lines.size(); ++line) rule.ring(key, line).prefetch_front(rule.lines[line].stride());
}

// Of a key of which something is about to leave.
void Windows::prefetch_leaving(const Rule& rule, const KeyWindow& key) {
  if (!rule.code->evicts) return;
  for (std::size_t line = 0; line < rule.lines.size(); ++line)
    if (const RowRing& ring = rule.ring(key, line); ring.size() > 0) rule.lines[line].prefetch_remove(rule.state(key, line), ring);
}

void Windows::prefetch_coming(const Rule& rule, const KeyWindow& key, const Work& work) {
  if (!rule.code->evicts) return;
  for (std::size_t line = 0; line < rule.lines.size(); ++line) {
    if ((work.bits & rule.code->lines[line].bit) == 0) continue;
    rule.ring(key, line).prefetch_back(rule.lines[line].stride());
    rule.lines[line].prefetch_add(rule.state(key, line), *work.event);
  }
}

// In steps, each of which needs the one before: the place in the table, the key, its rows, what the values of rows lead to.
void Windows::prefetch(std::span<const Work> work, std::size_t at) {
  const auto rule_at = [&](std::size_t i) -> const Rule* { return i < work.size() ? rules_[work[i].rule].get() : nullptr; };
  // The key that it probably is, if there is one.
  const auto key_at = [&](std::size_t i) -> const KeyWindow* {
    const std::uint32_t guess = guesses_[i % kGuesses];
    return i >= work.size() || guess == KeyTable::kNone ? nullptr : places_[guess].key;
  };
  const auto key_of_rule = [&](std::size_t i) -> const KeyWindow* {
    const KeyWindow* key = key_at(i);
    return key != nullptr && key->rule == work[i].rule ? key : nullptr;
  };
  if (at == 0) guesses_.fill(KeyTable::kNone);
  std::size_t i = at + kFetchTableAhead;
  if (const Rule* rule = rule_at(i)) rule->table.prefetch(work[i].hash);
  i = at + kFetchPlacesAhead;
  std::uint32_t& guess = guesses_[i % kGuesses];
  guess = KeyTable::kNone;
  if (const Rule* rule = rule_at(i)) {
    guess = rule->table.probable(work[i].hash);
    if (guess != KeyTable::kNone) fetch_ahead(&places_[guess]);
  }
  i = at + kFetchKeysAhead;
  if (const KeyWindow* key = key_at(i)) prefetch_key(*key, rules_[work[i].rule]->key_bytes);
  i = at + kFetchRowsAhead;
  if (const KeyWindow* key = key_of_rule(i)) {
    prefetch_coming(*rules_[key->rule], *key, work[i]);
    if (key->scheduled < moment(work[i].event->time, MomentPhase::kEvent)) prefetch_front(*rules_[key->rule], *key);
  }
  i = at + kFetchValuesAhead;
  if (const KeyWindow* key = key_of_rule(i))
    if (key->scheduled < moment(work[i].event->time, MomentPhase::kEvent)) prefetch_leaving(*rules_[key->rule], *key);
}

// ---- Time --------------------------------------------------------------------------------------------------------------

Moment Windows::due(const Rule& rule, const KeyWindow& key) const {
  Moment next = kNever;
  if (rule.code->kind == WindowKind::kSliding) {
    for (std::size_t line = 0; line < rule.lines.size(); ++line) {
      const RowRing& ring = rule.ring(key, line);
      if (ring.size() > 0) next = std::min(next, moment(later(ring.front_time(), rule.code->lines[line].span), MomentPhase::kSilence));
    }
    return next;
  }
  if (rule.code->evicts) return moment(key.next_hop, MomentPhase::kSilence);
  for (std::uint32_t i = 0; i < key.instance_count; ++i) {
    const Instance& instance = *key.instances[i];
    next = std::min(next, end_of(rule, instance));
    if (rule.code->period > 0 && instance.fresh > 0) next = std::min(next, moment(instance.next_period, MomentPhase::kSilence));
  }
  if (key.follow != kNoFollow) next = std::min(next, moment(key.follow, MomentPhase::kSilence));
  return next;
}

bool Windows::fire(KeyWindow& key, Moment limit) {
  Rule& rule = *rules_[key.rule];
  for (Moment next = due(rule, key); next < limit; next = due(rule, key)) {
    const bool lives = rule.code->kind == WindowKind::kSliding      ? fire_leaving(rule, key, next)
                       : rule.code->kind == WindowKind::kLastEvents ? forget(rule, key, next)
                       : rule.code->evicts                          ? fire_hop(rule, key, next)
                                                                    : fire_instances(rule, key, next);
    if (lives) continue;
    destroy(key);
    return false;
  }
  return true;
}

// ---- Windows that events leave one by one ------------------------------------------------------------------------------

void Windows::push(Rule& rule, KeyWindow& key, const Event& event, nfa::Bits bits) {
  for (std::size_t line = 0; line < rule.lines.size(); ++line) {
    if ((bits & rule.code->lines[line].own) == 0) continue;
    const LineAggregates& aggregates = rule.lines[line];
    RowRing& ring = rule.ring(key, line);
    if (ring.size() >= options_.max_window_events && rule.code->kind != WindowKind::kLastEvents) {
      ++rule.overfull;
      pop(rule, key, line);
    }
    aggregates.read(event, context_, rule.texts, row_.data());
    append(rule, key, line, event.time);
  }
  if (rule.keeps_order()) rule.ring(key, rule.lines.size()).push(bits, 1, rule.pool);
  ++key.taken;
  key.latest_sequence = event.sequence;
}

void Windows::append(Rule& rule, KeyWindow& key, std::size_t line, std::int64_t time) {
  const LineAggregates& aggregates = rule.lines[line];
  RowRing& ring = rule.ring(key, line);
  std::uint64_t* row = ring.push(static_cast<std::uint64_t>(time), aggregates.stride(), rule.pool);
  std::memcpy(row + 1, row_.data(), aggregates.columns() * sizeof(Slot));
  aggregates.add(rule.state(key, line), row_.data(), time, ring.first_number() + ring.size() - 1, rule.pool, rule.texts);
}

void Windows::pop(Rule& rule, KeyWindow& key, std::size_t line) {
  const LineAggregates& aggregates = rule.lines[line];
  RowRing& ring = rule.ring(key, line);
  const auto* values = reinterpret_cast<const Slot*>(ring.front() + 1);
  aggregates.remove(rule.state(key, line), values, ring, rule.pool, rule.texts);
  aggregates.forget(values, rule.texts);
  ring.pop(aggregates.stride(), rule.pool);
}

// Of each line what has been there for its span by now.
void Windows::evict_until(Rule& rule, KeyWindow& key, std::int64_t time) {
  for (std::size_t line = 0; line < rule.lines.size(); ++line)
    while (rule.ring(key, line).size() > 0 && later(rule.ring(key, line).front_time(), rule.code->lines[line].span) <= time)
      pop(rule, key, line);
}

void Windows::evict_older(Rule& rule, KeyWindow& key, std::int64_t time) {
  for (std::size_t line = 0; line < rule.lines.size(); ++line)
    while (rule.ring(key, line).size() > 0 && rule.ring(key, line).front_time() < time) pop(rule, key, line);
}

void Windows::evict_to(Rule& rule, KeyWindow& key, std::uint64_t events) {
  if (!rule.keeps_order()) {
    while (rule.ring(key, 0).size() > events) pop(rule, key, 0);
    return;
  }
  RowRing& order = rule.ring(key, rule.lines.size());
  while (order.size() > events) {
    for (std::size_t line = 0; line < rule.lines.size(); ++line)
      if ((*order.front() & rule.code->lines[line].own) != 0) pop(rule, key, line);
    order.pop(1, rule.pool);
  }
}

bool Windows::fire_leaving(Rule& rule, KeyWindow& key, Moment at) {
  evict_until(rule, key, time_of(at));
  const bool empty = is_empty(rule, {&key, nullptr});
  if (rule.automaton->window) {
    if (!empty || rule.code->always)
      result(rule, key, nullptr, at, nullptr, 0);
    else
      end_hold(rule, key, at);
  }
  return !empty;
}

// Nothing came to the key's last events for too long. Returns false: it goes.
bool Windows::forget(Rule& rule, KeyWindow& key, Moment at) {
  ++rule.forgotten;
  evict_to(rule, key, 0);
  end_hold(rule, key, at);
  return false;
}

bool Windows::fire_hop(Rule& rule, KeyWindow& key, Moment at) {
  evict_older(rule, key, time_of(at) - rule.code->size);
  const bool empty = is_empty(rule, {&key, nullptr});
  if (empty)
    end_hold(rule, key, at);
  else
    result(rule, key, nullptr, at, nullptr, 0);
  key.next_hop = later(key.next_hop, rule.code->every);
  return !empty;
}

const Slot* Windows::past(const Work& work, const Slot* values) {
  Rule& rule = rule_of(work);
  KeyWindow* key = find(rule, work.hash, values);
  if (key == nullptr)
    key = rule.nothing;
  else
    evict_until(rule, *key, work.event->time);
  read_values(rule, {key, nullptr}, rule.all_values);
  return values_.data();
}

void Windows::remember(const Work& work, const Slot* values) {
  clear_scratch();
  Rule& rule = rule_of(work);
  const nfa::Bits lines = lines_of(rule, work, values);
  if (lines == 0) return;
  KeyWindow* key = find(rule, work.hash, values);
  if (key == nullptr) key = &create(work.rule, work.hash, values);
  evict_until(rule, *key, work.event->time);
  push(rule, *key, *work.event, lines);
  schedule(*key);
}

// ---- An event ----------------------------------------------------------------------------------------------------------

void Windows::process(const Work& work, const Slot* values) {
  clear_scratch();
  Rule& rule = rule_of(work);
  const Moment now = moment(work.event->time, MomentPhase::kEvent);
  const nfa::Bits lines = lines_of(rule, work, values);
  if (lines == 0) return;
  KeyWindow* key = find(rule, work.hash, values);
  if (key != nullptr && key->scheduled < now && !fire(*key, now)) key = nullptr;
  if (rule.code->looks_up) context_.as_of = as_of(*work.event);  // What was due before was asked as of its own time.
  if (key == nullptr) {
    key = &create(work.rule, work.hash, values);
    if (rule.code->kind == WindowKind::kHopping && rule.code->evicts) key->next_hop = next_multiple(work.event->time, rule.code->every);
  }
  if (rule.code->evicts) {
    push(rule, *key, *work.event, lines);
    if (rule.code->kind == WindowKind::kLastEvents) {
      key->next_hop = later(work.event->time, rule.code->ttl);
      evict_to(rule, *key, std::min<std::uint64_t>(rule.code->events, options_.max_window_events));
    }
    const bool reports = rule.code->kind == WindowKind::kSliding ||
                         (rule.code->kind == WindowKind::kLastEvents && key->taken % rule.code->every_events == 0);
    if (reports) result(rule, *key, nullptr, now, work.event, lines);
  } else {
    take(rule, *key, *work.event, lines);
    if (key->instance_count == 0 && key->follow == kNoFollow) return destroy(*key);
  }
  schedule(*key);
}

void Windows::add_counts(std::size_t rule, RuleCounters& counters) const {
  if (!rules_[rule]) return;
  counters.window_overfull += rules_[rule]->overfull;
  counters.window_forgotten += rules_[rule]->forgotten;
}

void Windows::count(EngineCounters& counters) const {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (!rules_[i]) continue;
    const Rule& rule = *rules_[i];
    RuleCounters& mine = counters.rules[i];
    const std::uint64_t bytes = rule.pool.bytes_in_use() + rule.table.memory_bytes() + rule.texts.memory_bytes();
    mine.window_keys += rule.keys;
    mine.window_bytes += bytes;
    add_counts(i, mine);
    counters.live_keys += rule.keys;
    counters.state_bytes += bytes;
  }
  counters.state_bytes += wheel_.memory_bytes() + places_.capacity() * sizeof(Place) + due_.capacity() * sizeof(TimingWheel::Entry);
}

}  // namespace sequitur
