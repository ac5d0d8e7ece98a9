// What is reported at an instant, and what ends with it: `on match`, `on timeout`, `on break`.
//
// The runs of a key stand in the order of their start, so going through them once is the order in which alerts are
// issued and in which one report can make another one superfluous.
#include <algorithm>

#include "engine/alert_id.hpp"
#include "engine/kept_event.hpp"
#include "engine/shard.hpp"

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

// A reported run makes the reports of runs whose events it all has superfluous; a match also ends those.
void Shard::end_covered(KeyRuns& key, RuleState& rule, const Run& reported, bool match) {
  const std::span whole(rule.layout.events(reported), reported.event_count);
  for (std::uint32_t i = 0; i < key.run_count; ++i) {
    Run& other = *key.runs()[i];
    if (&other == &reported || (other.flags & Run::kEnded) != 0) continue;
    if (!is_subset({rule.layout.events(other), other.event_count}, whole)) continue;
    other.flags |= Run::kCovered;
    if (match && (other.flags & Run::kOutcome) == 0) other.flags |= Run::kEnded;
  }
}

// `on match skip`: what began before the place where matching is to go on ends.
void Shard::end_begun_before(KeyRuns& key, RuleState& rule, const Run& reported) {
  const nfa::Automaton& automaton = *rule.automaton;
  const Event* const* events = rule.layout.events(reported);
  std::uint64_t place = 0;
  if (automaton.on_match == dsl::OnMatch::kSkipPastLast) {
    place = events[reported.event_count - 1]->sequence + 1;
  } else if (automaton.on_match == dsl::OnMatch::kSkipToFirst || automaton.on_match == dsl::OnMatch::kSkipToLast) {
    const int stage = automaton.skip_stage;
    const std::uint32_t* ends = rule.layout.stage_ends(reported);
    if (stage > automaton.states[reported.state].stage) return;
    const std::uint32_t begin = stage == 0 ? 0 : ends[stage - 1];
    if (begin == ends[stage]) return;  // The step was left out.
    place = events[automaton.on_match == dsl::OnMatch::kSkipToFirst ? begin : ends[stage] - 1]->sequence;
  } else {
    return;
  }
  for (std::uint32_t i = 0; i < key.run_count; ++i) {
    Run& other = *key.runs()[i];
    if (&other == &reported || (other.flags & (Run::kBroken | Run::kTimedOut)) != 0) continue;
    if (rule.layout.events(other)[0]->sequence < place) other.flags |= Run::kEnded;
  }
}

// Returns whether the match was reported.
bool Shard::report_match(KeyRuns& key, RuleState& rule, Run& run, Moment at, const Event* event, std::uint64_t& matches) {
  const bool consume = rule.automaton->on_match == dsl::OnMatch::kConsume;
  if (consume && event != nullptr && matches > 0) return false;
  if (consume && (run.flags & Run::kCovered) != 0) return false;
  ++matches;
  if (event != nullptr && matches > rule.automaton->limit_per_event) {
    ++rule.counters.over_event_limit;
    return false;
  }
  draft(key, rule, run, AlertKind::kMatch, at, event, -1);
  if (consume)
    end_covered(key, rule, run, true);
  else
    end_begun_before(key, rule, run);
  return true;
}

// A run that timed out or was broken.
void Shard::report_end(KeyRuns& key, RuleState& rule, Run& run, Moment at, const Event* event) {
  const bool broken = (run.flags & Run::kBroken) != 0;
  if (broken ? !rule.automaton->has_break : !rule.automaton->has_timeout) return;
  const bool consume = rule.automaton->on_match == dsl::OnMatch::kConsume;
  if (consume && (run.flags & Run::kCovered) != 0) return;
  int guard = -1;
  for (const Break& known : breaks_)
    if (known.run == &run) guard = known.guard;
  draft(key, rule, run, broken ? AlertKind::kBreak : AlertKind::kTimeout, at, event, guard);
  if (consume) end_covered(key, rule, run, false);
}

void Shard::conclude(KeyRuns& key, RuleState& rule, Moment at, const Event* event) {
  std::uint64_t matches = 0;
  for (std::uint32_t i = 0; i < key.run_count; ++i) {
    Run& run = *key.runs()[i];
    if ((run.flags & Run::kOutcome) == 0 || (run.flags & Run::kEnded) != 0) continue;
    if ((run.flags & Run::kComplete) != 0)
      report_match(key, rule, run, at, event, matches);
    else
      report_end(key, rule, run, at, event);
  }
  breaks_.clear();
  remove_ended(key, rule);
}

void Shard::remove_ended(KeyRuns& key, RuleState& rule) {
  Run** runs = key.runs();
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < key.run_count; ++i) {
    Run* run = runs[i];
    if ((run->flags & Run::kOutcome) != 0)
      destroy_run(rule, run);
    else
      runs[kept++] = run;
  }
  key.run_count = kept;
  if (kept <= 1 && key.run_capacity > 1) {
    Run* last = kept == 1 ? runs[0] : nullptr;
    pool_.deallocate(runs, key.run_capacity * sizeof(Run*));
    key.one = last;
    key.run_capacity = 1;
  }
}

