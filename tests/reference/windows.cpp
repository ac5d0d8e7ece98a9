#include "tests/reference/windows.hpp"

#include <date/tz.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "tests/reference/evaluate.hpp"

namespace sequitur::reference {
namespace {

using dsl::WindowKind;
using Phase = WindowReport::Phase;

std::int64_t floor_multiple(std::int64_t time, std::int64_t step) {
  std::int64_t quotient = time / step;
  if (quotient * step > time) --quotient;
  return quotient * step;
}

// A result: when it comes, and which events it is over.
struct Result {
  std::int64_t time = 0;
  Phase phase = Phase::kEvent;
  std::size_t event = 0;
  std::int64_t begin = 0;  // Of the window: results of one moment come in this order.
  std::vector<std::vector<std::size_t>> lines{};
  bool silent = false;   // The empty window behind the last one: nothing is reported but that `when` stopped to hold.
  bool forgets = false;  // The next result is the first of a new window: nothing held before.

  auto place() const { return std::make_tuple(time, phase, event, begin); }
  bool empty() const {
    return std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line.empty(); });
  }
};

class KeyWindows {
 public:
  KeyWindows(const dsl::Rule& rule, std::span<const Row> events, const std::vector<std::size_t>& own, Mutation mutation,
             const std::vector<dsl::Table>& tables)
      : rule_(rule), window_(*rule.window), events_(events), tables_(tables), mutation_(mutation) {
    for (const std::size_t event : own)
      for (std::size_t line = 0; line < rule.stages.size(); ++line)
        if (takes(line, event) && (hits_.empty() || hits_.back() != event)) hits_.push_back(event);
  }

  std::vector<Result> results() {
    switch (window_.kind) {
      case WindowKind::kSliding: sliding(); break;
      case WindowKind::kLastEvents: last_events(); break;
      case WindowKind::kSession: sessions(); break;
      default: aligned(); break;
    }
    std::stable_sort(results_.begin(), results_.end(), [](const Result& a, const Result& b) { return a.place() < b.place(); });
    return std::move(results_);
  }

  bool takes(std::size_t line, std::size_t event) const {
    const dsl::Filter& filter = rule_.stages[line].filter;
    Scope scope;
    scope.candidate = &events_[event];
    scope.tables = &tables_;
    scope.known = events_.first(event);
    scope.now = events_[event].time;
    const bool stream = std::find(filter.streams.begin(), filter.streams.end(), events_[event].stream) != filter.streams.end();
    return stream && holds(filter.condition, scope);
  }
  const std::vector<std::size_t>& hits() const { return hits_; }

 private:
  std::int64_t time(std::size_t event) const { return events_[event].time; }

  std::vector<std::vector<std::size_t>> by_line(const std::vector<std::size_t>& events) const {
    std::vector<std::vector<std::size_t>> lines(rule_.stages.size());
    for (const std::size_t event : events)
      for (std::size_t line = 0; line < lines.size(); ++line)
        if (takes(line, event)) lines[line].push_back(event);
    return lines;
  }

  // At t: of each line the events with a time in (t - span, t]. Events leave before those of the same time come.
  void sliding() {
    std::set<std::int64_t> leaving;
    for (const std::size_t hit : hits_) {
      sliding_at(time(hit), Phase::kEvent, hit);
      for (std::size_t line = 0; line < window_.spans.size(); ++line)
        if (takes(line, hit)) leaving.insert(time(hit) + window_.spans[line].count());
    }
    for (const std::int64_t at : leaving) sliding_at(at, Phase::kDeadline, 0);
  }
  void sliding_at(std::int64_t at, Phase phase, std::size_t event) {
    Result result{at, phase, event};
    result.lines.resize(rule_.stages.size());
    for (const std::size_t hit : hits_)
      for (std::size_t line = 0; line < result.lines.size(); ++line) {
        const bool came = phase == Phase::kEvent ? hit <= event : time(hit) < at;
        const std::int64_t age = at - time(hit), span = window_.spans[line].count();
        const bool young = age < span || mutation_ == Mutation::kNothingLeaves || (mutation_ == Mutation::kSpanInclusive && age == span);
        if (came && young && takes(line, hit)) result.lines[line].push_back(hit);
      }
    result.forgets = result.empty();
    results_.push_back(std::move(result));
  }

