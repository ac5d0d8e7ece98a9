// What `run` says at the end.
#pragma once

#include <cstdint>
#include <string>

#include "sequitur/engine.hpp"

namespace sequitur::cli {

// Greatest memory that this process has held, from /proc/self/status; 0 where that cannot be read.
std::uint64_t peak_memory_bytes();

// Events, what was bad, alerts by rule and severity, rate, memory. `details` adds counters by rule for people who tune rules.
std::string summary_text(const RunSummary& summary, const RuleSet& rules, bool details);

// One line about a list that was read again; `time`: the last event that saw the old one.
std::string reload_text(const FileReload& reload, Timestamp time);

}  // namespace sequitur::cli
