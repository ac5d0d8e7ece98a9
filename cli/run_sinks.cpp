#include "cli/run_sinks.hpp"

#include <algorithm>

namespace sequitur::cli {

Result<void> FirstAlerts::write(std::span<const Alert> alerts) {
  const std::uint64_t room = most_ > seen_ ? most_ - seen_ : 0;
  seen_ += alerts.size();
  if (room == 0 || alerts.empty()) return {};
  progress_.clear();
  if (Result<void> written = sink_->write(alerts.first(std::min<std::size_t>(alerts.size(), room))); !written) return written;
  return progress_.enabled() ? sink_->flush() : Result<void>{};  // Whole lines before the progress line comes back.
}

}  // namespace sequitur::cli
