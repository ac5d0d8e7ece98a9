// JSON values one by one, strictly (RFC 8259): what JsonReader and lists are read with. That the bytes are UTF-8 is checked by
// the caller. Texts without escapes stay where they are.
#pragma once

#include <string_view>

#include "adapters/formats/record_builder.hpp"

namespace sequitur {

class JsonLexer {
 public:
  // `readable`: up to where bytes behind a text may be looked at.
  explicit JsonLexer(const char* readable) : readable_(readable) {}
  std::string_view problem() const { return problem_; }

 protected:
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
  bool skip_object(int depth);
  bool skip_array(int depth);
  bool skip_value(int depth);
  // p_ stands on the first byte of a value. Objects and lists are kNested, with their text.
  bool read_into(RawValue& value, int depth);
  // p_ stands on the opening quote; afterwards behind the closing one. The text without quotes, escapes checked but not resolved.
  bool read_text(std::string_view& text, bool& escaped);
  bool check_escape();
  bool read_number(RawValue& value);
  bool read_word(std::string_view word);

  const char* const readable_;
  const char* p_ = nullptr;
  const char* end_ = nullptr;
  const char* problem_ = "";
};

}  // namespace sequitur
