// What an adapter can be told: a list of fields with type, default, unit and example. Parsing, error messages and the
// documentation come from it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sequitur/result.hpp"

namespace sequitur {

struct ConfigField {
  enum class Type : std::uint8_t {
    kText,
    kBool,    // true or false
    kBytes,   // 512, 256KiB, 16MiB
    kChoice,  // One of `choices`, separated by |.
  };
  std::string_view name;
  Type type = Type::kText;
  std::string_view default_value = {};  // Empty and `required`: must be given.
  std::string_view unit = {};
  std::string_view example = {};
  std::string_view meaning = {};
  std::string_view choices = {};
  bool required = false;
};

struct AdapterSpec {
  enum class Kind : std::uint8_t { kSource, kSink, kDeadLetterSink };
  std::string_view name;
  Kind kind = Kind::kSource;
  std::string_view summary;
  std::span<const ConfigField> fields;
};
std::string_view to_string(AdapterSpec::Kind kind);

// Field names and values as a configuration file or a command line gives them.
using ConfigValues = std::vector<std::pair<std::string, std::string>>;

// A configuration that fits its spec: every field has a value of its type.
class AdapterConfig {
 public:
  // An Error names the adapter, the field, and what would be right.
  static Result<AdapterConfig> parse(const AdapterSpec& spec, const ConfigValues& values);

  const std::string& text(std::string_view field) const { return values_.at(std::string(field)); }
  bool flag(std::string_view field) const { return text(field) == "true"; }
  std::size_t bytes(std::string_view field) const;

 private:
  std::map<std::string, std::string> values_;
};

// 512, 64KB, 256KiB, 16MiB, 1GiB; false if it is not such a size.
bool parse_bytes(std::string_view text, std::size_t& bytes);

// The fields as a Markdown table.
std::string describe(const AdapterSpec& spec);

}  // namespace sequitur
