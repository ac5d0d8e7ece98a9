// From instant to instant: deadlines of silence, then the events, then time limits. See language.md, sections 6 and 7.
#include "tests/reference/matcher.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tests/reference/blocks.hpp"
#include "tests/reference/holds.hpp"
#include "tests/reference/run.hpp"
#include "tests/reference/windows.hpp"

namespace sequitur::reference {
namespace {

// At one instant in this order.
enum Phase { kDeadlines, kEvents, kTimeLimits };

// A report before `limit`, with its place in the order of alerts.
struct Report {
  std::int64_t time = 0;
  Phase phase = kEvents;
  std::size_t event = 0;  // In kEvents: the event on which it was found.
  std::size_t first = 0;  // The run's first event.
  Alert alert{};
  bool internal = false;                           // `emit NAME(..) internal` is for other rules only.
  std::vector<std::vector<Value>> limit_groups{};  // By limit: the values it counts by.
  std::vector<Value> values{};                     // Of the alert's fields.

  // By instant and phase; of one event by rule and start; of one deadline the same.
  auto place() const { return std::make_tuple(time, phase, phase == kEvents ? event : 0, alert.rule, first); }
};

std::string formatted(const Value& value, Type type, const NumberFormat& format) {
  std::string text;
  if (value.index() == 1) append_formatted(Slot::of_int(std::get<1>(value)), type, format, text);
  if (value.index() == 2) append_formatted(Slot::of_float(std::get<2>(value)), type, format, text);
  return value.index() == 1 || value.index() == 2 ? text : to_text(value, type);
}

std::string level(const Value& value) {
  for (const char* known : {"informational", "low", "medium", "high", "critical"})
    if (value == Value{std::string{known}}) return known;
  return "";
}

// One rule and one key.
class Partition {
 public:
  Partition(const dsl::Rule& rule, std::size_t rule_index, std::span<const Row> events, const Options& options, std::vector<Value> key,
            const std::vector<dsl::Table>& tables)
      : world_{rule, events, options, std::move(key), {}, &tables}, rule_index_(rule_index) {}

  // Plays the key's events (positions, in order) and everything that time brings about.
  void play(const std::vector<std::size_t>& own);

  std::vector<Report> reports;
  Counters counters;

 private:
  void deadlines(std::int64_t now);
  void on_event(std::size_t event);
  void begin(std::size_t event);
  void begin_stretches(std::size_t event, const Run& nothing, std::vector<Run>& begun, bool& unknown);
  void follow_stretches(std::size_t event);
  bool is_watched(std::span<const Row> known, std::int64_t now) const;
  bool past_allows(std::size_t event, const Run& begun, bool& unknown);
  void time_limits(std::int64_t now);
  std::int64_t next_instant() const;

  void conclude(std::int64_t now, Phase phase, std::size_t event);
  bool consumes() const { return world_.rule.on_match == dsl::OnMatch::kConsume; }
  bool said_already(const Run& run, Run::State outcome) const;
  bool wanted(Run::State outcome) const;
  void end_runs_after(const Run& match);
  void make_report(const Run& run, std::int64_t now, Phase phase, std::size_t event, std::size_t counted = 0);