  void last_events() {
    std::vector<std::size_t> seen;
    for (std::size_t i = 0; i < hits_.size(); ++i) {
      seen.push_back(hits_[i]);
      if (seen.size() % window_.every_events == 0) {
        const std::size_t count = mutation_ == Mutation::kNothingLeaves ? seen.size() : std::min<std::size_t>(seen.size(), window_.events);
        const std::vector<std::size_t> last(seen.end() - static_cast<std::ptrdiff_t>(count), seen.end());
        results_.push_back({time(hits_[i]), Phase::kEvent, hits_[i], 0, by_line(last)});
      }
      // After so long without any the key is forgotten, and with it that the condition held.
      const std::int64_t end = time(hits_[i]) + window_.ttl.count();
      if (i + 1 < hits_.size() && time(hits_[i + 1]) < end) continue;
      results_.push_back({end, Phase::kDeadline, 0});
      results_.back().silent = results_.back().forgets = true;
      seen.clear();
    }
  }

  void sessions() {
    std::vector<std::size_t> session;
    const auto close = [&] {
      if (session.empty()) return;
      window(time(session.front()), time(session.back()) + window_.size.count(), Phase::kGap, session);
      results_.push_back({time(session.back()) + window_.size.count(), Phase::kGap, 0, std::numeric_limits<std::int64_t>::max()});
      results_.back().silent = results_.back().forgets = true;
      session.clear();
    };
    for (const std::size_t hit : hits_) {
      const std::int64_t least = window_.size.count() + (mutation_ == Mutation::kSessionGapExclusive ? 0 : 1);
      if (!session.empty() && time(hit) - time(session.back()) >= least) close();
      session.push_back(hit);
    }
    close();
  }

  // Tumbling and hopping windows: those that have events, and the first empty one behind each.
  void aligned() {
    std::map<std::int64_t, std::int64_t> windows;  // Begin and end.
    for (const std::size_t hit : hits_)
      for (const auto& [begin, end] : windows_of(time(hit))) windows[begin] = end;
    for (const auto& [begin, end] : windows) {
      std::vector<std::size_t> events;
      for (const std::size_t hit : hits_)
        if (time(hit) >= begin && (time(hit) < end || (mutation_ == Mutation::kEndInclusive && time(hit) == end))) events.push_back(hit);
      window(begin, end, Phase::kDeadline, events);
      const auto [next, next_end] = following(begin, end);
      if (windows.contains(next)) continue;
      Result empty{next_end, Phase::kDeadline, 0, std::numeric_limits<std::int64_t>::max()};
      empty.silent = empty.forgets = true;
      results_.push_back(std::move(empty));
    }
  }

  using Bounds = std::pair<std::int64_t, std::int64_t>;
  std::vector<Bounds> windows_of(std::int64_t at) const {
    const std::int64_t size = window_.size.count(), every = window_.every.count();
    if (window_.kind == WindowKind::kTumbling) {
      if (!window_.zone.empty()) return {calendar(at)};
      return {{floor_multiple(at, size), floor_multiple(at, size) + size}};
    }
    std::vector<Bounds> windows;
    for (std::int64_t end = floor_multiple(at, every) + every; end - size <= at; end += every) windows.emplace_back(end - size, end);
    return windows;
  }
  Bounds following(std::int64_t begin, std::int64_t end) const {
    if (window_.kind == WindowKind::kTumbling) return windows_of(end).front();
    return {begin + window_.every.count(), end + window_.every.count()};
  }
  Bounds calendar(std::int64_t at) const {
    using namespace std::chrono;
    const date::time_zone* zone = date::locate_zone(window_.zone);
    // Before 1900 the clocks are those of then.
    const date::sys_days beginning = date::sys_days{date::year{1900} / 1 / 1};
    const auto early = zone->get_info(beginning).offset;
    const date::sys_time<microseconds> now{microseconds{at}};
    const auto local = now < beginning ? date::local_time<microseconds>{now.time_since_epoch() + early} : zone->to_local(now);
    const date::local_days today = date::floor<date::days>(local);
    const bool week = window_.size == hours{24 * 7};
    const date::local_days first = week ? today - (date::weekday{today} - date::Monday) : today;
    const auto start = [&](date::local_days day) {
      const date::local_time<microseconds> midnight{day};
      if (day.time_since_epoch() <= beginning.time_since_epoch()) return (midnight.time_since_epoch() - early).count();
      return zone->to_sys(midnight, date::choose::earliest).time_since_epoch().count();
    };
    return {start(first), start(first + date::days{week ? 7 : 1})};
  }

