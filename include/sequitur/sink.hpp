// Sink: how alerts leave. Used by one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sequitur/alert.hpp"
#include "sequitur/export.h"
#include "sequitur/result.hpp"
#include "sequitur/source.hpp"

namespace sequitur {

class SEQUITUR_API Sink {
 public:
  virtual ~Sink() = default;
  // Takes the alerts in order. On an Error none or all of them were taken; the run stops.
  virtual Result<void> write(std::span<const Alert> alerts) = 0;
  // Returns when everything written so far is safe with the receiver.
  virtual Result<void> flush() = 0;
};

// Where bad and late records go, with the input's name.
class SEQUITUR_API DeadLetterSink {
 public:
  virtual ~DeadLetterSink() = default;
  virtual Result<void> write(std::string_view input, std::span<const BadRecord> records) = 0;
  virtual Result<void> flush() = 0;
};

}  // namespace sequitur
