#include "adapters/formats/json_reader.hpp"

namespace sequitur {

bool JsonReader::read(std::string_view text) {
  const char* p = skip_spaces(begin(text));
  p = *p == '{' ? read_object(p + 1, JsonPaths::kRoot, 0) : fail("not a JSON object");
  return p != nullptr && ends(p);
}

const char* JsonReader::read_object(const char* p, int node, int depth) {
  if (depth > kMaxDepth) return fail("nested too deep");
  JsonShape::Expected* expected = &shape_.first(node);
  const char* const begin = p;
  while (true) {
    JsonShape::Member* member = JsonShape::find(*expected, p, end_);
    if (member != nullptr) {
      p = skip_spaces(p + member->size);  // There may be more of them than the time before.
    } else {
      const char* const behind = p;
      p = skip_spaces(p);
      if (*p == '}') return p + 1;
      if (behind != begin) {
        if (*p != ',') return fail("expected a comma or the end of the object");
        p = skip_spaces(p + 1);
      }
      const NewMember found = read_new_member(p, behind, node, *expected);
      if (found.value == nullptr) return nullptr;
      p = found.value;
      member = found.member;
    }
    expected = &member->next;
    const JsonPaths::Target& target = member->target;
    if (target.node >= 0 && *p == '{') {
      p = read_object(p + 1, target.node, depth + 1);
    } else {
      RawValue* const value = values_ + target.column;
      p = read_into(p, value->untouched() ? *value : values_[shape_.nobody()], depth);
    }
    if (p == nullptr) return nullptr;
  }
}

JsonReader::NewMember JsonReader::read_new_member(const char* p, const char* lead, int node, JsonShape::Expected& expected) {
  constexpr NewMember kNone{nullptr, nullptr};
  if (*p != '"') {
    fail("expected a name in quotes");
    return kNone;
  }
  std::string_view key;
  bool escaped = false;
  p = read_text(p, key, escaped);
  if (p == nullptr) return kNone;
  p = skip_spaces(p);
  if (*p != ':') {
    fail("expected a colon behind a name");
    return kNone;
  }
  p = skip_spaces(p + 1);
  if (JsonShape::Member* const member = escaped ? nullptr : shape_.learn(node, key, {lead, static_cast<std::size_t>(p - lead)})) {
    if (&expected != &unlearned_.next) expected.put_first(member);
    return {p, member};
  }
  unlearned_.target = shape_.target_of(node, escaped ? unescape_json(key, arena_) : key);
  return {p, &unlearned_};
}

}  // namespace sequitur
