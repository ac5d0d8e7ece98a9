// Lists in JSON: their elements, and the members of those that are objects.
#pragma once

#include <string_view>

#include "adapters/formats/json_lexer.hpp"

namespace sequitur {

// Goes through the elements of one list.
//
//     JsonList list(text);
//     for (RawValue element; list.next(element);) ...
//     if (!list.good()) ... it is no list ...
class JsonList : private JsonLexer {
 public:
  // The whole text, which is sealed or was read before (json_lexer.hpp), must be one list. A text that begins with no bracket has no
  // elements and is not good.
  explicit JsonList(std::string_view text);

  // The next element; a null is kMissing. False at the end, and when something is wrong.
  bool next(RawValue& element);
  // No mistake was found so far.
  bool good() const { return good_; }

 private:
  const char* place_;
  bool good_ = true;
  bool begun_ = false;
  bool done_ = false;
};

// The member of an object (a text that begins with a brace) at a dotted path: both {"a": {"b": 1}} and {"a.b": 1} have a.b. Of
// several the first counts. The object is sealed or was read before. kMissing if there is none. False if it is no object.
bool find_json_member(std::string_view object, std::string_view path, Arena& arena, RawValue& value);

}  // namespace sequitur
