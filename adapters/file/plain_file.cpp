// Files as they are: regular ones, pipes, and files that are followed as they grow.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "adapters/file/byte_stream.hpp"

namespace sequitur {
namespace {

constexpr int kPipeWaitMs = 100;

Error cannot(const std::string& what, const std::string& path) {
  return Error{"cannot " + what + " " + path + ": " + std::strerror(errno)};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ > STDIN_FILENO) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

class PlainFile final : public ByteStream {
 public:
  PlainFile(Descriptor fd, std::string path, bool regular) : fd_(std::move(fd)), path_(std::move(path)), regular_(regular) {}

  Result<ByteRead> read(char* to, std::size_t size) override {
    if (!regular_) {
      // So that a source that waits for a slow pipe can be stopped; also by a signal that comes while it waits.
      pollfd waiting{fd_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, kPipeWaitMs) <= 0) return ByteRead{ByteRead::State::kIdle, 0, {}};
    }
    const ssize_t got = ::read(fd_.get(), to, size);
    if (got < 0) {
      if (errno == EINTR || errno == EAGAIN) return ByteRead{ByteRead::State::kIdle, 0, {}};
      return cannot("read", path_);
    }
    if (got == 0) return ByteRead{};
    taken_ += static_cast<std::uint64_t>(got);
    return ByteRead{ByteRead::State::kData, static_cast<std::size_t>(got), {}};
  }

  std::uint64_t source_bytes() const override { return taken_; }

 private:
  Descriptor fd_;
  const std::string path_;
  const bool regular_;
  std::uint64_t taken_ = 0;
};

// `tail -F`: at the end it waits; a file of another identity under the name, or one that became shorter, is read from its
// beginning. What was written to the old file before it was replaced is read first.
class FollowedFile final : public ByteStream {
 public:
  FollowedFile(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<ByteRead> read(char* to, std::size_t size) override {
    const ssize_t got = ::read(fd_.get(), to, size);
    if (got < 0 && errno != EINTR && errno != EAGAIN) return cannot("read", path_);
    if (got > 0) {
      position_ += got;
      taken_ += static_cast<std::uint64_t>(got);
      return ByteRead{ByteRead::State::kData, static_cast<std::size_t>(got), {}};
    }
    return ByteRead{began_anew() ? ByteRead::State::kRestart : ByteRead::State::kIdle, 0, {}};
  }

  std::uint64_t source_bytes() const override { return taken_; }

 private:
  // At the end of the open file: is there another beginning to read? Then it is open when this returns.
  bool began_anew() {
    struct stat open_now {};
    if (::fstat(fd_.get(), &open_now) == 0 && open_now.st_size < position_) {
      if (::lseek(fd_.get(), 0, SEEK_SET) != 0) return false;
      position_ = 0;
      return true;
    }
    struct stat by_name {};
    if (::stat(path_.c_str(), &by_name) != 0) return false;  // Gone for the moment.
    if (by_name.st_ino == open_now.st_ino && by_name.st_dev == open_now.st_dev) return false;
    if (open_now.st_size > position_) return false;  // Something was still written to the old one.
    Descriptor next(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    if (next.get() < 0) return false;
    fd_ = std::move(next);
    position_ = 0;
    return true;
  }

  Descriptor fd_;
  const std::string path_;
  off_t position_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace

Result<OpenedFile> open_bytes(const std::string& path, bool follow) {
  const bool is_stdin = path == "-";
  const std::string shown = is_stdin ? "standard input" : path;
  Descriptor fd(is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return cannot("open", shown);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return cannot("open", shown);
  if (S_ISDIR(status.st_mode)) return Error{"cannot read " + shown + ": it is a directory"};
  const bool regular = S_ISREG(status.st_mode);
  OpenedFile opened;
  if (regular) {
    opened.size = follow ? 0 : static_cast<std::uint64_t>(status.st_size);
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  // Pipes need no following: they end when their writers are gone.
  if (follow && regular && !is_stdin)
    opened.stream = std::make_unique<FollowedFile>(std::move(fd), path);
  else
    opened.stream = std::make_unique<PlainFile>(std::move(fd), shown, regular);
  return opened;
}

}  // namespace sequitur
