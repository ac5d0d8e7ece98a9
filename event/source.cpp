#include "sequitur/source.hpp"

namespace sequitur {

std::string_view to_string(BadReason reason) {
  switch (reason) {
    case BadReason::kUndecodable: return "undecodable";
    case BadReason::kWrongType: return "wrong_type";
    case BadReason::kMissingField: return "missing_field";
    case BadReason::kMissingTime: return "missing_time";
    case BadReason::kUnknownStream: return "unknown_stream";
    case BadReason::kTooLong: return "too_long";
    case BadReason::kFuture: return "future";
    case BadReason::kTruncated: return "truncated";
    case BadReason::kLate: return "late";
    case BadReason::kNotAChange: return "not_a_change";
  }
  return "unknown";
}

}  // namespace sequitur
