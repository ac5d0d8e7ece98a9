// Files and standard input as sources: plain, .gz and .zst, whole or followed as they grow.
//
//     auto source = open_file_source("payments.csv.zst", {.format = Format::kCsv});
//     if (!source) return source.error();              // Cannot be read; nothing was processed yet.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "adapters/formats.hpp"
#include "sequitur/result.hpp"
#include "sequitur/source.hpp"

namespace sequitur {

struct FileSourceOptions {
  Format format = Format::kNdjson;  // Decides where records end: at line ends, for CSV and TSV outside quotes only.
  char delimiter = 0;               // CSV: as in DecoderOptions.
  bool header = true;               // CSV: as in DecoderOptions.
  bool follow = false;  // Wait for more at the end, as `tail -F` does, also when the file is replaced or cut off. Plain files only.
  std::size_t chunk_bytes = 256 * 1024;            // Read at once. Larger: fewer, larger batches; more latency.
  std::size_t max_record_bytes = kMaxRecordBytes;  // A longer record is set aside as kTooLong; give decoders the same.
};

// Opens the file, or standard input for "-". Compression is recognised by the first bytes. A pipe gives kIdle when nothing
// came for 100 ms. An archive that is cut off or damaged gives its good part, then a defect (kTruncated), then the end.
Result<std::unique_ptr<Source>> open_file_source(const std::string& path, const FileSourceOptions& options);

}  // namespace sequitur
