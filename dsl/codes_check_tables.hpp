// The parts that check_codes() is made of, by subject. Private to codes_check*.cpp.
#pragma once

#include <span>

#include "dsl/codes.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> stream_codes();
std::span<const CodeInfo> let_codes();
std::span<const CodeInfo> expression_codes();
std::span<const CodeInfo> rule_codes();
std::span<const CodeInfo> derived_codes();
std::span<const CodeInfo> pattern_codes();
std::span<const CodeInfo> window_codes();
std::span<const CodeInfo> counting_codes();
std::span<const CodeInfo> test_codes();
std::span<const CodeInfo> reuse_codes();
std::span<const CodeInfo> warning_codes();

}  // namespace sequitur::dsl