  // The results of one window over `events`.
  void window(std::int64_t begin, std::int64_t end, Phase end_phase, const std::vector<std::size_t>& events) {
    std::vector<Result> moments;  // At which there may be one.
    for (const std::size_t event : events) moments.push_back({time(event), Phase::kEvent, event, begin});
    if (window_.period) {
      const std::int64_t period = window_.period->count();
      for (std::int64_t at = begin + period; at <= end; at += period)
        if (at >= time(events.front())) moments.push_back({at, Phase::kDeadline, 0, begin});
    }
    const bool also_period = window_.period && (end - begin) % window_.period->count() == 0 && end_phase == Phase::kDeadline;
    if (!also_period) moments.push_back({end, end_phase, 0, begin});
    std::stable_sort(moments.begin(), moments.end(), [](const Result& a, const Result& b) { return a.place() < b.place(); });
    std::vector<std::size_t> seen;  // What the next result is over.
    std::uint64_t count = 0;
    bool fresh = false;
    for (Result& moment : moments) {
      bool reports = false;
      if (moment.phase == Phase::kEvent) {
        seen.push_back(moment.event);
        fresh = true;
        reports = window_.period_events > 0 && ++count % window_.period_events == 0;
      } else {
        const bool is_end = moment.time == end && moment.phase == end_phase;
        const bool is_period = !is_end || also_period;
        reports = (is_period && fresh) || (is_end && window_.at_end && (fresh || !window_.discarding));
      }
      if (!reports) continue;
      moment.lines = by_line(seen);
      results_.push_back(moment);
      fresh = false;
      if (window_.discarding) seen.clear();
    }
  }

  const dsl::Rule& rule_;
  const dsl::Window& window_;
  const std::span<const Row> events_;
  const std::vector<dsl::Table>& tables_;
  const Mutation mutation_;
  std::vector<std::size_t> hits_;  // Events that some line takes, in order.
  std::vector<Result> results_;
};

// Turns results into reports: where `when` begins to hold and where it stops, or all of them.
class Reporter {
 public:
  Reporter(const dsl::Rule& rule, std::size_t rule_index, std::span<const Row> events, const std::vector<Value>& key,
           const KeyWindows& windows, Mutation mutation, const std::vector<dsl::Table>& tables)
      : rule_(rule), rule_index_(rule_index), events_(events), key_(key), windows_(windows), mutation_(mutation), tables_(tables) {}

  void take(Result& result) {
    result.lines.resize(rule_.stages.size());
    std::vector<std::vector<const Row*>> rows;
    for (const auto& line : result.lines) {
      rows.emplace_back();
      for (const std::size_t event : line) rows.back().push_back(&events_[event]);
    }
    Scope scope;
    scope.taken = &rows;
    scope.key = &key_;
    scope.window = true;
    scope.events = events_;
    scope.tables = &tables_;
    scope.known = events_.first(result.phase == Phase::kEvent ? result.event : came_by(result));
    scope.now = result.time;
    const bool held = !result.silent && holds(rule_.window->when, scope);
    const bool active = held && !result.empty();
    const bool begins = active && (!active_ || mutation_ == Mutation::kEveryResult);
    if (rule_.window->always ? held : begins) report(result, rule_.emit, AlertKind::kMatch, scope);
    // A session ends without a word.
    const bool speaks = !result.silent || rule_.window->kind != WindowKind::kSession;
    if (active_ && !active && rule_.on_clear && speaks) report(result, *rule_.on_clear, AlertKind::kClear, scope);
    active_ = active && !result.forgets;
  }

