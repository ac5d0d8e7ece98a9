// How threads share the work: a batch is cut into as many pieces as there are threads; each piece's predicates are
// evaluated and its events routed by a task of its own into lists by shard (a Lane). Then each shard is one task that goes
// through the lanes in the order of events. So threads meet twice a batch, never for an event.
#include "engine/evaluator.hpp"

#include <algorithm>
#include <thread>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "engine/fetch_ahead.hpp"
#include "engine/key_hash.hpp"
#include "engine/rule_change.hpp"
#include "engine/run_observer.hpp"
#include "engine/state_bytes.hpp"
#include "nfa/decision_table.hpp"

namespace sequitur {

struct Evaluator::Parallel {
  explicit Parallel(unsigned threads) : allowed(tbb::global_control::max_allowed_parallelism, threads), arena(static_cast<int>(threads)) {}
  tbb::global_control allowed;  // More threads than cores are allowed, if somebody asks for them.
  tbb::task_arena arena;

  // Calls body(0) .. body(count - 1), each in some thread, and returns when all have returned.
  template <typename Body>
  void for_each(std::size_t count, const Body& body) {
#ifdef __SANITIZE_THREAD__
    // The library of oneTBB is not compiled for ThreadSanitizer, which would see races inside it everywhere. What it is to
    // look at is what our bodies share; for that any threads do.
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
    body(0);
    for (std::thread& thread : threads) thread.join();
#else
    arena.execute([&] { tbb::parallel_for(std::size_t{0}, count, body, tbb::simple_partitioner()); });
#endif
  }
};

struct Evaluator::Lane {
  Lane(const RuleSet::Impl& rules, std::size_t shards)
      : predicates(*rules.predicates), work(shards * rules.generation_count), bits(rules.rules.size()), null_keys(rules.rules.size()) {
    std::size_t parts = 1;
    for (const auto& automaton : rules.automata) parts = std::max(parts, automaton->key.size());
    key.resize(parts);
  }

  nfa::PredicateSet::Scratch predicates;
  std::vector<nfa::DecisionTable::Sifted> concerning;  // Of the events being routed those that may concern a rule: with their class,
  std::vector<const Event*> asked;                     // of these the ones whose predicates must be evaluated,
  nfa::PredicateHits hits;                             // with what came of it.
  std::vector<WorkList> work;                          // Index = generation * shards + shard.
  std::vector<nfa::Bits> bits;                         // Index = rule; of the event being routed.
  std::vector<std::uint32_t> concerned;                // Rules with bits.
  std::vector<std::uint64_t> null_keys;                // Index = rule.
  std::vector<Slot> key;
  std::vector<Slot> way_keys;  // Of the event being routed: its keys,
  std::vector<Work> way_work;  // and what goes to each.
  std::vector<Slot*> keys;     // Of the event at hand, where it may have several.
  Arena scratch;
};

// The rules of one generation: they see events from outside, and events that lower generations emit.
struct Evaluator::Stratum {
  Stratum(const RuleSet::Impl& rules, const EngineOptions& options, std::size_t shard_count, std::uint32_t number)
      : generation(number), alert_stage(rules), named(rules.files.schemas.size()), merged(shard_count) {
    for (std::size_t i = 0; i < shard_count; ++i) shards.push_back(std::make_unique<Shard>(rules, options));
    for (const dsl::Rule& rule : rules.files.rules)
      if (!rule.disabled && rule.generation == generation)
        for (const StreamId stream : rule.streams) named[stream] = true;
  }

  // A derived event on its way to the stratum.
  struct Derived {
    Event* event;
    std::uint64_t place;  // See kGenerationShift.
    friend bool operator<(const Derived& a, const Derived& b) {
      return a.event->time != b.event->time ? a.event->time < b.event->time : a.place < b.place;
    }
  };

  const std::uint32_t generation;
  std::vector<std::unique_ptr<Shard>> shards;
  AlertStage alert_stage;
  std::vector<bool> named;        // Index = StreamId.
  std::vector<Derived> incoming;  // In no order.
  std::uint64_t emitted = 0;      // Derived events that its rules have emitted.

