// The lines of a raw batch, or its records where the source has framed them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sequitur/source.hpp"

namespace sequitur {

// Up to where a batch's memory may be read by vector code: its bytes, and the 64 behind them that it promises.
inline const char* readable_end(const RawBatch& raw) {
  return raw.bytes.data() + raw.bytes.size() + std::min<std::size_t>(64, raw.bytes.capacity() - raw.bytes.size());
}

class LineSplitter {
 public:
  explicit LineSplitter(const RawBatch& raw) : raw_(raw) {}

  // Goes to the next line; false behind the last one.
  bool next() {
    const std::string& bytes = raw_.bytes;
    if (!raw_.record_ends.empty()) {
      if (record_ == raw_.record_ends.size()) return false;
      begin_ = next_begin_;
      end_ = std::clamp(raw_.record_ends[record_], begin_, static_cast<std::uint32_t>(bytes.size()));
      next_begin_ = end_;
      // A line end that the source left on its record is not part of it.
      while (end_ > begin_ && (bytes[end_ - 1] == '\n' || bytes[end_ - 1] == '\r')) --end_;
    } else {
      if (next_begin_ >= bytes.size()) return false;
      begin_ = next_begin_;
      const void* newline = std::memchr(bytes.data() + begin_, '\n', bytes.size() - begin_);
      end_ = static_cast<std::uint32_t>(newline != nullptr ? static_cast<const char*>(newline) - bytes.data() : bytes.size());
      next_begin_ = end_ + 1;
      if (end_ > begin_ && bytes[end_ - 1] == '\r') --end_;
    }
    ++record_;
    return true;
  }

  std::string_view line() const { return std::string_view(raw_.bytes).substr(begin_, end_ - begin_); }
  std::uint32_t begin() const { return begin_; }
  std::uint32_t end() const { return end_; }
  std::uint32_t record() const { return record_ - 1; }

 private:
  const RawBatch& raw_;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t next_begin_ = 0;
  std::uint32_t record_ = 0;
};

}  // namespace sequitur
