// From a failed parse to a diagnostic that a rule author understands.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "dsl/grammar/config.hpp"

namespace sequitur::dsl::grammar {

// `expected <what>, found ..`, at the token behind `where`, with a guess at what was meant.
void report_expected(State& state, Iterator where, Iterator last, const std::string& what);
// Something stands at `where` that continues nothing.
void report_unexpected(State& state, Iterator where, Iterator last);
// The word of `candidates` that `word` is a misspelling of; empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// Runs one grammar at `first`. On failure the error is reported, `first` stands where it was found, and false is returned.
template <typename Parser, typename Attribute>
bool parse_piece(State& state, Iterator& first, Iterator last, const Parser& parser, Attribute& attribute) {
  const Iterator begin = first;
  try {
    if (x3::phrase_parse(first, last, parser, Skipper(state), attribute, x3::skip_flag::dont_post_skip)) return true;
    report_expected(state, begin, last, x3::what(parser));
    first = begin;
  } catch (const x3::expectation_failure<Iterator>& failure) {
    report_expected(state, failure.where(), last, failure.which());
    first = failure.where();
  } catch (Failure& failure) {
    first = state.at(failure.diagnostic.span.begin);
    state.diagnostics.push_back(std::move(failure.diagnostic));
  }
  return false;
}

}  // namespace sequitur::dsl::grammar
