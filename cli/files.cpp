#include "cli/files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "cli/messages.hpp"

namespace sequitur::cli {

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const FilePtr file(std::fopen(path.c_str(), "rb"));
  if (!file) return Error{fmt::format("{} cannot be read: {}", path, system_message(errno))};
  std::string text;
  char buffer[1 << 16];
  while (text.size() < max_bytes) {
    const std::size_t count = std::fread(buffer, 1, std::min(sizeof buffer, max_bytes - text.size()), file.get());
    if (count == 0) break;
    text.append(buffer, count);
  }
  if (std::ferror(file.get()) != 0) return Error{fmt::format("{} cannot be read: {}", path, system_message(errno))};
  return text;
}

Result<FilePtr> create_file(const std::string& path) {
  FilePtr file(std::fopen(path.c_str(), "wb"));
  if (!file) return Error{fmt::format("{} cannot be written: {}", path, system_message(errno))};
  return file;
}

Result<void> close_file(FilePtr file, const std::string& path) {
  const bool good = std::ferror(file.get()) == 0 && std::fflush(file.get()) == 0;
  const int flush_error = errno;
  if (std::fclose(file.release()) != 0 || !good)
    return Error{fmt::format("{} cannot be written: {}", path, system_message(good ? errno : flush_error))};
  return {};
}

Result<void> write_file(const std::string& path, std::string_view text) {
  Result<FilePtr> file = create_file(path);
  if (!file) return file.error();
  std::fwrite(text.data(), 1, text.size(), file->get());
  return close_file(*std::move(file), path);
}

Result<void> replace_file(const std::string& path, std::string_view text) {
  std::string temporary = path + ".XXXXXX";
  const int descriptor = mkstemp(temporary.data());
  if (descriptor < 0) return Error{fmt::format("{} cannot be written: {}", path, system_message(errno))};
  struct stat old {};
  if (stat(path.c_str(), &old) == 0 && fchmod(descriptor, old.st_mode & 07777) != 0)
    errno = 0;  // Rights that cannot be kept are no reason to fail.
  FilePtr file(fdopen(descriptor, "wb"));
  std::fwrite(text.data(), 1, text.size(), file.get());
  Result<void> written = close_file(std::move(file), path);
  if (written && std::rename(temporary.c_str(), path.c_str()) != 0)
    written = Error{fmt::format("{} cannot be written: {}", path, system_message(errno))};
  if (!written) unlink(temporary.c_str());
  return written;
}

}  // namespace sequitur::cli