  // Of all but the lowest: it numbers events by itself, as derived ones come between those from outside.
  std::uint64_t sequence = 0;
  Numbering numbering;
  std::vector<Derived> released;
  std::vector<Event*> released_events;
  std::vector<WorkList> merged;  // Index = shard.
};

namespace {

// Instead of a class: each event of the stream is asked.
constexpr std::uint32_t kAsked = 0xFFFF'FFFF;

// The place of an event among those of its time: of one from outside its sequence, of a derived one its generation, and
// which one it is of these.
constexpr int kGenerationShift = 56;

}  // namespace

namespace {

// Where the part stands in events of whatever stream it is read from, if that is one place: of many rules over many streams the
// places by stream are more than a cache holds.
SlotIndex slot_in_all(const nfa::KeyCode& part) {
  SlotIndex slot = nfa::kNoSlot;
  for (std::size_t stream = 0; stream < part.slots.size(); ++stream) {
    if (part.expressions[stream]) return nfa::kNoSlot;
    if (part.slots[stream] == nfa::kNoSlot) continue;
    if (slot != nfa::kNoSlot && slot != part.slots[stream]) return nfa::kNoSlot;
    slot = part.slots[stream];
  }
  return slot;
}

}  // namespace

Evaluator::Evaluator(std::shared_ptr<const RuleSet> rules, const EngineOptions& options)
    : rules_(std::move(rules)),
      options_(options),
      tables_(rules_->impl(), options.max_table_rows),
      ticks_(rules_->impl().files.schedules),
      table_files_(rules_->impl()),
      latest_time_(-kFarTime) {
  options_.threads = std::clamp(options_.threads, 1u, 256u);
  shard_count_ = options_.threads == 1 ? 1 : std::size_t{4} * options_.threads;
  const RuleSet::Impl& impl = rules_->impl();
  strata_ = make_strata();
  for (unsigned i = 0; i < options_.threads; ++i) lanes_.push_back(std::make_unique<Lane>(impl, shard_count_));
  for (std::size_t rule = 0; rule < impl.automata.size(); ++rule) {
    const nfa::Automaton& automaton = *impl.automata[rule];
    const bool simple = !automaton.routed_apart && !automaton.several_keys;
    const bool plain = simple && is_plain(automaton.key);
    const bool keyless = simple && automaton.key.empty();
    Route& route = routes_.emplace_back();
    if (plain) {
      route.plain_slot = slot_in_all(automaton.key[0]);
      route.plain_slots = automaton.key[0].slots.data();
    }
    route.generation = impl.generations[rule];
    route.keyless = keyless;
    if (!keyless) continue;
    route.hash = hash_key(automaton.key, nullptr);
    route.lone_list = static_cast<std::uint32_t>(list_of_work(route.generation, route.hash));
  }
  for (StreamId stream = 0; stream < impl.files.schemas.size(); ++stream) {
    const nfa::PredicateSet::Asked asked = impl.predicates->asked(stream);
    StreamClasses& classes = classes_.emplace_back();
    classes.table = asked.table;
    classes.asks_each = asked.each;
    for (std::uint32_t its_class = 0; asked.table != nullptr && its_class < asked.table->classes(); ++its_class) {
      classes.begin.push_back(static_cast<std::uint32_t>(classes.listeners.size()));
      const auto listening = impl.listening(asked.table->hits(its_class));
      classes.listeners.insert(classes.listeners.end(), listening.begin(), listening.end());
    }
    classes.begin.push_back(static_cast<std::uint32_t>(classes.listeners.size()));
    sifts_ = sifts_ || asked.each || (asked.table != nullptr && !asked.table->offsets().empty());
  }
  if (strata_.size() > 1) {
    derived_lane_ = std::make_unique<Lane>(impl, shard_count_);
    for (const StreamSchema& schema : impl.files.schemas) shapes_.emplace_back(schema);
  }
  rule_begins_.assign(impl.rules.size(), -kFarTime);
  if (options_.observer != nullptr) options_.observer->see(tables_.view());
  if (options_.threads > 1) parallel_ = std::make_unique<Parallel>(options_.threads);
}

Evaluator::~Evaluator() = default;

std::vector<std::unique_ptr<Evaluator::Stratum>> Evaluator::make_strata() const {
  std::vector<std::unique_ptr<Stratum>> strata(rules_->impl().generation_count);
  for (std::uint32_t i = 0; i < strata.size(); ++i) strata[i] = std::make_unique<Stratum>(rules_->impl(), options_, shard_count_, i);
  for (const auto& stratum : strata)
    for (auto& shard : stratum->shards) shard->see(tables_.view(), stratum->generation > 0 ? &stratum->numbering : nullptr);
  return strata;
}

namespace {

// Whether the key can be read so of events of the stream; there may be lines of other streams.
bool reads(std::span<const nfa::KeyCode> codes, StreamId stream) {
  return std::all_of(codes.begin(), codes.end(),
                     [&](const nfa::KeyCode& code) { return code.slots[stream] != nfa::kNoSlot || code.expressions[stream]; });
}

}  // namespace

bool Evaluator::has_key(const nfa::Automaton& automaton, const Event& event, Lane& lane) const {
  return std::any_of(automaton.key_ways.begin(), automaton.key_ways.end(), [&](const std::vector<nfa::KeyCode>& codes) {
    return reads(codes, event.stream) && read_key(codes, event, lane.scratch, lane.way_keys.data());
  });
}

// An event of a rule whose lines read the key in different ways: to each of its keys, with the bits of the lines that see it
// there. A tick goes to all keys.
void Evaluator::send_apart(Event* event, std::uint32_t rule, nfa::Bits bits, Lane& lane) const {
  const nfa::Automaton& automaton = *rules_->impl().automata[rule];
  const std::size_t first = rules_->impl().generations[rule] * shard_count_;  // Of the shards of the rule's generation.
  if (rules_->schemas()[event->stream].schedule && !automaton.key.empty()) {
    for (std::size_t shard = 0; shard < shard_count_; ++shard) lane.work[first + shard].push_back({event, bits, rule, 0, Slot{}});
    return;
  }
  const std::size_t parts = automaton.key.size();
  const std::size_t ways = std::max<std::size_t>(1, automaton.key_ways.size());
  lane.way_keys.resize(parts * ways);
  lane.way_work.clear();
  for (std::size_t way = 0; way < ways; ++way) {
    const nfa::Bits own = automaton.key_ways.empty() ? bits : bits & automaton.way_bits[way];
    const std::span<const nfa::KeyCode> codes = automaton.key_ways.empty() ? automaton.key : automaton.key_ways[way];
    Slot* values = lane.way_keys.data() + parts * lane.way_work.size();
    if (own == 0 || !reads(codes, event->stream) || !read_key(codes, *event, lane.scratch, values)) continue;
    const std::uint32_t hash = hash_key(automaton.key, values);
    std::size_t same = 0;
    while (same < lane.way_work.size() &&
           (lane.way_work[same].hash != hash || !same_key(automaton.key, lane.way_keys.data() + parts * same, values)))
      ++same;
    if (same < lane.way_work.size())
      lane.way_work[same].bits |= own;
    else
      lane.way_work.push_back({event, own, rule, hash, values[0]});
  }
  // Without a key is what has none in any way, also those of lines that it does not fit.
  if (lane.way_work.empty() && !has_key(automaton, *event, lane)) ++lane.null_keys[rule];
  for (const Work& work : lane.way_work) lane.work[first + shard_of(work.hash)].push_back(work);
}

// An event of a rule whose key is not simply in a field.
void Evaluator::send_otherwise(Event* event, std::uint32_t rule, nfa::Bits bits, Lane& lane) const {
  const nfa::Automaton& automaton = *rules_->impl().automata[rule];
  if (automaton.routed_apart) return send_apart(event, rule, bits, lane);
  const std::span<const nfa::KeyCode> key = automaton.key;
  const auto send = [&](std::uint32_t hash, Slot value) {
    lane.work[list_of_work(routes_[rule].generation, hash)].push_back({event, bits, rule, hash, value});
  };
  if (!automaton.several_keys) {
    if (read_key(key, *event, lane.scratch, lane.key.data()))
      send(hash_key(key, lane.key.data()), lane.key[0]);
    else
      ++lane.null_keys[rule];
    return;
  }
  read_keys(key, *event, lane.scratch, lane.keys);
  lane.null_keys[rule] += lane.keys.empty() ? 1 : 0;
  for (const Slot* parts : lane.keys)
    send(hash_key(key, parts),
         key.size() == 1 ? parts[0] : Slot{.bits = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(parts))});
}

