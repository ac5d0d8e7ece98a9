#include "nfa/automaton.hpp"

#include "nfa/block_code.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "dsl/checked_print.hpp"
#include "nfa/chain.hpp"
#include "nfa/subset_automaton.hpp"
#include "nfa/window_code.hpp"

namespace sequitur::nfa {
namespace {

constexpr std::size_t kMaxBits = 64;

// Cohorts: every step takes one event and asks nothing of the run; nothing but `within` limits it, and at the end one silence;
// nothing is said of runs that end otherwise; and no event of a match but its first can have begun another run. Or the first of
// two steps takes every event that it can, of which each begins a run; what ends those that have not enough yet ends the others, too.
Strategy strategy_of(const Automaton& automaton) {
  const auto alone = [](const GuardCode& guard) { return !guard.test.run_part && guard.block < 0; };
  const auto plain = [&](const StageCode& stage) {
    return !stage.optional && !stage.next && !stage.test.run_part && stage.until.bit == 0 && stage.limits.empty() &&
           stage.gap.no_next.empty() && stage.gap.silences.empty() && std::all_of(stage.gap.guards.begin(), stage.gap.guards.end(), alone);
  };
  const auto silent_end = [&] {
    const GapCode& closing = automaton.closing;
    return automaton.closes == Closing::kSilence && closing.guards.empty() && closing.no_next.empty() && closing.silences.size() == 1 &&
           closing.silences[0].anchor.stage < 0 && closing.silences[0].duration > 0 && alone(closing.silences[0].guard);
  };
  const bool event_end = automaton.closes == Closing::kOnEvent && automaton.closing.empty() && automaton.stages.size() > 1;
  const bool plain_end = !automaton.has_timeout && !automaton.has_break && !automaton.emit.count;
  // Under a silence `skip past last` ends what has begun since, by whatever runs.
  const bool plain_match = automaton.on_match == dsl::OnMatch::kConsume || automaton.on_match == dsl::OnMatch::kKeep ||
                           (automaton.on_match == dsl::OnMatch::kSkipPastLast && event_end);
  const auto one_event = [](const StageCode& stage) { return stage.max == 1; };
  const auto guards_of = [&](Phase phase) { return automaton.states[static_cast<std::size_t>(phase)].guard_bits; };
  const auto opening_loop = [&] {
    const StageCode& first = automaton.stages[0];
    return event_end && automaton.stages.size() == 2 && first.max == dsl::kUnbounded && !first.strict && !first.latest && !first.each &&
           !first.skipping && !first.every_length && first.gap_limit < 0 && first.gap.empty() && one_event(automaton.stages[1]) &&
           !automaton.latest && automaton.opening_bits == first.test.bit && (guards_of(Phase::kFilling) & ~guards_of(Phase::kOpen)) == 0;
  };
  const bool cohorts =
      automaton.blocks == nullptr && (event_end || silent_end()) && !automaton.routed_apart &&
      std::all_of(automaton.stages.begin(), automaton.stages.end(), plain) &&
      std::all_of(automaton.cancels.begin(), automaton.cancels.end(), alone) && automaton.look_back.empty() && plain_end && plain_match &&
      !automaton.forks &&
      ((std::all_of(automaton.stages.begin(), automaton.stages.end(), one_event) && automaton.exclusive_starts) || opening_loop());
  if (cohorts) return Strategy::kCohorts;
  if (is_counted_chain(automaton)) return Strategy::kCounts;
  return is_chain(automaton) ? Strategy::kStacks : Strategy::kRuns;
}

class Compiler {
 public:
  Compiler(const dsl::Rule& rule, const std::vector<StreamSchema>& schemas, PredicateSet::Builder& predicates)
      : rule_(&rule),
        schemas_(schemas),
        stream_count_(schemas.size()),
        predicates_(predicates),
        values_(rule.window ? dsl::Op::kAggregate : dsl::Op::kPast) {}

