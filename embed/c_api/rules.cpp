// Rule files by name (sequitur.h, "Rules").
#include <algorithm>

#include "embed/c_api/handles.hpp"

using namespace sequitur;
using namespace sequitur::c_api;

std::shared_ptr<const RuleSet> c_api::load(const sequitur_rules& rules, std::string& text) {
  std::vector<Diagnostic> diagnostics;
  std::shared_ptr<const RuleSet> set = rules.files.load(diagnostics, rules.options);
  text = to_text(diagnostics, rules.files.files());
  return set;
}

extern "C" {

sequitur_rules* sequitur_rules_new(void) { return new (std::nothrow) sequitur_rules; }

void sequitur_rules_delete(sequitur_rules* rules) { delete rules; }

sequitur_status sequitur_rules_put(sequitur_rules* rules, const char* name, const char* text) {
  if (rules == nullptr || name == nullptr || text == nullptr) return SEQUITUR_BAD_ARGUMENT;
  return guarded(nullptr, [&] {
    rules->files.put(name, text);
    return SEQUITUR_OK;
  });
}

sequitur_status sequitur_rules_read(sequitur_rules* rules, const char* path, char** error) {
  if (rules == nullptr || path == nullptr) return bad_argument("there are no rules to read into, or no path", error);
  return guarded(error, [&] {
    const std::string paths[] = {path};
    Result<std::vector<SourceFile>> files = read_rule_files(paths);
    if (!files) return report(SEQUITUR_CANNOT_READ, files.error().message, error);
    for (SourceFile& file : *files) rules->files.put(std::move(file));
    return SEQUITUR_OK;
  });
}

sequitur_status sequitur_rules_remove(sequitur_rules* rules, const char* name) {
  return rules != nullptr && name != nullptr && rules->files.remove(name) ? SEQUITUR_OK : SEQUITUR_BAD_ARGUMENT;
}

sequitur_status sequitur_rules_set_param(sequitur_rules* rules, const char* name, const char* value) {
  if (rules == nullptr || name == nullptr || value == nullptr) return SEQUITUR_BAD_ARGUMENT;
  return guarded(nullptr, [&] {
    auto& params = rules->options.params;
    const auto known = std::find_if(params.begin(), params.end(), [&](const auto& param) { return param.first == name; });
    if (known != params.end())
      known->second = value;
    else
      params.emplace_back(name, value);
    return SEQUITUR_OK;
  });
}

sequitur_status sequitur_rules_check(const sequitur_rules* rules, char** text) {
  if (rules == nullptr) return bad_argument("there are no rules", text);
  return guarded(text, [&] {
    std::string said;
    const bool good = c_api::load(*rules, said) != nullptr;
    return report(good ? SEQUITUR_OK : SEQUITUR_BAD_RULES, said, text);
  });
}

}  // extern "C"
