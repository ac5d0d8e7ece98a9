// What a window reports: where `when` begins to hold and where it stops, or every result.
#include "engine/key_hash.hpp"
#include "engine/shard.hpp"
#include "engine/window_state.hpp"

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

void Windows::read_value(const Rule& rule, const View& view, std::uint32_t value) {
  const nfa::ValueCode& code = rule.code->values[value];
  const std::size_t line = code.line;
  const std::uint64_t events = events_of(rule, view, line);
  std::int64_t span = 0;
  if (code.aggregate == dsl::Aggregate::kRate && events > 0) {
    const auto [first, last] = times_of(rule, view, line);
    span = last - first;
  }
  const std::byte* state = view.instance == nullptr ? rule.state(*view.key, line) : rule.state(*view.instance, line);
  values_[value] = rule.lines[line].value(code, state, events, span);
}

void Windows::result(Rule& rule, KeyWindow& key, const Instance* instance, Moment at, const Event* event, nfa::Bits bits) {
  const nfa::WindowCode& code = *rule.code;
  const View view{&key, instance};
  bool holds = true;
  if (code.when) {
    for (const std::uint32_t value : code.when_values) read_value(rule, view, value);
    context_.candidate = nullptr;
    context_.key = key.key();
    holds = code.when.holds(context_);
  }
  // Over nothing a condition does not hold: the key is forgotten then.
  const bool active = holds && !is_empty(rule, view);
  if (code.always ? holds : active && !key.active) draft(rule, key, view, AlertKind::kMatch, at, event, bits);
  if (key.active && !active && rule.automaton->has_clear) draft(rule, key, view, AlertKind::kClear, at, event, bits);
  key.active = active;
}

// The window is empty now.
void Windows::end_hold(Rule& rule, KeyWindow& key, Moment at) {
  if (!key.active) return;
  key.active = false;
  if (!rule.automaton->has_clear) return;
  if (rule.code->evicts) return draft(rule, key, {&key, nullptr}, AlertKind::kClear, at, nullptr, 0);
  Instance& nothing = instance_at(rule, key, -kFarTime, time_of(at));
  draft(rule, key, {&key, &nothing}, AlertKind::kClear, at, nullptr, 0);
  end_instance(rule, key, 0);
}