  Result<std::shared_ptr<const Automaton>> compile() {
    auto result = std::make_shared<Automaton>();
    automaton_ = root_ = result.get();
    automaton_->info = rule_->info;
    automaton_->within = rule_->within ? rule_->within->count() : -1;
    compile_key();
    if (rule_->window) {
      compile_window();
    } else {
      compile_past();
      compile_stages();
      compile_guards();
      if (rule_->blocks != nullptr)
        compile_blocks();
      else
        compile_states();
      watch_for_keys();
      if (!rule_->past.empty()) automaton_->past = values_.finish();
    }
    compile_output();
    automaton_->watched = rule_->watched;
    looks_up_ = looks_up_ || rule_->watched >= 0;
    // Windows, the key's past and blocks have an engine of their own beside the runs.
    // A condition that looks a row up must be asked when its event comes: the shared strategies may ask later.
    const bool steps_alone = !automaton_->window && !automaton_->past && automaton_->blocks == nullptr && !looks_up_;
    if (steps_alone) automaton_->strategy = strategy_of(*automaton_);
    if (steps_alone && automaton_->strategy == Strategy::kRuns && (automaton_->subsets = SubsetAutomaton::make(*automaton_)))
      automaton_->strategy = Strategy::kDag;
    if (conditions_.size() > kMaxBits)
      return Error{fmt::format("rule {} has {} different conditions; {} are possible", rule_->info.name, conditions_.size(), kMaxBits)};
    for (const Condition& condition : conditions_) {
      add_watches(condition);
      automaton_->bit_names.push_back(name_of(condition));
    }
    for (const auto& block : guard_blocks_) block->bit_names = automaton_->bit_names;
    return std::shared_ptr<const Automaton>(std::move(result));
  }

 private:
  struct Condition {
    std::vector<StreamId> streams;
    dsl::ExprPtr event_part;
    int way;  // Of the key. Lines that go different ways share no bit.
    Bits bit;
  };

  // Conditions alike in streams and event part share a bit. Past the 64th the bit is meaningless; compile() reports it.
  Bits bit_of(std::vector<StreamId> streams, const dsl::ExprPtr& event_part, int way) {
    std::sort(streams.begin(), streams.end());
    streams.erase(std::unique(streams.begin(), streams.end()), streams.end());
    for (const Condition& known : conditions_) {
      const bool same = (!known.event_part && !event_part) || (known.event_part && event_part && equal(*known.event_part, *event_part));
      if (same && known.streams == streams && known.way == way) return known.bit;
    }
    const Bits bit = Bits{1} << (conditions_.size() % kMaxBits);
    conditions_.push_back({std::move(streams), event_part, way, bit});
    if (!root_->way_bits.empty()) root_->way_bits[static_cast<std::size_t>(way)] |= bit;
    return bit;
  }

  Test test_of(const dsl::Filter& filter) { return test_of(filter.streams, filter.condition, filter.key_way); }
  Test test_of(const std::vector<StreamId>& streams, const dsl::ExprPtr& condition, int way) {
    const SplitCondition parts = split(condition);
    Test test;
    test.bit = bit_of(streams, parts.event_part, way);
    looks_up_ = looks_up_ || (parts.run_part && looks_up(*parts.run_part));
    if (parts.run_part) test.run_part = Expression::compile(*values_.with_values(parts.run_part));
    return test;
  }

  // Looks for `expression over the candidate == expression over events taken before this stage` among the conditions.
  static AwaitedCode awaited_of(const dsl::Stage& stage) {
    const dsl::ExprPtr run_part = split(stage.filter.condition).run_part;
    if (!run_part || stage.max != 1) return {};
    const std::vector<dsl::ExprPtr> alone{run_part};
    for (const dsl::ExprPtr& part : run_part->op == dsl::Op::kAnd ? run_part->args : alone) {
      if (part->op != dsl::Op::kEqual || part->fold) continue;
      for (const bool swapped : {false, true}) {
        const dsl::Expr& offered = *part->args[swapped ? 1 : 0];
        const dsl::Expr& bound = *part->args[swapped ? 0 : 1];
        if (event_only(offered) && !mentions_candidate(bound) && !mentions_file(offered) && !mentions_file(bound))
          return {Expression::compile(offered), Expression::compile(bound)};
      }
    }
    return {};
  }

  static bool mentions_candidate(const dsl::Expr& expr) {
    // The past is that before the candidate; a row changes while a run waits.
    if (expr.op == dsl::Op::kCandidate || expr.op == dsl::Op::kPast || expr.op == dsl::Op::kTableField) return true;
    return std::any_of(expr.args.begin(), expr.args.end(), [](const dsl::ExprPtr& arg) { return arg && mentions_candidate(*arg); });
  }

  GuardCode guard_of(const dsl::Guard& guard) {
    if (guard.block == nullptr) return {test_of(guard.filter), guard.id};
    GuardCode code;
    code.id = guard.id;
    code.block = compile_guard_block(*guard.block);
    code.test.bit = automaton_->guard_blocks[static_cast<std::size_t>(code.block)].bits;
    return code;
  }

