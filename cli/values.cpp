#include "cli/values.hpp"

#include <CLI/CLI.hpp>

#include "event/duration_text.hpp"
#include "event/time_text.hpp"

namespace sequitur::cli {

Duration duration_value(const std::string& option, const std::string& text) {
  Duration duration{0};
  if (!parse_duration(text, duration) || duration < Duration::zero())
    throw CLI::ValidationError(option, "`" + text + "` is not a duration such as 5s, 1h30m, 500ms");
  return duration;
}

Timestamp time_value(const std::string& option, const std::string& text, Timestamp earliest) {
  std::int64_t micros = 0;
  if (!parse_rfc3339(text, nullptr, micros))
    throw CLI::ValidationError(option, "`" + text + "` is not a time such as 2024-01-31T12:00:00Z");
  const Timestamp time{Duration{micros}};
  if (time < earliest) throw CLI::ValidationError(option, "`" + text + "` is too early");
  return time;
}

}  // namespace sequitur::cli
