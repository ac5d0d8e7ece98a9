// Snapshots: an evaluator's state with what is needed to know that it belongs here and is whole.
//
//     "SEQSTATE"  version (8 bytes)  checksum of the rest (16 bytes)  schemas  rules  state
//
// Schemas and rules are names with a hash each of what they say, in load order: state is by number of rule, state of an
// automaton and slot. Whatever changes what the bytes of a state mean changes kSnapshotVersion.
#pragma once

#include <string>
#include <string_view>

#include "engine/evaluator.hpp"

namespace sequitur {

inline constexpr std::uint64_t kSnapshotVersion = 1;

std::string snapshot_of(Evaluator& evaluator, const RuleSet& rules);
// On an Error the evaluator is as it was.
Result<void> restore_snapshot(Evaluator& evaluator, const RuleSet& rules, std::string_view bytes);
// The checksum where it belongs, for tests that change what stands behind it.
void seal_snapshot(std::string& bytes);

}  // namespace sequitur