  int compile_guard_block(const dsl::Rule& block) {
    GuardBlockCode code;
    code.first_stage = block.blocks->first_stage;
    guard_blocks_.push_back(std::make_shared<Automaton>());
    const std::shared_ptr<Automaton> own = guard_blocks_.back();
    own->in_gap = true;
    const dsl::Rule* rule = std::exchange(rule_, &block);
    Automaton* automaton = std::exchange(automaton_, own.get());
    compile_stages();
    compile_blocks();
    rule_ = rule;
    automaton_ = automaton;
    for (std::size_t stage = static_cast<std::size_t>(code.first_stage); stage < own->stages.size(); ++stage)
      code.bits |= own->stages[stage].test.bit;
    code.interest = own->states[0].interest;
    code.earliest_only = earliest_only(block);
    code.automaton = own;
    automaton_->guard_blocks.push_back(std::move(code));
    return static_cast<int>(automaton_->guard_blocks.size()) - 1;
  }

  // Lines in any order, each of which asks nothing of the block: of two that are under way the earlier one has whatever the
  // other has.
  static bool earliest_only(const dsl::Rule& block) {
    const auto& nodes = block.blocks->nodes;
    const auto plain = [&](const dsl::BlockNode& node) { return node.limits.empty() && node.conditions.empty(); };
    if (nodes[1].kind != dsl::BlockNode::Kind::kAll || !std::all_of(nodes.begin(), nodes.end(), plain)) return false;
    return std::none_of(block.stages.begin() + block.blocks->first_stage, block.stages.end(), [&](const dsl::Stage& stage) {
      return stage.filter.condition && mentions_block(*stage.filter.condition, block.blocks->first_stage);
    });
  }
  static bool mentions_block(const dsl::Expr& expr, int first_stage) {
    const bool of_step = expr.op == dsl::Op::kStepField || expr.op == dsl::Op::kAggregate || expr.op == dsl::Op::kStepExists;
    if (expr.op == dsl::Op::kPrevField || (of_step && expr.step >= first_stage)) return true;
    return std::any_of(expr.args.begin(), expr.args.end(),
                       [&](const dsl::ExprPtr& arg) { return arg && mentions_block(*arg, first_stage); });
  }

  // The gap in front of the node, which now has a number; -1: the closing one.
  void place_guard_blocks(const GapCode& gap, int node) {
    for (const GuardCode& guard : gap.guards)
      if (guard.block >= 0) automaton_->guard_blocks[static_cast<std::size_t>(guard.block)].node = node;
    for (const SilenceCode& silence : gap.silences) {
      if (silence.guard.block < 0) continue;
      GuardBlockCode& block = automaton_->guard_blocks[static_cast<std::size_t>(silence.guard.block)];
      block.node = node;
      block.silence = true;
      block.duration = silence.duration;
      block.anchor = silence.anchor;
    }
  }

  GapCode gap_of(const dsl::Gap& gap) {
    GapCode code;
    for (const dsl::Guard& guard : gap.guards) code.guards.push_back(guard_of(guard));
    for (const dsl::Guard& guard : gap.no_next)
      code.no_next.push_back({guard_of(guard), guard.filter.streams, presence_of(guard.filter.streams, guard.filter.key_way)});
    for (const dsl::Silence& silence : gap.silences)
      code.silences.push_back({guard_of(silence.guard), silence.duration.count(), {silence.anchor, silence.anchor_first}});
    return code;
  }

  std::string name_of(const Condition& condition) const {
    std::string name;
    for (const StreamId stream : condition.streams) name += (name.empty() ? "" : " | ") + schemas_[stream].name;
    if (condition.event_part) name += " where " + dsl::print(*condition.event_part, schemas_, rule_);
    return name;
  }

  void add_watches(const Condition& condition) {
    for (const StreamId stream : condition.streams) {
      const PredicateId predicate = predicates_.add(stream, condition.event_part);
      const auto known = std::find_if(automaton_->watches.begin(), automaton_->watches.end(),
                                      [&](const Watch& watch) { return watch.stream == stream && watch.predicate == predicate; });
      if (known == automaton_->watches.end())
        automaton_->watches.push_back({stream, predicate, condition.bit});
      else
        known->bits |= condition.bit;
    }
  }

  // Any event of the streams, where the key has several ways; otherwise nobody asks.
  Bits presence_of(const std::vector<StreamId>& streams, int way) {
    return rule_->key_ways.empty() ? Bits{0} : bit_of(streams, nullptr, way);
  }

  KeyCode key_code(const dsl::KeyPart& part, const std::vector<std::pair<StreamId, dsl::ExprPtr>>& by_stream) {
    KeyCode code{part.name,
                 part.type,
                 part.fold,
                 std::vector<SlotIndex>(stream_count_, kNoSlot),
                 std::vector<Expression>(stream_count_),
                 std::vector<bool>(stream_count_)};
    for (const auto& [stream, expr] : by_stream) {
      code.each[stream] = is_list(expr->type) && !is_list(part.type);
      automaton_->several_keys = automaton_->several_keys || code.each[stream];
      const bool plain = expr->op == dsl::Op::kCandidate && !part.fold && !code.each[stream];
      if (plain)
        for (const dsl::FieldPlace& place : expr->places)
          if (place.stream == stream) code.slots[stream] = place.slot;
      if (code.slots[stream] == kNoSlot) code.expressions[stream] = Expression::compile(*expr);
    }
    return code;
  }

