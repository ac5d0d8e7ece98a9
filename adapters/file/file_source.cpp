// Cuts a stream of bytes into batches of whole records.
//
// Only what follows the last complete record of a batch is copied (to the front of the next one). A record that does not end
// within the limit is set aside at once and its rest is thrown away as it comes, so memory is bounded by the limit.
#include "adapters/file/file_source.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "adapters/file/byte_stream.hpp"
#include "adapters/formats/csv_scan.hpp"

namespace sequitur {
namespace {

using State = ByteRead::State;

class FileSource final : public Source {
 public:
  FileSource(std::unique_ptr<ByteStream> stream, std::uint64_t total_bytes, const FileSourceOptions& options)
      : stream_(std::move(stream)),
        total_bytes_(total_bytes),
        csv_(options.format == Format::kCsv || options.format == Format::kTsv),
        has_header_(csv_ && options.header),
        delimiter_(options.delimiter != 0           ? options.delimiter
                   : options.format == Format::kTsv ? '\t'
                                                    : ','),
        chunk_(std::clamp<std::size_t>(options.chunk_bytes, 1, kMostChunk)),
        limit_(std::clamp<std::size_t>(options.max_record_bytes, 1, kMostRecord)) {}

  std::uint64_t total_bytes() const override { return total_bytes_; }

  Result<ReadStatus> read(RawBatch& batch) override {
    batch.record_ends.clear();
    batch.defects.clear();
    if (ended_) {
      batch.bytes.clear();
      return ReadStatus::kEnd;
    }
    std::string& bytes = batch.bytes;
    std::size_t filled = rest_.size();
    make_room(bytes, filled);
    std::memcpy(bytes.data(), rest_.data(), filled);
    rest_.clear();
    while (true) {
      make_room(bytes, filled);
      auto got = stream_->read(bytes.data() + filled, bytes.size() - filled);
      if (!got) {
        ended_ = true;
        return got.error();
      }
      switch (got->state) {
        case State::kIdle:
          rest_.assign(bytes, 0, filled);
          bytes.clear();
          return ReadStatus::kIdle;
        case State::kData:
          filled += got->size;
          if (skipping_) filled = skip(bytes, filled);
          if (cut(batch, filled)) return finish(batch);
          if (!problem_.empty()) return fail();
          break;
        case State::kEnd:
        case State::kDamaged:
          ended_ = true;
          return finish_rest(batch, filled, got->state == State::kDamaged ? std::move(got->detail) : std::string());
        case State::kRestart: {
          const bool has_records = cut_rest(batch, filled, {});
          restart_ = true;
          if (has_records) return finish(batch);
          begin_anew();
          filled = 0;
          break;
        }
      }
    }
  }

 private:
  static constexpr std::size_t kSlack = 64;  // RawBatch promises that so much can be read behind the bytes.
  static constexpr std::size_t kMostChunk = 64 * 1024 * 1024;
  static constexpr std::size_t kMostRecord = 1024 * 1024 * 1024;
  static constexpr std::size_t kRescanAlways = 1024 * 1024;

  // Room for another chunk. The batch keeps its memory from one read to the next.
  void make_room(std::string& bytes, std::size_t filled) const {
    const std::size_t size = filled + chunk_;
    if (bytes.capacity() < size + kSlack) bytes.reserve(std::max(size + kSlack, filled * 2));
    bytes.resize(size);
  }

  Result<ReadStatus> fail() {
    ended_ = true;
    return Error{problem_};
  }

  Result<ReadStatus> finish(RawBatch& batch) {
    batch.source_bytes = stream_->source_bytes();
    batch.header = header_;
    if (restart_) begin_anew();
    return ReadStatus::kRecords;
  }

  // What comes next is a new file.
  void begin_anew() {
    restart_ = false;
    offset_ = 0;
    record_ = 1;
    header_ = nullptr;
    skipping_ = false;
    scanned_ = 0;
  }

  // Throws away the rest of a record that was too long. Gives how many bytes are left, moved to the front.
  std::size_t skip(std::string& bytes, std::size_t filled) {
    const void* newline = std::memchr(bytes.data(), '\n', filled);
    const std::size_t gone = newline != nullptr ? static_cast<std::size_t>(static_cast<const char*>(newline) - bytes.data()) + 1 : filled;
    skipping_ = newline == nullptr;
    offset_ += gone;
    std::memmove(bytes.data(), bytes.data() + gone, filled - gone);
    return filled - gone;
  }

  // If the first `filled` bytes hold complete records, makes them the batch and keeps the rest. False: more is needed.
  bool cut(RawBatch& batch, std::size_t& filled) {
    std::string& bytes = batch.bytes;
    if (has_header_ && header_ == nullptr && !take_header(bytes, filled)) return false;
    // A record of many lines is not looked through again for every few bytes that come.
    if (csv_ && scanned_ >= kRescanAlways && filled < scanned_ + scanned_ / 2 && filled < limit_ + 2) return false;
    const CsvCut complete = complete_records(std::string_view(bytes).substr(0, filled));
    if (complete.end != 0) {
      take(batch, complete.end, complete.records, filled);
      return true;
    }
    scanned_ = filled;
    // Two more than the limit: a line end of two bytes may stand behind a record of just this size.
    if (filled < limit_ + 2) return false;
    give_up_long(batch, filled);
    return true;
  }

