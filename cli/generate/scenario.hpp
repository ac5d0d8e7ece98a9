// A kind of generated data: what happens in the background and which incidents there are.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/generate/random.hpp"
#include "cli/generate/record.hpp"
#include "cli/generate/timeline.hpp"

namespace sequitur::cli {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// What a scenario needs in order to write.
struct EventWriter {
  EventWriter(Timeline& to, Random& dice, Record format) : timeline(to), random(dice), record(format) {}

  Timeline& timeline;
  Random& random;
  Record record;
  std::string line;  // The record being written.

  Record& begin(std::string_view stream, Timestamp time) {
    line.clear();
    time_ = time;
    return record.begin(line, stream, time);
  }
  void add() {
    record.end();
    timeline.add(time_, line);
  }
  void add_to(std::size_t incident) {
    record.end();
    timeline.add_to(incident, time_, line);
  }

 private:
  Timestamp time_{};
};

class Scenario {
 public:
  virtual ~Scenario() = default;
  virtual Columns columns() const = 0;
  virtual bool microseconds() const { return false; }
  // Length of the whole history in event time.
  virtual Duration span() const = 0;
  // How busy the hour of the day is, in percent of the average.
  virtual int busy_percent(int /*hour*/) const { return 100; }
  virtual std::size_t incident_kinds() const = 0;
  // From which part of the history on (in percent) the kind happens.
  virtual int incident_from_percent(std::size_t /*kind*/) const { return 2; }

  virtual void background(EventWriter& writer, Timestamp now) = 0;
  virtual void incident(std::size_t kind, EventWriter& writer, Timestamp now) = 0;
};

// Sized for a history of `events` events.
std::unique_ptr<Scenario> make_payments(std::uint64_t events);
std::unique_ptr<Scenario> make_logins(std::uint64_t events);
std::unique_ptr<Scenario> make_orders(std::uint64_t events);
std::unique_ptr<Scenario> make_heartbeats(std::uint64_t events);
std::unique_ptr<Scenario> make_orderbook(std::uint64_t events);

struct GenerateOptions {
  std::string kind;
  std::uint64_t events = 100'000;
  std::uint64_t seed = 1;
  Timestamp start{};
  Duration disorder{0};  // Events leave up to this much after their time.
  RecordFormat format = RecordFormat::kNdjson;
};

// The kinds that generate() knows, in alphabetical order.
std::vector<std::string> scenario_names();

// Writes the events to `file` and gives the incidents that are in them; nothing when `file` could not be written.
std::optional<std::vector<Incident>> generate(const GenerateOptions& options, std::FILE* file);

}  // namespace sequitur::cli
