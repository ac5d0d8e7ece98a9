#include "tests/differential/engine_runs.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "sequitur/lineage.hpp"
#include "tests/differential/rule_text.hpp"

namespace sequitur::differential {
namespace {

std::string text_of(Slot value, Type type) {
  std::string text;
  append_text(value, type, text);
  return text;
}

std::size_t name_of(const Event& event, const std::vector<StreamSchema>& schemas);

std::vector<reference::EvidenceStep> plain(const Evidence& evidence, const std::vector<StreamSchema>& schemas) {
  std::vector<reference::EvidenceStep> result;
  for (const auto& step : evidence) {
    reference::EvidenceStep plain_step{std::string{step.name}, {}};
    for (const Event* event : step.events) plain_step.events.push_back(name_of(*event, schemas));
    result.push_back(std::move(plain_step));
  }
  return result;
}

std::size_t name_of(const Event& event, const std::vector<StreamSchema>& schemas) {
  const StreamSchema& schema = schemas[event.stream];
  const Lineage* lineage = lineage_of(event, schema);
  if (schema.schedule) return name_of_tick(event.time);
  if (lineage == nullptr) return static_cast<std::size_t>(event.get(kN).i);
  reference::Alert alert;
  alert.rule = lineage->rule->index;
  alert.kind = lineage->kind;
  alert.stream = schema.name;
  alert.time = event.time;
  alert.evidence = plain(lineage->evidence, schemas);
  return name_of_derived(alert);
}

// Alerts name events by their field n, so that no order given by the engine itself is trusted.
reference::Alert plain(const Alert& alert) {
  reference::Alert result;
  result.rule = alert.rule->index;
  result.kind = alert.kind;
  result.stream = alert.stream;
  for (const auto& part : alert.key) result.key.push_back({std::string{part.name}, text_of(part.value, part.type)});
  result.time = alert.time.time_since_epoch().count();
  result.first = alert.first.time_since_epoch().count();
  result.last = alert.last.time_since_epoch().count();
  for (const auto& field : alert.fields) result.fields.push_back({std::string{field.name}, text_of(field.value, field.type)});
  result.message = alert.message;
  result.severity = alert.severity;
  if (alert.has_score) append_text(Slot::of_float(alert.score), Type::kFloat, result.score);
  result.evidence = plain(alert.evidence, *alert.schemas);
  result.held = alert.held;
  return result;
}

void collect(std::span<const Alert> alerts, Outcome& outcome) {
  for (const Alert& alert : alerts) {
    outcome.alerts.push_back(plain(alert));
    append_json(alert, outcome.json);
    outcome.json += '\n';
  }
}

class CollectingSink : public Sink {
 public:
  explicit CollectingSink(Outcome& outcome) : outcome_(outcome) {}
  Result<void> write(std::span<const Alert> alerts) override {
    collect(alerts, outcome_);
    return {};
  }
  Result<void> flush() override { return {}; }

 private:
  Outcome& outcome_;
};

// Keeps what stands, and holds the engine to what a withdrawal and a higher revision mean.
class StandingSink : public Sink {
 public:
  explicit StandingSink(std::string& everything) : everything_(everything) {}
  Result<void> write(std::span<const Alert> alerts) override {
    for (Alert alert : alerts) {
      append_json(alert, everything_);
      everything_ += '\n';
      auto& [revision, stands] = seen_[alert.id];
      if (alert.withdrawn ? !stands || alert.revision != revision + 1 : stands && alert.revision != revision + 1)
        error = "an alert was withdrawn or issued again out of turn";
      if (!stands && !alert.withdrawn && revision != alert.revision - (revision == 0 && alert.revision == 0 ? 0 : 1))
        error = "an alert was issued with a wrong revision";
      revision = alert.revision;
      stands = !alert.withdrawn;
      standing_.erase(alert.id);
      if (alert.withdrawn) continue;
      alert.revision = 0;
      Outcome one;
      collect(std::span(&alert, 1), one);
      standing_[alert.id] = {std::move(one.json), std::move(one.alerts.front())};
    }
    return {};
  }
  Result<void> flush() override { return {}; }

  void standing(Outcome& outcome) const {
    std::vector<std::pair<std::string, reference::Alert>> all;
    for (const auto& [id, one] : standing_) all.push_back(one);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [json, alert] : all) {
      outcome.json += json;
      outcome.alerts.push_back(alert);
    }
  }
  std::string error;

 private:
  std::string& everything_;
  std::map<std::array<std::uint64_t, 2>, std::pair<std::uint32_t, bool>> seen_;
  std::map<std::array<std::uint64_t, 2>, std::pair<std::string, reference::Alert>> standing_;
};

// Hands out row numbers, some at a time.
class RowSource : public Source {
 public:
  RowSource(std::vector<std::size_t> rows, Random& random) : rows_(std::move(rows)), random_(random.next()) {}

  Result<ReadStatus> read(RawBatch& batch) override {
    batch = RawBatch{};
    if (next_ == rows_.size()) return ReadStatus::kEnd;
    const std::size_t size = std::min<std::size_t>(rows_.size() - next_, 1 + random_.below(random_.chance(50) ? 3 : 30));
    batch.first_record = next_ + 1;
    batch.bytes.reserve(size * sizeof(std::size_t) + 64);
    for (std::size_t i = 0; i < size; ++i, ++next_) batch.bytes.append(reinterpret_cast<const char*>(&rows_[next_]), sizeof(std::size_t));
    return ReadStatus::kRecords;
  }

 private:
  std::vector<std::size_t> rows_;
  Random random_;
  std::size_t next_ = 0;
};

class RowDecoder : public Decoder {
 public:
  RowDecoder(const EventTable& table, const std::vector<StreamSchema>& schemas) : table_(table), schemas_(schemas) {}

