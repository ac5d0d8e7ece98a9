// How threads share the work: a batch is cut into as many pieces as there are threads; each piece's predicates are
// evaluated and its events routed by a task of its own into lists by shard (a Lane). Then each shard is one task that goes
// through the lanes in the order of events. So threads meet twice a batch, never for an event.
#include "engine/evaluator.hpp"

#include <algorithm>
#include <thread>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "engine/key_hash.hpp"
#include "engine/state_bytes.hpp"

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
      : predicates(*rules.predicates), work(shards), bits(rules.rules.size()), null_keys(rules.rules.size()) {
    std::size_t parts = 1;
    for (const auto& automaton : rules.automata) parts = std::max(parts, automaton->key.size());
    key.resize(parts);
  }

  nfa::PredicateSet::Scratch predicates;
  nfa::PredicateHits hits;
  std::vector<std::vector<Work>> work;   // Index = shard.
  std::vector<nfa::Bits> bits;           // Index = rule; of the event being routed.
  std::vector<std::uint32_t> concerned;  // Rules with bits.
  std::vector<std::uint64_t> null_keys;  // Index = rule.
  std::vector<Slot> key;
  Arena scratch;
};

Evaluator::Evaluator(std::shared_ptr<const RuleSet> rules, const EngineOptions& options)
    : rules_(std::move(rules)), options_(options), alert_stage_(rules_->impl()), latest_time_(-kFarTime) {
  options_.threads = std::clamp(options_.threads, 1u, 256u);
  shards_ = make_shards();
  for (unsigned i = 0; i < options_.threads; ++i) lanes_.push_back(std::make_unique<Lane>(rules_->impl(), shards_.size()));
  if (options_.threads > 1) parallel_ = std::make_unique<Parallel>(options_.threads);
}

Evaluator::~Evaluator() = default;

std::vector<std::unique_ptr<Shard>> Evaluator::make_shards() const {
  std::vector<std::unique_ptr<Shard>> shards(options_.threads == 1 ? 1 : std::size_t{4} * options_.threads);
  for (auto& shard : shards) shard = std::make_unique<Shard>(rules_->impl(), options_);
  return shards;
}

void Evaluator::route(std::span<Event* const> events, Lane& lane) const {
  const RuleSet::Impl& rules = rules_->impl();
  for (auto& work : lane.work) work.clear();
  lane.scratch.clear();
  rules.predicates->evaluate({events.data(), events.size()}, lane.predicates, lane.hits);
  const auto send = [&](Event* event, std::uint32_t rule, nfa::Bits bits) {
    const std::span<const nfa::KeyCode> key = rules.automata[rule]->key;
    Slot value{};
    std::uint32_t hash = 0;
    bool there = false;
    if (is_plain(key) && key[0].slots[event->stream] != nfa::kNoSlot) {
      value = event->get(key[0].slots[event->stream]);
      there = value.i != kNullInt;
      hash = hash_plain(value);
    } else if (read_key(key, *event, lane.scratch, lane.key.data())) {
      there = true;
      value = lane.key[0];
      hash = hash_key(key, lane.key.data());
    }
    if (!there) {
      ++lane.null_keys[rule];
      return;
    }
    lane.work[lane.work.size() == 1 ? 0 : hash % lane.work.size()].push_back({event, bits, rule, hash, value});
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::span<const nfa::PredicateId> hits = lane.hits.of(i);
    if (hits.size() == 1 && rules.listener_begin[hits[0]] + 1 == rules.listener_begin[hits[0] + 1]) {
      const RuleSet::Impl::Listener& only = rules.listeners[rules.listener_begin[hits[0]]];
      send(events[i], only.rule, only.bits);
      continue;
    }
    lane.concerned.clear();
    for (const nfa::PredicateId predicate : hits) {
      for (std::uint32_t at = rules.listener_begin[predicate]; at < rules.listener_begin[predicate + 1]; ++at) {
        const RuleSet::Impl::Listener& listener = rules.listeners[at];
        if (lane.bits[listener.rule] == 0) lane.concerned.push_back(listener.rule);
        lane.bits[listener.rule] |= listener.bits;
      }
    }
    for (const std::uint32_t rule : lane.concerned) send(events[i], rule, std::exchange(lane.bits[rule], 0));
  }
}

void Evaluator::process_shards(std::size_t lanes) {
  const Moment limit = moment(latest_time_, MomentPhase::kEvent);
  const auto process = [&](std::size_t shard) {
    for (std::size_t lane = 0; lane < lanes; ++lane) shards_[shard]->process(lanes_[lane]->work[shard], first_time_);
    shards_[shard]->advance(limit);
  };
  if (parallel_)
    parallel_->for_each(shards_.size(), process);
  else
    process(0);
}

