// A shard's changing state as bytes: keys with their runs and pasts. What follows from these (dues, awaited values, timers,
// the table) is made anew, so that keys can be loaded into another number of shards.
#include "engine/key_hash.hpp"
#include "engine/shard.hpp"
#include "engine/state_bytes.hpp"
#include "engine/stretch.hpp"

namespace sequitur {

void save(const RuleCounters& counters, StateWriter& out) {
  for (const std::uint64_t count :
       {counters.matches, counters.timeouts, counters.breaks, counters.clears, counters.held, counters.over_event_limit,
        counters.runs_begun, counters.runs_refused, counters.runs_overfull, counters.null_keys, counters.unknown_past, counters.runs_tried,
        counters.keys_without_ticks, counters.window_overfull, counters.window_forgotten})
    out.number(count);
}

void load(RuleCounters& counters, StateReader& in) {
  for (std::uint64_t* count :
       {&counters.matches, &counters.timeouts, &counters.breaks, &counters.clears, &counters.held, &counters.over_event_limit,
        &counters.runs_begun, &counters.runs_refused, &counters.runs_overfull, &counters.null_keys, &counters.unknown_past,
        &counters.runs_tried, &counters.keys_without_ticks, &counters.window_overfull, &counters.window_forgotten})
    *count = in.number();
}

void Shard::save(StateWriter& out) {
  expire_all_cohorts();
  std::uint64_t count = windows_ ? windows_->saved_keys(out.scope()) : 0;
  const auto is_saved = [&](std::uint32_t index) {
    return keys_[index].live && (out.scope().everything() || in_scope(index, out.scope()));
  };
  for (std::uint32_t index = 0; index < keys_.size(); ++index) count += is_saved(index) ? 1 : 0;
  out.number(count);
  for (std::uint32_t index = 0; index < keys_.size(); ++index)
    if (is_saved(index)) save_key(index, out);
  if (windows_) windows_->save(out);
}

bool Shard::in_scope(std::uint32_t index, const StateScope& scope) {
  KeyRuns& key = keys_[index];
  const RuleState& rule = *states_[key.rule];
  return scope.has_rule(key.rule) && scope.has_hash(hash_key(rule.automaton->key, key_values(key, rule)));
}

void Shard::save_key(std::uint32_t index, StateWriter& out) {
  KeyRuns& key = keys_[index];
  RuleState& rule = *states_[key.rule];
  const std::span<const nfa::KeyCode> parts = rule.automaton->key;
  out.number(out.scope().rule(key.rule));
  for (std::size_t i = 0; i < parts.size(); ++i) out.slot(key_values(key, rule)[i], parts[i].type);
  if (rule.automaton->past) out.number(0);  // Else it is the key's past.
  if (rule.remembers_keys) out.number(key.known ? 1 : 0);
  if (rule.cohorts) return save_cohorts(key, rule.cohort_plan.loop_min > 0, out);
  if (rule.shared != nfa::Strategy::kRuns) return save_shared(key, rule, out);
  out.number(key.run_count);
  for (std::uint32_t i = 0; i < key.run_count; ++i) save_run(rule, *key.runs()[i], out);
  if (rule.automaton->look_back.empty()) return;
  out.number(key.has_past ? 1 : 0);
  if (key.has_past) save_past(rule, index, out);
}

void Shard::save_run(const RuleState& rule, const Run& run, StateWriter& out) const {
  out.number(run.state);
  out.number(run.flags);
  out.number(run.fresh);
  out.signed_number(run.due);
  out.number(run.event_count);
  for (std::uint32_t i = 0; i < run.event_count; ++i) out.event(*rule.layout.events(run)[i]);
  if (rule.layout.nodes > 0) {
    if (rule.automaton->holds) out.number(run.count);
    for (std::uint32_t i = 0; i < run.event_count; ++i) out.number(rule.layout.tags(run)[i]);
    for (std::uint32_t i = 0; i < rule.layout.nodes; ++i) {
      const NodeState& node = rule.layout.node_states(run)[i];
      for (const std::uint32_t part : {node.count, node.entered, static_cast<std::uint32_t>(node.passed + 1)}) out.number(part);
      out.number(static_cast<std::uint32_t>(node.closed + 2 * node.committed));
    }
    if (!rule.guard_blocks.empty()) save_list(rule, run, out);
    return;
  }
  if (rule.layout.one_each) return;
  const int current = rule.automaton->states[run.state].stage;
  for (int stage = 0; stage < current; ++stage) out.number(rule.layout.stage_end(run, stage));
}

void Shard::save_cohorts(const KeyRuns& key, bool loop, StateWriter& out) {
  if (key.is_start_alone()) {  // One cohort, behind step 0, of one run.
    for (const std::uint64_t number : {1, 0, 1}) out.number(number);
    return out.event(*key.start);
  }
  Cohorts& cohorts = *key.cohorts;
  out.number(cohorts.size());
  const CohortStart* start = cohorts.starts();
  for (const Cohort& cohort : std::span(cohorts.begin(), cohorts.end())) {
    out.number(cohort.stage);
    for (const CohortLink* link = cohort.taken; link != nullptr; link = link->before) out.event(*link->event);
    out.number(cohort.runs);
    for (std::uint32_t i = 0; i < cohort.runs; ++i, ++start) {
      out.event(*start->event);
      if (loop) out.number(start->taken_only() ? 1 : 0);
    }
  }
}

// The shard's own copy of an event of the reader, made when it is first asked for.
const Event* Shard::adopt(const Event* event) {
  const Event*& own = adopted_[event];
  if (own == nullptr) own = keep(pool_, *event, shapes_[event->stream]);
  return own;
}

void Shard::end_load() {
  for (const auto& [event, own] : adopted_) release(pool_, own);
  adopted_ = {};
}

// Which of the rule's bits an event of each stream can have: what a stage may hold is a matter of memory safety, because its
// expressions read slots by number.
std::vector<nfa::Bits> Shard::possible_bits(const RuleState& rule) const {
  std::vector<nfa::Bits> bits(rules_.files.schemas.size());
  for (const nfa::Watch& watch : rule.automaton->watches) bits[watch.stream] |= watch.bits;
  return bits;
}

// `values`: the key, read by the caller, who found this shard by it. After a failure what was loaded is whole, if useless.
void Shard::load_key(std::uint32_t rule_index, const Slot* values, std::uint32_t hash, StateReader& in) {
  RuleState& rule = *states_[rule_index];
  if (rule.automaton->window || (rule.automaton->past && in.number_below(2) == 1)) return windows_->load_key(rule_index, values, hash, in);
  std::copy_n(values, rule.automaton->key.size(), key_.begin());
  if (find_key(rule, hash) != KeyTable::kNone) return in.fail();
  const std::uint32_t index = create_key(rule_index, hash);
  KeyRuns& key = keys_[index];
  if (rule.remembers_keys && in.number_below(2) == 1) remember_key(rule, index, hash);
  if (rule.possible_bits.empty()) rule.possible_bits = possible_bits(rule);
  if (rule.cohorts) {
    load_cohorts(rule, key, in);
    if (!in.failed()) settle_cohorts(index, key, rule);
    return;
  }
  if (rule.shared != nfa::Strategy::kRuns) {
    load_shared(rule, key, in);
    if (!in.failed()) settle_shared(index, rule);
    return;
  }

  constexpr std::size_t kLeastRun = 5;
  std::uint64_t first = 0;
  for (std::uint64_t left = in.count(kLeastRun); left > 0 && !in.failed(); --left) {
    Run* run = create_run(rule);
    append_run(key, run);
    load_run(rule, *run, in);
    if (in.failed()) break;
    const std::uint64_t begun = rule.layout.events(*key.runs()[key.run_count - 1])[0]->sequence;
    const bool in_order = rule.automaton->holds || (rule.automaton->forks ? begun >= first : begun > first);
    if (!in_order) in.fail();
    first = begun;
  }
  if (!rule.automaton->look_back.empty() && in.number_below(2) == 1) load_past(rule, index, in);
  if (key.run_count == 0 && !key.has_past && !key.known) in.fail();
  if (in.failed()) return;

  context_run_ = nullptr;
  earliest_ = kNever;
  for (std::uint32_t i = 0; i < key.run_count; ++i) note_change(key, rule, i);
  schedule(index, earliest_due(index));
}

void Shard::load_run(RuleState& rule, Run& loaded, StateReader& in) {
  const nfa::Automaton& automaton = *rule.automaton;
  Run* run = &loaded;
  // Of a part of a block behind `no`: which block it is, and in `due` when its run took what it took before.
  const std::size_t states = rule.in_gap != nullptr ? std::size_t{1} << 16 : automaton.states.size();
  run->state = static_cast<std::uint16_t>(in.number_below(states));
  const std::uint8_t known = Run::kContiguous | Run::kCovered | (automaton.forks ? Run::kStartMatched | Run::kForkCovered : 0);
  run->flags = static_cast<std::uint8_t>(in.number_below(256));
  if ((run->flags & ~known) != 0) in.fail();
  run->fresh = static_cast<std::uint8_t>(in.number_below(256));
  run->due = in.signed_number();
  if (rule.in_gap == nullptr && run->due < moment(-kFarTime, MomentPhase::kSilence)) in.fail();
  std::uint64_t latest = 0;
  for (std::uint64_t left = in.count(1); left > 0; --left) {
    const Event* event = in.event();
    // Where there are stretches the events do not stand in their order.
    if (in.failed() || (!automaton.holds && event->sequence <= latest) || run->event_count == ~std::uint32_t{0}) return in.fail();
    latest = event->sequence;
    append_event(rule, *run, adopt(event));
  }
  if (rule.layout.nodes > 0)
    load_blocks(rule, *run, in);
  else
    load_stages(rule, *run, in);
}

// Where the run is in the tree of a rule with blocks.
void Shard::load_blocks(RuleState& rule, Run& run, StateReader& in) {
  const nfa::BlockCode& blocks = *rule.automaton->blocks;
  const bool holds = rule.automaton->holds;
  if (run.event_count == 0) return in.fail();
  if (holds) run.count = static_cast<std::uint32_t>(in.number_below(std::uint64_t{run.event_count} + 1));
  if (holds && !in.failed()) {
    const std::uint32_t samples = run.state == kPlainRun ? run.count : run.state == kReportedStretch ? 1 : run.event_count;
    if (run.count != samples || (run.state == kStretchOfKey && run.count != 2) || (run.state == kReportedStretch && run.event_count < 2))
      in.fail();
  }
  for (std::uint32_t i = 0; i < run.event_count; ++i) {
    const auto tag = static_cast<std::uint16_t>(in.number_below(holds ? std::uint64_t{kTagSpent} * 2 : rule.layout.stages));
    if (in.failed()) return;
    const std::size_t stage = tag & kTagStage;
    if (stage >= rule.layout.stages) return in.fail();
    if (blocks.node_of[stage] < 0) return in.fail();
    const bool hold = blocks.nodes[static_cast<std::size_t>(blocks.node_of[stage])].hold >= 0;
    if (!hold && (tag != stage || i >= taken_count(run))) return in.fail();
    const nfa::Bits bit = rule.automaton->stages[stage].test.bit;
    if ((rule.possible_bits[rule.layout.events(run)[i]->stream] & bit) == 0) return in.fail();
    rule.layout.tags(run)[i] = tag;
  }
  for (std::uint32_t i = 0; i < rule.layout.nodes; ++i) {
    const nfa::BlockNodeCode& code = rule.automaton->blocks->nodes[i];
    const bool chooses = code.kind == dsl::BlockNode::Kind::kSequence || code.kind == dsl::BlockNode::Kind::kEither;
    NodeState& node = rule.layout.node_states(run)[i];
    node.count = static_cast<std::uint32_t>(in.number_below(chooses ? code.parts.size() : std::uint64_t{run.event_count} + 1));
    node.entered = static_cast<std::uint32_t>(in.number_below(std::uint64_t{run.event_count} + 1));
    node.passed = static_cast<std::int32_t>(in.number_below(code.parts.size() + 1)) - 1;
    const std::uint64_t flags = in.number_below(4);
    node.closed = flags & 1;
    node.committed = static_cast<std::uint8_t>(flags >> 1);
    node.unused = 0;
    if (in.failed()) return;
  }
  if (!rule.guard_blocks.empty()) load_list(rule, run, in);
}

// Where each stage ends, if that agrees with the run's state.
void Shard::load_stages(const RuleState& rule, Run& run, StateReader& in) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::State& state = automaton.states[run.state];
  std::uint32_t begin = 0;
  for (int stage = 0; stage <= state.stage; ++stage) {
    const bool current = stage == state.stage;
    const nfa::StageCode& code = automaton.stages[static_cast<std::size_t>(stage)];
    std::uint64_t end = run.event_count;
    if (!current) end = rule.layout.one_each ? static_cast<std::uint64_t>(stage) + 1 : in.number();
    if (in.failed() || end < begin || end > run.event_count) return in.fail();
    const auto count = static_cast<std::uint32_t>(end) - begin;
    const bool enough = count >= code.min;
    if (count > code.max) return in.fail();
    if (current ? count == 0 || enough == (state.phase == nfa::Phase::kFilling) : !enough && !(code.optional && count == 0))
      return in.fail();
    for (std::uint32_t i = begin; i < end; ++i)
      if ((rule.possible_bits[rule.layout.events(run)[i]->stream] & code.test.bit) == 0) return in.fail();
    rule.layout.set_stage_end(run, stage, static_cast<std::uint32_t>(end));
    if (current) run.count = count;
    begin = static_cast<std::uint32_t>(end);
  }
  // What comes due is what the state can come to.
  const bool loop_may_close = state.phase != nfa::Phase::kDone && automaton.stages[static_cast<std::size_t>(state.stage)].gap_limit >= 0;
  const bool may_complete = state.satisfied && automaton.closes == nfa::Closing::kSilence;
  if (run.due == kNever || phase_of(run.due) == MomentPhase::kLimit) return;
  if (phase_of(run.due) == MomentPhase::kSilence ? !may_complete : !loop_may_close) in.fail();
}

