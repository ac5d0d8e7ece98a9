// Whole files: small ones that the command reads and writes itself.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "sequitur/result.hpp"

namespace sequitur::cli {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePtr = std::unique_ptr<std::FILE, CloseFile>;

// At most `max_bytes`; what is behind them is left out.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

// Opens for writing; an Error says why not.
Result<FilePtr> create_file(const std::string& path);
// Flushes and closes; an Error if anything could not be written.
Result<void> close_file(FilePtr file, const std::string& path);
Result<void> write_file(const std::string& path, std::string_view text);

// Through a temporary file beside it and a rename: the file has the old contents or the new ones, never half of them.
Result<void> replace_file(const std::string& path, std::string_view text);

}  // namespace sequitur::cli
