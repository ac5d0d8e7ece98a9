// gzip and Zstandard, several members or frames behind one another, and the reading ahead.
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <limits>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/file/byte_stream.hpp"

namespace sequitur {
namespace {

using State = ByteRead::State;

ByteRead damaged(std::string detail) { return {State::kDamaged, 0, std::move(detail)}; }
ByteRead data(std::size_t size) { return {State::kData, size, {}}; }

// Compressed bytes on their way to a decompressor.
class Compressed {
 public:
  explicit Compressed(std::unique_ptr<ByteStream> below) : below_(std::move(below)), buffer_(kBlock) {}

  // Makes at least one byte available, if there is one: kData. Anything else is what the stream below said.
  Result<ByteRead> need() {
    if (begin_ != end_) return data(end_ - begin_);
    auto got = below_->read(buffer_.data(), buffer_.size());
    if (got && got->state == State::kData) {
      begin_ = 0;
      end_ = got->size;
    }
    return got;
  }
  const char* next() const { return buffer_.data() + begin_; }
  std::size_t size() const { return end_ - begin_; }
  void take(std::size_t size) { begin_ += size; }
  std::uint64_t source_bytes() const { return below_->source_bytes() - size(); }

 private:
  static constexpr std::size_t kBlock = 128 * 1024;
  std::unique_ptr<ByteStream> below_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class GzipStream final : public ByteStream {
 public:
  explicit GzipStream(std::unique_ptr<ByteStream> below) : input_(std::move(below)) {
    constexpr int kGzipOnly = 16;
    ready_ = ::inflateInit2(&inflater_, MAX_WBITS + kGzipOnly) == Z_OK;
  }
  ~GzipStream() override { ::inflateEnd(&inflater_); }

  Result<ByteRead> read(char* to, std::size_t size) override {
    if (!ready_) return Error{"no memory to decompress gzip"};
    inflater_.next_out = reinterpret_cast<Bytef*>(to);
    inflater_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
    const uInt space = inflater_.avail_out;
    while (inflater_.avail_out == space) {
      if (finished_) return ByteRead{};
      auto available = input_.need();
      if (!available) return available;
      if (available->state == State::kEnd) return between_members_ ? ByteRead{} : damaged("the gzip data is cut off");
      if (available->state != State::kData) return available;
      if (between_members_ && !begin_member()) continue;
      if (auto problem = inflate_some(); !problem.empty()) return damaged(std::move(problem));
    }
    return data(space - inflater_.avail_out);
  }

  std::uint64_t source_bytes() const override { return input_.source_bytes(); }

 private:
  // Behind a member another one may begin. Anything else there (tapes are filled up with zeros) is passed over, as gzip does.
  bool begin_member() {
    if (static_cast<unsigned char>(*input_.next()) != 0x1F) {
      finished_ = true;
      return false;
    }
    ::inflateReset(&inflater_);
    between_members_ = false;
    return true;
  }

  std::string inflate_some() {
    inflater_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.next()));
    inflater_.avail_in = static_cast<uInt>(input_.size());
    const int status = ::inflate(&inflater_, Z_NO_FLUSH);
    input_.take(input_.size() - inflater_.avail_in);
    if (status == Z_STREAM_END) between_members_ = true;
    if (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR) return {};
    return std::string("the gzip data is damaged") + (inflater_.msg != nullptr ? std::string(": ") + inflater_.msg : std::string());
  }

  Compressed input_;
  z_stream inflater_{};
  bool ready_ = false;
  bool between_members_ = false;
  bool finished_ = false;
};

class ZstdStream final : public ByteStream {
 public:
  explicit ZstdStream(std::unique_ptr<ByteStream> below) : input_(std::move(below)), context_(ZSTD_createDCtx()) {
    // Archives made with --long=31 too. The window is only touched as far as the data reaches.
    if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, sizeof(std::size_t) == 8 ? 31 : 30);
  }
  ~ZstdStream() override { ZSTD_freeDCtx(context_); }

