// Durations as the rule language spells them: 500us 10ms 30s 15m 12h 7d 2w, and sums (1h30m).
#pragma once

#include <string_view>

#include "sequitur/time.hpp"

namespace sequitur {

// The whole text, with an optional sign in front. False, and `duration` untouched, if it is not one or does not fit into 64 bits.
bool parse_duration(std::string_view text, Duration& duration);

}  // namespace sequitur