  std::vector<WindowReport> reports;

 private:
  // How many events came before a result of time alone: a deadline is before the events of its time, a gap behind them.
  std::size_t came_by(const Result& result) const {
    return static_cast<std::size_t>(std::count_if(events_.begin(), events_.end(), [&](const Row& row) {
      return result.phase == Phase::kGap ? row.time <= result.time : row.time < result.time;
    }));
  }
  void report(const Result& result, const dsl::Emit& emit, AlertKind kind, const Scope& scope) {
    WindowReport report;
    report.time = result.time;
    report.phase = result.phase;
    report.event = result.event;
    for (const std::size_t hit : windows_.hits()) {
      const bool came = result.phase == Phase::kEvent ? hit <= result.event
                        : result.phase == Phase::kGap ? events_[hit].time <= result.time
                                                      : events_[hit].time < result.time;
      if (came) report.latest = hit;
    }
    report.internal = emit.internal;
    Alert& alert = report.alert;
    alert.rule = rule_index_;
    alert.kind = kind;
    alert.stream = emit.stream;
    for (std::size_t part = 0; part < rule_.key.size(); ++part)
      alert.key.push_back({rule_.key[part].name, to_text(key_[part], rule_.key[part].type)});
    alert.time = result.time;
    alert.first = alert.last = result.time;
    if (!result.empty()) {
      alert.first = std::numeric_limits<std::int64_t>::max();
      alert.last = std::numeric_limits<std::int64_t>::min();
      for (const auto& line : result.lines)
        for (const std::size_t event : line) {
          alert.first = std::min(alert.first, events_[event].time);
          alert.last = std::max(alert.last, events_[event].time);
        }
    }
    for (const auto& field : emit.fields) {
      report.values.push_back(evaluate(*field.value, scope));
      alert.fields.push_back({field.name, to_text(report.values.back(), field.value->type)});
    }
    for (const auto& part : rule_.message)
      alert.message += part.value ? to_text(evaluate(*part.value, scope), part.value->type) : part.text;
    if (result.phase == Phase::kEvent)
      for (std::size_t line = 0; line < rule_.stages.size(); ++line)
        if (windows_.takes(line, result.event)) alert.evidence.push_back({rule_.stages[line].name, {result.event}});
    for (const auto& limit : rule_.limits) {
      std::vector<Value> group;
      for (const auto& by : limit.by) group.push_back(evaluate(*by, scope));
      report.limit_groups.push_back(limit.by.empty() ? key_ : group);
    }
    reports.push_back(std::move(report));
  }

  const dsl::Rule& rule_;
  const std::size_t rule_index_;
  const std::span<const Row> events_;
  const std::vector<Value>& key_;
  const KeyWindows& windows_;
  const Mutation mutation_;
  const std::vector<dsl::Table>& tables_;
  bool active_ = false;
};

}  // namespace

std::vector<WindowReport> window_reports(const dsl::Rule& rule, std::size_t rule_index, std::span<const Row> events, const Options& options,
                                         const std::vector<Value>& key, const std::vector<std::size_t>& own,
                                         const std::vector<dsl::Table>& tables) {
  KeyWindows windows(rule, events, own, options.mutation, tables);
  Reporter reporter(rule, rule_index, events, key, windows, options.mutation, tables);
  const std::int64_t end_of_input = events.back().time;
  for (Result& result : windows.results()) {
    const bool pending = result.time > end_of_input || (result.time == end_of_input && result.phase == Phase::kGap);
    if (!options.flush_at_end && pending) continue;
    reporter.take(result);
  }
  return std::move(reporter.reports);
}

}  // namespace sequitur::reference