  void decode(const RawBatch& raw, EventBatch& out) const override {
    for (std::uint32_t at = 0; at + sizeof(std::size_t) <= raw.bytes.size(); at += sizeof(std::size_t)) {
      std::size_t row = 0;
      std::memcpy(&row, raw.bytes.data() + at, sizeof row);
      out.events.push_back(&to_event(table_.rows[row], schemas_[table_.rows[row].stream], out.arena));
      out.origins.push_back({at, at + static_cast<std::uint32_t>(sizeof row), static_cast<std::uint32_t>(out.records)});
      ++out.records;
    }
  }

 private:
  const EventTable& table_;
  const std::vector<StreamSchema>& schemas_;
};

}  // namespace

std::size_t name_of_derived(const reference::Alert& alert) {
  reference::Alert plain;
  plain.rule = alert.rule;
  plain.kind = alert.kind;
  plain.stream = alert.stream;
  plain.time = alert.time;
  plain.evidence = alert.evidence;
  return std::hash<std::string>{}(reference::to_string(plain)) | std::size_t{1} << 63;
}

Outcome push_through(const std::shared_ptr<const RuleSet>& rules, const EventTable& table, const EngineOptions& options, Feeding feeding,
                     Random& random) {
  Outcome outcome;
  const auto make_engine = [&](const EngineOptions& how) {
    return std::make_unique<Engine>(rules, how, [&](std::span<const Alert> alerts) { collect(alerts, outcome); });
  };
  auto engine = make_engine(options);
  std::size_t next = 0;
  while (next < table.rows.size()) {
    Arena arena;  // Gone after each push: the engine keeps copies.
    const std::size_t size = feeding == Feeding::kSpans || feeding == Feeding::kWithRestarts
                                 ? std::min<std::size_t>(table.rows.size() - next, 1 + random.below(12))
                                 : 1;
    std::vector<Event*> events;
    for (std::size_t i = 0; i < size; ++i, ++next)
      events.push_back(&to_event(table.rows[next], rules->schemas()[table.rows[next].stream], arena));
    const bool taken = size == 1 ? engine->push(*events[0]) : engine->push(std::span{events}) == size;
    if (!taken) outcome.error = "an event in order was refused";
    if (feeding == Feeding::kWithRestarts && random.chance(20)) {
      const std::string bytes = engine->snapshot();
      EngineOptions other = options;
      other.threads = 1 + static_cast<unsigned>(random.below(3));
      engine = make_engine(other);
      if (const auto restored = engine->restore(bytes); !restored) outcome.error = "restore: " + restored.error().message;
    }
    if (feeding == Feeding::kWithWatermarks && next < table.rows.size() && random.chance(50)) {
      const std::int64_t now = table.rows[next - 1].time, ahead = table.rows[next].time - now;
      engine->advance(Timestamp{Duration{now + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(ahead) + 1))}});
    }
  }
  if (options.flush_at_end) engine->finish();
  outcome.counters = engine->counters();
  return outcome;
}

std::int64_t lateness_of(const RuleSet& rules) {
  std::int64_t lateness = 0;
  for (const auto& schema : rules.schemas()) lateness = std::max(lateness, std::int64_t{schema.lateness.count()});
  return lateness;
}

namespace {

void run_into(Sink& sink, const std::shared_ptr<const RuleSet>& rules, const EventTable& table, const Arrivals& arrivals,
              const EngineOptions& options, Random& random, Outcome& outcome) {
  std::vector<StreamId> streams;
  for (const auto& schema : rules->schemas())
    if (schema.external) streams.push_back(schema.id);
  std::vector<Input> inputs;
  for (std::size_t i = 0; i < table.input_count; ++i) {
    Input input;
    input.name = "input " + std::to_string(i);
    input.source = std::make_unique<RowSource>(arrivals.by_input[i], random);
    input.decoder = std::make_unique<RowDecoder>(table, rules->schemas());
    input.streams = streams;
    inputs.push_back(std::move(input));
  }
  Sink* sinks[] = {&sink};
  const Result<RunSummary> summary = run(rules, options, std::move(inputs), sinks, nullptr, RunControl{});
  if (!summary) {
    outcome.error = summary.error().message;
    return;
  }
  outcome.counters = summary->engine;
  const auto late = static_cast<std::uint64_t>(std::count(arrivals.late.begin(), arrivals.late.end(), true));
  const std::uint64_t found_late = summary->bad[static_cast<std::size_t>(BadReason::kLate)];
  if (summary->engine.events != table.rows.size() - late || found_late != late)
    outcome.error = std::to_string(late) + " events are late, " + std::to_string(found_late) + " were found to be, " +
                    std::to_string(summary->engine.events) + " were evaluated";
}

}  // namespace

Outcome run_through(const std::shared_ptr<const RuleSet>& rules, const EventTable& table, const Arrivals& arrivals,
                    const EngineOptions& options, Random& random) {
  Outcome outcome;
  CollectingSink sink(outcome);
  run_into(sink, rules, table, arrivals, options, random, outcome);
  return outcome;
}

Outcome revise_through(const std::shared_ptr<const RuleSet>& rules, const EventTable& table, const Arrivals& arrivals,
                       const EngineOptions& options, Random& random, std::string& everything) {
  Outcome outcome;
  StandingSink sink(everything);
  run_into(sink, rules, table, arrivals, options, random, outcome);
  if (outcome.error.empty()) outcome.error = sink.error;
  sink.standing(outcome);
  return outcome;
}

}  // namespace sequitur::differential
