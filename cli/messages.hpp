// Words to the person at the terminal.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/diagnostic.hpp"

namespace sequitur::cli {

// "sequitur: <message>" on stderr.
void print_error(std::string_view message);

// What errno says.
std::string system_message(int error_number);

// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);
// 1536 -> "1.5 KB", by thousands.
std::string byte_size(std::uint64_t bytes);
// "1 rule", "3 rules".
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace sequitur::cli
