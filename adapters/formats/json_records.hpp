// What decoders of one JSON text a line share: which lines are records, and the shapes of what was read before.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/formats/json_lexer.hpp"
#include "adapters/formats/json_paths.hpp"
#include "adapters/formats/line_splitter.hpp"
#include "adapters/formats/record_builder.hpp"

namespace sequitur {

bool valid_utf8(std::string_view bytes);
inline bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

// A byte order mark may stand before the first record of an input.
inline void drop_mark(const RawBatch& raw, std::string_view& line) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (raw.offset == 0 && line.data() == raw.bytes.data() && line.starts_with(kMark)) line.remove_prefix(kMark.size());
}

// Calls read(line) for every line that is not blank, too long, or no UTF-8; a record has begun for each of them. The line is
// sealed (json_lexer.hpp).
template <typename Read>
void read_json_lines(const RawBatch& raw, std::size_t max_record_bytes, RecordBuilder& record, const Read& read) {
  const bool all_utf8 = valid_utf8(raw.bytes);
  // Behind a record that the source has framed the next one may begin at once.
  const bool sealed = raw.record_ends.empty() && raw.bytes.capacity() - raw.bytes.size() >= kReadAhead;
  LineSplitter lines(raw);
  while (lines.next()) {
    std::string_view line = lines.line();
    drop_mark(raw, line);
    if (line.empty() || (static_cast<unsigned char>(line.front()) <= ' ' && is_blank(line))) continue;
    record.begin(lines.begin(), lines.end(), lines.record());
    if (line.size() > max_record_bytes)
      record.reject_long();
    else if (!all_utf8 && !valid_utf8(line))
      record.reject(BadReason::kUndecodable, "not UTF-8");
    else
      read(sealed ? line : copy_sealed(line, record.arena()));
  }
  record.add_defects();
}

// What was learned about the order of members serves the next batch too; each call has a shape to itself.
class JsonShapes {
 public:
  explicit JsonShapes(const std::vector<std::string>& columns) : paths_(columns) {}

  std::unique_ptr<JsonShape> take() const {
    const std::lock_guard lock(mutex_);
    if (shapes_.empty()) return std::make_unique<JsonShape>(paths_);
    std::unique_ptr<JsonShape> shape = std::move(shapes_.back());
    shapes_.pop_back();
    return shape;
  }
  void give_back(std::unique_ptr<JsonShape> shape) const {
    // One that is full of names that never come again is of no use.
    if (shape->full()) return;
    const std::lock_guard lock(mutex_);
    shapes_.push_back(std::move(shape));
  }

 private:
  const JsonPaths paths_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<JsonShape>> shapes_;  // At most one for each thread that decodes.
};

}  // namespace sequitur