// Which of the events concern a rule at all; those that must be asked are asked.
void Evaluator::sift(std::span<Event* const> events, Lane& lane) const {
  lane.concerning.resize(events.size());
  lane.asked.clear();
  nfa::DecisionTable::Sifted* to = lane.concerning.data();
  constexpr std::size_t kTogether = 32;
  for (std::size_t at = 0, end = 0; at < events.size(); at = end) {
    const StreamId stream = events[at]->stream;
    end = at + 1;
    for (const std::size_t most = std::min(at + kTogether, events.size()); end < most && events[end]->stream == stream;) ++end;
    for (std::size_t i = at; i < std::min(end, next_.size()); ++i) fetch_two_lines(next_[i]);
    if (stream >= classes_.size()) continue;
    const StreamClasses& known = classes_[stream];
    const std::span<Event* const> those = events.subspan(at, end - at);
    if (known.table != nullptr) {
      to += known.table->sift(those, to);
    } else if (known.asks_each) {
      for (Event* event : those) *to++ = {event, kAsked};
      lane.asked.insert(lane.asked.end(), those.begin(), those.end());
    }
  }
  lane.concerning.resize(static_cast<std::size_t>(to - lane.concerning.data()));
  if (!lane.asked.empty()) rules_->impl().predicates->evaluate(lane.asked, lane.predicates, lane.hits);
}

// Hands an event to a rule of one of the generations at hand.
struct Evaluator::Sender {
  const Evaluator& evaluator;
  Lane& lane;
  std::uint32_t first_generation, last_generation;

  [[gnu::always_inline]] void operator()(Event* event, std::uint32_t rule, nfa::Bits bits) const {
    const Route& route = evaluator.routes_[rule];
    if (route.generation < first_generation || route.generation > last_generation) return;
    if (route.keyless) return lane.work[route.lone_list].push_back({event, bits, rule, route.hash, Slot::of_int(0)});
    SlotIndex slot = route.plain_slot;
    if (slot == nfa::kNoSlot && route.plain_slots != nullptr) slot = route.plain_slots[event->stream];
    if (slot == nfa::kNoSlot) return evaluator.send_otherwise(event, rule, bits, lane);
    const Slot value = event->get(slot);
    if (value.i == kNullInt) {
      ++lane.null_keys[rule];
      return;
    }
    const std::uint32_t hash = hash_plain(value);
    lane.work[evaluator.list_of_work(route.generation, hash)].push_back({event, bits, rule, hash, value});
  }
};

// For the rules of these generations.
void Evaluator::route(std::span<Event* const> events, Lane& lane, std::uint32_t first_generation, std::uint32_t last_generation) const {
  for (auto& work : lane.work) work.clear();
  lane.scratch.clear();
  const Sender send{*this, lane, first_generation, last_generation};
  if (!sifts_) {
    for (Event* event : events) {
      if (event->stream >= classes_.size()) continue;
      for (const RuleSet::Impl::Listener& listener : classes_[event->stream].listeners) send(event, listener.rule, listener.bits);
    }
    return;
  }
  sift(events, lane);
  if (!lane.asked.empty()) return route_asked(lane, send);
  for (const auto& concerning : lane.concerning)
    for (const RuleSet::Impl::Listener& listener : classes_[concerning.event->stream].of(concerning.state))
      send(concerning.event, listener.rule, listener.bits);
}

