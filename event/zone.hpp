// A time zone as a table of its changes, made once; looking up needs no lock and no memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/result.hpp"

namespace sequitur {

class Zone {
 public:
  // An IANA name ("Europe/Berlin"). An Error for an unknown one.
  static Result<std::shared_ptr<const Zone>> find(std::string_view name);

  // Microseconds of the wall clock -> microseconds UTC. A wall clock time that comes twice is the first one; one that is
  // skipped in spring is read with the offset before the change, that is as the time one hour later.
  std::int64_t to_utc(std::int64_t local_micros) const;
  std::int64_t to_local(std::int64_t utc_micros) const;

 private:
  struct Change {
    std::int64_t utc;         // The offset holds from here on,
    std::int64_t local_from;  // and for wall clock times from here on.
    std::int64_t offset;      // Local minus UTC, in microseconds.
  };
  std::vector<Change> changes_;  // In order; the first one holds from the beginning of time.
};

}  // namespace sequitur
