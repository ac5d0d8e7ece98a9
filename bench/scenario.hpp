// bench/scenarios/NAME.seq: rules, and in the comments above them what the scenario is and the workloads it is played on.
//
//     # Three steps of one key in order, every event relevant.
//     # workload 10k: events 2000000 keys 10000
//     # workload ndjson/10k: events 1000000 keys 10000 format ndjson
//
// A workload is seeded, so everybody has the same events: of type a, b, c, .. by `weights` (1 1 1), `step` ticks of 100 us apart,
// their key any of `keys`; with `hot p` the first one with probability p; with `zipf s` the n-th one with a weight of 1 / n^s.
#pragma once

#include <string>
#include <vector>

#include "limits/workload.hpp"
#include "sequitur/rule_set.hpp"

namespace sequitur::bench {

enum class Carrier { kMemory, kNdjson, kCsv };

struct Workload {
  std::string name;
  limits::Mix mix;
  Carrier carrier = Carrier::kMemory;
};

struct Scenario {
  std::string name;
  std::string sentence;
  SourceFile rules;
  std::vector<Workload> workloads;
};

// Of every file of the folder, by name. Ends the program, saying why, if there is one that it does not understand.
std::vector<Scenario> read_scenarios(const std::string& folder);

}  // namespace sequitur::bench
