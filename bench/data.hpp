// Public data that is not part of the project: in $SEQUITUR_DATA, or in ../shared/data beside the source folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sequitur::bench {

std::filesystem::path data_folder();

// Of a file that may be packed. Ends the program if it cannot be read.
std::vector<std::string> read_lines(const std::filesystem::path& path);

}  // namespace sequitur::bench
