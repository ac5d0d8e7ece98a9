// What a window reports: where `when` begins to hold and where it stops, or every result.
#include "engine/kept_event.hpp"
#include "engine/make_draft.hpp"
#include "engine/run_observer.hpp"
#include "engine/window_state.hpp"
#include "nfa/aggregate_values.hpp"

namespace sequitur {

std::uint64_t Windows::events_of(const Rule& rule, const View& view, std::size_t line) {
  return view.instance == nullptr ? rule.ring(*view.key, line).size() : view.instance->lines()[line].events;
}

std::pair<std::int64_t, std::int64_t> Windows::times_of(const Rule& rule, const View& view, std::size_t line) {
  if (view.instance != nullptr) return {view.instance->lines()[line].first, view.instance->lines()[line].last};
  const RowRing& ring = rule.ring(*view.key, line);
  return {ring.front_time(), ring.back_time(rule.lines[line].stride())};
}

bool Windows::is_empty(const Rule& rule, const View& view) {
  for (std::size_t line = 0; line < rule.lines.size(); ++line)
    if (events_of(rule, view, line) > 0) return false;
  return true;
}

void Windows::read_values(const Rule& rule, const View& view, std::span<const std::uint32_t> values) {
  using How = LineAggregates::Reading::How;
  const auto* base =
      view.instance == nullptr ? reinterpret_cast<const std::byte*>(view.key) : reinterpret_cast<const std::byte*>(view.instance);
  LineAggregates::LastSum last;
  for (const std::uint32_t value : values) {
    const LineAggregates::Reading& reading = rule.readings[value];
    if (reading.how == How::kEvents) {
      values_[value] = Slot::of_int(static_cast<std::int64_t>(events_of(rule, view, reading.line)));
    } else if (reading.how == How::kRateOfEvents) {
      values_[value] = rate_of_events(rule, view, reading.line);
    } else {
      values_[value] = LineAggregates::value(reading, base, last);
    }
  }
}

Slot Windows::rate_of_events(const Rule& rule, const View& view, std::size_t line) {
  const std::uint64_t events = events_of(rule, view, line);
  if (events == 0) return Slot::null(Type::kFloat);
  const auto [first, last] = times_of(rule, view, line);
  return nfa::rate_value(static_cast<double>(events - 1), last - first);
}

// A result is as of its event; of time alone, as of the end of what came before its moment.
void Windows::look_up_at(const Rule& rule, Moment at, const Event* event) {
  if (!rule.code->looks_up) return;
  context_.as_of = event != nullptr ? as_of(*event) : nfa::AsOf{time_of(at), phase_of(at) == MomentPhase::kSilence ? 0 : ~std::uint64_t{0}};
}

void Windows::result(Rule& rule, KeyWindow& key, const Instance* instance, Moment at, const Event* event, nfa::Bits bits) {
  const nfa::WindowCode& code = *rule.code;
  const View view{&key, instance};
  look_up_at(rule, at, event);
  bool holds = true;
  if (code.when) {
    read_values(rule, view, code.when_values);
    context_.candidate = nullptr;
    context_.key = key.key();
    holds = code.when.holds(context_);
  }
  // Over nothing a condition does not hold: the key is forgotten then.
  const bool active = holds && !is_empty(rule, view);
  const bool emits = code.always ? holds : active && !key.active;
  const bool clears = key.active && !active && rule.automaton->has_clear;
  if (options_.observer != nullptr)
    options_.observer->result({key.rule, key.key(), time_of(at), event, values_.data(), context_.as_of, holds, emits, clears});
  if (emits) draft(rule, key, view, AlertKind::kMatch, at, event, bits);
  if (clears) draft(rule, key, view, AlertKind::kClear, at, event, bits);
  key.active = active;
}

// The window is empty now.
void Windows::end_hold(Rule& rule, KeyWindow& key, Moment at) {
  if (!key.active) return;
  key.active = false;
  if (!rule.automaton->has_clear) return;
  look_up_at(rule, at, nullptr);
  if (rule.code->evicts) return draft(rule, key, {&key, nullptr}, AlertKind::kClear, at, nullptr, 0);
  Instance& nothing = instance_at(rule, key, -kFarTime, time_of(at));
  draft(rule, key, {&key, &nothing}, AlertKind::kClear, at, nullptr, 0);
  end_instance(rule, key, 0);
}

void Windows::draft(Rule& rule, const KeyWindow& key, const View& view, AlertKind kind, Moment at, const Event* event, nfa::Bits bits) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::EmitCode& emit = kind == AlertKind::kClear ? automaton.on_clear : automaton.emit;
  read_values(rule, view, rule.all_values);
  context_.candidate = nullptr;
  context_.key = key.key();
  IdHash head;
  AlertDraft& result = output_.drafts.emplace_back();
  begin_draft({rule_set_, automaton, rule.digests, context_, output_.alerts, message_}, kind, emit, at, event, head, result);
  AlertId id = head.result();
  result.first_sequence = key.latest_sequence;
  result.fork = drafted_++;
  Alert& alert = result.alert;
  alert.first = alert.last = alert.time;
  bool any = false;
  for (std::size_t line = 0; line < rule.lines.size(); ++line) {
    if (events_of(rule, view, line) == 0) continue;
    const auto [first, last] = times_of(rule, view, line);
    alert.first = any ? std::min(alert.first, Timestamp{Duration{first}}) : Timestamp{Duration{first}};
    alert.last = any ? std::max(alert.last, Timestamp{Duration{last}}) : Timestamp{Duration{last}};
    any = true;
  }

  // The event that brought the result about, under the lines that took it. At a result of time alone there is none.
  std::size_t took = 0;
  for (const nfa::LineCode& line : rule.code->lines) took += (bits & line.own) != 0 ? 1 : 0;
  const auto steps = std::span(static_cast<EvidenceStep*>(output_.alerts.allocate(took * sizeof(EvidenceStep))), took);
  if (took > 0) {
    const Event* kept = keep(output_.pool, *event, output_.shapes[event->stream]);
    output_.evidence.push_back(kept);
    auto* one = static_cast<const Event**>(output_.alerts.allocate(sizeof(const Event*)));
    *one = kept;
    std::size_t used = 0;
    for (std::size_t line = 0; line < rule.lines.size(); ++line) {
      if ((bits & rule.code->lines[line].own) == 0) continue;
      id = id + event_id(rule.digests.stages[line], *kept, output_.shapes[kept->stream], output_.stream_digests[kept->stream]);
      new (&steps[used++]) EvidenceStep{automaton.stage_names[line], {one, 1}};
    }
  }
  alert.evidence = steps;
  alert.id = id;
}

}  // namespace sequitur