// Older starts have come as far as younger ones at least; only the youngest may stand behind the opening step.
void Shard::load_cohorts(RuleState& rule, KeyRuns& key, StateReader& in) {
  const nfa::Automaton& automaton = *rule.automaton;
  const auto event_for = [&](std::size_t stage) -> const Event* {
    const Event* event = in.event();
    if (in.failed() || (rule.possible_bits[event->stream] & automaton.stages[stage].test.bit) == 0) {
      in.fail();
      return nullptr;
    }
    return adopt(event);
  };
  constexpr std::size_t kLeastCohort = 3;
  const std::uint64_t count = in.count(kLeastCohort);
  if (count == 0) in.fail();
  std::uint64_t stage_before = rule.cohort_plan.stages.size() - 1;
  for (std::uint64_t left = count; left > 0 && !in.failed(); --left) {
    const std::uint64_t stage = in.number_below(stage_before + 1);
    if (stage == 0 && left > 1) return in.fail();  // Of an opening loop there is but one.
    stage_before = stage;
    std::vector<const Event*> taken;
    for (std::uint64_t i = stage; i > 0 && !in.failed(); --i) taken.push_back(event_for(i));
    const std::uint64_t runs = in.count(1);
    if (runs == 0) in.fail();
    for (std::uint64_t i = 0; i < runs && !in.failed(); ++i) {
      const Event* start = event_for(0);
      if (start == nullptr) return;
      retain(start);
      if (key.cohorts == nullptr) key.cohorts = Cohorts::create(pool_);
      const bool taken_only = rule.cohort_plan.loop_min > 0 && in.number_below(2) == 1;
      if (i == 0 && taken_only) return in.fail();
      key.cohorts = Cohorts::append(pool_, key.cohorts, CohortStart(start, taken_only));
      live_runs_ += taken_only ? 0 : 1;
    }
    if (in.failed()) return;
    Cohort& cohort = *(key.cohorts->end() - 1);
    cohort.stage = static_cast<std::uint32_t>(stage);
    for (auto event = taken.rbegin(); event != taken.rend(); ++event) {
      auto* link = static_cast<CohortLink*>(pool_.allocate(sizeof(CohortLink)));
      *link = {*event, cohort.taken};
      retain(link->event);
      cohort.taken = link;
    }
  }
  if (in.failed() || rule.cohort_plan.loop_min > 0 || key.cohorts->runs() > 1 || key.cohorts->begin()->stage > 0) return;
  const Event* start = key.cohorts->starts()->event;
  Cohorts::destroy(pool_, key.cohorts);
  key.start = start;
  key.run_count = 1;
}

}  // namespace sequitur