  World world_;
  std::size_t rule_index_;
  std::vector<Run> runs_;  // In the order of their starts.
  struct Reported {
    std::vector<std::size_t> events;
    bool match = false;
  };
  std::vector<Reported> reported_;
};

void Partition::play(const std::vector<std::size_t>& own) {
  const std::int64_t end_of_input = world_.events.back().time;
  std::size_t next = 0;
  for (;;) {
    const std::int64_t now = std::min(next < own.size() ? world_.events[own[next]].time : kNever, next_instant());
    if (now == kNever || (!world_.options.flush_at_end && now > end_of_input)) return;
    const bool late_deadlines = world_.options.mutation == Mutation::kDeadlineAfterEvents;
    if (!late_deadlines) deadlines(now);
    while (next < own.size() && world_.events[own[next]].time == now) on_event(own[next++]);
    if (late_deadlines) deadlines(now);
    // Time limits are inclusive: they end when the watermark has passed them.
    if (!world_.options.flush_at_end && now == end_of_input) return;
    time_limits(now);
  }
}

std::int64_t Partition::next_instant() const {
  std::int64_t next = kNever;
  for (const Run& run : runs_)
    if (run.live())
      next = std::min({next, silence_deadline(world_, run), gap_end(world_, run), time_out(world_, run), hold_deadline(world_, run),
                       stretch_gap_end(world_, run)});
  return next;
}

// Stretches that have lasted now, then closing silences that end now.
void Partition::deadlines(std::int64_t now) {
  std::vector<Run> runs;
  for (const Run& run : runs_) {
    auto left = run.live() && hold_deadline(world_, run) <= now ? after_holds(world_, run, now) : std::vector<Run>{run};
    for (Run& one : left)
      if (one.held != run.held) one.news = reported_.size();
    runs.insert(runs.end(), left.begin(), left.end());
  }
  runs_ = std::move(runs);
  for (Run& run : runs_)
    if (run.live() && silence_deadline(world_, run) <= now) run.state = Run::State::kMatched;
  conclude(now, kDeadlines, 0);
}

// Loops that `gap` closes now, then `within` and the limits of steps. Of one run the gap acts first.
void Partition::time_limits(std::int64_t now) {
  std::vector<Run> runs;
  for (const Run& run : runs_) {
    const auto held = stretch_gap_end(world_, run) <= now ? after_stretch_gaps(world_, run, now) : std::vector<Run>{run};
    for (const Run& one : held) {
      const auto left = one.live() && gap_end(world_, one) <= now ? close_by_gap(world_, one) : std::vector<Run>{one};
      runs.insert(runs.end(), left.begin(), left.end());
    }
  }
  runs_ = std::move(runs);
  for (Run& run : runs_)
    if (run.live() && time_out(world_, run) <= now) run.state = Run::State::kTimedOut;
  conclude(now, kTimeLimits, 0);
}

// Inside one event: cancel, then every live run, then the new run, then `on match` over all of them.
void Partition::on_event(std::size_t event) {
  world_.past.push_back(event);
  std::erase_if(world_.open, [&](const Stretch& stretch) {
    Run alone;
    alone.stretches = {stretch};
    return stretch_gap_end(world_, alone) < world_.events[event].time;
  });
  std::vector<Run> runs;
  for (const Run& run : runs_) {
    const auto forks = after(world_, run, event);
    runs.insert(runs.end(), forks.begin(), forks.end());
  }
  runs_ = std::move(runs);
  follow_stretches(event);
  begin(event);
  conclude(world_.events[event].time, kEvents, event);
}

// Keys from a table: whether it has the row.
bool Partition::is_watched(std::span<const Row> known, std::int64_t now) const {
  const dsl::Rule& rule = world_.rule;
  if (rule.watched < 0) return true;
  std::vector<bool> folds;
  for (const dsl::KeyPart& part : rule.key) folds.push_back(part.fold);
  return row_of(world_.tables->at(static_cast<std::size_t>(rule.watched)), world_.key, folds, known, now) != nullptr;
}

// Every event that fits the opening step begins a run, also when another run has just taken it or completed on it.
void Partition::begin(std::size_t event) {
  if (!is_watched(world_.events.first(event + 1), world_.events[event].time)) return;
  Run nothing;
  nothing.taken.resize(world_.rule.stages.size());
  std::vector<Run> begun;
  bool unknown = false;
  if (world_.rule.blocks != nullptr) begin_stretches(event, nothing, begun, unknown);
  for (const Run& run : after(world_, nothing, event))
    if (past_allows(event, run, unknown)) begun.push_back(run);
  if (unknown) ++counters.unknown_past;
  if (begun.empty()) return;
  ++counters.runs_begun;
  // `latest`: the new run replaces those that wait right behind the opening step. One that takes this event does not wait.
  const dsl::Stage& opening = world_.rule.stages[0];
  if (opening.latest && begun[0].stage == 0 && world_.options.mutation != Mutation::kOldestStays)
    for (Run& older : runs_)
      if (older.live() && older.stage == 0 && older.taken[0].size() >= opening.min && older.latest() != event)
        older.state = Run::State::kEnded;
  runs_.insert(runs_.end(), begun.begin(), begun.end());
}

// A stretch opens one run, however long it goes on.
void Partition::begin_stretches(std::size_t event, const Run& nothing, std::vector<Run>& begun, bool& unknown) {
  std::vector<Stretch> opened_now;
  for (const int node : waiting_holds(world_, nothing)) {
    const bool open = std::any_of(world_.open.begin(), world_.open.end(), [&](const Stretch& stretch) { return stretch.node == node; });
    if (open || !may_begin_stretch(world_, nothing, node, event)) continue;
    Run opened = nothing;
    opened.taken[static_cast<std::size_t>(world_.rule.blocks->nodes[static_cast<std::size_t>(node)].stage)] = {event};
    if (!past_allows(event, opened, unknown)) continue;
    Run run = nothing;
    run.stretches.push_back({node, {event}, false});
    begin_beside(world_, run, event);
    begun.push_back(run);
    opened_now.push_back({node, {event}, true});
  }
  world_.open.insert(world_.open.end(), opened_now.begin(), opened_now.end());
}

// Stretches that have opened a run, as long as they go on.
void Partition::follow_stretches(std::size_t event) {
  Run nothing;
  nothing.taken.resize(world_.rule.stages.size());
  const auto cancels = [&](const dsl::Guard& cancel) { return filter_holds(world_, nothing, cancel.filter, event); };
  if (std::any_of(world_.rule.cancels.begin(), world_.rule.cancels.end(), cancels)) world_.open.clear();
  std::erase_if(world_.open, [&](Stretch& stretch) {
    if (!is_sample(world_, nothing, stretch.node, event)) return false;
    const std::size_t latest = std::exchange(stretch.samples.front(), event);
    return !goes_on(world_, nothing, stretch.node, latest, event);
  });
}

// `no S where c for d` before the steps.
bool Partition::past_allows(std::size_t event, const Run& begun, bool& unknown) {
  const std::int64_t now = world_.events[event].time;
  for (const auto& look : world_.rule.look_back)
    for (const std::size_t earlier : world_.past) {
      const std::int64_t age = now - world_.events[earlier].time, span = look.duration.count();
      const bool too_young = world_.options.mutation == Mutation::kLookBackInclusive ? age <= span : age < span;
      if (earlier != event && too_young && filter_holds(world_, begun, look.filter, earlier, event)) return false;
    }
  if (world_.options.assume_silent) return true;
  for (const auto& look : world_.rule.look_back)
    if (world_.events.front().time > now - look.duration.count()) {  // Not enough past was seen.
      unknown = true;
      return false;
    }
  return true;
}

// What is reported of the runs that matched, broke or timed out just now, in the order of alerts: by start; on an event breaks
// before matches; then by what was taken.
void Partition::conclude(std::int64_t now, Phase phase, std::size_t event) {
  std::vector<Run*> outcomes;
  for (Run& run : runs_)
    if (!run.live() && run.state != Run::State::kEnded) outcomes.push_back(&run);
  std::stable_sort(outcomes.begin(), outcomes.end(), [&](const Run* a, const Run* b) {
    if (a->first() != b->first()) return a->first() < b->first();
    if (phase == kEvents && a->state != b->state) return a->state == Run::State::kBroken;
    return world_.options.mutation == Mutation::kShorterFirst ? b->comes_before(*a) : a->comes_before(*b);
  });
  std::optional<std::size_t> matched;  // The start that gave a match.
  std::vector<const Run*> counted;     // emit count: the matches of this event.
  const Run* latest = nullptr;         // The latest report.
  Run::State kind{};
  std::vector<Run> reported;  // Matches whose last stretch goes on.
  for (Run* run : outcomes) {
    const Run::State outcome = std::exchange(run->state, Run::State::kEnded);
    if (outcome == Run::State::kEnded) continue;  // By the report of another one.
    if (outcome == Run::State::kCleared) {
      run->state = outcome;
      make_report(*run, now, phase, event);
      run->state = Run::State::kEnded;
      continue;
    }
    // consume: of the starts that complete on one event the first is reported.
    const bool one_only = consumes() && phase == kEvents && world_.options.mutation != Mutation::kEveryRunReported;
    if (outcome == Run::State::kMatched && one_only && matched && *matched != run->first()) continue;
    if (!wanted(outcome) || (consumes() && said_already(*run, outcome))) continue;
    // Forks with equal evidence are one.
    if (latest != nullptr && kind == outcome && latest->taken == run->taken) continue;
    latest = run;
    kind = outcome;
    if (outcome == Run::State::kMatched && world_.rule.emit.count) {
      counted.push_back(run);
      continue;
    }
    run->state = outcome;
    make_report(*run, now, phase, event);
    run->state = Run::State::kEnded;
    if (outcome != Run::State::kMatched) continue;
    matched = run->first();
    if (world_.rule.on_clear) {
      Run follows = *run;
      follows.state = Run::State::kLive;
      follows.reported = true;
      follows.stretches = {{world_.rule.blocks->node_of[static_cast<std::size_t>(run->stage)], {*run->previous}, true}};
      reported.push_back(follows);
    }
    end_runs_after(*run);
  }
  if (!counted.empty()) {
    Run first = *counted.front();
    first.state = Run::State::kMatched;
    make_report(first, now, phase, event, counted.size());
  }
  std::erase_if(runs_, [](const Run& run) { return !run.live(); });
  runs_.insert(runs_.end(), reported.begin(), reported.end());
}

bool Partition::wanted(Run::State outcome) const {
  if (outcome == Run::State::kTimedOut) return world_.rule.on_timeout.has_value();
  if (outcome == Run::State::kBroken) return world_.rule.on_break.has_value();
  return true;
}

// consume: nothing is reported of a run all of whose events belong to one already reported; a match only if that began with
// another event, for the forks of one start are all reported. Nor a timeout or break whose start has given a match.
bool Partition::said_already(const Run& run, Run::State outcome) const {
  const auto events = run.events();
  const bool match = outcome == Run::State::kMatched && world_.options.mutation != Mutation::kForksConsumed;
  for (std::size_t i = 0; i < reported_.size(); ++i) {
    const Reported& reported = reported_[i];
    const bool same_start = reported.events.front() == run.first();
    if (same_start && match) continue;
    if (same_start && reported.match) return true;
    if (i >= run.news && std::includes(reported.events.begin(), reported.events.end(), events.begin(), events.end())) return true;
  }
  return false;
}

// What `on match` does to the other runs.
void Partition::end_runs_after(const Run& match) {
  const auto events = match.events();
  std::optional<std::size_t> place;  // skip: runs that began before it end.
  const auto* skip_events = world_.rule.skip_stage >= 0 ? &match.taken[static_cast<std::size_t>(world_.rule.skip_stage)] : nullptr;
  // A match of the same moment may end too, but a break or a timeout has happened and is reported.
  const auto may_end = [](const Run& run) { return !run.reported && (run.live() || run.state == Run::State::kMatched); };
  switch (world_.rule.on_match) {
    case dsl::OnMatch::kConsume:
      if (world_.options.mutation == Mutation::kNoSubsetRule) return;
      for (Run& run : runs_) {
        const auto others = run.events(true);
        const bool fork = run.first() == match.first() && world_.options.mutation != Mutation::kForksConsumed;
        if (run.live() && !run.reported && !fork && std::includes(events.begin(), events.end(), others.begin(), others.end()))
          run.state = Run::State::kEnded;
      }
      return;
    case dsl::OnMatch::kKeep: return;
    case dsl::OnMatch::kSkipToNext:
      for (Run& run : runs_)
        if (may_end(run) && run.first() == match.first()) run.state = Run::State::kEnded;
      return;
    case dsl::OnMatch::kSkipPastLast: place = match.latest() + 1; break;
    case dsl::OnMatch::kSkipToFirst:
      if (!skip_events->empty()) place = skip_events->front();
      break;
    case dsl::OnMatch::kSkipToLast:
      if (!skip_events->empty()) place = skip_events->back();
      break;
  }
  for (Run& run : runs_)
    if (place && may_end(run) && run.first() < *place) run.state = Run::State::kEnded;
}

// `counted`: for so many matches, of which this is the first.
void Partition::make_report(const Run& run, std::int64_t now, Phase phase, std::size_t event, std::size_t counted) {
  const bool clears = run.state == Run::State::kCleared;
  if (!clears) reported_.push_back({run.events(), run.state == Run::State::kMatched});
  const dsl::Rule& rule = world_.rule;
  const bool timed_out = run.state == Run::State::kTimedOut, broken = run.state == Run::State::kBroken;
  const dsl::Emit& emit = timed_out ? *rule.on_timeout : broken ? *rule.on_break : clears ? *rule.on_clear : rule.emit;
  std::vector<std::vector<const Row*>> rows;
  Scope scope = scope_of(world_, run, rows);
  scope.match_count = static_cast<std::int64_t>(counted);
  if (broken) {
    scope.broken_by = &world_.events[event];
    scope.broken_guard = run.guard;
  }
  // A deadline comes before the events of its time, time limits behind them.
  scope.now = now;
  scope.known = world_.events.first(event);
  if (phase != kEvents) {
    const auto behind = std::partition_point(world_.events.begin(), world_.events.end(),
                                             [&](const Row& row) { return phase == kDeadlines ? row.time < now : row.time <= now; });
    scope.known = {world_.events.begin(), behind};
  }
  if (world_.options.mutation == Mutation::kLatestRow) scope.known = world_.events;
  if (!is_watched(scope.known, now)) return;
  Report report{now, phase, event, run.first()};
  Alert& alert = report.alert;
  alert.rule = rule_index_;
  alert.kind = timed_out ? AlertKind::kTimeout : broken ? AlertKind::kBreak : clears ? AlertKind::kClear : AlertKind::kMatch;
  alert.stream = emit.stream;
  report.internal = emit.internal;
  for (std::size_t part = 0; part < rule.key.size(); ++part)
    alert.key.push_back({rule.key[part].name, to_text(world_.key[part], rule.key[part].type)});
  alert.time = now;
  alert.first = world_.events[run.first()].time;
  alert.last = world_.events[run.latest()].time;
  for (const auto& field : emit.fields) {
    report.values.push_back(evaluate(*field.value, scope));
    alert.fields.push_back({field.name, to_text(report.values.back(), field.value->type)});
  }
  for (const auto& part : rule.message)
    alert.message += part.value ? formatted(evaluate(*part.value, scope), part.value->type, part.format) : part.text;
  alert.severity = rule.info.severity;
  if (rule.severity) alert.severity = level(evaluate(*rule.severity, scope));
  if (rule.info.has_score) alert.score = to_text(rule.info.score, Type::kFloat);
  if (rule.score) {
    const Value score = evaluate(*rule.score, scope);
    alert.score = is_null(score) ? "" : to_text(score, Type::kFloat);
  }
  // All matches that are counted share the event on which they are found, and nothing else.
  if (counted > 0) alert.evidence.push_back({rule.stages.back().name, {event}});
  for (std::size_t s = 0; s < rule.stages.size() && counted == 0; ++s)
    if (!run.taken[s].empty()) alert.evidence.push_back({rule.stages[s].name, run.taken[s]});
  for (const auto& limit : rule.limits) {
    std::vector<Value> group;
    for (const auto& by : limit.by) group.push_back(evaluate(*by, scope));
    report.limit_groups.push_back(limit.by.empty() ? world_.key : group);
  }
  reports.push_back(std::move(report));
}

// `limit n per event`, then `limit n per d` in their written order.
class Limits {
 public:
  // Whether the alert leaves; sets its `held`.
  bool let_through(const dsl::Rule& rule, Report& report, Counters& counters);

