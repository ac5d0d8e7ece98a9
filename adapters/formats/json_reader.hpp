// Reads one JSON object strictly (RFC 8259) in one pass and puts the values of the columns into a RecordBuilder.
//
// Everything is checked, also what no column wants, so whether a record is good does not depend on the rules that are loaded.
// That the bytes are UTF-8 is checked by the caller. Texts without escapes stay where they are. Of two members with the same
// name the first counts. Cost: one look at each byte, 16 at a time inside texts.
#pragma once

#include <string_view>

#include "adapters/formats/json_lexer.hpp"
#include "adapters/formats/json_paths.hpp"
#include "adapters/formats/record_builder.hpp"

namespace sequitur {

class JsonReader : private JsonLexer {
 public:
  JsonReader(JsonShape& shape, RecordBuilder& record) : shape_(shape), values_(record.values()), arena_(record.arena()) {}

  // The whole text, which is sealed (json_lexer.hpp), must be one object. False: problem() says what is wrong. Bytes behind the
  // text may be looked at up to `readable`.
  bool read(std::string_view text, const char* readable);
  using JsonLexer::problem;

 private:
  struct NewKey {
    const char* behind;  // Null: it is no key.
    JsonShape::Member* member;
  };

  // p stands behind the opening bracket.
  const char* read_object(const char* p, int node, int depth);
  // p stands on the first quote of a key that was not expected. It is from now on, unless it cannot be learned.
  NewKey read_new_key(const char* p, int node, JsonShape::Expected& expected);

  JsonShape& shape_;
  RawValue* const values_;  // Of the columns, and one of nobody.
  Arena& arena_;
  JsonShape::Member unlearned_;  // The latest member that cannot be expected again.
};

}  // namespace sequitur