void Windows::draft(Rule& rule, const KeyWindow& key, const View& view, AlertKind kind, Moment at, const Event* event, nfa::Bits bits) {
  const nfa::Automaton& automaton = *rule.automaton;
  const nfa::EmitCode& emit = kind == AlertKind::kClear ? automaton.on_clear : automaton.emit;
  for (std::uint32_t value = 0; value < rule.code->values.size(); ++value) read_value(rule, view, value);
  context_.candidate = nullptr;
  context_.key = key.key();
  Arena& arena = output_.alerts;
  const auto durable = [&](Slot value, Type type) { return has_bytes(type) && value.bits != 0 ? arena.text(value.text()) : value; };
  const auto values = [&](std::size_t count) {
    return std::span(static_cast<NamedValue*>(arena.allocate(count * sizeof(NamedValue))), count);
  };

  AlertDraft result{};
  result.at = at;
  result.sequence = event != nullptr ? event->sequence : 0;
  result.rule = automaton.info.index;
  result.first_sequence = key.latest_sequence;
  result.fork = drafted_++;
  result.internal = emit.internal;

  Alert& alert = result.alert;
  alert.rule = &rule_set_.rules[automaton.info.index];
  alert.schemas = &rule_set_.files.schemas;
  alert.kind = kind;
  alert.time = Timestamp{Duration{time_of(at)}};
  alert.first = alert.last = alert.time;
  bool any = false;
  for (std::size_t line = 0; line < rule.lines.size(); ++line) {
    if (events_of(rule, view, line) == 0) continue;
    const auto [first, last] = times_of(rule, view, line);
    alert.first = any ? std::min(alert.first, Timestamp{Duration{first}}) : Timestamp{Duration{first}};
    alert.last = any ? std::max(alert.last, Timestamp{Duration{last}}) : Timestamp{Duration{last}};
    any = true;
  }

  const std::span<NamedValue> parts = values(automaton.key.size());
  for (std::size_t i = 0; i < parts.size(); ++i)
    new (&parts[i]) NamedValue{automaton.key[i].name, automaton.key[i].type, durable(key.key()[i], automaton.key[i].type)};
  alert.key = parts;

  alert.stream = emit.stream;
  const std::span<NamedValue> fields = values(emit.values.size());
  for (std::size_t i = 0; i < fields.size(); ++i)
    new (&fields[i]) NamedValue{emit.names[i], emit.values[i].type(), durable(emit.values[i].evaluate(context_), emit.values[i].type())};
  alert.fields = fields;

  alert.severity = alert.rule->severity;
  alert.score = alert.rule->score;
  alert.has_score = alert.rule->has_score;
  if (automaton.severity) {
    const Slot level = automaton.severity.evaluate(context_);
    if (!level.is_null(Type::kString)) alert.severity = severity_level(level.text());
  }
  if (automaton.score) {
    const Slot score = automaton.score.evaluate(context_);
    alert.has_score = !score.is_null(Type::kFloat);
    if (alert.has_score) alert.score = score.f;
  }

  if (!automaton.message.empty()) {
    message_.clear();
    for (const nfa::MessageCode& part : automaton.message) {
      if (part.value)
        append_formatted(part.value.evaluate(context_), part.value.type(), part.format, message_);
      else
        message_ += part.text;
    }
    alert.message = arena.copy(message_);
  }

  IdHash id;
  id.add(rule.digests.rule);
  id.add(rule.digests.emit[static_cast<std::size_t>(kind)]);
  id.add(static_cast<std::uint64_t>(kind));
  id.add(static_cast<std::uint64_t>(time_of(at)));
  for (const NamedValue& part : parts) id.add(part.value, part.type);

  // The event that brought the result about, under the lines that took it. At a result of time alone there is none.
  std::size_t took = 0;
  for (const nfa::LineCode& line : rule.code->lines) took += (bits & line.bit) != 0 ? 1 : 0;
  const auto steps = std::span(static_cast<EvidenceStep*>(arena.allocate(took * sizeof(EvidenceStep))), took);
  if (took > 0) {
    const Event* kept = keep(output_.pool, *event, output_.shapes[event->stream]);
    output_.evidence.push_back(kept);
    auto* one = static_cast<const Event**>(arena.allocate(sizeof(const Event*)));
    *one = kept;
    std::size_t used = 0;
    for (std::size_t line = 0; line < rule.lines.size(); ++line) {
      if ((bits & rule.code->lines[line].bit) == 0) continue;
      id.add(rule.digests.stages[line]);
      add_event(id, *kept, output_.shapes[kept->stream], output_.stream_digests[kept->stream]);
      new (&steps[used++]) EvidenceStep{automaton.stage_names[line], {one, 1}};
    }
  }
  alert.evidence = steps;
  alert.id = id.result();

  const auto limit_keys = std::span(static_cast<std::string_view*>(arena.allocate(automaton.limits.size() * sizeof(std::string_view))),
                                    automaton.limits.size());
  for (std::size_t i = 0; i < limit_keys.size(); ++i) {
    std::string text;
    const auto add = [&](Slot value, Type type) {
      append_text(value, type, text);
      text += '\0';
      text += static_cast<char>(value.is_null(type));
    };
    for (const nfa::Expression& by : automaton.limits[i].by) add(by.evaluate(context_), by.type());
    if (automaton.limits[i].by.empty())
      for (const NamedValue& part : parts) add(part.value, part.type);
    new (&limit_keys[i]) std::string_view(arena.copy(text));
  }
  result.limit_keys = limit_keys;
  output_.drafts.push_back(result);
}

}  // namespace sequitur
