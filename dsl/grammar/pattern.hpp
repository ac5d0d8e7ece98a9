// Steps: what stands behind first, then, no, cancel on, .., with blocks.
#pragma once

#include "dsl/grammar/expression.hpp"

namespace sequitur::dsl::grammar {

// A whole step with its word: `then hit: purchase where ..`, `no payment for 15m`.
struct StepId;
using StepRule = x3::rule<StepId, ast::Step>;
inline const StepRule step{"a step"};
BOOST_SPIRIT_DECLARE(StepRule)

// The stream of `over`: a name, streams, conditions.
struct EventStepId;
using EventStepRule = x3::rule<EventStepId, ast::Step>;
inline const EventStepRule event_step{"a stream"};
BOOST_SPIRIT_DECLARE(EventStepRule)

// What stands behind `no` and `cancel on`: the same, or a block.
struct GuardBodyId;
using GuardBodyRule = x3::rule<GuardBodyId, ast::Step>;
inline const GuardBodyRule guard_body{"a stream"};
BOOST_SPIRIT_DECLARE(GuardBodyRule)

}  // namespace sequitur::dsl::grammar
