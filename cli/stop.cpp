#include "cli/stop.hpp"

#include <csignal>

namespace sequitur::cli {
namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // Else a signal handler must not touch it.

extern "C" void request_stop(int signal_number) {
  stop_requested.store(true, std::memory_order_relaxed);
  std::signal(signal_number, SIG_DFL);
}

}  // namespace

const std::atomic<bool>& catch_stop_signals() {
  // Without SA_RESTART, so that a read that waits for input returns.
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return stop_requested;
}

}  // namespace sequitur::cli
