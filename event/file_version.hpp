// Which state of a file was read: to see that it is another one now.
#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

namespace sequitur {

struct FileVersion {
  std::uint64_t inode = 0, size = 0;
  std::int64_t changed_s = 0, changed_ns = 0;

  // All zero for a file that cannot be looked at.
  static FileVersion of(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return {};
    return {static_cast<std::uint64_t>(status.st_ino), static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec,
            status.st_mtim.tv_nsec};
  }
  bool operator==(const FileVersion&) const = default;
};

}  // namespace sequitur
