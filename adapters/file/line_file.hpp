// A file that is written line by line and always ends with a whole line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sequitur/result.hpp"

namespace sequitur {

class LineFile {
 public:
  // "-" is standard output.
  static Result<std::unique_ptr<LineFile>> open(const std::string& path, bool append);
  // Takes over the descriptor; closes it at the end if it is not a standard one.
  LineFile(int fd, std::string name);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  // Where lines are added, each with its newline. Call written() after every few of them.
  std::string& buffer() { return buffer_; }
  // Writes the buffer out if it is large.
  Result<void> written();
  // Writes the buffer out. On an Error a regular file is cut back to its last whole line, and every further call gives the
  // same Error.
  Result<void> write_out();
  // Writes the buffer out and waits until a regular file is safe on its device.
  Result<void> flush();

  bool is_terminal() const;

 private:
  Result<void> fail(const char* what);
  void cut_back(std::string_view partly_written);

  static constexpr std::size_t kLargeBuffer = 256 * 1024;

  const int fd_;
  const std::string name_;
  bool regular_ = false;
  bool unsynced_ = false;
  std::string buffer_;
  std::string failure_;
};

}  // namespace sequitur