  void compile_key() {
    for (const dsl::KeyPart& part : rule_->key) automaton_->key.push_back(key_code(part, part.by_stream));
    for (const dsl::KeyWay& way : rule_->key_ways) {
      std::vector<KeyCode>& codes = automaton_->key_ways.emplace_back();
      for (std::size_t part = 0; part < rule_->key.size(); ++part) codes.push_back(key_code(rule_->key[part], way[part]));
    }
    automaton_->way_bits.resize(rule_->key_ways.size());
    automaton_->has_ticks =
        std::any_of(rule_->streams.begin(), rule_->streams.end(), [&](StreamId stream) { return schemas_[stream].schedule; });
    automaton_->routed_apart = !rule_->key_ways.empty() || (automaton_->has_ticks && !rule_->key.empty());
  }

  // Where ticks come, every event that has a key makes it known: all of the rule's streams must reach the keys.
  void watch_for_keys() {
    if (!automaton_->has_ticks || rule_->key.empty()) return;
    for (std::size_t way = 0; way < std::max<std::size_t>(1, rule_->key_ways.size()); ++way) {
      std::vector<StreamId> streams;
      for (const auto& [stream, expr] : rule_->key_ways.empty() ? rule_->key[0].by_stream : rule_->key_ways[way][0])
        streams.push_back(stream);
      if (!streams.empty()) bit_of(streams, nullptr, static_cast<int>(way));
    }
  }

  void compile_stages() {
    const int count = static_cast<int>(rule_->stages.size());
    automaton_->step_streams.assign(stream_count_, false);
    for (const StreamId stream : rule_->step_streams) automaton_->step_streams[stream] = true;
    const auto before = static_cast<std::size_t>(rule_->blocks != nullptr ? rule_->blocks->first_stage : 0);
    for (const dsl::Stage& stage : rule_->stages) {
      StageCode code;
      if (automaton_->stages.size() < before) {  // Of a block behind `no`: the rule's own, known by its number only.
        automaton_->stages.push_back(std::move(code));
        automaton_->stage_names.push_back(stage.name);
        continue;
      }
      code.test = test_of(stage.filter);
      code.awaited = awaited_of(stage);
      if (stage.until) code.until = test_of(stage.filter.streams, stage.until, stage.filter.key_way);
      code.gap = gap_of(stage.gap);
      for (const dsl::TimeLimit& limit : stage.limits)
        code.limits.push_back({limit.at_most, limit.duration.count(), {limit.anchor, limit.anchor_first}});
      code.min = stage.min;
      code.max = stage.max;
      code.gap_limit = stage.gap_limit ? stage.gap_limit->count() : -1;
      code.optional = stage.optional;
      code.greedy = stage.greedy;
      code.strict = stage.strict;
      code.next = stage.next;
      code.latest = stage.latest;
      code.each = stage.each;
      code.skipping = stage.skipping;
      code.every_length = stage.every_length;
      automaton_->forks = automaton_->forks || stage.each || stage.skipping || stage.every_length;
      automaton_->latest = automaton_->latest || stage.latest;
      automaton_->stages.push_back(std::move(code));
      automaton_->stage_names.push_back(stage.name);
    }
    for (int stage = 0; stage < count; ++stage) {
      int next = stage + 1;
      while (next < count && rule_->stages[static_cast<std::size_t>(next)].optional) ++next;
      automaton_->stages[static_cast<std::size_t>(stage)].next_mandatory = next;
    }
    for (int stage = 0; stage < count; ++stage) {
      automaton_->opening.push_back(stage);
      automaton_->opening_bits |= automaton_->stages[static_cast<std::size_t>(stage)].test.bit;
      if (!rule_->stages[static_cast<std::size_t>(stage)].optional) break;
    }
  }

  void compile_guards() {
    for (const dsl::Guard& cancel : rule_->cancels) {
      automaton_->cancels.push_back(guard_of(cancel));
      automaton_->cancel_bits |= automaton_->cancels.back().test.bit;
    }
    for (const dsl::LookBack& look : rule_->look_back) {
      automaton_->look_back.push_back({test_of(look.filter), look.duration.count()});
      automaton_->look_back_bits |= automaton_->look_back.back().test.bit;
    }
    automaton_->closing = gap_of(rule_->closing);
    place_guard_blocks(automaton_->closing, -1);
    automaton_->closes = rule_->closing.silences.empty() ? Closing::kOnEvent : Closing::kSilence;
  }

