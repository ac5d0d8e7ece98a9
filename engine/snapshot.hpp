// Snapshots: an evaluator's state with what is needed to know that it belongs here and is whole.
//
//     "SEQSTATE"  version (8 bytes)  checksum of the rest (16 bytes)  schemas  rules  part  mark  state
//
// Schemas and rules are names with a hash each of what they say, in load order: state is by number of rule, state of an
// automaton and slot. A snapshot is in one part, or in one for what belongs to no key and one for each key group; those of one
// snapshot have the same mark. Whatever changes what the bytes of a state mean changes kSnapshotVersion.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/evaluator.hpp"

namespace sequitur {

inline constexpr std::uint64_t kSnapshotVersion = 4;

std::string snapshot_of(Evaluator& evaluator, const RuleSet& rules);
std::vector<std::string> group_snapshots_of(Evaluator& evaluator, const RuleSet& rules, std::uint32_t groups);
// In one part, or the common one and groups. On an Error the evaluator is as it was.
Result<void> restore_snapshot(Evaluator& evaluator, const RuleSet& rules, std::span<const std::string_view> parts);
// The checksum where it belongs, for tests that change what stands behind it.
void seal_snapshot(std::string& bytes);

}  // namespace sequitur