  Result<ByteRead> read(char* to, std::size_t size) override {
    if (context_ == nullptr) return Error{"no memory to decompress Zstandard"};
    ZSTD_outBuffer output{to, size, 0};
    while (output.pos == 0) {
      // The decompressor may hold output back although all input was taken: ask it before reading on.
      if (!more_inside_) {
        auto available = input_.need();
        if (!available) return available;
        if (available->state == State::kEnd) return frame_ended_ ? ByteRead{} : damaged("the Zstandard data is cut off");
        if (available->state != State::kData) return available;
      }
      ZSTD_inBuffer input{input_.next(), input_.size(), 0};
      const std::size_t status = ZSTD_decompressStream(context_, &output, &input);
      if (ZSTD_isError(status)) return damaged(std::string("the Zstandard data is damaged: ") + ZSTD_getErrorName(status));
      input_.take(input.pos);
      frame_ended_ = status == 0;
      more_inside_ = output.pos == output.size && !frame_ended_;
    }
    return data(output.pos);
  }

  std::uint64_t source_bytes() const override { return input_.source_bytes(); }

 private:
  Compressed input_;
  ZSTD_DCtx* context_;
  bool frame_ended_ = false;
  bool more_inside_ = false;
};

// Invariants:
// 1. The stream below is touched by the thread only, but for source_bytes, which the thread copies.
// 2. blocks_ and what describes them is touched under mutex_; never more than kMostBlocks wait.
// 3. After an end, a damage or an error the thread is gone and the last block says so, again and again.
class ReadAhead final : public ByteStream {
 public:
  explicit ReadAhead(std::unique_ptr<ByteStream> below) : below_(std::move(below)), thread_([this] { work(); }) {}
  ~ReadAhead() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  Result<ByteRead> read(char* to, std::size_t size) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !blocks_.empty() || idle_; });
    if (blocks_.empty()) {
      idle_ = false;
      return ByteRead{State::kIdle, 0, {}};
    }
    Block& block = blocks_.front();
    source_bytes_ = block.source_bytes;
    if (!block.result || block.result->state != State::kData) return block.result;
    lock.unlock();
    // The thread only adds blocks behind this one, and a deque leaves the others where they are.
    const std::size_t taken = std::min(size, block.bytes.size() - block.taken);
    std::memcpy(to, block.bytes.data() + block.taken, taken);
    block.taken += taken;
    if (block.taken == block.bytes.size()) {
      lock.lock();
      spare_ = std::move(block.bytes);
      blocks_.pop_front();
      lock.unlock();
      changed_.notify_all();
    }
    return data(taken);
  }

  std::uint64_t source_bytes() const override { return source_bytes_; }

 private:
  static constexpr std::size_t kBlockBytes = 256 * 1024;
  static constexpr std::size_t kMostBlocks = 4;

  struct Block {
    Result<ByteRead> result = ByteRead{};
    std::vector<char> bytes;
    std::size_t taken = 0;
    std::uint64_t source_bytes = 0;
  };

  // Fills a block as far as it goes without waiting.
  Block fetch(std::vector<char> bytes) {
    Block block;
    bytes.resize(kBlockBytes);
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      block.result = below_->read(bytes.data() + filled, bytes.size() - filled);
      if (!block.result || block.result->state != State::kData) break;
      filled += block.result->size;
    }
    block.source_bytes = below_->source_bytes();
    bytes.resize(filled);
    block.bytes = std::move(bytes);
    return block;
  }

  void work() {
    std::vector<char> bytes;
    while (true) {
      Block block = fetch(std::move(bytes));
      const bool idle = block.result && block.result->state == State::kIdle;
      const bool last = !block.result || (!idle && block.result->state != State::kData);
      std::unique_lock lock(mutex_);
      if (!block.bytes.empty()) {
        Block full{ByteRead{State::kData, block.bytes.size(), {}}, std::move(block.bytes), 0, block.source_bytes};
        blocks_.push_back(std::move(full));
      }
      if (last) blocks_.push_back(Block{std::move(block.result), {}, 0, block.source_bytes});
      idle_ = idle;
      changed_.notify_all();
      if (last) return;
      changed_.wait(lock, [&] { return stopping_ || blocks_.size() < kMostBlocks; });
      if (stopping_) return;
      bytes = std::move(spare_);
      spare_.clear();
    }
  }

  std::unique_ptr<ByteStream> below_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Block> blocks_;
  std::vector<char> spare_;
  bool idle_ = false;
  bool stopping_ = false;
  std::uint64_t source_bytes_ = 0;  // The reader's own.
  std::thread thread_;
};