  const GapCode& gap_before(int stage) const {
    return stage < static_cast<int>(automaton_->stages.size()) ? automaton_->stages[static_cast<std::size_t>(stage)].gap
                                                               : automaton_->closing;
  }

  static void add_watch(const GapCode& gap, State& state) {
    for (const GuardCode& guard : gap.guards) state.guard_bits |= guard.test.bit;
    for (const NoNextCode& no_next : gap.no_next) state.guard_bits |= no_next.guard.test.bit;
    for (const SilenceCode& silence : gap.silences) state.guard_bits |= silence.guard.test.bit;
    state.all_events = state.all_events || !gap.no_next.empty();
  }

  // `next`: the first stage behind the current one that is not left out; `awaited`: it is waited for whatever comes.
  State state_of(int stage, Phase phase, int next, bool awaited) const {
    const StageCode& code = automaton_->stages[static_cast<std::size_t>(stage)];
    const int count = static_cast<int>(automaton_->stages.size());
    State state;
    state.stage = stage;
    state.phase = phase;
    state.watch_end = awaited ? next : code.next_mandatory;
    state.satisfied = phase != Phase::kFilling && !awaited && code.next_mandatory == count;
    if (phase == Phase::kFilling || (phase == Phase::kOpen && code.greedy)) state.ways.push_back(stage);
    if (phase != Phase::kFilling)
      for (int way = next; way <= std::min(state.watch_end, count - 1); ++way) state.ways.push_back(way);
    if (phase == Phase::kOpen && !code.greedy) state.ways.push_back(stage);
    state.reports = state.satisfied && automaton_->closes == Closing::kOnEvent && (phase == Phase::kDone || code.every_length) &&
                    std::all_of(state.ways.begin(), state.ways.end(),
                                [&](int way) { return automaton_->stages[static_cast<std::size_t>(way)].every_length; });

    const bool closed_by_time =
        automaton_->closes == Closing::kSilence || (phase != Phase::kDone && code.gap_limit >= 0 && stage == count - 1);
    state.check_within = automaton_->within >= 0 && state.satisfied && closed_by_time;

    for (const int way : state.ways) {
      const StageCode& target = automaton_->stages[static_cast<std::size_t>(way)];
      state.interest |= target.test.bit;
      if (way != stage && target.next) state.all_events = true;
    }
    if (phase != Phase::kDone) {
      state.interest |= code.until.bit;
      if (code.strict) state.all_events = true;
    }
    for (int gap = stage + 1; gap <= state.watch_end; ++gap) add_watch(gap_before(gap), state);
    state.interest |= automaton_->cancel_bits | state.guard_bits;
    return state;
  }

  // The states of branches: from a stage, `next` being the first that is not left out.
  std::uint16_t branch_state(int stage, int next, bool awaited) {
    const auto [known, is_new] =
        branches_.try_emplace(std::tuple(stage, next, awaited), static_cast<std::uint16_t>(automaton_->states.size()));
    if (is_new) automaton_->states.push_back(state_of(stage, Phase::kDone, next, awaited));
    return known->second;
  }

  void add_branches() {
    for (std::size_t i = 0; i < automaton_->states.size(); ++i) {  // Grows.
      const State state = automaton_->states[i];
      std::vector<std::uint16_t> leave_to, wait_to;
      for (const int way : state.ways) {
        const StageCode& code = automaton_->stages[static_cast<std::size_t>(way)];
        const bool other = way != state.stage;
        const auto awaiting = branches_.find({state.stage, way, true});
        const bool waits = awaiting != branches_.end() && awaiting->second == i;  // It must come: `each` has decided so.
        leave_to.push_back(other && code.optional && code.every_length && !waits ? branch_state(state.stage, way + 1, false) : kNoState);
        wait_to.push_back(other && code.each ? branch_state(state.stage, way, true) : kNoState);
      }
      automaton_->states[i].leave_to = std::move(leave_to);
      automaton_->states[i].wait_to = std::move(wait_to);
    }
  }

