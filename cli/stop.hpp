// Ctrl-C and SIGTERM: the first asks for a clean end, a second one ends the process at once.
#pragma once

#include <atomic>

namespace sequitur::cli {

// Installs the handlers; the flag becomes true with the first signal.
const std::atomic<bool>& catch_stop_signals();

}  // namespace sequitur::cli
