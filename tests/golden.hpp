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
#include <sstream>
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

// The first lines that differ, for messages.
inline std::string first_difference(const std::string& expected, const std::string& actual) {
  std::istringstream expected_lines(expected), actual_lines(actual);
  std::string expected_line, actual_line;
  for (int number = 1;; ++number) {
    const bool more_expected = static_cast<bool>(std::getline(expected_lines, expected_line));
    const bool more_actual = static_cast<bool>(std::getline(actual_lines, actual_line));
    if (more_expected && more_actual && expected_line == actual_line) continue;
    if (!more_expected && !more_actual) return "they differ in line ends only";
    return "line " + std::to_string(number) + "\n- " + (more_expected ? expected_line : "(end)") + "\n+ " +
           (more_actual ? actual_line : "(end)");
  }
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
  const std::string expected = read_file(path);
  if (expected != actual) ADD_FAILURE() << name << " differs; SEQUITUR_UPDATE_GOLDEN=1 rewrites it\n" << first_difference(expected, actual);
}

}  // namespace sequitur::testing
