#include "dsl/table_file.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "event/decimal.hpp"
#include "event/duration_text.hpp"
#include "event/number_text.hpp"
#include "event/time_text.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::uintmax_t kMaxTableFileBytes = 256 * 1024 * 1024;
constexpr std::size_t kMaxTableRows = 5'000'000;

struct TableRows {
  std::vector<std::vector<Constant>> rows;
  std::string problem;  // The first mistake, with its line; empty: none.
};

// What a record says of a field: nothing is null.
using Cell = std::optional<std::string>;

// One record of a separated file, quoted cells with "" for a quote; they may hold ends of lines. False at the end.
bool read_separated(std::istream& in, char separator, std::vector<Cell>& cells, std::size_t& line) {
  cells.clear();
  std::string cell;
  bool quoted = false, was_quoted = false;
  int next = in.get();
  if (next == EOF) return false;
  for (;; next = in.get()) {
    if (quoted) {
      if (next == EOF) break;
      if (next == '\n') ++line;
      if (next != '"') {
        cell += static_cast<char>(next);
      } else if (in.peek() == '"') {
        cell += static_cast<char>(in.get());
      } else {
        quoted = false;
      }
      continue;
    }
    if (next == '"' && cell.empty() && !was_quoted) {
      quoted = was_quoted = true;
      continue;
    }
    if (next == '\r' && in.peek() == '\n') continue;
    if (next != separator && next != '\n' && next != EOF) {
      cell += static_cast<char>(next);
      continue;
    }
    // An empty cell is missing; "" is an empty text.
    cells.push_back(cell.empty() && !was_quoted ? Cell{} : Cell{cell});
    cell.clear();
    was_quoted = false;
    if (next != separator) break;
  }
  ++line;
  return true;
}

// One flat JSON object; nested values are no cells of a table.
class JsonLine {
 public:
  explicit JsonLine(std::string_view text) : rest_(text) {}

  bool read(std::map<std::string, Cell>& cells) {
    if (!sign('{')) return false;
    if (sign('}')) return at_end();
    do {
      std::string name;
      Cell value;
      if (!text(name) || !sign(':') || !cell(value)) return false;
      cells.emplace(std::move(name), std::move(value));  // Of doubles the first counts.
    } while (sign(','));
    return sign('}') && at_end();
  }

 private:
  void blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size())); }
  bool at_end() {
    blanks();
    return rest_.empty();
  }
  bool sign(char wanted) {
    blanks();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool cell(Cell& value) {
    blanks();
    if (rest_.starts_with('"')) return text(value.emplace());
    const std::string_view word = rest_.substr(0, std::min(rest_.find_first_of(",} \t\r"), rest_.size()));
    rest_.remove_prefix(word.size());
    if (word == "null") return true;
    value = std::string(word);
    double number = 0;
    return word == "true" || word == "false" || parse_float(word, number);
  }
  bool text(std::string& out) {
    if (!sign('"')) return false;
    while (!rest_.empty() && rest_.front() != '"') {
      char next = rest_.front();
      rest_.remove_prefix(1);
      if (next != '\\') {
        out += next;
        continue;
      }
      if (rest_.empty()) return false;
      next = rest_.front();
      rest_.remove_prefix(1);
      if (next == 'u' ? !code_unit(out) : !escape(next, out)) return false;
    }
    return sign('"');
  }
  static bool escape(char letter, std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t place = kLetters.find(letter);
    if (place == std::string_view::npos) return false;
    out += kMeanings[place];
    return true;
  }
  bool hexadecimal(std::uint32_t& value) {
    value = 0;
    if (rest_.size() < 4) return false;
    for (int i = 0; i < 4; ++i) {
      const std::size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(rest_[static_cast<std::size_t>(i)] | 0x20));
      if (digit == std::string_view::npos) return false;
      value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    rest_.remove_prefix(4);
    return true;
  }
  bool code_unit(std::string& out) {
    std::uint32_t code = 0, low = 0;
    if (!hexadecimal(code)) return false;
    if (code >= 0xD800 && code < 0xDC00) {
      if (!rest_.starts_with("\\u")) return false;
      rest_.remove_prefix(2);
      if (!hexadecimal(low) || low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
      add(code);
    } else if (code < 0x800) {
      add(0xC0 | code >> 6), add(0x80 | (code & 63));
    } else if (code < 0x10000) {
      add(0xE0 | code >> 12), add(0x80 | (code >> 6 & 63)), add(0x80 | (code & 63));
    } else {
      add(0xF0 | code >> 18), add(0x80 | (code >> 12 & 63)), add(0x80 | (code >> 6 & 63)), add(0x80 | (code & 63));
    }
    return true;
  }

  std::string_view rest_;
};

// The cell as a value of the type; nothing if it is none.
std::optional<Constant> value_of(const Cell& cell, Type type) {
  Constant constant;
  constant.type = type;
  constant.null = !cell;
  if (!cell) return constant;
  const std::string& text = *cell;
  Duration duration{0};
  bool good = true;
  switch (type) {
    case Type::kString: constant.s = text; break;
    case Type::kBool:
      constant.i = text == "true" || text == "1";
      good = constant.i != 0 || text == "false" || text == "0";
      break;
    case Type::kInt: good = parse_int(text, constant.i); break;
    case Type::kFloat: good = parse_float(text, constant.f); break;
    case Type::kTime: good = parse_rfc3339(text, nullptr, constant.i); break;
    case Type::kDuration:
      good = parse_duration(text, duration);
      constant.i = duration.count();
      break;
    case Type::kDecimal: good = parse_decimal(text, constant.i); break;
    default: good = false;
  }
  return good ? std::optional(constant) : std::nullopt;
}

class TableReader {
 public:
  TableReader(const StreamSchema& schema, const std::vector<SlotIndex>& key) : schema_(schema), key_(key) {}

  // False at the first mistake. `cell_of` gives the cell of a field.
  template <typename CellOf>
  bool add(std::size_t line, const CellOf& cell_of) {
    if (result.rows.size() == kMaxTableRows) return fail(line, fmt::format("more than {} rows", kMaxTableRows));
    std::vector<Constant> row;
    for (const Field& field : schema_.fields) {
      const Cell cell = cell_of(field);
      std::optional<Constant> value = value_of(cell, field.type);
      if (!value) return fail(line, fmt::format("`{}` must be {}, but it is \"{}\"", field.name, to_string(field.type), *cell));
      row.push_back(*std::move(value));
    }
    for (const SlotIndex part : key_)
      if (row[static_cast<std::size_t>(part)].null)
        return fail(line, fmt::format("the key `{}` is missing", schema_.fields[static_cast<std::size_t>(part)].name));
    result.rows.push_back(std::move(row));
    return true;
  }
  bool fail(std::size_t line, const std::string& problem) {
    result.problem = fmt::format("line {}: {}", line, problem);
    return false;
  }

  TableRows result;

 private:
  const StreamSchema& schema_;
  const std::vector<SlotIndex>& key_;
};

void read_separated_file(std::istream& in, char separator, TableReader& reader) {
  std::vector<Cell> cells;
  std::size_t line = 0;
  if (!read_separated(in, separator, cells, line)) return;
  std::map<std::string, std::size_t> columns;
  for (std::size_t i = 0; i < cells.size(); ++i) columns.emplace(cells[i].value_or(""), i);
  const std::size_t width = cells.size();
  for (std::size_t begin = line + 1; read_separated(in, separator, cells, line); begin = line + 1) {
    if (cells.size() == 1 && !cells[0]) continue;  // A blank line.
    if (cells.size() != width) {
      reader.fail(begin, fmt::format("{} columns where the first line names {}", cells.size(), width));
      return;
    }
    const auto cell_of = [&](const Field& field) {
      const auto column = columns.find(field.source);
      return column == columns.end() ? Cell{} : cells[column->second];
    };
    if (!reader.add(begin, cell_of)) return;
  }
}

void read_json_file(std::istream& in, TableReader& reader) {
  std::string text;
  for (std::size_t line = 1; std::getline(in, text); ++line) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::map<std::string, Cell> cells;
    if (!JsonLine(text).read(cells)) {
      reader.fail(line, "this is not a JSON object without nested values");
      return;
    }
    const auto cell_of = [&](const Field& field) {
      const auto cell = cells.find(field.source);
      return cell == cells.end() ? Cell{} : cell->second;
    };
    if (!reader.add(line, cell_of)) return;
  }
}

