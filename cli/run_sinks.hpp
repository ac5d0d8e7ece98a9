// The sinks of `run`: what the adapters offer, arranged around the terminal.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>

#include "cli/progress.hpp"
#include "sequitur/sink.hpp"

namespace sequitur::cli {

// Passes the first `most` alerts on and counts the rest. Takes the progress line away before anything is printed.
class FirstAlerts : public Sink {
 public:
  FirstAlerts(std::unique_ptr<Sink> sink, std::uint64_t most, ProgressLine& progress)
      : sink_(std::move(sink)), most_(most), progress_(progress) {}

  Result<void> write(std::span<const Alert> alerts) override;
  Result<void> flush() override { return sink_->flush(); }

  std::uint64_t left_out() const { return seen_ > most_ ? seen_ - most_ : 0; }

 private:
  std::unique_ptr<Sink> sink_;
  std::uint64_t most_;
  std::uint64_t seen_ = 0;
  ProgressLine& progress_;
};

}  // namespace sequitur::cli