// The same where the predicates of some of the events had to be asked.
void Evaluator::route_asked(Lane& lane, const Sender& send) const {
  const RuleSet::Impl& rules = rules_->impl();
  const std::uint32_t* const listener_begin = rules.listener_begin.data();
  const RuleSet::Impl::Listener* const listeners = rules.listeners.data();
  std::size_t asked = 0;
  for (const auto& concerning : lane.concerning) {
    if (concerning.state != kAsked) {
      for (const RuleSet::Impl::Listener& listener : classes_[concerning.event->stream].of(concerning.state))
        send(concerning.event, listener.rule, listener.bits);
      continue;
    }
    const std::span<const nfa::PredicateId> hits = lane.hits.of(asked++);
    if (hits.size() == 1 && listener_begin[hits[0]] + 1 == listener_begin[hits[0] + 1]) {
      const RuleSet::Impl::Listener& only = listeners[listener_begin[hits[0]]];
      send(concerning.event, only.rule, only.bits);
      continue;
    }
    lane.concerned.clear();
    for (const nfa::PredicateId predicate : hits) {
      for (std::uint32_t at = listener_begin[predicate]; at < listener_begin[predicate + 1]; ++at) {
        const RuleSet::Impl::Listener& listener = listeners[at];
        if (lane.bits[listener.rule] == 0) lane.concerned.push_back(listener.rule);
        lane.bits[listener.rule] |= listener.bits;
      }
    }
    for (const std::uint32_t rule : lane.concerned) send(concerning.event, rule, std::exchange(lane.bits[rule], 0));
  }
}

template <typename Body>
void Evaluator::for_each_shard(const Body& body) {
  if (parallel_) {
    parallel_->for_each(shard_count_, body);
  } else {
    for (std::size_t shard = 0; shard < shard_count_; ++shard) body(shard);
  }
}

void Evaluator::process(Stratum& stratum, std::size_t lanes, Moment limit) {
  for_each_shard([&](std::size_t shard) {
    for (std::size_t lane = 0; lane < lanes; ++lane)
      stratum.shards[shard]->process(lanes_[lane]->work[stratum.generation * shard_count_ + shard], first_time_);
    stratum.shards[shard]->advance(limit);
  });
}

// Gives the events from outside and the released derived ones their numbers in this stratum.
void Evaluator::number(Stratum& stratum, std::span<Event* const> events) const {
  stratum.numbering.from = stratum.sequence;
  stratum.numbering.places.clear();
  const auto add = [&](Event* event, std::uint64_t place) {
    event->sequence = ++stratum.sequence;
    stratum.numbering.places.push_back(place);
  };
  const std::uint64_t first_place = sequence_ - events.size() + 1;
  auto derived = stratum.released.begin();
  for (std::size_t i = 0; i < events.size(); ++i) {
    for (; derived != stratum.released.end() && derived->event->time < events[i]->time; ++derived) add(derived->event, derived->place);
    add(events[i], first_place + i);
  }
  for (; derived != stratum.released.end(); ++derived) add(derived->event, derived->place);
  if (options_.observer != nullptr) options_.observer->numbered(stratum.generation, stratum.numbering.from, stratum.numbering.places);
}

// The events from outside have been routed; what lower generations emitted comes between them.
void Evaluator::process_derived(Stratum& stratum, std::span<Event* const> events, std::size_t lanes, Moment limit) {
  stratum.released.clear();
  std::erase_if(stratum.incoming, [&](const Stratum::Derived& derived) {
    const bool released = moment(derived.event->time, MomentPhase::kEvent) < limit;
    if (released) stratum.released.push_back(derived);
    return released;
  });
  std::sort(stratum.released.begin(), stratum.released.end());
  stratum.released_events.clear();
  for (const Stratum::Derived& derived : stratum.released) stratum.released_events.push_back(derived.event);

  const std::size_t first = stratum.generation * shard_count_;
  const bool any_from_outside = std::any_of(lanes_.begin(), lanes_.begin() + static_cast<std::ptrdiff_t>(lanes), [&](const auto& lane) {
    return std::any_of(lane->work.begin() + static_cast<std::ptrdiff_t>(first),
                       lane->work.begin() + static_cast<std::ptrdiff_t>(first + shard_count_),
                       [](const auto& work) { return !work.empty(); });
  });
  number(stratum, any_from_outside ? events : std::span<Event* const>{});
  route(stratum.released_events, *derived_lane_, stratum.generation, stratum.generation);
  for_each_shard([&](std::size_t shard) {
    const std::span<const Work> derived = derived_lane_->work[first + shard];
    WorkList& merged = stratum.merged[shard];
    merged.clear();
    std::size_t at = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      for (const Work& work : lanes_[lane]->work[first + shard]) {
        while (at < derived.size() && derived[at].event->sequence < work.event->sequence) merged.push_back(derived[at++]);
        merged.push_back(work);
      }
    }
    for (; at < derived.size(); ++at) merged.push_back(derived[at]);
    stratum.shards[shard]->process(merged, first_time_);
    stratum.shards[shard]->advance(limit);
  });
}

