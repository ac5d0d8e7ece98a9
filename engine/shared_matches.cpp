// Rules whose partial matches are shared: by stacks (engine/stacks.hpp), by a graph (engine/match_dag.hpp), or only counted
// (engine/counted_matches.cpp). nfa/chain.hpp and nfa/subset_automaton.hpp say for which rules this is the same as stepping every run by
// itself; the differential test holds both ways to it.
#include <algorithm>

#include "engine/kept_event.hpp"
#include "engine/shard.hpp"

namespace sequitur {
namespace {

// Starts before this time have passed their `within` when an event comes at `time`.
std::int64_t first_start(const nfa::Automaton& automaton, std::int64_t time) { return time - std::min(automaton.within, kFarTime); }

}  // namespace

// Before anything that happens at `limit`.
void Shard::expire_shared(KeyRuns& key, RuleState& rule, Moment limit) {
  if (rule.automaton->within < 0 || key.stacks == nullptr) return;
  const std::int64_t time = first_start(*rule.automaton, time_of(limit));
  switch (rule.shared) {
    case nfa::Strategy::kCounts: key.counter->drop_before(time); return;
    case nfa::Strategy::kDag: key.dag->drop_before(time); return;
    default: break;
  }
  if (!key.stacks->has_starts_before(time)) return;
  live_runs_ -= key.stacks->starts();
  key.stacks->drop_starts_at_before(time);
  live_runs_ += key.stacks->starts();
}

void Shard::destroy_shared(KeyRuns& key, RuleState& rule) {
  if (key.stacks == nullptr) return;
  switch (rule.shared) {
    case nfa::Strategy::kCounts:
      key.counter->clear();
      rule.spare_counters.emplace_back(key.counter);
      break;
    case nfa::Strategy::kDag:
      key.dag->clear();
      rule.spare_dags.emplace_back(key.dag);
      break;
    default:
      live_runs_ -= key.stacks->starts();
      key.stacks->clear();
      rule.spare_stacks.emplace_back(key.stacks);
  }
  key.stacks = nullptr;
}

// One that another key has left, so that keys which come and go cost no allocation.
Stacks* Shard::new_stacks(RuleState& rule) {
  if (rule.spare_stacks.empty()) return new Stacks(pool_, static_cast<std::uint32_t>(rule.chain->steps.size() - 1), &leaving_);
  Stacks* stacks = rule.spare_stacks.back().release();
  rule.spare_stacks.pop_back();
  return stacks;
}

MatchDag* Shard::new_dag(RuleState& rule) {
  if (rule.spare_dags.empty()) return new MatchDag(pool_, *rule.automaton->subsets, dag_scratch_);
  MatchDag* dag = rule.spare_dags.back().release();
  rule.spare_dags.pop_back();
  return dag;
}

// Whether there is anything of which a match may still come.
bool Shard::waits_for_more(const KeyRuns& key, const RuleState& rule) {
  if (key.stacks == nullptr) return false;
  switch (rule.shared) {
    case nfa::Strategy::kCounts: return !key.counter->empty();
    case nfa::Strategy::kDag: return !key.dag->empty();
    default: return !key.stacks->empty();
  }
}

// The earliest beginning of such a match.
std::int64_t Shard::oldest_start(const KeyRuns& key, const RuleState& rule) {
  switch (rule.shared) {
    case nfa::Strategy::kCounts: return key.counter->first_time();
    case nfa::Strategy::kDag: return key.dag->oldest_start();
    default: return key.stacks->oldest_start();
  }
}

// Is anything left of the key, and when must time come back to it?
void Shard::settle_shared(std::uint32_t index, RuleState& rule) {
  KeyRuns& key = keys_[index];
  if (!waits_for_more(key, rule)) {
    destroy_shared(key, rule);
    destroy_key(index);
  } else if (rule.automaton->within >= 0) {
    schedule_by(index, moment(later(oldest_start(key, rule), rule.automaton->within), MomentPhase::kLimit));
  }
}

// Time has come to the key.
void Shard::fire_shared(std::uint32_t index, RuleState& rule, Moment limit) {
  KeyRuns& key = keys_[index];
  if (limit == kNever)
    destroy_shared(key, rule);
  else
    expire_shared(key, rule, limit);
  settle_shared(index, rule);
}

void Shard::process_shared(const Work& work) {
  RuleState& rule = *states_[work.rule];
  const std::uint32_t index = find_or_create_key(work, (work.bits & rule.automaton->opening_bits) != 0);
  if (index == KeyTable::kNone) return;
  KeyRuns& key = keys_[index];
  Input input{work.event, work.bits};
  expire_shared(key, rule, moment(work.event->time, MomentPhase::kEvent));
  // Starts only go away and come behind others: where there were any, time comes back to the key early enough.
  const bool waits = waits_for_more(key, rule);
  drafted_ = 0;
  switch (rule.shared) {
    case nfa::Strategy::kDag: step_dag(key, rule, input); break;
    default: step_stacks(key, rule, input);
  }
  if (!waits || !waits_for_more(key, rule)) settle_shared(index, rule);
}

void Shard::step_stacks(KeyRuns& key, RuleState& rule, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  const std::vector<nfa::ChainStep>& steps = rule.chain->steps;
  const std::uint64_t starts = key.stacks == nullptr ? 0 : key.stacks->starts();
  if (key.stacks != nullptr && (input.bits & automaton.cancel_bits) != 0) key.stacks->clear();
  Stacks::Range completing;
  const auto last = static_cast<std::uint32_t>(steps.size() - 1);
  const auto push = [&](std::uint32_t step, Stacks::Range range) {
    if (key.stacks->size() >= options_.max_shared_events) {
      ++(step == 0 ? rule.counters.runs_refused : rule.counters.runs_overfull);
      return;
    }
    const Event* event = kept(input);
    retain(event);
    key.stacks->push(step, event, range);
  };
  // The highest step first, so that the event does not follow itself.
  for (std::uint32_t step = key.stacks == nullptr ? 0 : last; step > 0; --step) {
    const nfa::ChainStep& code = steps[step];
    if ((input.bits & code.any_bits) == 0) continue;
    if ((input.bits & code.guard_bits) != 0) key.stacks->close(step - 1);
    if ((input.bits & code.bit) == 0) continue;
    if (code.at_most >= 0) key.stacks->close_before(step - 1, input.event->time - std::min(code.at_most, kFarTime));
    const Stacks::Range range = key.stacks->open(step - 1);
    if (range.empty()) continue;
    if (step == last)
      completing = range;
    else
      push(step, range);
    if (!code.forks) key.stacks->close(step - 1);
  }
  if ((input.bits & steps.front().bit) != 0) {
    if (key.stacks == nullptr) key.stacks = new_stacks(rule);
    if (automaton.latest) key.stacks->close(0);
    const std::size_t before = key.stacks->starts();
    push(0, {});
    rule.counters.runs_begun += key.stacks->starts() - before;
  }
  if (!completing.empty()) (this->*(rule.lists_later ? &Shard::report_later : &Shard::report_stacks))(key, rule, completing, input);
  if (key.stacks != nullptr) live_runs_ += key.stacks->starts() - starts;
}

// The chains that the event completes, all of them: as a graph, whose alerts are made later.
void Shard::report_later(KeyRuns& key, RuleState& rule, Stacks::Range completing, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::AsOf place = as_of(*input.event);
  if (!is_watched(rule, key, place)) return;
  if (reports_used_ == reports_.size()) reports_.push_back(std::make_unique<ChainReport>());
  ChainReport& report = *reports_[reports_used_];
  const auto id_of = [&](std::uint32_t step, const Event& event) {
    return event_id(rule.digests.stages[step], event, shapes_[event.stream], stream_digests_[event.stream]);
  };
  if (!key.stacks->gather(completing, report, id_of)) return;
  ++reports_used_;
  report.last = kept(input);  // The others are those of the stacks, which keep them in evidence_ if they go.
  retain(report.last);
  evidence_.push_back(report.last);
  report.last_id = id_of(static_cast<std::uint32_t>(report.layers.size()), *report.last);
  report.digests = &rule.digests;
  report.seen = context_;
  report.seen.candidate = nullptr;
  report.seen.stage_count = rule.layout.stages;
  report.seen.previous = report.last;
  report.seen.as_of = place;
  auto* values = static_cast<Slot*>(alerts_.allocate(automaton.key.size() * sizeof(Slot)));
  for (std::size_t i = 0; i < automaton.key.size(); ++i) {
    const Slot value = key_values(key, rule)[i];
    values[i] = has_bytes(automaton.key[i].type) && value.bits != 0 ? alerts_.text(value.text()) : value;
  }
  report.seen.key = values;
  if (automaton.limit_per_event != ~std::uint64_t{0}) {
    const std::uint64_t all = key.stacks->count(completing).capped;
    if (all > automaton.limit_per_event) {
      rule.counters.over_event_limit += all - automaton.limit_per_event;
      report.stacks = nullptr;
    }
  }
  AlertDraft& draft = drafts_.emplace_back();
  draft.at = moment(input.event->time, MomentPhase::kEvent);
  draft.sequence = input.event->sequence;
  draft.rule = automaton.info.index;
  draft.first_sequence = report.layers.front().front().event->sequence;
  draft.fork = drafted_++;
  draft.internal = false;
  draft.report = &report;
}

// The chains that the event completes.
void Shard::report_stacks(KeyRuns& key, RuleState& rule, Stacks::Range completing, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  Stacks& stacks = *key.stacks;
  const std::size_t steps = automaton.stages.size();
  const Moment now = moment(input.event->time, MomentPhase::kEvent);
  chain_.resize(steps);
  if (automaton.emit.count) {
    const Tally matches = stacks.count(completing);
    if (matches.capped == 0) return;
    stacks.walk(completing, chain_, [](const std::vector<const Event*>&) { return Stacks::Next::kStop; });
    report_count(key, rule, matches, {chain_.front()->time, chain_.front()->sequence}, input);
    return;
  }
  const dsl::OnMatch policy = automaton.on_match;
  const bool all_of_them = policy == dsl::OnMatch::kKeep || policy == dsl::OnMatch::kConsume;
  std::uint64_t matches = 0;
  std::uint64_t place = 0;            // skip to: starts before this end.
  const Event* only_start = nullptr;  // consume: nothing is reported of other starts.
  const auto report = [&](const std::vector<const Event*>& chain) {
    if (policy == dsl::OnMatch::kConsume && only_start != nullptr && chain.front() != only_start) return Stacks::Next::kStop;
    if (all_of_them && matches == automaton.limit_per_event) {
      ++matches;
      return Stacks::Next::kStop;
    }
    if (chain.front()->sequence < place) return Stacks::Next::kNextStart;
    if (++matches <= automaton.limit_per_event) {
      chain_.back() = kept(input);
      for (std::size_t i = 0; i < steps; ++i) stage_events_[i] = {&chain_[i], 1};
      draft(key, rule, Extent({chain_.data(), steps}), AlertKind::kMatch, now, input.event, -1);
    }
    switch (policy) {
      case dsl::OnMatch::kConsume: only_start = chain.front(); return Stacks::Next::kNextMatch;
      case dsl::OnMatch::kKeep: return Stacks::Next::kNextMatch;
      case dsl::OnMatch::kSkipPastLast: return Stacks::Next::kStop;
      case dsl::OnMatch::kSkipToNext: return Stacks::Next::kEndStart;
      case dsl::OnMatch::kSkipToFirst:
      case dsl::OnMatch::kSkipToLast: break;
    }
    place = std::max(place, chain_[static_cast<std::size_t>(automaton.skip_stage)]->sequence);
    return Stacks::Next::kNextStart;
  };
  stacks.walk(completing, chain_, report);
  if (matches > automaton.limit_per_event) {
    const std::uint64_t all = all_of_them ? stacks.count(completing, only_start).capped : matches;
    rule.counters.over_event_limit += all - automaton.limit_per_event;
  }
  if (matches > 0 && policy == dsl::OnMatch::kSkipPastLast) stacks.clear();
  if (place > 0) stacks.drop_starts_before(place);
}

void Shard::step_dag(KeyRuns& key, RuleState& rule, Input& input) {
  const nfa::Automaton& automaton = *rule.automaton;
  const std::uint32_t symbol = automaton.subsets->symbol(input.bits);
  const bool begins = !automaton.subsets->begin(symbol).takes.empty();
  if (key.dag == nullptr) {
    if (!begins) return;
    key.dag = new_dag(rule);
    // It may be another key's, of another time.
    if (automaton.within >= 0) key.dag->drop_before(first_start(automaton, input.event->time));
  }
  MatchDag& dag = *key.dag;
  // A match has at most as many events as there are nodes.
  const std::size_t most = std::min(options_.max_shared_events, options_.max_run_events);
  const bool room = dag.size() < most;
  rule.counters.runs_overfull += dag.step(input.event->time, symbol, most, [&] {
    const Event* event = kept(input);
    retain(event);
    return event;
  });
  if (begins) ++(room ? rule.counters.runs_begun : rule.counters.runs_refused);
  if (!dag.completes()) return;
  const MatchDag::Completed completed = dag.count(input.event->time, input.event->sequence);
  if (completed.matches.capped == 0) return;
  if (automaton.emit.count) return report_count(key, rule, completed.matches, {completed.first_time, completed.first_sequence}, input);
  const Moment now = moment(input.event->time, MomentPhase::kEvent);
  dag.list(automaton.limit_per_event, [&](const std::vector<MatchDag::Step>& steps) {
    chain_.resize(steps.size());
    std::fill_n(stage_events_.begin(), rule.layout.stages, nfa::StageEvents{});
    for (std::size_t i = 0; i < steps.size(); ++i) {
      chain_[i] = steps[i].event != nullptr ? steps[i].event : kept(input);
      nfa::StageEvents& taken = stage_events_[steps[i].stage];
      if (taken.count++ == 0) taken.data = &chain_[i];
    }
    draft(key, rule, Extent({chain_.data(), chain_.size()}), AlertKind::kMatch, now, input.event, -1);
  });
  if (completed.matches.capped > automaton.limit_per_event)
    rule.counters.over_event_limit += completed.matches.capped - automaton.limit_per_event;
}

}  // namespace sequitur
