// Text lines: each stream has a regular expression, and its named captures are the fields. A line is given to every stream
// whose expression is found in it (`^` and `$` stand for the ends of the line).
#include <re2/re2.h>

#include <string>
#include <utility>

#include "adapters/formats/decoders.hpp"
#include "adapters/formats/line_splitter.hpp"
#include "adapters/formats/record_builder.hpp"

namespace sequitur {
namespace {

// RE2 knows named groups as (?P<name>..) only; people also write (?<name>..).
std::string with_re2_names(std::string_view pattern) {
  std::string result;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    result += c;
    if (c == '\\' && i + 1 < pattern.size()) {
      result += pattern[++i];
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      // A bracket that closes at once is a character of the class: []x] and [^]x].
      if (i + 1 < pattern.size() && pattern[i + 1] == '^') result += pattern[++i];
      if (i + 1 < pattern.size() && pattern[i + 1] == ']') result += pattern[++i];
    } else if (c == '(' && pattern.substr(i + 1).starts_with("?<") && i + 3 < pattern.size() && pattern[i + 3] != '=' &&
               pattern[i + 3] != '!') {
      result += "?P<";
      i += 2;
    }
  }
  return result;
}

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

struct LinePattern {
  struct Capture {
    int group = 0;
    std::uint32_t column = 0;
  };
  std::unique_ptr<RE2> regex;
  std::vector<Capture> captures;
  int groups = 0;  // One more than the last group of interest.
};

Result<LinePattern> compile(const RecordPlan& plan, const StreamPlan& stream) {
  const StreamSchema& schema = stream.schema;
  if (schema.line_pattern.empty()) return Error{"stream " + schema.name + " has no line pattern, so it cannot be read from text lines"};
  RE2::Options options;
  options.set_log_errors(false);
  // Bytes that are not UTF-8 must not hide a line; only a pattern that itself goes beyond ASCII needs the difference.
  if (is_ascii(schema.line_pattern)) options.set_encoding(RE2::Options::EncodingLatin1);
  LinePattern pattern;
  pattern.regex = std::make_unique<RE2>(with_re2_names(schema.line_pattern), options);
  if (!pattern.regex->ok()) return Error{"stream " + schema.name + ": the line pattern does not compile: " + pattern.regex->error()};
  const auto& groups = pattern.regex->NamedCapturingGroups();
  const auto add = [&](std::uint32_t column) {
    const auto found = groups.find(plan.columns[column]);
    if (found == groups.end()) return false;
    pattern.captures.push_back({found->second, column});
    pattern.groups = std::max(pattern.groups, found->second + 1);
    return true;
  };
  const auto missing = [&](std::uint32_t column) {
    return Error{"stream " + schema.name + ": the line pattern has no capture named " + plan.columns[column]};
  };
  if (!stream.by_arrival && !add(stream.time_column)) return missing(stream.time_column);
  for (const FieldPlan& field : stream.fields)
    if (!add(field.column) && !field.optional) return missing(field.column);
  for (const FilterPlan& filter : stream.when)
    if (!add(filter.column)) return missing(filter.column);
  return pattern;
}

class LinesDecoder final : public PlannedDecoder {
 public:
  LinesDecoder(RecordPlan plan, std::vector<LinePattern> patterns) : PlannedDecoder(std::move(plan)), patterns_(std::move(patterns)) {
    for (const LinePattern& pattern : patterns_) groups_ = std::max(groups_, pattern.groups);
  }

  void decode(const RawBatch& raw, EventBatch& out) const override {
    RecordBuilder record(plan_, raw, out);
    std::vector<re2::StringPiece> groups(static_cast<std::size_t>(groups_));
    LineSplitter lines(raw);
    while (lines.next()) {
      const std::string_view line = lines.line();
      if (line.empty()) continue;
      record.begin(lines.begin(), lines.end(), lines.record());
      if (line.size() > plan_.max_record_bytes)
        record.reject_long();
      else if (!offer(line, groups, record))
        record.count_unmatched();
    }
    record.add_defects();
  }

 private:
  // True if at least one stream takes the line.
  bool offer(std::string_view line, std::vector<re2::StringPiece>& groups, RecordBuilder& record) const {
    const re2::StringPiece text(line.data(), line.size());
    bool taken = false;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      const LinePattern& pattern = patterns_[i];
      if (!pattern.regex->Match(text, 0, text.size(), RE2::UNANCHORED, groups.data(), pattern.groups)) continue;
      if (i != 0) record.clear_values();
      for (const LinePattern::Capture& capture : pattern.captures) {
        const re2::StringPiece& group = groups[static_cast<std::size_t>(capture.group)];
        if (!group.empty()) record.value(capture.column).set(RawValue::Kind::kUntyped, group.data(), group.size());
      }
      taken = record.finish_stream(i) || taken;
    }
    return taken;
  }

  const std::vector<LinePattern> patterns_;
  int groups_ = 1;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_lines_decoder(RecordPlan plan) {
  std::vector<LinePattern> patterns;
  for (const StreamPlan& stream : plan.streams) {
    auto pattern = compile(plan, stream);
    if (!pattern) return pattern.error();
    patterns.push_back(std::move(*pattern));
  }
  return std::unique_ptr<Decoder>(std::make_unique<LinesDecoder>(std::move(plan), std::move(patterns)));
}

}  // namespace sequitur
