#include "sequitur/rule_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>
#include <variant>

#include "dsl/diagnostic_text.hpp"
#include "dsl/limits.hpp"
#include "dsl/parse.hpp"

namespace sequitur {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 10'000;
constexpr int kMaxImportDepth = 64;

struct CloseRules {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// At most `max_bytes`; what is behind them is left out.
Result<std::string> read_text(const std::string& path, std::size_t max_bytes) {
  const auto failure = [&] { return Error{fmt::format("{} cannot be read: {}", path, std::generic_category().message(errno))}; };
  const std::unique_ptr<std::FILE, CloseRules> file(std::fopen(path.c_str(), "rb"));
  if (!file) return failure();
  std::string text;
  char buffer[1 << 14];
  while (text.size() < max_bytes) {
    const std::size_t count = std::fread(buffer, 1, std::min(sizeof buffer, max_bytes - text.size()), file.get());
    if (count == 0) break;
    text.append(buffer, count);
  }
  return std::ferror(file.get()) != 0 ? Result<std::string>(failure()) : Result<std::string>(std::move(text));
}

class Reader {
 public:
  explicit Reader(const RuleFileOptions& options) : options_(options) {}

  // A file, or everything below a directory.
  Result<void> add(const std::string& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return add_with_tests(path);
    std::vector<std::string> found;
    for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
      if (entry->path().extension() == ".seq" && found.size() < kMaxFiles) found.push_back(entry->path().lexically_normal().string());
    if (error) return Error{fmt::format("{} cannot be read: {}", path, error.message())};
    if (found.empty()) return Error{fmt::format("{} holds no .seq files", path)};
    std::sort(found.begin(), found.end());
    for (const std::string& file : found)
      if (Result<void> added = add_with_tests(file); !added) return added;
    return {};
  }

  std::vector<SourceFile> take() { return std::move(files_); }

 private:
  // x.seq brings x.seqtest, and the other way round.
  Result<void> add_with_tests(const fs::path& path) {
    if (path.extension() == ".seqtest") {
      if (const fs::path rules = fs::path(path).replace_extension(".seq"); exists(rules))
        if (Result<void> added = add_file(rules); !added) return added;
      return add_file(path);
    }
    if (Result<void> added = add_file(path); !added) return added;
    const fs::path tests = fs::path(path).replace_extension(".seqtest");
    return options_.tests && path.extension() == ".seq" && exists(tests) ? add_file(tests) : Result<void>{};
  }

  static bool exists(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
  }

  // The file, and behind it what it refers to.
  Result<void> add_file(const fs::path& path) {
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(path, error);
    if (!seen_.insert(error ? path : canonical).second) return {};
    if (files_.size() >= kMaxFiles) return Error{fmt::format("more than {} rule files", kMaxFiles)};
    const std::string name = path.lexically_normal().string();
    if (fs::is_directory(path, error)) return Error{name + " is a directory"};
    Result<std::string> text = read_text(name, dsl::kMaxFileBytes + 1);  // One more, so that too large a file is an error of the language.
    if (!text) return text.error();
    const auto index = static_cast<std::uint32_t>(files_.size());
    files_.push_back({name, *std::move(text)});
    if (depth_ >= kMaxImportDepth) return Error{fmt::format("files import each other more than {} deep", kMaxImportDepth)};
    ++depth_;
    Result<void> added = add_references(path.parent_path(), index);
    --depth_;
    return added;
  }

  Result<void> add_references(const fs::path& folder, std::uint32_t index) {
    const std::string& text = files_[index].text;
    if (text.size() > dsl::kMaxFileBytes || text.find("import") == std::string::npos) return {};
    const dsl::Parsed parsed = dsl::parse(files_[index].text, index);
    for (const dsl::ast::Item& item : parsed.file.items) {
      const auto* import = std::get_if<dsl::ast::Import>(&item.body);
      if (import == nullptr) continue;
      if (Result<void> added = add_file(folder / import->path.text); !added) {
        const auto line = 1 + std::count(files_[index].text.begin(), files_[index].text.begin() + item.span.begin, '\n');
        return Error{fmt::format("{}:{}: import: {}", files_[index].name, line, added.error().message)};
      }
    }
    return {};
  }

  RuleFileOptions options_;
  std::vector<SourceFile> files_;
  std::set<fs::path> seen_;
  int depth_ = 0;  // Of imports inside each other.
};

}  // namespace

Result<std::vector<SourceFile>> read_rule_files(std::span<const std::string> paths, const RuleFileOptions& options) {
  Reader reader(options);
  for (const std::string& path : paths)
    if (const Result<void> added = reader.add(path); !added) return added.error();
  return reader.take();
}

void RuleFiles::put(std::string name, std::string text) {
  const auto known = std::find_if(files_.begin(), files_.end(), [&](const SourceFile& file) { return file.name == name; });
  if (known != files_.end())
    known->text = std::move(text);
  else
    files_.push_back({std::move(name), std::move(text)});
}

bool RuleFiles::remove(std::string_view name) {
  return std::erase_if(files_, [&](const SourceFile& file) { return file.name == name; }) > 0;
}

std::string to_text(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files) {
  return dsl::diagnostics_text(diagnostics, files);
}

}  // namespace sequitur
