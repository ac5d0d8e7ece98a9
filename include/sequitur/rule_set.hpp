// A set of rules, checked and compiled, ready for an Engine. Immutable, shared by all threads.
//
//     std::vector<Diagnostic> diagnostics;
//     auto rules = RuleSet::load({{"card.seq", text}}, diagnostics);
//     if (!rules) { ... print the diagnostics ... }
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sequitur/alert.hpp"
#include "sequitur/diagnostic.hpp"
#include "sequitur/schema.hpp"

namespace sequitur {

class RuleSet {
 public:
  // Null if any file has an error. Appends errors and warnings, in source order. Never throws.
  static std::shared_ptr<const RuleSet> load(const std::vector<SourceFile>& files, std::vector<Diagnostic>& diagnostics);
  ~RuleSet();

  const std::vector<StreamSchema>& schemas() const;  // Index = StreamId.
  const StreamSchema* find_stream(std::string_view name) const;
  const std::vector<RuleInfo>& rules() const;  // Index = RuleInfo::index; without disabled rules.

  struct Impl;  // The compiled form; known to the engine only.
  const Impl& impl() const { return *impl_; }

 private:
  explicit RuleSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sequitur
