#include "cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "cli/messages.hpp"

namespace sequitur::cli {
namespace {

constexpr std::size_t kBarWidth = 24;

std::size_t terminal_width(std::FILE* file) {
  winsize size{};
  return ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string bar(double part) {
  const auto filled = static_cast<std::size_t>(part * kBarWidth);
  std::string text(filled, '=');
  if (filled < kBarWidth) text += '>';
  text.resize(kBarWidth, ' ');
  return "[" + text + "]";
}

std::string clock_time(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string progress_line(const RunProgress& progress, std::chrono::duration<double> elapsed, std::size_t width) {
  const double seconds = std::max(elapsed.count(), 1e-3);
  const std::string rest =
      fmt::format("  {:.2f} M events/s  {} alerts", static_cast<double>(progress.events) / seconds / 1e6, grouped(progress.alerts));
  std::string line;
  if (progress.total_bytes > 0) {
    const double part = std::min(1.0, static_cast<double>(progress.source_bytes) / static_cast<double>(progress.total_bytes));
    const std::string left = part > 0.01 ? fmt::format("  {} left", clock_time(seconds / part * (1 - part))) : "";
    line = fmt::format("{} {:3.0f} %  {} of {}{}{}", bar(part), part * 100, byte_size(progress.source_bytes),
                       byte_size(progress.total_bytes), rest, left);
  } else {
    line = fmt::format("{} events  {}{}  {}", grouped(progress.events), byte_size(progress.source_bytes), rest, clock_time(seconds));
  }
  if (line.size() > width) line.resize(width);
  return line;
}

ProgressLine::ProgressLine(std::FILE* file) : file_(file), enabled_(isatty(fileno(file)) == 1) {}

void ProgressLine::show(const RunProgress& progress) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < std::chrono::milliseconds{200}) return;
  drawn_ = now;
  visible_ = true;
  fmt::print(file_, "\r\x1b[K{}", progress_line(progress, now - begin_, terminal_width(file_) - 1));
  std::fflush(file_);
}

void ProgressLine::clear() {
  if (!visible_) return;
  visible_ = false;
  fmt::print(file_, "\r\x1b[K");
  std::fflush(file_);
}

}  // namespace sequitur::cli
