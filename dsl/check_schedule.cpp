// `schedule NAME { daily 06:00 on mon..fri zone ".." }`: a stream without fields whose events are ticks.
#include <fmt/core.h>
#include <algorithm>
#include <array>

#include "dsl/check_reuse.hpp"
#include "event/zone.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::size_t kMaxTicks = 1'000;  // Lines of one schedule.

std::optional<int> day_of(const ast::Name& name, Reporter& reporter) {
  const auto found = std::find(kDays.begin(), kDays.end(), name.text);
  if (found != kDays.end()) return static_cast<int>(found - kDays.begin());
  std::string help = reporter.did_you_mean(name.text, kDays);
  reporter.error("E164", name.span, fmt::format("`{}` is not a day of the week", name.text), {},
                 help.empty() ? "the days are mon, tue, wed, thu, fri, sat and sun" : help);
  return std::nullopt;
}

// sat..mon goes over the end of the week.
std::uint8_t days_of(const ast::Tick& tick, Reporter& reporter) {
  if (!tick.from) return 0x7F;
  const std::optional<int> from = day_of(*tick.from, reporter);
  const std::optional<int> to = tick.to ? day_of(*tick.to, reporter) : from;
  std::uint8_t days = 0;
  if (!from || !to) return days;
  for (int day = *from;; day = (day + 1) % 7) {
    days = static_cast<std::uint8_t>(days | 1 << day);
    if (day == *to) return days;
  }
}

}  // namespace

void declare_schedule(const ast::Schedule& schedule, World& world, Reporter& reporter) {
  Schedule result;
  result.stream = static_cast<StreamId>(world.schemas.size());
  if (schedule.ticks.size() > kMaxTicks)
    reporter.error("E164", schedule.name.span, fmt::format("a schedule has at most {} lines", kMaxTicks), {}, "make two of it");
  for (const ast::Tick& tick : schedule.ticks) {
    Tick checked;
    checked.at = Duration{tick.at.integer};
    checked.days = days_of(tick, reporter);
    if (tick.zone) {
      checked.zone = tick.zone->text;
      if (!Zone::find(checked.zone))
        reporter.error("E107", tick.zone->span, "this is not the name of a time zone", {}, "write it as in `zone \"Europe/Berlin\"`");
    }
    result.ticks.push_back(std::move(checked));
  }

  StreamSchema schema;
  schema.id = result.stream;
  schema.name = schedule.name.text;
  schema.external = false;
  schema.schedule = true;
  StreamInfo info;
  info.id = result.stream;
  info.span = schedule.name.span;
  info.fields["time"] = {kTimeSlot, Type::kTime, false, false, false};
  world.stream_by_name.emplace(schema.name, result.stream);
  world.schemas.push_back(std::move(schema));
  world.streams.push_back(std::move(info));
  world.schedules.push_back(std::move(result));
}

}  // namespace sequitur::dsl
