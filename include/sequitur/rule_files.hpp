// Rules as files: read from the disk with all they import, or kept by name in memory while they are edited.
//
//     Result<std::vector<SourceFile>> files = read_rule_files({{"rules/fraud"}});
//
//     RuleFiles book;                                        // Rules that change while an engine runs:
//     book.put("velocity.seq", text);                        // add or replace,
//     book.remove("old.seq");                                // remove,
//     if (auto rules = book.load(diagnostics)) engine.replace_rules(rules);
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/diagnostic.hpp"
#include "sequitur/export.h"
#include "sequitur/result.hpp"
#include "sequitur/rule_set.hpp"

namespace sequitur {

struct RuleFileOptions {
  bool tests = false;  // Also the .seqtest beside each .seq.
};

// The files themselves; of a directory all *.seq below it, sorted by path; and whatever these import, directly or not, by
// paths relative to the importing file. Each file once. An Error when something cannot be read or a directory holds no rules.
SEQUITUR_API Result<std::vector<SourceFile>> read_rule_files(std::span<const std::string> paths, const RuleFileOptions& options = {});

// Files by name. A plain value: copy it to try a change.
class SEQUITUR_API RuleFiles {
 public:
  RuleFiles() = default;
  explicit RuleFiles(std::vector<SourceFile> files) : files_(std::move(files)) {}

  // Adds the file, or takes the place of that of the same name. Files stay in the order in which they came.
  void put(std::string name, std::string text);
  void put(SourceFile file) { put(std::move(file.name), std::move(file.text)); }
  // Whether there was one.
  bool remove(std::string_view name);
  const std::vector<SourceFile>& files() const { return files_; }

  // As RuleSet::load().
  std::shared_ptr<const RuleSet> load(std::vector<Diagnostic>& diagnostics, const RuleSetOptions& options = {}) const {
    return RuleSet::load(files_, diagnostics, options);
  }

 private:
  std::vector<SourceFile> files_;
};

// Diagnostics for people, as the command prints them: the line, a caret, a hint. `files` are those that were loaded.
SEQUITUR_API std::string to_text(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files);

}  // namespace sequitur