void Shard::draft(const KeyRuns& key, const RuleState& rule, const Run& run, AlertKind kind, Moment at, const Event* event, int guard) {
  const nfa::Automaton& automaton = *rule.automaton;
  const Event* const* events = rule.layout.events(run);
  context_run_ = nullptr;
  nfa::EvaluationContext seen = context(rule, &run, nullptr);
  context_run_ = nullptr;
  const Slot* key_values_of_run = key_values(key, rule);
  seen.key = key_values_of_run;
  seen.break_event = kind == AlertKind::kBreak ? event : nullptr;
  seen.break_guard = guard;

  const auto durable = [&](Slot value, Type type) { return type == Type::kString && value.bits != 0 ? alerts_.text(value.text()) : value; };
  const auto values = [&](std::size_t count) {
    return std::span(static_cast<NamedValue*>(alerts_.allocate(count * sizeof(NamedValue))), count);
  };

  AlertDraft result{};
  // Gaps and limits of one time are one instant in the order of alerts.
  result.at = phase_of(at) == MomentPhase::kLimit ? moment(time_of(at), MomentPhase::kGap) : at;
  result.sequence = event != nullptr ? event->sequence : 0;
  result.rule = automaton.info.index;
  result.first_sequence = events[0]->sequence;

  Alert& alert = result.alert;
  alert.rule = &rules_.rules[automaton.info.index];
  alert.schemas = &rules_.files.schemas;
  alert.kind = kind;
  alert.time = Timestamp{Duration{time_of(at)}};
  alert.first = Timestamp{Duration{events[0]->time}};
  alert.last = Timestamp{Duration{events[run.event_count - 1]->time}};

  const std::span<NamedValue> parts = values(automaton.key.size());
  for (std::size_t i = 0; i < parts.size(); ++i)
    new (&parts[i]) NamedValue{automaton.key[i].name, automaton.key[i].type, durable(key_values_of_run[i], automaton.key[i].type)};
  alert.key = parts;

  const nfa::EmitCode& emit = kind == AlertKind::kTimeout ? automaton.on_timeout
                              : kind == AlertKind::kBreak ? automaton.on_break
                                                          : automaton.emit;
  alert.stream = emit.stream;
  const std::span<NamedValue> fields = values(emit.values.size());
  for (std::size_t i = 0; i < fields.size(); ++i)
    new (&fields[i]) NamedValue{emit.names[i], emit.values[i].type(), durable(emit.values[i].evaluate(seen), emit.values[i].type())};
  alert.fields = fields;

  if (!automaton.message.empty()) {
    std::string message;
    for (const nfa::MessageCode& part : automaton.message) {
      if (part.value)
        append_text(part.value.evaluate(seen), part.value.type(), message);
      else
        message += part.text;
    }
    alert.message = alerts_.copy(message);
  }

  const auto steps = std::span(static_cast<EvidenceStep*>(alerts_.allocate(rule.layout.stages * sizeof(EvidenceStep))), rule.layout.stages);
  std::size_t used = 0;
  for (std::uint32_t stage = 0; stage < rule.layout.stages; ++stage) {
    const nfa::StageEvents& taken = seen.stages[stage];
    if (taken.count == 0) continue;
    const auto copies = std::span(static_cast<const Event**>(alerts_.allocate(taken.count * sizeof(const Event*))), taken.count);
    for (std::uint32_t i = 0; i < taken.count; ++i) {
      const StreamSchema& schema = rules_.files.schemas[taken.data[i]->stream];
      const std::size_t size = sizeof(Event) + schema.fields.size() * sizeof(Slot) + text_bytes(*taken.data[i], schema);
      copies[i] = copy_event(*taken.data[i], schema, alerts_.allocate(size));
    }
    new (&steps[used++]) EvidenceStep{automaton.stage_names[stage], {copies.data(), copies.size()}};
  }
  alert.evidence = steps.first(used);
  alert.id = alert_id(alert);

  const auto limit_keys = std::span(static_cast<std::string_view*>(alerts_.allocate(automaton.limits.size() * sizeof(std::string_view))),
                                    automaton.limits.size());
  for (std::size_t i = 0; i < limit_keys.size(); ++i) {
    std::string text;
    const auto add = [&](Slot value, Type type) {
      append_text(value, type, text);
      text += '\0';
      text += static_cast<char>(value.is_null(type));
    };
    for (const nfa::Expression& by : automaton.limits[i].by) add(by.evaluate(seen), by.type());
    if (automaton.limits[i].by.empty())
      for (const NamedValue& part : parts) add(part.value, part.type);
    new (&limit_keys[i]) std::string_view(alerts_.copy(text));
  }
  result.limit_keys = limit_keys;
  drafts_.push_back(result);
}

}  // namespace sequitur
