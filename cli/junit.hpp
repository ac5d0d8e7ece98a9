// Test outcomes as a JUnit report, which build servers read.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/rule_tests.hpp"

namespace sequitur::cli {

// One suite, or nothing when there are no outcomes.
std::string junit_suite(std::span<const TestOutcome> outcomes, std::span<const SourceFile> files);
// The whole report.
std::string junit_report(std::string_view suites);

}  // namespace sequitur::cli
