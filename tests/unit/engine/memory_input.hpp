// Sources, sinks and a decoder in memory, for tests of run().
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "sequitur/engine.hpp"

namespace sequitur {

// Records of 24 bytes: stream id, time, x.
struct Record {
  std::int64_t stream, time, x;
};

class MemorySource : public Source {
 public:
  MemorySource(std::vector<Record> records, std::size_t piece, std::string failure = "")
      : records_(std::move(records)), piece_(piece), failure_(std::move(failure)) {}
  Result<ReadStatus> read(RawBatch& batch) override {
    if (at_ == records_.size() && !failure_.empty()) return Error{failure_};
    if (at_ == records_.size()) return ReadStatus::kEnd;
    const std::size_t count = std::min(piece_, records_.size() - at_);
    batch.bytes.assign(reinterpret_cast<const char*>(records_.data() + at_), count * sizeof(Record));
    batch.offset = at_ * sizeof(Record);
    batch.first_record = at_ + 1;
    at_ += count;
    return ReadStatus::kRecords;
  }

 private:
  std::vector<Record> records_;
  std::size_t piece_;
  std::string failure_;
  std::size_t at_ = 0;
};

// x < 0 is a bad record.
class MemoryDecoder : public Decoder {
 public:
  explicit MemoryDecoder(const RuleSet& rules) : rules_(rules) {}
  void decode(const RawBatch& raw, EventBatch& out) const override {
    for (std::uint32_t at = 0; at < raw.bytes.size(); at += sizeof(Record)) {
      Record record;
      std::memcpy(&record, raw.bytes.data() + at, sizeof record);
      ++out.records;
      if (record.x < 0) {
        out.bad.push_back({BadReason::kWrongType, raw.offset + at, raw.first_record + at / sizeof(Record),
                           std::string_view(raw.bytes).substr(at, 24), "x"});
        continue;
      }
      Event& event = make_event(out.arena, rules_.schemas()[static_cast<std::size_t>(record.stream)], Timestamp{Duration{record.time}});
      event.slot(0) = Slot::of_int(record.time);
      event.slot(1) = Slot::of_int(record.x);
      out.events.push_back(&event);
      out.origins.push_back({at, at + static_cast<std::uint32_t>(sizeof(Record)), at / static_cast<std::uint32_t>(sizeof(Record))});
    }
  }

 private:
  const RuleSet& rules_;
};

class MemorySink : public Sink {
 public:
  Result<void> write(std::span<const Alert> alerts) override {
    if (refuse) return Error{"the disk is full"};
    for (const Alert& alert : alerts) {
      append_json(alert, text);
      text += '\n';
    }
    return {};
  }
  Result<void> flush() override {
    flushed = true;
    return {};
  }
  std::string text;
  bool refuse = false;
  bool flushed = false;
};

class MemoryDeadLetters : public DeadLetterSink {
 public:
  Result<void> write(std::string_view input, std::span<const BadRecord> records) override {
    for (const BadRecord& record : records)
      lines.push_back(std::string(input) + " " + std::string(to_string(record.reason)) + " " + std::to_string(record.record) + " " +
                      std::to_string(record.raw.size()) + " " + std::string(record.detail));
    return {};
  }
  Result<void> flush() override { return {}; }
  std::vector<std::string> lines;
};

}  // namespace sequitur
