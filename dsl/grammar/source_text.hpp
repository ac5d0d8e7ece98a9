// What must hold of a text before it is parsed at all.
#pragma once

#include <string_view>
#include <vector>

#include "dsl/grammar/state.hpp"

namespace sequitur::dsl::grammar {

// Not too long, UTF-8, no control characters. Otherwise false, and one error.
bool check_source(std::string_view text, std::uint32_t file_index, std::vector<Diagnostic>& diagnostics);

// An empty line stands before the line of `position`, or before the comments above it.
bool blank_line_before(const State& state, Iterator position);

}  // namespace sequitur::dsl::grammar
