#include "engine/alert_stage.hpp"

#include <algorithm>
#include <utility>

#include "engine/key_hash.hpp"
#include "engine/state_bytes.hpp"
#include "engine/state_scope.hpp"

namespace sequitur {

namespace {

// Keys of one rule, part by part: an event may belong to several.
int compare_keys(const Alert& a, const Alert& b) {
  for (std::size_t i = 0; i < a.key.size(); ++i)
    if (const int order = compare_values(a.key[i].value, b.key[i].value, a.key[i].type); order != 0) return order;
  return 0;
}

}  // namespace

AlertStage::AlertStage(const RuleSet::Impl& rules)
    : rules_(rules), limits_(std::make_unique<RateLimits>(rules)), listing_(rules, ids_, row_), counters_(rules.rules.size()) {}

std::span<const Alert> AlertStage::collect(std::span<const std::unique_ptr<Shard>> shards) {
  drafts_.clear();
  passed_.clear();
  row_.clear();
  listing_.clear();
  for (const auto& shard : shards)
    for (AlertDraft& draft : shard->drafts()) drafts_.push_back(&draft);
  const auto before = [](const AlertDraft* a, const AlertDraft* b) {
    const auto x = a->order(), y = b->order();
    if (x != y) return x < y;
    const int keys = compare_keys(a->alert, b->alert);
    return keys != 0 ? keys < 0 : a->fork < b->fork;
  };
  if (!std::is_sorted(drafts_.begin(), drafts_.end(), before)) std::sort(drafts_.begin(), drafts_.end(), before);
  for (AlertDraft* draft : drafts_) {
    RuleCounters& counters = counters_[draft->rule];
    if (draft->report != nullptr) {
      counters.matches += listing_.list(*draft);
      continue;
    }
    if (!limits_->let_through(*draft)) {
      ++counters.held;
      continue;
    }
    ids_.make_unique(draft->alert.id, time_of(draft->at));
    passed_.push_back(draft);
    if (draft->internal) continue;
    ++(draft->alert.kind == AlertKind::kTimeout ? counters.timeouts
       : draft->alert.kind == AlertKind::kBreak ? counters.breaks
       : draft->alert.kind == AlertKind::kClear ? counters.clears
                                                : counters.matches);
    row_.add(draft->alert);
  }
  return row_.rest();
}

void AlertStage::count(EngineCounters& counters) const {
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    counters.rules[i].matches += counters_[i].matches;
    counters.rules[i].timeouts += counters_[i].timeouts;
    counters.rules[i].breaks += counters_[i].breaks;
    counters.rules[i].clears += counters_[i].clears;
    counters.rules[i].held += counters_[i].held;
  }
}

void AlertStage::save(StateWriter& out) const {
  for (const RuleCounters& counters : counters_) sequitur::save(counters, out);
  limits_->save(out);
  ids_.save(out);
}

void AlertStage::load(StateReader& in) {
  for (RuleCounters& counters : counters_) sequitur::load(counters, in);
  limits_->load(in);
  ids_.load(in);
}

void AlertStage::take_over(const AlertStage& other, const StateMap& map, std::uint32_t generation) {
  const auto is_here = [&](std::uint32_t rule) {
    return map.rules[rule] != StateMap::kGone && rules_.generations[map.rules[rule]] == generation;
  };
  for (std::uint32_t rule = 0; rule < other.counters_.size(); ++rule) {
    if (!is_here(rule)) continue;
    RuleCounters& counters = counters_[map.rules[rule]];
    counters.matches += other.counters_[rule].matches;
    counters.timeouts += other.counters_[rule].timeouts;
    counters.breaks += other.counters_[rule].breaks;
    counters.clears += other.counters_[rule].clears;
    counters.held += other.counters_[rule].held;
  }
  limits_->take_over(*other.limits_, map, generation);
  ids_.take_over(other.ids_);
}

void AlertStage::swap(AlertStage& other) {
  limits_.swap(other.limits_);
  std::swap(ids_, other.ids_);
  counters_.swap(other.counters_);
}

}  // namespace sequitur