 private:
  struct Group {
    std::vector<std::int64_t> times;  // Of the alerts let through.
    std::uint64_t held = 0;
    std::optional<std::int64_t> last_held;
  };
  std::map<std::pair<std::size_t, std::vector<std::string>>, std::uint64_t> matches_on_;  // By event and key.
  std::map<std::tuple<AlertKind, std::size_t, std::vector<Value>>, Group> groups_;
};

bool Limits::let_through(const dsl::Rule& rule, Report& report, Counters& counters) {
  const bool match_on_event = report.alert.kind == AlertKind::kMatch && report.phase == kEvents;
  std::vector<std::string> key;
  for (const NamedText& part : report.alert.key) key.push_back(part.text);
  if (rule.limit_per_event && !rule.window && match_on_event && ++matches_on_[{report.event, key}] > *rule.limit_per_event) {
    ++counters.over_event_limit;
    return false;
  }
  const auto group_of = [&](std::size_t i) -> Group& { return groups_[{report.alert.kind, i, report.limit_groups[i]}]; };
  for (std::size_t i = 0; i < rule.limits.size(); ++i) {
    Group& group = group_of(i);
    const auto& times = group.times;
    // What was held back is told for 24 spans after the last of it.
    if (group.last_held && report.time >= *group.last_held + 24 * rule.limits[i].span.count()) group.held = 0;
    const auto recent = [&](std::int64_t time) { return time > report.time - rule.limits[i].span.count(); };
    if (static_cast<std::uint64_t>(std::count_if(times.begin(), times.end(), recent)) < rule.limits[i].count) continue;
    ++group.held;
    group.last_held = report.time;
    ++counters.held;
    return false;
  }
  for (std::size_t i = 0; i < rule.limits.size(); ++i) {
    Group& group = group_of(i);
    group.times.push_back(report.time);
    report.alert.held += std::exchange(group.held, 0);
  }
  return true;
}

// The keys that an event belongs to: one for each way in which lines of the rule read it, without doubles. A field that is a list
// gives each of its values, in several parts every combination.
std::set<std::vector<Value>> keys_of(const dsl::Rule& rule, const Row& row) {
  std::set<std::vector<Value>> keys;
  for (int way = 0; way < std::max(1, static_cast<int>(rule.key_ways.size())); ++way) {
    const auto key = key_of(rule, way, row);
    if (!key) continue;
    std::set<std::vector<Value>> expanded{{}};
    for (std::size_t part = 0; part < key->size(); ++part) {
      const bool each = (*key)[part].index() == 4 && !is_list(rule.key[part].type);
      const std::vector<Value> values = each ? std::get<4>((*key)[part]).items : std::vector<Value>{(*key)[part]};
      std::set<std::vector<Value>> longer;
      for (const auto& shorter : expanded)
        for (const auto& value : values) {
          if (is_null(value)) continue;
          auto one = shorter;
          one.push_back(value);
          longer.insert(one);
        }
      expanded = longer;
    }
    keys.insert(expanded.begin(), expanded.end());
  }
  return keys;
}

// An event as the rules of one generation see it. Derived ones come behind the others of their time, by generation, then in
// the order of the alerts that they are.
struct Seen {
  Row row;
  std::size_t number;            // Among the events given; behind them the derived ones.
  std::uint32_t generation = 0;  // 0: from outside.
  auto place() const { return std::make_tuple(row.time, generation, number); }
};

// What the rules of one generation report of the events they see, in the order of alerts.
std::vector<Report> reports_of(std::span<const dsl::Rule> rules, std::uint32_t generation, std::span<const Row> events,
                               const Options& options, const std::vector<dsl::Table>& tables, std::vector<Counters>& counters) {
  std::vector<Report> reports;
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const dsl::Rule& rule = rules[r];
    if (rule.disabled || rule.generation != generation) continue;
    std::map<std::vector<Value>, std::vector<std::size_t>> by_key;
    for (std::size_t e = 0; e < events.size(); ++e) {
      if (std::find(rule.streams.begin(), rule.streams.end(), events[e].stream) == rule.streams.end()) continue;
      if (events[e].tick && !rule.key.empty()) {  // It reaches every key that was seen.
        for (auto& [key, own] : by_key) {
          own.push_back(e);
          if (options.mutation == Mutation::kTicksOnce) break;
        }
        continue;
      }
      const auto keys = keys_of(rule, events[e]);
      for (const auto& key : keys) by_key[key].push_back(e);
      if (keys.empty()) ++counters[r].null_keys;
    }
    for (const auto& [key, own] : by_key) {
      if (rule.window) {
        for (WindowReport& window : window_reports(rule, r, events, options, key, own, tables)) {
          const Phase phase = window.phase == WindowReport::kDeadline ? kDeadlines
                              : window.phase == WindowReport::kEvent  ? kEvents
                                                                      : kTimeLimits;
          reports.push_back({window.time, phase, window.event, window.latest, std::move(window.alert), window.internal,
                             std::move(window.limit_groups), std::move(window.values)});
        }
        continue;
      }
      Partition partition(rule, r, events, options, key, tables);
      partition.play(own);
      reports.insert(reports.end(), partition.reports.begin(), partition.reports.end());
      counters[r].runs_begun += partition.counters.runs_begun;
      counters[r].unknown_past += partition.counters.unknown_past;
    }
  }
  std::stable_sort(reports.begin(), reports.end(), [](const Report& a, const Report& b) { return a.place() < b.place(); });
  return reports;
}

// The event that the report puts on a stream that rules name.
std::optional<Row> derived_row(const dsl::Rule& rule, const Report& report, std::span<const StreamSchema> schemas) {
  const AlertKind kind = report.alert.kind;
  const dsl::Emit& emit = kind == AlertKind::kTimeout ? *rule.on_timeout
                          : kind == AlertKind::kBreak ? *rule.on_break
                          : kind == AlertKind::kClear ? *rule.on_clear
                                                      : rule.emit;
  if (!emit.feeds) return std::nullopt;
  const StreamSchema& schema = schemas[emit.id];
  Row row{report.time, emit.id, std::vector<Value>(schema.fields.size())};
  for (std::size_t i = 0; i < emit.fields.size(); ++i)
    if (emit.slots[i] != kTimeSlot) row.values[static_cast<std::size_t>(emit.slots[i])] = report.values[i];
  if (schema.time_slot != kTimeSlot) row.values[static_cast<std::size_t>(schema.time_slot)] = report.time;
  return row;
}

}  // namespace

