#include "engine/make_draft.hpp"

namespace sequitur {
namespace {

std::string_view message_of(const DraftSource& source) {
  std::string& message = source.text;
  message.clear();
  for (const nfa::MessageCode& part : source.automaton.message) {
    if (part.value)
      append_formatted(part.value.evaluate(source.seen), part.value.type(), part.format, message);
    else
      message += part.text;
  }
  return source.alerts.copy(message);
}

void add_severity(const DraftSource& source, Alert& alert) {
  alert.severity = alert.rule->severity;
  alert.score = alert.rule->score;
  alert.has_score = alert.rule->has_score;
  if (source.automaton.severity) {
    const Slot level = source.automaton.severity.evaluate(source.seen);
    if (!level.is_null(Type::kString)) alert.severity = severity_level(level.text());
  }
  if (source.automaton.score) {
    const Slot score = source.automaton.score.evaluate(source.seen);
    alert.has_score = !score.is_null(Type::kFloat);
    if (alert.has_score) alert.score = score.f;
  }
}

// For each `limit n per d` which alerts it counts together.
std::span<const std::string_view> limit_keys(const DraftSource& source, std::span<const NamedValue> key) {
  const auto& limits = source.automaton.limits;
  const auto keys =
      std::span(static_cast<std::string_view*>(source.alerts.allocate(limits.size() * sizeof(std::string_view))), limits.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::string& text = source.text;
    text.clear();
    const auto add = [&](Slot value, Type type) {
      if (is_list(type) && !value.is_null(type))
        text += value.text();
      else
        append_text(value, type, text);
      text += '\0';
      text += static_cast<char>(value.is_null(type));
    };
    for (const nfa::Expression& by : limits[i].by) add(by.evaluate(source.seen), by.type());
    if (limits[i].by.empty())
      for (const NamedValue& part : key) add(part.value, part.type);
    new (&keys[i]) std::string_view(source.alerts.copy(text));
  }
  return keys;
}

}  // namespace

void begin_draft(const DraftSource& source, AlertKind kind, const nfa::EmitCode& emit, Moment at, const Event* event, IdHash& id,
                 AlertDraft& result) {
  const nfa::Automaton& automaton = source.automaton;
  const auto durable = [&](Slot value, Type type) { return has_bytes(type) && value.bits != 0 ? source.alerts.text(value.text()) : value; };
  const auto values = [&](std::size_t count) {
    return std::span(static_cast<NamedValue*>(source.alerts.allocate(count * sizeof(NamedValue))), count);
  };

  // Gaps and limits of one time are one instant in the order of alerts.
  result.at = phase_of(at) == MomentPhase::kLimit ? moment(time_of(at), MomentPhase::kGap) : at;
  result.sequence = event != nullptr ? event->sequence : 0;
  result.rule = automaton.info.index;
  result.internal = emit.internal;

  Alert& alert = result.alert;
  alert.rule = &source.rules.rules[automaton.info.index];
  alert.schemas = &source.rules.files.schemas;
  alert.kind = kind;
  alert.time = Timestamp{Duration{time_of(at)}};

  const std::span<NamedValue> parts = values(automaton.key.size());
  for (std::size_t i = 0; i < parts.size(); ++i)
    new (&parts[i]) NamedValue{automaton.key[i].name, automaton.key[i].type, durable(source.seen.key[i], automaton.key[i].type)};
  alert.key = parts;

  alert.stream = emit.stream;
  const std::span<NamedValue> fields = values(emit.values.size());
  for (std::size_t i = 0; i < fields.size(); ++i)
    new (&fields[i]) NamedValue{emit.names[i], emit.values[i].type(), durable(emit.values[i].evaluate(source.seen), emit.values[i].type())};
  alert.fields = fields;

  add_severity(source, alert);
  if (!automaton.message.empty()) alert.message = message_of(source);
  result.limit_keys = limit_keys(source, parts);

  id.add_four(source.digests.rule, source.digests.emit[static_cast<std::size_t>(kind)], static_cast<std::uint64_t>(kind),
              static_cast<std::uint64_t>(time_of(at)));
  for (const NamedValue& part : parts) id.add(part.value, part.type);
}

}  // namespace sequitur
