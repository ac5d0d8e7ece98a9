#include "cli/generate/timeline.hpp"

#include <algorithm>
#include <cassert>

namespace sequitur::cli {

namespace {
constexpr std::size_t kBufferBytes = 1 << 18;
}

Timeline::Timeline(std::FILE* file, std::uint64_t limit, Duration disorder, std::uint64_t seed)
    : file_(file), limit_(limit), disorder_(disorder), random_(seed) {
  buffer_.reserve(kBufferBytes + 4096);
}

std::size_t Timeline::begin_incident(Incident incident) {
  incidents_.push_back({std::move(incident), 0});
  return incidents_.size() - 1;
}

void Timeline::put(Timestamp time, std::string_view record, std::size_t incident) {
  if (incident != kNoIncident) {
    ++incidents_[incident].open_events;
    assert(time <= incidents_[incident].incident.to);
  }
  const bool nothing_before = waiting_.empty() || waiting_.top().leaves > time;
  if (time == now_ && disorder_ == Duration::zero() && nothing_before) {  // The usual case: no detour through the queue.
    if (!full()) write(time, record, incident);
    return;
  }
  const Duration late{disorder_ > Duration::zero() ? random_.between(0, disorder_.count()) : 0};
  waiting_.push({time + late, added_++, time, incident, std::string(record)});
}

void Timeline::advance(Timestamp now) {
  now_ = now;
  while (!full() && !waiting_.empty() && waiting_.top().leaves < now) {
    const Waiting& next = waiting_.top();
    write(next.time, next.record, next.incident);
    waiting_.pop();
  }
}

void Timeline::finish() {
  advance(kEndOfTime);
  flush_buffer();
  if (std::fflush(file_) != 0) failed_ = true;
}

void Timeline::write(Timestamp time, std::string_view record, std::size_t incident) {
  buffer_.append(record);
  ++written_;
  last_ = std::max(last_, time);
  if (incident != kNoIncident) --incidents_[incident].open_events;
  if (buffer_.size() >= kBufferBytes) flush_buffer();
}

void Timeline::flush_buffer() {
  if (!failed_ && std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) failed_ = true;
  buffer_.clear();
}

std::vector<Incident> Timeline::complete_incidents() const {
  std::vector<Incident> complete;
  for (const Tracked& tracked : incidents_) {
    if (tracked.open_events == 0 && tracked.incident.to <= last_) complete.push_back(tracked.incident);
  }
  std::stable_sort(complete.begin(), complete.end(), [](const Incident& a, const Incident& b) { return a.from < b.from; });
  return complete;
}

}  // namespace sequitur::cli
