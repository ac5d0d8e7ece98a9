// `sequitur fmt`: the one canonical layout.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/exit_code.hpp"
#include "cli/files.hpp"
#include "cli/load_rules.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"
#include "dsl/limits.hpp"
#include "dsl/parse.hpp"
#include "dsl/print.hpp"

namespace sequitur::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  bool check = false, to_stdout = false;
};

// Of a directory all rule and test files below it.
std::vector<std::string> expand(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    const auto first = static_cast<std::ptrdiff_t>(files.size());
    for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
      if (entry->path().extension() == ".seq" || entry->path().extension() == ".seqtest") files.push_back(entry->path().string());
    std::sort(files.begin() + first, files.end());
  }
  return files;
}

// Exit code of one file; a file with syntax errors is left alone.
int format_file(const std::string& path, const Options& options) {
  const Result<std::string> text = read_file(path, dsl::kMaxFileBytes + 1);
  if (!text) {
    print_error(text.error().message);
    return kExitRuntime;
  }
  const dsl::Parsed parsed = dsl::parse(*text, 0);
  if (!parsed.ok()) {
    const std::vector<SourceFile> sources{{path, *text}};
    print_diagnostics(parsed.diagnostics, sources);
    return kExitRules;
  }
  const std::string formatted = dsl::print(parsed.file);
  if (options.to_stdout) {
    fmt::print("{}", formatted);
    return kExitOk;
  }
  if (formatted == *text) return kExitOk;
  if (options.check) {
    fmt::print("{} is not formatted\n", path);
    return kExitFormat;
  }
  const Result<void> replaced = replace_file(path, formatted);
  if (replaced) return kExitOk;
  print_error(replaced.error().message);
  return kExitRuntime;
}

int format_files(const Options& options) {
  int exit_code = kExitOk;
  for (const std::string& path : expand(options.files)) {
    const int code = format_file(path, options);
    if (exit_code == kExitOk || code == kExitRuntime) exit_code = code == kExitOk ? exit_code : code;
  }
  return exit_code;
}

}  // namespace

void add_fmt(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("fmt", "Bring rule files into the canonical layout, in place");
  verb->add_option("FILES", options->files, "Rule files, or directories with .seq and .seqtest files")->required();
  CLI::Option* check = verb->add_flag("--check", options->check, "Change nothing; name the files that would change and exit with 5");
  verb->add_flag("--stdout", options->to_stdout, "Write the result to standard output, leave the files alone")->excludes(check);
  verb->footer("Example: sequitur fmt --check rules");
  verb->callback([options, &exit_code] { exit_code = format_files(*options); });
}

}  // namespace sequitur::cli
