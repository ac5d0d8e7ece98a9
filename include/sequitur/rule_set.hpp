// A set of rules, checked and compiled, ready for an Engine. Immutable, shared by all threads.
//
//     std::vector<Diagnostic> diagnostics;
//     auto rules = RuleSet::load({{"card.seq", text}}, diagnostics);
//     if (!rules) { ... print the diagnostics ... }
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sequitur/alert.hpp"
#include "sequitur/diagnostic.hpp"
#include "sequitur/export.h"
#include "sequitur/schema.hpp"

namespace sequitur {

struct RuleSetOptions {
  // `param NAME = ..` of the rule files, overridden: name and value as text. A name that no file has, or a value of another
  // type, is an error in the rules.
  std::vector<std::pair<std::string, std::string>> params;
};

// What became of a `let NAME = file ".."`, or a `table NAME from file ".."`, whose file has changed.
struct FileReload {
  std::string name, path;
  std::size_t values = 0;  // Or rows, that it has now.
  std::string problem;     // Not empty: why the list or the table stays as it was.
  bool table = false;
};

class SEQUITUR_API RuleSet {
 public:
  // Null if any file has an error. Appends errors and warnings, in source order. Never throws.
  static std::shared_ptr<const RuleSet> load(const std::vector<SourceFile>& files, std::vector<Diagnostic>& diagnostics,
                                             const RuleSetOptions& options = {});
  ~RuleSet();

  const std::vector<StreamSchema>& schemas() const;  // Index = StreamId.
  const StreamSchema* find_stream(std::string_view name) const;
  const std::vector<RuleInfo>& rules() const;  // Index = RuleInfo::index; without disabled rules.

  // Reads again the lists from files (`let NAME = file ".."`, behind `in`) and the tables from files whose file has changed. The one
  // thing of a rule set that can change: no engine with this rule set may be evaluating meanwhile. run() calls it between two
  // batches while it follows its inputs. What has changed in a table is evaluated before the next event, at the time of the last.
  std::vector<FileReload> reload_files() const;

  struct Impl;  // The compiled form; known to the engine only.
  const Impl& impl() const { return *impl_; }

 private:
  explicit RuleSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sequitur