// What the stratum's alerts are to the strata above.
void Evaluator::derive(Stratum& stratum, Moment limit) {
  const RuleSet::Impl& rules = rules_->impl();
  for (const AlertDraft* draft : stratum.alert_stage.passed()) {
    for (const RuleSet::Impl::Feed& feed : rules.feeds[draft->rule]) {
      if (feed.kind != draft->alert.kind) continue;
      const bool waits = moment(time_of(draft->at), MomentPhase::kEvent) >= limit;
      Table* table = tables_.empty() ? nullptr : tables_.of_stream(feed.stream);
      DerivedEvents& events = waits ? waiting_[waiting_index_] : passing_;
      Event& event = events.add(draft->alert, rules.files.schemas[feed.stream], feed.slots, shapes_);
      ++derived_count_;
      const std::uint64_t place = (std::uint64_t{stratum.generation} + 1) << kGenerationShift | ++stratum.emitted;
      if (table != nullptr) table->put(event, place, table_horizon_);
      for (std::size_t above = stratum.generation + 1; above < strata_.size(); ++above)
        if (strata_[above]->named[feed.stream]) strata_[above]->incoming.push_back({&event, place});
    }
  }
}

// Derived events that waited at an earlier limit are taken in this call; the next call may forget them.
void Evaluator::turn_to(Moment limit) {
  passing_.clear();
  if (limit == waiting_limit_) return;
  waiting_limit_ = limit;
  waiting_index_ = 1 - waiting_index_;
  waiting_[waiting_index_].clear();
}

std::span<const Alert> Evaluator::evaluate_strata(std::span<Event* const> events, std::size_t lanes, Moment limit) {
  if (strata_.size() > 1) turn_to(limit);
  process(*strata_[0], lanes, limit);
  const std::span<const Alert> alerts = strata_[0]->alert_stage.collect(strata_[0]->shards);
  if (strata_.size() == 1) {
    alert_count_ += strata_[0]->alert_stage.collected();
    return alerts;
  }
  for (AlertDraft* draft : strata_[0]->alert_stage.passed()) draft->place = draft->sequence;
  derive(*strata_[0], limit);
  for (std::size_t i = 1; i < strata_.size(); ++i) {
    Stratum& stratum = *strata_[i];
    process_derived(stratum, events, lanes, limit);
    stratum.alert_stage.collect(stratum.shards);
    for (AlertDraft* draft : stratum.alert_stage.passed())
      if (draft->sequence > stratum.numbering.from) draft->place = stratum.numbering.place(draft->sequence);
    derive(stratum, limit);
  }
  return merge_alerts();
}

// The alerts of all strata, each in order by itself, in the one order.
std::span<const Alert> Evaluator::merge_alerts() {
  drafts_.clear();
  alerts_.clear();
  for (const auto& stratum : strata_)
    for (AlertDraft* draft : stratum->alert_stage.passed())
      if (!draft->internal) drafts_.push_back(draft);
  std::stable_sort(drafts_.begin(), drafts_.end(),
                   [](const AlertDraft* a, const AlertDraft* b) { return a->overall_order() < b->overall_order(); });
  for (const AlertDraft* draft : drafts_) alerts_.push_back(draft->alert);
  alert_count_ += alerts_.size();
  return alerts_;
}

void Evaluator::hand_over_to(const TakeAlerts& take) {
  take_ = take;
  if (strata_.size() == 1) strata_[0]->alert_stage.hand_over_to(take);  // Else alerts of generations are put in order first.
}

void Evaluator::clear_alerts() {
  next_ = {};  // Of the call before.
  for (auto& stratum : strata_)
    for (auto& shard : stratum->shards) shard->clear_alerts();
}

// What the files of tables say anew comes before the events, at the time of the first one or of what was evaluated last.
std::span<Event* const> Evaluator::with_file_rows(std::span<Event* const> events) {
  if (!table_files_.changed()) return events;
  with_rows_.clear();
  table_files_.take(sequence_ == 0 ? events.front()->time : latest_time_, with_rows_);
  made_count_ += with_rows_.size();
  with_rows_.insert(with_rows_.end(), events.begin(), events.end());
  return with_rows_;
}

// The events with the ticks that come before them. The first event begins the time in which there are ticks.
std::span<Event* const> Evaluator::with_ticks(std::span<Event* const> events) {
  if (ticks_.empty()) return events;
  tick_arena_.clear();
  with_ticks_.clear();
  if (sequence_ == 0) ticks_.start(events.front()->time);
  for (Event* event : events) {
    ticks_.until(event->time, tick_arena_, rules_->schemas(), with_ticks_);
    with_ticks_.push_back(event);
  }
  made_count_ += with_ticks_.size() - events.size();
  return with_ticks_;
}

std::span<const Alert> Evaluator::evaluate(std::span<Event* const> events, std::span<Event* const> next) {
  if (events.empty()) return {};
  clear_alerts();
  if (sequence_ == 0) first_time_ = events.front()->time;
  forget_rows();
  next_ = next;
  return evaluate_all(with_ticks(with_file_rows(events)));
}

