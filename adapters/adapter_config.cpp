#include "adapters/adapter_config.hpp"

#include <algorithm>
#include <array>

#include "event/number_text.hpp"

namespace sequitur {
namespace {

std::string_view to_string(ConfigField::Type type) {
  switch (type) {
    case ConfigField::Type::kText: return "text";
    case ConfigField::Type::kBool: return "bool";
    case ConfigField::Type::kBytes: return "size";
    case ConfigField::Type::kChoice: return "choice";
  }
  return "unknown";
}

bool is_choice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, bar) == value) return true;
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return false;
}

// What would be right instead; empty if the value is.
std::string problem_of(const ConfigField& field, std::string_view value) {
  std::size_t size = 0;
  switch (field.type) {
    case ConfigField::Type::kText: return {};
    case ConfigField::Type::kBool: return value == "true" || value == "false" ? "" : "true or false";
    case ConfigField::Type::kBytes: return parse_bytes(value, size) ? "" : "a size like " + std::string(field.example);
    case ConfigField::Type::kChoice: return is_choice(field.choices, value) ? "" : "one of " + std::string(field.choices);
  }
  return {};
}

std::string names_of(const AdapterSpec& spec) {
  std::string names;
  for (const ConfigField& field : spec.fields) names += (names.empty() ? "" : ", ") + std::string(field.name);
  return names;
}

}  // namespace

std::string_view to_string(AdapterSpec::Kind kind) {
  switch (kind) {
    case AdapterSpec::Kind::kSource: return "source";
    case AdapterSpec::Kind::kSink: return "sink";
    case AdapterSpec::Kind::kDeadLetterSink: return "dead-letter sink";
  }
  return "unknown";
}

bool parse_bytes(std::string_view text, std::size_t& bytes) {
  struct Unit {
    std::string_view name;
    std::int64_t size;
  };
  constexpr std::array<Unit, 7> kUnits = {
      {{"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}, {"KB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}, {"B", 1}}};
  std::int64_t factor = 1;
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    text.remove_suffix(unit.name.size());
    factor = unit.size;
    break;
  }
  std::int64_t count = 0;
  if (!parse_int(text, count) || count < 0 || __builtin_mul_overflow(count, factor, &count)) return false;
  bytes = static_cast<std::size_t>(count);
  return true;
}

Result<AdapterConfig> AdapterConfig::parse(const AdapterSpec& spec, const ConfigValues& values) {
  const std::string where = std::string(to_string(spec.kind)) + " " + std::string(spec.name) + ": ";
  AdapterConfig config;
  for (const auto& [name, value] : values) {
    const auto field = std::find_if(spec.fields.begin(), spec.fields.end(), [&](const ConfigField& each) { return each.name == name; });
    if (field == spec.fields.end()) return Error{where + "there is no field " + name + "; it knows " + names_of(spec)};
    if (const std::string right = problem_of(*field, value); !right.empty())
      return Error{where + name + " must be " + right + ", not \"" + value + "\""};
    if (!config.values_.emplace(name, value).second) return Error{where + name + " is given twice"};
  }
  for (const ConfigField& field : spec.fields) {
    const bool given = !config.values_.emplace(field.name, field.default_value).second;
    if (field.required && !given)
      return Error{where + std::string(field.name) + " must be given, for instance " + std::string(field.example)};
  }
  return config;
}

std::size_t AdapterConfig::bytes(std::string_view field) const {
  std::size_t result = 0;
  parse_bytes(text(field), result);
  return result;
}

std::string describe(const AdapterSpec& spec) {
  std::string out = "### " + std::string(spec.name) + " (" + std::string(to_string(spec.kind)) + ")\n\n" + std::string(spec.summary) +
                    "\n\n| field | type | default | unit | example | meaning |\n|---|---|---|---|---|---|\n";
  for (const ConfigField& field : spec.fields) {
    std::string choices(field.choices);
    for (std::size_t at = choices.find('|'); at != std::string::npos; at = choices.find('|', at + 3)) choices.replace(at, 1, ", ");
    out += "| `" + std::string(field.name) + "` | " + (choices.empty() ? std::string(to_string(field.type)) : choices) + " | " +
           (field.required                ? std::string("required")
            : field.default_value.empty() ? std::string()
                                          : "`" + std::string(field.default_value) + "`") +
           " | " + std::string(field.unit) + " | `" + std::string(field.example) + "` | " + std::string(field.meaning) + " |\n";
  }
  return out;
}

}  // namespace sequitur