  void compile_states() {
    for (int stage = 0; stage < static_cast<int>(automaton_->stages.size()); ++stage)
      for (const Phase phase : {Phase::kFilling, Phase::kOpen, Phase::kDone})
        automaton_->states.push_back(state_of(stage, phase, stage + 1, false));
    if (automaton_->forks) add_branches();
    for (const State& state : automaton_->states) automaton_->contiguity = automaton_->contiguity || state.all_events;
    if (automaton_->contiguity) add_presence_bit();
    for (State& state : automaton_->states) file_under_awaited_value(state);
    automaton_->exclusive_starts = starts_are_exclusive();
    automaton_->only_within = std::all_of(automaton_->stages.begin(), automaton_->stages.end(), [](const StageCode& stage) {
      return stage.gap_limit < 0 &&
             std::none_of(stage.limits.begin(), stage.limits.end(), [](const LimitCode& limit) { return limit.at_most; });
    });

    const StageCode& first = automaton_->stages.front();
    automaton_->single_event = automaton_->stages.size() == 1 && first.max == 1 && automaton_->closes == Closing::kOnEvent;
    std::uint64_t events = 0;
    for (const StageCode& stage : automaton_->stages) events += stage.optional ? 0 : stage.min;
    if (automaton_->closes == Closing::kOnEvent && events > 1)
      --events;  // The last event completes the run; it need not be stored for long.
    automaton_->inline_events = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(events, 1, 6));
  }

  // A rule with blocks has one state, in which everything concerns a run; what may happen is found in the tree.
  void compile_blocks() {
    auto blocks = std::make_shared<BlockCode>();
    blocks->node_of = rule_->blocks->node_of;
    State state;
    state.phase = Phase::kOpen;
    int no_next = 0;
    std::vector<StreamId> streams = rule_->step_streams;
    for (const dsl::BlockNode& node : rule_->blocks->nodes) {
      BlockNodeCode code;
      code.kind = node.kind;
      code.parent = node.parent;
      code.place = node.place;
      code.stage = node.stage;
      code.parts = node.parts;
      if (node.parent >= 0) code.path = blocks->nodes[static_cast<std::size_t>(node.parent)].path;
      code.path.push_back(static_cast<int>(blocks->nodes.size()));
      code.needed = node.needed;
      code.min = node.min;
      code.max = node.max;
      code.next = node.next;
      code.each = node.each;
      code.optional = node.optional;
      code.greedy = node.greedy;
      code.strict = node.strict;
      code.skipping = node.skipping;
      code.every_length = node.every_length;
      code.gap = gap_of(node.gap);
      place_guard_blocks(code.gap, static_cast<int>(blocks->nodes.size()));
      code.first_no_next = no_next;
      no_next += static_cast<int>(code.gap.no_next.size());
      for (const dsl::Filter& until : node.until) {  // One condition, over events of several ways of the key.
        const Bits known = code.until.bit;
        code.until = test_of(until);
        code.until.bit |= known;
      }
      code.gap_limit = node.gap_limit ? node.gap_limit->count() : -1;
      for (const dsl::TimeLimit& limit : node.limits)
        code.limits.push_back({limit.at_most, limit.duration.count(), {limit.anchor, limit.anchor_first}});
      for (const dsl::SiblingCondition& part : node.conditions)
        code.conditions.push_back({Expression::compile(*part.condition), part.siblings});
      if (node.hold) {
        code.hold = node.hold->duration.count();
        code.hold_gap = node.hold->gap ? node.hold->gap->count() : -1;
        code.samples = test_of(node.hold->samples);
        state.interest |= code.samples.bit;
        automaton_->holds = true;
        blocks->holds.push_back(static_cast<int>(blocks->nodes.size()));
      }
      automaton_->forks = automaton_->forks || node.each || node.skipping || node.every_length || node.hold;
      state.all_events = state.all_events || node.next || node.strict || !code.gap.no_next.empty();
      add_watch(code.gap, state);
      state.interest |= code.until.bit;
      for (const NoNextCode& other : code.gap.no_next) streams.insert(streams.end(), other.streams.begin(), other.streams.end());
      blocks->nodes.push_back(std::move(code));
    }
    add_watch(automaton_->closing, state);
    for (const StageCode& stage : automaton_->stages) state.interest |= stage.test.bit;  // 0 of those in front of a gap.
    automaton_->contiguity = state.all_events;
    if (state.all_events && rule_->key_ways.empty()) {
      state.interest |= bit_of(streams, nullptr, 0);
    } else if (state.all_events) {
      for (const dsl::Stage& stage : rule_->stages) automaton_->step_presence |= presence_of(stage.filter.streams, stage.filter.key_way);
      state.interest |= automaton_->step_presence;
      for (const BlockNodeCode& node : blocks->nodes)
        for (const NoNextCode& other : node.gap.no_next) state.interest |= other.presence;
    }
    for (const GuardBlockCode& block : automaton_->guard_blocks) state.interest |= block.interest;
    state.interest |= automaton_->cancel_bits | state.guard_bits;
    // Beside runs: what only follows a stretch (engine/stretch.hpp).
    if (automaton_->holds) automaton_->states.assign(2, state);
    automaton_->states.push_back(std::move(state));
    automaton_->opening_bits = 0;
    for (const int leaf : opening_leaves(*blocks, 0))
      automaton_->opening_bits |=
          automaton_->stages[static_cast<std::size_t>(blocks->nodes[static_cast<std::size_t>(leaf)].stage)].test.bit;
    automaton_->inline_events = 4;
    automaton_->blocks = std::move(blocks);
  }

