#include "adapters/formats/json_reader.hpp"

namespace sequitur {

bool JsonReader::read(std::string_view text, const char* readable) {
  const char* p = skip_spaces(begin(text, readable));
  p = *p == '{' ? read_object(p + 1, JsonPaths::kRoot, 0) : fail("not a JSON object");
  return p != nullptr && ends(p);
}

const char* JsonReader::read_object(const char* p, int node, int depth) {
  if (depth > kMaxDepth) return fail("nested too deep");
  p = skip_spaces(p);
  if (*p == '}') return p + 1;
  JsonShape::Expected* expected = &shape_.first(node);
  while (true) {
    if (*p != '"') return fail("expected a name in quotes");
    const JsonShape::Member* member = nullptr;
    if (JsonShape::Member* const known = JsonShape::find(*expected, p, end_, readable_)) {
      p += known->quoted.size();
      expected = &known->next;
      member = known;
    } else {
      const NewKey found = read_new_key(p, node, *expected);
      if (found.behind == nullptr) return nullptr;
      p = found.behind;
      if (found.member != &unlearned_) expected = &found.member->next;
      member = found.member;
    }
    p = skip_spaces(p);
    if (*p != ':') return fail("expected a colon behind a name");
    p = skip_spaces(p + 1);
    const JsonPaths::Target& target = member->target;
    if (target.node >= 0 && *p == '{') {
      p = read_object(p + 1, target.node, depth + 1);
    } else {
      RawValue* const value = values_ + target.column;
      p = read_into(p, value->untouched() ? *value : values_[shape_.nobody()], depth);
    }
    if (p == nullptr) return nullptr;
    p = skip_spaces(p);
    if (*p == '}') return p + 1;
    if (*p != ',') return fail("expected a comma or the end of the object");
    p = skip_spaces(p + 1);
  }
}

JsonReader::NewKey JsonReader::read_new_key(const char* p, int node, JsonShape::Expected& expected) {
  std::string_view key;
  bool escaped = false;
  p = read_text(p, key, escaped);
  if (p == nullptr) return {nullptr, nullptr};
  if (JsonShape::Member* const member = escaped ? nullptr : shape_.learn(node, key)) {
    expected.put_first(member);
    return {p, member};
  }
  unlearned_.target = shape_.target_of(node, escaped ? unescape_json(key, arena_) : key);
  return {p, &unlearned_};
}

}  // namespace sequitur
