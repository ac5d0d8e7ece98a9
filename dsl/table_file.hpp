// The rows of a table from a file: CSV with a line of names (`.csv`), tab separated (`.tsv`), or one JSON object a line.
// As strict as the decoders of events.
//
//     TableFile file("account", "rules/accounts.csv", schema, key);
//     if (const auto count = file.load(); !count) ... count.error() says which line is wrong ...
//     for (const std::vector<Constant>& row : file.rows()) ..
//
// Like a FileList it may be read again while a rule set is used; whoever calls load() sees to it that nobody evaluates meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "event/file_version.hpp"
#include "sequitur/result.hpp"

namespace sequitur::dsl {

class TableFile {
 public:
  TableFile(std::string table, std::string path, const StreamSchema& schema, std::vector<SlotIndex> key);

  // How many rows there are. An Error (with the line of the first mistake) leaves the rows as they were.
  Result<std::size_t> load();
  // Whether the file is another one, or has another size or time of change, than when load() last looked at it.
  bool changed() const;

  const std::vector<std::vector<Constant>>& rows() const { return rows_; }  // Parallel to the schema's fields.
  std::uint64_t digest() const { return digest_; }                          // Of the rows: equal for equal ones. 0 before load().
  const std::string& table() const { return table_; }
  const std::string& path() const { return path_; }

 private:
  std::string table_, path_;
  StreamSchema schema_;
  std::vector<SlotIndex> key_;
  FileVersion version_;
  std::vector<std::vector<Constant>> rows_;
  std::uint64_t digest_ = 0;
};

}  // namespace sequitur::dsl
