// The alert stage: puts what the shards found into the one order of alerts, applies `limit`, and makes ids unique.
// Runs in one thread; everything before it may run in any number.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/alert_draft.hpp"
#include "engine/alert_ids.hpp"
#include "engine/alert_row.hpp"
#include "engine/rate_limits.hpp"
#include "engine/report_listing.hpp"
#include "engine/rule_set_impl.hpp"
#include "engine/shard.hpp"

namespace sequitur {

struct StateMap;

class AlertStage {
 public:
  explicit AlertStage(const RuleSet::Impl& rules);

  // Who takes alerts piece by piece, when there are many of them.
  void hand_over_to(TakeAlerts take) { row_.hand_over_to(std::move(take)); }
  // The alerts of all shards since the last call, in order, without those held back and those that were taken already. Valid
  // until the shards' alerts are cleared or the next call.
  std::span<const Alert> collect(std::span<const std::unique_ptr<Shard>> shards);
  // Of the last call: how many there were, with those taken already.
  std::uint64_t collected() const { return row_.count(); }
  // All that `limit` let through, internal ones too, in order.
  std::span<AlertDraft* const> passed() const { return passed_; }

  void count(EngineCounters& counters) const;

  void save(StateWriter& out) const;
  // Into a new stage.
  void load(StateReader& in);
  // Adds what `other`, of other rules, remembers of those that are the same and of this generation.
  void take_over(const AlertStage& other, const StateMap& map, std::uint32_t generation);
  // Of everything that save() writes.
  void swap(AlertStage& other);

 private:
  const RuleSet::Impl& rules_;
  std::vector<AlertDraft*> drafts_;
  std::vector<AlertDraft*> passed_;
  AlertRow row_;
  std::unique_ptr<RateLimits> limits_;
  AlertIds ids_;
  ReportListing listing_;
  std::vector<RuleCounters> counters_;
};

}  // namespace sequitur
