// Reads one JSON object strictly (RFC 8259) in one pass and puts the values of the columns into a RecordBuilder.
//
// Everything is checked, also what no column wants, so whether a record is good does not depend on the rules that are loaded.
// That the bytes are UTF-8 is checked by the caller. Texts without escapes stay where they are. Of two members with the same
// name the first counts. Cost: one look at each byte, 16 at a time inside texts.
#pragma once

#include <string_view>

#include "adapters/formats/json_paths.hpp"
#include "adapters/formats/record_builder.hpp"

namespace sequitur {

class JsonReader {
 public:
  JsonReader(JsonShape& shape, RecordBuilder& record, const char* readable) : shape_(shape), record_(record), readable_(readable) {}

  // The whole text must be one object. False: problem() says what is wrong.
  bool read(std::string_view text);
  std::string_view problem() const { return problem_; }

 private:
  static constexpr int kMaxDepth = 1000;

  bool fail(const char* problem) {
    problem_ = problem;
    return false;
  }
  void skip_spaces() {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\t' || *p_ == '\r' || *p_ == '\n')) ++p_;
  }
  bool at(char c) const { return p_ != end_ && *p_ == c; }

  // p_ stands behind the opening bracket; afterwards behind the closing one.
  bool read_object(int node, int depth);
  bool skip_object(int depth);
  bool skip_array(int depth);
  bool skip_value(int depth);
  // p_ stands on the first byte of a value.
  bool read_value(const JsonPaths::Target& target, int depth);
  bool read_into(RawValue& value, int depth);
  // p_ stands on the first quote of a key. Finds what is known of it; `member` is kNone if it is nothing to be expected again.
  bool read_key(int node, int before, int& member, JsonPaths::Target& target);
  // p_ stands on the opening quote; afterwards behind the closing one. The text without quotes, escapes checked but not resolved.
  bool read_text(std::string_view& text, bool& escaped);
  bool check_escape();
  bool read_number(RawValue& value);
  bool read_word(std::string_view word);

  JsonShape& shape_;
  RecordBuilder& record_;
  const char* const readable_;
  const char* p_ = nullptr;
  const char* end_ = nullptr;
  const char* problem_ = "";
};

}  // namespace sequitur
