#include "scenario.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sequitur::bench {
namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& line) {
  std::fprintf(stderr, "%s: not a workload: %s\n", file.c_str(), line.c_str());
  std::exit(1);
}

Workload parse_workload(const std::string& file, const std::string& line) {
  Workload workload;
  std::istringstream words(line);
  std::string word;
  words >> word >> workload.name;
  if (workload.name.empty() || workload.name.back() != ':') refuse(file, line);
  workload.name.pop_back();
  words >> word;
  while (words) {
    if (word == "events")
      words >> workload.mix.count;
    else if (word == "keys")
      words >> workload.mix.keys;
    else if (word == "step")
      words >> workload.mix.step;
    else if (word == "hot")
      words >> workload.mix.hot;
    else if (word == "zipf")
      words >> workload.mix.zipf;
    else if (word == "values")
      words >> workload.mix.values;
    else if (word == "weights") {
      workload.mix.weights.clear();
      for (std::uint32_t weight = 0; words >> weight;) workload.mix.weights.push_back(weight);
      if (!words.eof()) words.clear();
    } else if (word == "format") {
      words >> word;
      if (word != "ndjson" && word != "csv") refuse(file, line);
      workload.carrier = word == "csv" ? Carrier::kCsv : Carrier::kNdjson;
    } else {
      refuse(file, line);
    }
    words >> word;
  }
  if (!words.eof() || workload.mix.count == 0 || workload.mix.weights.empty()) refuse(file, line);
  return workload;
}

}  // namespace

std::vector<Scenario> read_scenarios(const std::string& folder) {
  std::vector<Scenario> scenarios;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".seq") continue;
    Scenario& scenario = scenarios.emplace_back();
    scenario.name = entry.path().stem().string();
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    scenario.rules = {entry.path().filename().string(), text.str()};
    std::istringstream lines(scenario.rules.text);
    for (std::string line; std::getline(lines, line) && line.starts_with("# ");) {
      if (line.starts_with("# workload "))
        scenario.workloads.push_back(parse_workload(scenario.rules.name, line.substr(2)));
      else
        scenario.sentence += (scenario.sentence.empty() ? "" : " ") + line.substr(2);
    }
  }
  std::sort(scenarios.begin(), scenarios.end(), [](const Scenario& a, const Scenario& b) { return a.name < b.name; });
  return scenarios;
}

}  // namespace sequitur::bench