// Generation by generation: each sees the events from outside and what the generations before it have emitted.
Outcome match(std::span<const dsl::Rule> rules, std::span<const Row> events, const Options& options, std::span<const StreamSchema> schemas,
              const std::vector<dsl::Table>& tables) {
  Outcome outcome;
  outcome.counters.resize(rules.size());
  std::uint32_t last_generation = 0;
  for (const auto& rule : rules) last_generation = std::max(last_generation, rule.generation);
  std::vector<Seen> seen;
  for (std::size_t e = 0; e < events.size(); ++e) seen.push_back({events[e], e});
  std::vector<std::pair<Report, std::tuple<std::uint32_t, std::size_t>>> leaving;  // With the place of the event that caused them.
  std::vector<Limits> limits(rules.size());
  std::size_t next_derived = 0;
  for (std::uint32_t generation = 0; generation <= last_generation; ++generation) {
    std::vector<Row> rows;
    for (const auto& event : seen) rows.push_back(event.row);
    for (Report& report : reports_of(rules, generation, rows, options, tables, outcome.counters)) {
      const std::size_t r = report.alert.rule;
      for (auto& step : report.alert.evidence)
        for (std::size_t& event : step.events) event = seen[event].number;
      const bool through = limits[r].let_through(rules[r], report, outcome.counters[r]);
      if (through || options.mutation == Mutation::kHeldFeeds)
        if (auto row = derived_row(rules[r], report, schemas)) outcome.derived.push_back({report.alert, *std::move(row)});
      if (!through || report.internal) continue;
      const Seen* cause = report.phase == kEvents ? &seen[report.event] : nullptr;
      leaving.emplace_back(report, std::make_tuple(cause ? cause->generation : 0, cause ? cause->number : 0));
    }
    for (; next_derived < outcome.derived.size(); ++next_derived) {
      const Row& row = outcome.derived[next_derived].row;
      // Without a flush the instant of the last event is not over: what is derived then is still to come.
      if (!options.flush_at_end && row.time >= events.back().time) continue;
      seen.push_back({row, events.size() + next_derived, generation + 1});
    }
    std::stable_sort(seen.begin(), seen.end(), [&](const Seen& a, const Seen& b) {
      if (options.mutation == Mutation::kDerivedFirst && a.row.time == b.row.time && a.generation != b.generation)
        return a.generation > b.generation;
      return a.place() < b.place();
    });
  }
  std::stable_sort(leaving.begin(), leaving.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(a.first.time, a.first.phase, a.second, a.first.alert.rule) <
           std::make_tuple(b.first.time, b.first.phase, b.second, b.first.alert.rule);
  });
  for (auto& [report, place] : leaving) outcome.alerts.push_back(std::move(report.alert));
  return outcome;
}

