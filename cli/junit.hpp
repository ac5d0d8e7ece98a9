// Test outcomes as a JUnit report, which build servers read.
#pragma once

#include <span>
#include <string>

#include "cli/rule_tests.hpp"

namespace sequitur::cli {

std::string junit_report(std::span<const TestOutcome> outcomes, std::span<const SourceFile> files);

}  // namespace sequitur::cli
