// The line that shows how far a run is: bytes, events a second, alerts, time left. Only on a terminal.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "sequitur/engine.hpp"

namespace sequitur::cli {

// The line for a run that has lasted `elapsed`, at most `width` characters.
std::string progress_line(const RunProgress& progress, std::chrono::duration<double> elapsed, std::size_t width);

class ProgressLine {
 public:
  // Does nothing when `file` is not a terminal.
  explicit ProgressLine(std::FILE* file);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool enabled() const { return enabled_; }
  // Cheap to call often: redraws a few times a second.
  void show(const RunProgress& progress);
  // Takes the line away, so that something else can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* file_;
  bool enabled_;
  bool visible_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point drawn_{};
};

}  // namespace sequitur::cli
