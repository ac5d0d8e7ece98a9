// The first records of a file, as flat values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/infer/json_sample.hpp"
#include "sequitur/result.hpp"

namespace sequitur::cli {

struct SampleOptions {
  std::string path;    // "-" is standard input.
  std::string format;  // Empty: by the file's ending.
  std::uint64_t max_records = 100'000;
};

// Records that cannot be read are left out.
Result<std::vector<std::vector<SampleValue>>> read_samples(const SampleOptions& options);

}  // namespace sequitur::cli
