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
  JsonReader(JsonShape& shape, RecordBuilder& record, const char* readable) : JsonLexer(readable), shape_(shape), record_(record) {}

  // The whole text must be one object. False: problem() says what is wrong.
  bool read(std::string_view text);
  using JsonLexer::problem;

 private:
  // p_ stands behind the opening bracket; afterwards behind the closing one.
  bool read_object(int node, int depth);
  // p_ stands on the first byte of a value.
  bool read_value(const JsonPaths::Target& target, int depth);
  // p_ stands on the first quote of a key. Finds what is known of it; `member` is kNone if it is nothing to be expected again.
  bool read_key(int node, int before, int& member, JsonPaths::Target& target);

  JsonShape& shape_;
  RecordBuilder& record_;
};

}  // namespace sequitur
