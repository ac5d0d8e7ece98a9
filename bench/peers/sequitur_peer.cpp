// Sequitur's side of bench/peers: plays an event file, decoded beforehand, through the rules again and again.
//
//     bench_peers RULES.seq EVENTS.ndjson --events N --repeat R [--single] [--prefix M,..]
//
// Prints one line of JSON: the seconds of each pass by the clock and of CPU time (a first one is not counted), matches and the sum of the
// times in milliseconds of the events they took, the same for prefixes of the file, and the process's memory. Each pass has an engine of
// its own.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/formats.hpp"
#include "adapters/registry.hpp"
#include "sequitur/engine.hpp"
#include "sequitur/rule_files.hpp"

using namespace sequitur;

namespace {

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "bench_peers: %s\n", message.c_str());
  std::exit(1);
}

std::size_t status_kilobytes(std::string_view what) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == what) {
      std::size_t kilobytes = 0;
      status >> kilobytes;
      return kilobytes;
    }
  return 0;
}

std::shared_ptr<const RuleSet> load(const char* path) {
  auto files = read_rule_files(std::vector<std::string>{path});
  if (!files) fail(files.error().message);
  std::vector<Diagnostic> diagnostics;
  auto rules = RuleSet::load(*files, diagnostics);
  if (!rules) fail(to_text(diagnostics, *files));
  return rules;
}

// The first events of a file, as the decoder makes them.
class Events {
 public:
  Events(const RuleSet& rules, const char* path, std::size_t most) {
    std::vector<const StreamSchema*> schemas;
    for (const StreamSchema& schema : rules.schemas())
      if (schema.external) schemas.push_back(&schema);
    DecoderOptions options;
    options.stream_field = "stream";
    auto decoder = make_decoder(Format::kNdjson, schemas, options);
    if (!decoder) fail(decoder.error().message);
    auto source = open_source("file", {{"path", path}});
    if (!source) fail(source.error().message);
    while (all_.size() < most) {
      auto [raw, events] = std::pair{std::make_unique<RawBatch>(), std::make_unique<EventBatch>()};
      const Result<ReadStatus> status = (*source)->read(*raw);
      if (!status) fail(status.error().message);
      if (*status == ReadStatus::kEnd) break;
      (*decoder)->decode(*raw, *events);
      (*decoder)->settle(*raw, *events);
      if (!events->bad.empty()) fail("a bad record: " + std::string(events->bad.front().raw));
      all_.insert(all_.end(), events->events.begin(), events->events.end());
      events->origins = {};
      batches_.push_back(std::move(events));
    }
    if (all_.size() < most) fail("the file has only " + std::to_string(all_.size()) + " events");
    all_.resize(most);
  }
  std::span<Event* const> first(std::size_t count) const { return std::span(all_).first(count); }

 private:
  std::vector<std::unique_ptr<EventBatch>> batches_;  // The memory of the events; no field of theirs is text.
  std::vector<Event*> all_;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Pass {
  double seconds = 0;
  double cpu = 0;
  std::uint64_t matches = 0;
  std::uint64_t sum = 0;
};

Pass play(const std::shared_ptr<const RuleSet>& rules, std::span<Event* const> events, bool single) {
  Pass pass;
  Engine engine(rules, {}, [&pass](std::span<const Alert> alerts) {
    pass.matches += alerts.size();
    for (const Alert& alert : alerts)
      for (const EvidenceStep& step : alert.evidence)
        for (const Event* event : step.events) pass.sum += static_cast<std::uint64_t>(event->time / 1000);
  });
  const double cpu_begin = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  std::size_t taken = 0;
  if (single) {
    for (Event* event : events) taken += engine.push(*event) ? 1 : 0;
  } else {
    constexpr std::size_t kBatch = 4096;
    for (std::size_t at = 0; at < events.size(); at += kBatch)
      taken += engine.push(events.subspan(at, std::min(kBatch, events.size() - at)));
  }
  engine.finish();
  pass.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  pass.cpu = cpu_seconds() - cpu_begin;
  if (taken != events.size()) fail("events were refused");
  for (const RuleCounters& rule : engine.counters().rules)
    if (rule.runs_refused + rule.runs_overfull + rule.over_event_limit != 0) fail("a bound was reached");
  return pass;
}

std::string counts(const Pass& pass) { return std::to_string(pass.matches) + ", \"sum\": " + std::to_string(pass.sum); }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) fail("usage: bench_peers RULES EVENTS --events N --repeat R [--single] [--prefix M,..]");
  std::size_t count = 0;
  int repeat = 5;
  bool single = false;
  std::vector<std::size_t> prefixes;
  for (int i = 3; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--single")
      single = true;
    else if (i + 1 == argc)
      fail("what is " + std::string(word));
    else if (word == "--events")
      count = std::strtoull(argv[++i], nullptr, 10);
    else if (word == "--repeat")
      repeat = std::atoi(argv[++i]);
    else if (word == "--prefix")
      for (char* at = argv[++i]; *at != 0; at += *at == ',' ? 1 : 0) prefixes.push_back(std::strtoull(at, &at, 10));
    else
      fail("what is " + std::string(word));
  }
  const auto rules = load(argv[1]);
  for (const std::size_t prefix : prefixes) count = std::max(count, prefix);
  const Events events(*rules, argv[2], count);
  const std::size_t loaded = status_kilobytes("VmRSS:");
  if (std::ofstream clear("/proc/self/clear_refs"); clear) clear << 5;  // The peak from here on.

  Pass pass = play(rules, events.first(count), single);
  std::string seconds, cpu;
  for (int i = 0; i < repeat; ++i) {
    const Pass again = play(rules, events.first(count), single);
    if (again.matches != pass.matches || again.sum != pass.sum) fail("the matches changed from pass to pass");
    seconds += (i == 0 ? "" : ", ") + std::to_string(again.seconds);
    cpu += (i == 0 ? "" : ", ") + std::to_string(again.cpu);
  }
  const std::size_t peak = status_kilobytes("VmHWM:");
  std::string at_prefixes;
  for (const std::size_t prefix : prefixes)
    at_prefixes += (at_prefixes.empty() ? "\"" : ", \"") + std::to_string(prefix) +
                   "\": {\"matches\": " + counts(play(rules, events.first(prefix), false)) + "}";
  std::printf(
      "{\"events\": %zu, \"seconds\": [%s], \"cpu\": [%s], \"matches\": %s, \"loaded_kb\": %zu, \"peak_kb\": %zu, \"prefix\": {%s}}\n",
      count, seconds.c_str(), cpu.c_str(), counts(pass).c_str(), loaded, peak, at_prefixes.c_str());
}
