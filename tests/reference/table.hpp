// Rule text and a `test` block in, alerts as short lines out: for tests that read like the tables of docs/semantics.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/load.hpp"
#include "tests/reference/matcher.hpp"

namespace sequitur::reference {

// The events of a `test` block in order of evaluation: by time, and as written where times are equal. Where some arrive late,
// those that rules see.
std::vector<Row> events_of(const dsl::Test& test, const std::vector<StreamSchema>& schemas);

// "rule kind time step#event,event step#event {field=value}" and, where they are there, `key(..)`, `held n`, `"message"`.
// Times since the start of the test, events numbered from 0 in order of evaluation. Diagnostics instead, if there are errors.
std::vector<std::string> alerts_of(std::string_view text, const Options& options = {});

}  // namespace sequitur::reference