// No look-up will be as of an earlier time; but an observer may ask.
void Evaluator::forget_rows() {
  if (options_.observer == nullptr) table_horizon_ = latest_time_;
}

// Numbers the events and puts the changes among them into their tables. What empties a table has no row of its own: behind it come
// the deletions of the rows that are there, in its place.
std::span<Event* const> Evaluator::change_tables(std::span<Event* const> events) {
  spelled_out_.clear();
  gone_rows_.clear();
  const bool may_empty = tables_.any_can_be_emptied();
  const auto put = [&](Table& table, const Event& event) { table.put(event, event.sequence, table_horizon_); };
  for (Event* event : events) {
    Table* table = tables_.of_stream(event->stream);
    event->sequence = sequence_ + 1;
    if (table == nullptr || !table->empties(*event)) {
      ++sequence_;
      if (table != nullptr) put(*table, *event);
      if (may_empty) spelled_out_.push_back(event);
      continue;
    }
    const std::size_t first = spelled_out_.size();
    table->spell_out(*event, rules_->schemas()[event->stream], gone_rows_, spelled_out_);
    for (std::size_t i = first; i < spelled_out_.size(); ++i) {
      spelled_out_[i]->sequence = ++sequence_;
      put(*table, *spelled_out_[i]);
    }
    made_count_ += spelled_out_.size() - first - 1;  // The change itself has no number.
  }
  return may_empty ? spelled_out_ : events;
}

// Events from outside, ticks among them.
std::span<const Alert> Evaluator::evaluate_all(std::span<Event* const> events) {
  latest_time_ = std::max(latest_time_, events.back()->time);
  if (tables_.empty()) {
    std::uint64_t sequence = sequence_;
    for (Event* event : events) event->sequence = ++sequence;
    sequence_ = sequence;
  } else {
    events = change_tables(events);
  }

  // Small batches are not worth a second task.
  constexpr std::size_t kSmall = 256;
  const std::size_t lanes = parallel_ && events.size() >= kSmall ? lanes_.size() : 1;
  const auto last = static_cast<std::uint32_t>(strata_.size() - 1);
  if (lanes == 1) {
    route(events, *lanes_[0], 0, last);
  } else {
    parallel_->for_each(lanes, [&](std::size_t lane) {
      const std::size_t begin = events.size() * lane / lanes;
      const std::size_t end = events.size() * (lane + 1) / lanes;
      route(events.subspan(begin, end - begin), *lanes_[lane], 0, last);
    });
  }
  const std::span<const Alert> alerts = evaluate_strata(events, lanes, moment(latest_time_, MomentPhase::kEvent));
  if (options_.observer != nullptr) options_.observer->evaluated(events, sequence_ - events.size() + 1);
  return alerts;
}

std::span<const Alert> Evaluator::advance(std::int64_t watermark) {
  clear_alerts();
  forget_rows();
  with_ticks_.clear();
  if (sequence_ > 0 && table_files_.changed()) table_files_.take(latest_time_, with_ticks_);
  latest_time_ = std::max(latest_time_, watermark);
  if (!ticks_.empty() && sequence_ > 0) {
    tick_arena_.clear();
    ticks_.until(watermark, tick_arena_, rules_->schemas(), with_ticks_);
  }
  made_count_ += with_ticks_.size();
  if (!with_ticks_.empty()) return evaluate_all(with_ticks_);
  return evaluate_strata({}, 0, moment(latest_time_, MomentPhase::kEvent));
}

std::span<const Alert> Evaluator::finish() {
  clear_alerts();
  return evaluate_strata({}, 0, kNever);
}

void Evaluator::observe_live_runs() {
  for (const auto& stratum : strata_)
    for (const auto& shard : stratum->shards) shard->observe_live_runs();
}

EngineCounters Evaluator::counters() const {
  EngineCounters counters;
  counters.events = sequence_ - made_count_;
  counters.derived_events = derived_count_;
  for (const auto& table : tables_.all()) {
    counters.table_rows += table->rows();
    counters.table_rows_refused += table->refused();
    counters.table_rows_evicted += table->evicted();
    counters.table_rows_without_key += table->without_key();
    counters.state_bytes += table->memory_bytes();
  }
  counters.rules.resize(rules_->rules().size());
  for (const auto& stratum : strata_) {
    for (const auto& shard : stratum->shards) shard->count(counters);
    stratum->alert_stage.count(counters);
  }
  const auto add_null_keys = [&](const Lane& lane) {
    for (std::size_t rule = 0; rule < counters.rules.size(); ++rule) counters.rules[rule].null_keys += lane.null_keys[rule];
  };
  for (const auto& lane : lanes_) add_null_keys(*lane);
  if (derived_lane_) add_null_keys(*derived_lane_);
  return counters;
}