std::string lineage(const Outcome& outcome, std::size_t event_count, std::size_t event) {
  if (event < event_count) return "#" + std::to_string(event);
  const Alert& alert = outcome.derived[event - event_count].alert;
  std::string text = alert.stream + "<" + std::to_string(alert.rule) + " " + std::string{sequitur::to_string(alert.kind)};
  for (const auto& step : alert.evidence) {
    text += " " + step.name + ":";
    for (const std::size_t inner : step.events) text += " " + lineage(outcome, event_count, inner);
  }
  return text + ">";
}

std::string_view to_string(Mutation mutation) {
  switch (mutation) {
    case Mutation::kNone: return "none";
    case Mutation::kWithinExclusive: return "within exclusive";
    case Mutation::kAtMostExclusive: return "at most exclusive";
    case Mutation::kGuardBlind: return "guard blind below the minimum";
    case Mutation::kGuardAfterTake: return "taker cannot break";
    case Mutation::kNoSubsetRule: return "no subset rule";
    case Mutation::kEveryRunReported: return "every completing run reported";
    case Mutation::kDeadlineAfterEvents: return "deadline after events";
    case Mutation::kLoopBeforeNextStep: return "loop before the next step";
    case Mutation::kLooseNext: return "next is then";
    case Mutation::kLookBackInclusive: return "look-back inclusive";
    case Mutation::kUntilTaken: return "until taken as first";
    case Mutation::kGapExclusive: return "gap exclusive";
    case Mutation::kOldestStays: return "latest is first";
    case Mutation::kDerivedFirst: return "derived events first";
    case Mutation::kHeldFeeds: return "held alerts feed rules";
    case Mutation::kEachIsThen: return "each is then";
    case Mutation::kNothingSkipped: return "nothing is skipped";
    case Mutation::kForksConsumed: return "forks consume each other";
    case Mutation::kShorterFirst: return "the shorter fork first";
    case Mutation::kStretchGoesOn: return "a stretch goes on whatever comes";
    case Mutation::kSiblingsBlind: return "siblings are blind";
    case Mutation::kLatestRow: return "look-ups see the last row";
    case Mutation::kEveryResult: return "windows report every result";
    case Mutation::kSpanInclusive: return "sliding windows inclusive";
    case Mutation::kEndInclusive: return "ends of windows inclusive";
    case Mutation::kSessionGapExclusive: return "session gap exclusive";
    case Mutation::kNothingLeaves: return "nothing leaves a window";
    case Mutation::kPastInclusive: return "the key's past inclusive";
    case Mutation::kWaysAlike: return "all steps read keys alike";
    case Mutation::kHalfBlock: return "half a block behind `no` ends the run";
    case Mutation::kTicksOnce: return "a tick reaches one key";
    case Mutation::kJoinExclusive: return "a pair exactly the bound apart is none";
  }
  return "";
}

std::string to_string(const Alert& alert) {
  std::string text =
      "rule " + std::to_string(alert.rule) + " " + std::string{sequitur::to_string(alert.kind)} + " " + alert.stream + " key(";
  for (const auto& part : alert.key) text += " " + part.name + "=" + part.text;
  text += " ) at " + std::to_string(alert.time) + " [" + std::to_string(alert.first) + " .. " + std::to_string(alert.last) + "] fields(";
  for (const auto& field : alert.fields) text += " " + field.name + "=" + field.text;
  text += " ) evidence(";
  for (const auto& step : alert.evidence) {
    text += " " + step.name + ":";
    for (const std::size_t event : step.events) text += " #" + std::to_string(event);
  }
  text += " )";
  if (!alert.severity.empty()) text += " severity " + alert.severity;
  if (!alert.score.empty()) text += " score " + alert.score;
  if (!alert.message.empty()) text += " message \"" + alert.message + "\"";
  if (alert.held > 0) text += " held " + std::to_string(alert.held);
  return text;
}

}  // namespace sequitur::reference
