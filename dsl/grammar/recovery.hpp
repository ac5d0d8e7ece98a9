// Where to take up again after an error.
#pragma once

#include "dsl/grammar/state.hpp"

namespace sequitur::dsl::grammar {

// What the lines of a body begin with.
enum class Lines { kClauses, kTuneClauses, kFields, kTestLines };

// The next place behind the token at `from` where a line of the body may begin, where the body ends (`}`), where another
// item begins although the body was not closed, or the end of the text.
Iterator next_line(const State& state, Iterator from, Lines lines);

// The same for items. Any word at the left margin is taken for one, or only the words that begin one.
enum class Items { kAnyWord, kKnown };
Iterator next_item(const State& state, Iterator from, Items items);

// An item begins here: its word is first on the line and what must follow does.
bool begins_item(const State& state, Iterator position);
// A line of a body may begin here, by its first word.
bool begins_line(Iterator position, Iterator last, Lines lines);

}  // namespace sequitur::dsl::grammar
