#include "data.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "adapters/registry.hpp"

namespace sequitur::bench {

std::filesystem::path data_folder() {
  const char* given = std::getenv("SEQUITUR_DATA");
  return given != nullptr ? given : std::string(SEQUITUR_SOURCE_DIR) + "/../shared/data";
}

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  auto source = open_source("file", {{"path", path.string()}});
  if (!source) {
    std::fprintf(stderr, "%s\n", source.error().message.c_str());
    std::exit(1);
  }
  RawBatch batch;
  for (ReadStatus status = ReadStatus::kRecords; status != ReadStatus::kEnd;) {
    const auto read = (*source)->read(batch);
    if (!read) std::exit(1);
    status = *read;
    std::string_view bytes = batch.bytes;
    if (status != ReadStatus::kRecords) continue;
    while (!bytes.empty()) {
      const std::size_t end = std::min(bytes.find('\n'), bytes.size());
      lines.emplace_back(bytes.substr(0, end));
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
  }
  return lines;
}

}  // namespace sequitur::bench