  // The steps that may take the first event of a node.
  static std::vector<int> opening_leaves(const BlockCode& blocks, int index) {
    const BlockNodeCode& node = blocks.nodes[static_cast<std::size_t>(index)];
    if (node.kind == dsl::BlockNode::Kind::kStep) return {index};
    std::vector<int> leaves;
    for (const int part : node.parts) {
      const std::vector<int> more = opening_leaves(blocks, part);
      leaves.insert(leaves.end(), more.begin(), more.end());
      if (node.kind == dsl::BlockNode::Kind::kSequence && !blocks.nodes[static_cast<std::size_t>(part)].optional) break;
    }
    return leaves;
  }

  // Runs in a state with one way on, which asks for a value, need not see the events that offer another.
  void file_under_awaited_value(State& state) const {
    if (state.ways.size() != 1 || state.ways[0] == state.stage || state.all_events) return;
    const StageCode& way = automaton_->stages[static_cast<std::size_t>(state.ways[0])];
    if (!way.awaited.bound) return;
    state.awaiting = state.ways[0];
    automaton_->awaiting_bits |= way.test.bit;
    automaton_->plain_bits |= state.interest & ~way.test.bit;
    if ((state.guard_bits & way.test.bit) != 0) automaton_->plain_bits |= way.test.bit;
  }

  // Whether the one opening step takes one event, of a stream that no later step names.
  bool starts_are_exclusive() const {
    const dsl::Stage& first = rule_->stages.front();
    if (first.optional || first.max != 1) return false;
    const auto opens = [&](StreamId stream) {
      return std::find(first.filter.streams.begin(), first.filter.streams.end(), stream) != first.filter.streams.end();
    };
    return std::none_of(rule_->stages.begin() + 1, rule_->stages.end(), [&](const dsl::Stage& stage) {
      return std::any_of(stage.filter.streams.begin(), stage.filter.streams.end(), opens);
    });
  }

  // Where contiguity matters every event of the steps' streams (and of what `no next` watches) must reach the run.
  void add_presence_bit() {
    std::vector<StreamId> streams = rule_->step_streams;
    for (const StageCode& stage : automaton_->stages)
      for (const NoNextCode& no_next : stage.gap.no_next) streams.insert(streams.end(), no_next.streams.begin(), no_next.streams.end());
    Bits presence = 0;
    if (rule_->key_ways.empty()) {
      presence = bit_of(streams, nullptr, 0);
    } else {
      for (const dsl::Stage& stage : rule_->stages) automaton_->step_presence |= presence_of(stage.filter.streams, stage.filter.key_way);
      presence = automaton_->step_presence;
      for (const StageCode& stage : automaton_->stages)
        for (const NoNextCode& no_next : stage.gap.no_next) presence |= no_next.presence;
    }
    for (State& state : automaton_->states)
      if (state.all_events) state.interest |= presence;
  }

  LineCode line_of(const dsl::Filter& filter, Duration span) {
    LineCode line;
    line.span = span.count();
    add_test(filter, line);
    return line;
  }

  void add_test(const dsl::Filter& filter, LineCode& line) {
    Test test = test_of(filter);
    line.bit |= test.bit;
    line.where = std::move(test.run_part);
    values_.code().lines_look_up = values_.code().lines_look_up || line.where;
    values_.code().looks_up = values_.code().looks_up || line.where;
  }

  void compile_window() {
    const dsl::Window& window = *rule_->window;
    WindowCode& code = values_.code();
    code.kind = window.kind;
    code.size = window.size.count();
    code.every = window.every.count();
    code.events = window.events;
    code.every_events = window.every_events;
    code.ttl = window.ttl.count();
    if (!window.zone.empty())
      if (auto zone = Zone::find(window.zone)) code.zone = *zone;
    code.at_end = window.at_end;
    code.period = window.period ? window.period->count() : 0;
    code.period_events = window.period_events;
    code.discarding = window.discarding;
    const bool plain_hops =
        window.kind == dsl::WindowKind::kHopping && window.at_end && !window.period && window.period_events == 0 && !window.discarding;
    code.evicts = window.kind == dsl::WindowKind::kSliding || window.kind == dsl::WindowKind::kLastEvents || plain_hops;
    code.always = window.always;
    for (std::size_t i = 0; i < rule_->stages.size(); ++i) {
      code.lines.push_back(line_of(rule_->stages[i].filter, window.spans[i]));
      automaton_->stage_names.push_back(rule_->stages[i].name);
    }
    if (window.when) {
      code.when_tree = values_.with_values(window.when);
      code.when = Expression::compile(*code.when_tree);
      collect_values(*code.when_tree, code.when_values);
    }
  }

