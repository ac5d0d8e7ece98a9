// Windows for people: what is kept of each event, what it is summed up to, and when results come.
#include <array>
#include <bit>

#include <fmt/format.h>

#include "nfa/window_code.hpp"

namespace sequitur::nfa {
namespace {

constexpr std::array<std::string_view, 12> kAccumulators = {"count",
                                                            "exact sum",
                                                            "exact sum",
                                                            "exact sum of squares",
                                                            "monotonic queue of the least",
                                                            "monotonic queue of the greatest",
                                                            "first",
                                                            "last",
                                                            "hash table of distinct values",
                                                            "sliding HyperLogLog",
                                                            "ordered values",
                                                            "hash table and order by frequency"};

std::string span_text(std::int64_t microseconds) {
  std::string text;
  append_duration(Duration{microseconds}, text);
  return text;
}

std::string shape(const WindowCode& code) {
  switch (code.kind) {
    case dsl::WindowKind::kSliding: return "sliding: a result at every event and whenever events leave";
    case dsl::WindowKind::kTumbling: return fmt::format("tumbling, {}{}", span_text(code.size), code.zone ? " by the calendar" : "");
    case dsl::WindowKind::kHopping: return fmt::format("hopping, {} every {}", span_text(code.size), span_text(code.every));
    case dsl::WindowKind::kSession: return fmt::format("session, ends {} after its last event", span_text(code.size));
    case dsl::WindowKind::kLastEvents:
      return fmt::format("the last {} events: a result at every {}; forgotten after {} without any", code.events,
                         code.every_events == 1 ? "event" : fmt::format("{} events", code.every_events), span_text(code.ttl));
  }
  return "";
}

std::string triggers(const WindowCode& code) {
  std::string text;
  const auto add = [&](const std::string& trigger) { text += (text.empty() ? "" : "; ") + trigger; };
  if (code.at_end) add("at its end");
  if (code.period > 0) add(fmt::format("every {} if something came", span_text(code.period)));
  if (code.period_events > 0) add(fmt::format("every {} events", code.period_events));
  return text + (code.discarding ? "; over what came since the result before" : "");
}

}  // namespace

std::string window_listing(const Automaton& automaton) {
  const WindowCode& code = *automaton.window;
  std::string key;
  for (const KeyCode& part : automaton.key) key += (key.empty() ? "" : ", ") + part.name;
  std::string out = fmt::format("rule {}\n  key {}; window {}\n", automaton.info.name, key.empty() ? "none" : key, shape(code));
  if (code.kind != dsl::WindowKind::kSliding && code.kind != dsl::WindowKind::kLastEvents)
    out += fmt::format("  results {}\n", triggers(code));
  for (std::size_t i = 0; i < automaton.bit_names.size(); ++i) out += fmt::format("  bit {:<2} {}\n", i, automaton.bit_names[i]);
  for (std::size_t i = 0; i < code.lines.size(); ++i) {
    const LineCode& line = code.lines[i];
    out += fmt::format("  over {} [{}]{}\n", automaton.stage_names[i], std::countr_zero(line.bit),
                       code.kind == dsl::WindowKind::kSliding ? ", each event for " + span_text(line.span) : "");
    out += code.evicts ? fmt::format("    keeps {} bytes of each event: its time and {} values\n", 8 * (1 + line.columns.size()),
                                     line.columns.size())
                       : std::string("    keeps no events\n");
    for (const AccumulatorCode& accumulator : line.accumulators)
      out += fmt::format("    value {}: {}\n", accumulator.column, kAccumulators[static_cast<std::size_t>(accumulator.kind)]);
  }
  out += fmt::format("  emit {}\n", code.always ? (code.when ? "at every result at which `when` holds" : "at every result")
                                                : "when `when` begins to hold");
  if (automaton.has_clear) out += "  emit a clear when it stops to hold\n";
  return out;
}

std::string window_dot(const Automaton& automaton) {
  const WindowCode& code = *automaton.window;
  std::string out = fmt::format("digraph \"{}\" {{\n  rankdir=LR; node [shape=box, fontname=\"monospace\"];\n", automaton.info.name);
  out += fmt::format("  window [label=\"{}\"];\n  result [shape=doublecircle, label=\"result\"];\n", shape(code));
  for (std::size_t i = 0; i < code.lines.size(); ++i) {
    const auto bit = static_cast<std::size_t>(std::countr_zero(code.lines[i].bit));
    std::string name = automaton.bit_names[bit];
    for (std::size_t at = 0; (at = name.find('"', at)) != std::string::npos; at += 2) name.insert(at, 1, '\\');
    out += fmt::format("  line{0} [label=\"{1}\"];\n  line{0} -> window [label=\"{2}\"];\n", i, automaton.stage_names[i], name);
  }
  return out + "  window -> result;\n}\n";
}

}  // namespace sequitur::nfa