// Of shards and lanes together: who counted does not matter.
RuleCounters Evaluator::counted(std::size_t rule) const {
  RuleCounters sum;
  for (const auto& shard : strata_[rules_->impl().generations[rule]]->shards) {
    const RuleCounters& counters = shard->counters_of(rule);
    sum.over_event_limit += counters.over_event_limit;
    sum.runs_begun += counters.runs_begun;
    sum.runs_refused += counters.runs_refused;
    sum.runs_overfull += counters.runs_overfull;
    sum.unknown_past += counters.unknown_past;
    sum.runs_tried += counters.runs_tried;
    sum.keys_without_ticks += counters.keys_without_ticks;
    sum.window_overfull += counters.window_overfull;
    sum.window_forgotten += counters.window_forgotten;
    shard->add_window_counts(rule, sum);
  }
  for (const auto& lane : lanes_) sum.null_keys += lane->null_keys[rule];
  if (derived_lane_) sum.null_keys += derived_lane_->null_keys[rule];
  return sum;
}

void Evaluator::save(StateWriter& out) {
  save_common(out);
  save_keys(out);
}

void Evaluator::save_common(StateWriter& out) {
  clear_alerts();
  out.number(sequence_);
  out.signed_number(latest_time_);
  out.signed_number(first_time_);
  out.number(alert_count_);
  out.number(derived_count_);
  out.number(made_count_);
  for (std::size_t rule = 0; rule < rules_->rules().size(); ++rule) {
    out.number(strata_[rules_->impl().generations[rule]]->shards[0]->by_cohorts(rule) ? 1 : 0);
    out.signed_number(rule_begins_[rule]);
    sequitur::save(counted(rule), out);
  }
  for (const auto& stratum : strata_) {
    stratum->alert_stage.save(out);
    out.number(stratum->sequence);
    out.number(stratum->emitted);
    out.number(stratum->incoming.size());
    for (const Stratum::Derived& derived : stratum->incoming) {
      out.number(derived.place);
      out.unnumbered_event(*derived.event);
    }
  }
  tables_.save(out);
  table_files_.save(out);
}

void Evaluator::save_keys(StateWriter& out) {
  clear_alerts();
  out.number(strata_.size() * shard_count_);
  for (const auto& stratum : strata_) {
    out.begin_numbers();
    for (auto& shard : stratum->shards) shard->save(out);
  }
}

// Keys go where their hash leads among the shards that there are now.
void Evaluator::load_keys(std::span<const std::unique_ptr<Stratum>> strata, StateReader& in) const {
  const RuleSet::Impl& rules = rules_->impl();
  std::vector<Slot> values;
  for (std::uint64_t left = in.count(1); left > 0 && !in.failed(); --left) {
    for (std::uint64_t keys = in.count(2); keys > 0 && !in.failed(); --keys) {
      Arena texts;
      const auto rule = static_cast<std::uint32_t>(in.number_below(rules.automata.size()));
      if (in.failed()) break;
      const std::span<const nfa::KeyCode> parts = rules.automata[rule]->key;
      values.assign(parts.size() + 1, Slot{});
      for (std::size_t i = 0; i < parts.size(); ++i) {
        values[i] = in.slot(parts[i].type, texts);
        if (values[i].is_null(parts[i].type)) in.fail();
      }
      if (in.failed()) break;
      const std::uint32_t hash = hash_key(parts, values.data());
      strata[rules.generations[rule]]->shards[shard_of(hash)]->load_key(rule, values.data(), hash, in);
    }
  }
}

Result<void> Evaluator::load(StateReader& in, std::span<StateReader* const> groups) {
  const std::uint64_t sequence = in.number();
  const std::int64_t latest_time = in.signed_number(), first_time = in.signed_number();
  const std::uint64_t alert_count = in.number(), derived_count = in.number(), made_count = in.number();
  const RuleSet::Impl& rules = rules_->impl();
  std::vector<RuleCounters> counted(rules.rules.size());
  std::vector<std::int64_t> begins(rules.rules.size());
  bool same_strategies = true;
  for (std::size_t rule = 0; rule < counted.size(); ++rule) {
    same_strategies = (in.number_below(2) == 1) == strata_[rules.generations[rule]]->shards[0]->by_cohorts(rule) && same_strategies;
    begins[rule] = in.signed_number();
    sequitur::load(counted[rule], in);
  }
  if (!in.failed() && !same_strategies) return Error{"the state was saved with other options: it has other evaluation strategies"};
  std::vector<std::unique_ptr<Stratum>> strata = make_strata();
  DerivedEvents waiting;
  for (const auto& stratum : strata) {
    stratum->alert_stage.load(in);
    stratum->sequence = in.number();
    stratum->emitted = in.number();
    for (std::uint64_t left = in.count(2); left > 0 && !in.failed(); --left) {
      const std::uint64_t place = in.number();
      const Event* event = in.event();
      if (in.failed() || strata.size() == 1) break;
      stratum->incoming.push_back({&waiting.copy(*event, shapes_[event->stream]), place});
    }
  }
  Tables tables(rules, options_.max_table_rows);
  tables.load(in);
  TableFiles table_files(rules);
  table_files.load(in);
  if (groups.empty()) load_keys(strata, in);
  for (StateReader* group : groups) load_keys(strata, *group);
  for (const auto& stratum : strata)
    for (auto& shard : stratum->shards) shard->end_load();
  const auto is_whole = [](const StateReader& read) { return !read.failed() && read.at_end(); };
  if (!is_whole(in) || !std::all_of(groups.begin(), groups.end(), [&](const StateReader* group) { return is_whole(*group); }))
    return Error{"the state of the engine is damaged"};

  sequence_ = sequence;
  latest_time_ = latest_time;
  first_time_ = first_time;
  alert_count_ = alert_count;
  derived_count_ = derived_count;
  made_count_ = made_count;
  if (sequence_ > 0) ticks_.start(latest_time_);  // All up to it have come.
  for (auto& lane : lanes_) lane->null_keys.assign(counted.size(), 0);
  if (derived_lane_) derived_lane_->null_keys.assign(counted.size(), 0);
  for (std::size_t rule = 0; rule < counted.size(); ++rule) {
    lanes_[0]->null_keys[rule] = std::exchange(counted[rule].null_keys, 0);
    strata[rules.generations[rule]]->shards[0]->counters_of(rule) = counted[rule];
    for (auto& shard : strata[rules.generations[rule]]->shards) shard->begin_rule(rule, begins[rule]);
  }
  rule_begins_.swap(begins);
  strata_.swap(strata);
  hand_over_to(take_);
  tables_.swap(tables);
  table_files_.swap(table_files);
  table_horizon_ = latest_time_;
  passing_.clear();
  waiting_[0].swap(waiting);
  waiting_[1].clear();
  waiting_index_ = 0;
  waiting_limit_ = moment(latest_time_, MomentPhase::kEvent);
  return {};
}