TableRows read_table_file(const std::filesystem::path& path, const StreamSchema& schema, const std::vector<SlotIndex>& key) {
  std::error_code failure;
  TableReader reader(schema, key);
  const bool regular = std::filesystem::is_regular_file(path, failure) && !failure;
  const std::uintmax_t size = regular ? std::filesystem::file_size(path, failure) : 0;
  std::ifstream file;
  if (regular && !failure && size <= kMaxTableFileBytes) file.open(path, std::ios::binary);
  if (!file.is_open()) {
    reader.result.problem = regular && size > kMaxTableFileBytes ? "the file is too large for a table" : "the file cannot be read";
  } else if (path.extension() == ".csv" || path.extension() == ".tsv") {
    read_separated_file(file, path.extension() == ".csv" ? ',' : '\t', reader);
  } else {
    read_json_file(file, reader);
  }
  return std::move(reader.result);
}

// FNV-1a over what the rows say; never 0.
class Digest {
 public:
  void add(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) add_byte(static_cast<unsigned char>(value >> (8 * i)));
  }
  void add(const std::string& text) {
    add(text.size());
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
  }
  std::uint64_t value() const { return value_ == 0 ? 1 : value_; }

 private:
  void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100'0000'01b3ULL; }
  std::uint64_t value_ = 0xcbf2'9ce4'8422'2325ULL;
};

std::uint64_t digest_of(const std::vector<std::vector<Constant>>& rows) {
  Digest digest;
  for (const auto& row : rows)
    for (const Constant& value : row) {
      digest.add(value.null ? 1 : 0);
      if (value.null) continue;
      digest.add(value.type == Type::kFloat ? std::bit_cast<std::uint64_t>(value.f) : static_cast<std::uint64_t>(value.i));
      digest.add(value.s);
    }
  return digest.value();
}

}  // namespace

TableFile::TableFile(std::string table, std::string path, const StreamSchema& schema, std::vector<SlotIndex> key)
    : table_(std::move(table)), path_(std::move(path)), schema_(schema), key_(std::move(key)) {}

bool TableFile::changed() const { return FileVersion::of(path_) != version_; }

Result<std::size_t> TableFile::load() {
  version_ = FileVersion::of(path_);  // Before the reading: a change meanwhile is seen the next time.
  TableRows read = read_table_file(path_, schema_, key_);
  if (!read.problem.empty()) return Error{std::move(read.problem)};
  rows_ = std::move(read.rows);
  digest_ = digest_of(rows_);
  return rows_.size();
}

}  // namespace sequitur::dsl
