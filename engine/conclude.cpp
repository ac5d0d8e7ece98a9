// What is reported at an instant, and what ends with it: `on match`, `on timeout`, `on break`.
//
// The runs of a key stand in the order of their start, so going through them once is the order in which alerts are
// issued and in which one report can make another one superfluous.
#include <algorithm>

#include "engine/alert_id.hpp"
#include "engine/kept_event.hpp"
#include "engine/make_draft.hpp"
#include "engine/shard.hpp"
#include "engine/stretch.hpp"

namespace sequitur {
namespace {

// Whether all events of one run belong to the other; both are in the order of events.
bool is_subset(std::span<const Event* const> part, std::span<const Event* const> whole) {
  if (part.front()->sequence < whole.front()->sequence || part.back()->sequence > whole.back()->sequence) return false;
  auto at = whole.begin();
  for (const Event* event : part) {
    while (at != whole.end() && (*at)->sequence < event->sequence) ++at;
    if (at == whole.end() || (*at)->sequence != event->sequence) return false;
    ++at;
  }
  return true;
}

}  // namespace

void Shard::end_run(KeyRuns& key, std::uint32_t position, std::uint8_t flags) {
  key.runs()[position]->flags |= flags;
  ended_.push_back(position);
}

// The position of the first run that began with the event of this sequence or a later one.
std::uint32_t Shard::begun_by(KeyRuns& key, const RuleState& rule, std::uint64_t sequence) const {
  Run** runs = key.runs();
  Run** found = std::lower_bound(runs, runs + key.run_count, sequence,
                                 [&](Run* run, std::uint64_t wanted) { return rule.layout.events(*run)[0]->sequence < wanted; });
  return static_cast<std::uint32_t>(found - runs);
}

// A reported run makes the reports of runs whose events it all has superfluous; a match also ends those. Such a run began
// with one of its events, and no two runs begin with the same.
void Shard::end_covered(KeyRuns& key, RuleState& rule, const Run& reported, bool match) {
  const std::span whole(rule.layout.events(reported), reported.event_count);
  if (rule.automaton->forks) return end_covered_by_fork(key, rule, reported, match);
  if (key.run_count == 1 || rule.automaton->exclusive_starts) return;
  for (const Event* event : whole) {
    const std::uint32_t position = begun_by(key, rule, event->sequence);
    if (position == key.run_count) return;
    Run& other = *key.runs()[position];
    if (&other == &reported || (other.flags & Run::kEnded) != 0) continue;
    if (!is_subset({rule.layout.events(other), other.event_count}, whole)) continue;
    other.flags |= Run::kCovered;
    if (match && (other.flags & Run::kOutcome) == 0) end_run(key, position, Run::kEnded);
  }
}

// The same where several runs may begin with one event. Consumption is between starts: a match does not end its own forks, but
// of those nothing is to be said any more than what they match.
void Shard::end_covered_by_fork(KeyRuns& key, RuleState& rule, const Run& reported, bool match) {
  const std::span whole = in_order(rule, reported, false, whole_);
  for (const Event* event : whole) {
    // Where there are stretches a run's first event may change, so the runs do not stand in that order.
    std::uint32_t position = rule.automaton->holds ? 0 : begun_by(key, rule, event->sequence);
    for (; position < key.run_count; ++position) {
      Run& other = *key.runs()[position];
      if (start_of(rule, other)->sequence != event->sequence) {
        if (rule.automaton->holds) continue;
        break;
      }
      if (&other == &reported || (other.flags & Run::kEnded) != 0) continue;
      if (rule.automaton->holds && other.state != kPlainRun) continue;
      if (event == whole.front() && match) {
        other.flags |= Run::kStartMatched;
      } else {
        // Of a stretch in progress nothing is said, but it keeps its run.
        const std::span taken = in_order(rule, other, false, other_);
        if (taken.empty() || is_subset(taken, whole)) other.flags |= event == whole.front() ? Run::kForkCovered : Run::kCovered;
        if (!is_subset(in_order(rule, other, true, other_), whole)) continue;
        if (match && (other.flags & Run::kOutcome) == 0) end_run(key, position, Run::kEnded);
      }
    }
    if (rule.automaton->exclusive_starts) return;
  }
}

// `on match skip`: what began before the place where matching is to go on ends.
// The first and the latest event that the stage has taken; null pointers if none.
std::pair<const Event*, const Event*> Shard::events_of(const RuleState& rule, const Run& run, int stage) {
  const Event* const* events = rule.layout.events(run);
  if (rule.layout.nodes > 0) return block_events_of(rule, run, stage);
  if (stage > rule.automaton->states[run.state].stage) return {};
  const std::uint32_t begin = rule.layout.stage_begin(run, stage);
  const std::uint32_t end = rule.layout.stage_end(run, stage);
  if (begin == end) return {};
  return {events[begin], events[end - 1]};
}

void Shard::end_begun_before(KeyRuns& key, RuleState& rule, const Run& reported) {
  const nfa::Automaton& automaton = *rule.automaton;
  std::uint64_t place = 0;
  if (automaton.on_match == dsl::OnMatch::kSkipPastLast) {
    place = in_order(rule, reported, false, whole_).back()->sequence + 1;
  } else if (automaton.on_match == dsl::OnMatch::kSkipToFirst || automaton.on_match == dsl::OnMatch::kSkipToLast) {
    const auto [begin, stage_end] = events_of(rule, reported, automaton.skip_stage);
    if (begin == nullptr) return;  // The step was left out.
    place = (automaton.on_match == dsl::OnMatch::kSkipToFirst ? begin : stage_end)->sequence;
  } else if (automaton.on_match == dsl::OnMatch::kSkipToNext && automaton.forks) {
    place = start_of(rule, reported)->sequence + 1;
  } else {
    return;
  }
  // `skip to next` ends the forks of the same start only.
  const std::uint64_t from = automaton.on_match == dsl::OnMatch::kSkipToNext ? start_of(rule, reported)->sequence : 0;
  const std::uint32_t begin = from > 0 && !automaton.holds ? begun_by(key, rule, from) : 0;
  const std::uint32_t end = automaton.holds ? key.run_count : begun_by(key, rule, place);
  for (std::uint32_t i = begin; i < end; ++i) {
    const Run& other = *key.runs()[i];
    if (automaton.holds) {
      const std::uint64_t start = start_of(rule, other)->sequence;
      if (other.state != kPlainRun || start < from || start >= place) continue;
    }
    if (&other != &reported && (other.flags & (Run::kBroken | Run::kTimedOut | Run::kEnded)) == 0) end_run(key, i, Run::kEnded);
  }
}

// A run that is complete. Returns whether it is a match.
bool Shard::report_match(KeyRuns& key, RuleState& rule, Run& run, Moment at, const Event* event, std::uint64_t& matches) {
  const bool consume = rule.automaton->on_match == dsl::OnMatch::kConsume;
  const std::uint64_t start = start_of(rule, run)->sequence;
  if (consume && event != nullptr && matches > 0 && start != matched_start_) return false;
  if (consume && (run.flags & Run::kCovered) != 0) return false;
  matched_start_ = start;
  ++matches;
  if (rule.automaton->emit.count) {  // Its rule keeps all runs, and conclude() reports their number.
    if (matches == 1) first_counted_ = {rule.layout.events(run)[0]->time, start};
    return true;
  }
  // A match beyond the limit is not reported, but ends what it would end.
  const bool over = event != nullptr && matches > rule.automaton->limit_per_event;
  if (over)
    ++rule.counters.over_event_limit;
  else
    draft_run(key, rule, run, AlertKind::kMatch, at, event, -1);
  if (consume)
    end_covered(key, rule, run, true);
  else
    end_begun_before(key, rule, run);
  return true;
}

// A run that timed out or was broken. Returns whether it is reported.
bool Shard::report_end(KeyRuns& key, RuleState& rule, Run& run, Moment at, const Event* event) {
  const bool broken = (run.flags & Run::kBroken) != 0;
  if (broken ? !rule.automaton->has_break : !rule.automaton->has_timeout) return false;
  const bool consume = rule.automaton->on_match == dsl::OnMatch::kConsume;
  if (consume && (run.flags & (Run::kCovered | Run::kForkCovered | Run::kStartMatched)) != 0) return false;
  int guard = -1;
  for (const Break& known : breaks_)
    if (known.run == &run) guard = known.guard;
  draft_run(key, rule, run, broken ? AlertKind::kBreak : AlertKind::kTimeout, at, event, guard);
  if (consume) end_covered(key, rule, run, false);
  return true;
}

// The runs in touched_ that have an outcome, in the order of their start.
void Shard::conclude(KeyRuns& key, RuleState& rule, Moment at, const Event* event) {
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  const bool forks = rule.automaton->forks;
  if (forks) sort_outcomes(key, rule, event != nullptr);
  std::uint64_t matches = 0;
  const Run* latest = nullptr;  // The latest report.
  bool latest_match = false;
  drafted_ = 0;
  for (const std::uint32_t position : touched_) {
    Run& run = *key.runs()[position];
    if ((run.flags & Run::kOutcome) == 0) continue;
    ended_.push_back(position);
    if ((run.flags & Run::kEnded) != 0) continue;
    if (rule.automaton->holds && run.state == kReportedStretch) {
      draft_run(key, rule, run, AlertKind::kClear, at, event, -1);
      continue;
    }
    // Forks with equal evidence are one.
    const bool match = (run.flags & Run::kComplete) != 0;
    if (forks && latest != nullptr && match == latest_match && compare_evidence(rule, run, *latest) == 0) continue;
    const bool reported = match ? report_match(key, rule, run, at, event, matches) : report_end(key, rule, run, at, event);
    if (!reported) continue;
    latest = &run;
    latest_match = match;
    if (match && keep_reported(key, rule, position)) std::erase(ended_, position);
  }
  if (options_.observer != nullptr) observe(key, rule, at, event);
  if (rule.automaton->emit.count && matches > 0) {
    Input input{event, 0};
    report_count(key, rule, {matches, matches}, first_counted_, input);
  }
  breaks_.clear();
  remove_ended(key, rule);
}

// Tells the observer of the runs in ended_.
void Shard::observe(KeyRuns& key, RuleState& rule, Moment at, const Event* event) {
  using End = RunObserver::End;
  std::vector<std::uint32_t> positions = ended_;
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  bool matched = false;
  for (const std::uint32_t position : positions) {
    const Run& run = *key.runs()[position];
    if (rule.automaton->holds && run.state != kPlainRun) continue;
    RunObserver::Fate fate = fate_of(key, rule, run);
    fate.time = time_of(at);
    fate.event = event;
    const bool passed_over = (run.flags & (Run::kEnded | Run::kCovered)) != 0;
    if ((run.flags & Run::kComplete) != 0) {
      const bool first_only = event != nullptr && rule.automaton->on_match == dsl::OnMatch::kConsume && !rule.automaton->forks;
      fate.end = passed_over || (matched && first_only) ? End::kPartOfMatch : End::kMatched;
      matched = matched || fate.end == End::kMatched;
    } else if ((run.flags & Run::kBroken) != 0) {
      fate.end = End::kBroken;
      for (const Break& known : breaks_)
        if (known.run == &run) fate.guard = known.guard;
    } else if ((run.flags & Run::kTimedOut) != 0) {
      fate.end = End::kTimedOut;
    } else {
      fate.end = (run.flags & Run::kCovered) != 0 ? End::kPartOfMatch : End::kNoWay;
    }
    options_.observer->ended(fate);
  }
}

RunObserver::Fate Shard::fate_of(const KeyRuns& key, const RuleState& rule, const Run& run) {
  RunObserver::Fate fate;
  fate.rule = rule.automaton->info.index;
  fate.key = key_values(key, rule);
  context_run_ = nullptr;
  context(rule, &run, nullptr);
  context_run_ = nullptr;
  if (is_alone(rule, run)) gather_stretch(rule, run);
  fate.stages = std::span(stage_events_).first(rule.layout.stages);
  fate.stage = rule.automaton->states[run.state].stage;
  return fate;
}

void Shard::observe_live_runs() {
  for (std::uint32_t index = 0; index < keys_.size(); ++index) {
    KeyRuns& key = keys_[index];
    if (!key.live || states_[key.rule]->cohorts) continue;
    const RuleState& rule = *states_[key.rule];
    for (std::uint32_t i = 0; i < key.run_count; ++i)
      if (!rule.automaton->holds || key.runs()[i]->state == kPlainRun) options_.observer->ended(fate_of(key, rule, *key.runs()[i]));
  }
}

// Takes the runs in ended_ out of the key's list.
void Shard::remove_ended(KeyRuns& key, RuleState& rule) {
  if (ended_.empty()) return;
  std::sort(ended_.begin(), ended_.end());
  ended_.erase(std::unique(ended_.begin(), ended_.end()), ended_.end());
  Run** runs = key.runs();
  const bool list = key.is_list();
  if (list && ended_.back() + 1 == ended_.size() && ended_.size() < key.run_count) {  // The oldest: nothing needs to move.
    for (std::size_t i = 0; i < ended_.size(); ++i) destroy_run(rule, runs[i]);
    key.dropped() += ended_.size();
    key.run_count -= static_cast<std::uint32_t>(ended_.size());
    return ended_.clear();
  }
  std::uint32_t kept = ended_.front();
  for (std::size_t i = 0; i < ended_.size(); ++i) {
    const std::uint32_t begin = ended_[i] + 1;
    const std::uint32_t end = i + 1 < ended_.size() ? ended_[i + 1] : key.run_count;
    destroy_run(rule, runs[ended_[i]]);
    std::move(runs + begin, runs + end, runs + kept);
    if (list) {
      std::move(key.dues() + begin, key.dues() + end, key.dues() + kept);
      std::move(key.awaited() + begin, key.awaited() + end, key.awaited() + kept);
    }
    kept += end - begin;
  }
  ended_.clear();
  key.run_count = kept;
  // A key that had several runs will have them again: the list goes only with the last run.
  if (kept == 0 && list) {
    pool_.deallocate(key.list_memory(), key.list_bytes());
    key.one = nullptr;
    key.capacity_bits = 0;
  }
}

void Shard::draft_run(const KeyRuns& key, const RuleState& rule, const Run& run, AlertKind kind, Moment at, const Event* event, int guard) {
  context_run_ = nullptr;
  context(rule, &run, nullptr);
  draft(key, rule, Extent(in_order(rule, run, false, other_)), kind, at, event, guard);
}

void Shard::draft(const KeyRuns& key, const RuleState& rule, const Extent& taken, AlertKind kind, Moment at, const Event* event,
                  int guard) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::EmitCode& emit = kind == AlertKind::kTimeout ? automaton.on_timeout
                              : kind == AlertKind::kBreak ? automaton.on_break
                              : kind == AlertKind::kClear ? automaton.on_clear
                                                          : automaton.emit;
  context_run_ = nullptr;
  nfa::EvaluationContext& seen = context_;
  seen.candidate = nullptr;
  seen.stage_count = rule.layout.stages;
  seen.previous = taken.last;
  seen.key = key_values(key, rule);
  seen.break_event = kind == AlertKind::kBreak ? event : nullptr;
  seen.break_guard = guard;
  // A deadline of silence comes before the events of its time, other limits behind them.
  seen.as_of = event != nullptr ? as_of(*event) : nfa::AsOf{time_of(at), phase_of(at) == MomentPhase::kSilence ? 0 : ~std::uint64_t{0}};
  if (!is_watched(rule, key, seen.as_of)) return;

