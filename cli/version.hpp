#pragma once

namespace sequitur::cli {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace sequitur::cli
