// Source, decoder: how events come in. A source knows an outside system and no rules; a decoder knows a format.
// docs/writing_adapters.md shows how to write one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/event.hpp"
#include "sequitur/export.h"
#include "sequitur/result.hpp"
#include "sequitur/schema.hpp"

namespace sequitur {

enum class BadReason : std::uint8_t {
  kUndecodable,    // Not a record of the format at all (broken JSON, wrong number of CSV columns, no UTF-8).
  kWrongType,      // A declared field has a value of another type.
  kMissingField,   // A field that is not optional is missing.
  kMissingTime,    // No event time, or one that cannot be read.
  kUnknownStream,  // The record names a stream that no rule file declares.
  kTooLong,        // The record is longer than the limit.
  kFuture,         // Further ahead of the clock than the stream's `future` allows.
  kTruncated,      // The input ended inside a record or a compressed frame.
  kLate,           // Earlier than the watermark of its input.
  kNotAChange,     // In a change stream: no envelope, an operation that is unknown, or a row that is not there.
};
inline constexpr std::size_t kBadReasons = 10;
SEQUITUR_API std::string_view to_string(BadReason reason);  // "undecodable", "wrong_type", ...

// A record that the source itself had to give up (too long, truncated); decoders hand it on as a BadRecord.
struct SourceDefect {
  BadReason reason = BadReason::kTooLong;
  std::uint64_t offset = 0;  // As RawBatch::offset.
  std::uint64_t record = 0;
  std::string raw;     // The beginning of the record, at most 1 KiB.
  std::string detail;  // For people.
};

// A piece of input: whole records, with the offsets that belong to them.
struct RawBatch {
  std::string bytes;                          // Followed in memory by at least 64 readable bytes (capacity), for vector code.
  std::uint64_t offset = 0;                   // Position of bytes[0] in the source, in bytes of the decompressed input.
  std::uint64_t first_record = 1;             // Number of the first record (line), from 1.
  std::vector<std::uint32_t> record_ends;     // End of each record in `bytes`, for sources of framed records; empty: the decoder splits.
  std::uint64_t source_bytes = 0;             // How far the outside source has been read (compressed bytes), for progress.
  std::shared_ptr<const std::string> header;  // The line that names the columns, for formats that have one; cut off by the source.
  std::vector<SourceDefect> defects;          // Behind the records of `bytes`, in the order of the input.
};

enum class ReadStatus : std::uint8_t {
  kRecords,  // The batch holds at least one record or defect.
  kIdle,     // Nothing now; more may come (a followed file). The caller decides when to ask again.
  kEnd,      // Nothing more will come.
};

// Used by one thread at a time.
class SEQUITUR_API Source {
 public:
  virtual ~Source() = default;
  // Replaces the contents of `batch`. An Error is final for this source; batches returned before it stay valid.
  virtual Result<ReadStatus> read(RawBatch& batch) = 0;
  // Everything up to `offset` has been processed and delivered. Sources that can commit do so; files have nothing to do.
  virtual Result<void> acknowledge(std::uint64_t offset) {
    (void)offset;
    return {};
  }
  // Size of the outside source in the units of source_bytes; 0 when unknown (a pipe).
  virtual std::uint64_t total_bytes() const { return 0; }
};

// A record that could not become an event, or an event that came too late. Views into the raw batch.
struct BadRecord {
  BadReason reason = BadReason::kUndecodable;
  std::uint64_t offset = 0;
  std::uint64_t record = 0;
  std::string_view raw;
  std::string_view detail;  // For people: which field, what was found. In the batch's arena.
};

// Decoded events in the order of the input, with what they refer to. The raw batch must outlive it.
struct EventBatch {
  struct Origin {              // Where an event came from; parallel to `events`.
    std::uint32_t begin, end;  // In RawBatch::bytes.
    std::uint32_t record;      // RawBatch::first_record + this.
  };
  Arena arena;
  std::vector<Event*> events;  // sequence is 0.
  std::vector<Origin> origins;
  std::vector<BadRecord> bad;
  std::uint64_t records = 0;    // All records seen.
  std::uint64_t unmatched = 0;  // Records that belong to no stream (no `when`, no line pattern fits): not bad, only counted.

  void clear() {
    arena.clear();
    events.clear();
    origins.clear();
    bad.clear();
    records = 0;
    unmatched = 0;
  }
};

// decode() may be called by several threads at once, each with its own batches; settle() by one at a time.
class SEQUITUR_API Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends the events of `raw` to `out`. Never fails as a whole: what cannot be decoded is in out.bad.
  virtual void decode(const RawBatch& raw, EventBatch& out) const = 0;
  // To be called once for every decoded batch, in the order of the input, before its events are used: settles what depends on
  // the records before (the year of times that do not say it). May change event times and turn events into bad records.
  virtual void settle(const RawBatch& raw, EventBatch& out) {
    (void)raw;
    (void)out;
  }
};

}  // namespace sequitur
