// The whole command: what main() calls.
#pragma once

namespace sequitur::cli {

// Returns the exit code (exit_code.hpp). Writes to stdout and stderr.
int run_command(int argc, const char* const* argv);

}  // namespace sequitur::cli
