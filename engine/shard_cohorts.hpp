// The short ways of a shard through the cohorts of a key.
#pragma once

#include "engine/kept_event.hpp"
#include "engine/shard.hpp"

namespace sequitur {

// Of the oldest run; or, of an opening loop, an event that no run has any more.
inline void Shard::drop_start(Cohorts& cohorts) {
  const CohortStart& oldest = *cohorts.starts();
  release(pool_, oldest.event);
  live_runs_ -= oldest.taken_only() ? 0 : 1;
  cohorts.drop_oldest(1);
}

// A run that has taken but its start, and is the only one of its key, is no more than that event: most keys of a large stream.
inline void Shard::drop_start_alone(KeyRuns& key) {
  release(pool_, key.start);
  --live_runs_;
  key.run_count = 0;
  key.cohorts = nullptr;
}

// Whether no run is left.
inline bool Shard::is_empty(const KeyRuns& key) { return !key.is_start_alone() && (key.cohorts == nullptr || key.cohorts->runs() == 0); }

}  // namespace sequitur