constexpr std::array<unsigned char, 2> kGzipMagic = {0x1F, 0x8B};
constexpr std::array<unsigned char, 4> kZstdMagic = {0x28, 0xB5, 0x2F, 0xFD};

template <std::size_t n>
bool could_be(const std::array<unsigned char, n>& magic, std::string_view begin) {
  return std::memcmp(magic.data(), begin.data(), std::min(n, begin.size())) == 0;
}
// A Zstandard archive may begin with a frame to be skipped: 5?2A4D18.
bool could_be_skippable(std::string_view begin) {
  constexpr std::array<unsigned char, 3> kRest = {0x2A, 0x4D, 0x18};
  return !begin.empty() && (static_cast<unsigned char>(begin[0]) & 0xF0) == 0x50 && could_be(kRest, begin.substr(1));
}

// Gives bytes that were read already, then those of the stream below.
class Prefixed final : public ByteStream {
 public:
  Prefixed(std::string prefix, std::unique_ptr<ByteStream> below) : prefix_(std::move(prefix)), below_(std::move(below)) {}
  Result<ByteRead> read(char* to, std::size_t size) override {
    if (given_ == prefix_.size()) return below_->read(to, size);
    const std::size_t count = std::min(size, prefix_.size() - given_);
    std::memcpy(to, prefix_.data() + given_, count);
    given_ += count;
    return data(count);
  }
  std::uint64_t source_bytes() const override { return below_->source_bytes(); }

 private:
  std::string prefix_;
  std::size_t given_ = 0;
  std::unique_ptr<ByteStream> below_;
};

// Decides with the first bytes that come, not at opening: a pipe may have nothing to say yet.
class Recognising final : public ByteStream {
 public:
  explicit Recognising(std::unique_ptr<ByteStream> below) : below_(std::move(below)) {}

  Result<ByteRead> read(char* to, std::size_t size) override {
    while (!decided_) {
      char block[4];
      auto got = below_->read(block, sizeof block - begin_.size());
      if (!got || (got->state != State::kData && got->state != State::kEnd)) return got;
      begin_.append(block, got->size);
      decide(got->state == State::kEnd);
    }
    return below_->read(to, size);
  }
  std::uint64_t source_bytes() const override { return below_->source_bytes(); }

 private:
  void decide(bool at_end) {
    const bool gzip = could_be(kGzipMagic, begin_);
    const bool zstd = could_be(kZstdMagic, begin_) || could_be_skippable(begin_);
    if (begin_.size() < 4 && !at_end && (gzip || zstd)) return;
    decided_ = true;
    const bool is_gzip = gzip && begin_.size() >= kGzipMagic.size();
    const bool is_zstd = zstd && begin_.size() >= kZstdMagic.size();
    below_ = std::make_unique<Prefixed>(std::move(begin_), std::move(below_));
    if (is_gzip) below_ = make_read_ahead(make_gzip_stream(std::move(below_)));
    if (is_zstd) below_ = make_read_ahead(make_zstd_stream(std::move(below_)));
  }

  std::unique_ptr<ByteStream> below_;
  std::string begin_;
  bool decided_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> decompress_if_needed(std::unique_ptr<ByteStream> below) {
  return std::make_unique<Recognising>(std::move(below));
}
std::unique_ptr<ByteStream> make_gzip_stream(std::unique_ptr<ByteStream> below) { return std::make_unique<GzipStream>(std::move(below)); }
std::unique_ptr<ByteStream> make_zstd_stream(std::unique_ptr<ByteStream> below) { return std::make_unique<ZstdStream>(std::move(below)); }
std::unique_ptr<ByteStream> make_read_ahead(std::unique_ptr<ByteStream> below) { return std::make_unique<ReadAhead>(std::move(below)); }

}  // namespace sequitur
