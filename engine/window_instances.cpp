// Windows that begin, grow and end: tumbling ones, sessions, and hopping ones that need not remember their events.
#include <algorithm>

#include "engine/shard.hpp"
#include "engine/window_state.hpp"
#include "engine/windows.hpp"
#include "event/civil.hpp"

namespace sequitur {
namespace {

using dsl::WindowKind;

// The calendar window of a time: local days or weeks from Monday.
std::pair<std::int64_t, std::int64_t> calendar_bounds(const Zone& zone, std::int64_t time, std::int64_t days) {
  constexpr std::int64_t kMonday = 4;  // 1970-01-05.
  const std::int64_t day = floor_divide(zone.to_local(time), kMicrosPerDay);
  const std::int64_t shift = days == 7 ? kMonday : 0;
  const std::int64_t first = floor_divide(day - shift, days) * days + shift;
  return {zone.to_utc(first * kMicrosPerDay), zone.to_utc((first + days) * kMicrosPerDay)};
}

}  // namespace

std::pair<std::int64_t, std::int64_t> Windows::bounds_of(const Rule& rule, std::int64_t time) const {
  const nfa::WindowCode& code = *rule.code;
  if (code.zone) {
    auto& day = const_cast<Rule&>(rule).day;
    if (time < day.first || time >= day.second) day = calendar_bounds(*code.zone, time, code.size / kMicrosPerDay);
    return day;
  }
  const std::int64_t begin = floor_divide(time, code.size) * code.size;
  return {begin, begin + code.size};
}

Moment Windows::end_of(const Rule& rule, const Instance& instance) const {
  return moment(instance.end, rule.code->kind == WindowKind::kSession ? MomentPhase::kGap : MomentPhase::kSilence);
}

Windows::Instance& Windows::instance_at(Rule& rule, KeyWindow& key, std::int64_t begin, std::int64_t end) {
  std::uint32_t place = key.instance_count;
  while (place > 0 && key.instances[place - 1]->begin > begin) --place;
  if (place > 0 && key.instances[place - 1]->begin == begin) return *key.instances[place - 1];
  if (key.instance_count == key.instance_capacity) {
    const std::uint32_t capacity = key.instance_capacity == 0 ? 1 : key.instance_capacity * 2;
    auto** larger = static_cast<Instance**>(rule.pool.allocate(capacity * sizeof(Instance*)));
    std::copy_n(key.instances, key.instance_count, larger);
    if (key.instances != nullptr) rule.pool.deallocate(key.instances, key.instance_capacity * sizeof(Instance*));
    key.instances = larger;
    key.instance_capacity = capacity;
  }
  auto* instance = static_cast<Instance*>(rule.pool.allocate(rule.instance_bytes));
  std::memset(static_cast<void*>(instance), 0, rule.instance_bytes);
  instance->begin = begin;
  instance->end = end;
  instance->next_period = later(begin, rule.code->period);
  std::move_backward(key.instances + place, key.instances + key.instance_count, key.instances + key.instance_count + 1);
  key.instances[place] = instance;
  ++key.instance_count;
  return *instance;
}

// The next result is over what comes from now on.
void Windows::reset(Rule& rule, Instance& instance) {
  for (std::size_t line = 0; line < rule.lines.size(); ++line) {
    rule.lines[line].release(rule.state(instance, line), rule.pool, rule.texts);
    instance.lines()[line] = {};
  }
}

void Windows::end_instance(Rule& rule, KeyWindow& key, std::size_t index) {
  Instance* instance = key.instances[index];
  reset(rule, *instance);
  rule.pool.deallocate(instance, rule.instance_bytes);
  std::move(key.instances + index + 1, key.instances + key.instance_count, key.instances + index);
  --key.instance_count;
}

void Windows::take(Rule& rule, KeyWindow& key, const Event& event, nfa::Bits bits) {
  const nfa::WindowCode& code = *rule.code;
  ++key.taken;
  key.latest_sequence = event.sequence;
  switch (code.kind) {
    case WindowKind::kTumbling: {
      const auto [begin, end] = bounds_of(rule, event.time);
      take_in(rule, key, instance_at(rule, key, begin, end), event, bits);
      break;
    }
    case WindowKind::kSession: {
      Instance& session = key.instance_count > 0 ? *key.instances[0] : instance_at(rule, key, event.time, event.time);
      session.end = later(event.time, code.size);
      take_in(rule, key, session, event, bits);
      break;
    }
    default:
      for (std::int64_t end = next_multiple(event.time, code.every); end - code.size <= event.time; end += code.every)
        take_in(rule, key, instance_at(rule, key, end - code.size, end), event, bits);
      break;
  }
}

void Windows::take_in(Rule& rule, KeyWindow& key, Instance& instance, const Event& event, nfa::Bits bits) {
  for (std::size_t i = 0; i < rule.lines.size(); ++i) {
    if ((bits & rule.code->lines[i].own) == 0) continue;
    const LineAggregates& aggregates = rule.lines[i];
    InstanceLine& line = instance.lines()[i];
    if (aggregates.grows() && line.events >= options_.max_window_events) {
      ++rule.overfull;
      continue;
    }
    aggregates.read(event, context_, rule.texts, row_.data());
    aggregates.add(rule.state(instance, i), row_.data(), event.time, line.events, rule.pool, rule.texts);
    aggregates.forget(row_.data(), rule.texts);
    if (line.events++ == 0) line.first = event.time;
    line.last = event.time;
  }
  ++instance.events;
  if (instance.fresh++ == 0 && rule.code->period > 0 && instance.next_period <= event.time) {
    const std::int64_t passed = (event.time - instance.begin) / rule.code->period;
    instance.next_period = instance.begin + (passed + 1) * rule.code->period;
  }
  const std::uint64_t every = rule.code->period_events;
  if (every == 0 || instance.events % every != 0) return;
  result(rule, key, &instance, moment(event.time, MomentPhase::kEvent), &event, bits);
  instance.fresh = 0;
  if (rule.code->discarding) reset(rule, instance);
}

// Results between beginning and end, ends, and the empty window behind the last one, of one moment.
bool Windows::fire_instances(Rule& rule, KeyWindow& key, Moment at) {
  const nfa::WindowCode& code = *rule.code;
  const std::int64_t time = time_of(at);
  for (std::uint32_t i = 0; i < key.instance_count;) {
    Instance& instance = *key.instances[i];
    const bool ends = end_of(rule, instance) == at;
    const bool periodic = code.period > 0 && phase_of(at) == MomentPhase::kSilence && instance.fresh > 0 && instance.next_period == time;
    const bool reports = ends ? (code.at_end && (!code.discarding || instance.fresh > 0)) || periodic : periodic;
    if (reports) {
      result(rule, key, &instance, at, nullptr, 0);
      instance.fresh = 0;
      if (code.discarding) reset(rule, instance);
    }
    if (!ends) {
      ++i;
      continue;
    }
    if (code.kind != WindowKind::kSession) {
      const std::int64_t next = code.kind == WindowKind::kTumbling ? bounds_of(rule, instance.end).second : later(instance.end, code.every);
      key.follow = key.active ? next : kNoFollow;
    }
    end_instance(rule, key, i);
  }
  if (key.follow == time && phase_of(at) == MomentPhase::kSilence) {
    key.follow = kNoFollow;
    end_hold(rule, key, at);
  }
  return key.instance_count > 0 || key.follow != kNoFollow;
}

}  // namespace sequitur
