#include "sequitur/value.hpp"

namespace sequitur {

std::string_view to_string(Type type) {
  if (is_list(type)) {
    switch (element_of(type)) {
      case Type::kBool: return "bool[]";
      case Type::kInt: return "int[]";
      case Type::kFloat: return "float[]";
      case Type::kString: return "string[]";
      case Type::kTime: return "time[]";
      case Type::kDuration: return "duration[]";
      case Type::kDecimal: return "decimal[]";
      case Type::kIp: return "ip[]";
    }
    return "unknown";
  }
  switch (type) {
    case Type::kBool: return "bool";
    case Type::kInt: return "int";
    case Type::kFloat: return "float";
    case Type::kString: return "string";
    case Type::kTime: return "time";
    case Type::kDuration: return "duration";
    case Type::kDecimal: return "decimal";
    case Type::kIp: return "ip";
  }
  return "unknown";
}

}  // namespace sequitur
