// Streams of bytes: a file as it is, and what decompresses it. Each takes from the one below.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "sequitur/result.hpp"

namespace sequitur {

struct ByteRead {
  enum class State : std::uint8_t {
    kData,     // size bytes, at least one.
    kIdle,     // Nothing now.
    kEnd,      // Nothing more will come.
    kDamaged,  // The rest cannot be had: cut off or damaged; detail says which.
    kRestart,  // A followed file was replaced or cut off: what comes next begins anew.
  };
  State state = State::kEnd;
  std::size_t size = 0;
  std::string detail;
};

// Used by one thread at a time.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Up to `size` bytes; an Error if the system could not read.
  virtual Result<ByteRead> read(char* to, std::size_t size) = 0;
  // How much of the outside file was taken.
  virtual std::uint64_t source_bytes() const = 0;
};

struct OpenedFile {
  std::unique_ptr<ByteStream> stream;
  std::uint64_t size = 0;  // 0: unknown.
};
// The bytes as they are; "-" is standard input. Follows the file if asked to.
Result<OpenedFile> open_bytes(const std::string& path, bool follow);

// Looks at the first bytes and decompresses if they say gzip or Zstandard, reading ahead in a thread of its own.
std::unique_ptr<ByteStream> decompress_if_needed(std::unique_ptr<ByteStream> below);

// The two decompressors; `below` gives the compressed bytes.
std::unique_ptr<ByteStream> make_gzip_stream(std::unique_ptr<ByteStream> below);
std::unique_ptr<ByteStream> make_zstd_stream(std::unique_ptr<ByteStream> below);

// Reads from `below` in a thread of its own, a bounded number of blocks ahead.
std::unique_ptr<ByteStream> make_read_ahead(std::unique_ptr<ByteStream> below);

}  // namespace sequitur
