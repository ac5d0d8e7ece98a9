// Golden files: what a test made, compared with what was reviewed and committed.
//
//     compare_golden("parse/six.ast", dump(parsed.file));
//
// With SEQUITUR_UPDATE_GOLDEN=1 in the environment the files are rewritten instead; the diff is then reviewed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace sequitur::testing {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::filesystem::path golden_directory() { return std::filesystem::path(SEQUITUR_TESTS_DIR) / "golden"; }

// All files of a folder under tests/golden with this extension (".seq"), sorted, without it: "parse/six".
inline std::vector<std::string> golden_cases(const std::string& folder, const std::string& extension) {
  std::vector<std::string> cases;
  for (const auto& entry : std::filesystem::directory_iterator(golden_directory() / folder)) {
    if (entry.path().extension() == extension) cases.push_back(folder + "/" + entry.path().stem().string());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

// `name` is the path under tests/golden, with extension.
inline void compare_golden(const std::string& name, const std::string& actual) {
  const std::filesystem::path path = golden_directory() / name;
  const char* update = std::getenv("SEQUITUR_UPDATE_GOLDEN");
  if (update && std::string(update) == "1") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  ASSERT_TRUE(std::filesystem::exists(path)) << path << " is missing; SEQUITUR_UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(read_file(path), actual) << "in " << name << "; SEQUITUR_UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace sequitur::testing
