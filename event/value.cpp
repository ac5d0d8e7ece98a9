#include "sequitur/value.hpp"

namespace sequitur {

std::string_view to_string(Type type) {
  switch (type) {
    case Type::kBool: return "bool";
    case Type::kInt: return "int";
    case Type::kFloat: return "float";
    case Type::kString: return "string";
    case Type::kTime: return "time";
    case Type::kDuration: return "duration";
  }
  return "unknown";
}

}  // namespace sequitur
