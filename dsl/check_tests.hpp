// `test` blocks: events with typed values, and the alerts they must give.
#pragma once

#include "dsl/check_rule.hpp"

namespace sequitur::dsl {

inline constexpr std::uint64_t kMaxTestEvents = 1'000'000;  // Of one line, repeats included.

Test check_test(const ast::Test& test, Span span, bool damaged, const World& world, const Emitted& emitted, Reporter& reporter);

}  // namespace sequitur::dsl
