// Labels: what really happened, as `generate --labels` writes it and `run --labels` compares alerts with it.
// One JSON object a line: {"incident":"card_testing","key":{"card":"4000.."},"from":"2024-..","to":"2024-.."}
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/generate/timeline.hpp"
#include "sequitur/result.hpp"

namespace sequitur::cli {

std::string label_lines(std::span<const Incident> incidents);
// Errors name the line.
Result<std::vector<Incident>> parse_labels(const std::string& path, std::string_view text);

}  // namespace sequitur::cli
