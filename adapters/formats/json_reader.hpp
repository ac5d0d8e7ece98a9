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

  // The whole text, which is sealed (json_lexer.hpp), must be one object. False: problem() says what is wrong.
  bool read(std::string_view text);
  using JsonLexer::problem;

 private:
  struct NewMember {
    const char* value;  // Where its value begins; null: it is no member.
    JsonShape::Member* member;
  };

  // p stands behind the opening bracket.
  const char* read_object(const char* p, int node, int depth);
  // A member that was not expected; p stands where its key should. It is expected from now on with what stands from `lead` on,
  // unless it cannot be learned.
  NewMember read_new_member(const char* p, const char* lead, int node, JsonShape::Expected& expected);

  JsonShape& shape_;
  RawValue* const values_;  // Of the columns, and one of nobody.
  Arena& arena_;
  JsonShape::Member unlearned_;  // The latest member that cannot be expected again; nothing is expected behind it either.
};

}  // namespace sequitur
