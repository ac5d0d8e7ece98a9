#include "cli/test_events.hpp"

#include <algorithm>
#include <cstring>

namespace sequitur::cli {
namespace {

Slot slot_of(const dsl::Constant& constant, Type type, Arena& arena) {
  if (constant.null) return Slot::null(type);
  if (has_bytes(type)) return arena.text(constant.s);
  switch (type) {
    case Type::kFloat: return Slot::of_float(constant.type == Type::kFloat ? constant.f : static_cast<double>(constant.i));
    default: return Slot::of_int(constant.i);
  }
}

struct Arrival {
  Timestamp at;
  Event* event;
};

std::vector<Arrival> make_arrivals(const dsl::Test& test, const RuleSet& rules, Arena& arena) {
  std::vector<Arrival> arrivals;
  for (const dsl::TestEvent& line : test.events) {
    const StreamSchema& schema = rules.schemas()[line.stream];
    for (std::uint32_t i = 0; i < line.repeat; ++i) {
      const Timestamp time = dsl::kTestStart + line.at + static_cast<std::int64_t>(i) * line.every;
      Event& event = make_event(arena, schema, time);
      if (schema.time_slot != kTimeSlot) event.slot(schema.time_slot) = Slot::of_int(event.time);
      for (const auto& [slot, constant] : line.values)
        if (slot != kTimeSlot) event.slot(slot) = slot_of(constant, schema.fields[static_cast<std::size_t>(slot)].type, arena);
      arrivals.push_back({line.arrives ? dsl::kTestStart + *line.arrives : time, &event});
    }
  }
  // What is late comes behind the events of the time at which it arrives.
  std::stable_sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) {
    const auto late = [](const Arrival& arrival) { return arrival.event->time < arrival.at.time_since_epoch().count(); };
    return a.at != b.at ? a.at < b.at : late(a) < late(b);
  });
  return arrivals;
}

// One event after the other; the clock shows when it arrives.
class ArrivalSource final : public Source {
 public:
  ArrivalSource(const std::vector<Arrival>& arrivals, Timestamp& clock) : arrivals_(arrivals), clock_(clock) {}
  Result<ReadStatus> read(RawBatch& batch) override {
    batch = RawBatch{};
    if (next_ == arrivals_.size()) return ReadStatus::kEnd;
    batch.first_record = next_ + 1;
    batch.bytes.assign(reinterpret_cast<const char*>(&next_), sizeof next_);
    clock_ = arrivals_[next_++].at;
    return ReadStatus::kRecords;
  }

 private:
  const std::vector<Arrival>& arrivals_;
  Timestamp& clock_;
  std::size_t next_ = 0;
};

class ArrivalDecoder final : public Decoder {
 public:
  explicit ArrivalDecoder(const std::vector<Arrival>& arrivals) : arrivals_(arrivals) {}
  void decode(const RawBatch& raw, EventBatch& out) const override {
    std::size_t number = 0;
    std::memcpy(&number, raw.bytes.data(), sizeof number);
    out.events.push_back(arrivals_[number].event);
    out.origins.push_back({0, sizeof number, 0});
    ++out.records;
  }

 private:
  const std::vector<Arrival>& arrivals_;
};

class CallingSink final : public Sink {
 public:
  explicit CallingSink(const std::function<void(std::span<const Alert>)>& see) : see_(see) {}
  Result<void> write(std::span<const Alert> alerts) override {
    see_(alerts);
    return {};
  }
  Result<void> flush() override { return {}; }

 private:
  const std::function<void(std::span<const Alert>)>& see_;
};

}  // namespace

std::vector<Event*> make_events(const dsl::Test& test, const RuleSet& rules, Arena& arena) {
  std::vector<Event*> events;
  for (const Arrival& arrival : make_arrivals(test, rules, arena)) events.push_back(arrival.event);
  return events;
}

Result<void> run_arrivals(const std::shared_ptr<const RuleSet>& rules, const dsl::Test& test,
                          const std::function<void(std::span<const Alert>)>& see) {
  Arena arena;
  const std::vector<Arrival> arrivals = make_arrivals(test, *rules, arena);
  Timestamp clock;
  Input input;
  input.name = "test";
  input.source = std::make_unique<ArrivalSource>(arrivals, clock);
  input.decoder = std::make_unique<ArrivalDecoder>(arrivals);
  // The lateness is that of the streams that the test has events of, as of an input with only these.
  for (const Arrival& arrival : arrivals)
    if (std::find(input.streams.begin(), input.streams.end(), arrival.event->stream) == input.streams.end())
      input.streams.push_back(arrival.event->stream);
  std::vector<Input> inputs;
  inputs.push_back(std::move(input));
  CallingSink sink(see);
  Sink* const sinks[] = {&sink};
  RunControl control;
  control.clock = [&] { return clock; };
  const Result<RunSummary> summary = run(rules, EngineOptions{}, std::move(inputs), sinks, nullptr, control);
  if (!summary) return summary.error();
  return {};
}

}  // namespace sequitur::cli
