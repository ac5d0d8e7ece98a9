// Option values with a meaning of their own. Wrong ones throw CLI::ValidationError, which run_command() reports as wrong usage.
#pragma once

#include <string>

#include "sequitur/time.hpp"

namespace sequitur::cli {

// "5s", "1h30m", not negative.
Duration duration_value(const std::string& option, const std::string& text);
// RFC 3339, not before `earliest`.
Timestamp time_value(const std::string& option, const std::string& text, Timestamp earliest);

}  // namespace sequitur::cli
