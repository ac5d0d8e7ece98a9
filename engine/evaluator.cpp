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
  const std::size_t shards = options_.threads == 1 ? 1 : std::size_t{4} * options_.threads;
  for (std::size_t i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>(rules_->impl(), options_));
  for (unsigned i = 0; i < options_.threads; ++i) lanes_.push_back(std::make_unique<Lane>(rules_->impl(), shards));
  if (options_.threads > 1) parallel_ = std::make_unique<Parallel>(options_.threads);
}

Evaluator::~Evaluator() = default;

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

}  // namespace sequitur