std::span<const Alert> Evaluator::evaluate(std::span<Event* const> events) {
  if (events.empty()) return {};
  for (auto& shard : shards_) shard->clear_alerts();
  if (sequence_ == 0) first_time_ = events.front()->time;
  for (Event* event : events) event->sequence = ++sequence_;
  latest_time_ = events.back()->time;

  // Small batches are not worth a second task.
  constexpr std::size_t kSmall = 256;
  const std::size_t lanes = parallel_ && events.size() >= kSmall ? lanes_.size() : 1;
  if (lanes == 1) {
    route(events, *lanes_[0]);
  } else {
    parallel_->for_each(lanes, [&](std::size_t lane) {
      const std::size_t begin = events.size() * lane / lanes;
      const std::size_t end = events.size() * (lane + 1) / lanes;
      route(events.subspan(begin, end - begin), *lanes_[lane]);
    });
  }
  process_shards(lanes);
  return collect();
}

std::span<const Alert> Evaluator::fire(Moment limit) {
  for (auto& shard : shards_) shard->clear_alerts();
  if (parallel_)
    parallel_->for_each(shards_.size(), [&](std::size_t shard) { shards_[shard]->advance(limit); });
  else
    shards_[0]->advance(limit);
  return collect();
}

std::span<const Alert> Evaluator::advance(std::int64_t watermark) {
  latest_time_ = std::max(latest_time_, watermark);
  return fire(moment(latest_time_, MomentPhase::kEvent));
}

std::span<const Alert> Evaluator::finish() { return fire(kNever); }

std::span<const Alert> Evaluator::collect() {
  const std::span<const Alert> alerts = alert_stage_.collect(shards_);
  alert_count_ += alerts.size();
  return alerts;
}

EngineCounters Evaluator::counters() const {
  EngineCounters counters;
  counters.events = sequence_;
  counters.rules.resize(rules_->rules().size());
  for (const auto& shard : shards_) shard->count(counters);
  for (const auto& lane : lanes_)
    for (std::size_t rule = 0; rule < counters.rules.size(); ++rule) counters.rules[rule].null_keys += lane->null_keys[rule];
  alert_stage_.count(counters);
  return counters;
}

void Evaluator::save(StateWriter& out) {
  for (auto& shard : shards_) shard->clear_alerts();
  out.number(sequence_);
  out.signed_number(latest_time_);
  out.signed_number(first_time_);
  out.number(alert_count_);
  // Of shards and lanes together: who counted does not matter.
  std::vector<RuleCounters> counted(rules_->rules().size());
  for (std::size_t rule = 0; rule < counted.size(); ++rule) {
    for (const auto& shard : shards_) {
      const RuleCounters& counters = shard->counters_of(rule);
      counted[rule].over_event_limit += counters.over_event_limit;
      counted[rule].runs_begun += counters.runs_begun;
      counted[rule].runs_refused += counters.runs_refused;
      counted[rule].runs_overfull += counters.runs_overfull;
      counted[rule].unknown_past += counters.unknown_past;
    }
    for (const auto& lane : lanes_) counted[rule].null_keys += lane->null_keys[rule];
    out.number(shards_[0]->by_cohorts(rule) ? 1 : 0);
    sequitur::save(counted[rule], out);
  }
  alert_stage_.save(out);
  out.number(shards_.size());
  for (auto& shard : shards_) shard->save(out);
}

// Keys go where their hash leads among the shards that there are now.
void Evaluator::load_keys(std::span<const std::unique_ptr<Shard>> shards, StateReader& in) const {
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
      shards[hash % shards.size()]->load_key(rule, values.data(), hash, in);
    }
  }
}

Result<void> Evaluator::load(StateReader& in) {
  const std::uint64_t sequence = in.number();
  const std::int64_t latest_time = in.signed_number(), first_time = in.signed_number();
  const std::uint64_t alert_count = in.number();
  std::vector<RuleCounters> counted(rules_->rules().size());
  bool same_strategies = true;
  for (std::size_t rule = 0; rule < counted.size(); ++rule) {
    same_strategies = (in.number_below(2) == 1) == shards_[0]->by_cohorts(rule) && same_strategies;
    sequitur::load(counted[rule], in);
  }
  if (!in.failed() && !same_strategies) return Error{"the state was saved with other options: it has other evaluation strategies"};
  AlertStage alert_stage(rules_->impl());
  alert_stage.load(in);
  std::vector<std::unique_ptr<Shard>> shards = make_shards();
  load_keys(shards, in);
  for (auto& shard : shards) shard->end_load();
  if (in.failed() || !in.at_end()) return Error{"the state of the engine is damaged"};

  sequence_ = sequence;
  latest_time_ = latest_time;
  first_time_ = first_time;
  alert_count_ = alert_count;
  for (auto& lane : lanes_) lane->null_keys.assign(counted.size(), 0);
  for (std::size_t rule = 0; rule < counted.size(); ++rule) {
    lanes_[0]->null_keys[rule] = std::exchange(counted[rule].null_keys, 0);
    shards[0]->counters_of(rule) = counted[rule];
  }
  alert_stage_.swap(alert_stage);
  shards_.swap(shards);
  return {};
}

}  // namespace sequitur
