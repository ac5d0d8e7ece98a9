// Rule evaluation over batches: predicates, routing to shards, the shards, the alerts of all of them in order.
// This is what Engine (inline) and run() (pipeline) share.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/alert_stage.hpp"
#include "engine/shard.hpp"
#include "sequitur/engine.hpp"

namespace sequitur {

class Evaluator {
 public:
  Evaluator(std::shared_ptr<const RuleSet> rules, const EngineOptions& options);
  ~Evaluator();

  // Events in order; their sequence is set here. Returns the alerts that are due now: valid until the next call.
  std::span<const Alert> evaluate(std::span<Event* const> events);
  // Fires what is due before events at `watermark` (deadlines at it included).
  std::span<const Alert> advance(std::int64_t watermark);
  std::span<const Alert> finish();

  // Everything that changes while events flow, independent of the number of threads. Alerts returned before may be gone.
  void save(StateWriter& out);
  // What save() wrote in an evaluator of the same rules. If the reader fails, nothing has changed and the result is an Error.
  Result<void> load(StateReader& in);

  EngineCounters counters() const;
  std::int64_t latest_time() const { return latest_time_; }
  std::uint64_t alerts() const { return alert_count_; }

 private:
  struct Lane;  // What one task of routing needs for itself.
  struct Parallel;

  std::vector<std::unique_ptr<Shard>> make_shards() const;
  void load_keys(std::span<const std::unique_ptr<Shard>> shards, StateReader& in) const;
  void route(std::span<Event* const> events, Lane& lane) const;
  void process_shards(std::size_t lanes);
  std::span<const Alert> fire(Moment limit);
  std::span<const Alert> collect();

  std::shared_ptr<const RuleSet> rules_;
  EngineOptions options_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<Parallel> parallel_;  // Null with one thread.
  AlertStage alert_stage_;
  std::uint64_t sequence_ = 0;
  std::int64_t latest_time_;
  std::int64_t first_time_ = 0;
  std::uint64_t alert_count_ = 0;
};

}  // namespace sequitur