  // What conditions ask of the key's past is like a sliding window of which nothing is reported. An event is of the past of
  // each of its keys, whichever way it has it.
  void compile_past() {
    for (const dsl::Past& past : rule_->past) {
      LineCode line;
      line.span = past.span.count();
      dsl::Filter filter = past.filter;
      for (filter.key_way = 0; filter.key_way < std::max(1, static_cast<int>(rule_->key_ways.size())); ++filter.key_way)
        if (rule_->key_ways.empty() || goes(filter.streams, filter.key_way)) add_test(filter, line);
      values_.code().lines.push_back(line);
    }
  }

  // Whether all of the streams have their key by this way.
  bool goes(const std::vector<StreamId>& streams, int way) const {
    const dsl::KeyWay& parts = rule_->key_ways[static_cast<std::size_t>(way)];
    return std::all_of(parts.begin(), parts.end(), [&](const auto& by_stream) {
      return std::all_of(streams.begin(), streams.end(), [&](StreamId stream) {
        return std::any_of(by_stream.begin(), by_stream.end(), [&](const auto& entry) { return entry.first == stream; });
      });
    });
  }

  Expression output(const dsl::ExprPtr& expr) {
    const int steps = static_cast<int>(rule_->stages.size()) - 1;
    automaton_->last_said = std::max(automaton_->last_said, last_step(*expr, steps));
    return Expression::compile(*values_.with_values(expr));
  }

  EmitCode emit_of(const dsl::Emit& emit) {
    EmitCode code;
    code.stream = emit.stream;
    code.internal = emit.internal;
    code.count = emit.count;
    for (const dsl::EmitField& field : emit.fields) {
      code.names.push_back(field.name);
      code.values.push_back(output(field.value));
    }
    return code;
  }

  void compile_output() {
    automaton_->emit = emit_of(rule_->emit);
    automaton_->has_timeout = rule_->on_timeout.has_value();
    if (rule_->on_timeout) automaton_->on_timeout = emit_of(*rule_->on_timeout);
    automaton_->has_break = rule_->on_break.has_value();
    if (rule_->on_break) automaton_->on_break = emit_of(*rule_->on_break);
    automaton_->has_clear = rule_->on_clear.has_value();
    if (rule_->on_clear) automaton_->on_clear = emit_of(*rule_->on_clear);
    for (const dsl::MessagePart& part : rule_->message)
      automaton_->message.push_back({part.text, part.value ? output(part.value) : Expression(), part.format});
    if (rule_->severity) automaton_->severity = output(rule_->severity);
    if (rule_->score) automaton_->score = output(rule_->score);
    automaton_->on_match = rule_->on_match;
    automaton_->skip_stage = rule_->skip_stage;
    for (const dsl::Limit& limit : rule_->limits) {
      RateLimitCode code{limit.count, limit.span.count(), {}};
      for (const dsl::ExprPtr& by : limit.by) code.by.push_back(output(by));
      automaton_->limits.push_back(std::move(code));
    }
    automaton_->limit_per_event = rule_->limit_per_event.value_or(~std::uint64_t{0});
    if (rule_->window) automaton_->window = values_.finish();
  }

  const dsl::Rule* rule_;  // Or one of its blocks behind `no`.
  const std::vector<StreamSchema>& schemas_;
  std::size_t stream_count_;
  bool looks_up_ = false;  // Some condition looks a row up in a table.
  PredicateSet::Builder& predicates_;
  WindowBuilder values_;
  Automaton* automaton_ = nullptr;  // Of these.
  Automaton* root_ = nullptr;       // Of the rule.
  std::vector<std::shared_ptr<Automaton>> guard_blocks_;
  std::vector<Condition> conditions_;
  std::map<std::tuple<int, int, bool>, std::uint16_t> branches_;  // Stage, first stage not left out, awaited.
};

}  // namespace

Result<std::shared_ptr<const Automaton>> compile(const dsl::Rule& rule, const std::vector<StreamSchema>& schemas,
                                                 PredicateSet::Builder& predicates) {
  return Compiler(rule, schemas, predicates).compile();
}

}  // namespace sequitur::nfa
