// Sequences over records in memory, and the detectors that need more than two times of a key.
#include <algorithm>

#include "limits/limits.hpp"

namespace sequitur::limits {
namespace {

constexpr std::size_t kAhead = 16;  // Records whose slots are on their way into the cache.

}  // namespace

std::uint64_t Sequence::run(std::span<const Record> records, std::uint32_t shift) {
  std::uint64_t matches = 0;
  if (table_.is_small()) {
    for (const Record& record : records) matches += step(table_[record.key], record.type, record.time + shift);
    return matches;
  }
  const std::size_t ahead = records.size() < kAhead ? 0 : records.size() - kAhead;
  std::size_t i = 0;
  for (; i < ahead; ++i) {
    table_.prefetch(records[i + kAhead].key);
    matches += step(table_[records[i].key], records[i].type, records[i].time + shift);
  }
  for (; i < records.size(); ++i) matches += step(table_[records[i].key], records[i].type, records[i].time + shift);
  return matches;
}

std::uint64_t Sequence::run_filtered(std::span<const Record> records, std::uint32_t shift) {
  std::uint64_t matches = 0;
  const Record* relevant[kBatch];
  for (std::size_t begin = 0; begin < records.size(); begin += kBatch) {
    // Without a branch that depends on the type: the types are random, the batches are not.
    const std::size_t end = std::min(begin + kBatch, records.size());
    std::size_t count = 0;
    for (std::size_t i = begin; i < end; ++i) {
      relevant[count] = &records[i];
      count += records[i].type < 3 ? 1 : 0;
    }
    if (!table_.is_small())
      for (std::size_t i = 0; i < count; ++i) table_.prefetch(relevant[i]->key);
    for (std::size_t i = 0; i < count; ++i) matches += step(table_[relevant[i]->key], relevant[i]->type, relevant[i]->time + shift);
  }
  return matches;
}

std::uint64_t Absence::run(std::span<const Record> records, std::uint32_t shift) {
  std::uint64_t matches = 0;
  for (const Record& record : records) {
    const std::uint32_t now = record.time + shift;
    for (; head_ < queue_.size() && now - queue_[head_].begun >= kSilence; ++head_)
      matches += table_.at(queue_[head_].slot).broken < queue_[head_].begun ? 1 : 0;
    const std::uint32_t slot = table_.slot_of(record.key);
    if (record.type == 0)
      queue_.push_back({now, slot});
    else
      table_.at(slot).broken = now;
    if (head_ > 65536 && head_ * 2 > queue_.size()) {
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }
  return matches;
}

std::uint64_t Failures::run(std::span<const Record> records, std::uint32_t shift) {
  std::uint64_t matches = 0;
  for (const Record& record : records) {
    const std::uint32_t now = record.time + shift;
    State& state = table_[record.key];
    if (record.type == 0) {
      state.times[state.next] = now;
      state.next = state.next == 4 ? 0 : state.next + 1;
      continue;
    }
    if (record.type == 1 && now - state.times[state.next] > kWindow) continue;
    matches += record.type == 1 ? 1 : 0;
    state = State{};
  }
  return matches;
}

Loops::Starts& Loops::starts_of(State& state) {
  if (state.starts == 0) {
    starts_.emplace_back();
    state.starts = static_cast<std::uint32_t>(starts_.size());
  }
  return starts_[state.starts - 1];
}

std::uint64_t Loops::run(std::span<const Record> records, std::uint32_t shift) {
  matches_.clear();
  for (const Record& record : records) {
    const std::uint32_t now = record.time + shift;
    State& state = table_[record.key];
    if (record.type == 1) {
      ++state.seen;
      continue;
    }
    if (record.type == 2 && state.starts == 0) continue;
    Starts& starts = starts_of(state);
    if (record.type == 2) {
      for (; starts.head < starts.list.size() && starts.list[starts.head].seen != state.seen; ++starts.head) {
        const Start& start = starts.list[starts.head];
        if (now - start.begun > kWindow) continue;
        for (std::uint32_t length = 1; length <= state.seen - start.seen; ++length) matches_.push_back({start.begun, length});
      }
    } else {
      if (starts.head >= 32) {
        starts.list.erase(starts.list.begin(), starts.list.begin() + static_cast<std::ptrdiff_t>(starts.head));
        starts.head = 0;
      }
      starts.list.push_back({now, state.seen});
    }
  }
  return matches_.size();
}

std::uint64_t Awaited::run(std::span<const Record> records, std::uint32_t shift) {
  std::uint64_t matches = 0;
  for (const Record& record : records) {
    const std::uint32_t now = record.time + shift;
    State& state = table_[record.rest[0]];
    if (record.type == 0) {
      state.begun = now;
      continue;
    }
    matches += now - state.begun <= kWindow ? 1 : 0;
    state.begun = 0;
  }
  return matches;
}

std::uint64_t ManySequences::run(std::span<const Record> records, std::uint32_t shift) {
  std::uint64_t matches = 0;
  for (const Record& record : records) {
    const std::uint64_t value = record.rest[0];
    if (value % kValueStep != 0) continue;
    const std::uint64_t number = value / kValueStep * streams_ + record.type;
    if (number >= steps_) continue;
    const std::uint32_t now = record.time + shift;
    State& state = table_[number / 3 * keys_ + record.key];
    switch (number % 3) {
      case 0: state.started = now; break;
      case 1:
        if (state.started != 0) state.halfway = state.started;
        state.started = 0;
        break;
      default: matches += now - state.halfway <= kSequenceWindow ? 1 : 0; state.halfway = 0;
    }
  }
  return matches;
}

}  // namespace sequitur::limits
