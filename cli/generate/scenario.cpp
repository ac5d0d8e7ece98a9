#include "cli/generate/scenario.hpp"

#include <algorithm>
#include <cassert>

namespace sequitur::cli {
namespace {

struct Maker {
  const char* name;
  std::unique_ptr<Scenario> (*make)(std::uint64_t events);
};
constexpr Maker kMakers[] = {
    {"heartbeats", make_heartbeats}, {"logins", make_logins},     {"orderbook", make_orderbook},
    {"orders", make_orders},         {"payments", make_payments},
};

struct Planned {
  std::uint64_t at;  // When so many background events have happened.
  std::size_t kind;
};

// Every kind of incident several times, spread over the history.
std::vector<Planned> plan_incidents(const Scenario& scenario, std::uint64_t events, Random& random) {
  std::vector<Planned> plan;
  const std::uint64_t times = std::max<std::uint64_t>(2, events / 12'000);
  for (std::size_t kind = 0; kind < scenario.incident_kinds(); ++kind) {
    const std::uint64_t from = events * static_cast<std::uint64_t>(scenario.incident_from_percent(kind)) / 100;
    const std::uint64_t width = std::max<std::uint64_t>(1, (events - from) * 95 / 100 / times);
    for (std::uint64_t i = 0; i < times; ++i) plan.push_back({from + i * width + random.below(width), kind});
  }
  std::stable_sort(plan.begin(), plan.end(), [](const Planned& a, const Planned& b) { return a.at < b.at; });
  return plan;
}

// The time to the next background event: evenly random around the mean, by whole microseconds so that it is the same everywhere.
Duration pause(const Scenario& scenario, std::uint64_t mean_us, Timestamp now, Random& random) {
  const auto hour = static_cast<int>(now.time_since_epoch() / hours{1} % 24);
  const std::uint64_t here = mean_us * 100 / static_cast<std::uint64_t>(scenario.busy_percent(hour));
  return Duration{static_cast<std::int64_t>(random.below(2 * here + 1))};
}

}  // namespace

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const Maker& maker : kMakers) names.emplace_back(maker.name);
  return names;
}

std::optional<std::vector<Incident>> generate(const GenerateOptions& options, std::FILE* file) {
  const auto* maker = std::find_if(std::begin(kMakers), std::end(kMakers), [&](const Maker& m) { return options.kind == m.name; });
  assert(maker != std::end(kMakers));
  const std::unique_ptr<Scenario> scenario = maker->make(options.events);

  Random random(options.seed);
  Timeline timeline(file, options.events, options.disorder, random.next());
  EventWriter writer(timeline, random, Record(options.format, scenario->columns(), scenario->microseconds()));
  const std::string header = writer.record.header();
  if (std::fwrite(header.data(), 1, header.size(), file) != header.size()) return std::nullopt;

  const std::vector<Planned> plan = plan_incidents(*scenario, options.events, random);
  auto next = plan.begin();
  const std::uint64_t mean_us = static_cast<std::uint64_t>(scenario->span().count()) / std::max<std::uint64_t>(1, options.events);
  Timestamp now = options.start;
  while (!timeline.full()) {
    timeline.advance(now);
    for (; next != plan.end() && next->at <= timeline.written(); ++next) scenario->incident(next->kind, writer, now);
    scenario->background(writer, now);
    now += pause(*scenario, mean_us, now, random);
  }
  timeline.finish();
  if (timeline.failed()) return std::nullopt;
  return timeline.complete_incidents();
}

}  // namespace sequitur::cli