// Numbers of events and of derived ones only grow, so everything to come is behind everything that was. Keys and the derived
// events that wait go through bytes, as for a snapshot: there each finds its shard, and its copies are made anew.
Result<void> Evaluator::take_over(Evaluator& other, const RuleMove& move) {
  other.clear_alerts();
  sequence_ = other.sequence_;
  std::uint64_t emitted = 0;
  for (const auto& stratum : other.strata_) {
    sequence_ = std::max(sequence_, stratum->sequence);
    emitted = std::max(emitted, stratum->emitted);
  }
  made_count_ = other.made_count_ + (sequence_ - other.sequence_);  // Numbers that no event had.
  latest_time_ = other.latest_time_;
  first_time_ = other.first_time_;
  alert_count_ = other.alert_count_;
  derived_count_ = other.derived_count_;
  if (sequence_ > 0) ticks_.start(latest_time_);
  waiting_limit_ = moment(latest_time_, MomentPhase::kEvent);
  table_horizon_ = latest_time_;
  tables_.take_over(other.tables_, rules_->impl(), other.rules_->impl(), move.map);
  table_files_.take_over(other.table_files_, move.map);

  const RuleSet::Impl& rules = rules_->impl();
  const auto set_begin = [&](std::uint32_t rule, std::int64_t time) {
    rule_begins_[rule] = time;
    for (auto& shard : strata_[rules.generations[rule]]->shards) shard->begin_rule(rule, time);
  };
  for (std::uint32_t rule = 0; rule < move.begins.size(); ++rule)
    if (move.begins[rule] && sequence_ > 0) set_begin(rule, latest_time_);
  for (std::uint32_t rule = 0; rule < move.map.rules.size(); ++rule) {
    const std::uint32_t here = move.map.rules[rule];
    if (here == StateMap::kGone) continue;
    set_begin(here, other.rule_begins_[rule]);
    RuleCounters counters = other.counted(rule);
    lanes_[0]->null_keys[here] = std::exchange(counters.null_keys, 0);
    strata_[rules.generations[here]]->shards[0]->counters_of(here) = counters;
  }

  StateWriter out(other.rules_->schemas(), {.map = &move.map});
  std::vector<Stratum::Derived> incoming;
  for (const auto& stratum : other.strata_)
    for (const Stratum::Derived& derived : stratum->incoming)
      if (move.map.streams[derived.event->stream] != StateMap::kGone) incoming.push_back(derived);
  std::sort(incoming.begin(), incoming.end());
  incoming.erase(std::unique(incoming.begin(), incoming.end(), [](const auto& a, const auto& b) { return a.place == b.place; }),
                 incoming.end());
  out.number(incoming.size());
  for (const Stratum::Derived& derived : incoming) {
    out.number(derived.place);
    out.unnumbered_event(*derived.event);
  }
  other.save_keys(out);
  const std::string bytes = out.finish();
  StateReader in(bytes, rules_->schemas(), rules_->rules());
  std::vector<std::pair<const Event*, std::uint64_t>> waiting;
  for (std::uint64_t left = in.count(2); left > 0 && !in.failed(); --left) {
    const std::uint64_t place = in.number();
    waiting.emplace_back(in.event(), place);
  }
  if (in.failed()) return Error{"the state could not be carried over to the new rules"};
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    Stratum& stratum = *strata_[i];
    for (const auto& before : other.strata_) stratum.alert_stage.take_over(before->alert_stage, move.map, stratum.generation);
    stratum.sequence = sequence_;
    stratum.emitted = emitted;
    for (const auto& [event, place] : waiting)
      if (i > 0 && stratum.named[event->stream])
        stratum.incoming.push_back({&waiting_[waiting_index_].copy(*event, shapes_[event->stream]), place});
  }
  load_keys(strata_, in);
  for (const auto& stratum : strata_)
    for (auto& shard : stratum->shards) shard->end_load();
  if (in.failed() || !in.at_end()) return Error{"the state could not be carried over to the new rules"};
  return {};
}

}  // namespace sequitur
