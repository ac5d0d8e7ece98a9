// The tokens, by hand: a name, a quantity, a text, a regex. Each function looks at `first`, where no blanks stand, and
// returns where the token ends, or null if it is not such a token. A token that begins and is broken throws Failure.
#pragma once

#include <string_view>

#include "dsl/ast.hpp"
#include "dsl/grammar/state.hpp"

namespace sequitur::dsl::grammar {

bool is_name_start(char c);
bool is_name_char(char c);
bool is_digit(char c);
bool is_reserved(std::string_view word);  // not and or exists some every except

// The plain word that stands at `first`; empty if none does.
std::string_view peek_word(Iterator first, Iterator last);
// What stands at `first`, for messages: a whole word, number, text (shortened) or sign.
std::string_view peek_token(Iterator first, Iterator last);

Iterator scan_word(Iterator first, Iterator last, std::string_view word);
Iterator scan_sign(Iterator first, Iterator last, std::string_view sign);
Iterator scan_name(Iterator first, Iterator last, const State& state, bool any, ast::Name& out);  // any: reserved words too
Iterator scan_quantity(Iterator first, Iterator last, State& state, ast::Expr& out);              // kNumber, kDuration, kTimeOfDay
Iterator scan_text(Iterator first, Iterator last, State& state, ast::Expr& out);
Iterator scan_regex(Iterator first, Iterator last, State& state, ast::Expr& out);
Iterator scan_tag(Iterator first, Iterator last, State& state, ast::Name& out);        // attack.t1110.003
Iterator scan_bare_word(Iterator first, Iterator last, State& state, ast::Expr& out);  // A text in a test without quotes

}  // namespace sequitur::dsl::grammar
