#include "engine/reviser.hpp"

#include <algorithm>
#include <bit>

#include "engine/alert_id.hpp"
#include "engine/state_bytes.hpp"
#include "sequitur/lineage.hpp"

namespace sequitur {
namespace {

// A segment has at least so many events, and at least as many as its snapshot has of these: taking one costs about as much
// as evaluating one event for 16 bytes, so this is a small part of the whole.
constexpr std::size_t kLeastSegment = 256;
constexpr std::size_t kSnapshotBytesPerEvent = 8;

// Which alerts the evidence comes from: the id of an alert knows its own evidence, not what that was made of.
void add_lineages(IdHash& hash, const Evidence& evidence, const std::vector<StreamSchema>& schemas) {
  for (const EvidenceStep& step : evidence) {
    for (const Event* event : step.events) {
      const Lineage* lineage = lineage_of(*event, schemas[event->stream]);
      if (lineage == nullptr) continue;
      hash.add(lineage->alert_id[0]);
      hash.add(lineage->alert_id[1]);
      hash.add(lineage->left_out);
      add_lineages(hash, lineage->evidence, schemas);
    }
  }
}

// A hash of what an alert says beyond its id: that has rule, kind, time, key and evidence.
std::array<std::uint64_t, 2> what_it_says(const Alert& alert) {
  IdHash hash;
  hash.add(alert.stream);
  hash.add(alert.severity);
  hash.add(std::uint64_t{alert.has_score});
  hash.add(std::bit_cast<std::uint64_t>(alert.score));
  hash.add(static_cast<std::uint64_t>(alert.first.time_since_epoch().count()));
  hash.add(static_cast<std::uint64_t>(alert.last.time_since_epoch().count()));
  for (const NamedValue& field : alert.fields) hash.add(field.value, field.type);
  hash.add(alert.message);
  hash.add(alert.held);
  add_lineages(hash, alert.evidence, *alert.schemas);
  return hash.result();
}

}  // namespace

Reviser::Reviser(const RuleSet& rules, Evaluator& evaluator, std::uint32_t batch_events, std::uint64_t max_events, Deliver deliver)
    : rules_(rules),
      evaluator_(evaluator),
      batch_events_(std::max(batch_events, 1u)),
      max_events_(max_events),
      deliver_(std::move(deliver)),
      segment_events_(kLeastSegment) {
  for (const StreamSchema& schema : rules.schemas()) shapes_.emplace_back(schema);
  begin_segment({-kFarTime - 1, 0});
}

std::string Reviser::save() {
  StateWriter out(rules_.schemas());
  evaluator_.save(out);
  return out.finish();
}

void Reviser::begin_segment(Place place) {
  Segment segment{place, save(), {}, {}, {}, {}};
  segment_events_ = std::max(kLeastSegment, segment.state.size() / kSnapshotBytesPerEvent);
  segments_.push_back(std::move(segment));
  issuing_ = segments_.size() - 1;
}

void Reviser::keep(Segment& segment, const Event& event, std::uint32_t input, bool late) {
  if (segment.memory.empty()) segment.memory.emplace_back();
  const EventShape& shape = shapes_[event.stream];
  Event* copy = copy_event(event, shape, segment.memory.back().allocate(shape.row_bytes + text_bytes(event, shape)));
  const Kept kept{{event.time, input}, copy};
  auto at = segment.events.end();
  if (late)
    at = std::upper_bound(segment.events.begin(), segment.events.end(), kept,
                          [](const Kept& a, const Kept& b) { return a.place < b.place; });
  segment.events.insert(at, kept);
  ++kept_events_;
}

void Reviser::evaluate(std::span<Event* const> events, std::span<const std::uint32_t> inputs) {
  while (!events.empty()) {
    Segment& segment = segments_.back();
    const std::size_t room = segment.events.size() < segment_events_ ? segment_events_ - segment.events.size() : 1;
    const std::size_t count = std::min(events.size(), room);
    for (std::size_t i = 0; i < count; ++i) keep(segment, *events[i], inputs[i], false);
    issue(evaluator_.evaluate(events.first(count)), nullptr);
    if (segment.events.size() >= segment_events_) {
      begin_segment(segment.events.back().place);
      merge_old();
      while (kept_events_ > max_events_ && segments_.size() > 1) drop_oldest();
    }
    events = events.subspan(count);
    inputs = inputs.subspan(count);
  }
}

void Reviser::advance(std::int64_t watermark) {
  if (watermark <= advanced_) return;
  advanced_ = watermark;
  catch_up(nullptr);
}

// What has passed because of advance() has passed for what is replayed too.
void Reviser::catch_up(Known* before) {
  if (advanced_ > evaluator_.latest_time()) issue(evaluator_.advance(advanced_), before);
}

void Reviser::finish() { issue(evaluator_.finish(), nullptr); }

std::size_t Reviser::revise(std::span<Event* const> events, std::span<const std::uint32_t> inputs) {
  std::size_t first = segments_.size();
  std::size_t too_late = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Place place{events[i]->time, inputs[i]};
    const auto behind = std::find_if(segments_.rbegin(), segments_.rend(), [&](const Segment& segment) { return segment.begins <= place; });
    if (behind == segments_.rend()) {
      ++too_late;
      continue;
    }
    keep(*behind, *events[i], inputs[i], true);
    first = std::min(first, static_cast<std::size_t>(segments_.rend() - behind) - 1);
  }
  if (first == segments_.size()) return too_late;

