#include "adapters/formats/json_records.hpp"

#include <simdjson.h>

namespace sequitur {

bool valid_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

}  // namespace sequitur
