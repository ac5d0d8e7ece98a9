// The rows of a table from a file: CSV with a line of names (`.csv`), tab separated (`.tsv`), or one JSON object a line.
// Read once, when rules are loaded; as strict as the decoders of events.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dsl/checked_rule.hpp"

namespace sequitur::dsl {

struct TableFile {
  std::vector<std::vector<Constant>> rows;  // Parallel to the schema's fields.
  std::string problem;                      // The first mistake, with its line; empty: none.
};

TableFile read_table_file(const std::filesystem::path& path, const StreamSchema& schema, const std::vector<SlotIndex>& key);

}  // namespace sequitur::dsl
