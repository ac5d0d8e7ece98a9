// What the alerts of runs and those of windows have in common: all but their evidence.
#pragma once

#include <string>

#include "engine/alert_draft.hpp"
#include "engine/alert_id.hpp"
#include "engine/rule_set_impl.hpp"
#include "nfa/automaton.hpp"

namespace sequitur {

struct DraftSource {
  const RuleSet::Impl& rules;
  const nfa::Automaton& automaton;
  const IdDigests& digests;
  const nfa::EvaluationContext& seen;  // What its expressions see; the key among it.
  Arena& alerts;                       // Where everything that the alert refers to is laid out.
  std::string& text;                   // For what is put together: kept from one alert to the next, so that it allocates nothing.
};

// Of an event, or (null pointer) of an instant. The caller adds to the alert its evidence, `first` and `last`, to the place in
// order `first_sequence` and `fork`; the evidence to `id`, too, which is the alert's in the end. `result` is as it was made.
void begin_draft(const DraftSource& source, AlertKind kind, const nfa::EmitCode& emit, Moment at, const Event* event, IdHash& id,
                 AlertDraft& result);

}  // namespace sequitur