  IdHash head;
  AlertDraft& result = drafts_.emplace_back();
  begin_draft({rules_, automaton, rule.digests, seen, alerts_, message_}, kind, emit, at, event, head, result);
  AlertId id = head.result();
  result.first_sequence = taken.first.sequence;
  result.fork = drafted_++;
  Alert& alert = result.alert;
  alert.first = Timestamp{Duration{taken.first.time}};
  alert.last = Timestamp{Duration{taken.last->time}};

  const auto steps = std::span(static_cast<EvidenceStep*>(alerts_.allocate(rule.layout.stages * sizeof(EvidenceStep))), rule.layout.stages);
  std::size_t used = 0;
  for (std::uint32_t stage = 0; stage < rule.layout.stages; ++stage) {
    const nfa::StageEvents& of_step = seen.stages[stage];
    if (of_step.count == 0) continue;
    const auto events_of_step =
        std::span(static_cast<const Event**>(alerts_.allocate(of_step.count * sizeof(const Event*))), of_step.count);
    for (std::uint32_t i = 0; i < of_step.count; ++i) {
      const Event* taken_event = of_step.data[i];
      retain(taken_event);
      evidence_.push_back(taken_event);
      events_of_step[i] = taken_event;
      id = id + event_id(rule.digests.stages[stage], *taken_event, shapes_[taken_event->stream], stream_digests_[taken_event->stream]);
    }
    new (&steps[used++]) EvidenceStep{automaton.stage_names[stage], {events_of_step.data(), events_of_step.size()}};
  }
  alert.evidence = steps.first(used);
  alert.id = id;
}

}  // namespace sequitur