  std::vector<std::vector<Issued>> issued_before;
  std::vector<Arena> memory_before;
  Known known;
  for (std::size_t i = first; i < segments_.size(); ++i) {
    issued_before.push_back(std::exchange(segments_[i].issued, {}));
    for (const Issued& issued : issued_before.back()) known[issued.id[0]] = {&issued, false};
    for (Arena& arena : std::exchange(segments_[i].alerts, {})) memory_before.push_back(std::move(arena));
  }
  replay(first, known);
  withdraw(issued_before, known);
  return too_late;
}

void Reviser::replay(std::size_t from, Known& before) {
  StateReader in(segments_[from].state, rules_.schemas(), rules_.rules());
  [[maybe_unused]] const Result<void> loaded = evaluator_.load(in);
  assert(loaded.ok());
  for (issuing_ = from; issuing_ < segments_.size(); ++issuing_) {
    Segment& segment = segments_[issuing_];
    if (issuing_ > from) segment.state = save();
    for (std::size_t begin = 0; begin < segment.events.size(); begin += batch_events_) {
      batch_.clear();
      const std::size_t end = std::min(begin + batch_events_, segment.events.size());
      for (std::size_t i = begin; i < end; ++i) batch_.push_back(segment.events[i].event);
      issue(evaluator_.evaluate(batch_), &before);
    }
  }
  issuing_ = segments_.size() - 1;
  catch_up(&before);
}

// What was issued under the alert's id; it has come again now.
const Reviser::Issued* Reviser::find(Known& before, const Alert& alert) {
  const auto known = before.find(alert.id[0]);
  if (known == before.end()) return nullptr;
  known->second.second = true;
  return known->second.first;
}

// Hands out those alerts that say something new. `before`: what was issued of these events the last time.
void Reviser::issue(std::span<const Alert> alerts, Known* before) {
  out_.clear();
  for (Alert alert : alerts) {
    const Id says = what_it_says(alert);
    alert.revision = 0;
    bool is_new = true;
    if (const Issued* known = before != nullptr ? find(*before, alert) : nullptr; known != nullptr) {
      is_new = known->says != says;
      alert.revision = known->alert.revision + (is_new ? 1 : 0);
    } else if (const auto gone = withdrawn_alerts_.find(alert.id[0]); gone != withdrawn_alerts_.end()) {
      alert.revision = gone->second.revision + 1;
      withdrawn_alerts_.erase(gone);
    }
    if (is_new) out_.push_back(alert);
    if (is_new && alert.revision > 0) ++reissued_;
    segments_[issuing_].issued.push_back(remember(alert, says));
  }
  if (!out_.empty()) deliver_(out_);
}

// The alert without evidence, in memory of the segment. Names live as long as the rules.
Reviser::Issued Reviser::remember(const Alert& alert, const Id& says) {
  Segment& segment = segments_[issuing_];
  if (segment.alerts.empty()) segment.alerts.emplace_back();
  Arena& arena = segment.alerts.back();
  const auto copy = [&](std::span<const NamedValue> values) {
    const auto room = std::span(static_cast<NamedValue*>(arena.allocate(values.size() * sizeof(NamedValue))), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool text = has_bytes(values[i].type) && values[i].value.bits != 0;
      new (&room[i]) NamedValue{values[i].name, values[i].type, text ? arena.text(values[i].value.text()) : values[i].value};
    }
    return std::span<const NamedValue>(room);
  };
  Issued issued{alert.id, says, alert};
  issued.alert.key = copy(alert.key);
  issued.alert.fields = copy(alert.fields);
  issued.alert.message = alert.message.empty() ? std::string_view{} : arena.copy(alert.message);
  issued.alert.evidence = {};
  return issued;
}

void Reviser::withdraw(std::span<const std::vector<Issued>> before, const Known& known) {
  out_.clear();
  for (const std::vector<Issued>& issued : before) {
    for (const Issued& one : issued) {
      if (known.at(one.id[0]).second) continue;
      Alert alert = one.alert;
      alert.withdrawn = true;
      ++alert.revision;
      withdrawn_alerts_[one.id[0]] = {alert.revision, alert.time.time_since_epoch().count()};
      out_.push_back(alert);
    }
  }
  withdrawn_ += out_.size();
  if (!out_.empty()) deliver_(out_);
}

void Reviser::settle(std::int64_t time) {
  while (segments_.size() > 1 && segments_[1].begins.time < time) drop_oldest();
}

void Reviser::drop_oldest() {
  kept_events_ -= segments_.front().events.size();
  segments_.pop_front();
  issuing_ = segments_.size() - 1;
  const std::int64_t oldest = segments_.front().begins.time;
  boost::unordered::erase_if(withdrawn_alerts_, [&](const auto& entry) { return entry.second.time < oldest; });
}

// Two neighbours become one when they are together no more than half of what is younger: so there are few segments, and a
// little late event finds a young one.
void Reviser::merge_old() {
  std::size_t younger = segments_.back().events.size();
  for (std::size_t i = segments_.size() - 1; i-- > 1;) {
    Segment& older = segments_[i - 1];
    Segment& newer = segments_[i];
    if (older.events.size() + newer.events.size() > younger / 2) {
      younger += newer.events.size();
      continue;
    }
    older.events.insert(older.events.end(), newer.events.begin(), newer.events.end());
    older.issued.insert(older.issued.end(), newer.issued.begin(), newer.issued.end());
    std::move(newer.memory.begin(), newer.memory.end(), std::back_inserter(older.memory));
    std::move(newer.alerts.begin(), newer.alerts.end(), std::back_inserter(older.alerts));
    segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  issuing_ = segments_.size() - 1;
}

}  // namespace sequitur
