// The values of `let NAME = file "bad_ips.txt"`, as values of one type: one a line, blank lines and those that begin with #
// do not count.
//
//     FileList list("bad", "rules/bad_ips.txt", Type::kString, false);
//     if (const auto count = list.load(); !count) ... count.error() says which line is wrong ...
//     if (list.contains(slot)) ..
//
// The one part of a rule set that can change: load() again takes the place of what was there. Whoever calls it sees to it
// that nobody asks contains() meanwhile (RuleSet::reload_files says who does).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "event/file_version.hpp"
#include "sequitur/result.hpp"
#include "sequitur/value.hpp"

namespace sequitur {

class FileList {
 public:
  static constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;
  static constexpr std::size_t kMaxValues = 1'000'000;

  // `fold`: texts are compared without ASCII case.
  FileList(std::string name, std::string path, Type type, bool fold);

  // Whether a file can be the values of such a type.
  static bool has_type(Type type);

  // How many values there are. An Error (the file cannot be read, is too large, or a line is no such value) leaves the values
  // as they were.
  Result<std::size_t> load();
  // Whether the file is another one, or has another size or time of change, than when load() last looked at it.
  bool changed() const;

  // `value` is of the list's type; a null is in no list.
  bool contains(Slot value) const;

  const std::string& name() const { return name_; }
  const std::string& path() const { return path_; }
  Type type() const { return type_; }
  bool fold() const { return fold_; }

 private:
  struct TextHash {
    bool fold;
    std::size_t operator()(std::string_view text) const;
  };
  struct TextEqual {
    bool fold;
    bool operator()(std::string_view a, std::string_view b) const;
  };
  using Texts = std::unordered_set<std::string_view, TextHash, TextEqual>;
  Texts no_texts() const { return Texts(0, TextHash{fold_}, TextEqual{fold_}); }

  std::string name_, path_;
  Type type_;
  bool fold_;
  FileVersion version_;
  std::vector<std::int64_t> ints_;  // Sorted; of all types but float and string.
  std::vector<double> floats_;      // Sorted.
  std::string bytes_;               // What texts_ refers to.
  Texts texts_;
};

// Reads the lines that count, for whoever wants them as texts. An Error says why not.
Result<std::vector<std::string>> read_list_lines(const std::string& path);

}  // namespace sequitur