  CsvCut complete_records(std::string_view text) const {
    if (csv_ && text.find('"') != std::string_view::npos) return cut_csv_records(text, delimiter_, limit_);
    const std::size_t newline = text.substr(scanned_).rfind('\n');
    if (newline == std::string_view::npos) return {};
    const std::size_t end = scanned_ + newline + 1;
    return {end, static_cast<std::uint64_t>(std::count(text.data(), text.data() + end, '\n'))};
  }

  // The batch becomes bytes [0, end); what stands behind them waits for the next read.
  void take(RawBatch& batch, std::size_t end, std::uint64_t records, std::size_t filled) {
    rest_.assign(batch.bytes, end, filled - end);
    batch.bytes.resize(end);
    batch.offset = offset_;
    batch.first_record = record_;
    offset_ += end;
    record_ += records;
    scanned_ = 0;
  }

  bool take_header(std::string& bytes, std::size_t& filled) {
    const std::string_view text = std::string_view(bytes).substr(0, filled);
    const std::size_t end = end_of_csv_record(text, delimiter_);
    if (end == 0) {
      if (filled > limit_) problem_ = "the first " + std::to_string(limit_) + " bytes hold no complete line that could name the columns";
      return false;
    }
    header_ = std::make_shared<const std::string>(text.substr(0, end));
    std::memmove(bytes.data(), bytes.data() + end, filled - end);
    filled -= end;
    offset_ += end;
    ++record_;
    return true;
  }

  void add_defect(RawBatch& batch, BadReason reason, std::string_view raw, std::string detail) {
    batch.defects.push_back({reason, offset_, record_, std::string(raw.substr(0, kDefectRawBytes)), std::move(detail)});
    ++record_;
  }

  // The record at the front is too long, and its end is not in sight.
  void give_up_long(RawBatch& batch, std::size_t filled) {
    const std::uint64_t offset = offset_;
    const std::uint64_t record = record_;
    add_defect(batch, BadReason::kTooLong, std::string_view(batch.bytes).substr(0, limit_), too_long_detail(limit_));
    skipping_ = true;
    take(batch, filled, 0, filled);
    batch.bytes.clear();
    batch.offset = offset;
    batch.first_record = record;
  }

  // The end: what is left is the last record, or half of one if the archive is damaged. True if the batch holds something.
  bool cut_rest(RawBatch& batch, std::size_t filled, std::string damage) {
    if (skipping_) filled = 0;
    if (has_header_ && header_ == nullptr && filled != 0 && damage.empty()) {
      // A header and nothing else, without a line end.
      header_ = std::make_shared<const std::string>(batch.bytes.substr(0, filled));
      filled = 0;
    }
    const bool half = !damage.empty();
    const std::string half_record = half ? batch.bytes.substr(0, filled) : std::string();
    if (half) filled = 0;
    take(batch, filled, filled != 0 ? 1 : 0, filled);
    if (half) add_defect(batch, BadReason::kTruncated, half_record, std::move(damage));
    return filled != 0 || half;
  }

  Result<ReadStatus> finish_rest(RawBatch& batch, std::size_t filled, std::string damage) {
    if (cut_rest(batch, filled, std::move(damage))) return finish(batch);
    return ReadStatus::kEnd;
  }

  const std::unique_ptr<ByteStream> stream_;
  const std::uint64_t total_bytes_;
  const bool csv_;
  const bool has_header_;
  const char delimiter_;
  const std::size_t chunk_;
  const std::size_t limit_;
  std::string rest_;          // Bytes behind the last complete record.
  std::uint64_t offset_ = 0;  // Of the first of them.
  std::uint64_t record_ = 1;  // The number of the record that they begin.
  std::size_t scanned_ = 0;   // So many bytes at the front of the batch hold no end of a record.
  bool skipping_ = false;     // Until the next line end: a record that was too long.
  bool restart_ = false;
  bool ended_ = false;
  std::string problem_;
  std::shared_ptr<const std::string> header_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_file_source(const std::string& path, const FileSourceOptions& options) {
  auto opened = open_bytes(path, options.follow);
  if (!opened) return opened.error();
  std::unique_ptr<ByteStream> stream = std::move(opened->stream);
  // A file that grows is not an archive; and one that is followed must say when it begins anew.
  if (!options.follow) stream = decompress_if_needed(std::move(stream));
  return std::unique_ptr<Source>(std::make_unique<FileSource>(std::move(stream), opened->size, options));
}

}  // namespace sequitur
