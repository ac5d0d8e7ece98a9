#include "adapters/file/line_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sequitur {

Result<std::unique_ptr<LineFile>> LineFile::open(const std::string& path, bool append) {
  if (path == "-") return std::make_unique<LineFile>(STDOUT_FILENO, "standard output");
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666);
  if (fd < 0) return Error{"cannot open " + path + " for writing: " + std::strerror(errno)};
  return std::make_unique<LineFile>(fd, path);
}

LineFile::LineFile(int fd, std::string name) : fd_(fd), name_(std::move(name)) {
  struct stat status {};
  regular_ = ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
}

LineFile::~LineFile() {
  // Whoever wants to know whether this goes well calls flush() before.
  (void)write_out();
  if (fd_ > STDERR_FILENO) ::close(fd_);
}

bool LineFile::is_terminal() const { return ::isatty(fd_) == 1; }

Result<void> LineFile::written() {
  if (!failure_.empty()) return Error{failure_};
  return buffer_.size() < kLargeBuffer ? Result<void>{} : write_out();
}

Result<void> LineFile::write_out() {
  if (!failure_.empty()) return Error{failure_};
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t count = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      const int error = errno;
      cut_back(std::string_view(buffer_).substr(0, done));
      errno = error;
      return fail("cannot write to ");
    }
  }
  unsynced_ = unsynced_ || done != 0;
  buffer_.clear();
  return {};
}

Result<void> LineFile::flush() {
  if (auto result = write_out(); !result) return result;
  if (!regular_ || !unsynced_) return {};
  unsynced_ = false;
  // Some file systems cannot; that is no reason to stop.
  if (::fdatasync(fd_) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS) return fail("cannot save ");
  return {};
}

Result<void> LineFile::fail(const char* what) {
  failure_ = what + name_ + ": " + std::strerror(errno);
  buffer_.clear();
  return Error{failure_};
}

void LineFile::cut_back(std::string_view partly_written) {
  const std::size_t whole = partly_written.rfind('\n') + 1;  // 0 if there is no line end.
  const std::size_t half = partly_written.size() - whole;
  if (!regular_ || half == 0) return;
  const off_t end = ::lseek(fd_, 0, SEEK_CUR);
  if (end < static_cast<off_t>(half)) return;
  if (::ftruncate(fd_, end - static_cast<off_t>(half)) == 0) ::lseek(fd_, end - static_cast<off_t>(half), SEEK_SET);
}

}  // namespace sequitur
